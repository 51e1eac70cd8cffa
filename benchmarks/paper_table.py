# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints the collectives of the paper's models beside their laws and the paper's table.

Counts are all_gather / all_reduce / reduce_scatter / all_to_all of a step, loops times
their trips. Models have their full size and are only traced. A row is wrong if its
counts are not what the model's laws say, or not the paper's where the model is laid out
like the paper's. The laws are then checked at other numbers of layers, and the tactics
of one schedule are taken in other ways: merged, and in another order. Exits with 1 if a
row or a law is wrong.

With names of models, only their rows are printed. With --plan-time, the largest model
is planned alone: how long it takes, and how much memory.
"""

import argparse
import collections
import dataclasses
import math
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("JAX_PLATFORMS", "cpu")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import jax

import partir
from benchmarks.models import MODELS, decode_schedules, gpt_schedules
from benchmarks.models.model import Model

KINDS = ("all_gather", "all_reduce", "reduce_scatter", "all_to_all")

#: What the paper (arXiv 2401.11202) counts, by model and schedule: numbers of KINDS.
PAPER: dict[str, dict[str, tuple[int, int, int, int]]] = {
    "T32": {
        "BP": (0, 290, 0, 0),
        "MP": (0, 128, 0, 0),
        "BP+MP": (0, 418, 0, 0),
        "BP+MP+Z2": (129, 289, 129, 0),
        "BP+MP+Z3": (259, 289, 129, 0),
        "BP+MP+Z3+EMB": (515, 354, 257, 0),
    },
    "IT32": {
        "BP": (0, 0, 0, 0),
        "MP": (0, 98304, 0, 0),
        "BP+MP": (0, 98304, 0, 0),
        "BP+MP+MQ": (64, 98304, 0, 98240),
    },
    "UNet": {
        "BP": (0, 503, 0, 0),
        "BP+Z2": (517, 2, 501, 0),
        "BP+Z3": (799, 2, 501, 0),
    },
    "GNS": {"ES": (0, 423, 0, 0)},
}
#: Models that are laid out like the paper's, as far as it tells. The paper does not say
#: how many tensors its others have; ours have their own number, and their own laws.
SAME_LAYOUT = ("T32", "IT32")

#: Models of a number of layers, to check laws with.
FAMILIES: dict[str, Callable[[int], Model]] = {
    "train step": lambda layers: gpt_schedules.model(
        dataclasses.replace(gpt_schedules.SMALL, layers=layers)
    ),
    "inference": lambda layers: decode_schedules.model(
        dataclasses.replace(decode_schedules.SMALL, layers=layers)
    ),
}
LAYERS = (*range(1, 9), 32, 48)

#: The schedule whose tactics are taken in other ways, and the one that is timed.
INCREMENTAL = ("T32", "BP+MP+Z3")
LARGEST = ("T48", "BP+MP+Z3")

MB = 2**20


def plan(model: Model, schedule: Sequence[partir.ManualPartition | partir.Merged]):
    """The model's function, planned for its mesh without devices."""
    step = partir.jit(model.function, mesh=model.abstract_mesh(), schedule=schedule)
    return step.lower(*model.arguments)


def counts(lowered: partir.Lowered) -> dict[str, int]:
    """How many collectives of each kind a step has; kinds that it lacks are absent."""
    collectives = lowered.reports[-1].collectives
    return {kind: total.count for kind, total in collectives.items() if total.count}


class Row(NamedTuple):
    """The counts of a model under a schedule, and what they should be, if known."""

    model: str
    schedule: str
    counts: Mapping[str, int]
    law: Mapping[str, int] | None
    paper: Mapping[str, int] | None

    @property
    def verdict(self) -> str:
        """``"ok"`` or ``"WRONG"``, or ``"-"`` where nothing says what is right."""
        binding = [self.law, self.paper if self.model in SAME_LAYOUT else None]
        binding = [wanted for wanted in binding if wanted is not None]
        if not binding:
            return "-"
        return "ok" if all(one == self.counts for one in binding) else "WRONG"

    def __str__(self) -> str:
        columns = "".join(
            f"{'-' if column is None else text(column):>24}"
            for column in (self.counts, self.law, self.paper)
        )
        return f"{self.verdict:6}{self.schedule:14}{columns}"


def text(numbers: Mapping[str, int]) -> str:
    """The counts as the paper writes them; those of other kinds by name."""
    others = [f"{kind} {n}" for kind, n in numbers.items() if kind not in KINDS]
    return " ".join([" / ".join(str(numbers.get(k, 0)) for k in KINDS), *others])


