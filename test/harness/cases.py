# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The cases: JAX's own primitive harness.

A worker runs the cases of one mode: ``x32``, all of them with 64-bit types off, or
``x64``, those that there are with them on only. Which of the two JAX decides
when it is imported.
"""

import dataclasses
import importlib.util
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax._src import test_util
from jax._src.internal_test_util import test_harnesses

#: The dim by which a case is batched.
BATCH = 8
SEED = 42


@dataclasses.dataclass(frozen=True)
class Case:
    """A function and what makes its arguments.

    Attributes:
      name: unique; of a case in 64 bits it ends in ``[x64]``.
      primitive: the group of the harness, most often the primitive.
      fun: takes the arguments, and returns a pytree of arrays.
      args: makes the same arguments at each call.
    """

    name: str
    primitive: str
    fun: Callable[..., Any]
    args: Callable[[], tuple[Any, ...]]


def _names_without_x64() -> set[str]:
    """The names of the cases that there are with 64-bit types off."""
    # JAX defines the cases, for the types that are on, where it imports the module.
    spec = importlib.util.find_spec(test_harnesses.__name__)
    again = importlib.util.module_from_spec(spec)
    cached_types = vars(test_util.dtypes)
    cached_types.clear()
    with jax.enable_x64(False):
        spec.loader.exec_module(again)
    cached_types.clear()
    return {harness.fullname for harness in again.all_harnesses}


def _array(value: Any) -> Any:
    """Host arrays as JAX's, in the types that are on; Python scalars as they are."""
    return jnp.asarray(value) if isinstance(value, np.ndarray | np.generic) else value


def _make(harness: test_harnesses.Harness, seed: int) -> tuple[Any, ...]:
    made = harness.dyn_args_maker(np.random.RandomState(seed))
    return tuple(jax.tree.map(_array, arg) for arg in made)


def _make_batch(harness: test_harnesses.Harness) -> tuple[Any, ...]:
    made = [_make(harness, SEED + i) for i in range(BATCH)]
    return jax.tree.map(lambda *each: jnp.stack([jnp.asarray(e) for e in each]), *made)


def leaf_shape(leaf: Any) -> tuple[int, ...]:
    """The shape of an array, of a typed key or of a Python scalar."""
    return tuple(np.shape(leaf))


def all_harnesses() -> list[test_harnesses.Harness]:
    """The harness's cases that JAX has on CPU, for the mode that JAX is in."""
    found = [h for h in test_harnesses.all_harnesses if h.filter("cpu")]
    if jax.config.jax_enable_x64:
        narrow = _names_without_x64()
        found = [h for h in found if h.fullname not in narrow]
    # JAX makes some of them in the order of a set.
    return sorted(found, key=lambda harness: harness.fullname)


def case_of(harness: test_harnesses.Harness) -> Case:
    """The case of a harness as it is."""
    suffix = "[x64]" if jax.config.jax_enable_x64 else ""
    return Case(
        harness.fullname + suffix,
        harness.group_name,
        lambda *args: harness.dyn_fun(*args),
        lambda: _make(harness, SEED),
    )


def batched_case_of(harness: test_harnesses.Harness) -> Case:
    """The case with a new first dim on each argument, of different values."""
    plain = case_of(harness)
    if not jax.tree.leaves(plain.args()):
        return dataclasses.replace(
            plain,
            fun=lambda batch: jax.vmap(lambda _: harness.dyn_fun())(batch),
            args=lambda: (jnp.arange(BATCH, dtype=jnp.int32),),
        )
    return dataclasses.replace(
        plain,
        fun=lambda *args: jax.vmap(lambda *one: harness.dyn_fun(*one))(*args),
        args=lambda: _make_batch(harness),
    )


def leaves(args: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """Each array with the path by which a schedule names it."""
    for i, arg in enumerate(args):
        for path, leaf in jax.tree_util.tree_leaves_with_path(arg):
            below = jax.tree_util.keystr(path, simple=True, separator=".")
            yield (f"args.{i}.{below}" if below else f"args.{i}"), leaf
