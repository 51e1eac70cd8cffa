# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The ops in the lit tests of the rules, each as a program of its own."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jax.interpreters import mlir as jax_mlir
from jaxlib.mlir import ir
from jaxlib.mlir.dialects import func

FOLDER = Path(__file__).parents[1] / "rules"
#: What is refused.
NO_RULE = FOLDER / "no_rule.mlir"
FILES = sorted({*FOLDER.glob("*.mlir")} - {NO_RULE})

_DTYPES = (
    *("bool", "int8", "int16", "int32", "uint32"),
    *("float16", "float32", "complex64"),
)
with jax_mlir.make_ir_context():
    #: By element type that of NumPy, where it needs no 64 bits.
    ELEMENTS = {str(jax_mlir.dtype_to_ir_type(np.dtype(one))): one for one in _DTYPES}
#: Ops whose examples cannot be run on devices, and why.
NOT_RUN = {
    "chlo.mulhi": "XLA cannot compile it inside shard_map",
    "chlo.ragged_dot": "XLA cannot compile it for the CPU",
    "chlo.scan": "carries no axis",
    "stablehlo.custom_call": "the target is no function that XLA knows",
    "stablehlo.unary_einsum": "XLA cannot translate it",
}
#: Shape and element type.
Type = tuple[tuple[int, ...], str]


@dataclasses.dataclass(frozen=True)
class Example:
    """A program of one op.

    Attributes:
      name: of the op.
      text: StableHLO in generic form.
      tagged: the same, with its results tagged ``out0``, ``out1``, ...
      arguments: of each operand, and of each value that a region uses.
      results: of each result.
    """

    name: str
    text: str
    tagged: str
    arguments: tuple[Type, ...]
    results: tuple[Type, ...]


def examples() -> Iterator[Example]:
    """What jaxlib can read of them: all but the ops of PartIR."""
    for file in FILES:
        for chunk in re.split(r"^// -----$", file.read_text(), flags=re.M):
            with jax_mlir.make_ir_context() as context, ir.Location.unknown():
                context.allow_unregistered_dialects = True
                yield from _examples_of(chunk)


def runnable() -> dict[str, Example]:
    """By op the first example that has a dim to tile and can be run."""
    found: dict[str, Example] = {}
    for example in examples():
        types = example.arguments + example.results
        is_tiled = any(size and size % 2 == 0 for shape, _ in types for size in shape)
        if is_tiled and {element for _, element in types} <= {*ELEMENTS}:
            found.setdefault(example.name, example)
    return {name: found[name] for name in found if name not in NOT_RUN}


def _examples_of(chunk: str) -> Iterator[Example]:
    try:
        module = ir.Module.parse(chunk)
    except ir.MLIRError:
        return
    for op in _children(module.operation):
        for inner in _children(op):
            if inner.name.split(".")[0] in ("stablehlo", "chlo"):
                yield _example(inner)


def _children(op: ir.Operation) -> Iterator[ir.Operation]:
    for region in op.regions:
        for block in region:
            yield from (inner.operation for inner in block)


def _nest(op: ir.Operation) -> Iterator[ir.Operation]:
    yield op
    for inner in _children(op):
        yield from _nest(inner)


def _uses(op: ir.Operation) -> list[ir.Value]:
    """The operands, and what the regions use from outside."""
    inside = {argument for one in _nest(op) for argument in _arguments(one)}
    inside |= {result for one in _nest(op) for result in one.results}
    used = dict.fromkeys(value for one in _nest(op) for value in one.operands)
    return [value for value in used if value not in inside]


def _arguments(op: ir.Operation) -> Iterator[ir.Value]:
    for region in op.regions:
        for block in region:
            yield from block.arguments


def _example(op: ir.Operation) -> Example:
    used = _uses(op)
    return Example(
        op.name,
        _program(op, used, is_tagged=False),
        _program(op, used, is_tagged=True),
        tuple(map(_type, used)),
        tuple(map(_type, op.results)),
    )


def _program(op: ir.Operation, used: list[ir.Value], *, is_tagged: bool) -> str:
    module = ir.Module.create()
    with ir.InsertionPoint(module.body):
        types = [value.type for value in used], [value.type for value in op.results]
        block = func.FuncOp("main", types).add_entry_block()
    with ir.InsertionPoint(block):
        clone = op.clone()
        for one in _nest(clone):
            for number, operand in enumerate(one.operands):
                if operand in used:
                    one.operands[number] = block.arguments[used.index(operand)]
        results = list(clone.results)
        if is_tagged:
            results = [_tag(f"out{i}", result) for i, result in enumerate(results)]
        func.ReturnOp(results)
    return module.operation.get_asm(print_generic_op_form=True)


def _tag(name: str, value: ir.Value) -> ir.Value:
    attributes = {"name": ir.StringAttr.get(name)}
    return ir.Operation.create("partir.tag", [value.type], [value], attributes).result


def _type(value: ir.Value) -> Type:
    tensor = ir.RankedTensorType(value.type)
    return tuple(tensor.shape), str(tensor.element_type)
