# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Why a value is laid out as it is, and which collectives that costs."""

import dataclasses
import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from partir import _tables
from partir._inputs import listed
from partir._partir import PartirError
from partir._paths import leaf_paths
from partir._report import Action, Collectives, make_collectives
from partir._schedule import Plan
from partir._show import Block, Shown, as_text

#: ("input" or "result", number) or ("tag", name), as ``Program.explain`` takes it.
_Target = tuple[str, int | str]


@dataclasses.dataclass(frozen=True)
class Decision:
    """One decision of the compiler.

    Attributes:
      subject: what it is on: an op in quotes, or what the user calls a value
        (``input "x"``, ``tag "h"``).
      loc: where that is in the user's source, ``file:line:column``; ``""`` for an
        input.
      place: what was tiled: ``result dim 0``, ``operand 1 dim 0 (reduced: add)``,
        ``dim 0``.
      tactic: the tactic that decided it.
    """

    subject: str
    loc: str
    place: str
    tactic: str

    def __str__(self) -> str:
        at = f" at {self.loc}" if self.loc else ""
        return f'{self.subject}{at}: {self.place} (tactic "{self.tactic}")'


@dataclasses.dataclass(frozen=True)
class AxisExplanation:
    """An axis on a dim of a value.

    Attributes:
      axis: the mesh axis.
      dim: the dim that it tiles.
      tactic: the tactic that put it there.
      chain: the decisions that led to it, the last one first; it ends with an action.
    """

    axis: str
    dim: int
    tactic: str
    chain: tuple[Decision, ...]


@dataclasses.dataclass(frozen=True)
class ValueExplanation:
    """How one value is laid out, and why.

    Attributes:
      name: its path, or the name of its tag.
      kind: ``"input"``, ``"tag"`` or ``"result"``.
      op: the op that makes it; ``""`` for an input.
      loc: where that is in the user's source; ``""`` for an input.
      shape: its global shape. PRNG keys are as XLA sees them, with one more dim.
      local_shape: its shape on a device.
      dtype: element type, as StableHLO spells it.
      spec: per dim the mesh axes that tile it, major first.
      axes: the same axes, each with its reason.
      partial: the axes over which it is a partial sum on each device, to be reduced
        later.
      actions: what tactics did to it: applied, inferred, or left alone, and why.
      collectives: those on it in a step: where it is reduced, at its uses, at the
        program's results. Its other forms count as it: what a loop carries of it, a
        slice, a cast, a reshape, a transpose, a tag.
    """

    name: str
    kind: str
    op: str
    loc: str
    shape: tuple[int, ...]
    local_shape: tuple[int, ...]
    dtype: str
    spec: tuple[tuple[str, ...], ...]
    axes: tuple[AxisExplanation, ...]
    partial: tuple[str, ...]
    actions: tuple[Action, ...]
    collectives: Collectives

    @property
    def _looks(self) -> tuple[Any, ...]:
        """What two values have in common that are shown as one."""
        return (
            self.kind,
            self.shape,
            self.dtype,
            self.spec,
            self.partial,
            tuple((one.axis, one.dim, one.tactic) for one in self.axes),
            tuple((a.what, a.dim, a.axis, a.reason, a.tactic) for a in self.actions),
            tuple((c.kind, c.axes, c.count, c.bytes) for c in self.collectives.each),
        )


@dataclasses.dataclass(frozen=True)
class Explanation(Shown):
    """Why the values of a name are laid out as they are.

    Attributes:
      name: the name that was asked for.
      values: the values that have it, or a path below it: inputs, then occurrences of
        a tag, then results.
    """

    name: str
    values: tuple[ValueExplanation, ...]

    @property
    def groups(self) -> tuple[tuple[ValueExplanation, ...], ...]:
        """The values, those together that are laid out alike at the same costs."""
        groups: dict[Any, list[ValueExplanation]] = {}
        for value in self.values:
            groups.setdefault(value._looks, []).append(value)
        return tuple(map(tuple, groups.values()))

    def __str__(self) -> str:
        return as_text(self._blocks())

    def _blocks(self) -> list[Block]:
        return _tables.explanation(self)


class Explainer:
    """Explains the values of a plan."""

    def __init__(self, plan: Plan):
        self._program = plan.replay.program()
        self._actions: dict[str, list[Action]] = {}
        for report in plan.reports:
            for action in report.actions:
                self._actions.setdefault(action.target, []).append(action)
        self._names: dict[str, list[tuple[str, _Target]]] = {}
        self._roots: dict[str, list[str]] = {"input": [], "tag": [], "result": []}
        for name, target in _named_values(plan, self._program.tags):
            for path in _paths(name) if target[0] != "tag" else [name]:
                self._names.setdefault(path, []).append((name, target))
            root = name if target[0] == "tag" else name.partition(".")[0]
            if root not in self._roots[target[0]]:
                self._roots[target[0]].append(root)

    def explain(self, name: str) -> Explanation:
        """What ``Lowered.explain`` returns."""
        if not isinstance(name, str) or name not in self._names:
            raise PartirError(self._unknown(name))
        named = self._names[name]
        raw = self._program.explain([target for _, target in named])
        values = (
            self._make(path, target[0], one)
            for (path, target), found in zip(named, raw, strict=True)
            for one in found
        )
        return Explanation(name, tuple(values))

    def _make(self, name: str, kind: str, raw: dict[str, Any]) -> ValueExplanation:
        return ValueExplanation(
            name=name,
            kind=kind,
            op=raw["op"],
            loc=raw["loc"],
            shape=tuple(raw["shape"]),
            local_shape=tuple(raw["local_shape"]),
            dtype=raw["dtype"],
            spec=tuple(map(tuple, raw["spec"])),
            axes=tuple(
                AxisExplanation(
                    one["axis"],
                    one["dim"],
                    one["tactic"],
                    tuple(Decision(**each) for each in one["chain"]),
                )
                for one in raw["axes"]
            ),
            partial=tuple(raw["partial"]),
            actions=() if kind == "result" else tuple(self._actions.get(name, ())),
            collectives=make_collectives(raw["collectives"]),
        )

    def _unknown(self, name: Any) -> str:
        close = difflib.get_close_matches(str(name), self._names, n=3)
        said = f"explain: no value is named {name!r}"
        if close:
            said += f"; close to it are {listed(close)}"
        said += (
            "; a name is the path of an input ('x', 'params.w'), that of a result "
            "('result', 'result.0') or a tag"
        )
        for kind, roots in self._roots.items():
            if roots:
                said += f"; {kind}s are {listed(roots)}"
        return said


def _named_values(plan: Plan, tags: Iterable[Any]) -> Iterator[tuple[str, _Target]]:
    """The inputs, tags and results, each with its whole name."""
    for number, path in enumerate(plan.input_names):
        yield path, ("input", number)
    for tag in dict.fromkeys(name for name, _, _ in tags):
        yield tag, ("tag", tag)
    results = plan.out_tree.unflatten(range(plan.out_tree.num_leaves))
    for number, path in enumerate(leaf_paths(["result"], [results])):
        yield path, ("result", number)


def _paths(name: str) -> Iterator[str]:
    """The name, and the paths above it."""
    yield name
    while "." in name:
        name = name.rpartition(".")[0]
        yield name
