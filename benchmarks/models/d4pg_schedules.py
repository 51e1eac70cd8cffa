# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tactics for the D4PG learner step of ``d4pg.py``, as a user would write them.

The mesh has an axis "B" for the batch and an axis "M" for the hidden layers.
"""

from collections.abc import Mapping
from typing import Any

import jax

import partir
from benchmarks.models import d4pg, zero
from benchmarks.models.d4pg import Config
from benchmarks.models.model import Model
from benchmarks.models.parameters import leaf_name

#: Schedules by name, each a list of names of tactics.
SCHEDULES = {
    "BP": ["BP"],
    "MP": ["MP"],
    "BP+MP": ["BP", "MP"],
    "BP+Z3": ["BP", "Z3"],
}


def _alternate(path: str, aval: Any) -> Any:
    """Kernels are tiled on what they make, then on what they contract, in turns."""
    if leaf_name(path) != "kernel":
        return partir.UNKNOWN
    layer = int(path.split(".")[-2])
    return 1 - layer % 2


TACTICS = {
    "BP": partir.ManualPartition(inputs={"batch": 0}, axis="B", name="BP"),
    "MP": partir.ManualPartition(
        inputs={"params": _alternate, "targets": _alternate}, axis="M", name="MP"
    ),
    "Z3": partir.ManualPartition(
        inputs=dict.fromkeys(("params", "targets", "opt_state"), zero.kernels),
        axis="B",
        name="Z3",
    ),
}


def laws(config: Config) -> dict[str, dict[str, int]]:
    """The collectives that the model asks for, by schedule and kind.

    BP reduces each gradient, and the two losses.

    MP, where layers come in pairs, reduces what a pair makes, and backward the gradient
    of what a pair is given, where it is needed. Forward there are two networks for the
    target, two for the actor's loss, and the critic alone for its own. Backward the
    actor's loss passes both; observations and actions need no gradient, so the first
    layer of the actor and, in the critic's own loss, of the critic go without.

    Z3 scatters the gradients of kernels, and gathers a kernel at each of its uses: in
    the passes forward, and backward at those layers whose input needs a gradient.
    """
    params, _, _, _ = d4pg.shapes(config)
    actor, critic = (zero.count_kernels(params[name]) for name in ("actor", "critic"))
    forward = 2 * actor + 3 * critic
    backward = (actor - 1) + (critic - 1) + critic
    sums = len(jax.tree.leaves(params)) + 2
    pairs = forward // 2 + (actor // 2 - 1) + (critic // 2 - 1) + critic // 2
    return {
        "BP": {"all_reduce": sums},
        "MP": {"all_reduce": pairs},
        "BP+MP": {"all_reduce": sums + pairs},
        "BP+Z3": {
            "all_gather": forward + backward,
            "reduce_scatter": actor + critic,
            "all_reduce": sums - actor - critic,
        },
    }


FULL = Config()
SMALL = Config(
    observation=12,
    action=4,
    actor=(16, 16, 16),
    critic=(32, 32, 16),
    atoms=11,
    lowest=-10.0,
    highest=10.0,
    batch=16,
    target_period=2,
)


def d4pg_learner(size: str) -> Model:
    """The D4PG learner, 16 examples a replica, or its small form."""
    if size == "full":
        return model(FULL, {"B": 16, "M": 2})
    return model(SMALL, {"B": 4, "M": 2})


def model(config: Config, mesh: Mapping[str, int]) -> Model:
    """The learner step of this configuration."""
    return Model(
        name="D4PG",
        function=d4pg.make_learner_step(config),
        arguments=d4pg.shapes(config),
        make_arguments=lambda: d4pg.init(config),
        tactics=TACTICS,
        schedules=SCHEDULES,
        mesh=mesh,
        laws=laws(config),
        carry={"params": 0, "targets": 1, "opt_state": 2},
    )
