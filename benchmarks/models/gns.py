# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A train step of a graph network simulator in plain JAX. Nothing here is parallel.

Sanchez-Gonzalez et al., arXiv 2002.09405: MLPs encode the features of nodes and edges,
``steps`` steps of message passing follow, and an MLP decodes the accelerations of the
nodes. The loss is their mean squared error. There is one graph and no batch.

With N nodes, E edges, and D = latent:

    graph: nodes [N, node_features], edges [E, edge_features], senders and receivers [E]
        (numbers of nodes), accelerations [N, dims]
    MLP: a list of layers {kernel [C, D], bias [D]}, ReLU between them; all MLPs but the
        decoder end in a layer norm {scale [D], bias [D]}
"""

import dataclasses
import functools
import itertools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.models import adam

Params = dict[str, Any]
#: Makes one parameter of a shape: ("scale" | "bias" | "kernel", shape).
Maker = Callable[[str, tuple[int, ...]], Any]


@dataclasses.dataclass(frozen=True)
class Config:
    """Sizes of the model and its optimiser.

    Attributes:
      steps: steps of message passing, each with parameters of its own.
      layers: layers of an MLP, the output layer included.
      hidden: width of the layers between.
      latent: width of what nodes and edges carry.
      dims: dims of space.
    """

    steps: int
    layers: int
    hidden: int
    latent: int
    nodes: int
    edges: int
    node_features: int = 30
    edge_features: int = 3
    dims: int = 2
    compute_dtype: str = "float32"
    optimiser: adam.Adam = dataclasses.field(default_factory=adam.Adam)


def make_params(config: Config, make: Maker) -> Params:
    """The parameters, each made by ``make``."""
    d = config.latent

    def mlp(c: int, out: int = d, norm: bool = True) -> Params:
        widths = [c, *[config.hidden] * (config.layers - 1), out]
        layers = [
            {"kernel": make("kernel", pair), "bias": make("bias", pair[1:])}
            for pair in itertools.pairwise(widths)
        ]
        if not norm:
            return {"layers": layers}
        scale = {"scale": make("scale", (out,)), "bias": make("bias", (out,))}
        return {"layers": layers, "norm": scale}

    return {
        "encode_nodes": mlp(config.node_features),
        "encode_edges": mlp(config.edge_features),
        "steps": [
            {"edge": mlp(3 * d), "node": mlp(2 * d)} for _ in range(config.steps)
        ],
        "decode": mlp(d, config.dims, norm=False),
    }


def init(config: Config, seed: int = 0) -> tuple[Any, Any, Any]:
    """(params, opt_state, graph), the arguments of the train step, as host arrays."""
    rng = np.random.default_rng(seed)

    def normal(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    def make(kind: str, shape: tuple[int, ...]) -> np.ndarray:
        if kind == "kernel":
            return normal(*shape) / np.float32(np.sqrt(shape[0]))
        return np.float32(kind == "scale") + np.float32(0.1) * normal(*shape)

    params = make_params(config, make)
    ends = rng.integers(0, config.nodes, (2, config.edges), dtype=np.int32)
    graph = {
        "nodes": normal(config.nodes, config.node_features),
        "edges": normal(config.edges, config.edge_features),
        "senders": ends[0],
        "receivers": ends[1],
        "accelerations": normal(config.nodes, config.dims),
    }
    return params, adam.init(params), graph


def shapes(config: Config) -> tuple[Any, Any, Any]:
    """(params, opt_state, graph) as ``ShapeDtypeStruct``; makes no array."""

    def struct(*shape: int, dtype: Any = np.float32) -> Any:
        return jax.ShapeDtypeStruct(shape, dtype)

    params = make_params(config, lambda kind, shape: struct(*shape))
    ends = struct(config.edges, dtype=np.int32)
    graph = {
        "nodes": struct(config.nodes, config.node_features),
        "edges": struct(config.edges, config.edge_features),
        "senders": ends,
        "receivers": ends,
        "accelerations": struct(config.nodes, config.dims),
    }
    return params, adam.shapes(params), graph


def make_train_step(config: Config) -> Any:
    """Returns ``train_step(params, opt_state, graph)``.

    It gives the new parameters, the new optimiser state, and the loss.
    """

    def train_step(params: Any, opt_state: Any, graph: Any) -> Any:
        loss, grads = jax.value_and_grad(functools.partial(loss_fn, config))(
            params, graph
        )
        params, opt_state = config.optimiser.update(params, opt_state, grads)
        return params, opt_state, loss

    return train_step


def loss_fn(config: Config, params: Params, graph: Any) -> jax.Array:
    """Mean squared error of the accelerations; a float32 scalar."""
    predicted = predict(config, params, graph)
    return jnp.mean((predicted - graph["accelerations"]) ** 2)


def predict(config: Config, params: Params, graph: Any) -> jax.Array:
    """The accelerations of the nodes, float32 [N, dims]."""
    dtype = jnp.dtype(config.compute_dtype)
    params = jax.tree.map(lambda p: p.astype(dtype), params)
    senders, receivers = graph["senders"], graph["receivers"]
    nodes = _mlp(params["encode_nodes"], graph["nodes"].astype(dtype))
    edges = _mlp(params["encode_edges"], graph["edges"].astype(dtype))
    for step in params["steps"]:
        ends = [edges, nodes[senders], nodes[receivers]]
        messages = _mlp(step["edge"], jnp.concatenate(ends, axis=-1))
        received = jax.ops.segment_sum(messages, receivers, config.nodes)
        update = _mlp(step["node"], jnp.concatenate([nodes, received], axis=-1))
        nodes, edges = nodes + update, edges + messages
    return _mlp(params["decode"], nodes).astype(jnp.float32)


def _mlp(p: Params, x: jax.Array) -> jax.Array:
    """An MLP on the last dim, and its layer norm if it has one."""
    *hidden, last = p["layers"]
    for layer in hidden:
        x = jax.nn.relu(x @ layer["kernel"] + layer["bias"])
    x = x @ last["kernel"] + last["bias"]
    return _layer_norm(p["norm"], x) if "norm" in p else x


def _layer_norm(p: Params, x: jax.Array) -> jax.Array:
    """Over the last dim; statistics in float32."""
    wide = x.astype(jnp.float32)
    centred = wide - jnp.mean(wide, axis=-1, keepdims=True)
    variance = jnp.mean(centred * centred, axis=-1, keepdims=True)
    normal = centred * jax.lax.rsqrt(variance + 1e-6)
    return normal.astype(x.dtype) * p["scale"] + p["bias"]
