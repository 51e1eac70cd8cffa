# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""From a JAX function to the StableHLO text that the compiler reads.

The function is lowered from plain shapes and types, for the platform it will run
on, outside any mesh: shardings are the schedule's business. What cannot be
partitioned (side effects, shardings in the model, dynamic shapes) is refused here,
while the user's source lines are at hand.
"""

import dataclasses
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np
from jax.extend import core
from jax.sharding import AbstractMesh

from partir._booleans import to_bits
from partir._partir import PartirError

#: Closed-over arrays from this size on become inputs of the program instead of text.
_LARGE_CONSTANT_BYTES = 16384

_SHARDED = (
    "the function itself places values on devices; leave that to the schedule (use "
    "partir.tag to name the value, and tile it in a tactic)"
)
_EFFECT = (
    "each device would run this side effect for its own part; take it out of the "
    "partitioned function (return the value instead)"
)

#: Primitives that are refused: how a user would call them, and why.
_REFUSED = {
    "sharding_constraint": ("with_sharding_constraint", _SHARDED),
    "reshard": ("jax.reshard", _SHARDED),
    "mesh_cast": ("a cast to another mesh", _SHARDED),
    "shard_map": ("shard_map", _SHARDED),
    "xla_pmap": ("pmap", _SHARDED),
    "debug_print": ("jax.debug.print", _EFFECT),
    "debug_callback": ("jax.debug.callback", _EFFECT),
    "pure_callback": ("jax.pure_callback", _EFFECT),
    "io_callback": ("io_callback", _EFFECT),
    "outside_call": ("a host callback", _EFFECT),
    "infeed": ("infeed", _EFFECT),
    "outfeed": ("outfeed", _EFFECT),
    "partir_call": (
        "a call of another partitioned function",
        "partition the outer function only, with all the tactics in its schedule",
    ),
}

#: Effects that lowering turns into plain data flow (arrays mutated inside only).
_HARMLESS_EFFECTS = ("InternalMutableArrayEffect",)

_NO_MESH = AbstractMesh((), ())


@dataclasses.dataclass(frozen=True)
class Exchanged:
    """A function as StableHLO text.

    Attributes:
      text: the module, generic form with locations; its inputs are ``constants``,
        then the leaves of the dynamic arguments.
      name: name of the function.
      constants: closed-over arrays that are inputs of the module.
      out_avals: logical shapes and types of the results.
      out_tree: their pytree.
      seconds: time for ``"lower"`` (JAX's tracing and lowering) and ``"print"``.
    """

    text: str
    name: str
    constants: tuple[Any, ...]
    out_avals: tuple[Any, ...]
    out_tree: jax.tree_util.PyTreeDef
    seconds: dict[str, float]


def abstract(leaf: Any, name: str) -> jax.ShapeDtypeStruct:
    """Shape and type of an input, without its sharding.

    Raises:
      PartirError: ``leaf`` is no array, or one of its dims has no fixed size.
    """
    if isinstance(leaf, jax.ShapeDtypeStruct):
        aval: Any = leaf
    else:
        try:
            aval = jax.typeof(leaf)
        except TypeError:
            raise PartirError(
                f"the argument {name!r} is of type {type(leaf).__name__}, which is not "
                "an array; if it is a setting, list the argument in static_argnames, "
                "or keep the value out of its pytree (a static field, or "
                "equinox.partition)"
            ) from None
    for dim in aval.shape:
        if not isinstance(dim, int | np.integer):
            raise PartirError(
                f"the argument {name!r} has the dynamic shape "
                f"({', '.join(map(str, aval.shape))}); every dim needs a fixed size"
            )
    dtype = aval.dtype
    if not jax.dtypes.issubdtype(dtype, jax.dtypes.extended):
        dtype = jax.dtypes.canonicalize_dtype(dtype)
    return jax.ShapeDtypeStruct(
        tuple(map(int, aval.shape)),
        dtype,
        weak_type=bool(getattr(aval, "weak_type", False)),
    )


def exchange(
    fun: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    static_argnums: tuple[int, ...],
    static_argnames: tuple[str, ...],
    platform: str,
) -> Exchanged:
    """Lowers ``fun`` to StableHLO text.

    Args:
      fun: the user's function.
      args: its arguments: static values, and ``ShapeDtypeStruct`` for the others.
      kwargs: its keyword arguments, likewise.
      static_argnums: as in ``jax.jit``.
      static_argnames: as in ``jax.jit``.
      platform: what to lower for: ``"cpu"``, ``"cuda"``, ``"rocm"`` or ``"tpu"``.

    Raises:
      PartirError: the function holds something that cannot be partitioned.
    """
    start = time.perf_counter()
    with jax.sharding.use_abstract_mesh(_NO_MESH):
        traced = jax.jit(
            fun,
            static_argnums=static_argnums or None,
            static_argnames=static_argnames or None,
            keep_unused=True,
        ).trace(*args, **kwargs)
        closed = traced.jaxpr
        in_avals = jax.tree_util.tree_leaves(traced.in_avals)
        if len(closed.jaxpr.invars) != len(in_avals):
            raise PartirError(
                f"{traced.fun_name} uses a value of a transformation around it "
                "(jit, grad, scan, ...) that is not among its arguments; pass it as one"
            )
        _refuse(closed)
        large = [i for i, c in enumerate(closed.consts) if _is_large(c)]
        constants = tuple(closed.consts[i] for i in large)
        out_tree = traced.out_tree
        if large:
            traced = _hoist(closed, large, in_avals, traced.fun_name)
        module = traced.lower(lowering_platforms=(platform,)).compiler_ir("stablehlo")
    lowered = time.perf_counter()
    text = to_bits(
        module.operation.get_asm(
            print_generic_op_form=True, enable_debug_info=True, assume_verified=True
        )
    )
    seconds = {"lower": lowered - start, "print": time.perf_counter() - lowered}
    out_leaves, out_tree = jax.tree_util.tree_flatten(
        jax.tree_util.tree_unflatten(out_tree, list(closed.out_avals))
    )
    return Exchanged(
        text, traced.fun_name, constants, tuple(out_leaves), out_tree, seconds
    )


def _is_large(constant: Any) -> bool:
    return getattr(constant, "nbytes", 0) >= _LARGE_CONSTANT_BYTES


def _hoist(
    closed: core.ClosedJaxpr, large: list[int], in_avals: list[Any], name: str
) -> Any:
    """Traces the function again with its large constants as first arguments."""

    def fun(constants: list[Any], leaves: list[Any]) -> list[Any]:
        consts = list(closed.consts)
        for i, constant in zip(large, constants, strict=True):
            consts[i] = constant
        return core.jaxpr_as_fun(core.ClosedJaxpr(closed.jaxpr, consts))(*leaves)

    fun.__name__ = fun.__qualname__ = name
    return jax.jit(fun, keep_unused=True).trace(
        [abstract(closed.consts[i], "a constant") for i in large],
        [
            jax.ShapeDtypeStruct(a.shape, a.dtype, weak_type=a.weak_type)
            for a in in_avals
        ],
    )


def _refuse(closed: core.ClosedJaxpr) -> None:
    """Raises for the first thing in the program that cannot be partitioned."""
    effects = {
        effect
        for effect in closed.effects
        if type(effect).__name__ not in _HARMLESS_EFFECTS
    }
    equations = list(_equations(closed.jaxpr, set()))
    # Such a call holds sharding constraints too; it says more than they do.
    equations.sort(key=lambda eqn: eqn.primitive.name != "partir_call")
    for eqn in equations:
        name = eqn.primitive.name
        if name in _REFUSED and not _is_on_one_device(eqn):
            call, why = _REFUSED[name]
            raise PartirError(f"{_where(eqn)}error: {call}: {why}")
        shardings = (
            *eqn.params.get("in_shardings", ()),
            *eqn.params.get("out_shardings", ()),
        )
        if any(
            isinstance(s, jax.sharding.Sharding) and s.num_devices > 1
            for s in shardings
        ):
            raise PartirError(
                f"{_where(eqn)}error: jit with in_shardings or out_shardings: "
                f"{_SHARDED}"
            )
    for eqn in equations:
        if effects & set(eqn.effects) and not list(core.jaxprs_in_params(eqn.params)):
            raise PartirError(f"{_where(eqn)}error: {eqn.primitive.name}: {_EFFECT}")
    if effects:
        raise PartirError(f"error: the function has side effects {effects}: {_EFFECT}")


def _is_on_one_device(eqn: Any) -> bool:
    """Whether the equation places values, and on one device, which moves nothing."""
    mesh = eqn.params.get("mesh")
    if mesh is not None:
        return mesh.size == 1
    sharding = eqn.params.get("sharding", eqn.params.get("dst_sharding"))
    return isinstance(sharding, jax.sharding.Sharding) and sharding.num_devices == 1


def _equations(jaxpr: Any, seen: set[int]) -> Iterator[Any]:
    """The equations of a jaxpr and of those inside, each jaxpr once."""
    if id(jaxpr) in seen:
        return
    seen.add(id(jaxpr))
    for eqn in jaxpr.eqns:
        yield eqn
        for inner in core.jaxprs_in_params(eqn.params):
            yield from _equations(getattr(inner, "jaxpr", inner), seen)


def _where(eqn: Any) -> str:
    """``"file:line: "`` of the user's line that the equation comes from."""
    traceback = eqn.source_info.traceback
    ours = (os.path.dirname(jax.__file__), os.path.dirname(__file__))
    for frame in traceback.frames if traceback else ():
        if not frame.file_name.startswith(ours):
            return f"{frame.file_name}:{frame.line_num}: "
    return ""
