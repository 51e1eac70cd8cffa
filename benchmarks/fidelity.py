# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Estimated memory against what XLA allocates, for every model and schedule.

Programs are compiled ahead of time for TPU v5e and H100, without the hardware, and for
virtual CPU devices. Small programs run on 8 devices, those of the size between
(``models/mid.py``) on 16 TPUs, or on 8 H100.

Figures are MB of one device, the estimate before XLA's. ``allocated`` is what the
device must have: arguments + outputs - aliased outputs + temporaries. For TPUs, where
``memory_analysis()`` has part of the temporaries twice, it is what the compiler's
report of its buffers says. ``used`` is XLA's ``peak_memory_in_bytes``, which leaves out
what is lost between buffers. The error is that of what is allocated.

The aim is for programs of 1 GB and more on TPU: the median error is at most 5 %, the
worst at most 15 %, and none is more than 5 % under. Exits with 1 if it is missed, or if
a program that XLA finds too large for a TPU is estimated to fit. Left out of it are
programs that XLA gives more than 90 % of the memory: it has recomputed values until
they fitted. Small programs on TPU lie in the on-chip memory as a whole, where XLA
counts no temporaries.

Needs the packages of the extra ``ahead-of-time``. Each platform has its own process.
What XLA cannot compile is said with XLA's reason: for GPUs these are small products for
which it finds no tiles. ``fidelity.jsonl`` has what XLA said of the programs (jaxlib
0.10.2, libtpu 0.0.42): with ``--load benchmarks/fidelity.jsonl`` nothing is compiled.
"""

import argparse
import dataclasses
import json
import re
import statistics
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.machines import MACHINES, CompileError, lower, make_mesh
from benchmarks.models import MODELS
from benchmarks.models.mid import MID
from benchmarks.models.model import Model
from partir import Estimate

MB, GB = 2**20, 2**30


def _small(name: str) -> Callable[[int], Model]:
    """Makes the small form, which has a mesh of its own."""
    return lambda devices: MODELS[name]("small")


#: Per size what makes each model, for so many devices.
SIZES = {"small": {name: _small(name) for name in MODELS}, "mid": MID}


class Program(NamedTuple):
    """What a row is about: a model of a size, partitioned for a platform."""

    platform: str
    model: str
    schedule: str
    size: str


class Truth(NamedTuple):
    """Bytes of a device as XLA says, or why it cannot compile the program."""

    arguments: int = 0
    temporaries: int = 0
    allocated: int = 0
    used: int = 0
    failure: str = ""

    @property
    def fits(self) -> bool:
        """Whether XLA does not find the program too large for the device."""
        return not self.failure.startswith("RESOURCE_EXHAUSTED")

    @classmethod
    def of(cls, stats: Any, allocated: int | None) -> "Truth":
        """From a ``CompiledMemoryStats``, and what is allocated if it does not say."""
        arguments, temporaries = (
            stats.argument_size_in_bytes,
            stats.temp_size_in_bytes,
        )
        if allocated is None:
            results = stats.output_size_in_bytes - stats.alias_size_in_bytes
            allocated = arguments + results + temporaries
        return cls(arguments, temporaries, allocated, stats.peak_memory_in_bytes)


@dataclasses.dataclass(frozen=True)
class Row:
    """A program, what is estimated for it and what XLA says."""

    program: Program
    estimate: Estimate
    truth: Truth

    @property
    def error(self) -> float:
        """By how much the estimate is over what is allocated, relative to that."""
        return self.estimate.peak_bytes / self.truth.allocated - 1

    @property
    def is_large(self) -> bool:
        """Whether it is one of those that the aim is for."""
        is_squeezed = self.truth.allocated > 0.9 * self.estimate.memory_bytes
        return self.truth.allocated >= GB and not (
            self.program.platform == "tpu" and is_squeezed
        )

    def __str__(self) -> str:
        name = f"{self.program.model:16}{self.program.schedule:16}{self.program.size:6}"
        ours, truth = self.estimate, self.truth
        if truth.failure:
            return f"{name}{ours.peak_bytes / MB:51.1f}  {truth.failure}"
        pairs = (
            (ours.argument_bytes, truth.arguments),
            (ours.temporary_bytes, truth.temporaries),
            (ours.peak_bytes, truth.allocated),
        )
        columns = "".join(f"{a / MB:11.1f}{b / MB:9.1f}" for a, b in pairs)
        return f"{name}{columns}{truth.used / MB:11.1f}{self.error:+9.1%}"


def summary(rows: Sequence[Row]) -> Iterator[str]:
    """Median and worst error of the programs by their size."""
    measured = [row for row in rows if not row.truth.failure]
    for name, of_size in (
        ("1 GB and more", [row for row in measured if row.is_large]),
        ("under 1 GB", [row for row in measured if row.truth.allocated < GB]),
    ):
        if not of_size:
            continue
        median = statistics.median(abs(row.error) for row in of_size)
        worst = max(of_size, key=lambda row: abs(row.error))
        yield (
            f"{name}: {len(of_size)} programs, median error {median:.1%}, worst "
            f"{worst.error:+.1%} ({worst.program.model} {worst.program.schedule})"
        )
    if len(measured) < len(rows):
        yield f"not compiled by XLA: {len(rows) - len(measured)} programs"


def missed(rows: Sequence[Row]) -> list[str]:
    """How the rows, of a TPU, miss the aim."""
    large = [row for row in rows if not row.truth.failure and row.is_large]
    failures = [
        f"{row.program.model} {row.program.schedule}: {row.error:+.1%}"
        for row in large
        if not -0.05 <= row.error <= 0.15
    ]
    failures += [
        f"{row.program.model} {row.program.schedule}: does not fit, but is estimated to"
        for row in rows
        if not row.truth.fits and row.estimate.fits
    ]
    median = statistics.median(abs(row.error) for row in large) if large else 0.0
    if median > 0.05:
        failures.append(f"median error {median:.1%}")
    return failures


def measure(model: Model, program: Program) -> Truth:
    """Compiles the program for the platform's devices."""
    lowered = lower(model, program.schedule, make_mesh(program.platform, model.mesh))
    with tempfile.TemporaryDirectory() as folder:
        options = {"xla_dump_to": folder} if program.platform == "tpu" else None
        try:
            stats = lowered.compile(options).memory_analysis()
        except CompileError as error:
            reason = str(error).partition("\n")[0]
            return Truth(failure=textwrap.shorten(reason, 72, placeholder=" ..."))
        return Truth.of(stats, read_allocated(Path(folder)) if options else None)


