# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A train step of a diffusion U-Net in plain JAX. Nothing here is parallel.

The layout of Ho et al., arXiv 2006.11239: at each of the levels ``blocks`` residual
blocks on the way down and one more on the way up, two in the middle; self-attention
after the blocks of the levels in ``attention_levels`` and between the middle two; each
output on the way down is concatenated to the input of a block on the way up. The loss
is the mean squared error of the predicted noise, where the noise is an argument.

Activations are [batch, height, width, channels]. Shapes of the parameters, with C and D
the channels into and out of a layer, T = 4 channels the width of the time embedding,
N heads and K = D / N:

    convolution: kernel [3, 3, C, D], bias [D]
    norm: scale [C], bias [C]
    block: norm1, conv1; time {kernel [T, D], bias [D]}; norm2, conv2;
        shortcut {kernel [C, D], bias [D]} where C is not D
    attention: norm; qkv [C, 3, N, K]; out [N, K, C]; bias [C]
    time: first {kernel [channels, T], bias [T]}, second {kernel [T, T], bias [T]}
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.models import adam

Params = dict[str, Any]
#: Makes one parameter of a shape: ("scale" | "bias" | "kernel", shape, fan-in).
Maker = Callable[[str, tuple[int, ...], int], Any]


@dataclasses.dataclass(frozen=True)
class Config:
    """Sizes of the model and its optimiser.

    Attributes:
      channels: those of level 0.
      multipliers: per level, its channels over those of level 0. The resolution halves
        from one level to the next.
      blocks: residual blocks a level on the way down.
      attention_levels: the levels whose blocks are followed by self-attention.
      groups: groups of the group norms.
      image: height and width of an image.
      colours: channels of an image.
    """

    channels: int
    multipliers: tuple[int, ...]
    blocks: int
    attention_levels: tuple[int, ...]
    heads: int
    groups: int
    image: int
    batch: int
    colours: int = 3
    compute_dtype: str = "float32"
    optimiser: adam.Adam = dataclasses.field(default_factory=adam.Adam)

    @property
    def levels(self) -> int:
        """How many resolutions there are."""
        return len(self.multipliers)

    @property
    def time_width(self) -> int:
        """Width of the time embedding."""
        return 4 * self.channels


def make_params(config: Config, make: Maker) -> Params:
    """The parameters, each made by ``make``."""
    width, time = config.channels, config.time_width
    params: Params = {
        "time": {
            "first": _linear(make, width, time),
            "second": _linear(make, time, time),
        },
        "input": _convolution(make, config.colours, width),
    }
    skips = [width]

    def stage(level: int, width: int) -> tuple[Params, int]:
        out = config.channels * config.multipliers[level]
        made = {"block": _block_params(make, width, out, time)}
        if level in config.attention_levels:
            made["attention"] = _attention_params(make, config.heads, out)
        return made, out

    params["down"] = []
    for level in range(config.levels):
        stages = []
        for _ in range(config.blocks):
            made, width = stage(level, width)
            stages.append(made)
            skips.append(width)
        params["down"].append({"stages": stages})
        if level < config.levels - 1:
            params["down"][-1]["resample"] = _convolution(make, width, width)
            skips.append(width)
    params["middle"] = {
        "first": _block_params(make, width, width, time),
        "attention": _attention_params(make, config.heads, width),
        "second": _block_params(make, width, width, time),
    }
    params["up"] = []
    for level in reversed(range(config.levels)):
        stages = []
        for _ in range(config.blocks + 1):
            made, width = stage(level, width + skips.pop())
            stages.append(made)
        params["up"].append({"stages": stages})
        if level > 0:
            params["up"][-1]["resample"] = _convolution(make, width, width)
    params["norm"] = _norm_params(make, width)
    params["output"] = _convolution(make, width, config.colours)
    return params


def _linear(make: Maker, c: int, d: int) -> Params:
    return {"kernel": make("kernel", (c, d), c), "bias": make("bias", (d,), c)}


def _convolution(make: Maker, c: int, d: int) -> Params:
    kernel = make("kernel", (3, 3, c, d), 9 * c)
    return {"kernel": kernel, "bias": make("bias", (d,), 9 * c)}