def rows(model: Model) -> Iterator[Row]:
    """A row for each schedule of the model."""
    for schedule in model.schedules:
        paper = PAPER.get(model.name, {}).get(schedule)
        yield Row(
            model.name,
            schedule,
            counts(plan(model, model.schedule(schedule))),
            model.laws.get(schedule),
            paper and {k: n for k, n in zip(KINDS, paper, strict=True) if n},
        )


def show_models(names: Sequence[str]) -> int:
    """Prints the rows of the models; returns how many are wrong."""
    wrong = 0
    for name in names:
        model = MODELS[name]("full")
        leaves = jax.tree.leaves(model.arguments[0])
        billions = sum(math.prod(leaf.shape) for leaf in leaves) / 1e9
        mesh = " ".join(f"{axis}={size}" for axis, size in model.mesh.items())
        print(f"\n{name}: {billions:.2f} billion parameters on {mesh}")
        print(f"{'':20}{'partir':>24}{'law':>24}{'paper':>24}")
        for row in rows(model):
            wrong += row.verdict == "WRONG"
            print(row, flush=True)
    return wrong


def show_laws() -> int:
    """Checks the laws at all LAYERS; prints and returns how many are broken."""
    broken = 0
    print(f"\nlaws at {', '.join(map(str, LAYERS))} layers")
    for family, make in FAMILIES.items():
        wrong = [
            f"{layers} layers {row}"
            for layers in LAYERS
            for row in rows(make(layers))
            if row.verdict != "ok"
        ]
        broken += len(wrong)
        schedules = ", ".join(make(1).laws)
        print(f"{'WRONG' if wrong else 'ok':6}{family}: {schedules}", *wrong, sep="\n")
    return broken


def argument_bytes(model: Model, lowered: partir.Lowered) -> int:
    """Bytes of the arguments on one device."""
    arrays = jax.tree.leaves(model.arguments)
    shardings = jax.tree.leaves(lowered.in_shardings)
    return sum(
        math.prod(sharding.shard_shape(array.shape)) * array.dtype.itemsize
        for array, sharding in zip(arrays, shardings, strict=True)
    )


def show_incremental() -> None:
    """Takes the tactics of one schedule in order, in another order, and merged."""
    name, schedule = INCREMENTAL
    model = MODELS[name]("full")
    tactics = model.schedule(schedule)
    ways = {
        " then ".join(tactic.name for tactic in order): order
        for order in (tactics, tactics[::-1], [tactics[1], tactics[0], *tactics[2:]])
    }
    ways["merged"] = [partir.Merged(tactics, name="merged")]
    print(f"\nthe tactics of {name} {schedule}, on one device")
    print(
        f"{'':20}{'conflicts':>10}{'MB sent':>10}{'MB of arguments':>17}  collectives"
    )
    for way, order in ways.items():
        lowered = plan(model, order)
        conflicts = [one for report in lowered.reports for one in report.conflicts]
        print(
            f"{way:20}{len(conflicts):10}"
            f"{lowered.reports[-1].collectives.bytes / MB:10.0f}"
            f"{argument_bytes(model, lowered) / MB:17.0f}  {text(counts(lowered))}"
        )
        ops = collections.Counter(f"{one.op} on {one.axis}" for one in conflicts)
        for op, count in ops.most_common():
            print(f"{'':20}{count:10} at {op}")
        if conflicts:
            print("    the first:", *str(conflicts[0]).splitlines(), sep="\n    ")


def show_plan_time() -> None:
    """Plans the largest model; prints the seconds of each part, and the memory."""
    name, schedule = LARGEST
    model = MODELS[name]("full")
    start, cpu_start = time.perf_counter(), time.process_time()
    lowered = plan(model, model.schedule(schedule))
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu_start
    parts = ", ".join(f"{part} {s:.2f}" for part, s in lowered.seconds.items())
    # On Linux in KB.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(f"{name} {schedule}: {seconds:.2f} s, {cpu:.2f} s of CPU ({parts})")
    print(f"peak resident memory of the process: {peak:.0f} MB")


def main() -> int:
    """Prints the parts that were asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "models", nargs="*", choices=[[], *MODELS], help="by default all"
    )
    parser.add_argument("--plan-time", action="store_true")
    options = parser.parse_args()
    if options.plan_time:
        show_plan_time()
        return 0
    with_laws = [name for name in MODELS if MODELS[name]("full").laws]
    wrong = show_models(options.models or with_laws)
    if not options.models:
        wrong += show_laws()
        show_incremental()
    print(f"\n{wrong} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
