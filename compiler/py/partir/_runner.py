# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What runs a plan: an executable for placed arguments, a function for traced ones."""

import functools
import threading
from collections.abc import Callable, Mapping
from typing import Any

import jax

from partir._exchange import abstract
from partir._execute import global_function
from partir._partir import PartirError
from partir._paths import leaf_paths
from partir._schedule import Plan


class Runner:
    """A plan, and what runs it.

    Attributes:
      plan: the plan.
      weak: which leaves of the dynamic arguments are weakly typed.
      slots: what the dynamic arguments are called.
    """

    def __init__(self, plan: Plan):
        self.plan = plan
        self.weak = [aval.weak_type for aval in plan.in_avals]
        self.slots = plan.slots
        self._donated = tuple(i for i, slot in enumerate(self.slots) if slot.donated)
        self._in_shardings = plan.in_shardings
        self._lock = threading.Lock()

    def __call__(self, dynamic: tuple[Any, ...]) -> Any:
        """Runs the plan on arguments of its signature, placed anyhow, or traced."""
        if is_traced(dynamic):
            return self._traceable(*dynamic)
        return self.executable(*self.move(dynamic))

    @property
    def executable(self) -> jax.stages.Compiled:
        """For arrays that lie as planned, for host arrays and uncommitted ones."""
        found = self.__dict__.get("_executable")
        if found is None:
            with self._lock:
                found = self.__dict__.get("_executable") or self.compile()
                self._executable = found
        return found

    def compile(
        self, options: Mapping[str, str | bool | int | float] | None = None
    ) -> jax.stages.Compiled:
        """Compiles the plan, with options for XLA."""
        plan = self.plan
        placed = jax.jit(
            self._whole,
            in_shardings=self._in_shardings,
            out_shardings=plan.out_shardings,
            donate_argnums=self._donated,
            keep_unused=True,
        )
        lowered = placed.lower(*plan.in_tree.unflatten(plan.in_avals))
        return lowered.compile(None if options is None else dict(options))

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
        if is_traced(dynamic):
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


def is_traced(dynamic: tuple[Any, ...]) -> bool:
    leaves = jax.tree_util.tree_leaves(dynamic)
    return any(isinstance(leaf, jax.core.Tracer) for leaf in leaves)


def _moved(leaf: Any, sharding: jax.sharding.NamedSharding) -> Any:
    """The array, placed as wanted if it is committed to another sharding."""
    if not isinstance(leaf, jax.Array) or not leaf.committed:
        return leaf
    if leaf.sharding == sharding or leaf.sharding.is_equivalent_to(sharding, leaf.ndim):
        return leaf
    return jax.device_put(leaf, sharding)
