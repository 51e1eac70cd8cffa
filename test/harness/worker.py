# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A process that checks cases: an index a line in, a record a line out (JSON)."""

import dataclasses
import json
import os
import sys

import jax
from cases import all_harnesses
from check import check_harness

#: Compiled programs are kept by JAX; without this a worker grows without end.
CASES_BETWEEN_CLEANINGS = 50


def main() -> None:
    """Serves until its input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    mesh = jax.make_mesh(
        (2, 4), ("a", "b"), axis_types=(jax.sharding.AxisType.Auto,) * 2
    )
    harnesses = all_harnesses()
    print(json.dumps([(h.fullname, h.group_name) for h in harnesses]), file=answers)
    answers.flush()
    for served, line in enumerate(sys.stdin):
        record = check_harness(harnesses[int(line)], mesh)
        print(json.dumps(dataclasses.asdict(record)), file=answers)
        answers.flush()
        if served % CASES_BETWEEN_CLEANINGS == 0:
            jax.clear_caches()


if __name__ == "__main__":
    main()
