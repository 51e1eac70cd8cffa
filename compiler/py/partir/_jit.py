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
from jax.extend.mlir import ir

from partir._carry import Carry, check_carry
from partir._exchange import abstract
from partir._execute import global_function
from partir._explain import Explainer, Explanation
from partir._mesh import (
    AnyMesh,
    check_mesh,
    check_runnable,
    is_multi_process,
    lowering_platform,
)
from partir._mlir import generic, parse_module
from partir._partir import PartirError
from partir._paths import leaf_paths
from partir._processes import check_processes
from partir._report import TacticReport
from partir._rules import count_rules
from partir._schedule import (
    Plan,
    abstract_arguments,
    by_call,
    check_after,
    check_stage,
    make_plan,
)
from partir._show import Block, Shown
from partir._signature import Form, Signature
from partir._tables import schedule_summary
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
    ):
        functools.update_wrapper(self, fun, updated=())
        self._fun = fun
        self._mesh = mesh
        self._schedule = schedule
        self._signature = signature
        self._carry = carry
        self._platform = platform
        self._is_multi_process = is_multi_process(mesh)
        self._lock = threading.RLock()
        self._runners: dict[Any, _Runner] = {}
        # Guesses, which the executable checks: by form, where that has one runner
        # only, and else by what is quick to read off the arguments.
        self._single: dict[Any, _Runner | None] = {}
        self._by_look: dict[Any, _Runner] = {}

    def __repr__(self) -> str:
        return f"<partir.jit of {getattr(self._fun, '__name__', self._fun)}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if jax.config.jax_disable_jit:
            return self._fun(*args, **kwargs)
        dynamic, form = self._signature.split(args, kwargs)
        if self._is_multi_process and not _is_traced(dynamic):
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

    def lower(self, *args: Any, **kwargs: Any) -> "Lowered":
        """Partitions the function for arguments like these, without running it.

        Args:
          *args: arrays, or ``jax.ShapeDtypeStruct``; their shardings do not matter.
          **kwargs: likewise.

        Raises:
          PartirError: the function, or a tactic on it, is refused.
        """
        dynamic, form = self._signature.split(args, kwargs)
        return Lowered(self._runner(form, dynamic), self._signature, self._schedule)

    @property
    def _name(self) -> str:
        return getattr(self._fun, "__name__", "the function")

    def _runner(self, form: Form, dynamic: tuple[Any, ...]) -> "_Runner":
        """The runner for these arguments, made where there is none yet."""
        avals = abstract_arguments(self._signature, form, dynamic)
        group = form, _settings()
        key = (group, *_key(avals))
        with self._lock:
            runner = self._runners.get(key)
            if runner is None:
                plan = make_plan(
                    self._fun,
                    self._signature,
                    form,
                    avals,
                    self._mesh,
                    self._schedule,
                    self._platform,
                    self._carry,
                )
                runner = _Runner(plan, self._signature)
                self._runners[key] = runner
                self._single[group] = None if group in self._single else runner
        return runner


