# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tactics for the SN-GAN train step of ``sngan.py``, as a user would write them.

The mesh has one axis "B", for the batch.
"""

from collections.abc import Mapping

import jax

import partir
from benchmarks.models import sngan, zero
from benchmarks.models.model import Model
from benchmarks.models.sngan import Config

#: Schedules by name, each a list of names of tactics.
SCHEDULES = {"BP": ["BP"], "BP+Z2": ["BP", "Z2"], "BP+Z3": ["BP", "Z3"]}

TACTICS = {
    "BP": partir.ManualPartition(inputs={"batch": 0}, axis="B", name="BP"),
    "Z2": partir.ManualPartition(
        inputs={
            "params": partir.REPLICATED,
            "opt_state": zero.kernels,
            # Else the tiles of the gradients pass to power iteration, which has every
            # kernel whole here and needs nothing gathered or reduced.
            "singular": partir.REPLICATED,
        },
        axis="B",
        name="Z2",
    ),
    "Z3": partir.ManualPartition(
        inputs={"params": zero.kernels, "opt_state": zero.kernels}, axis="B", name="Z3"
    ),
}


def laws(config: Config) -> dict[str, dict[str, int]]:
    """The collectives that the model asks for, by schedule and kind.

    BP reduces each gradient, the two losses, and the mean and the mean square of each
    norm in both steps, for both run the generator. Backward, a norm needs two more
    sums over the batch. Of the last one they are the gradients of its scale and offset;
    the others have these for each class, so their two sums are no gradients.

    Under Z2 and Z3 the gradients of kernels are scattered instead. A kernel of the
    discriminator is divided by its norm, so its gradient holds an inner product of
    kernel and gradient, which has to be reduced now. Z2 gathers the updates.

    Z3 gathers a kernel at each of its uses: at each pass forward, and backward where
    the gradient of its input is needed. The discriminator sees real and generated
    images in its own step, whose pixels need no gradient, and generated ones in the
    generator's. Its table of classes is not needed backward, and the generator's first
    kernel is given latents, which need no gradient. Of each kernel of the
    discriminator, power iteration sums the parts of two products, one of them as a
    vector and one in its length, and the norm: three, in both steps.
    """
    params, state, _, _ = sngan.shapes(config)
    statistics = state["statistics"]
    conditional = len(jax.tree.leaves(statistics["blocks"]))
    norms = 2 * len(jax.tree.leaves(statistics)) + conditional
    sums = len(jax.tree.leaves(params)) + norms + 2
    generator, discriminator = (
        zero.count_kernels(params[name]) for name in ("generator", "discriminator")
    )
    kernels = generator + discriminator
    scattered = sums - kernels + discriminator
    of_images = 2  # "conv1" and "shortcut" of the discriminator's first block.
    inner = discriminator - of_images - 1
    gathers = {
        "generator": 2 + 3 * (generator - 1),
        "discriminator": 6 * inner + 4 * of_images + 3,
    }
    return {
        "BP": {"all_reduce": sums},
        "BP+Z2": {
            "all_gather": kernels,
            "reduce_scatter": kernels,
            "all_reduce": scattered,
        },
        "BP+Z3": {
            "all_gather": sum(gathers.values()),
            "reduce_scatter": kernels,
            "all_reduce": scattered + 6 * discriminator,
        },
    }


FULL = Config()
#: Smooth, so that rounding cannot flip the slope of what is near zero.
SMALL = Config(
    generator=(16, 8),
    discriminator=(8, 16, 16),
    latent=8,
    classes=12,
    batch=8,
    activation=jax.nn.elu,
)


def sngan128(size: str) -> Model:
    """SN-GAN of 128x128 images, 16 a replica, or its small form."""
    if size == "full":
        return model(FULL, {"B": 32})
    return model(SMALL, {"B": 8})


def model(config: Config, mesh: Mapping[str, int]) -> Model:
    """The train step of this configuration."""
    return Model(
        name="SNGAN",
        function=sngan.make_train_step(config),
        arguments=sngan.shapes(config),
        make_arguments=lambda: sngan.init(config),
        tactics=TACTICS,
        schedules=SCHEDULES,
        mesh=mesh,
        laws=laws(config),
        carry={"params": 0, "state": 1, "opt_state": 2},
    )
