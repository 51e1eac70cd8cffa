# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the transformers of this folder share, in plain JAX."""

import jax
import jax.numpy as jnp
import numpy as np


def rms_norm(x: jax.Array, scale: jax.Array) -> jax.Array:
    """Divides by the root of the mean square over the last dim, in float32.

    Source: Zhang and Sennrich, arXiv 1910.07467; ``scale`` is [D] for x [..., D].
    """
    wide = x.astype(jnp.float32)
    inverse = jax.lax.rsqrt(jnp.mean(wide * wide, axis=-1, keepdims=True) + 1e-6)
    return (wide * inverse).astype(x.dtype) * scale


def rotate(x: jax.Array, positions: jax.Array) -> jax.Array:
    """Rotary positions: turns the pairs (i, i + K/2) of [batch, sequence, H, K].

    ``positions`` is float32 [sequence]. Source: Su et al., arXiv 2104.09864.
    """
    dim = x.shape[3]
    rates = 10000.0 ** (-jnp.arange(0, dim, 2, dtype=jnp.float32) / dim)
    angles = positions[:, None] * rates
    cos = jnp.cos(angles)[:, None, :].astype(x.dtype)
    sin = jnp.sin(angles)[:, None, :].astype(x.dtype)
    a, b = jnp.split(x, 2, axis=-1)
    return jnp.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


def attend(query: jax.Array, key: jax.Array, value: jax.Array) -> jax.Array:
    """Causal softmax attention of values [batch, sequence, H, K]."""
    scores = jnp.einsum("bqhk,bshk->bhqs", query, key).astype(jnp.float32)
    scores = scores / np.sqrt(query.shape[-1])
    length = query.shape[1]
    causal = jnp.tril(jnp.ones((length, length), bool))
    weights = jax.nn.softmax(jnp.where(causal, scores, -1e30), axis=-1)
    return jnp.einsum("bhqs,bshk->bqhk", weights.astype(query.dtype), value)
