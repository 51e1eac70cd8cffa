# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One sharding per op, chosen by a mixed-integer program: a rival of the search.

The form is that of Alpa (Zheng et al., OSDI 2022): for each op and input one binary
variable per strategy, and for each value between two of them a matrix of variables
that is the product of the two choices. Strategies and seconds are those of the
compiler: its rules, conversions and estimates.
"""

import dataclasses
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import coo_array

from partir._partir import Program


@dataclasses.dataclass(frozen=True)
class Solution:
    """What the solver found.

    Attributes:
      choice: per set of ``Program.strategies`` the number of its strategy.
      objective_s: seconds of a step as the solver adds them up.
      bound_s: what the solver proved that no choice can be below.
      is_optimal: whether the solver ended by itself.
      step_s, peak_bytes: the same plan by the simulator.
      seconds: how long the solver took.
      variables: how many there were.
    """

    choice: list[int]
    objective_s: float
    bound_s: float
    is_optimal: bool
    step_s: float
    peak_bytes: int
    seconds: float
    variables: int


class _Problem:
    """Variables, costs and rows of equations, as they are added one by one."""

    def __init__(self):
        self.costs: list[float] = []
        self.is_integral: list[bool] = []
        self._entries: list[tuple[int, int, float]] = []
        self._sums: list[float] = []

    def add_variables(self, costs: Sequence[float], is_integral: bool) -> range:
        first = len(self.costs)
        self.costs += costs
        self.is_integral += [is_integral] * len(costs)
        return range(first, len(self.costs))

    def add_equation(
        self, plus: Sequence[int], minus: Sequence[int], total: float
    ) -> None:
        """The sum of some variables less that of others."""
        row = len(self._sums)
        self._entries += [(row, variable, 1.0) for variable in plus]
        self._entries += [(row, variable, -1.0) for variable in minus]
        self._sums.append(total)

    def solve(self, limit_s: float) -> OptimizeResult:
        rows, columns, values = zip(*self._entries, strict=True)
        matrix = coo_array(
            (values, (rows, columns)), shape=(len(self._sums), len(self.costs))
        )
        return milp(
            # The solver's tolerances are absolute.
            np.array(self.costs) * _SCALE,
            integrality=np.array(self.is_integral),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(matrix.tocsr(), self._sums, self._sums),
            options={"time_limit": limit_s},
        )


#: From seconds to the solver's unit.
_SCALE = 1e6


def _build(strategies: dict[str, Any]) -> tuple[_Problem, list[range]]:
    """The problem, and the variables of each set."""
    problem = _Problem()
    sets = [problem.add_variables(one["seconds"], True) for one in strategies["sets"]]
    for variables in sets:
        problem.add_equation(variables, [], 1.0)
    for edge in strategies["edges"]:
        seconds = np.array(edge["seconds"])
        pairs = problem.add_variables(seconds.ravel().tolist(), False)
        pairs = np.array(pairs).reshape(seconds.shape)
        # The pairs that have a layout are chosen as often as the layout is.
        for end, lines in (("from", pairs), ("to", pairs.T)):
            layouts = zip(sets[edge[end]], edge[f"{end}_layouts"], strict=True)
            chosen: list[list[int]] = [[] for _ in lines]
            for variable, layout in layouts:
                chosen[layout].append(variable)
            for line, variables in zip(lines, chosen, strict=True):
                problem.add_equation(line.tolist(), variables, 0.0)
    return problem, sets


def objective(strategies: dict[str, Any], choice: Sequence[int]) -> float:
    """Seconds of a choice: those of all sets, and of all values between them."""
    total = sum(
        one["seconds"][chosen]
        for one, chosen in zip(strategies["sets"], choice, strict=True)
    )
    for edge in strategies["edges"]:
        row = edge["from_layouts"][choice[edge["from"]]]
        column = edge["to_layouts"][choice[edge["to"]]]
        total += edge["seconds"][row][column]
    return total


def solve(
    program: Program,
    axes: Sequence[str],
    device: str,
    aliases: Sequence[int] = (),
    limit_s: float = 600,
) -> Solution | None:
    """Chooses what each op and input of a program does with the axes.

    Args:
      program: the program, to which tactics may have been applied. The choice is
        applied to it.
      axes: the axes to decide on.
      device: the device, as JSON.
      aliases: per result the number of the input whose memory it takes, or -1.
      limit_s: seconds after which the solver ends with what it has.

    Returns:
      What was found; none if nothing was within the time.
    """
    start = time.perf_counter()
    strategies = program.strategies(axes, device)
    problem, sets = _build(strategies)
    result = problem.solve(limit_s)
    if result.x is None:
        return None
    choice = [int(np.argmax(result.x[one.start : one.stop])) for one in sets]
    seconds = time.perf_counter() - start
    program.choose("ilp", axes, choice, device)
    estimate = program.estimate(device, aliases)
    return Solution(
        choice=choice,
        objective_s=result.fun / _SCALE,
        bound_s=result.mip_dual_bound / _SCALE,
        is_optimal=result.status == 0,
        step_s=estimate["step_s"],
        peak_bytes=estimate["peak_bytes"],
        seconds=seconds,
        variables=len(problem.costs),
    )
