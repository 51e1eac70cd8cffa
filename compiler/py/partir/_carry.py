# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Resolves ``carry=``: which results become which arguments of the next step."""

from collections.abc import Mapping
from typing import Any

import jax

from partir._inputs import Input, Names
from partir._partir import PartirError

#: From the path of arguments to the path of results, or to a result's number.
Carry = Mapping[str, str | int]


def check_carry(carry: Any) -> dict[str, str]:
    """Returns it with paths only, or raises PartirError for what is wrong."""
    if carry is None:
        return {}
    if not isinstance(carry, Mapping):
        raise PartirError(
            f"jit: carry is {carry!r}; it must be a dict from names of arguments to "
            "results, such as {'params': 0}"
        )
    for argument, result in carry.items():
        is_number = isinstance(result, int) and not isinstance(result, bool)
        if not isinstance(argument, str) or not (is_number or isinstance(result, str)):
            raise PartirError(
                f"jit: carry[{argument!r}] is {result!r}; it must go from the name of "
                "an argument, or a dotted path below one, to the number of a result, "
                "or a dotted path below the results"
            )
    return {argument: str(result) for argument, result in carry.items()}


def resolve_carry(carry: Mapping[str, str], inputs: Names, results: Any) -> list[int]:
    """Per result of the program the number of the input that it becomes, or -1.

    Args:
      carry: from paths of arguments to paths of results.
      inputs: the inputs by name.
      results: the pytree of results, each an :class:`Input`.

    Raises:
      PartirError: a path names nothing, the two sides differ in pytree, shape or
        type, or a side occurs twice.
    """
    becomes = [-1] * len(jax.tree_util.tree_leaves(results))
    outputs = Names({"result": results})
    for argument, result in carry.items():
        where = f"jit: carry[{argument!r}] = {result!r}"
        old = _find(where, inputs, argument)
        new = _find(where, outputs, f"result.{result}" if result else "result")
        for one, other in _pairs(where, old, new):
            if becomes[other.index] != -1 or one.index in becomes:
                twice = other.path if becomes[other.index] != -1 else one.path
                raise PartirError(f"{where}: {twice!r} is carried twice")
            becomes[other.index] = one.index
    return becomes


def _find(where: str, names: Names, path: str) -> Any:
    found = names.find(path)
    if found is None:
        raise PartirError(f"{where}: {names.unknown(path)}")
    return found


def _pairs(where: str, old: Any, new: Any) -> list[tuple[Input, Input]]:
    """Leaf by leaf the argument and the result that becomes it."""
    olds, old_tree = jax.tree_util.tree_flatten(old)
    news, new_tree = jax.tree_util.tree_flatten(new)
    if old_tree != new_tree:
        raise PartirError(
            f"{where}: the argument is the pytree {old_tree}, and the result is "
            f"{new_tree}; they must be the same"
        )
    for one, other in zip(olds, news, strict=True):
        a, b = one.aval, other.aval
        if (a.shape, a.dtype) != (b.shape, b.dtype):
            raise PartirError(
                f"{where}: {one.path!r} is {a.dtype}{list(a.shape)}, and "
                f"{other.path!r} is {b.dtype}{list(b.shape)}; a result must be of the "
                "shape and type of the argument that it becomes"
            )
    return list(zip(olds, news, strict=True))
