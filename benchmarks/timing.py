# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times steps of a model in turn, and compares their order with the estimated one."""

import itertools
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import jax

import partir
from benchmarks.models.model import Model

#: By how much the times of a pair must differ to be ordered.
DIFFERENCE = 0.15
#: The part of the pairs that should be ordered right.
AIM = 0.95


class Step(NamedTuple):
    """A schedule's step: seconds as estimated and as measured."""

    schedule: str
    estimated: float
    measured: float


class Ready(NamedTuple):
    """A compiled step, its arguments in place, and the shortest run so far."""

    schedule: str
    estimated: float
    compiled: Any
    arguments: tuple[Any, ...]
    times: list[float]


def pairs(steps: Sequence[Step]) -> Iterator[tuple[Step, Step]]:
    """Pairs whose measured times differ, the faster first."""
    for pair in itertools.combinations(steps, 2):
        fast, slow = sorted(pair, key=lambda step: step.measured)
        if slow.measured > (1 + DIFFERENCE) * fast.measured:
            yield fast, slow


def prepare(model: Model, schedule: str, lowered: partir.Lowered) -> Ready:
    """Compiles a schedule's step, and places the arguments as it wants them."""
    arguments = jax.device_put(model.make_arguments(), lowered.in_shardings)
    return Ready(schedule, lowered.estimate().step_s, lowered.compile(), arguments, [])


def measure(ready: Sequence[Ready], rounds: int = 10) -> list[Step]:
    """Runs steps in turn."""
    for _ in range(rounds + 1):
        for step in ready:
            start = time.perf_counter()
            jax.block_until_ready(step.compiled(*step.arguments))
            step.times.append(time.perf_counter() - start)
    # The first run warms up.
    return [Step(step.schedule, step.estimated, min(step.times[1:])) for step in ready]


class Order:
    """Which pairs of steps that differ are ordered as estimated."""

    def __init__(self) -> None:
        self._wrong: list[str] = []
        self._count = 0

    def add(self, model: str, steps: Sequence[Step]) -> None:
        """Compares the steps of a model with each other."""
        for fast, slow in pairs(steps):
            self._count += 1
            if fast.estimated >= slow.estimated:
                self._wrong.append(
                    f"{model}: {fast.schedule} is faster than {slow.schedule}"
                )

    def is_good(self) -> bool:
        """Prints the pairs that are ordered wrong; whether the aim is reached."""
        for line in self._wrong:
            print(f"WRONG {line}")
        right = 1 - len(self._wrong) / max(self._count, 1)
        print(
            f"{self._count} pairs that differ by more than {DIFFERENCE:.0%}, "
            f"{right:.1%} ordered right; the aim is {AIM:.0%}"
        )
        return right >= AIM
