# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Programs so small that every schedule can be tried."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

import partir


@dataclasses.dataclass(frozen=True)
class Program:
    """A program, and what is to be decided on.

    Attributes:
      name: what tables call it.
      function: plain JAX.
      shapes: those of its arguments; those of integers begin with ``int``.
      mesh: axes and their sizes; all are decided on.
      memory: the share of the unpartitioned peak that may be taken; none for no limit.
    """

    name: str
    function: Callable[..., Any]
    shapes: Sequence[tuple[Any, ...]]
    mesh: Mapping[str, int]
    memory: float | None = None

    @property
    def arguments(self) -> tuple[jax.ShapeDtypeStruct, ...]:
        """The arguments, without values."""
        return tuple(
            jax.ShapeDtypeStruct(shape[1:], jnp.int32)
            if shape and shape[0] == "int"
            else jax.ShapeDtypeStruct(shape, jnp.float32)
            for shape in self.shapes
        )

    def abstract_mesh(self) -> jax.sharding.AbstractMesh:
        """The mesh, without devices."""
        return jax.sharding.AbstractMesh((*self.mesh.values(),), (*self.mesh,))


def mlp(x, *weights):
    """Products with a nonlinearity between them."""
    for weight in weights[:-1]:
        x = jax.nn.gelu(x @ weight)
    return x @ weights[-1]


def residual(x, up, down):
    """A feed-forward block with its norm."""
    normed = x * jax.lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + 1e-6)
    return x + jax.nn.relu(normed @ up) @ down


def gated(x, gate, up, down):
    """A feed-forward block with a gate."""
    return (jax.nn.silu(x @ gate) * (x @ up)) @ down


def attention(x, qkv, out):
    """Self-attention over one sequence a row."""
    q, k, v = jnp.einsum("bsd,dxhk->xbhsk", x, qkv)
    scores = jax.nn.softmax(jnp.einsum("bhsk,bhtk->bhst", q, k))
    return jnp.einsum("bhst,bhtk,hkd->bsd", scores, v, out)


def tagged(x, up, down):
    """A feed-forward block, with a name for what is inside."""
    return partir.tag(jax.nn.relu(x @ up), "hidden") @ down


