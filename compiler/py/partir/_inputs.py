# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Resolves the ``inputs=`` of a tactic to actions on arguments and tags."""

import dataclasses
import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any

import jax

from partir._partir import PartirError
from partir._paths import child_names, descend
from partir._report import Action
from partir._tactic import REPLICATED, UNKNOWN, Constant, FirstDivisible

_SHOWN = 12

#: What the compiler calls the result of an op.
_INNER = re.compile(r".+@.+#\d+(\.\d+)?")


@dataclasses.dataclass(frozen=True)
class Input:
    """One array among the inputs: its path, shape and type, and its number."""

    path: str
    aval: jax.ShapeDtypeStruct
    index: int

    @property
    def is_key(self) -> bool:
        return jax.dtypes.issubdtype(self.aval.dtype, jax.dtypes.prng_key)


#: (argument number or tag name, kind, dim), as ``Program.apply`` takes them.
RawAction = tuple[int | str, str, int]


class Names:
    """What the keys of ``inputs=`` can mean for one program.

    Args:
      trees: per argument, its name and its pytree of :class:`Input`.
      tags: (name, shape, dtype) of each occurrence of a tag.
    """

    def __init__(
        self, trees: dict[str, Any], tags: Iterable[tuple[str, Any, str]] = ()
    ):
        self._trees = trees
        self._tags: dict[str, list[jax.ShapeDtypeStruct]] = {}
        for name, shape, dtype in tags:
            self._tags.setdefault(name, []).append(
                jax.ShapeDtypeStruct(tuple(shape), numpy_dtype(dtype))
            )

    def resolve(
        self, tactic: str, inputs: dict[str, Any], axis: str, size: int
    ) -> tuple[list[RawAction], tuple[Action, ...]]:
        """The actions of one tactic, and reports of those left alone already here.

        Raises:
          PartirError: a key names nothing or two things, a prefix does not fit, or a
            value is not one, is out of range or does not divide.
        """
        actions: dict[int | str, tuple[RawAction, int]] = {}
        skipped: list[Action] = []
        for key, value in inputs.items():
            where = f"tactic {tactic!r}: inputs[{key!r}]"
            subtree = self.find(key)
            if subtree is not None and key in self._tags:
                raise PartirError(
                    f"{where}: {key!r} is both an input and a tag; rename the tag"
                )
            if subtree is not None:
                for leaf, one in _broadcast(where, value, subtree):
                    old = actions.get(leaf.index)
                    if old is not None and old[1] > len(key):
                        continue
                    raw = _action(
                        where, leaf.index, leaf.path, leaf.aval, one, axis, size
                    )
                    if raw[1] == "first_divisible" and leaf.is_key:
                        skipped.append(
                            Action(
                                leaf.path,
                                "left alone",
                                -1,
                                axis,
                                reason="a PRNG key",
                                tactic=tactic,
                            )
                        )
                        raw = (leaf.index, "unknown", -1)
                    actions[leaf.index] = (raw, len(key))
            elif key in self._tags:
                found = {
                    _action(where, key, key, aval, value, axis, size)
                    for aval in self._tags[key]
                }
                if len(found) > 1:
                    raise PartirError(
                        f"{where}: the tag occurs with several shapes, and the "
                        f"callback gives {sorted(f'{k} {d}' for _, k, d in found)}; a "
                        "tag needs one answer"
                    )
                actions[key] = (found.pop(), len(key))
            elif _INNER.fullmatch(key):
                actions[key] = (_inner_action(where, key, value), len(key))
            else:
                raise PartirError(f"{where}: {self.unknown(key)}")
        raws = [raw for raw, _ in actions.values() if raw[1] != "unknown"]
        return raws, tuple(skipped)

    def find(self, key: str) -> Any:
        """The part of the inputs that a key names, or None."""
        for name, tree in self._trees.items():
            if key == name:
                return tree
            if key.startswith(name + "."):
                found = descend(tree, key[len(name) + 1 :])
                if found is not None:
                    return found
        return None

    def unknown(self, key: str) -> str:
        """Says what would have been valid instead of ``key``."""
        parent, tree = "", None
        for cut in (i for i, c in enumerate(key) if c == "."):
            found = self.find(key[:cut])
            if found is not None:
                parent, tree = key[:cut], found
        if tree is None:
            valid = list(self._trees)
            said = f"no input or tag has this name; inputs are {listed(valid)}"
            if self._tags:
                said += f"; tags are {listed(sorted(self._tags))}"
            valid += self._tags
        else:
            valid = [f"{parent}.{name}" for name in child_names(tree)]
            said = f"{parent!r} has no such part; its parts are {listed(valid)}"
        close = difflib.get_close_matches(key, valid, n=1)
        return said + (f"; did you mean {close[0]!r}?" if close else "")


