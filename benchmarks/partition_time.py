# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How long it takes to partition a GPT train step: PartIR, Shardy, and XLA's compile.

All start from the module that JAX lowers for the same step, and all are timed in one
run, because times on one machine vary by a quarter:

- partir: the schedule [BP, MP, Z3], from JAX's module to a device-local module in
  jaxlib: printing, parsing, all tactics, export, and parsing again;
- Shardy: its passes in the jaxlib wheel, from the module with the input shardings
  that partir found to a device-local module. The last two passes run in a process of
  their own, because they abort on some programs; then the time is the propagation's;
- XLA: `.compile()` of the same module, with the partitioner inside XLA.

The last lines say how partir's time grows with the program.
"""

import argparse
import itertools
import os
import sys
import time
from pathlib import Path
from typing import NamedTuple

# XLA reads these when JAX is imported.
os.environ.setdefault("NPROC", "64")
os.environ["XLA_FLAGS"] = (
    f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=8"
)
os.environ.setdefault("JAX_PLATFORMS", "cpu")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import jax
from jax.extend.mlir import ir
from jax.interpreters import mlir

from benchmarks import shardy


def time_shardy(lowered: jax.stages.Lowered) -> tuple[float, float | None]:
    """Seconds of the propagation, and of the passes that make the program local.

    The latter is None where those passes abort.
    """
    module = lowered.compiler_ir("stablehlo")
    return shardy.run_passes(module, shardy.PROPAGATION), shardy.time_to_local(module)


def count_ops(module: ir.Module) -> int:
    """Ops of a module, at all depths."""
    count = 0

    def visit(op) -> ir.WalkResult:
        nonlocal count
        count += 1
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    return count


class Row(NamedTuple):
    """A row of the table, and what its last lines are made of."""

    text: str
    layers: int
    ops: int
    partir_s: float


def measure(layers: int, schedule_name: str, scan: bool, compile_too: bool) -> Row:
    """Times the step with this number of layers."""
    import partir
    from benchmarks.models import gpt, gpt_schedules

    config = gpt.Config(layers=layers, scan_layers=scan)
    axis_types = (jax.sharding.AxisType.Auto,) * 2
    mesh = jax.make_mesh((4, 2), ("B", "M"), axis_types=axis_types)
    train_step = gpt.make_train_step(config)
    arguments = gpt.shapes(config)

    ours = partir.jit(
        train_step,
        mesh=mesh,
        schedule=gpt_schedules.model(config).schedule(schedule_name),
    ).lower(*arguments)
    text = ours.local_module
    start = time.perf_counter()
    with mlir.make_ir_context() as context:
        ir.Module.parse(text, context)
    seconds = {**ours.seconds, "reparse": time.perf_counter() - start}
    lower = seconds.pop("lower")
    partir_s = sum(seconds.values())

    plain = jax.jit(train_step, in_shardings=ours.in_shardings, keep_unused=True).lower(
        *arguments
    )
    ops = count_ops(plain.compiler_ir("stablehlo"))
    compile_s = float("nan")
    if compile_too:
        start = time.perf_counter()
        plain.compile()
        compile_s = time.perf_counter() - start
    propagation, local = time_shardy(plain)
    shardy_s = propagation + (local or 0.0)
    aborted = "" if local is not None else " (aborts; propagation only)"
    parts = ", ".join(f"{name} {value:.3f}" for name, value in seconds.items())
    text = (
        f"{layers:6}{ops:8}{lower:9.2f}{partir_s:9.3f}{propagation:9.3f}{shardy_s:9.3f}"
        f"{compile_s:9.2f}{partir_s / shardy_s:15.2f}{partir_s / compile_s:12.3f}"
        f"{aborted}\n       partir: {parts}"
    )
    return Row(text, layers, ops, partir_s)


def growth(before: Row, after: Row) -> str:
    """How ops and partir's time grow from one row to the next."""
    return (
        f"from {before.layers} to {after.layers} layers: "
        f"{after.ops / before.ops:.1f}x ops, "
        f"{after.partir_s / before.partir_s:.1f}x time of partir"
    )


def main() -> None:
    """Prints a row for each number of layers."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "layers", type=int, nargs="*", default=[4, 32], help="numbers of layers"
    )
    parser.add_argument("--schedule", default="BP+MP+Z3", help="name of the schedule")
    parser.add_argument("--scan-layers", action="store_true")
    parser.add_argument(
        "--no-compile", action="store_true", help="leave XLA's compile out"
    )
    options = parser.parse_args()
    print("seconds; a ratio below 1 means that partir is faster")
    print(
        f"{'layers':>6}{'ops':>8}{'lower':>9}{'partir':>9}{'sdy prop':>9}{'Shardy':>9}"
        f"{'XLA':>9}{'partir/Shardy':>15}{'partir/XLA':>12}"
    )
    rows = []
    for layers in options.layers:
        row = measure(
            layers, options.schedule, options.scan_layers, not options.no_compile
        )
        rows.append(row)
        print(row.text, flush=True)
    for before, after in itertools.pairwise(rows):
        print(growth(before, after))


if __name__ == "__main__":
    main()
