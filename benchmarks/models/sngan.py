# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A train step of a class-conditional SN-GAN in plain JAX, for both its networks.

Spectral normalisation of the discriminator is by Miyato et al., arXiv 1802.05957; its
projection of the class, and the residual networks, by Miyato and Koyama, arXiv
1802.05637. The discriminator takes a step of Adam on the hinge loss, then the generator
takes one against the new discriminator.

With a block's channels C to D, N classes, latents of size Z, a first image of S x S,
and an affine layer "kernel" [..., out] and "bias" [out]:

    params.generator
      input: "kernel" [Z, S, S, C], "bias" [S, S, C]
      blocks: a list, each doubling the image: "norm1" [N, C] and "norm2" [N, D], both
        "scale" and "offset"; "conv1" 3x3, C to D; "conv2" 3x3, D to D; "shortcut" 1x1,
        C to D
      norm: "scale" and "offset" [D]
      output: 3x3, D to 3
    params.discriminator
      blocks: a list, all but the last halving the image: "conv1" 3x3, C to C, in the
        first C to D; "conv2" 3x3, to D; in all but the last "shortcut" 1x1, C to D
      output: D to 1
      classes: "kernel" [N, D]
    state.statistics: "mean" and "variance" [C] of each of the generator's norms
    state.singular: for each kernel of the discriminator the estimate of its right
      singular vector [out]
    batch: "images" [batch, size, size, 3] in [-1, 1] and "labels" [batch], int32; for
      the step of each network "latents" [batch, Z] and "generated_labels" [batch]
"""

import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import partir
from benchmarks.models import adam, parameters
from benchmarks.models.layers import batch_norm, convolve
from benchmarks.models.parameters import struct

#: In the order of their steps.
NETWORKS = ("discriminator", "generator")


@dataclasses.dataclass(frozen=True)
class Config:
    """Sizes of the networks and their optimisers; the default is 128x128 ImageNet.

    Attributes:
      generator: channels of the first image, then those that each block makes.
      discriminator: channels that each block makes; the last two are one number.
      activation: between the layers.
    """

    generator: tuple[int, ...] = (1024, 1024, 512, 256, 128, 64)
    discriminator: tuple[int, ...] = (64, 128, 256, 512, 1024, 1024)
    first_image: int = 4
    latent: int = 128
    classes: int = 1000
    batch: int = 512
    activation: Callable[[jax.Array], jax.Array] = jax.nn.relu
    optimiser: adam.Adam = dataclasses.field(
        default_factory=lambda: adam.Adam(learning_rate=2e-4, beta1=0.0, beta2=0.9)
    )

    @property
    def image(self) -> int:
        """The size of an image."""
        return self.first_image * 2 ** (len(self.generator) - 1)


def shapes(config: Config) -> tuple[Any, Any, Any, Any]:
    """The train step's arguments as ``ShapeDtypeStruct``; makes no array."""
    params = {
        "discriminator": _discriminator_shapes(config),
        "generator": _generator_shapes(config),
    }
    state = {
        "statistics": _statistics(params["generator"], struct, struct),
        "singular": jax.tree.map(
            lambda affine: struct(affine["kernel"].shape[-1]),
            params["discriminator"],
            is_leaf=_is_affine,
        ),
    }
    labels = struct(config.batch, dtype=np.int32)
    generated = {
        "latents": struct(config.batch, config.latent),
        "generated_labels": labels,
    }
    batch = {
        "images": struct(config.batch, config.image, config.image, 3),
        "labels": labels,
        **dict.fromkeys(NETWORKS, generated),
    }
    return params, state, {name: adam.shapes(params[name]) for name in NETWORKS}, batch


def init(config: Config, seed: int = 0) -> tuple[Any, Any, Any, Any]:
    """The train step's arguments, random, as host arrays."""
    rng = np.random.default_rng(seed)
    param_shapes, state, _, batch = shapes(config)

    def normal(shape: jax.ShapeDtypeStruct) -> np.ndarray:
        return rng.standard_normal(shape.shape, np.float32)

    def batched(shape: jax.ShapeDtypeStruct) -> np.ndarray:
        if shape.dtype == np.int32:
            return rng.integers(0, config.classes, shape.shape, np.int32)
        return normal(shape)

    params = parameters.init(param_shapes, seed)
    state = {
        "statistics": _statistics(
            params["generator"],
            lambda size: np.zeros(size, np.float32),
            lambda size: np.ones(size, np.float32),
        ),
        "singular": jax.tree.map(normal, state["singular"]),
    }
    batch = jax.tree.map(batched, batch)
    batch["images"] = np.tanh(batch["images"])
    return params, state, {name: adam.init(params[name]) for name in NETWORKS}, batch


