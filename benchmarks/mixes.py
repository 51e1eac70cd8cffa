# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Schedules of a model in which some tactics are found by search."""

from collections.abc import Sequence

import partir
from benchmarks.models.model import Model, Tactic

#: A schedule: names of tactics of the model, and axes in a tuple for what is automatic.
Mix = Sequence[str | tuple[str, ...]]


def name_of(mix: Mix) -> str:
    """``BP+Auto(M)+Z3``."""
    return "+".join(
        one if isinstance(one, str) else f"Auto({','.join(one)})" for one in mix
    )


def tactics_of(
    model: Model, mix: Mix, memory: int | None = None, budget_s: float = 10
) -> list[Tactic]:
    """The model's tactics, and automatic ones with this limit and budget."""
    return [
        model.tactics[one]
        if isinstance(one, str)
        else partir.AutomaticPartition(one, memory=memory, budget_s=budget_s)
        for one in mix
    ]
