# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Megabytes that a device sends in a GPT train step: PartIR and its rivals.

The model is GPT with query, key and value apart, on 8 virtual CPU devices. All start
from the same function, and lay inputs and outputs out as the schedule does. Columns, in
MB of 2^20 bytes, by the ring model of ``hlo_traffic.py``:

- aim: the most that partir may send;
- report: what partir's report says of its program;
- partir, XLA, constrained: what is in the optimised HLO that XLA:CPU compiles from
  partir's program, from the plain function by ``jax.jit``, and from the function with
  a ``with_sharding_constraint`` on what each layer gives: batch on B, else whole;
- Shardy: the collectives that the passes in the jaxlib wheel put into the program. If
  their last ones, which make it local, abort, there is no program, and this is said.

XLA:CPU keeps a reduce_scatter that it is given, but forms none: what it partitions has
an all_reduce and a slice there, which send twice as much. That for GPU or TPU does.

Exits with 1 if an aim is missed, or a report is not what was compiled.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

# XLA reads these when JAX is imported.
os.environ.setdefault("NPROC", "64")
os.environ["XLA_FLAGS"] = (
    f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=8"
)
os.environ.setdefault("JAX_PLATFORMS", "cpu")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import jax
from jax.sharding import NamedSharding, PartitionSpec

import partir
from benchmarks import hlo_traffic, shardy
from benchmarks.models import gpt, gpt_schedules
from benchmarks.models.model import Model
from partir import Total

MB = 2**20

#: The most MB, by layers and schedule.
AIMS = {
    4: {"BP": 98, "BP+MP": 78, "BP+MP+Z2": 78, "BP+MP+Z3": 121},
    32: {"BP+MP": 446, "BP+MP+Z2": 446, "BP+MP+Z3": 615},
}
SCHEDULES = ("BP", "BP+MP", "BP+MP+Z2", "BP+MP+Z3")

Step = Callable[..., Any]


def constrained(step: Step, mesh: jax.sharding.Mesh) -> Step:
    """The train step, with a sharding constraint on what each layer gives."""
    block, place = gpt._block, NamedSharding(mesh, PartitionSpec("B"))

    def placed(*arguments: Any) -> jax.Array:
        return jax.lax.with_sharding_constraint(block(*arguments), place)

    def constrained_step(*arguments: Any) -> Any:
        with mock.patch.object(gpt, "_block", placed):
            return step(*arguments)

    return constrained_step


def measure(model: Model, schedule: str) -> tuple[dict[str, Mapping[str, Total]], bool]:
    """What each column counts, by kind; and whether Shardy gave a local program."""
    mesh = model.make_mesh()
    ours = partir.jit(
        model.function,
        mesh=mesh,
        schedule=model.schedule(schedule),
        carry=model.carry,
    ).lower(*model.arguments)

    def lower(step: Step) -> jax.stages.Lowered:
        return jax.jit(
            step,
            in_shardings=ours.in_shardings,
            out_shardings=ours.out_shardings,
            keep_unused=True,
        ).lower(*model.arguments)

    plain = lower(model.function)
    module = shardy.copy(plain.compiler_ir("stablehlo"))
    shardy.run_passes(module, shardy.PROPAGATION)
    is_local = shardy.time_to_local(module) is not None
    shardy.run_passes(module, shardy.CLEAN_UP)
    compiled = {
        "partir": ours,
        "XLA": plain,
        "constrained": lower(constrained(model.function, mesh)),
    }
    return {
        "report": ours.reports[-1].collectives,
        **{
            name: hlo_traffic.traffic(program.compile().as_text())
            for name, program in compiled.items()
        },
        "Shardy": shardy.traffic(module),
    }, is_local


def total_bytes(totals: Mapping[str, Total]) -> int:
    """The bytes of all kinds."""
    return sum(total.bytes for total in totals.values())


def show(layers: int, schedule: str) -> bool:
    """Prints the row of a schedule; returns whether partir is as it should be."""
    config = gpt.Config(layers=layers, fused_qkv=False)
    sent, is_local = measure(gpt_schedules.model(config), schedule)
    aim = AIMS.get(layers, {}).get(schedule)
    total = {name: total_bytes(totals) for name, totals in sent.items()}
    is_right = total["report"] == total["partir"]
    is_right = is_right and (aim is None or total["partir"] <= aim * MB)
    print(
        f"{'ok' if is_right else 'WRONG':6}{layers:6} {schedule:10}{aim or '-':>6}",
        *(f"{one / MB:12.2f}" for one in total.values()),
        "" if is_local else "  Shardy aborts; its propagation",
        sep="",
    )
    for name, totals in sent.items():
        parts = [
            f"{kind} {one.count} ({one.bytes / MB:.1f})"
            for kind, one in totals.items()
            if one.count
        ]
        print(f"{name:>34}: {', '.join(parts)}", flush=True)
    return is_right


def main() -> int:
    """Prints a row for each number of layers and schedule."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "layers", type=int, nargs="*", default=[*AIMS], help="numbers of layers"
    )
    parser.add_argument("--schedule", choices=SCHEDULES, help="by default all")
    options = parser.parse_args()
    print("MB sent per device and step, and arrays (MB) by kind of collective")
    columns = ("report", "partir", "XLA", "constrained", "Shardy")
    print(
        f"{'layers':>12} {'schedule':10}{'aim':>6}",
        *(f"{c:>12}" for c in columns),
        sep="",
    )
    schedules = [options.schedule] if options.schedule else SCHEDULES
    right = [show(n, schedule) for n in options.layers for schedule in schedules]
    print(f"{len(right)} rows, {right.count(False)} wrong")
    return int(not all(right))


if __name__ == "__main__":
    sys.exit(main())
