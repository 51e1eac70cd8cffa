# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tactics for the train step of ``gns.py``, as a user would write them; their laws.

The mesh has an axis "E" for the edges and an axis "M" for the model. ES tiles the edges
and their ends; nodes are whole everywhere. MP is Megatron's layout on pairs of layers
of an MLP: the first makes tiled columns, the second takes them in; the last layer of an
odd number is whole.

There is no BP. Graphs that are batched are one graph, their disjoint union, and no dim
of it is a batch: that a chunk of the edges only has ends in a chunk of the nodes is
known to the data, not to the program. ES tiles such a union as it tiles any graph.
"""

import re
from collections.abc import Mapping
from typing import Any

import partir
from benchmarks.models import gns
from benchmarks.models.gns import Config
from benchmarks.models.model import Model

#: Schedules by name, each a list of names of tactics.
SCHEDULES = {"ES": ["ES"], "MP": ["MP"], "ES+MP": ["ES", "MP"]}


def tactics(config: Config) -> dict[str, partir.ManualPartition]:
    """ES and MP."""

    def megatron(path: str, aval: Any) -> Any:
        layer = re.search(r"layers\.(\d+)\.kernel$", path)
        if layer is None or int(layer[1]) >= 2 * (config.layers // 2):
            return partir.UNKNOWN
        return 1 - int(layer[1]) % 2

    edges = dict.fromkeys(("graph.edges", "graph.senders", "graph.receivers"), 0)
    return {
        "ES": partir.ManualPartition(inputs=edges, axis="E", name="ES"),
        "MP": partir.ManualPartition(inputs={"params": megatron}, axis="M", name="MP"),
    }


def laws(config: Config) -> dict[str, dict[str, int]]:
    """Per schedule the collectives of a step, by kind; a kind that is absent has none.

    With L steps, and MLPs of n layers, which with a norm are 2n + 2 tensors:

    ES: the edge MLPs, L and the encoder, see a chunk of the edges, so their gradients
      are partial sums: (L + 1)(2n + 2) all_reduce. A step sums messages into nodes, and
      in the backward pass the gradients of the edges' ends; those of senders and of
      receivers are added before they are reduced. That is 2L all_reduce more. All that
      nodes do, the loss included, is whole.
    MP: there are 2L + 3 MLPs of n // 2 pairs. A pair reduces what its second layer
      gives, and in the backward pass the gradient of what its first one takes in, but
      that the first pairs of the encoders take in features, which need no gradient:
      2(2L + 3)(n // 2) - 2 all_reduce.
    ES+MP: the sum of both.

    The paper counts 423 for edge sharding with 24 steps; with n = 6 we have 398. There
    are 25 edge MLPs, and 423 = 25 * 15 + 2 * 24: our law, if theirs have 15 tensors
    each. With 14 as here it would be three reductions a step, senders and receivers
    reduced apart, and one more: 25 * 14 + 3 * 24 + 1.
    """
    steps = config.steps
    edges = (steps + 1) * (2 * config.layers + 2) + 2 * steps
    model_parallel = 2 * (2 * steps + 3) * (config.layers // 2) - 2
    return {
        "ES": {"all_reduce": edges},
        "MP": {"all_reduce": model_parallel},
        "ES+MP": {"all_reduce": edges + model_parallel},
    }


FULL = Config(
    steps=24,
    layers=6,
    hidden=1024,
    latent=512,
    nodes=2048,
    edges=65536,
    compute_dtype="bfloat16",
)
#: The same at the size that runs on 8 virtual devices.
SMALL = Config(steps=2, layers=3, hidden=32, latent=16, nodes=32, edges=64)


def graph_simulator(size: str) -> Model:
    """The simulator on 16x2 devices, or its small form on 4x2."""
    if size == "full":
        return model(FULL, {"E": 16, "M": 2})
    return model(SMALL, {"E": 4, "M": 2})


def model(config: Config, mesh: Mapping[str, int]) -> Model:
    """The train step of this configuration."""
    return Model(
        name="GNS",
        function=gns.make_train_step(config),
        arguments=gns.shapes(config),
        make_arguments=lambda: gns.init(config),
        tactics=tactics(config),
        schedules=SCHEDULES,
        mesh=mesh,
        carry={"params": 0, "opt_state": 1},
        laws=laws(config),
    )
