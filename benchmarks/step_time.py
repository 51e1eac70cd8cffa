# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Estimated step times against measured ones, on 8 virtual CPU devices.

The devices are calibrated first. Of each small model all schedules are compiled; their
steps are run in turn, ``--rounds`` times, and the shortest of each counts. A pair of
schedules of one model whose measured times differ by more than 15 % should be ordered
as estimated.

The aim is 95 % of such pairs; exits with 1 if it is missed.
"""

import argparse
import os
import sys
from pathlib import Path

# Before JAX starts: eight devices, and threads enough for their collectives.
os.environ.setdefault("NPROC", "64")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ["XLA_FLAGS"] = (
    os.environ.get("XLA_FLAGS", "") + " --xla_force_host_platform_device_count=8"
)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import partir
from benchmarks.models import MODELS, check
from benchmarks.timing import Order, measure, prepare


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
    order = Order()
    for name in options.models:
        model = MODELS[name]("small")
        steps = measure(
            [
                prepare(model, one, check.lower(model, model.schedule(one), device))
                for one in model.schedules
            ],
            options.rounds,
        )
        for step in steps:
            print(
                f"{name:16}{step.schedule:16}{step.estimated * 1e3:14.2f}"
                f"{step.measured * 1e3:14.2f}{step.estimated / step.measured:8.2f}",
                flush=True,
            )
        order.add(name, steps)
    return int(not order.is_good())


if __name__ == "__main__":
    sys.exit(main())