class Lowered(Shown):
    """A partitioned program, not compiled yet. Made by ``Wrapped.lower``.

    :meth:`show` prints what each tactic did, and the collectives that it added.

    Attributes:
      reports: one :class:`TacticReport` for each tactic of the schedule.
      in_shardings: a ``NamedSharding`` for each array of the positional arguments
        that are not static, a tuple.
      kw_in_shardings: the same for keyword arguments, a dict.
      out_shardings: a ``NamedSharding`` for each array of the result, in its pytree.
      seconds: time spent on ``"lower"`` (JAX's tracing and lowering), ``"print"`` and
        ``"parse"`` (the text that goes to the compiler), ``"tactics"`` (all of them),
        and ``"export"`` (the local program as text).
    """

    def __init__(
        self, runner: "_Runner", signature: Signature, schedule: tuple[Tactic, ...]
    ):
        self._runner = runner
        self._schedule = schedule
        plan = runner.plan
        self.reports: tuple[TacticReport, ...] = plan.reports
        self.seconds: dict[str, float] = dict(plan.seconds)
        self.in_shardings, self.kw_in_shardings = by_call(
            signature, plan.form, plan.in_shardings
        )
        self.out_shardings = plan.out_shardings

    def as_text(self, stage: str = "stablehlo", *, after: Any = None) -> str:
        """The program as MLIR.

        Args:
          stage: ``"input"`` (StableHLO, global), ``"core"`` (PartIR:Core), ``"hlo"``
            (PartIR:HLO, device-local) or ``"stablehlo"`` (device-local, for XLA).
          after: the tactic after which to look: its name, its number from 0, or the
            tactic; by default the last one. The schedule is run again up to there.

        Raises:
          PartirError: there is no such stage or tactic.
        """
        check_stage(stage)
        count = (
            None if after is None else check_after(after, self.reports, self._schedule)
        )
        return self._runner.plan.replay.program(count).text(stage)

    def explain(self, name: str) -> Explanation:
        """How a value is laid out, why, and which collectives that costs.

        Args:
          name: the path of an input (``"params.layers.0.qkv"``), that of a result
            (``"result.0.layers.0.qkv"``; ``"result"`` where there is one), or the name
            of a :func:`partir.tag`. A path above several values explains each of
            them. The first call runs the schedule again.

        Raises:
          PartirError: no value has this name; the message lists what is close.
        """
        return self._explainer.explain(name)

    @functools.cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self._runner.plan)

    def _blocks(self) -> list[Block]:
        return schedule_summary(self.reports)

    def as_mlir(self, stage: str = "stablehlo") -> ir.Module:
        """The program as a module of jaxlib's MLIR bindings, to walk and inspect.

        The module is new at each call and keeps its MLIR context alive. Hold the module
        for as long as you use its ops, blocks or values: in jaxlib's bindings they do
        not hold it, and one that is used later ends the process. Types and attributes
        stay valid.

        Ops of PartIR's dialects, in ``"core"`` and ``"hlo"``, are unregistered: known
        by name (``op.name == "partir.loop"``), their types and attributes by text.
        Locations are the user's in ``"stablehlo"``, else the lines of ``as_text``.

        Args:
          stage: as in :meth:`as_text`.

        Raises:
          PartirError: there is no such stage.
        """
        if stage == "stablehlo":
            return parse_module(self.local_module)
        return parse_module(generic(self.as_text(stage)))

    @property
    def local_module(self) -> str:
        """The device-local program as XLA gets it: generic StableHLO with locations."""
        return self._runner.plan.local_module

    def compile(self) -> "Compiled":
        """Compiles the program for the devices of the mesh.

        Raises:
          PartirError: the mesh is an ``AbstractMesh``.
        """
        check_runnable(self._runner.plan.mesh, "compile")
        return Compiled(self)