def read_allocated(folder: Path) -> int:
    """The bytes of the TPU's memory, by the compiler's report of its buffers."""
    (path,) = folder.glob("*memory-usage-report.txt")
    found = re.search(
        r"^Memory Space: default .*\nTotal bytes: (\d+)", path.read_text()
    )
    assert found, f"{path.name} does not say what is allocated"
    return int(found[1])


def programs(
    platform: str, options: argparse.Namespace
) -> Iterator[tuple[Program, Model]]:
    """What was asked for, on the largest meshes that the platform has."""
    devices = max(MACHINES[platform].topologies)
    for size in options.sizes:
        for name in SIZES[size]:
            if options.models and name not in options.models:
                continue
            model = SIZES[size][name](devices)
            for schedule in model.schedules:
                if not options.schedules or schedule in options.schedules:
                    yield Program(platform, name, schedule, size), model


def show_platform(platform: str, options: argparse.Namespace) -> int:
    """Prints the table of a platform; returns how many claims are broken."""
    machine, rows = MACHINES[platform], []
    known = {} if options.load is None else read_truths(options.load)
    titles = "".join(
        f"{name:>20}" for name in ("arguments", "temporaries", "allocated")
    )
    print(f"\n{machine.name}\n{'':38}{titles}{'used':>11}{'error':>9}")
    for program, model in programs(platform, options):
        if options.load is None:
            truth = measure(model, program)
            if options.save:
                save_truth(options.save, program, truth)
        elif program in known:
            truth = known[program]
        else:
            continue
        mesh = model.abstract_mesh()
        lowered = lower(model, program.schedule, mesh, platform=platform)
        row = Row(program, lowered.estimate(machine.device), truth)
        print(row, flush=True)
        rows.append(row)
    print(*summary(rows), sep="\n", flush=True)
    failures = missed(rows) if platform == "tpu" else []
    for failure in failures:
        print(f"MISSED {failure}", flush=True)
    return len(failures)


def read_truths(path: Path) -> dict[Program, Truth]:
    """What ``save_truth`` wrote: a line of JSON for each program."""
    lines = map(json.loads, path.read_text().splitlines())
    return {Program(*line["program"]): Truth(*line["truth"]) for line in lines}


def save_truth(path: Path, program: Program, truth: Truth) -> None:
    """Adds a line to the file."""
    known = truth if truth.failure else truth[:-1]
    with path.open("a") as file:
        print(json.dumps({"program": program, "truth": known}), file=file)


def main() -> int:
    """Shows the platforms and programs that were asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--platforms", nargs="+", choices=MACHINES, default=[*MACHINES])
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=[*SIZES])
    parser.add_argument(
        "--models", nargs="+", choices=sorted({*MODELS, *MID}), help="by default all"
    )
    parser.add_argument("--schedules", nargs="+", help="by default all of a model")
    files = parser.add_mutually_exclusive_group()
    files.add_argument("--save", type=Path, help="add what XLA says to this file")
    files.add_argument(
        "--load",
        type=Path,
        help="compile nothing: what XLA says is in this file, and only that is shown",
    )
    options = parser.parse_args()
    if len(options.platforms) == 1:
        return int(show_platform(options.platforms[0], options) > 0)
    arguments = [*sys.argv[1:], "--platforms"]
    runs = [
        subprocess.run([sys.executable, __file__, *arguments, name], check=False)
        for name in options.platforms
    ]
    return int(any(run.returncode for run in runs))


if __name__ == "__main__":
    sys.exit(main())
