# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""An example of each op, also of those that JAX has no way to, partitioned and run."""

import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.core import Primitive
from jax.extend.mlir import ir
from jax.extend.mlir.dialects import func
from jax.interpreters import mlir
from jax.sharding import AxisType

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))

from cases import Case
from check import check
from op_examples import ELEMENTS, runnable

EXAMPLES = runnable()
#: They carry no axis themselves, but hand on values that are tiled.
TIES = {f"stablehlo.{name}" for name in ("case", "if", "optimization_barrier", "while")}


# --- StableHLO inside a function of JAX

example_p = Primitive("example")
example_p.multiple_results = True


@example_p.def_abstract_eval
def _(*_, example):
    return [
        jax.core.ShapedArray(shape, np.dtype(ELEMENTS[element]))
        for shape, element in example.results
    ]


def lower(ctx, *operands, example):
    module = ir.Module.parse(example.text, ctx.module_context.context)
    main = ir.SymbolTable(module.operation)["main"]
    types = main.function_type.value.results
    name = mlir.merge_mlir_modules(
        ctx.module_context.module,
        "example",
        module,
        dst_symtab=ctx.module_context.symbol_table,
    )
    return func.CallOp(types, ir.FlatSymbolRefAttr.get(name), operands).results


mlir.register_lowering(example_p, lower)


def case_of(example):
    random = np.random.RandomState(0)
    args = tuple(
        jnp.asarray(random.uniform(0, 4, shape), dtype=ELEMENTS[element])
        for shape, element in example.arguments
    )
    return Case(
        example.name,
        example.name,
        lambda *args: example_p.bind(*args, example=example),
        lambda: args,
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name):
    mesh = jax.make_mesh((2, 4), ("a", "b"), axis_types=(AxisType.Auto,) * 2)
    record = check(case_of(EXAMPLES[name]), mesh)
    assert not record.unsupported
    assert not record.failures
    assert not [one for one in record.outcomes if one.failure]
    assert name in TIES or any(name in one.ops for one in record.outcomes)