def convolve(x, kernel):
    """A convolution that keeps the size, channels last."""
    return jax.lax.conv_general_dilated(
        x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def convolutions(x, first, second):
    """Two convolutions."""
    return convolve(jax.nn.relu(convolve(x, first)), second)


def pooled(x, kernel, head):
    """A convolution, a mean over the image, and logits."""
    return jnp.mean(jax.nn.relu(convolve(x, kernel)), axis=(1, 2)) @ head


def message_passing(nodes, senders, receivers, edge, node):
    """A step of a graph network: messages along edges, summed at nodes."""
    messages = jax.nn.relu(nodes[senders] @ edge)
    received = jax.ops.segment_sum(messages, receivers, nodes.shape[0])
    return nodes + received @ node


def experts(x, router, up, down):
    """Each token by all experts, weighted."""
    weights = jax.nn.softmax(x @ router)
    hidden = jax.nn.relu(jnp.einsum("td,edf->etf", x, up))
    return jnp.einsum("etf,efd,te->td", hidden, down, weights)


def layer_norm(x, scale, bias, weight):
    """A layer norm and a product."""
    mean = jnp.mean(x, axis=-1, keepdims=True)
    var = jnp.var(x, axis=-1, keepdims=True)
    return ((x - mean) * jax.lax.rsqrt(var + 1e-6) * scale + bias) @ weight


def batch_norm(x, scale, weight):
    """A product and a norm over the batch."""
    y = x @ weight
    mean, var = jnp.mean(y, axis=0), jnp.var(y, axis=0)
    return (y - mean) * jax.lax.rsqrt(var + 1e-6) * scale


def sgd(x, target, weight):
    """A step of gradient descent on a linear model."""
    grad = jax.grad(lambda w: jnp.mean((x @ w - target) ** 2))(weight)
    return weight - 0.1 * grad


def momentum(x, up, down, velocity):
    """A step with momentum on one of two layers."""

    def loss(weight):
        return jnp.mean((jax.nn.relu(x @ weight) @ down) ** 2)

    velocity = 0.9 * velocity + jax.grad(loss)(up)
    return up - 0.1 * velocity, velocity


def logits(tokens, embed):
    """An embedding that is also the output matrix, and the loss."""
    x = embed[tokens]
    scores = x @ embed.T
    return jnp.mean(jax.nn.logsumexp(scores, axis=-1) - jnp.sum(x * x, axis=-1))


def recurrent(x, weight, out):
    """A recurrent net over the first dim of x."""

    def step(carry, row):
        carry = jnp.tanh(carry @ weight + row)
        return carry, None

    return jax.lax.scan(step, jnp.zeros_like(x[0]), x)[0] @ out


def stacked(x, weights):
    """Layers in a loop over stacked weights."""
    return jax.lax.scan(lambda x, w: (jax.nn.relu(x @ w), None), x, weights)[0]


def low_rank(x, weight, down, up):
    """A product with a low-rank correction."""
    return x @ weight + (x @ down) @ up


_ROWS = {"B": 4}
_BOTH = {"B": 4, "M": 2}

PROGRAMS = (
    Program("mlp, wide", mlp, [(256, 512), (512, 8192), (8192, 512)], _ROWS),
    Program("mlp, tall", mlp, [(16384, 512), (512, 512), (512, 512)], _ROWS),
    Program("mlp, square", mlp, [(2048, 2048), *[(2048, 2048)] * 3], _ROWS),
    Program("mlp, four", mlp, [(512, 4096), *[(4096, 4096)] * 4], _ROWS),
    Program("mlp, two axes", mlp, [(1024, 1024), *[(1024, 4096), (4096, 1024)]], _BOTH),
    Program("mlp, uneven", mlp, [(1022, 1024), (1024, 4096), (4096, 30)], _ROWS),
    Program(
        "mlp, half the memory",
        mlp,
        [(1024, 1024), (1024, 4096), (4096, 1024)],
        _BOTH,
        memory=0.5,
    ),
    Program(
        "mlp, a quarter of it",
        mlp,
        [(1024, 1024), (1024, 4096), (4096, 1024)],
        _BOTH,
        memory=0.25,
    ),
    Program("residual", residual, [(2048, 1024), (1024, 4096), (4096, 1024)], _ROWS),
    Program("gated", gated, [(512, 1024), *[(1024, 4096)] * 2, (4096, 1024)], _ROWS),
    Program(
        "attention",
        attention,
        [(8, 256, 1024), (1024, 3, 8, 128), (8, 128, 1024)],
        _ROWS,
    ),
    Program(
        "attention, long",
        attention,
        [(1, 4096, 512), (512, 3, 4, 128), (4, 128, 512)],
        _ROWS,
    ),
    Program("tag", tagged, [(2048, 1024), (1024, 4096), (4096, 1024)], _ROWS),
    Program(
        "convolutions",
        convolutions,
        [(16, 32, 32, 128), (3, 3, 128, 128), (3, 3, 128, 128)],
        _ROWS,
    ),
    Program(
        "convolutions, one image",
        convolutions,
        [(1, 64, 64, 256), (3, 3, 256, 256), (3, 3, 256, 256)],
        _ROWS,
    ),
    Program("pooled", pooled, [(8, 32, 32, 64), (3, 3, 64, 256), (256, 4096)], _ROWS),
    Program(
        "graph network",
        message_passing,
        [(1024, 256), ("int", 8192), ("int", 8192), (256, 256), (256, 256)],
        _ROWS,
    ),
    Program(
        "experts",
        experts,
        [(2048, 512), (512, 8), (8, 512, 2048), (8, 2048, 512)],
        _ROWS,
    ),
    Program(
        "layer norm",
        layer_norm,
        [(4096, 1024), (1024,), (1024,), (1024, 1024)],
        _ROWS,
    ),
    Program("batch norm", batch_norm, [(4096, 1024), (1024,), (1024, 1024)], _ROWS),
    Program("gradient descent", sgd, [(8192, 512), (8192, 512), (512, 512)], _BOTH),
    Program(
        "momentum",
        momentum,
        [(512, 1024), (1024, 4096), (4096, 1024), (1024, 4096)],
        _ROWS,
    ),
    Program("tied embedding", logits, [("int", 2048), (32768, 256)], _BOTH),
    Program("recurrent", recurrent, [(64, 256, 512), (512, 512), (512, 512)], _BOTH),
    Program("stacked", stacked, [(1024, 1024), (8, 1024, 1024)], _BOTH),
    Program(
        "low rank",
        low_rank,
        [(2048, 1024), (1024, 1024), (1024, 16), (16, 1024)],
        _ROWS,
    ),
)
