# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""MLIR text as a module of jaxlib's Python bindings."""

from jax.extend.mlir import ir
from jax.interpreters import mlir

from partir._partir import round_trip


def parse_module(text: str) -> ir.Module:
    """The module, in a new context of JAX's that it keeps alive.

    The ops of PartIR's own dialects are unregistered there, and so are their types and
    attributes: jaxlib reads them in the generic form only.
    """
    context = mlir.make_ir_context()
    context.allow_unregistered_dialects = True
    return ir.Module.parse(round_trip(text), context)