class Compiled:
    """A partitioned program, compiled. As in JAX, its static arguments are fixed.

    Attributes:
      in_shardings, kw_in_shardings, out_shardings: as in :class:`Lowered`.
    """

    def __init__(self, lowered: Lowered):
        self._runner = lowered._runner
        self._executable = lowered._runner.executable
        self._is_multi_process = is_multi_process(self._runner.plan.mesh)
        self.in_shardings = lowered.in_shardings
        self.kw_in_shardings = lowered.kw_in_shardings
        self.out_shardings = lowered.out_shardings

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the program on its dynamic arguments; those placed otherwise are moved.

        Raises:
          PartirError: the arguments differ in number, shape or type from those that
            the program was lowered for, or are traced; or ``jax.disable_jit`` is on.
        """
        keywords = tuple(sorted(kwargs))
        dynamic = args + tuple(kwargs[k] for k in keywords)
        if (len(args), keywords) == (len(self.in_shardings), (*self.kw_in_shardings,)):
            if self._is_multi_process and not _is_traced(dynamic):
                check_processes(self._runner.plan.mesh, self._runner.slots, dynamic)
            try:
                return self._executable(*dynamic)
            except (TypeError, ValueError):
                if jax.config.jax_disable_jit:
                    raise PartirError(
                        f"{self._runner.plan.name} is compiled and cannot run under "
                        "jax.disable_jit; call the function that partir.jit returned"
                    ) from None
                self._runner.check(dynamic)
                return self._executable(*self._runner.move(dynamic))
        raise PartirError(
            f"{self._runner.plan.name} was lowered for {len(self.in_shardings)} "
            f"positional arguments and the keywords {[*self.kw_in_shardings]}, static "
            f"ones apart; it is called with {len(args)} and {[*keywords]}"
        )

    def memory_analysis(self) -> Any:
        """What the back end says of memory, in bytes on one device."""
        return self._executable.memory_analysis()

    def cost_analysis(self) -> Any:
        """What the back end says of flops and bytes, on one device."""
        return self._executable.cost_analysis()

    def as_text(self) -> str:
        """The optimised HLO."""
        return self._executable.as_text()


class _Runner:
    """A plan, and what runs it.

    Attributes:
      plan: the plan.
      weak: which leaves of the dynamic arguments are weakly typed.
      slots: what the dynamic arguments are called.
    """

    def __init__(self, plan: Plan, signature: Signature):
        self.plan = plan
        self.weak = [aval.weak_type for aval in plan.in_avals]
        self.slots = signature.slots(plan.form)
        self._donated = tuple(i for i, slot in enumerate(self.slots) if slot.donated)
        self._in_shardings = plan.in_shardings
        self._lock = threading.Lock()

    def __call__(self, dynamic: tuple[Any, ...]) -> Any:
        """Runs the plan on arguments of its signature, placed anyhow, or traced."""
        if _is_traced(dynamic):
            return self._traceable(*dynamic)
        return self.executable(*self.move(dynamic))

    @property
    def executable(self) -> jax.stages.Compiled:
        """For arrays that lie as planned, for host arrays and uncommitted ones."""
        found = self.__dict__.get("_executable")
        if found is None:
            with self._lock:
                found = self.__dict__.get("_executable") or self._compile()
                self._executable = found
        return found

    def _compile(self) -> jax.stages.Compiled:
        plan = self.plan
        placed = jax.jit(
            self._whole,
            in_shardings=self._in_shardings,
            out_shardings=plan.out_shardings,
            donate_argnums=self._donated,
            keep_unused=True,
        )
        return placed.lower(*plan.in_tree.unflatten(plan.in_avals)).compile()

    @functools.cached_property
    def _traceable(self) -> Callable[..., Any]:
        """For traced arrays, of whatever sharding."""
        return jax.jit(self._whole, donate_argnums=self._donated)

    @functools.cached_property
    def _whole(self) -> Callable[..., Any]:
        plan, run = self.plan, global_function(self.plan)

        def whole(*dynamic: Any) -> Any:
            return plan.out_tree.unflatten(run(*jax.tree_util.tree_leaves(dynamic)))

        whole.__name__ = whole.__qualname__ = plan.name
        return whole

    def move(self, dynamic: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments with those that are committed elsewhere moved."""
        return jax.tree_util.tree_map(_moved, dynamic, self._in_shardings)

    def check(self, dynamic: tuple[Any, ...]) -> None:
        """Raises PartirError where the arguments are not of the plan's signature."""
        name = self.plan.name
        if _is_traced(dynamic):
            raise PartirError(
                f"{name} is compiled and cannot be traced (by jit, grad, scan, ...); "
                "call the function that partir.jit returned instead"
            )
        wanted, got = self.plan.in_tree, jax.tree_util.tree_structure(dynamic)
        if wanted != got:
            raise PartirError(
                f"{name} was lowered for arguments of the pytree {wanted}, and is "
                f"called with {got}"
            )
        paths = leaf_paths([slot.name for slot in self.slots], dynamic)
        leaves = jax.tree_util.tree_leaves(dynamic)
        for path, leaf, aval in zip(paths, leaves, self.plan.in_avals, strict=True):
            have = abstract(leaf, path)
            if (have.shape, have.dtype) != (aval.shape, aval.dtype):
                raise PartirError(
                    f"{name} was lowered for {aval.dtype}{list(aval.shape)} as "
                    f"{path!r}, and is called with {have.dtype}{list(have.shape)}"
                )


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


def _is_traced(dynamic: tuple[Any, ...]) -> bool:
    leaves = jax.tree_util.tree_leaves(dynamic)
    return any(isinstance(leaf, jax.core.Tracer) for leaf in leaves)


def _moved(leaf: Any, sharding: jax.sharding.NamedSharding) -> Any:
    """The array, placed as wanted if it is committed to another sharding."""
    if not isinstance(leaf, jax.Array) or not leaf.committed:
        return leaf
    if leaf.sharding == sharding or leaf.sharding.is_equivalent_to(sharding, leaf.ndim):
        return leaf
    return jax.device_put(leaf, sharding)
