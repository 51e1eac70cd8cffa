# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""``partir.jit``: partitions a function by a schedule, in the shape of ``jax.jit``.

For each signature (shapes, types, pytrees, static values) there is one plan, and one
executable compiled for the plan's shardings: a call with host arrays and a later one
with placed arrays share it. A call goes straight to the executable, which checks
shapes and shardings itself; only when it refuses does the call look for another.
"""

import functools
import threading
from collections.abc import Callable, Sequence
from typing import Any

import jax

from partir._carry import Carry, check_carry
from partir._device import DeviceLike, check_device
from partir._lowered import Lowered
from partir._mesh import (
    AnyMesh,
    check_mesh,
    check_runnable,
    is_multi_process,
    lowering_platform,
)
from partir._partir import PartirError
from partir._processes import check_processes
from partir._rules import count_rules
from partir._runner import Runner, is_traced
from partir._schedule import make_plan
from partir._signature import Form, Signature
from partir._source import abstract_arguments, function_source
from partir._tactic import Tactic, check_schedule

#: JAX's settings that change what a function lowers to.
_SETTINGS = (
    "jax_disable_jit",
    "jax_enable_x64",
    "jax_default_matmul_precision",
    "jax_numpy_dtype_promotion",
    "jax_numpy_rank_promotion",
    "jax_default_prng_impl",
    "jax_threefry_partitionable",
)


def jit(
    fun: Callable[..., Any],
    *,
    mesh: AnyMesh,
    schedule: Sequence[Tactic],
    donate_argnums: int | Sequence[int] = (),
    donate_argnames: str | Sequence[str] = (),
    static_argnums: int | Sequence[int] = (),
    static_argnames: str | Sequence[str] = (),
    carry: Carry | None = None,
    platform: str | None = None,
    device: DeviceLike | None = None,
) -> "Wrapped":
    """Partitions ``fun`` over ``mesh`` by ``schedule``, and compiles it.

    Under ``jax.disable_jit()`` a call runs ``fun`` itself, as with ``jax.jit``.

    Args:
      fun: a function of pytrees of arrays, as for ``jax.jit``; it must not place
        values itself and have no side effects.
      mesh: a ``jax.sharding.Mesh``, or an ``AbstractMesh`` to plan without devices.
        All its axes are Auto, or all are Explicit.
      schedule: the tactics, in the order in which they are taken. Earlier ones win:
        a later tactic never undoes what an earlier one decided.
      donate_argnums: positional arguments whose buffers may be reused.
      donate_argnames: the same by name.
      static_argnums: positional arguments that are compile-time settings (hashable).
      static_argnames: the same by name.
      carry: the arguments that hold state, each with the result that is its value for
        the next step: from the name of an argument, or a dotted path below one, to
        the number of a result, or a dotted path below the results (``""`` is all of
        them). ``{"params": 0, "opt_state": 1}`` for a train step that returns
        ``(params, opt_state, loss)``. These results leave the step in the sharding
        in which the arguments enter it. What has to be moved for that is among
        the stops of the reports.
      platform: ``"cpu"``, ``"gpu"``, ``"cuda"``, ``"rocm"`` or ``"tpu"``: what to
        lower for. By default that of the mesh's devices; of the default devices for
        an ``AbstractMesh``.
      device: for which device reports estimate time and memory: the name of one
        (``"tpu_v5e"``, ``"h100"``), the path of a file of JSON, or what is in one as a
        dict. By default the devices of the mesh, where PartIR knows them.

    Returns:
      A :class:`Wrapped`: call it like ``fun``, or ``.lower(...)`` it for reports.

    Raises:
      PartirError: an argument of ``jit`` is not valid. What depends on the arguments
        of ``fun`` is raised by the call or by ``lower``.
    """
    if not callable(fun):
        raise PartirError(f"jit: fun is {fun!r}; it must be a function")
    mesh = check_mesh(mesh)
    return Wrapped(
        fun,
        mesh=mesh,
        schedule=check_schedule(schedule, mesh.axis_names),
        signature=Signature(
            fun, static_argnums, static_argnames, donate_argnums, donate_argnames
        ),
        carry=check_carry(carry),
        platform=lowering_platform(mesh, platform),
        device=check_device(mesh, device),
    )


class Wrapped:
    """A partitioned function. Made by :func:`jit`."""

    def __init__(
        self,
        fun: Callable[..., Any],
        *,
        mesh: AnyMesh,
        schedule: tuple[Tactic, ...],
        signature: Signature,
        carry: dict[str, str],
        platform: str,
        device: str | None,
    ):
        functools.update_wrapper(self, fun, updated=())
        self._fun = fun
        self._mesh = mesh
        self._schedule = schedule
        self._signature = signature
        self._carry = carry
        self._platform = platform
        self._device = device
        self._is_multi_process = is_multi_process(mesh)
        self._lock = threading.RLock()
        self._runners: dict[Any, Runner] = {}
        # Guesses, which the executable checks: by form, where that has one runner
        # only, and else by what is quick to read off the arguments.
        self._single: dict[Any, Runner | None] = {}
        self._by_look: dict[Any, Runner] = {}

    def __repr__(self) -> str:
        return f"<partir.jit of {getattr(self._fun, '__name__', self._fun)}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if jax.config.jax_disable_jit:
            return self._fun(*args, **kwargs)
        dynamic, form = self._signature.split(args, kwargs)
        if self._is_multi_process and not is_traced(dynamic):
            check_processes(self._mesh, self._signature.slots(form), dynamic)
        group = form, _settings()
        look = None
        runner = self._single.get(group)
        if runner is None and group in self._single:
            look = group, *_look(dynamic)
            runner = self._by_look.get(look)
        if runner is not None and runner.weak == _weak(dynamic):
            try:
                return runner.executable(*dynamic)
            except (TypeError, ValueError):
                # Another signature, a traced argument, or one that is placed
                # otherwise: below. An error of another kind comes again there.
                pass
        check_runnable(self._mesh, f"calling {self._name}")
        runner = self._runner(form, dynamic)
        if look is not None:
            self._by_look[look] = runner
        return runner(dynamic)

    def lower(self, *args: Any, **kwargs: Any) -> Lowered:
        """Partitions the function for arguments like these, without running it.

        Args:
          *args: arrays, or ``jax.ShapeDtypeStruct``; their shardings do not matter.
          **kwargs: likewise.

        Raises:
          PartirError: the function, or a tactic on it, is refused.
        """
        dynamic, form = self._signature.split(args, kwargs)
        return Lowered(self._runner(form, dynamic), self._schedule)

    @property
    def _name(self) -> str:
        return getattr(self._fun, "__name__", "the function")

    def _runner(self, form: Form, dynamic: tuple[Any, ...]) -> Runner:
        """The runner for these arguments, made where there is none yet."""
        avals = abstract_arguments(self._signature, form, dynamic)
        group = form, _settings()
        key = (group, *_key(avals))
        with self._lock:
            runner = self._runners.get(key)
            if runner is None:
                source = function_source(
                    self._fun,
                    self._signature,
                    form,
                    avals,
                    self._platform,
                    self._carry,
                )
                plan = make_plan(source, self._mesh, self._schedule, self._device)
                runner = Runner(plan)
                self._runners[key] = runner
                self._single[group] = None if group in self._single else runner
        return runner


def _key(avals: tuple[Any, ...]) -> tuple[Any, ...]:
    """What must agree for two calls of one form to share a plan."""
    leaves, tree = jax.tree_util.tree_flatten(avals)
    return tree, tuple((leaf.shape, leaf.dtype, leaf.weak_type) for leaf in leaves)


def _settings() -> tuple[Any, ...]:
    """What changes the plan of a function, beside its arguments."""
    config = jax.config
    return (count_rules(), *[getattr(config, name) for name in _SETTINGS])


def _look(dynamic: tuple[Any, ...]) -> tuple[Any, ...]:
    """A quick key: equal ones nearly always mean one signature."""
    leaves, tree = jax.tree_util.tree_flatten(dynamic)
    looks = []
    for leaf in leaves:
        try:
            looks.append((leaf.shape, leaf.dtype))
        except AttributeError:
            looks.append(type(leaf))
    return tree, tuple(looks), tuple(_weak(leaves))


def _weak(dynamic: Any) -> list[bool]:
    """Which leaves are weakly typed, as those of Python's numbers are."""
    return [
        getattr(leaf, "weak_type", False) or type(leaf) in (int, float, complex)
        for leaf in jax.tree_util.tree_leaves(dynamic)
    ]
