# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a tactic did and what the program costs after it, as plain data."""

import dataclasses
import time
from collections.abc import Iterator, Mapping
from typing import Any

from partir import _tables
from partir._automatic import Search
from partir._estimate import Estimate
from partir._partir import PartirError
from partir._show import Block, Shown, as_text
from partir._suggest import Suggestion, make_suggestion
from partir._tactic import ManualPartition, Tactic

#: The kinds of collectives, in the order in which tables list them.
KINDS = (
    "all_gather",
    "all_reduce",
    "reduce_scatter",
    "all_to_all",
    "collective_permute",
)


@dataclasses.dataclass(frozen=True)
class Action:
    """One decision on one input or tagged value.

    Attributes:
      target: path of the input, or name of the tag.
      what: ``"applied"`` (asked for), ``"inferred"`` (an input that propagation
        found tiled at every use) or ``"left alone"``.
      dim: the dim that was tiled, or -1.
      axis: the mesh axis.
      reason: why, where it was left alone.
      tactic: name of the tactic that it belongs to.
    """

    target: str
    what: str
    dim: int
    axis: str
    reason: str = ""
    tactic: str = ""

    def __str__(self) -> str:
        if self.what == "left alone":
            return f"{self.target}: left alone ({self.reason})"
        where = f"dim {self.dim}" if self.dim >= 0 else "replicated"
        return f"{self.target}: {where} on {self.axis} ({self.what})"


@dataclasses.dataclass(frozen=True)
class Collective:
    """One collective of the program.

    Attributes:
      kind: one of ``KINDS``.
      axes: the mesh axes it runs over.
      count: how often it runs in a step (its loops' trips).
      bytes: what a device sends for it in a step, ring model, all trips.
      shape: shape of its result on a device.
      dtype: element type, as StableHLO spells it.
      loc: the line of the user's source that it belongs to, ``file:line:column``: the
        innermost one that is not inside JAX.
      is_exact: whether ``count`` and ``bytes`` are; not in a branch, which may not
        run, nor in a loop that runs nobody knows how often, counted as one trip.
      cause: the decision that led to it, and the action that this goes back to; of
        several axes, for each of them. Of partial results that are added up first,
        that of the op that makes the first one.
      tactic: the tactic of that decision; of several axes, joined with ``+``.
      action: the action that it goes back to: ``input "x": dim 0``.
      value: what it moves: an input, a tag, or the result of an op.
      op: the op at which it is: the user of the value, or, of a partial result, the
        op that makes it or the last of those that add it up.
    """

    kind: str
    axes: tuple[str, ...]
    count: int
    bytes: int
    shape: tuple[int, ...]
    dtype: str
    loc: str
    cause: str
    is_exact: bool = True
    tactic: str = ""
    action: str = ""
    value: str = ""
    op: str = ""


@dataclasses.dataclass(frozen=True)
class Total:
    """``count`` runs of a kind of collective and the ``bytes`` a device sends."""

    count: int = 0
    bytes: int = 0


class Collectives(Mapping[str, Total], Shown):
    """Totals of a program's collectives by kind: ``collectives["all_reduce"].count``.

    Every kind of ``KINDS`` is a key, also where the program has none of it.

    Attributes:
      each: the collectives one by one, in program order.
    """

    def __init__(self, each: tuple[Collective, ...]):
        self.each = each
        self._totals = dict.fromkeys(KINDS, Total())
        for one in each:
            total = self._totals.get(one.kind, Total())
            self._totals[one.kind] = Total(
                total.count + one.count, total.bytes + one.bytes
            )

    def __getitem__(self, kind: str) -> Total:
        return self._totals[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._totals)

    def __len__(self) -> int:
        return len(self._totals)

    @property
    def count(self) -> int:
        """How many collectives run in a step."""
        return sum(total.count for total in self._totals.values())

    @property
    def bytes(self) -> int:
        """Bytes that a device sends in a step."""
        return sum(total.bytes for total in self._totals.values())

    def __repr__(self) -> str:
        parts = [
            f"{kind}={total.count} ({total.bytes / _tables.MB:.1f} MB)"
            for kind, total in self._totals.items()
            if total.count
        ]
        return f"Collectives({', '.join(parts) or 'none'})"

    def _blocks(self) -> list[Block]:
        return _tables.collectives_by_line(self)


