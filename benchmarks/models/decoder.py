# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A decoder with grouped-query attention and a gated MLP, for several models.

Shapes, with D = d_model, G = kv_heads, R = heads / kv_heads, K = head_dim, F = d_ff,
V = vocab, and a leading dim L = layers on everything under "layers":

    embed [V, D], also the output matrix if tied; else unembed [V, D]; final_scale [D]
    query [D, G, R, K]; key, value [D, G, K]; out [G, R, K, D]
    up, gate [D, F]; down [F, D]; attention_scale, mlp_scale [D]

Activations are [batch, sequence, D]. Tags say where a schedule may change a layout:

    "attention_in", "attention_out", "mlp_in", "mlp_out", "logits_in": activations that
    enter or leave matrix products
    "residual": the activation that enters the first layer
    "weight": each parameter of a layer, inside the layer
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import partir
from benchmarks.models.transformer import attend, rms_norm, rotate


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sizes:
    """Sizes of the decoder and of a batch."""

    layers: int
    d_model: int
    heads: int
    kv_heads: int
    head_dim: int
    d_ff: int
    vocab: int
    batch: int
    sequence: int
    tied: bool = True
    compute_dtype: str = "float32"

    def __post_init__(self) -> None:
        if self.heads % self.kv_heads or self.head_dim % 2:
            raise ValueError("heads must be a multiple of kv_heads, head_dim even")


@dataclasses.dataclass(frozen=True)
class Parameter:
    """Shape of a parameter, and how many inputs an output sums; 0 for a scale."""

    shape: tuple[int, ...]
    fan_in: int


def attention_parameters(sizes: Sizes) -> dict[str, Parameter]:
    """Of one layer."""
    d, g, k = sizes.d_model, sizes.kv_heads, sizes.head_dim
    r = sizes.heads // g
    return {
        "attention_scale": Parameter((d,), 0),
        "query": Parameter((d, g, r, k), d),
        "key": Parameter((d, g, k), d),
        "value": Parameter((d, g, k), d),
        "out": Parameter((g, r, k, d), g * r * k),
    }


def mlp_parameters(sizes: Sizes) -> dict[str, Parameter]:
    """Of one layer."""
    d, f = sizes.d_model, sizes.d_ff
    return {
        "mlp_scale": Parameter((d,), 0),
        "up": Parameter((d, f), d),
        "gate": Parameter((d, f), d),
        "down": Parameter((f, d), f),
    }


def parameters(sizes: Sizes, layer: dict[str, Parameter]) -> dict[str, Any]:
    """Of the decoder, whose layers have these parameters each."""
    table = Parameter((sizes.vocab, sizes.d_model), sizes.d_model)
    return {
        **dict.fromkeys(("embed",) if sizes.tied else ("embed", "unembed"), table),
        "layers": {
            name: Parameter((sizes.layers, *one.shape), one.fan_in)
            for name, one in layer.items()
        },
        "final_scale": Parameter((sizes.d_model,), 0),
    }


def shapes(tree: Any, dtype: Any = np.float32) -> Any:
    """A pytree of :class:`Parameter` as ``ShapeDtypeStruct``."""
    return jax.tree.map(lambda p: jax.ShapeDtypeStruct(p.shape, dtype), tree)


def init(tree: Any, seed: int = 0) -> Any:
    """Random float32 arrays on the host for a pytree of :class:`Parameter`."""
    rng = np.random.default_rng(seed)

    def make(p: Parameter) -> np.ndarray:
        normal = rng.standard_normal(p.shape)
        values = normal / np.sqrt(p.fan_in) if p.fan_in else 1 + 0.1 * normal
        return values.astype(np.float32)

    return jax.tree.map(make, tree)


def cast(sizes: Sizes, tree: Any) -> Any:
    """The arrays in the type that the model computes in."""
    return jax.tree.map(lambda a: a.astype(sizes.compute_dtype), tree)


def attention(x: jax.Array, p: dict[str, jax.Array]) -> jax.Array:
    """What causal self-attention adds to ``x``."""
    x = partir.tag(rms_norm(x, p["attention_scale"]), "attention_in")
    query, key, value = queries_keys_values(x, p)
    # R queries of a group share its key: each is the attention of plain heads.
    mixed = jax.vmap(attend, in_axes=(3, None, None), out_axes=3)(query, key, value)
    return merge_heads(mixed, p)


def queries_keys_values(
    x: jax.Array, p: dict[str, jax.Array]
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """[batch, sequence, G, R, K], and twice without R; positions are rotary."""
    query = jnp.einsum("nsd,dgrk->nsgrk", x, p["query"])
    key = jnp.einsum("nsd,dgk->nsgk", x, p["key"])
    value = jnp.einsum("nsd,dgk->nsgk", x, p["value"])
    positions = jnp.arange(x.shape[1], dtype=jnp.float32)
    rotate_query = jax.vmap(rotate, in_axes=(3, None), out_axes=3)
    return rotate_query(query, positions), rotate(key, positions), value


def merge_heads(mixed: jax.Array, p: dict[str, jax.Array]) -> jax.Array:
    """From [batch, sequence, G, R, K] to an activation."""
    out = jnp.einsum("nsgrk,grkd->nsd", mixed, p["out"])
    return partir.tag(out, "attention_out")


def mlp(x: jax.Array, p: dict[str, jax.Array]) -> jax.Array:
    """What the gated MLP adds to ``x``."""
    x = partir.tag(rms_norm(x, p["mlp_scale"]), "mlp_in")
    hidden = jax.nn.silu(x @ p["gate"]) * (x @ p["up"])
    return partir.tag(hidden @ p["down"], "mlp_out")


def scan_layers(block: Callable[..., Any], x: jax.Array, layers: Any) -> Any:
    """Applies ``block(x, p)``, a step of ``jax.lax.scan``, layer by layer.

    The backward pass computes what is inside a block again, weights included: what a
    schedule gathers for "weight" is gathered once in each pass.
    """

    @jax.checkpoint
    def step(x: jax.Array, p: Any) -> Any:
        return block(x, jax.tree.map(lambda a: partir.tag(a, "weight"), p))

    return jax.lax.scan(step, partir.tag(x, "residual"), layers)


def next_token_logits(x: jax.Array, params: dict[str, Any]) -> jax.Array:
    """Float32 [batch, sequence, V] from the last layer's activation."""
    x = partir.tag(rms_norm(x, params["final_scale"]), "logits_in")
    table = params["unembed" if "unembed" in params else "embed"]
    return jnp.einsum("nsd,vd->nsv", x, table).astype(jnp.float32)


def next_token_loss(
    x: jax.Array, params: dict[str, Any], tokens: jax.Array, counts: jax.Array
) -> jax.Array:
    """Mean cross entropy of the next token, in nats, where ``counts``; float32.

    The arguments are the last layer's activation, the parameters, and [batch,
    sequence]: the tokens, and whether the prediction of the token at this position
    counts. The first has none.
    """
    logits = next_token_logits(x, params)
    # Shifting the tokens, not the logits, moves next to nothing.
    targets, counts = (jnp.roll(a, -1, axis=1) for a in (tokens, counts))
    counts = counts.at[:, -1].set(False)
    picked = jnp.take_along_axis(logits, targets[..., None], axis=-1)[..., 0]
    lost = jax.nn.logsumexp(logits, axis=-1) - picked
    return jnp.sum(jnp.where(counts, lost, 0)) / jnp.sum(counts)
