# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Suggestions: schedules in which a conflict does not come up."""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from partir._tactic import REPLICATED, UNKNOWN, ManualPartition, Merged, Tactic


@dataclasses.dataclass(frozen=True)
class Suggestion:
    """A change of the schedule after which a conflict's op takes one of its ways.

    It was tried on a copy of the program: the op takes it, and no tactic becomes
    invalid. What else changes, the reports of the new schedule say.

    Attributes:
      factor: which way the op takes, as :class:`Candidate` has it.
      kind: ``"order"`` (a part of the tactic, or one action of it, comes first),
        ``"replicated"`` (an input or a tag is kept whole), or ``"tile"`` (a value
        is tiled first).
      text: the change, in words.
      tactic: name of the tactic of the schedule that is replaced.
      tactics: what stands in its place, in order.
      tag: the tag that ``tactics`` use and the model has to make first, or ``""``.
      value: what that is for, a value of the model, or ``""``.
      code: the change as the user would write it.
    """

    factor: str
    kind: str
    text: str
    tactic: str
    tactics: tuple[Tactic, ...]
    tag: str
    value: str
    code: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.factor} is taken if {self.text}"


def make_suggestion(raw: dict[str, Any], tactics: Mapping[str, Tactic]) -> Suggestion:
    """Gives ``raw``, as ``Program.apply`` has it, its public form.

    ``tactics`` are those that were applied, by name.
    """
    name, axis, target, dim = (raw[k] for k in ("tactic", "axis", "target", "dim"))
    tactic = tactics[name]
    made = ""
    if raw["kind"] == "order" and not target:
        replaced, code = _part_first(tactic, raw["part"], name)
    elif raw["kind"] == "order":
        replaced, code = _action_first(tactic, raw["part"], target, dim, name)
    else:
        if not target:
            made = target = _tag_name(raw["value"], raw["loc"])
        how = REPLICATED if raw["kind"] == "replicated" else dim
        replaced, code = _before(tactic, target, how, axis, name)
    if made:
        code = (f'y = partir.tag(y, "{made}")  # y: {raw["value"]}', *code)
    return Suggestion(
        factor=raw["factor"],
        kind=raw["kind"],
        text=raw["text"],
        tactic=name,
        tactics=replaced,
        tag=made,
        value=raw["value"] if made else "",
        code=code,
    )


_Change = tuple[tuple[Tactic, ...], tuple[str, ...]]


def _part_first(tactic: Tactic, part: int, name: str) -> _Change:
    """A part of a merged tactic, then the others."""
    parts = list(tactic.parts)
    first = parts.pop(part)
    names = [p.name or f"<part {i} of {name}>" for i, p in enumerate(tactic.parts)]
    first_name = names.pop(part)
    if len(parts) == 1:
        rest, code = parts[0], names[0]
    else:
        rest = dataclasses.replace(tactic, tactics=tuple(parts))
        code = f'partir.Merged([{", ".join(names)}], name="{name}")'
    return (first, rest), (f'[{first_name}, {code}]  # in place of "{name}"',)


def _action_first(
    tactic: Tactic, part: int, target: str, dim: int, name: str
) -> _Change:
    """One action of a tactic, then the tactic without it."""
    old = tactic.parts[part]
    first = ManualPartition(inputs={target: dim}, axis=old.axis)
    # The longest path wins, so that this takes one input out of several.
    rest = dataclasses.replace(old, inputs={**old.inputs, target: UNKNOWN})
    if isinstance(tactic, Merged):
        parts = list(tactic.parts)
        parts[part] = rest
        rest = dataclasses.replace(tactic, tactics=tuple(parts))
    return (first, rest), (
        f'{_code(first)}  # before "{name}"',
        f'"{target}": partir.UNKNOWN  # in the inputs of "{old.name or name}"',
    )


def _before(tactic: Tactic, target: str, how: Any, axis: str, name: str) -> _Change:
    """A tactic with one action, then the one that is there."""
    first = ManualPartition(inputs={target: how}, axis=axis)
    return (first, tactic), (f'{_code(first)}  # before "{name}"',)


def _code(tactic: ManualPartition) -> str:
    inputs = ", ".join(f'"{key}": {how!r}' for key, how in tactic.inputs.items())
    return f'partir.ManualPartition(inputs={{{inputs}}}, axis="{tactic.axis}")'


def _tag_name(value: str, loc: str) -> str:
    """A name for a value, of its op and its line: ``"dot_general_12"``."""
    (op,) = re.findall(r"'(?:\w+\.)?(\w+)", value)
    line = re.findall(r":(\d+):\d+$", loc)
    return "_".join([op, *line])
