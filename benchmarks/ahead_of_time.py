# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles models with the TPU and GPU back ends of XLA, without the hardware.

Each schedule of a transformer and of ResNet-50 has three lines: what PartIR plans, what
the back end makes of it, and what it makes of ``jax.jit`` of the unpartitioned function
with the same shardings of arguments and results. State is donated in both. Counts are
all_gather / all_reduce / reduce_scatter / all_to_all / collective_permute of a step;
``sent`` is the MB that a device sends for them, by the ring model of
``hlo_traffic.py``. Memory is that of one device, in MB, as the back end says.

A back end may run several collectives as one, which then counts once for each array,
and may split one over several fusions, which counts once. It may also turn a
reduce_scatter into an all_reduce and a slice, and concatenate small all_reduces; and it
may turn a product and the gather or the reduce_scatter beside it into a loop of
collective_permutes, which counts as often as it runs.

Checked on TPU, for each model: under ZeRO-3 each parameter is still gathered twice or
more, or once where that is planned since the backward pass does not need it; and
arguments and temporaries together are less than under ZeRO-2. Exits with 1 if not.

Needs the packages of the extra ``ahead-of-time``. Each platform has its own process.
"""

import argparse
import collections
import math
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.machines import MACHINES, lower, make_mesh

# isort: split
import jax

import partir
from benchmarks import hlo_traffic
from benchmarks.models import gpt, gpt_schedules, resnet, resnet_schedules
from benchmarks.models.model import Model
from partir import Total

MB = 2**20

#: The mesh's axes by platform.
AXES = {"tpu": {"B": 8, "M": 2}, "cuda": {"B": 4, "M": 2}}

#: The models by name. T is large enough that a TPU cannot hold all its temporaries in
#: its vector memory, 128 MB, which figures of memory leave out.
MODELS = {
    "T": gpt_schedules.model(
        gpt.Config(layers=2, batch=64, sequence=256, compute_dtype="bfloat16"), "T"
    ),
    "ResNet50": resnet_schedules.model(resnet.Config(image=32, batch=64)),
}


class Outcome(NamedTuple):
    """What a back end made of a program.

    Attributes:
      traffic: arrays and bytes of a step, by kind of collective.
      gathers: how many arrays are gathered in a step, by their elements once gathered.
      memory: bytes on one device, a ``CompiledMemoryStats``.
      seconds: how long compiling took.
    """

    traffic: Mapping[str, Total]
    gathers: collections.Counter[int]
    memory: Any
    seconds: float

    @property
    def working(self) -> int:
        """Bytes of arguments and temporaries."""
        return self.memory.argument_size_in_bytes + self.memory.temp_size_in_bytes

    def __str__(self) -> str:
        sizes = (
            self.memory.argument_size_in_bytes,
            self.memory.output_size_in_bytes,
            self.memory.temp_size_in_bytes,
            self.memory.peak_memory_in_bytes,
        )
        columns = "".join(f"{size / MB:11.1f}" for size in sizes)
        return f"{_columns(self.traffic)}{columns}{self.seconds:7.0f}"


def compile_now(lowered: Any) -> Outcome:
    """Compiles what ``jax.jit`` or ``partir.jit`` lowered."""
    start = time.perf_counter()
    compiled = lowered.compile()
    seconds = time.perf_counter() - start
    hlo = compiled.as_text()
    return Outcome(
        hlo_traffic.traffic(hlo),
        hlo_traffic.gathers(hlo),
        compiled.memory_analysis(),
        seconds,
    )


class Gathers(NamedTuple):
    """Gathers of parameters, by their elements once gathered.

    Parameters of one size cannot be told apart in the optimised HLO.

    Attributes:
      parameters: how many parameters are tiled over the axis of the batch.
      planned: how many gathers PartIR's program has.
      compiled: how many the compiled program has.
    """

    parameters: collections.Counter[int]
    planned: collections.Counter[int]
    compiled: collections.Counter[int]

    @property
    def kept(self) -> bool:
        """Whether each is gathered twice, or as often as planned if that is once."""
        return all(
            self.compiled[size] >= min(2 * count, self.planned[size])
            for size, count in self.parameters.items()
        )

    def __str__(self) -> str:
        planned, compiled = (
            sum(counts[size] for size in self.parameters)
            for counts in (self.planned, self.compiled)
        )
        return (
            f"{self.parameters.total()} parameters are tiled; {planned} gathers "
            f"planned, {compiled} compiled"
        )


def planned_gathers(lowered: partir.Lowered) -> collections.Counter[int]:
    """Gathers of PartIR's device-local program, by elements once gathered."""
    found = re.findall(r"all_gather.*-> tensor<((?:\d+x)*)", lowered.as_text())
    return collections.Counter(
        math.prod(map(int, filter(None, dims.split("x")))) for dims in found
    )


