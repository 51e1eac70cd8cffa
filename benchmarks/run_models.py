# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the small models of ``models`` under their schedules on 8 virtual devices.

Each runs three steps and is compared with the unpartitioned model. A row says how far
the results are from it, which state came out placed otherwise than it went in, and the
collectives of a step. Exits with 1 if a row is wrong.
"""

import argparse
import os
import sys
import time
from pathlib import Path

# XLA reads these when JAX is imported.
os.environ.setdefault("NPROC", "64")
os.environ["XLA_FLAGS"] = (
    f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=8"
)
os.environ.setdefault("JAX_PLATFORMS", "cpu")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.models import MODELS, check


def main() -> int:
    """Runs the rows that were asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "models", nargs="*", choices=[[], *MODELS], help="by default all"
    )
    parser.add_argument("--schedule", help="one schedule; by default all of a model")
    options = parser.parse_args()
    wrong = rows = 0
    for name in options.models or MODELS:
        model = MODELS[name]("small")
        for schedule in [options.schedule] if options.schedule else model.schedules:
            start = time.perf_counter()
            outcome = check.run(model, schedule)
            seconds = time.perf_counter() - start
            rows, wrong = rows + 1, wrong + (not outcome.is_right)
            collectives = outcome.lowered.reports[-1].collectives
            counts = " ".join(
                f"{kind}={total.count}"
                for kind, total in collectives.items()
                if total.count
            )
            print(
                f"{'ok' if outcome.is_right else 'WRONG':6}{name:16}{schedule:20}"
                f"error {outcome.error:.1e} of {model.tolerance:.0e}  "
                f"{seconds:5.1f} s  {counts or 'no collectives'}",
                *(f"      moved: {path}" for path in outcome.moved),
                sep="\n",
                flush=True,
            )
    print(f"{rows} rows, {wrong} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
