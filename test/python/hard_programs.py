# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Programs of `hard_cases` that do not fit a row."""

import jax
import jax.numpy as jnp
from jax import lax
from values import floats


def stencil(c):
    return jnp.roll(c, 1) + jnp.roll(c, -1)


def transposed_stencil_loss(x):
    (y,) = jax.linear_transpose(stencil, jax.ShapeDtypeStruct(x.shape, x.dtype))(x)
    return jnp.sum(y**2)


def two_concatenates_of_cut_parts(x):
    """Parts of 1 and 7 elements, cut by negative padding, which share their operand."""
    n = x.shape[0]
    zero = jnp.zeros((), x.dtype)
    last, init = lax.pad(x, zero, [(1 - n, 0, 0)]), lax.pad(x, zero, [(0, -1, 0)])
    tail, first = lax.pad(x, zero, [(-1, 0, 0)]), lax.pad(x, zero, [(0, 1 - n, 0)])
    return lax.concatenate([last, init], 0) + lax.concatenate([tail, first], 0)


def newton(x):
    """Square roots, until the largest error of all is small."""

    def wrong(y):
        return jnp.max(jnp.abs(y * y - x)) > 1e-3

    return lax.while_loop(wrong, lambda y: (y + x / y) / 2, x + 1)


def collatz(x):
    """Steps of each element to 1: the trips depend on all elements."""

    def body(state):
        y, steps = state
        down = jnp.where(y % 2 == 0, y // 2, 3 * y + 1)
        return jnp.where(y > 1, down, y), steps + (y > 1)

    return lax.while_loop(lambda s: jnp.any(s[0] > 1), body, (x, jnp.zeros_like(x)))[1]


def recurrence(x, w):
    """An RNN over the rows of x."""

    def cell(h, row):
        h = jnp.tanh(h @ w + row)
        return h, h

    return lax.scan(cell, jnp.zeros(x.shape[1:]), x)


def recurrence_loss(x, w):
    h, ys = recurrence(x, w)
    return jnp.sum(h) + jnp.mean(ys**2)


@jax.jit
def inner(x):
    return jnp.cumsum(x, axis=0) * 2


@jax.jit
def nested(x):
    """One inner function, called with two tilings of its argument."""
    return inner(x) + inner(x.T).T + jax.jit(lambda y: inner(y) - 1)(x)


def attention(x, k, v):
    return jax.nn.dot_product_attention(x, k, v)


def causal_attention(x, k, v):
    return jax.nn.dot_product_attention(x, k, v, is_causal=True)


def attention_gradient(x, k, v):
    return jax.grad(lambda *a: jnp.sum(causal_attention(*a) ** 2), (0, 1, 2))(x, k, v)


#: Query, key and value: batch, sequence, heads, width.
QKV = tuple(floats(8, 16, 8, 8, seed=n) for n in range(3))
#: Two heads of the query to one of the keys.
GROUPED_QKV = QKV[0], QKV[1][:, :, ::2], QKV[2][:, :, ::2]


def next_token_loss(x, i):
    """The log-probability of each next token; logits and ids: batch, sequence."""
    log = jax.nn.log_softmax(x[:, :-1])
    return -jnp.mean(jnp.take_along_axis(log, i[:, 1:, None], axis=-1))


def one_hot_loss(x, i):
    log = jax.nn.log_softmax(x)
    return -jnp.mean(jnp.sum(jax.nn.one_hot(i, x.shape[-1]) * log, -1))


def picking_loss(x, i):
    log = jax.nn.log_softmax(x)
    return -jnp.mean(jnp.take_along_axis(log, i[..., None], axis=-1))


def embed(x, i):
    return jnp.take(x, i, axis=0)


def embed_loss(x, i):
    return jnp.sum(embed(x, i) ** 2)


def mixed_block(x, w):
    """A residual block whose intermediates the backward pass computes again."""
    return x + jnp.tanh(x @ w) @ w.T


def checkpointed_loss(x, w):
    block = jax.checkpoint(mixed_block)
    return jnp.sum(jax.checkpoint(lambda x: block(block(x, w), w))(x) ** 2)


def checkpointed_scan_loss(x, w):
    def body(x, w):
        return jax.checkpoint(mixed_block)(x, w), None

    return jnp.sum(lax.scan(body, x, jnp.stack([w, -w, w / 2]))[0])


def cond_of_a_sum(x):
    """Both branches reorder the tiled dim; which one runs, all rows decide."""
    return lax.cond(jnp.sum(x) > 0, lambda y: jnp.flip(y, 0), jnp.cumsum, x)


def switch(x, i):
    branches = [
        lambda y: y,
        lambda y: jnp.sort(y, axis=0),
        lambda y: y - jnp.max(y, axis=0),
        lambda y: jnp.roll(y, 3, axis=0),
    ]
    return [lax.switch(i[n], branches, x) for n in range(4)]


def cond_gradient(x, i):
    def loss(x):
        double = lax.cond(i[0] > 0, lambda y: jnp.cumsum(y, 0), lambda y: y * 2, x)
        return jnp.sum(double**2)

    return jax.grad(loss)(x)


def affine_scan(x, w):
    """Prefixes of compositions of y -> a y + b."""

    def compose(f, g):
        return f[0] * g[0], f[1] * g[0] + g[1]

    return lax.associative_scan(compose, (x, w), axis=0)


def linear_recurrence_loss(x, w):
    return jnp.sum(affine_scan(jnp.tanh(x), w)[1] ** 2)


def batch_norm(x):
    mean, variance = jnp.mean(x, (0, 1)), jnp.var(x, (0, 1))
    return (x - mean) * lax.rsqrt(variance + 1e-5)


def mixture_of_experts(x, w):
    """Each row goes to its best expert, if there is room: position by a cumsum."""
    experts, room = 4, 8
    best = jnp.argmax(x[:, :experts], -1)
    chosen = jax.nn.one_hot(best, experts, dtype=jnp.int32)
    place = jnp.sum((jnp.cumsum(chosen, 0) - 1) * chosen, -1)
    sent = jnp.zeros((experts, room, x.shape[1])).at[best, place].set(x, mode="drop")
    done = jnp.einsum("erd,edf->erf", sent, w)
    return done.at[best, place].get(mode="fill", fill_value=0)


@jax.custom_vjp
def clipped(x):
    return x


clipped.defvjp(lambda x: (x, x), lambda x, g: (g / jnp.linalg.norm(g) + 0 * x,))


def swap_scan(x, y):
    """The parts of the state change places in each of an odd number of trips."""
    return lax.fori_loop(0, 5, lambda n, s: (s[1] + n, jnp.cumsum(s[0], 0)), (x, y))


def turning_scan(x):
    """The state is transposed in each trip."""
    return lax.fori_loop(0, 3, lambda n, y: jnp.cumsum(y.T, 0), x)


def written_scan(x):
    """Each trip reads a row of the state that an earlier one wrote."""

    def body(y, n):
        row = lax.dynamic_index_in_dim(y, (n * 5) % 16, keepdims=False)
        return y.at[(n * 3) % 16].add(row), row

    return lax.scan(body, x, jnp.arange(8))


def loops_in_branches(x, y):
    def inner(n, y):
        return lax.cond(n % 2 == 0, lambda y: jnp.roll(y, 1, 0), lambda y: y + 1, y)

    def outer(c, row):
        c = lax.fori_loop(0, jnp.sum(row) % 4, inner, c) + row
        return c, jnp.max(c, 0)

    return lax.scan(outer, x, y)


def batched_while(x):
    """A trip count for each row, by vmap."""

    def one(row):
        return lax.while_loop(
            lambda s: s[1] < row[0] % 5,
            lambda s: (jnp.roll(s[0], 1), s[1] + 1),
            (row, 0),
        )[0]

    return jax.vmap(one)(x)


def scatter_gradients(x, y, i):
    """Of a scatter that overwrites, and of a maximum by index."""

    def loss(x, y):
        a = x.at[i].set(y, unique_indices=True)
        return jnp.sum(a**3) + jnp.sum(jax.ops.segment_max(y, i % 3, 3) ** 2)

    return jax.grad(loss, (0, 1))(x, y)


def beam(x, i):
    """Keeps the best 4 of 32 continuations of each of a batch."""
    score, place = lax.top_k(x.reshape(x.shape[0], -1), 4)
    source = place // x.shape[2]
    return jnp.take_along_axis(i, source[..., None], 1), score, place % x.shape[2]