@dataclasses.dataclass(frozen=True)
class Candidate:
    """One side of a conflict: a factor, and the chain back to its action."""

    factor: str
    chain: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Conflict:
    """An op that could be tiled in several ways, and was left alone.

    Attributes:
      op: the op.
      loc: its place in the user's source.
      axis: the mesh axis.
      candidates: the ways, each with its chain.
      message: all of that as text.
      suggestions: changes of the schedule that settle it, at most one for each way.
        Which is the right one depends on what is meant. Of a tactic that leaves very
        many conflicts, some have none: 16 changes of each kind are tried, first those
        for conflicts at different lines.
    """

    op: str
    loc: str
    axis: str
    candidates: tuple[Candidate, ...]
    message: str
    suggestions: tuple[Suggestion, ...] = ()

    def __str__(self) -> str:
        return self.message


@dataclasses.dataclass(frozen=True)
class Stop:
    """A tiling that could not pass an op; ``bytes`` are gathered for it."""

    op: str
    loc: str
    axis: str
    reason: str
    bytes: int
    message: str

    def __str__(self) -> str:
        return self.message


@dataclasses.dataclass(frozen=True)
class TacticReport(Shown):
    """What one tactic did, and the whole program as it is after it.

    As text it is short; :meth:`show` adds the collectives by source line.

    Attributes:
      name: the tactic's name.
      axis: its mesh axis; of a merged tactic, its axes joined with ``+``.
      actions: what was applied, inferred and left alone.
      collectives: of the whole program after this tactic.
      conflicts: ops with several candidates on this tactic's own axes, after it.
      stops: tilings on its own axes that ended in a gather, after it.
      in_shardings: a ``NamedSharding`` for each array of the positional arguments
        that are not static, a tuple.
      kw_in_shardings: the same for keyword arguments, a dict.
      out_shardings: a ``NamedSharding`` for each array of the result, in its pytree.
      seconds: the whole time of the tactic, from resolving its ``inputs`` (callbacks
        included) to making this report.
      estimate: time and memory of a step of the program after this tactic; none where
        it is not known for which device.
      search: of an automatic tactic what its search found; else none.
    """

    name: str
    axis: str
    actions: tuple[Action, ...]
    collectives: Collectives
    conflicts: tuple[Conflict, ...]
    stops: tuple[Stop, ...]
    in_shardings: Any
    kw_in_shardings: dict[str, Any]
    out_shardings: Any
    seconds: float
    estimate: Estimate | None = None
    search: Search | None = None

    def as_manual(self) -> list[ManualPartition]:
        """An automatic tactic as ordinary ones, which in its place do the same.

        They can be printed, pasted into a program and edited.

        Raises:
          PartirError: the tactic is not automatic.
        """
        if self.search is None:
            raise PartirError(f"as_manual: the tactic {self.name!r} is manual as it is")
        return [*self.search.tactics]

    def __str__(self) -> str:
        return as_text(_tables.report_summary(self))

    def _blocks(self) -> list[Block]:
        return _tables.report_details(self)


def make_report(
    name: str,
    axis: str,
    raw: dict[str, Any],
    extra_actions: tuple[Action, ...],
    tactics: Mapping[str, Tactic],
    in_shardings: Any,
    kw_in_shardings: dict[str, Any],
    out_shardings: Any,
    estimate: Estimate | None,
    search: Search | None,
    start: float,
) -> TacticReport:
    """Gives ``raw``, what ``Program.apply`` returns, its public form.

    ``tactics`` are those applied so far, by name. This one began at ``start``, on the
    clock ``time.perf_counter``.
    """
    return TacticReport(
        name=name,
        axis=axis,
        actions=tuple(Action(**action, tactic=name) for action in raw["actions"])
        + extra_actions,
        collectives=make_collectives(raw["collectives"]),
        conflicts=tuple(_make_conflict(one, tactics) for one in raw["conflicts"]),
        stops=tuple(Stop(**one) for one in raw["stops"]),
        in_shardings=in_shardings,
        kw_in_shardings=kw_in_shardings,
        out_shardings=out_shardings,
        estimate=estimate,
        search=search,
        # Last, so that the time of what is above counts.
        seconds=time.perf_counter() - start,
    )


def make_collectives(raw: list[dict[str, Any]]) -> Collectives:
    """Gives collectives, as ``Program`` returns them, their public form."""
    return Collectives(
        tuple(
            Collective(
                **{**one, "axes": tuple(one["axes"]), "shape": tuple(one["shape"])}
            )
            for one in raw
        )
    )


def _make_conflict(raw: dict[str, Any], tactics: Mapping[str, Tactic]) -> Conflict:
    parts = {
        "candidates": tuple(
            Candidate(each["factor"], tuple(each["chain"]))
            for each in raw["candidates"]
        ),
        "suggestions": tuple(
            make_suggestion(each, tactics) for each in raw["suggestions"]
        ),
    }
    return Conflict(**{**raw, **parts})
