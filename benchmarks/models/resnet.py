# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A train step of a residual network in plain JAX: forward, backward, momentum.

He et al., arXiv 1512.03385, with bottleneck blocks, in the form called v1.5: a block
that halves the image does so in its 3x3 convolution. The loss is the cross entropy of
the labels. Batch norm takes its statistics from the whole batch.

A *unit* is a convolution and its batch norm: "kernel" [height, width, in, out],
"scale" and "offset" [out], and the running statistics "mean" and "variance" [out].
With W the width of a stage, which doubles from stage to stage, and C the channels that
a block is given:

    stem: a unit 7x7, from 3 channels to the first W
    blocks: a list of units: "reduce" 1x1, C to W; "spatial" 3x3, W to W; "expand" 1x1,
      W to 4 W; in the first block of a stage also "shortcut" 1x1, C to 4 W
    classifier: "kernel" [4 W, classes], "bias" [classes]

The batch is "images" [batch, size, size, 3], float32, and "labels" [batch], int32.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.models import momentum, parameters
from benchmarks.models.layers import batch_norm, convolve
from benchmarks.models.parameters import struct


@dataclasses.dataclass(frozen=True)
class Config:
    """Sizes of the model and its optimiser; the default is ResNet-50 on ImageNet."""

    stages: tuple[int, ...] = (3, 4, 6, 3)
    width: int = 64
    classes: int = 1000
    image: int = 224
    batch: int = 1024
    compute_dtype: str = "bfloat16"
    activation: Callable[[jax.Array], jax.Array] = jax.nn.relu
    optimiser: momentum.Momentum = dataclasses.field(default_factory=momentum.Momentum)

    @property
    def blocks(self) -> list["Block"]:
        """The blocks in order."""
        blocks, given = [], self.width
        for stage, count in enumerate(self.stages):
            width = self.width * 2**stage
            for block in range(count):
                first = block == 0
                blocks.append(Block(given, width, 2 if first and stage else 1, first))
                given = 4 * width
        return blocks


class Block(NamedTuple):
    """A bottleneck block: channels given, width, stride, if it projects its input."""

    given: int
    width: int
    stride: int
    projects: bool

    def kernels(self) -> dict[str, tuple[int, ...]]:
        """The shapes of its kernels by the names of their units."""
        shapes = {
            "reduce": (1, 1, self.given, self.width),
            "spatial": (3, 3, self.width, self.width),
            "expand": (1, 1, self.width, 4 * self.width),
        }
        if self.projects:
            shapes["shortcut"] = (1, 1, self.given, 4 * self.width)
        return shapes


def _units(config: Config, make: Callable[[tuple[int, ...]], Any]) -> dict[str, Any]:
    """The tree of units, each what ``make`` gives for the shape of its kernel."""
    return {
        "stem": make((7, 7, 3, config.width)),
        "blocks": [
            {name: make(shape) for name, shape in block.kernels().items()}
            for block in config.blocks
        ],
    }


def shapes(config: Config) -> tuple[Any, Any, Any, Any]:
    """The train step's arguments as ``ShapeDtypeStruct``; makes no array."""

    def unit(kernel: tuple[int, ...]) -> dict[str, Any]:
        channels = struct(kernel[-1])
        return {"kernel": struct(*kernel), "scale": channels, "offset": channels}

    def statistics(kernel: tuple[int, ...]) -> dict[str, Any]:
        return dict.fromkeys(("mean", "variance"), struct(kernel[-1]))

    params = _units(config, unit)
    params["classifier"] = {
        "kernel": struct(4 * config.blocks[-1].width, config.classes),
        "bias": struct(config.classes),
    }
    batch = {
        "images": struct(config.batch, config.image, config.image, 3),
        "labels": struct(config.batch, dtype=np.int32),
    }
    return params, _units(config, statistics), params, batch


def init(config: Config, seed: int = 0) -> tuple[Any, Any, Any, Any]:
    """The train step's arguments, random, as host arrays."""
    rng = np.random.default_rng(seed)
    param_shapes, _, _, batch = shapes(config)
    params = parameters.init(param_shapes, seed)

    def statistics(kernel: tuple[int, ...]) -> dict[str, np.ndarray]:
        zeros, ones = (f(kernel[-1], np.float32) for f in (np.zeros, np.ones))
        return {"mean": zeros, "variance": ones}

    made = {
        "images": rng.standard_normal(batch["images"].shape, np.float32),
        "labels": rng.integers(0, config.classes, config.batch, np.int32),
    }
    return params, _units(config, statistics), momentum.init(params), made


def make_train_step(config: Config) -> Any:
    """Returns ``train_step(params, statistics, velocity, batch)``.

    It gives the new parameters, running statistics and velocity, and the loss.
    """

    def train_step(params: Any, statistics: Any, velocity: Any, batch: Any) -> Any:
        (loss, statistics), grads = jax.value_and_grad(
            functools.partial(loss_fn, config), has_aux=True
        )(params, statistics, batch)
        params, velocity = config.optimiser.update(params, velocity, grads)
        return params, statistics, velocity, loss

    return train_step


def loss_fn(
    config: Config, params: Any, statistics: Any, batch: Any
) -> tuple[jax.Array, Any]:
    """Mean cross entropy, in nats, a float32 scalar; and the running statistics."""
    new: dict[str, Any] = {"blocks": []}
    x = batch["images"].astype(config.compute_dtype)
    x, new["stem"] = _unit(x, params["stem"], statistics["stem"], 2)
    x = _max_pool(config.activation(x))
    for block, p, s in zip(
        config.blocks, params["blocks"], statistics["blocks"], strict=True
    ):
        x, block_statistics = _block(config, block, x, p, s)
        new["blocks"].append(block_statistics)
    features = jnp.mean(x.astype(jnp.float32), axis=(1, 2))
    classifier = params["classifier"]
    log_probs = jax.nn.log_softmax(features @ classifier["kernel"] + classifier["bias"])
    picked = jnp.take_along_axis(log_probs, batch["labels"][:, None], axis=-1)
    return -jnp.mean(picked), new


def _block(
    config: Config, block: Block, x: jax.Array, p: Any, s: Any
) -> tuple[jax.Array, Any]:
    """``x`` is [batch, height, width, channels given]."""
    new = {}
    y, new["reduce"] = _unit(x, p["reduce"], s["reduce"])
    y, new["spatial"] = _unit(
        config.activation(y), p["spatial"], s["spatial"], block.stride
    )
    y, new["expand"] = _unit(config.activation(y), p["expand"], s["expand"])
    if block.projects:
        x, new["shortcut"] = _unit(x, p["shortcut"], s["shortcut"], block.stride)
    return config.activation(x + y), new


def _unit(x: jax.Array, p: Any, s: Any, stride: int = 1) -> tuple[jax.Array, Any]:
    return batch_norm(convolve(x, p["kernel"], stride), p["scale"], p["offset"], s)


def _max_pool(x: jax.Array) -> jax.Array:
    """The largest of 3x3, at every other position."""
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 3, 3, 1), (1, 2, 2, 1), "SAME")
