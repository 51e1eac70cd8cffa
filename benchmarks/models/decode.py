# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Inference of a transformer in plain JAX: a prefill, then a token at a time.

The layers are those of ``gpt.py`` with multi-query attention (Shazeer, arXiv
1911.02150): H heads of queries share one head of keys and values. These are kept in a
cache, which has room for the prompt and all tokens but the last. Nothing here is
parallel.

Shapes, with D = d_model, H = heads, K = D / H, F = d_ff, V = vocab, B = batch, and S
the positions in the cache:

    embed [V, D]
    query [D, H, K]; key, value [D, K]; out [H, K, D]
    up [D, F]; down [F, D]; up_bias [F]; down_bias [D]
    attention_scale, attention_out_scale, mlp_scale [D]
    cache of a layer: keys, values [B, S, K]

Tags name what a schedule may want to lay out by itself:

    attention_input [B, T, D]: the input of attention, T positions at a time
    key_value_input [B, T, D]: the same, as keys and values are made from it
    queries [B, T, H, K]
    keys, values [B, S, K]: the cache
    prompt_keys, prompt_values [B, prompt, K]: what the prefill attends to
    attended [B, 1, H, K]: the result of attention in a step of the loop
    output_input [B, 1, H, K]: the same, as the output projection takes it
"""

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import partir
from benchmarks.models import gpt
from benchmarks.models.transformer import rms_norm, rotate


@dataclasses.dataclass(frozen=True)
class Config:
    """Sizes of the model and of what it generates.

    ``steps`` counts the tokens that are generated for each prompt: the prefill gives
    the first, a loop the others.
    """

    layers: int
    d_model: int
    heads: int
    d_ff: int
    vocab: int
    batch: int
    prompt: int
    steps: int
    compute_dtype: str = "float32"

    @property
    def head_dim(self) -> int:
        """Size of one attention head."""
        return self.d_model // self.heads

    @property
    def positions(self) -> int:
        """Positions in the cache."""
        return self.prompt + self.steps - 1


class Cache(NamedTuple):
    """Keys and values of one layer, [B, S, K]."""

    keys: jax.Array
    values: jax.Array


def layer_shapes(config: Config) -> dict[str, tuple[int, ...]]:
    """Shapes of one layer's parameters."""
    d, h, k, f = config.d_model, config.heads, config.head_dim, config.d_ff
    return {
        "attention_scale": (d,),
        "attention_out_scale": (d,),
        "mlp_scale": (d,),
        "query": (d, h, k),
        "key": (d, k),
        "value": (d, k),
        "out": (h, k, d),
        "up": (d, f),
        "up_bias": (f,),
        "down": (f, d),
        "down_bias": (d,),
    }


def init(config: Config, seed: int = 0) -> tuple[Any, np.ndarray]:
    """(params, prompt), the arguments of ``generate``, as host arrays."""
    rng = np.random.default_rng(seed)
    shapes = layer_shapes(config)
    params = {
        "embed": gpt.normal(rng, (config.vocab, config.d_model), config.d_model),
        "layers": [gpt.init_layer(rng, shapes) for _ in range(config.layers)],
    }
    shape = (config.batch, config.prompt)
    return params, rng.integers(0, config.vocab, shape, dtype=np.int32)


def shapes(config: Config) -> tuple[Any, jax.ShapeDtypeStruct]:
    """(params, prompt) as ``ShapeDtypeStruct``; makes no array."""

    def struct(shape: tuple[int, ...], dtype: Any = np.float32) -> Any:
        return jax.ShapeDtypeStruct(shape, dtype)

    layer = {name: struct(shape) for name, shape in layer_shapes(config).items()}
    params = {
        "embed": struct((config.vocab, config.d_model)),
        "layers": [dict(layer) for _ in range(config.layers)],
    }
    return params, struct((config.batch, config.prompt), np.int32)


