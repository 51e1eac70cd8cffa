# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""MLIR text as a module of jaxlib's Python bindings."""

from jax.extend.mlir import ir
from jax.interpreters import mlir

from partir._booleans import to_bytes
from partir._partir import round_trip


def parse_module(text: str) -> ir.Module:
    """The module in generic form, in a new context of JAX's that it keeps alive.

    The ops of PartIR's own dialects are unregistered there, and so are their types and
    attributes.
    """
    context = mlir.make_ir_context()
    context.allow_unregistered_dialects = True
    return ir.Module.parse(text, context)


def generic(text: str) -> str:
    """What the compiler printed in its own form, as jaxlib reads it."""
    return to_bytes(round_trip(text))
