# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""``partir.register_rule``: how the dims of a custom call may be tiled."""

import re
import threading
from collections.abc import Mapping

from partir._partir import PartirError, check_rule

_lock = threading.Lock()
#: By target, as the compiler reads it.
_rules: dict[str, str] = {}


def register_rule(
    target: str, spec: str, reduce: Mapping[str, str] | None = None
) -> None:
    """Tells how the operands and results of a custom call may be tiled.

    Of a custom call (``jax.ffi.ffi_call`` and kernels made by other means) the
    compiler knows only the target; without a rule its operands are gathered, and the
    report says so. A rule is one line, like an einsum::

        partir.register_rule("my_kernel", "b i, b j -> b k")
        partir.register_rule("my_matmul", "i k, k j -> i j", reduce={"k": "add"})

    Left of the arrow stand the operands, right of it the results, with commas
    between; each is its dims, in order:

    - a name; dims of one name have one size and are tiled together. A name on both
      sides is parallel: on a chunk of its operands the call gives that chunk of its
      results. A name on operands only is needed whole, unless ``reduce`` has it: then
      chunks give partial results, which are combined. A name on results only is
      needed whole;
    - ``_``, a dim that is needed whole and has no name;
    - ``(h d)``, a dim that is merged of two or more, major first;
    - ``...``, in front, for any number of leading dims: the same number, and of the
      same sizes, in every value that has it.

    A scalar is the value without dims: ``"b i,  -> b"``.

    On a device the call sees smaller operands and the same attributes, so none of
    these may hold the size of a dim that is tiled; nor may the target be compiled for
    fixed shapes, as the kernels of Pallas and Triton are.

    Rules are for the whole process. A function that has been lowered already is
    lowered again at its next call. The linear algebra that JAX itself calls (LAPACK,
    cuSOLVER, ...) has rules without being registered; a registered one goes first.

    Args:
      target: the name of the call's target, as given to ``jax.ffi.ffi_call``.
      spec: the rule. It may say what is reduced itself: ``"i k, k j -> i j | k: add"``.
      reduce: names of dims, and what combines the partial results: ``"add"``,
        ``"max"``, ``"min"``, ``"mul"``, ``"and"`` or ``"or"``.

    Raises:
      PartirError: an argument is not valid, or the target has another rule. Whether
        a rule fits a call (numbers of operands, dims, sizes) is checked at the call.
    """
    if not isinstance(target, str) or not target:
        raise PartirError(
            f"register_rule: target is {target!r}; it must be the name of a custom "
            "call's target"
        )
    if not isinstance(spec, str):
        raise PartirError(
            f"register_rule: spec is {spec!r}; it must be a string such as "
            "'b i, b j -> b k'"
        )
    text = _with_reductions(spec, {} if reduce is None else reduce)
    try:
        check_rule(text)
    except PartirError as error:
        raise PartirError(f"register_rule: {error}") from None
    with _lock:
        known = _rules.setdefault(target, text)
    if _tokens(known) != _tokens(text):
        raise PartirError(
            f"register_rule: {target!r} has the rule {known!r} already, and a target "
            f"has one; {text!r} differs from it"
        )


def _with_reductions(spec: str, reduce: Mapping[str, str]) -> str:
    """The rule as one text."""
    if not isinstance(reduce, Mapping) or not all(
        isinstance(word, str) for pair in reduce.items() for word in pair
    ):
        raise PartirError(
            f"register_rule: reduce is {reduce!r}; it must be a dict from names of "
            "dims to add, max, min, mul, and, or"
        )
    spec = " ".join(spec.split())
    if not reduce:
        return spec
    if "|" in spec:
        raise PartirError(
            f"register_rule: {spec!r} says itself what is reduced; leave out reduce"
        )
    return f"{spec} | " + ", ".join(f"{name}: {reduce[name]}" for name in reduce)


def _tokens(text: str) -> list[str]:
    """What of a rule counts: all but spaces."""
    return re.findall(r"\w+|->|\S", text)


def registered_rules() -> dict[str, str]:
    """The rules as they are now, by target."""
    with _lock:
        return dict(_rules)


def count_rules() -> int:
    """Changes whenever a rule is added."""
    return len(_rules)
