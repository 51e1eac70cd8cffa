# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Estimated model flops utilisation (MFU) beside what the paper measured.

MFU is the arithmetic of a step's products on a device over what the device could do in
the time of the step. The step of BP+MP+Z3 is estimated one collective and kernel after
another, and with collectives beside kernels (``overlap``); the truth may lie between.
The paper's figures are from its evaluation (arXiv 2401.11202).

Also how many states a second the estimator takes, from the engine's state to the
estimate, for T48 unrolled: ``--states``. As in a search, an estimate begins with what
those before it have found.
"""

import argparse
import dataclasses
import sys
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import json

import partir
from benchmarks.models import MODELS
from partir._device import device_json


class Row(NamedTuple):
    """A model on a machine, and the MFU that the paper measured, in per cent."""

    model: str
    device: str
    mesh: dict[str, int]
    paper: float


ROWS = (
    Row("T32", "tpu_v3", {"B": 16, "M": 2}, 58.5),
    Row("T48", "tpu_v3", {"B": 32, "M": 4}, 52.3),
    Row("T32", "a100", {"B": 8, "M": 2}, 42.2),
)


def lower(row: Row) -> partir.Lowered:
    """Plans BP+MP+Z3 of the row."""
    model = dataclasses.replace(MODELS[row.model]("full"), mesh=row.mesh)
    return partir.jit(
        model.function,
        mesh=model.abstract_mesh(),
        schedule=model.schedule("BP+MP+Z3"),
        carry=model.carry,
        donate_argnames=tuple(model.carry),
        platform="tpu" if row.device.startswith("tpu") else "cuda",
    ).lower(*model.arguments)


def mfu(estimate: partir.Estimate, peak: float) -> float:
    """The utilisation in per cent."""
    return 100 * estimate.matrix_flops / (estimate.step_s * peak)


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--states", action="store_true")
    options = parser.parse_args()
    print(
        f"{'':22}{'step, s':>10}{'overlap':>10}{'MFU, %':>10}{'overlap':>10}"
        f"{'paper':>8}"
    )
    for row in ROWS:
        lowered = lower(row)
        # Operations a second of bfloat16.
        peak = json.loads(device_json(row.device))["matrix_flops"][1]
        apart, beside = (
            lowered.estimate(row.device, overlap=overlap) for overlap in (False, True)
        )
        name = f"{row.model} {row.device} {'x'.join(map(str, row.mesh.values()))}"
        print(
            f"{name:22}{apart.step_s:10.3f}{beside.step_s:10.3f}"
            f"{mfu(apart, peak):10.1f}{mfu(beside, peak):10.1f}{row.paper:10.1f}",
            flush=True,
        )
    if options.states:
        print(f"{states_per_second(ROWS[1]):.0f} states a second, {ROWS[1].model}")
    return 0


def states_per_second(row: Row, seconds: float = 5) -> float:
    """How many estimates of a state are made in a second."""
    program = lower(row)._runner.plan.replay.program()
    device, count, start = device_json(row.device), 0, time.process_time()
    while time.process_time() - start < seconds:
        program.cost(device)
        count += 1
    return count / (time.process_time() - start)


if __name__ == "__main__":
    sys.exit(main())