def gathers(model: Model, lowered: partir.Lowered, compiled: Outcome) -> Gathers:
    """Counts the gathers of the parameters, the function's first argument."""
    sizes = collections.Counter(
        math.prod(sharding.shard_shape(leaf.shape)) * sharding.mesh.shape["B"]
        for leaf, sharding in zip(
            jax.tree.leaves(model.arguments[0]),
            jax.tree.leaves(lowered.in_shardings[0]),
            strict=True,
        )
        if "B" in jax.tree.leaves(tuple(sharding.spec))
    )
    return Gathers(sizes, planned_gathers(lowered), compiled.gathers)


def show_model(model: Model, mesh: jax.sharding.Mesh) -> Iterator[bool]:
    """Prints the lines of a model; yields whether each of its claims holds."""
    working = {}
    for name in model.schedules:
        lowered = lower(model, name, mesh)
        planned = _columns(lowered.reports[-1].collectives)
        print(f"{name:14}{'plan':9}{planned}", flush=True)
        ours = compile_now(lowered)
        print(f"{'':14}{'partir':9}{ours}", flush=True)
        plain = jax.jit(
            model.function,
            in_shardings=lowered.in_shardings,
            out_shardings=lowered.out_shardings,
            donate_argnames=tuple(model.carry),
        )
        jitted = compile_now(plain.lower(*model.arguments))
        print(f"{'':14}{'jax.jit':9}{jitted}", flush=True)
        working[name] = ours.working
        if name.endswith("Z3"):
            found = gathers(model, lowered, ours)
            yield _claim(found.kept, f"{name}: {found}")
            other = name.removesuffix("Z3") + "Z2"
            yield _claim(
                working[name] < working[other],
                f"arguments and temporaries: {name} {working[name] / MB:.1f} MB, "
                f"{other} {working[other] / MB:.1f} MB",
            )


def show_platform(platform: str, models: Sequence[str]) -> int:
    """Prints the tables of a platform; returns how many claims are broken on TPU."""
    mesh, broken = make_mesh(platform, AXES[platform]), 0
    axes = " ".join(f"{axis}={size}" for axis, size in AXES[platform].items())
    memory = "".join(
        f"{name:>11}" for name in ("arguments", "outputs", "temps", "peak")
    )
    for name in models:
        print(f"\n{name} on {mesh.size} {MACHINES[platform].name}, {axes}")
        print(f"{'':23}{'collectives':>28}{'sent':>9}{memory}{'s':>7}")
        broken += list(show_model(MODELS[name], mesh)).count(False)
    return broken if platform == "tpu" else 0


def _columns(traffic: Mapping[str, Total]) -> str:
    counts = " / ".join(str(traffic[k].count) for k in hlo_traffic.KINDS.values())
    sent = sum(total.bytes for total in traffic.values())
    return f"{counts:>28}{sent / MB:9.1f}"


def _claim(holds: bool, what: str) -> bool:
    print(f"{'yes' if holds else 'NO':5}{what}", flush=True)
    return holds


def main() -> int:
    """Shows the platforms and models that were asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--platforms", nargs="+", choices=AXES, default=[*AXES])
    parser.add_argument("--models", nargs="+", choices=MODELS, default=[*MODELS])
    options = parser.parse_args()
    if len(options.platforms) == 1:
        return int(show_platform(options.platforms[0], options.models) > 0)
    # libtpu and the CUDA plugin are each used by one process, and not by the same.
    command = [sys.executable, __file__, "--models", *options.models, "--platforms"]
    runs = [subprocess.run([*command, name], check=False) for name in options.platforms]
    return int(any(run.returncode for run in runs))


if __name__ == "__main__":
    sys.exit(main())
