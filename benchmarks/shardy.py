# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Shardy's own path from a module with input shardings to a device-local program.

It is that of Shardy's passes in the jaxlib wheel, run by hand. The last two abort the
process on some programs, so they run in one of their own, which is this file run with
the name of a module's file.
"""

import math
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from jax.extend.mlir import ir
from jax.extend.mlir.dialects import stablehlo
from jax.extend.mlir.passmanager import PassManager
from jax.interpreters import mlir

from benchmarks.hlo_traffic import KINDS, ring_bytes
from partir import Total

PROPAGATION = (
    "builtin.module("
    "func.func(chlo-legalize-to-stablehlo),inline,"
    "sdy-propagation-pipeline,"
    "func.func(sdy-insert-explicit-reshards{enable-full-version=true}),"
    "sdy-resolve-permutation-factors,"
    "func.func(sdy-reshard-to-collectives),"
    "func.func(sdy-pad-for-divisibility))"
)
#: Merges equal collectives, and makes reduce_scatters of what is reduced and sliced.
CLEAN_UP = "builtin.module(canonicalize,cse)"
TO_LOCAL = "builtin.module(sdy-convert-global-to-local,sdy-drop-sharding-and-mesh)"

#: The attribute with the axes that a collective runs over.
_AXES = {
    "all_gather": "gathering_axes",
    "all_reduce": "reduction_axes",
    "reduce_scatter": "reduce_scatter_axes",
    "all_to_all": "params",
}
#: Ops of the dialect that move nothing between devices.
_LOCAL_OPS = ("sdy.mesh", "sdy.all_slice", "sdy.constant")

stablehlo.register_stablehlo_passes()


def copy(module: ir.Module) -> ir.Module:
    """A copy to run passes on: JAX compiles the module that it gives out."""
    text = module.operation.get_asm(print_generic_op_form=True)
    return ir.Module.parse(text, module.context)


def run_passes(module: ir.Module, pipeline: str) -> float:
    """Runs the passes on the module; returns the seconds taken."""
    with module.context:
        manager = PassManager.parse(pipeline)
        start = time.perf_counter()
        manager.run(module.operation)
        return time.perf_counter() - start


def time_to_local(module: ir.Module) -> float | None:
    """Seconds that the last passes take on what the propagation made of a module.

    None where they abort. The module stays as it is.
    """
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "propagated.mlir"
        path.write_text(module.operation.get_asm(print_generic_op_form=True))
        done = subprocess.run(
            [sys.executable, __file__, str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode > 0:
        raise RuntimeError(f"the last Shardy passes failed:\n{done.stderr}")
    # A negative code is the signal that an abort ended the process with.
    return float(done.stdout) if done.returncode == 0 else None


def traffic(module: ir.Module) -> dict[str, Total]:
    """Collectives and bytes by kind of what the propagation made of a module.

    The collectives are ops of Shardy's on global arrays; the last passes make each
    into one on the arrays of a device. Inside loops they count once.

    Raises:
      ValueError: an op of Shardy's is unknown here.
    """
    totals = dict.fromkeys(KINDS.values(), Total())
    sizes: dict[str, int] = {}

    def visit(op: ir.Operation) -> ir.WalkResult:
        if op.name == "sdy.mesh":
            axes = re.findall(r'"([^"]+)"=(\d+)', str(op.attributes["mesh"]))
            sizes.update((name, int(size)) for name, size in axes)
        elif op.name.startswith("sdy.") and op.name not in _LOCAL_OPS:
            kind = op.name.removeprefix("sdy.")
            if kind not in totals:
                raise ValueError(f"an unknown op: {op.name}")
            old = totals[kind]
            totals[kind] = Total(old.count + 1, old.bytes + _sent(kind, op, sizes))
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    return totals


def _sent(kind: str, op: ir.Operation, sizes: Mapping[str, int]) -> int:
    """Bytes that a device sends for a collective."""

    def devices(axes: str) -> int:
        """Along the axes, or parts of axes, that stand in a text."""
        found = re.findall(r'"([^"]+)"(?::\(\d+\)(\d+))?', axes)
        return math.prod(int(part or sizes[name]) for name, part in found)

    array = ir.RankedTensorType(op.results[0].type)
    whole = math.prod(array.shape) * array.element_type.width // 8
    dims = re.search(r"\[.*\]", str(op.attributes["out_sharding"]))
    result = whole // devices(dims[0])
    n = devices(str(op.attributes[_AXES[kind]])) if kind in _AXES else 1
    operand = {"all_gather": result // n, "reduce_scatter": result * n}
    return ring_bytes(kind, operand.get(kind, result), n)


def main(path: str) -> None:
    """Runs the last passes on a file, and prints the seconds taken."""
    with mlir.make_ir_context() as context:
        module = ir.Module.parse(Path(path).read_text(), context)
    print(run_passes(module, TO_LOCAL))


if __name__ == "__main__":
    main(*sys.argv[1:])