def _affine(*shape: int) -> dict[str, Any]:
    return {"kernel": struct(*shape), "bias": struct(shape[-1])}


def _is_affine(tree: Any) -> bool:
    return isinstance(tree, dict) and "kernel" in tree


def _norm(*shape: int) -> dict[str, Any]:
    return {"scale": struct(*shape), "offset": struct(*shape)}


def _generator_shapes(config: Config) -> dict[str, Any]:
    channels, size = config.generator, config.first_image
    blocks = [
        {
            "norm1": _norm(config.classes, given),
            "conv1": {"kernel": struct(3, 3, given, made)},
            "norm2": _norm(config.classes, made),
            "conv2": {"kernel": struct(3, 3, made, made)},
            "shortcut": {"kernel": struct(1, 1, given, made)},
        }
        for given, made in itertools.pairwise(channels)
    ]
    return {
        "input": {
            "kernel": struct(config.latent, size, size, channels[0]),
            "bias": struct(size, size, channels[0]),
        },
        "blocks": blocks,
        "norm": _norm(channels[-1]),
        "output": _affine(3, 3, channels[-1], 3),
    }


def _discriminator_shapes(config: Config) -> dict[str, Any]:
    blocks, given = [], 3
    for number, made in enumerate(config.discriminator):
        between = given if number else made
        block = {
            "conv1": _affine(3, 3, given, between),
            "conv2": _affine(3, 3, between, made),
        }
        if number + 1 < len(config.discriminator):
            block["shortcut"] = _affine(1, 1, given, made)
        blocks.append(block)
        given = made
    return {
        "blocks": blocks,
        "output": _affine(given, 1),
        "classes": {"kernel": struct(config.classes, given)},
    }


def _statistics(
    generator: Any, mean: Callable[[int], Any], variance: Callable[[int], Any]
) -> dict[str, Any]:
    """The tree of the generator's running statistics, each made of its size."""

    def of(norm: Any) -> dict[str, Any]:
        channels = norm["scale"].shape[-1]
        return {"mean": mean(channels), "variance": variance(channels)}

    blocks = [
        {name: of(block[name]) for name in ("norm1", "norm2")}
        for block in generator["blocks"]
    ]
    return {"blocks": blocks, "norm": of(generator["norm"])}


def make_train_step(config: Config) -> Any:
    """Returns ``train_step(params, state, opt_state, batch)``.

    It gives the new parameters, state and optimiser state, and the losses, a dict of
    float32 scalars by the names of the networks.
    """

    def descend(
        name: str, loss_fn: Any, params: Any, state: Any, opt_state: Any, batch: Any
    ) -> Any:
        (loss, state), grads = jax.value_and_grad(
            lambda own: loss_fn(config, {**params, name: own}, state, batch),
            has_aux=True,
        )(params[name])
        own, own_state = config.optimiser.update(params[name], opt_state[name], grads)
        return {**params, name: own}, state, {**opt_state, name: own_state}, loss

    def train_step(params: Any, state: Any, opt_state: Any, batch: Any) -> Any:
        losses = {}
        for name, loss_fn in zip(
            NETWORKS, (discriminator_loss, generator_loss), strict=True
        ):
            params, state, opt_state, losses[name] = descend(
                name, loss_fn, params, state, opt_state, batch
            )
        return params, state, opt_state, losses

    return train_step


def discriminator_loss(
    config: Config, params: Any, state: Any, batch: Any
) -> tuple[jax.Array, Any]:
    """The hinge loss of the discriminator, a scalar; and the state."""
    own = batch["discriminator"]
    fakes, statistics = generate(
        config,
        params["generator"],
        state["statistics"],
        own["latents"],
        own["generated_labels"],
    )
    normalised, singular = normalise(params["discriminator"], state["singular"])
    real = discriminate(config, normalised, batch["images"], batch["labels"])
    fake = discriminate(config, normalised, fakes, own["generated_labels"])
    loss = jnp.mean(jax.nn.relu(1 - real)) + jnp.mean(jax.nn.relu(1 + fake))
    return loss, {"statistics": statistics, "singular": singular}


def generator_loss(
    config: Config, params: Any, state: Any, batch: Any
) -> tuple[jax.Array, Any]:
    """The hinge loss of the generator, a scalar; and the state."""
    own = batch["generator"]
    fakes, statistics = generate(
        config,
        params["generator"],
        state["statistics"],
        own["latents"],
        own["generated_labels"],
    )
    normalised, singular = normalise(params["discriminator"], state["singular"])
    loss = -jnp.mean(discriminate(config, normalised, fakes, own["generated_labels"]))
    return loss, {"statistics": statistics, "singular": singular}


