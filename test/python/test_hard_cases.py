# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Programs that partitioners get wrong, refuse, or answer by gathering everything.

Each is partitioned over 8 devices and compared with what it is unpartitioned:
integers bit by bit, floats to rounding. A row of a table tiles the dim that makes
its program hard; tests of their own follow where what is moved matters most.
"""

import dataclasses
import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.sharding import PartitionSpec as P

import partir


def ints(*shape, high=9, seed=0):
    return np.random.default_rng(seed).integers(-high, high, shape, np.int32)


def floats(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape, np.float32)


def ids(*shape, size, seed=0):
    return np.random.default_rng(seed).integers(0, size, shape, np.int32)


def positive(batch, n):
    """Symmetric positive definite matrices, with eigenvalues that lie apart."""
    a = floats(batch, n, n)
    return a @ a.transpose(0, 2, 1) / n + np.diag(np.arange(1, n + 1, dtype=np.float32))


def over(axis, **inputs):
    return partir.ManualPartition(inputs, axis)


def compare(got, want):
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        if a.dtype.kind in "biu":
            np.testing.assert_array_equal(a, b)
        else:
            np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5)


def check(fun, args, mesh, *schedule, only=None):
    """Compares; `only` the kinds of collectives that are named may be there."""
    lowered = partir.jit(fun, mesh=mesh, schedule=schedule).lower(*args)
    compare(lowered.compile()(*args), jax.jit(fun)(*args))
    report = lowered.reports[-1]
    if only is not None:
        assert {one.kind for one in report.collectives.each} <= set(only.split())
    return lowered


def axes_of(shardings):
    specs = [one.spec for one in jax.tree.leaves(shardings)]
    return {a for spec in specs for a in jax.tree.leaves(tuple(spec))}


# Functions of the table that do not fit a row.


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


@dataclasses.dataclass(frozen=True)
class Case:
    """One program.

    Attributes:
      name: of the test.
      fun: of one to three arrays.
      args: what it is called with.
      tile: the dims of arguments, called x, y and z in their order, that are tiled
        over B, or over B and M.
      back: the dim of the (first) result that is tiled over B instead, or None.
      only: the kinds of collectives that tiling the arguments may cost, by their
        names, or None: whichever.
    """

    name: str
    fun: Callable
    args: tuple
    tile: dict
    back: int | None = 0
    only: str | None = None


X = ints(16, 8)
XF = floats(16, 8)
WIDE = ints(8, 16)
WIDEF = floats(8, 16)
TABLE = ints(96, 8)
TABLEF = floats(96, 8)
REDUCE = "all_reduce"
CASES = [
    # Along the tiled dim: cumulative ops, sorts, selections, shifts.
    Case("cumsum", lambda x: jnp.cumsum(x, 0), (X,), {"x": 0}),
    Case("cumsum reversed", lambda x: lax.cumsum(x, 0, reverse=True), (X,), {"x": 0}),
    Case("cummax", lambda x: lax.cummax(x, 1), (WIDE,), {"x": 1}, 1),
    Case("cumprod", lambda x: jnp.cumprod(x, 0), (X,), {"x": 0}),
    Case("cumlogsumexp", lambda x: lax.cumlogsumexp(x, 0), (XF,), {"x": 0}),
    Case("cumsum of a row", lambda x: jnp.cumsum(x, 1), (X,), {"x": 0}, 0, ""),
    Case(
        "cumsum gradient",
        lambda x: jax.grad(lambda x: jnp.sum(jnp.cumsum(x, 0) ** 2))(x),
        (XF,),
        {"x": 0},
    ),
    Case("top_k", lambda x: lax.top_k(x, 4), (WIDE,), {"x": 1}),
    Case("top_k of rows", lambda x: lax.top_k(x, 4), (WIDE,), {"x": 0}, 0, ""),
    Case("sort", lambda x: jnp.sort(x, 0), (X,), {"x": 0}),
    Case("argsort", lambda x: jnp.argsort(x, 0), (X,), {"x": 0}),
    Case("sort of rows", lambda x: jnp.sort(x, 1), (WIDE,), {"x": 0}, 0, ""),
    Case(
        "sort two by one",
        lambda x, w: lax.sort((x, w), dimension=1, num_keys=1),
        (WIDE, ints(8, 16, seed=1)),
        {"x": 0},
        0,
        "",
    ),
    Case("median", lambda x: jnp.median(x, 0), (XF,), {"x": 0}),
    Case("roll", lambda x: jnp.roll(x, 5, 0), (X,), {"x": 0}),
    Case("roll back", lambda x: jnp.roll(x, -1, 0), (X,), {"x": 0}),
    Case("roll of both dims", lambda x: jnp.roll(x, (3, 2), (0, 1)), (X,), {"x": 0}),
    Case(
        "roll by an argument",
        lambda x, i: jnp.roll(x, i[0], 0),
        (X, np.array([-21], np.int32)),
        {"x": 0},
    ),
    Case(
        "roll of another dim", lambda x: jnp.roll(x, 3, 1), (X,), {"x": 0}, 0, only=""
    ),
    Case(
        "linear transpose of two rolls, gradient",
        jax.grad(transposed_stencil_loss),
        (floats(8),),
        {"x": 0},
    ),
    Case("cut and joined", two_concatenates_of_cut_parts, (ints(8),), {"x": 0}),
    Case("flip", lambda x: jnp.flip(x, 0), (X,), {"x": 0}),
    Case("strided", lambda x: x[1::3], (ints(24, 8),), {"x": 0}),
    Case("difference", lambda x: jnp.diff(x, axis=0), (X,), {"x": 0}, None),
    Case("repeat", lambda x: jnp.repeat(x, 3, 0), (X,), {"x": 0}, only=""),
    Case("tile", lambda x: jnp.tile(x, (3, 1)), (X,), {"x": 0}),
    Case(
        "merge dims", lambda x: x.reshape(8, 4, 4).reshape(-1), (X,), {"x": 0}, only=""
    ),
    Case("merge minor dim", lambda x: x.reshape(-1) * 2, (WIDE,), {"x": 1}),
    Case("transpose and merge", lambda x: x.T.reshape(-1), (X,), {"x": 0}),
    Case("concatenate", lambda x, w: jnp.concatenate([x, w]), (X, X), {"x": 0}),
    Case("pad", lambda x: jnp.pad(x, ((3, 5), (0, 0)), "edge"), (X,), {"x": 0}),
    Case("reflect", lambda x: jnp.pad(x, ((4, 4), (0, 0)), "reflect"), (X,), {"x": 0}),
    Case("triangle", lambda x: jnp.tril(x @ x.T), (X,), {"x": 0}),
    Case("diagonal", lambda x: jnp.diagonal(x @ x.T), (X,), {"x": 0}),
    # Reductions over the tiled dim.
    Case("argmax", lambda x: jnp.argmax(x, 1), (WIDE,), {"x": 1}),
    Case(
        "logsumexp", lambda x: jax.nn.logsumexp(x, 1), (WIDEF,), {"x": 1}, only=REDUCE
    ),
    Case(
        "softmax gradient",
        jax.grad(lambda x: jnp.sum(jax.nn.softmax(x)[:, 0])),
        (WIDEF,),
        {"x": 1},
        1,
        only=REDUCE,
    ),
    Case("batch norm", batch_norm, (floats(8, 4, 8),), {"x": 0}, only=REDUCE),
    Case(
        "any and all",
        lambda x: (jnp.any(x > 7, 0), jnp.all(x, 0)),
        (X,),
        {"x": 0},
        only=REDUCE,
    ),
    Case("standard deviation", lambda x: jnp.std(x, 0), (XF,), {"x": 0}, only=REDUCE),
    # Indexed on the tiled dim.
    Case(
        "dynamic_slice",
        lambda x, i: lax.dynamic_slice(x, (i[0], 1), (7, 3)),
        (X, np.array([6], np.int32)),
        {"x": 0},
        None,
        only=REDUCE,
    ),
    Case(
        "dynamic_slice beyond the end",
        lambda x, i: lax.dynamic_slice_in_dim(x, i[0], 8),
        (X, np.array([13], np.int32)),
        {"x": 0},
    ),
    Case(
        "dynamic_update_slice",
        lambda x, w, i: lax.dynamic_update_slice(x, w, (i[0], 1)),
        (X, ints(3, 4, seed=1), np.array([7], np.int32)),
        {"x": 0},
        only="",
    ),
    # Where there are more rows than lookups; of a smaller table, all rows are cheaper.
    Case("table", lambda x, i: x[i], (TABLE, ids(24, size=96)), {"x": 0}, only=REDUCE),
    Case("small table", lambda x, i: x[i], (X, ids(24, size=16)), {"x": 0}),
    Case("embedding", embed, (TABLEF, ids(8, 4, size=96)), {"x": 0}, only=REDUCE),
    Case(
        "embedding gradient",
        jax.grad(embed_loss),
        (TABLEF, ids(8, 4, size=96)),
        {"x": 0},
        only=REDUCE,
    ),
    Case(
        "scatter-add",
        lambda x, w, i: x.at[i].add(w),
        (X, ints(24, 8), ids(24, size=16)),
        {"x": 0},
        only="",
    ),
    Case(
        "scatter-add of tiled updates",
        lambda x, w, i: x.at[i].add(w),
        (X, ints(24, 8), ids(24, size=16)),
        {"y": 0, "z": 0},
        only=REDUCE,
    ),
    Case(
        "segment sum",
        lambda x, i: jax.ops.segment_sum(x, i, 8),
        (X, ids(16, size=8)),
        {"x": 0, "y": 0},
        only=REDUCE,
    ),
    Case(
        "histogram",
        lambda x: jnp.bincount(x, length=8),
        (ids(32, size=8),),
        {"x": 0},
        only=REDUCE,
    ),
    Case("mixture of experts", mixture_of_experts, (XF, floats(4, 8, 8)), {"x": 0}),
    Case(
        "scatter gradients",
        scatter_gradients,
        (XF, floats(4, 8), np.array([3, 0, 9, 15], np.int32)),
        {"x": 0},
        only=REDUCE,
    ),
    *(
        Case(
            f"scatter-{name}",
            lambda x, y, i, name=name: getattr(x.at[i], name)(y),
            (X, ints(24, 8), ids(24, size=16)),
            {"x": 0},
            only="",
        )
        for name in ("min", "max", "mul")
    ),
    *(
        Case(
            f"scatter-{name} of tiled updates",
            lambda x, y, i, name=name: getattr(x.at[i], name)(y),
            (X, ints(24, 8), ids(24, size=16)),
            {"y": 0, "z": 0},
            only=REDUCE,
        )
        for name in ("min", "max", "mul")
    ),
    Case(
        "one slice a row",
        jax.vmap(lambda x, i: lax.dynamic_slice(x, (i,), (5,))),
        (WIDE, ids(8, size=16)),
        {"x": 1},
    ),
    Case(
        "one slice a row, batch",
        jax.vmap(lambda x, i: lax.dynamic_slice(x, (i,), (5,))),
        (WIDE, ids(8, size=16)),
        {"x": 0, "y": 0},
        0,
        "",
    ),
    Case(
        "one update a row",
        jax.vmap(lambda x, y, i: lax.dynamic_update_slice(x, y, (i,))),
        (WIDE, ints(8, 3), ids(8, size=16)),
        {"x": 1},
        1,
    ),
    Case(
        "interpolation",
        jnp.interp,
        (floats(16), np.arange(8, dtype=np.float32), floats(8)),
        {"y": 0, "z": 0},
    ),
    # Sizes that depend on values, given as arguments.
    Case("unique", lambda x: jnp.unique(x, size=12), (ints(32),), {"x": 0}, None),
    Case("nonzero", lambda x: jnp.nonzero(x > 3, size=8), (ints(32),), {"x": 0}),
    Case(
        "searchsorted",
        lambda x, w: jnp.searchsorted(x, w),
        (np.sort(ints(32)), ints(8, seed=1)),
        {"x": 0},
        only=REDUCE,
    ),
    # Losses.
    Case(
        "next token",
        next_token_loss,
        (floats(4, 16, 8), ids(4, 16, size=8)),
        {"x": 1, "y": 1},
        None,
    ),
    Case(
        "next token gradient",
        jax.grad(next_token_loss),
        (floats(4, 16, 8), ids(4, 16, size=8)),
        {"x": 1, "y": 1},
        1,
    ),
    Case(
        "one-hot loss",
        jax.value_and_grad(one_hot_loss),
        (floats(4, 4, 16), ids(4, 4, size=16)),
        {"x": 2},
        None,
        REDUCE,
    ),
    Case(
        "picking loss",
        jax.value_and_grad(picking_loss),
        (floats(4, 4, 16), ids(4, 4, size=16)),
        {"x": 2},
        None,
        REDUCE,
    ),
    # Transforms.
    Case("fft of rows", lambda x: jnp.fft.fft(x), (WIDEF,), {"x": 0}, 0, ""),
    Case("fft", lambda x: jnp.fft.fft(x), (WIDEF,), {"x": 1}, 1),
    Case(
        "rfft2 of a batch",
        lambda x: jnp.fft.irfft2(jnp.fft.rfft2(x) * 2),
        (floats(8, 4, 6),),
        {"x": 0},
        only="",
    ),
    Case(
        "fft gradient",
        jax.grad(lambda x: jnp.sum(jnp.abs(jnp.fft.rfft(x)) ** 2)),
        (WIDEF,),
        {"x": 0},
        only="",
    ),
    # Linear algebra on a batch, and on a tiled matrix dim.
    Case("cholesky", jnp.linalg.cholesky, (positive(8, 4),), {"x": 0}, 0, ""),
    Case("cholesky, rows", jnp.linalg.cholesky, (positive(2, 8),), {"x": 1}, None),
    Case("qr", jnp.linalg.qr, (floats(8, 6, 4),), {"x": 0}, 0, ""),
    Case("qr, rows", jnp.linalg.qr, (floats(2, 8, 4),), {"x": 1}, None),
    Case("eigh", jnp.linalg.eigh, (positive(8, 4),), {"x": 0}, 0, ""),
    Case("svd", jnp.linalg.svd, (floats(8, 4, 4),), {"x": 0}, 0, ""),
    Case("inverse", jnp.linalg.inv, (positive(8, 4),), {"x": 0}, 0, ""),
    Case("determinant", jnp.linalg.det, (positive(8, 4),), {"x": 0}, 0, ""),
    Case(
        "solve",
        jnp.linalg.solve,
        (positive(8, 4), floats(8, 4, 2)),
        {"x": 0, "y": 0},
        0,
        "",
    ),
    Case(
        "triangular solve",
        lambda x, y: jax.scipy.linalg.solve_triangular(x, y, lower=True),
        (positive(1, 8)[0], floats(8, 16)),
        {"y": 1},
        1,
        "",
    ),
    Case(
        "tridiagonal solve",
        lambda x, y: lax.linalg.tridiagonal_solve(x * 0.1, x + 4, x * 0.1, y),
        (floats(8, 8), floats(8, 8, 4)),
        {"x": 0, "y": 0},
        only="",
    ),
    Case("expm", jax.scipy.linalg.expm, (floats(8, 4, 4) / 4,), {"x": 0}, only=""),
    Case(
        "cholesky gradient",
        jax.grad(lambda x: jnp.sum(jnp.linalg.cholesky(x) ** 2)),
        (positive(8, 4),),
        {"x": 0},
        0,
        "",
    ),
    Case(
        "eigh gradient",
        jax.grad(lambda x: jnp.sum(jnp.linalg.eigh(x)[0] ** 2)),
        (positive(8, 4),),
        {"x": 0},
        0,
        "",
    ),
    # Control flow.
    Case("while", newton, (np.abs(XF) + 1,), {"x": 0}, only=REDUCE),
    Case(
        "while with a trip for each",
        collatz,
        (ids(32, size=30),),
        {"x": 0},
        only=REDUCE,
    ),
    Case(
        "fori_loop",
        lambda x: lax.fori_loop(0, 5, lambda n, y: jnp.roll(y, 1, 0) + n, x),
        (X,),
        {"x": 0},
    ),
    Case("scan over rows", recurrence, (XF, floats(8, 8)), {"x": 0}, None, only=REDUCE),
    Case("scan of columns", recurrence, (XF, floats(8, 8)), {"x": 1, "y": 1}),
    Case(
        "scan gradient",
        jax.grad(recurrence_loss, (0, 1)),
        (XF, floats(8, 8)),
        {"x": 0},
        only=REDUCE,
    ),
    Case(
        "scan gradient of columns",
        jax.grad(recurrence_loss, (0, 1)),
        (XF, floats(8, 8)),
        {"y": 1},
        1,
    ),
    Case(
        "scan of a batch, gradient",
        jax.grad(recurrence_loss, (0, 1)),
        (floats(5, 8, 4), floats(4, 4)),
        {"x": 1},
        1,
        only=REDUCE,
    ),
    Case(
        "map",
        lambda x: lax.map(lambda r: jnp.cumsum(r) * 2, x),
        (X,),
        {"x": 0},
        only=REDUCE,
    ),
    Case("associative_scan", affine_scan, (X | 1, X), {"x": 0, "y": 0}),
    Case(
        "associative_scan gradient",
        jax.grad(linear_recurrence_loss, (0, 1)),
        (XF, floats(16, 8, seed=1)),
        {"x": 0, "y": 0},
    ),
    Case("cond", cond_of_a_sum, (ints(16),), {"x": 0}),
    Case("cond gradient", cond_gradient, (XF, np.array([1], np.int32)), {"x": 0}),
    Case("switch", switch, (X, np.arange(4, dtype=np.int32)), {"x": 0}),
    Case("nested jit", nested, (X,), {"x": 0}),
    Case(
        "checkpoint", jax.grad(checkpointed_loss), (XF, floats(8, 8)), {"x": 0}, only=""
    ),
    Case(
        "checkpoint, features",
        jax.grad(checkpointed_loss),
        (XF, floats(8, 8)),
        {"y": 1},
        only=REDUCE,
    ),
    Case(
        "checkpointed scan",
        jax.grad(checkpointed_scan_loss, (0, 1)),
        (XF, floats(8, 8)),
        {"x": 0},
        only=REDUCE,
    ),
    Case(
        "custom gradient",
        jax.grad(lambda x: jnp.sum(clipped(jnp.sin(x)) ** 2)),
        (XF,),
        {"x": 0},
        only=REDUCE,
    ),
    Case(
        "hessian", jax.hessian(lambda x: jnp.prod(jnp.sin(x))), (floats(8),), {"x": 0}
    ),
    Case(
        "jacobian",
        jax.jacrev(lambda x: jnp.cumsum(x**2)),
        (floats(8),),
        {"x": 0},
        only="collective_permute",
    ),
    Case("forward mode", jax.jacfwd(lambda x: jnp.sort(x)), (floats(8),), {"x": 0}),
    Case("state that changes places", swap_scan, (X, X + 1), {"x": 0}),
    Case("state that turns", turning_scan, (ints(8, 8),), {"x": 0}),
    Case("state that is indexed", written_scan, (X,), {"x": 0}, only=REDUCE),
    Case(
        "reversed scan",
        lambda x: lax.scan(
            lambda c, r: (c * 3 + r, c), 0 * x[0], x, reverse=True, unroll=3
        ),
        (X,),
        {"x": 0},
        None,
    ),
    Case("loops in branches", loops_in_branches, (X, ints(6, 16, 8)), {"x": 0}),
    Case("while of a batch", batched_while, (np.abs(WIDE),), {"x": 1}),
    Case(
        "while of a tiled batch", batched_while, (np.abs(WIDE),), {"x": 0}, only=REDUCE
    ),
    Case("beam search", beam, (ints(8, 4, 8, high=999), ints(8, 4, 16)), {"x": 2}),
    Case(
        "beam search of a batch",
        beam,
        (ints(8, 4, 8, high=999), ints(8, 4, 16)),
        {"x": 0, "y": 0},
        0,
        "",
    ),
    # Attention.
    *(
        Case(f"{name}, {what}", fun, args, tile, back, only)
        for name, fun, args in [
            ("attention", attention, QKV),
            ("causal attention", causal_attention, QKV),
            ("grouped attention", causal_attention, GROUPED_QKV),
            ("attention gradient", attention_gradient, QKV),
        ]
        for what, tile, back, only in [
            ("batch", {"x": 0, "y": 0, "z": 0}, 0, ""),
            ("queries", {"x": 1}, 1, REDUCE),
            ("keys", {"y": 1, "z": 1}, None, REDUCE),
            ("heads", {"x": 2}, 2, ""),
            ("width", {"x": 3}, 3, REDUCE),
        ]
    ),
    # Not only numbers, and not only one way through.
    Case(
        "not a number",
        lambda x: (lax.cummax(x, 0), jnp.argmin(x, 0), jnp.sort(x, 0)),
        (np.where(X == 3, np.nan, XF),),
        {"x": 0},
    ),
    Case(
        "complex",
        lambda x: jnp.cumsum(x * (1 + 2j), 0) @ jnp.conj(x).T,
        (XF,),
        {"x": 0},
    ),
    Case(
        "parity",
        lambda x: lax.reduce(x, np.int32(0), lax.bitwise_xor, (0,)),
        (X,),
        {"x": 0},
    ),
    Case(
        "bytes",
        lambda x: lax.bitcast_convert_type(x, jnp.int8).reshape(16, -1),
        (X,),
        {"x": 1},
        only="",
    ),
    Case(
        "percentiles",
        lambda x: jnp.percentile(x, jnp.array([25.0, 80.0]), 0),
        (XF,),
        {"x": 0},
        None,
    ),
    Case("covariance", jnp.cov, (WIDEF,), {"x": 1}, 0, only=REDUCE),
    Case("product of tensors", jnp.kron, (ints(8, 2), ints(2, 8)), {"x": 0}, only=""),
    Case(
        "polynomial",
        lambda x, y: jnp.polyval(x, y),
        (ints(8, high=3), ints(16)),
        {"x": 0},
    ),
    Case("resize", lambda x: jax.image.resize(x, (32, 8), "linear"), (XF,), {"x": 0}),
    Case(
        "convolve", lambda x, y: jnp.convolve(x, y), (ints(16), ints(5)), {"x": 0}, None
    ),
    Case(
        "gradient gather-sort",
        jax.grad(lambda x: jnp.sum(jnp.sort(x, 0)[3:7] ** 2)),
        (XF,),
        {"x": 0},
    ),
    Case(
        "ragged product",
        lambda x, y: lax.ragged_dot(x, y, jnp.array([5, 0, 8, 3], np.int32)),
        (XF, floats(4, 8, 8)),
        {"x": 0},
        only="",
    ),
    # Windows over the tiled dim.
    Case(
        "max pool",
        lambda x: lax.reduce_window(x, np.int32(-99), lax.max, (3, 1), (1, 1), "SAME"),
        (X,),
        {"x": 0},
    ),
    Case(
        "max pool gradient",
        jax.grad(
            lambda x: jnp.sum(
                lax.reduce_window(x, -jnp.inf, lax.max, (2, 1), (2, 1), "VALID") ** 2
            )
        ),
        (XF,),
        {"x": 0},
    ),
    Case(
        "convolution over the tiled dim",
        lambda x, w: lax.conv_general_dilated(x, w, (1,), "SAME"),
        (floats(2, 4, 16), floats(8, 4, 3)),
        {"x": 2},
        2,
    ),
]


def program(case):
    """The function of arguments x, y and z, with its first result tagged."""

    def fun(x, y=None, z=None):
        leaves, tree = jax.tree.flatten(
            case.fun(*(a for a in (x, y, z) if a is not None))
        )
        leaves[0] = partir.tag(leaves[0], "result")
        return jax.tree.unflatten(tree, leaves)

    return fun


rows = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@rows
@pytest.mark.parametrize("axes", ["B", "BM"])
def test_arguments_tiled(case, axes, mesh):
    schedule = [over(axis, **case.tile) for axis in axes]
    lowered = check(program(case), case.args, mesh, *schedule, only=case.only)
    assert axes_of(lowered.in_shardings) == set(axes)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.back is not None], ids=lambda case: case.name
)
def test_result_tiled(case, mesh):
    lowered = check(program(case), case.args, mesh, over("B", result=case.back))
    assert "B" in axes_of(lowered.out_shardings)


# Convolutions. Channels come after the batch in inputs, first in kernels.


def convolve(x, w, groups):
    return lax.conv_general_dilated(
        x,
        w,
        (1, 1),
        "SAME",
        feature_group_count=groups,
    )


def convolution_gradients(x, w, groups):
    return jax.grad(lambda x, w: jnp.sum(convolve(x, w, groups) ** 2), (0, 1))(x, w)


#: Groups, and the channels of one, in and out.
GROUPS = {"grouped": (8, 2, 3), "depthwise": (8, 1, 1), "depth multiplier": (8, 1, 2)}
groups = pytest.mark.parametrize("shape", GROUPS.values(), ids=GROUPS)


def convolution(shape, batch=4):
    """The groups, an input, a kernel."""
    count, inputs, outputs = shape
    x = floats(batch, count * inputs, 5, 5)
    return count, x, floats(count * outputs, inputs, 3, 3)


@groups
@pytest.mark.parametrize("axes", ["B", "BM"])
def test_convolution_tiled_by_its_groups_moves_nothing(shape, axes, mesh):
    count, x, w = convolution(shape)
    schedule = [over(axis, x=1, w=0) for axis in axes]
    for fun in (convolve, convolution_gradients):
        fun = functools.partial(fun, groups=count)
        lowered = check(fun, (x, w), mesh, *schedule, only="")
        assert axes_of(lowered.out_shardings) == set(axes)


@groups
@pytest.mark.parametrize("tiled", [{"x": 1}, {"w": 0}])
def test_one_operand_of_a_grouped_convolution_is_enough(shape, tiled, mesh):
    count, x, w = convolution(shape)
    fun = functools.partial(convolve, groups=count)
    lowered = check(fun, (x, w), mesh, over("B", **tiled), only="")
    assert lowered.out_shardings.spec == P(None, "B")


@groups
def test_grouped_convolution_of_a_tiled_batch_moves_only_gradients(shape, mesh):
    count, x, w = convolution(shape)
    schedule = over("B", x=0)
    check(functools.partial(convolve, groups=count), (x, w), mesh, schedule, only="")
    fun = functools.partial(convolution_gradients, groups=count)
    lowered = check(fun, (x, w), mesh, schedule, only="all_reduce")
    (reduced,) = lowered.reports[-1].collectives.each
    assert reduced.shape == w.shape


@groups
def test_batch_and_groups_on_two_axes(shape, mesh):
    count, x, w = convolution(shape)
    fun = functools.partial(convolution_gradients, groups=count)
    lowered = check(
        fun, (x, w), mesh, over("B", x=0), over("M", w=0), only="all_reduce"
    )
    (reduced,) = lowered.reports[-1].collectives.each
    assert reduced.axes == ("B",)
    assert reduced.shape == (w.shape[0] // 2, *w.shape[1:])


def test_batch_and_features_on_two_axes(mesh):
    fun = functools.partial(convolve, groups=1)
    x, w = floats(4, 8, 5, 5), floats(8, 8, 3, 3)
    lowered = check(fun, (x, w), mesh, over("B", x=0), over("M", w=0), only="")
    assert lowered.out_shardings.spec == P("B", "M")
    # Tiled by the features that it sums, each device has a part of each sum.
    lowered = check(
        fun, (x, w), mesh, over("B", x=0), over("M", w=1), only="all_reduce"
    )
    (reduced,) = lowered.reports[-1].collectives.each
    assert (reduced.axes, reduced.shape) == (("M",), (1, 8, 5, 5))


def test_dilated_and_strided(mesh):
    dims = "NCHW", "OIHW", "NCHW"

    def fun(x, w):
        a = lax.conv_general_dilated(x, w, (2, 1), "SAME", rhs_dilation=(2, 2))
        b = lax.conv_transpose(x, w, (2, 2), "SAME", dimension_numbers=dims)
        return a, b

    args = floats(8, 8, 6, 6), floats(8, 8, 3, 3)
    check(fun, args, mesh, over("B", x=0), over("M", x=0), only="")


# Tables.


def train_table(table, i):
    """One step: the update of a table has the tiles of the table."""
    return table - jax.grad(embed_loss)(table, i)


def test_gradient_of_a_table_with_its_rows_and_the_lookups_on_one_axis(mesh):
    """A row gets what was looked up in it, from all chunks of the sequence.

    Where the chunks of rows were added up instead, what belongs to row r would be
    in the rows of other devices that have its place in their chunk.
    """

    def fun(table, i):
        return table - jax.grad(lambda t: jnp.sum(jnp.take(t, i, axis=0)))(table)

    table = np.zeros((16, 8), np.float32)
    i = np.array([[0, 1, 1, 2], [1, 0, 2, 2]], np.int32)
    lowered = check(fun, (table, i), mesh, over("B", table=0, i=1))
    assert lowered.out_shardings.spec == P("B")
    times = np.bincount(i.reshape(-1), minlength=16)
    got = lowered.compile()(table, i)
    np.testing.assert_array_equal(got, -np.outer(times, np.ones(8)))


@pytest.mark.parametrize("rows", [16, 96])
def test_gradient_of_a_table_with_batch_and_rows_on_two_axes(rows, mesh):
    args = floats(rows, 8), ids(8, 4, size=rows)
    lowered = check(train_table, args, mesh, over("B", i=0), over("M", table=0))
    assert lowered.out_shardings.spec == P("M")
    # The chunks of the batch add up what they have for the rows of a device.
    reduced = [
        one for one in lowered.reports[-1].collectives.each if one.axes == ("B",)
    ]
    assert [(one.kind, one.shape) for one in reduced] == [
        ("all_reduce", (rows // 2, 8))
    ]


def test_accumulated_gradient_of_a_table(mesh):
    """Micro-batches in a scan; the rows of the table and the batch are tiled."""

    def fun(table, i):
        def body(total, i):
            return total + jax.grad(embed_loss)(table, i), None

        return table - lax.scan(body, jnp.zeros_like(table), i)[0]

    args = np.round(floats(16, 8) * 4), ids(3, 8, 4, size=16)
    check(fun, args, mesh, over("B", i=1), over("M", table=0))
    check(fun, args, mesh, over("B", i=1, table=0))


# A cache of keys and values, written in a loop.


def decode(x, cache, wq, wk):
    """Five tokens; each attends to what the cache holds up to it."""

    def body(n, state):
        x, cache = state
        key = (x @ wk)[:, None]
        cache = lax.dynamic_update_slice(cache, key, (0, n + 6, 0))
        scores = jnp.einsum("bd,bsd->bs", x @ wq, cache)
        seen = jnp.arange(cache.shape[1]) <= n + 6
        weights = jax.nn.softmax(jnp.where(seen, scores, -jnp.inf))
        return jnp.einsum("bs,bsd->bd", weights, cache), cache

    return lax.fori_loop(0, 5, body, (x, cache))


@pytest.mark.parametrize("axes", ["B", "BM"])
def test_cache_tiled_by_its_sequence_stays_where_it_is(axes, mesh):
    args = floats(4, 8), floats(4, 16, 8), floats(8, 8, seed=1), floats(8, 8, seed=2)
    schedule = [over(axis, cache=1) for axis in axes]
    lowered = check(decode, args, mesh, *schedule, only="all_reduce")
    assert axes_of(lowered.out_shardings[1]) == set(axes)
    # No sum, maximum or read is of more than a row for each of the batch.
    for one in lowered.reports[-1].collectives.each:
        assert np.prod(one.shape) <= 4 * 8


# Losses over a tiled vocabulary.


@pytest.mark.parametrize("loss", [one_hot_loss, picking_loss])
def test_loss_over_a_tiled_vocabulary_moves_no_logits(loss, mesh):
    def fun(h, w, i):
        return jax.value_and_grad(lambda h, w: loss(h @ w, i), (0, 1))(h, w)

    args = floats(8, 4, 8), floats(8, 32), ids(8, 4, size=32)
    schedule = over("B", h=0, i=0), over("M", w=1)
    lowered = check(fun, args, mesh, *schedule, only="all_reduce")
    for one in lowered.reports[-1].collectives.each:
        # A device has 2 x 4 tokens of width 8, and 16 columns of w.
        of_tokens = np.prod(one.shape) <= 2 * 4 * 8
        assert of_tokens or sorted(one.shape) == [8, 16]