def make_generate(config: Config) -> Callable[[Any, jax.Array], Any]:
    """Returns ``generate(params, prompt)``, for a prompt int32 [B, prompt].

    It gives, of each step, the likeliest token and its log probability: int32 and
    float32 [B, steps].
    """

    def generate(params: Any, prompt: jax.Array) -> tuple[jax.Array, jax.Array]:
        dtype = jnp.dtype(config.compute_dtype)
        params = jax.tree.map(lambda p: p.astype(dtype), params)
        first, caches = _prefill(config, params, prompt)

        def step(carry: Any, position: jax.Array) -> Any:
            token, caches = carry
            choice, caches = _decode(config, params, token, caches, position)
            return (choice[0], caches), choice

        positions = jnp.arange(config.prompt, config.positions, dtype=jnp.int32)
        _, rest = jax.lax.scan(step, (first[0], caches), positions)
        tokens, log_probs = (
            jnp.concatenate([one[:, None], more.T], axis=1)
            for one, more in zip(first, rest, strict=True)
        )
        return tokens, log_probs

    return generate


def _prefill(config: Config, params: Any, prompt: jax.Array) -> Any:
    """The first token with its log probability, [B] each, and the layers' caches."""
    positions = jnp.arange(config.prompt, dtype=jnp.float32)
    causal = jnp.tril(jnp.ones((config.prompt, config.prompt), bool))
    room = ((0, 0), (0, config.positions - config.prompt), (0, 0))
    x = params["embed"][prompt]
    caches = []
    for p in params["layers"]:
        query, key, value = _project(x, p, positions)
        caches.append(_named(jnp.pad(key, room), jnp.pad(value, room)))
        key, value = partir.tag(key, "prompt_keys"), partir.tag(value, "prompt_values")
        x = _finish(x, _attend(query, key, value, causal), p)
    return _choose(x[:, -1], params["embed"]), caches


def _decode(
    config: Config, params: Any, token: jax.Array, caches: Any, position: jax.Array
) -> Any:
    """The token after ``token`` [B], which is at ``position``; and the caches."""
    seen = (jnp.arange(config.positions) <= position)[None]
    x = params["embed"][token][:, None]
    grown = []
    for p, cache in zip(params["layers"], caches, strict=True):
        query, key, value = _project(x, p, position.astype(jnp.float32)[None])
        cache = _named(
            *(
                jax.lax.dynamic_update_slice(old, new, (0, position, 0))
                for old, new in zip(cache, (key, value), strict=True)
            )
        )
        attended = partir.tag(_attend(query, *cache, seen), "attended")
        x = _finish(x, partir.tag(attended, "output_input"), p)
        grown.append(cache)
    return _choose(x[:, 0], params["embed"]), grown


def _project(x: jax.Array, p: dict[str, jax.Array], positions: jax.Array) -> Any:
    """Query [B, T, H, K], key and value [B, T, K] of T positions."""
    x = partir.tag(rms_norm(x, p["attention_scale"]), "attention_input")
    query = partir.tag(jnp.einsum("btd,dhk->bthk", x, p["query"]), "queries")
    x = partir.tag(x, "key_value_input")
    key = jnp.einsum("btd,dk->btk", x, p["key"])
    value = jnp.einsum("btd,dk->btk", x, p["value"])
    key = jnp.squeeze(rotate(key[:, :, None], positions), 2)
    return rotate(query, positions), key, value


def _named(keys: jax.Array, values: jax.Array) -> Cache:
    return Cache(partir.tag(keys, "keys"), partir.tag(values, "values"))


def _attend(
    query: jax.Array, key: jax.Array, value: jax.Array, mask: jax.Array
) -> jax.Array:
    """Attention [B, T, H, K] to the positions that the mask [T, S] lets through."""
    scores = jnp.einsum("bthk,bsk->bhts", query, key).astype(jnp.float32)
    scores = scores / np.sqrt(query.shape[-1])
    weights = jax.nn.softmax(jnp.where(mask, scores, -1e30), axis=-1)
    return jnp.einsum("bhts,bsk->bthk", weights.astype(query.dtype), value)


def _finish(x: jax.Array, attended: jax.Array, p: dict[str, jax.Array]) -> jax.Array:
    """The rest of a layer; ``x`` [B, T, D] is what it began with."""
    projected = jnp.einsum("bthk,hkd->btd", attended, p["out"])
    x = x + rms_norm(projected, p["attention_out_scale"])
    return x + gpt.mlp(rms_norm(x, p["mlp_scale"]), p)


def _choose(x: jax.Array, embed: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The likeliest token for ``x`` [B, D], and its log probability, [B] each."""
    logits = jnp.einsum("bd,vd->bv", x, embed).astype(jnp.float32)
    log_probs = jax.nn.log_softmax(logits)
    return jnp.argmax(logits, axis=-1).astype(jnp.int32), jnp.max(log_probs, axis=-1)
