# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Estimated step times against measured ones, on 8 virtual CPU devices.

The devices are calibrated first. Of each small model all schedules are compiled; their
steps are run in turn, ``--rounds`` times, and the shortest of each counts. A pair of
schedules of one model whose measured times differ by more than 15 % should be ordered
as estimated.

The aim is 95 % of such pairs; exits with 1 if it is missed.
"""

import argparse
import itertools
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

# Before JAX starts: eight devices, and threads enough for their collectives.
os.environ.setdefault("NPROC", "64")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ["XLA_FLAGS"] = (
    os.environ.get("XLA_FLAGS", "") + " --xla_force_host_platform_device_count=8"
)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import jax

import partir
from benchmarks.models import MODELS
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


def prepare(model: Model, schedule: str, device: Any) -> Ready:
    """Compiles the schedule, and places the arguments as it wants them."""
    lowered = partir.jit(
        model.function,
        mesh=model.make_mesh(),
        schedule=model.schedule(schedule),
        carry=model.carry,
        device=device,
    ).lower(*model.arguments)
    arguments = jax.device_put(model.make_arguments(), lowered.in_shardings)
    return Ready(schedule, lowered.estimate().step_s, lowered.compile(), arguments, [])


def measure(model: Model, rounds: int, device: Any) -> list[Step]:
    """Runs the schedules of a model in turn."""
    ready = [prepare(model, schedule, device) for schedule in model.schedules]
    for _ in range(rounds + 1):
        for step in ready:
            start = time.perf_counter()
            jax.block_until_ready(step.compiled(*step.arguments))
            step.times.append(time.perf_counter() - start)
    # The first run warms up.
    return [Step(step.schedule, step.estimated, min(step.times[1:])) for step in ready]


def main() -> int:
    """Prints a line for each schedule, and the pairs that are ordered wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=[*MODELS])
    parser.add_argument("--device", help="a file of figures in place of measuring them")
    options = parser.parse_args()
    device = options.device or partir.calibrate()
    print(f"{'':32}{'estimated, ms':>14}{'measured, ms':>14}{'ratio':>8}")
    wrong, count = [], 0
    for name in options.models:
        steps = measure(MODELS[name]("small"), options.rounds, device)
        for step in steps:
            print(
                f"{name:16}{step.schedule:16}{step.estimated * 1e3:14.2f}"
                f"{step.measured * 1e3:14.2f}{step.estimated / step.measured:8.2f}",
                flush=True,
            )
        for fast, slow in pairs(steps):
            count += 1
            if fast.estimated >= slow.estimated:
                wrong.append(f"{name}: {fast.schedule} is faster than {slow.schedule}")
    for line in wrong:
        print(f"WRONG {line}")
    right = 1 - len(wrong) / max(count, 1)
    print(f"{count} pairs that differ by more than 15 %, {right:.1%} ordered right")
    return int(right < AIM)


if __name__ == "__main__":
    sys.exit(main())
