# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs schedules that a search finds for small models, on 8 virtual CPU devices.

Each is compared with the unpartitioned model, and timed in turn with the model's manual
schedules.
"""

from typing import Any

import partir
from benchmarks.mixes import Mix, name_of, tactics_of
from benchmarks.models import MODELS, SMALL, check
from benchmarks.models.model import Model
from benchmarks.timing import Order, measure, prepare

#: Seconds of a search.
BUDGET_S = 5


def mixes_of(model: Model) -> list[Mix]:
    """All axes automatic; and those that the first manual tactic leaves over."""
    first = next(iter(model.schedules.values()))[0]
    rest = tuple(axis for axis in model.mesh if axis not in model.tactics[first].axes)
    mixes: list[Mix] = [(tuple(model.mesh),)]
    if rest:
        mixes.append((first, rest))
        if "Z3" in model.tactics:
            mixes.append((first, rest, "Z3"))
    return mixes


def _run_model(model: Model, device: Any, order: Order) -> bool:
    """Whether the numbers of a model are right under all that is found; its rows."""
    plans, outcomes = {}, {}
    for mix in mixes_of(model):
        name = name_of(mix)
        tactics = tactics_of(model, mix, budget_s=BUDGET_S)
        plans[name] = check.lower(model, tactics, device)
        outcomes[name] = check.compare(model, plans[name])
    for name in model.schedules:
        plans[name] = check.lower(model, model.schedule(name), device)
    steps = measure([prepare(model, *plan) for plan in plans.items()])
    order.add(model.name, steps)
    for step in steps:
        outcome, checked = outcomes.get(step.schedule), ""
        if outcome is not None:
            checked = f"{outcome.error:12.1e}"
            checked += "" if outcome.is_right else "  WRONG"
        print(
            f"{model.name:16}{step.schedule:24}{step.estimated * 1e3:14.3f}"
            f"{step.measured * 1e3:14.3f}{checked}",
            flush=True,
        )
    return all(one.is_right for one in outcomes.values())


def run() -> bool:
    """Whether all numbers are right, and pairs of steps ordered as estimated."""
    device = partir.calibrate()
    print(f"{'':40}{'estimated, ms':>14}{'measured, ms':>14}{'error':>12}")
    order = Order()
    is_right = [_run_model(MODELS[name]("small"), device, order) for name in SMALL]
    print(f"{is_right.count(False)} models with wrong numbers")
    return order.is_good() and all(is_right)