def _inner_action(where: str, key: str, value: Any) -> RawAction:
    """On the result of an op, of which the compiler knows the shape."""
    if value is None or value is UNKNOWN:
        return (key, "unknown", -1)
    if value is REPLICATED:
        return (key, "replicated", -1)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise PartirError(
            f"{where} is {value!r}; of the result of an op it must be a dim >= 0, "
            "REPLICATED or UNKNOWN"
        )
    return (key, "tile", value)


def _is_value(value: Any) -> bool:
    if value is None or isinstance(value, int | FirstDivisible | Constant):
        return True
    # Modules are callable too, but they are pytrees: prefixes, and no callbacks.
    return callable(value) and jax.tree_util.all_leaves([value])


def _broadcast(where: str, prefix: Any, tree: Any) -> Iterator[tuple[Input, Any]]:
    """Pairs each input below ``tree`` with the value that the prefix gives it."""
    if _is_value(prefix):
        for leaf in jax.tree_util.tree_leaves(tree):
            yield leaf, prefix
        return
    try:
        values = jax.tree_util.tree_broadcast(prefix, tree, is_leaf=_is_value)
    except ValueError as error:
        raise PartirError(
            f"{where}: the value is no pytree prefix of the input: "
            f"{str(error).splitlines()[0]}"
        ) from None
    leaves, structure = jax.tree_util.tree_flatten(tree)
    yield from zip(leaves, structure.flatten_up_to(values), strict=True)


def _action(
    where: str,
    target: int | str,
    path: str,
    aval: jax.ShapeDtypeStruct,
    value: Any,
    axis: str,
    size: int,
) -> RawAction:
    at = where if where.endswith(f"[{path!r}]") else f"{where} at {path!r}"
    if callable(value) and not isinstance(value, Constant | FirstDivisible):
        value = value(path, aval)
        at = f"{at}: the callback"
        if callable(value):
            raise PartirError(f"{at} gives {value!r}, a callback again")
    if value is None or value is UNKNOWN:
        return (target, "unknown", -1)
    if value is REPLICATED:
        return (target, "replicated", -1)
    if isinstance(value, FirstDivisible):
        return (target, "first_divisible", value.start)
    if isinstance(value, bool) or not isinstance(value, int):
        raise PartirError(
            f"{at} gives {value!r} of type {type(value).__name__}; valid are a dim, "
            "FIRST_DIVISIBLE_DIM, first_divisible_dim(start), REPLICATED, UNKNOWN, a "
            "callback (path, aval) -> one of these, or a pytree prefix of these"
        )
    rank = len(aval.shape)
    if not -rank <= value < rank:
        valid = f"0 to {rank - 1}" if rank else "none: it is a scalar"
        raise PartirError(
            f"{at}: dim {value} is out of range for shape {aval.shape}; valid dims: "
            f"{valid}"
        )
    dim = value % rank
    # An empty dim has no chunks.
    if aval.shape[dim] == 0 or aval.shape[dim] % size:
        fits = [d for d, n in enumerate(aval.shape) if n and n % size == 0]
        valid = ", ".join(map(str, fits))
        raise PartirError(
            f"{at}: dim {dim} of shape {aval.shape} has size {aval.shape[dim]}, which "
            f"axis {axis!r} of size {size} does not divide; dims that it divides: "
            f"{valid or 'none'}"
        )
    return (target, "tile", dim)


def listed(names: list[str]) -> str:
    """The names for a message; of many, the first ones."""
    shown = ", ".join(map(repr, names[:_SHOWN])) or "none"
    more = len(names) - _SHOWN
    return shown + (f" and {more} more" if more > 0 else "")


#: Element types whose StableHLO name is not what numpy would make of it.
_DTYPES = {"i1": "bool", "bf16": "bfloat16"}


def numpy_dtype(name: str) -> Any:
    """The dtype with this StableHLO name (``"f32"``, ``"ui8"``, ``"bf16"``, ...)."""
    if name in _DTYPES:
        return jax.numpy.dtype(_DTYPES[name])
    for prefix, kind in (("ui", "uint"), ("i", "int"), ("f", "float")):
        if name.startswith(prefix) and name[len(prefix) :].isdigit():
            return jax.numpy.dtype(kind + name[len(prefix) :])
    if name.startswith("complex<f"):
        return jax.numpy.dtype(f"complex{2 * int(name[9:-1])}")
    if name.startswith("f8"):
        return jax.numpy.dtype("float8_" + name[2:].lower())
    return jax.numpy.dtype(name)
