# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""PartIR: partition JAX functions over a device mesh by a schedule of tactics.

The model stays as it is; a schedule, an ordered list of tactics, says how its
inputs (and values named with :func:`tag`) are laid out over the axes of a mesh.

    BP = partir.ManualPartition(inputs={"batch": 0}, axis="B", name="BP")
    step = partir.jit(train_step, mesh=mesh, schedule=[BP])
"""

import os

from jax.extend import source_info_util

from partir._automatic import FoundDecision, Search
from partir._calibrate import calibrate
from partir._estimate import Buffer, Estimate, Event
from partir._explain import (
    AxisExplanation,
    Decision,
    Explanation,
    ValueExplanation,
)
from partir._fit import Saving
from partir._jit import Wrapped, jit
from partir._lowered import Compiled, Lowered
from partir._partir import PartirError
from partir._report import (
    Action,
    Candidate,
    Collective,
    Collectives,
    Conflict,
    Stop,
    TacticReport,
    Total,
)
from partir._rules import register_rule
from partir._shardings import Shardings, shardings
from partir._suggest import Suggestion
from partir._tactic import (
    FIRST_DIVISIBLE_DIM,
    REPLICATED,
    UNKNOWN,
    AutomaticPartition,
    ManualPartition,
    Merged,
    first_divisible_dim,
)
from partir._tag import tag

# A tag is where the user calls it, not where it is bound.
source_info_util.register_exclusion(os.path.dirname(__file__) + os.sep)

__all__ = [
    "FIRST_DIVISIBLE_DIM",
    "REPLICATED",
    "UNKNOWN",
    "Action",
    "AutomaticPartition",
    "AxisExplanation",
    "Buffer",
    "Candidate",
    "Collective",
    "Collectives",
    "Compiled",
    "Conflict",
    "Decision",
    "Estimate",
    "Event",
    "Explanation",
    "FoundDecision",
    "Lowered",
    "ManualPartition",
    "Merged",
    "PartirError",
    "Saving",
    "Search",
    "Shardings",
    "Stop",
    "Suggestion",
    "TacticReport",
    "Total",
    "ValueExplanation",
    "Wrapped",
    "calibrate",
    "first_divisible_dim",
    "jit",
    "register_rule",
    "shardings",
    "tag",
]
