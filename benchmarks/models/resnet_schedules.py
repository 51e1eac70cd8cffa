# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tactics for the ResNet train step of ``resnet.py``, as a user would write them.

The mesh has an axis "B" for the batch and an axis "M" for the channels.
"""

import dataclasses
from typing import Any

import jax

import partir
from benchmarks.models import resnet, zero
from benchmarks.models.model import Model
from benchmarks.models.resnet import Config

#: Schedules by name, each a list of names of tactics.
SCHEDULES = {
    "BP": ["BP"],
    "BP+MP": ["BP", "MP"],
    "BP+Z2": ["BP", "Z2"],
    "BP+Z3": ["BP", "Z3"],
}


def _channels(path: str, aval: Any) -> Any:
    """The 3x3 convolution makes channels on M; "expand", after it, contracts them."""
    return 3 if path.endswith("spatial.kernel") else partir.UNKNOWN


TACTICS = {
    "BP": partir.ManualPartition(inputs={"batch": 0}, axis="B", name="BP"),
    "MP": partir.ManualPartition(inputs={"params": _channels}, axis="M", name="MP"),
    "Z2": partir.ManualPartition(
        inputs={"params": partir.REPLICATED, "velocity": zero.kernels},
        axis="B",
        name="Z2",
    ),
    "Z3": partir.ManualPartition(
        inputs={"params": zero.kernels, "velocity": zero.kernels}, axis="B", name="Z3"
    ),
}


def laws(config: Config) -> dict[str, dict[str, int]]:
    """The collectives that the model asks for, by schedule and kind.

    BP reduces each gradient once, batch norm's mean and mean square, and the loss. The
    backward pass of batch norm needs two more sums, and these are the gradients of its
    scale and offset.

    MP reduces, in each block, what "expand" makes, and backward the gradient of what
    "spatial" is given; there is no other contraction of the tiled channels.

    Under Z2 and Z3 the gradients of kernels are scattered instead. Z2 gathers the
    updates; Z3 gathers each kernel forward, and again for the gradient of its input,
    which the stem's does not need.
    """
    params, statistics, _, _ = resnet.shapes(config)
    sums = len(jax.tree.leaves((params, statistics))) + 1
    kernels = zero.count_kernels(params)
    scattered = {"reduce_scatter": kernels, "all_reduce": sums - kernels}
    return {
        "BP": {"all_reduce": sums},
        "BP+MP": {"all_reduce": sums + 2 * len(config.blocks)},
        "BP+Z2": {"all_gather": kernels, **scattered},
        "BP+Z3": {"all_gather": 2 * kernels - 1, **scattered},
    }


FULL = Config()
#: Smooth, so that rounding cannot flip the slope of what is near zero.
SMALL = Config(
    stages=(1, 2),
    width=8,
    classes=16,
    image=16,
    batch=16,
    compute_dtype="float32",
    activation=jax.nn.elu,
)


def model(config: Config) -> Model:
    """The train step of this configuration."""
    return Model(
        name="ResNet50",
        function=resnet.make_train_step(config),
        arguments=resnet.shapes(config),
        make_arguments=lambda: resnet.init(config),
        tactics=TACTICS,
        schedules=SCHEDULES,
        mesh={"B": 4, "M": 2},
        laws=laws(config),
        carry={"params": 0, "statistics": 1, "velocity": 2},
        # The next norm removes most of a shift, so the gradients of offsets are small
        # differences of large sums.
        tolerance=1e-4,
    )


def resnet50(size: str) -> Model:
    """ResNet-50, 32 images a replica, or its small form."""
    if size == "full":
        return dataclasses.replace(model(FULL), mesh={"B": 32, "M": 2})
    return model(SMALL)
