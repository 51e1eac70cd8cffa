# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a tactic did and what the program costs after it, as plain data."""

import dataclasses
import time
from collections.abc import Iterator, Mapping
from typing import Any

#: The kinds of collectives, in the order in which tables list them.
KINDS = (
    "all_gather",
    "all_reduce",
    "reduce_scatter",
    "all_to_all",
    "collective_permute",
)

_MB = 2**20


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
    """

    target: str
    what: str
    dim: int
    axis: str
    reason: str = ""

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
    value: str = ""
    op: str = ""


@dataclasses.dataclass(frozen=True)
class Total:
    """``count`` runs of a kind of collective and the ``bytes`` a device sends."""

    count: int = 0
    bytes: int = 0


class Collectives(Mapping[str, Total]):
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
            f"{kind}={total.count} ({total.bytes / _MB:.1f} MB)"
            for kind, total in self._totals.items()
            if total.count
        ]
        return f"Collectives({', '.join(parts) or 'none'})"


@dataclasses.dataclass(frozen=True)
class Candidate:
    """One side of a conflict: a factor, and the chain back to its action."""

    factor: str
    chain: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Conflict:
    """An op that could be tiled in several ways, and was left alone."""

    op: str
    loc: str
    axis: str
    candidates: tuple[Candidate, ...]
    message: str

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
class TacticReport:
    """What one tactic did, and the whole program as it is after it.

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

    def __str__(self) -> str:
        rows = [f"{self.name}  (axis {self.axis}, {self.seconds * 1e3:.1f} ms)"]
        by_what: dict[str, list[Action]] = {}
        for action in self.actions:
            by_what.setdefault(action.what, []).append(action)
        rows += [
            f"  {what:<20} {len(by_what[what]):6}   {_some(by_what[what])}"
            for what in ("applied", "inferred", "left alone")
            if what in by_what
        ]
        shown = [(kind, self.collectives[kind]) for kind in self.collectives]
        shown = [(kind, total) for kind, total in shown if total.count]
        if shown:
            rows.append(f"  {'collective':<20} {'count':>6} {'MB sent':>10}")
        rows += [
            f"  {kind:<20} {total.count:6} {total.bytes / _MB:10.2f}"
            for kind, total in shown
        ]
        if not shown:
            rows.append("  no collectives")
        open_ended = sum(not one.is_exact for one in self.collectives.each)
        if open_ended:
            rows.append(
                f"  {open_ended} of them in branches, or in loops that run nobody "
                "knows how often: counted once"
            )
        rows.append(f"  {'conflicts':<20} {len(self.conflicts):6}")
        rows += [f"    {line}" for one in self.conflicts for line in _lines(one)]
        sent = sum(stop.bytes for stop in self.stops) / _MB
        rows.append(f"  {'stops':<20} {len(self.stops):6} {sent:10.2f}")
        rows += [f"    {line}" for line in _by_reason(self.stops)]
        return "\n".join(rows)


def make_report(
    name: str,
    axis: str,
    raw: dict[str, Any],
    extra_actions: tuple[Action, ...],
    in_shardings: Any,
    kw_in_shardings: dict[str, Any],
    out_shardings: Any,
    start: float,
) -> TacticReport:
    """Gives ``raw``, what ``Program.apply`` returns, its public form.

    The tactic began at ``start``, on the clock ``time.perf_counter``.
    """
    return TacticReport(
        name=name,
        axis=axis,
        actions=tuple(Action(**action) for action in raw["actions"]) + extra_actions,
        collectives=Collectives(
            tuple(
                Collective(
                    **{**one, "axes": tuple(one["axes"]), "shape": tuple(one["shape"])}
                )
                for one in raw["collectives"]
            )
        ),
        conflicts=tuple(
            Conflict(
                **{
                    **one,
                    "candidates": tuple(
                        Candidate(each["factor"], tuple(each["chain"]))
                        for each in one["candidates"]
                    ),
                }
            )
            for one in raw["conflicts"]
        ),
        stops=tuple(Stop(**one) for one in raw["stops"]),
        in_shardings=in_shardings,
        kw_in_shardings=kw_in_shardings,
        out_shardings=out_shardings,
        # Last, so that the time of what is above counts.
        seconds=time.perf_counter() - start,
    )


def _some(actions: list[Action], limit: int = 3) -> str:
    shown = [
        f"{a.target}[{a.dim}]" if a.dim >= 0 else a.target for a in actions[:limit]
    ]
    more = len(actions) - limit
    return ", ".join(shown) + (f", and {more} more" if more > 0 else "")


def _lines(item: Any) -> list[str]:
    return str(item).splitlines()


def _by_reason(stops: tuple[Stop, ...]) -> Iterator[str]:
    """The first stop of each op and reason, and how many are like it."""
    groups: dict[tuple[str, str], list[Stop]] = {}
    for stop in stops:
        # What is quoted in a reason (an input, a tactic) differs between like ones.
        groups.setdefault((stop.op, stop.reason.partition('"')[0]), []).append(stop)
    for group in groups.values():
        yield from _lines(group[0])
        if len(group) > 1:
            yield f"and {len(group) - 1} more of this kind at '{group[0].op}'"
