# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Layers that the models of images share. Images are [batch, height, width, channels].

Parameters are in float32; a layer computes in the type of its input, and batch
statistics in float32.
"""

import jax
import jax.numpy as jnp
from jax import lax

_EPSILON = 1e-5
_DECAY = 0.9


def convolve(x: jax.Array, kernel: jax.Array, stride: int = 1) -> jax.Array:
    """``x`` and zeros around it; ``kernel`` is [height, width, in, out].

    The result has the size of ``x`` divided by the stride, rounded up.
    """
    return lax.conv_general_dilated(
        x,
        kernel.astype(x.dtype),
        (stride, stride),
        "SAME",
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )


def batch_norm(
    x: jax.Array, scale: jax.Array, offset: jax.Array, running: dict[str, jax.Array]
) -> tuple[jax.Array, dict[str, jax.Array]]:
    """Normalises each channel over the batch and the positions, then scales it.

    Ioffe and Szegedy, arXiv 1502.03167, as training computes it. Written as ``x * a +
    b`` with vectors a and b: the batch then meets four sums of a channel's size and no
    more, of x and its square forward, of b's and a's gradients backward. From these
    follow the gradients of scale, offset, mean and variance.

    Args:
      x: [batch, height, width, C].
      scale: [C], or [batch, C] with one for each example.
      offset: like ``scale``.
      running: the averages that inference uses, "mean" and "variance" [C].

    Returns:
      The normalised ``x``, and ``running`` after this batch.
    """
    wide = x.astype(jnp.float32)
    mean = jnp.mean(wide, axis=(0, 1, 2))
    variance = jnp.mean(wide * wide, axis=(0, 1, 2)) - mean * mean
    a = scale * lax.rsqrt(variance + _EPSILON)
    b = offset - mean * a
    a, b = (v.reshape(-1, 1, 1, v.shape[-1]) for v in (a, b))
    batch = {"mean": mean, "variance": variance}
    running = {
        name: _DECAY * running[name] + (1 - _DECAY) * lax.stop_gradient(batch[name])
        for name in batch
    }
    return (wide * a + b).astype(x.dtype), running
