# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Hands a device-local program to XLA as an ordinary JAX function.

The function takes and gives global arrays. Inside, ``shard_map`` over the user's
mesh runs a primitive of ours, whose lowering merges the local module and calls it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax.extend.core import Primitive
from jax.extend.mlir import ir
from jax.extend.mlir.dialects import func
from jax.interpreters import ad, batching, mlir

from partir._mesh import AnyMesh, axis_sizes, is_explicit, named_sharding
from partir._partir import PartirError
from partir._schedule import Plan, is_key, local_shape, physical_aval


class LocalProgram:
    """A device-local module and the types of its results; compared by identity."""

    def __init__(self, plan: Plan):
        sizes = axis_sizes(plan.mesh)
        self.name = plan.name
        self.module = plan.local_module
        self.out_types = [
            (
                local_shape(aval.shape, spec, sizes),
                aval.dtype,
                getattr(aval, "weak_type", False),
            )
            for aval, spec in zip(
                map(physical_aval, plan.out_avals), plan.out_specs, strict=True
            )
        ]

    def __repr__(self) -> str:
        return self.name


def global_function(plan: Plan) -> Callable[..., list[Any]]:
    """Returns a function from the leaves of the dynamic arguments to the results.

    Its arguments may have any sharding: they are moved to the plan's.
    """
    mesh = plan.mesh
    program = LocalProgram(plan)
    count = len(plan.constants)
    constant_specs, leaf_specs = plan.in_specs[:count], plan.in_specs[count:]
    key_impls = [_key_impl(aval) for aval in plan.out_avals]

    def body(*arrays: Any) -> list[Any]:
        return _call_p.bind(*arrays, program=program)

    local = jax.shard_map(
        body,
        mesh=mesh,
        in_specs=tuple(named_sharding(mesh, spec).spec for spec in plan.in_specs),
        out_specs=[named_sharding(mesh, spec).spec for spec in plan.out_specs],
        check_vma=False,
    )

    def run(*leaves: Any) -> list[Any]:
        placed = [
            _place(array, mesh, spec)
            for array, spec in zip(plan.constants, constant_specs, strict=True)
        ]
        for leaf, aval, spec in zip(leaves, plan.in_avals, leaf_specs, strict=True):
            data = jax.random.key_data(leaf) if is_key(aval) else leaf
            placed.append(_place(data, mesh, spec))
        results = []
        for data, aval, spec, impl in zip(
            local(*placed), plan.out_avals, plan.out_specs, key_impls, strict=True
        ):
            if impl is not None:
                whole_data = _place(data, mesh, [*spec[: len(aval.shape)], []])
                data = jax.random.wrap_key_data(whole_data, impl=impl)
            results.append(data)
        return results

    return run


def _key_impl(aval: Any) -> Any:
    """The implementation of the typed PRNG keys of this type, or None."""
    if not is_key(aval):
        return None
    found = []

    def look(key: Any) -> Any:
        found.append(jax.random.key_impl(key))
        return key

    jax.eval_shape(look, jax.ShapeDtypeStruct((), aval.dtype))
    return found[0]


def _place(array: Any, mesh: AnyMesh, spec: list[list[str]]) -> Any:
    sharding = named_sharding(mesh, spec)
    if is_explicit(mesh):
        return jax.reshard(array, sharding)
    return jax.lax.with_sharding_constraint(array, sharding)


_call_p = Primitive("partir_call")
_call_p.multiple_results = True


def _abstract_eval(*args: Any, program: LocalProgram) -> list[Any]:
    return [
        jax.core.ShapedArray(shape, dtype, weak_type=weak_type)
        for shape, dtype, weak_type in program.out_types
    ]


def _lower(ctx: Any, *operands: Any, program: LocalProgram) -> Sequence[Any]:
    module = ir.Module.parse(program.module, ctx.module_context.context)
    main = ir.SymbolTable(module.operation)["main"]
    types = main.function_type.value.results
    name = mlir.merge_mlir_modules(
        ctx.module_context.module,
        program.name,
        module,
        dst_symtab=ctx.module_context.symbol_table,
    )
    # The ops inside have the user's names and lines; a name on the call would only
    # be put in front of each of them.
    nowhere = ir.Location.unknown(ctx.module_context.context)
    call = func.CallOp(types, ir.FlatSymbolRefAttr.get(name), operands, loc=nowhere)
    return list(call.results)


def _no_jvp(primals: Any, tangents: Any, *, program: LocalProgram) -> Any:
    raise PartirError(
        f"cannot differentiate through {program.name}, which is partitioned already; "
        "differentiate first, then partition: partir.jit(jax.grad(f), ...)"
    )


def _no_batching(args: Any, dims: Any, *, program: LocalProgram) -> Any:
    raise PartirError(
        f"cannot apply jax.vmap to {program.name}, which is partitioned already; apply "
        "it first, then partition: partir.jit(jax.vmap(f), ...)"
    )


_call_p.def_abstract_eval(_abstract_eval)
ad.primitive_jvps[_call_p] = _no_jvp
batching.primitive_batchers[_call_p] = _no_batching
mlir.register_lowering(_call_p, _lower)
