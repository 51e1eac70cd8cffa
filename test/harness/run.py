# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs JAX's primitive harness, partitioned, and says what came out of it.

    python test/harness/run.py [--only PRIMITIVE,...] [--part I/N] [--update]

Every case is sent through our MLIR and back, and run on 8 virtual devices with each
of its dims tiled. A wrong number, a crash, a hang or an error without a diagnostic
fails the run. So does a dim that is not partitioned and not in the list beside this
file, and one that is in it and is partitioned by now; ``--update`` writes the list.
The records go to ``build/harness``.
"""

import argparse
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pool
from unpartitioned import Listed

RECORDS = Path(__file__).parents[2] / "build/harness"
MODES = ("x32", "x64")
#: Of all cases, how many may have no dim that is partitioned.
LIMIT = 0.03


def main() -> int:
    """Runs what the command line asks for; the exit code."""
    options = _options()
    records = []
    for mode in MODES:
        records += _run(mode, options)
    whole = _is_whole(options)
    listed = Listed.of(records)
    if options.update:
        (listed if whole else Listed.read().merged(listed, records)).write()
    faults = [*_failures(records), *Listed.read().compare(listed, records)]
    _print_counts(records, listed)
    for fault in faults:
        print("FAILED", fault)
    if whole and len(listed.cases) > LIMIT * len(records):
        faults.append(f"more than {LIMIT:.0%} of the cases are not partitioned")
    print(f"harness: {len(records)} cases, {len(faults)} failed")
    return int(bool(faults))


def _options() -> argparse.Namespace:
    def part(text: str) -> tuple[int, int]:
        number, _, parts = text.partition("/")
        return int(number), int(parts)

    parser = argparse.ArgumentParser(description="JAX's primitive harness, partitioned")
    parser.add_argument("--only", type=lambda text: text.split(","), default=[])
    parser.add_argument("--part", type=part, default=(0, 1), metavar="I/N")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--update", action="store_true", help="write the list anew")
    return parser.parse_args()


def _is_whole(options: argparse.Namespace) -> bool:
    return not options.only and options.part == (0, 1)


def _run(mode: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    number, parts = options.part
    indices = [
        index
        for index, (_, primitive) in enumerate(pool.names_of(mode))
        if not options.only or primitive in options.only
    ][number::parts]
    RECORDS.mkdir(parents=True, exist_ok=True)
    records: list[dict[str, Any]] = []
    name = f"{mode}.jsonl" if _is_whole(options) else f"{mode}-part.jsonl"
    with (RECORDS / name).open("w") as file:

        def take(record: dict[str, Any]) -> None:
            records.append(record)
            print(json.dumps(record), file=file, flush=True)
            if len(records) % 100 == 0:
                print(f"{mode}: {len(records)} of {len(indices)}", flush=True)

        pool.run(mode, indices, options.jobs, take)
    return sorted(records, key=lambda record: record["name"])


def _failures(records: list[dict[str, Any]]) -> list[str]:
    faults = [
        f"{record['name']}: {failure}"
        for record in records
        for failure in record["failures"]
    ]
    faults += [
        f"{record['name']}: {outcome['trial']}: {outcome['failure']}"
        for record in records
        for outcome in record["outcomes"]
        if outcome["failure"]
    ]
    return faults


def _print_counts(records: list[dict[str, Any]], listed: Listed) -> None:
    run = [record for record in records if not record["unsupported"]]
    outcomes = [outcome for record in run for outcome in record["outcomes"]]
    pairs = [outcome for outcome in outcomes if outcome["pair"]]
    done = sum(outcome["is_partitioned"] for outcome in pairs)
    names = Counter(record["primitive"] for record in records)
    print(
        f"{len(records)} cases of {len(names)} primitives, JAX runs {len(run)}",
        f"{len(outcomes)} schedules",
        f"{len(pairs)} dims, {done} partitioned, {len(pairs) - done} listed",
        f"{len(listed.cases)} cases of which no dim is partitioned",
        sep="\n",
    )


if __name__ == "__main__":
    sys.exit(main())
