# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A program before it is partitioned: its text, and what its inputs are called."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax

from partir._carry import resolve_carry
from partir._exchange import Exchanged, abstract, exchange
from partir._inputs import Input, Names
from partir._paths import map_with_path
from partir._signature import Form, Signature, Slot


@dataclasses.dataclass(frozen=True)
class Source:
    """A program before it is partitioned.

    Attributes:
      low: the program as text; its inputs are constants, then the leaves of ``avals``.
      slots: where each dynamic argument comes from.
      avals: per dynamic argument a pytree of shapes and types.
      trees: what the keys of ``inputs=`` name: from the name of an argument to its
        pytree of :class:`Input`.
      names: what the compiler calls the inputs.
      becomes: per result the number of the input that it is in the next step, or -1.
    """

    low: Exchanged
    slots: tuple[Slot, ...]
    avals: tuple[Any, ...]
    trees: Mapping[str, Any]
    names: tuple[str, ...]
    becomes: tuple[int, ...]

    @property
    def donated(self) -> list[bool]:
        """Per input whether its buffer may be reused; constants never."""
        donated = [False] * len(self.low.constants)
        for slot, tree in zip(self.slots, self.avals, strict=True):
            donated += [slot.donated] * len(jax.tree_util.tree_leaves(tree))
        return donated


def function_source(
    fun: Callable[..., Any],
    signature: Signature,
    form: Form,
    avals: tuple[Any, ...],
    platform: str,
    carry: Mapping[str, str],
) -> Source:
    """Lowers ``fun`` for dynamic arguments ``avals``.

    Raises:
      PartirError: the function is refused, or ``carry`` does not fit it.
    """
    args, kwargs = signature.join(form, avals)
    low = exchange(
        fun,
        args,
        kwargs,
        signature.static_argnums,
        signature.static_argnames,
        platform,
    )
    slots = signature.slots(form)
    inputs = _inputs(avals, [slot.name for slot in slots], len(low.constants))
    names = [f"<constant {i}>" for i in range(len(low.constants))]
    names += [leaf.path for leaf in jax.tree_util.tree_leaves(inputs)]
    trees = _by_argument(slots, inputs)
    becomes = resolve_carry(carry, Names(trees), _results(low))
    return Source(low, slots, avals, trees, tuple(names), tuple(becomes))


def abstract_arguments(
    signature: Signature, form: Form, dynamic: tuple[Any, ...]
) -> tuple[Any, ...]:
    """The dynamic arguments as pytrees of ``ShapeDtypeStruct``."""
    return tuple(
        map_with_path(lambda path, leaf: abstract(leaf, path), slot.name, value)
        for slot, value in zip(signature.slots(form), dynamic, strict=True)
    )


def _inputs(avals: tuple[Any, ...], names: list[str], first: int) -> list[Any]:
    """The dynamic arguments as pytrees of numbered :class:`Input`."""
    numbers = iter(range(first, first + len(jax.tree_util.tree_leaves(avals))))
    return [
        map_with_path(lambda path, aval: Input(path, aval, next(numbers)), name, tree)
        for name, tree in zip(names, avals, strict=True)
    ]


def _results(low: Exchanged) -> Any:
    """The results as a pytree of numbered :class:`Input`."""
    numbered = [Input("", aval, number) for number, aval in enumerate(low.out_avals)]
    return map_with_path(
        lambda path, leaf: dataclasses.replace(leaf, path=path),
        "result",
        low.out_tree.unflatten(numbered),
    )


def _by_argument(slots: Sequence[Slot], inputs: Sequence[Any]) -> dict[str, Any]:
    """The inputs by name of their argument; of ``*args``, a dict by number."""
    trees: dict[str, Any] = {}
    for slot, tree in zip(slots, inputs, strict=True):
        name, _, rest = slot.name.partition(".")
        if rest:
            trees.setdefault(name, {})[int(rest)] = tree
        else:
            trees[name] = tree
    return trees