def generate(
    config: Config, p: Any, statistics: Any, latents: jax.Array, labels: jax.Array
) -> tuple[jax.Array, Any]:
    """Images [batch, size, size, 3] of these classes; and the running statistics."""
    new: dict[str, Any] = {"blocks": []}
    x = jnp.tensordot(latents, p["input"]["kernel"], 1) + p["input"]["bias"]
    for block, s in zip(p["blocks"], statistics["blocks"], strict=True):
        x, block_statistics = _generator_block(config, block, s, x, labels)
        new["blocks"].append(block_statistics)
    norm = p["norm"]
    x, new["norm"] = batch_norm(x, norm["scale"], norm["offset"], statistics["norm"])
    return jnp.tanh(_convolve(config.activation(x), p["output"])), new


def _generator_block(
    config: Config, p: Any, statistics: Any, x: jax.Array, labels: jax.Array
) -> tuple[jax.Array, Any]:
    new = {}

    def norm(name: str, x: jax.Array) -> jax.Array:
        scale, offset = p[name]["scale"][labels], p[name]["offset"][labels]
        x, new[name] = batch_norm(x, scale, offset, statistics[name])
        return config.activation(x)

    y = _convolve(_double(norm("norm1", x)), p["conv1"])
    y = _convolve(norm("norm2", y), p["conv2"])
    return _convolve(_double(x), p["shortcut"]) + y, new


def normalise(params: Any, singular: Any) -> tuple[Any, Any]:
    """The discriminator with its kernels divided by their largest singular values.

    A kernel is the matrix from its last dim to the others, which stay apart: merging
    them would lose a tiling of any but the first. One step of power iteration improves
    the estimate of the right singular vector.
    """
    affine, tree = jax.tree.flatten(params, is_leaf=_is_affine)
    pairs = [
        _normalise(p, right)
        for p, right in zip(affine, tree.flatten_up_to(singular), strict=True)
    ]
    made, vectors = zip(*pairs, strict=True)
    return tree.unflatten(made), tree.unflatten(vectors)


def _normalise(p: Any, right: jax.Array) -> tuple[Any, jax.Array]:
    """Values that a schedule may want whole have the tags "kernel" and "singular"."""
    kernel = partir.tag(p["kernel"], "kernel")
    constant = lax.stop_gradient(kernel)
    left = partir.tag(_unit(constant @ right), "singular")
    right = partir.tag(_unit(jnp.tensordot(left, constant, left.ndim)), "singular")
    norm = jnp.sum(left * (kernel @ right))
    return {**p, "kernel": kernel / norm}, right


def _unit(x: jax.Array) -> jax.Array:
    return x * lax.rsqrt(jnp.sum(x * x))


def discriminate(
    config: Config, p: Any, images: jax.Array, labels: jax.Array
) -> jax.Array:
    """A score [batch] of images that are said to be of these classes."""
    x = images
    for number, block in enumerate(p["blocks"]):
        x = _discriminator_block(config, block, x, is_first=number == 0)
    features = jnp.sum(config.activation(x), axis=(1, 2))
    score = features @ p["output"]["kernel"] + p["output"]["bias"]
    return score[:, 0] + jnp.sum(features * p["classes"]["kernel"][labels], axis=-1)


def _discriminator_block(
    config: Config, p: Any, x: jax.Array, is_first: bool
) -> jax.Array:
    """The first block takes the image as it is, without an activation."""
    y = x if is_first else config.activation(x)
    y = _convolve(config.activation(_convolve(y, p["conv1"])), p["conv2"])
    if "shortcut" not in p:
        return x + y
    # A 1x1 convolution and a mean commute; the smaller image comes first.
    return _convolve(_halve(x), p["shortcut"]) + _halve(y)


def _convolve(x: jax.Array, p: Any) -> jax.Array:
    x = convolve(x, p["kernel"])
    return x + p["bias"] if "bias" in p else x


def _double(x: jax.Array) -> jax.Array:
    """Each position four times."""
    return jnp.repeat(jnp.repeat(x, 2, axis=1), 2, axis=2)


def _halve(x: jax.Array) -> jax.Array:
    """The means of 2x2 positions."""
    window = (1, 2, 2, 1)
    return lax.reduce_window(x, 0.0, lax.add, window, window, "VALID") / 4