def _norm_params(make: Maker, c: int) -> Params:
    return {"scale": make("scale", (c,), 1), "bias": make("bias", (c,), 1)}


def _block_params(make: Maker, c: int, d: int, time: int) -> Params:
    params = {
        "norm1": _norm_params(make, c),
        "conv1": _convolution(make, c, d),
        "time": _linear(make, time, d),
        "norm2": _norm_params(make, d),
        "conv2": _convolution(make, d, d),
    }
    if c != d:
        params["shortcut"] = _linear(make, c, d)
    return params


def _attention_params(make: Maker, heads: int, c: int) -> Params:
    return {
        "norm": _norm_params(make, c),
        "qkv": make("kernel", (c, 3, heads, c // heads), c),
        "out": make("kernel", (heads, c // heads, c), c),
        "bias": make("bias", (c,), c),
    }


def init(config: Config, seed: int = 0) -> tuple[Any, Any, Any]:
    """(params, opt_state, batch), the arguments of the train step, as host arrays."""
    rng = np.random.default_rng(seed)

    def make(kind: str, shape: tuple[int, ...], fan_in: int) -> np.ndarray:
        values = rng.standard_normal(shape).astype(np.float32)
        if kind == "kernel":
            return values / np.float32(np.sqrt(fan_in))
        return np.float32(kind == "scale") + np.float32(0.1) * values

    params = make_params(config, make)
    images = (config.batch, config.image, config.image, config.colours)
    batch = {
        "images": rng.standard_normal(images).astype(np.float32),
        "noise": rng.standard_normal(images).astype(np.float32),
        "time": rng.random(config.batch).astype(np.float32),
    }
    return params, adam.init(params), batch


def shapes(config: Config) -> tuple[Any, Any, Any]:
    """(params, opt_state, batch) as ``ShapeDtypeStruct``; makes no array."""

    def struct(*shape: int) -> Any:
        return jax.ShapeDtypeStruct(shape, np.float32)

    params = make_params(config, lambda kind, shape, fan_in: struct(*shape))
    images = struct(config.batch, config.image, config.image, config.colours)
    batch = {"images": images, "noise": images, "time": struct(config.batch)}
    return params, adam.shapes(params), batch


def make_train_step(config: Config) -> Any:
    """Returns ``train_step(params, opt_state, batch)``.

    It gives the new parameters, the new optimiser state, and the loss.
    """

    def train_step(params: Any, opt_state: Any, batch: Any) -> Any:
        loss, grads = jax.value_and_grad(functools.partial(loss_fn, config))(
            params, batch
        )
        params, opt_state = config.optimiser.update(params, opt_state, grads)
        return params, opt_state, loss

    return train_step


def loss_fn(config: Config, params: Params, batch: Any) -> jax.Array:
    """Mean squared error of the predicted noise; a float32 scalar.

    ``batch`` has images and noise [batch, image, image, colours], and times in [0, 1)
    [batch]. What is denoised at time t is cos(t pi/2) image + sin(t pi/2) noise.
    """
    angle = (batch["time"] * (np.pi / 2))[:, None, None, None]
    noisy = jnp.cos(angle) * batch["images"] + jnp.sin(angle) * batch["noise"]
    predicted = predict(config, params, noisy, batch["time"])
    return jnp.mean((predicted - batch["noise"]) ** 2)


def predict(
    config: Config, params: Params, images: jax.Array, time: jax.Array
) -> jax.Array:
    """The noise in images [batch, height, width, colours] at times [batch]; float32."""
    dtype = jnp.dtype(config.compute_dtype)
    params = jax.tree.map(lambda p: p.astype(dtype), params)
    embedding = _embed_time(config, params["time"], time).astype(dtype)

    def stage(p: Params, x: jax.Array) -> jax.Array:
        x = _block(config, p["block"], x, embedding)
        return _attention(config, p["attention"], x) if "attention" in p else x

    x = _convolve(params["input"], images.astype(dtype))
    skips = [x]
    for level in params["down"]:
        for p in level["stages"]:
            x = stage(p, x)
            skips.append(x)
        if "resample" in level:
            x = _convolve(level["resample"], x, stride=2)
            skips.append(x)
    middle = params["middle"]
    x = _block(config, middle["first"], x, embedding)
    x = _attention(config, middle["attention"], x)
    x = _block(config, middle["second"], x, embedding)
    for level in params["up"]:
        for p in level["stages"]:
            x = stage(p, jnp.concatenate([x, skips.pop()], axis=-1))
        if "resample" in level:
            x = _convolve(level["resample"], _double(x))
    x = jax.nn.silu(_group_norm(config, params["norm"], x))
    return _convolve(params["output"], x).astype(jnp.float32)


def _embed_time(config: Config, p: Params, time: jax.Array) -> jax.Array:
    """The embedding of times [batch] in [0, 1): [batch, T]."""
    half = config.channels // 2
    rates = 1000.0 * 10000.0 ** (-np.arange(half, dtype=np.float32) / half)
    angles = time[:, None] * rates
    waves = jnp.concatenate([jnp.sin(angles), jnp.cos(angles)], axis=-1)
    dtype = p["first"]["kernel"].dtype
    hidden = jax.nn.silu(_apply(p["first"], waves.astype(dtype)))
    return jax.nn.silu(_apply(p["second"], hidden))


def _apply(p: Params, x: jax.Array) -> jax.Array:
    """A linear layer on the last dim."""
    return x @ p["kernel"] + p["bias"]


def _convolve(p: Params, x: jax.Array, stride: int = 1) -> jax.Array:
    y = jax.lax.conv_general_dilated(
        x,
        p["kernel"],
        window_strides=(stride, stride),
        padding="SAME",
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )
    return y + p["bias"]


def _double(x: jax.Array) -> jax.Array:
    """Each pixel four times: twice the height, twice the width."""
    batch, height, width, channels = x.shape
    wide = x[:, :, None, :, None, :]
    wide = jnp.broadcast_to(wide, (batch, height, 2, width, 2, channels))
    return wide.reshape(batch, 2 * height, 2 * width, channels)


def _group_norm(config: Config, p: Params, x: jax.Array) -> jax.Array:
    """Over height, width and the channels of a group; statistics in float32."""
    batch, height, width, channels = x.shape
    shape = (batch, height, width, config.groups, channels // config.groups)
    wide = x.astype(jnp.float32).reshape(shape)
    mean = jnp.mean(wide, axis=(1, 2, 4), keepdims=True)
    centred = wide - mean
    variance = jnp.mean(centred * centred, axis=(1, 2, 4), keepdims=True)
    normal = centred * jax.lax.rsqrt(variance + 1e-6)
    return normal.reshape(x.shape).astype(x.dtype) * p["scale"] + p["bias"]


def _block(config: Config, p: Params, x: jax.Array, embedding: jax.Array) -> jax.Array:
    """A residual block; the time comes in between its convolutions."""
    hidden = _convolve(p["conv1"], jax.nn.silu(_group_norm(config, p["norm1"], x)))
    hidden = hidden + _apply(p["time"], embedding)[:, None, None, :]
    hidden = jax.nn.silu(_group_norm(config, p["norm2"], hidden))
    hidden = _convolve(p["conv2"], hidden)
    return hidden + (_apply(p["shortcut"], x) if "shortcut" in p else x)


def _attention(config: Config, p: Params, x: jax.Array) -> jax.Array:
    """Self-attention over all pixels; inside, values are [batch, pixels, N, K]."""
    batch, height, width, channels = x.shape
    pixels = _group_norm(config, p["norm"], x).reshape(batch, height * width, channels)
    qkv = jnp.einsum("bpc,ctnk->bptnk", pixels, p["qkv"])
    query, key, value = (jnp.squeeze(t, 2) for t in jnp.split(qkv, 3, axis=2))
    scores = jnp.einsum("bqnk,bpnk->bnqp", query, key).astype(jnp.float32)
    scores = scores / np.sqrt(channels // config.heads)
    weights = jax.nn.softmax(scores, axis=-1).astype(x.dtype)
    mixed = jnp.einsum("bnqp,bpnk->bqnk", weights, value)
    out = jnp.einsum("bpnk,nkc->bpc", mixed, p["out"]) + p["bias"]
    return x + out.reshape(x.shape)
