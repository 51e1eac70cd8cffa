# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prefill of a long prompt: a decoder's forward pass that fills the cache (plain JAX).

The decoder is that of ``decoder.py``, with parameters in the type that it computes in.
Arguments of ``prefill(params, tokens, lengths)``, with N rows of S positions:

    tokens [N, S] int32; lengths [N] int32, positions of the prompt in a row, at least 1

Results: float32 logits [N, V] of the token after the prompt, and a cache of "key" and
"value" [L, N, S, G, K], of which what lies behind the prompt does not matter.

Scores are made for ``block`` keys at a time, so that memory grows with S alone. Tags:
those of the decoder, and "keys" and "values" [N, S, G, K] as attention reads them.
"""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import partir
from benchmarks.models import decoder
from benchmarks.models.transformer import rms_norm


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(decoder.Sizes):
    """Sizes; attention reads ``block`` keys at a time."""

    block: int

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sequence % self.block:
            raise ValueError("sequence must be a multiple of block")


def parameters(config: Config) -> dict[str, Any]:
    """The model's, as a pytree of ``decoder.Parameter``."""
    layer = decoder.attention_parameters(config) | decoder.mlp_parameters(config)
    return decoder.parameters(config, layer)


def shapes(config: Config) -> tuple[Any, Any, Any]:
    """(params, tokens, lengths) as ``ShapeDtypeStruct``; makes no array."""
    params = decoder.shapes(parameters(config), jnp.dtype(config.compute_dtype))
    tokens = jax.ShapeDtypeStruct((config.batch, config.sequence), np.int32)
    lengths = jax.ShapeDtypeStruct((config.batch,), np.int32)
    return params, tokens, lengths


def init(config: Config) -> tuple[Any, Any, Any]:
    """(params, tokens, lengths), the arguments of ``prefill``, as host arrays."""
    params = decoder.init(parameters(config))
    params = jax.tree.map(lambda a: a.astype(config.compute_dtype), params)
    rng = np.random.default_rng(2)
    rows = (config.batch, config.sequence)
    tokens = rng.integers(0, config.vocab, rows, dtype=np.int32)
    lengths = rng.integers(1, config.sequence + 1, rows[:1], dtype=np.int32)
    return params, tokens, lengths


def make_prefill(config: Config) -> Any:
    """Returns ``prefill(params, tokens, lengths)``, which gives (logits, cache)."""

    def block(x: jax.Array, p: Any) -> tuple[jax.Array, Any]:
        h = partir.tag(rms_norm(x, p["attention_scale"]), "attention_in")
        query, key, value = decoder.queries_keys_values(h, p)
        keys, values = partir.tag(key, "keys"), partir.tag(value, "values")
        mixed = attend(query, keys, values, config.block)
        x = x + decoder.merge_heads(mixed, p)
        return x + decoder.mlp(x, p), {"key": key, "value": value}

    def prefill(params: Any, tokens: jax.Array, lengths: jax.Array) -> Any:
        x = params["embed"][tokens]
        x, cache = decoder.scan_layers(block, x, params["layers"])
        last = jnp.take_along_axis(x, lengths[:, None, None] - 1, axis=1)
        return decoder.next_token_logits(last, params)[:, 0], cache

    return prefill


def attend(
    query: jax.Array, keys: jax.Array, values: jax.Array, block: int
) -> jax.Array:
    """Causal attention, a scan over blocks of keys.

    The softmax is corrected block by block (Milakov and Gimelshein, arXiv 1805.02867).

    Args:
      query: [N, S, G, R, K].
      keys: [N, S, G, K], shared by R queries.
      values: like ``keys``.
      block: keys to a block; divides S.

    Returns:
      [N, S, G, R, K], of the type of ``query``.
    """
    length, dim = query.shape[1], query.shape[-1]
    positions = jnp.arange(length)

    def step(carry: Any, x: Any) -> tuple[Any, None]:
        largest, total, mixed = carry
        keys, values, first = x
        scores = jnp.einsum("nsgrk,ntgk->nsgrt", query, keys).astype(jnp.float32)
        causal = positions[:, None] >= first + jnp.arange(block)
        causal = causal[:, None, None, :]
        scores = jnp.where(causal, scores / np.sqrt(dim), -jnp.inf)
        # The first block has position 0, which all see: finite from there on.
        new = jnp.maximum(largest, jnp.max(scores, axis=-1))
        weights = jnp.exp(scores - new[..., None])
        correction = jnp.exp(largest - new)
        total = total * correction + jnp.sum(weights, axis=-1)
        added = jnp.einsum("nsgrt,ntgk->nsgrk", weights.astype(values.dtype), values)
        mixed = mixed * correction[..., None] + added
        return (new, total, mixed), None

    def blocks(a: jax.Array) -> jax.Array:
        shape = (a.shape[0], length // block, block, *a.shape[2:])
        return jnp.moveaxis(a.reshape(shape), 1, 0)

    carry = (
        jnp.full(query.shape[:-1], -jnp.inf),
        jnp.zeros(query.shape[:-1]),
        jnp.zeros(query.shape),
    )
    xs = (blocks(keys), blocks(values), jnp.arange(0, length, block))
    (_, total, mixed), _ = jax.lax.scan(step, carry, xs)
    return (mixed / total[..., None]).astype(query.dtype)
