# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What reports show: the rows of their tables and the lines of their notes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from partir._show import Block, Column, Heading, Notes, Table

if TYPE_CHECKING:
    from partir._automatic import Search
    from partir._estimate import Estimate, Event
    from partir._explain import AxisExplanation, Explanation, ValueExplanation
    from partir._report import (
        Action,
        Collective,
        Collectives,
        Conflict,
        Stop,
        TacticReport,
    )

MB = 2**20

#: The number of a layer in a path, or of an op among those that are alike.
_LAYER = re.compile(r"(?<=[.#])\d+(?=[.]|$)")

#: How many inputs of a kind are named, and how many links of a chain are listed.
_NAMED = 3
_LINKS = 12

#: How many of the changes that save memory are listed, and of the lines that take time.
_SAVINGS = 6
_LINES = 15

#: The part of the peak from which on arrays are said to be what takes it.
_TOLD = 0.01

#: How many collectives have a row of their own.
_EACH = 1000


def _estimate_rows(estimate: Estimate) -> list[tuple[str, str, str, str]]:
    """The rows of a report that say what a step takes."""
    rows = [
        ("step", "", "", f"{estimate.step_s * 1e3:.2f} ms on {estimate.device}"),
        ("peak memory", "", "", f"{_fit(estimate)} on {estimate.device}"),
    ]
    return rows


def _fit(estimate: Estimate) -> str:
    text = f"{estimate.peak_bytes / MB:.1f} of {estimate.memory_bytes / MB:.0f} MB"
    return text if estimate.fits else f"DOES NOT FIT: {text}"


def estimate_summary(estimate: Estimate) -> list[Block]:
    """Time and memory of a step, and what would make it fit."""
    return [
        Heading(f"estimated step on {estimate.device}"),
        *estimate_figures(estimate),
        *does_not_fit(estimate),
    ]


def estimate_figures(estimate: Estimate) -> list[Table]:
    """Time and memory of a step, and what they are made of."""
    times = {**estimate.by_work, **estimate.by_link}
    rows = [
        ("step", f"{estimate.step_s * 1e3:.2f} ms", ""),
        *(
            (f"  {name}", f"{seconds * 1e3:.2f} ms", _percent(seconds, estimate.step_s))
            for name, seconds in times.items()
            if seconds
        ),
        ("peak memory", f"{estimate.peak_bytes / MB:.1f} MB", _room(estimate)),
        *(
            (f"  {name}", f"{size / MB:.1f} MB", "")
            for name, size in (
                ("arguments", estimate.argument_bytes),
                ("results", estimate.result_bytes),
                ("of these in place", estimate.aliased_bytes),
                ("temporaries", estimate.temporary_bytes),
            )
            if size
        ),
        ("arithmetic", f"{estimate.flops / 1e9:.1f} GFLOP", ""),
    ]
    columns = (
        Column(width=20),
        Column(is_number=True, width=14),
        Column(is_number=True, width=8),
    )
    return [Table("", columns, tuple(rows))]


def does_not_fit(estimate: Estimate, most: int = _SAVINGS) -> Iterator[Notes]:
    """What is missing, what takes it, and what would save some, so many at most."""
    if estimate.fits:
        return
    parts = (
        ("arguments", estimate.argument_bytes),
        ("results", estimate.result_bytes - estimate.aliased_bytes),
        ("temporaries", estimate.temporary_bytes),
    )
    lines = [", ".join(f"{size / MB:.1f} MB of {name}" for name, size in parts)]
    lines += _alive(estimate, most)
    lines += map(str, estimate.savings[:most])
    if more := estimate.savings[most:]:
        lines.append(f"and {len(more)} more, {more[0].bytes / MB:.1f} MB or less each")
    title = f"does not fit {estimate.device}: {estimate.missing_bytes / MB:.1f} MB "
    yield Notes(title + "are missing", tuple(lines), style="red")


def _alive(estimate: Estimate, most: int) -> list[str]:
    """What takes most at the peak, beside arguments."""
    lines = []
    least = _TOLD * estimate.peak_bytes
    alive = [
        one for one in estimate.largest if one.kind != "argument" and one.bytes >= least
    ]
    for one in alive[:most]:
        times = f"{one.count} times " if one.count > 1 else ""
        where = f" at {short(one.loc)}" if one.loc else ""
        what = "results" if one.kind == "result" else "temporaries"
        lines.append(
            f"alive at the peak: {times}{one.value}{where}, "
            f"{one.bytes / MB:.1f} MB of {what}"
        )
    return lines


def estimate_details(estimate: Estimate) -> list[Block]:
    """The same, where the time goes, and what is largest when most memory is used."""
    return [
        *estimate_summary(estimate),
        *time_by_line(estimate.events),
        *largest_arrays(estimate),
    ]


def time_by_line(events: Iterable[Event]) -> Iterator[Table]:
    """What is alike at one line; what takes most comes first."""
    groups: dict[tuple[str, ...], list[Event]] = {}
    for event in events:
        groups.setdefault((event.kind, event.link, event.op, event.loc), []).append(
            event
        )
    rows = []
    for (kind, link, op, loc), group in groups.items():
        seconds = sum(event.seconds * event.count for event in group)
        count = sum(event.count for event in group)
        row = (f"{seconds * 1e3:.2f}", str(count), kind, link, op, short(loc))
        rows.append((seconds, row))
    if not rows:
        return
    rows.sort(key=lambda entry: -entry[0])
    columns = (
        Column("ms", is_number=True),
        Column("count", is_number=True),
        Column("kind"),
        Column("link"),
        Column("op", is_long=True),
        Column("line", is_long=True),
    )
    shown = tuple(row for _, row in rows[:_LINES])
    more = len(rows) - _LINES
    title = f"time by line, the first {_LINES} of {len(rows)}" if more > 0 else ""
    yield Table(title or "time by line", columns, shown)


def largest_arrays(estimate: Estimate) -> list[Block]:
    """The largest arrays that are there when most memory is used."""
    columns = (
        Column("MB", is_number=True),
        Column("count", is_number=True),
        Column("kind"),
        Column("array"),
        Column("value", is_long=True),
        Column("source", is_long=True),
    )
    rows = tuple(
        (
            _mb(one.bytes),
            str(one.count),
            one.kind,
            "x".join(map(str, one.shape)),
            one.value,
            short(one.loc),
        )
        for one in estimate.largest
    )
    where = f"{estimate.peak_op} at {short(estimate.peak_loc)}"
    return [Table(f"largest arrays at the peak, {where}", columns, rows)]


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else ""


def _room(estimate: Estimate) -> str:
    share = _percent(estimate.peak_bytes, estimate.memory_bytes)
    return share if estimate.fits else f"{share}: DOES NOT FIT"


def report_summary(report: TacticReport) -> list[Block]:
    """What a tactic did and what is in the program after it; conflicts and stops."""
    rows = []
    for what in ("applied", "inferred", "left alone"):
        actions = [action for action in report.actions if action.what == what]
        if actions:
            rows.append((what, str(len(actions)), "", _some(actions)))
    totals = [
        (kind, total) for kind, total in report.collectives.items() if total.count
    ]
    rows += [(kind, str(total.count), _mb(total.bytes), "") for kind, total in totals]
    if not totals:
        rows.append(("no collectives", "", "", ""))
    rows.append(("conflicts", str(len(report.conflicts)), "", ""))
    sent = sum(stop.bytes for stop in report.stops)
    rows.append(("stops", str(len(report.stops)), _mb(sent), ""))
    if report.estimate is not None:
        rows += _estimate_rows(report.estimate)
    columns = (
        Column(width=20),
        Column("count", is_number=True, width=6),
        Column("MB sent", is_number=True, width=10),
        Column(is_long=True),
    )
    title = f"{report.name}  (axis {report.axis}, {report.seconds * 1e3:.1f} ms)"
    return [
        Heading(title),
        Table("", columns, tuple(rows)),
        *(search_details(report.search) if report.search else ()),
        *_open_ended(report.collectives),
        *_conflicts(report.conflicts),
        *_stops(report.stops),
        *(does_not_fit(report.estimate, _NAMED) if report.estimate else ()),
    ]


def report_details(report: TacticReport) -> list[Block]:
    """The same, with what was left alone and why, and the collectives by line."""
    heading, table, *rest = report_summary(report)
    by_line = collectives_by_line(report.collectives) if report.collectives.each else []
    return [heading, table, *_left_alone(report.actions), *by_line, *rest]


def search_details(search: Search) -> list[Block]:
    """The tactics that a search found, what each gained, and how good they are."""
    rows = [("", "as it was", *_cost(search.step_s_before, search.peak_bytes_before))]
    rows += [
        (found.axis, _layouts(found.layouts), *_cost(found.step_s, found.peak_bytes))
        for found in search.decisions
    ]
    columns = (
        Column("axis"),
        Column("found", is_long=True),
        Column("step, ms", is_number=True),
        Column("peak, MB", is_number=True),
    )
    return [
        Table("", columns, tuple(rows)),
        Notes("search", tuple(_search_lines(search))),
        *_over_limit(search),
    ]


def _cost(step_s: float, peak_bytes: int) -> tuple[str, str]:
    return f"{step_s * 1e3:.3f}", f"{peak_bytes / MB:.1f}"


def _layouts(layouts: Mapping[str, Any]) -> str:
    """The layouts of a decision, those of repeated layers together."""
    texts = dict.fromkeys(
        f"{re.sub(_LAYER, '*', name)}: {how!r}" for name, how in layouts.items()
    )
    return ", ".join(texts)


def _search_lines(search: Search) -> Iterator[str]:
    yield f"{search.states} states in {search.seconds * 1e3:.0f} ms"
    if search.is_optimal:
        yield "every schedule was tried: none is better"
    elif search.lower_bound_s:
        yield (
            f"no schedule takes less than {search.lower_bound_s * 1e3:.3f} ms (the "
            f"matrix products alone): this one is at most {1 + search.gap:.2f} times "
            "the best"
        )
    else:
        yield "it is not known how far the best schedule is"
    if search.is_cut:
        yield "ended before its budget was used: another run may find something else"


def _over_limit(search: Search) -> Iterator[Notes]:
    if search.fits:
        return
    yield Notes(
        f"no schedule was found within {search.memory_bytes / MB:.1f} MB",
        (f"this is the smallest that was tried: {search.peak_bytes / MB:.1f} MB",),
        style="red",
    )


def _left_alone(actions: Iterable[Action]) -> Iterator[Notes]:
    by_reason: dict[str, list[Action]] = {}
    for action in actions:
        if action.what == "left alone":
            by_reason.setdefault(action.reason, []).append(action)
    lines = (f"{_some(group)}: {reason}" for reason, group in by_reason.items())
    if by_reason:
        yield Notes("left alone", tuple(lines))


def collectives_by_line(collectives: Collectives) -> list[Block]:
    """A row for those that are alike at one line; what sends most comes first."""
    groups: dict[tuple[str, ...], list[Collective]] = {}
    for one in collectives.each:
        key = one.kind, ", ".join(one.axes), one.loc, one.tactic
        groups.setdefault(key, []).append(one)
    if not groups:
        return [Notes("", ("no collectives",))]
    rows = []
    for (kind, axes, loc, tactic), group in groups.items():
        sent = sum(one.bytes for one in group)
        count = sum(one.count for one in group)
        actions = list(dict.fromkeys(short(one.action) for one in group))
        others = f", and {len(actions) - 1} more" if len(actions) > 1 else ""
        row = (kind, axes, str(count), _mb(sent), short(loc), tactic)
        rows.append((sent, (*row, actions[0] + others)))
    rows.sort(key=lambda entry: -entry[0])
    columns = (
        Column("collective"),
        Column("over"),
        Column("count", is_number=True),
        Column("MB sent", is_number=True),
        Column("line", is_long=True),
        Column("tactic"),
        Column("because of", is_long=True),
    )
    return [Table("collectives by line", columns, tuple(row for _, row in rows))]


def each_collective(collectives: Collectives) -> list[Block]:
    """A row for each, of very many for those that send most, with its cause."""
    ordered = sorted(collectives.each, key=lambda one: -one.bytes)
    columns = (
        Column("collective"),
        Column("over"),
        Column("count", is_number=True),
        Column("MB sent", is_number=True),
        Column("array"),
        Column("line", is_long=True),
        Column("value", is_long=True),
        Column("at", is_long=True),
        Column("because of", is_long=True),
    )
    rows = tuple(
        (
            one.kind,
            ", ".join(one.axes),
            str(one.count),
            _mb(one.bytes),
            f"{one.dtype} {'x'.join(map(str, one.shape))}",
            *map(short, (one.loc, one.value, one.op, one.cause)),
        )
        for one in ordered[:_EACH]
    )
    blocks: list[Block] = [Table("", columns, rows)]
    if more := ordered[_EACH:]:
        sent = sum(one.bytes for one in more)
        blocks.append(Notes("", (f"and {len(more)} more, which send {_mb(sent)} MB",)))
    return blocks


def schedule_summary(reports: Sequence[TacticReport]) -> list[Block]:
    """All tactics: what each did; the collectives and the step after each."""
    if not reports:
        return [Notes("", ("the schedule is empty",))]
    did = tuple(
        (
            report.name,
            report.axis,
            *(
                str(sum(action.what == what for action in report.actions))
                for what in ("applied", "inferred", "left alone")
            ),
            str(len(report.conflicts)),
            str(len(report.stops)),
            f"{report.seconds * 1e3:.1f}",
        )
        for report in reports
    )
    names = ("applied", "inferred", "left alone", "conflicts", "stops", "ms")
    columns = (
        Column("tactic"),
        Column("axis"),
        *(Column(name, is_number=True) for name in names),
    )
    return [
        Table("tactics", columns, did),
        _collectives_by_tactic(reports),
        *_estimates_by_tactic(reports),
    ]


def _estimates_by_tactic(reports: Sequence[TacticReport]) -> Iterator[Block]:
    """What a step takes after each tactic, where the device is known."""
    rows = []
    for report in reports:
        if (estimate := report.estimate) is None:
            return
        milliseconds = f"{estimate.step_s * 1e3:.2f}"
        peak = f"{estimate.peak_bytes / MB:.1f}"
        rows.append((report.name, milliseconds, peak, _room(estimate)))
    names = ("step, ms", "peak, MB", "of the memory")
    columns = (Column("after"), *(Column(name, is_number=True) for name in names))
    title = f"estimated step on {estimate.device} after each tactic"
    yield Table(title, columns, tuple(rows))


def _collectives_by_tactic(reports: Sequence[TacticReport]) -> Block:
    kinds = [
        kind
        for kind in reports[0].collectives
        if any(report.collectives[kind].count for report in reports)
    ]
    rows = []
    before = dict.fromkeys(kinds, 0)
    sent = 0
    for report in reports:
        after = {kind: report.collectives[kind].count for kind in kinds}
        total = report.collectives.bytes
        rows.append(
            (
                report.name,
                *(_change(str(after[k]), after[k] - before[k], "d") for k in kinds),
                _change(_mb(total), (total - sent) / MB, ".2f"),
            )
        )
        before, sent = after, total
    columns = (
        Column("after"),
        *(Column(name, is_number=True) for name in (*kinds, "MB sent")),
    )
    title = "collectives after each tactic (and what it added)"
    return Table(title, columns, tuple(rows))


def _change(total: str, added: float, form: str) -> str:
    return f"{total} ({added:+{form}})" if added else total


def explanation(explained: Explanation) -> list[Block]:
    """Each group of values that are alike, by its first one."""
    return [block for group in explained.groups for block in _explained_group(group)]


def _explained_group(group: Sequence[ValueExplanation]) -> Iterator[Block]:
    value = group[0]
    others = _names([one.name for one in group[1:]])
    like = f", and alike {others}" if others else ""
    yield Heading(f"{value.name}  ({value.kind}, {value.dtype}){like}")
    if value.loc:
        yield Notes("", (f"made by '{value.op}' at {value.loc}",))
    columns = (
        Column("dim"),
        Column("size", is_number=True),
        Column("on a device", is_number=True),
        Column("axes", is_long=True),
    )
    by_dim: dict[int, list[str]] = {}
    for one in value.axes:
        by_dim.setdefault(one.dim, []).append(f'{one.axis} (tactic "{one.tactic}")')
    sizes = enumerate(zip(value.shape, value.local_shape, strict=True))
    rows = tuple(
        (str(dim), str(size), str(local), ", ".join(by_dim.get(dim, [])))
        for dim, (size, local) in sizes
    )
    yield Table("", columns, rows) if rows else Notes("", ("a scalar",))
    if value.partial:
        axes = ", ".join(value.partial)
        yield Notes("", (f"each device has a partial sum over {axes}",))
    for one in value.axes:
        yield _chain(one)
    if value.actions:
        lines = (f'{action} by tactic "{action.tactic}"' for action in value.actions)
        yield Notes("actions on it", tuple(lines))
    if value.collectives.each:
        yield from collectives_by_line(value.collectives)
        yield from _open_ended(value.collectives)
    else:
        yield Notes("", ("no collectives on it",))


def _chain(one: AxisExplanation) -> Notes:
    lines = [str(decision) for decision in one.chain]
    if len(lines) > _LINKS:
        # The action is the last one.
        cut = len(lines) - _LINKS
        lines[_LINKS - 1 : -1] = [f"... and {cut} more ..."]
    title = f'{one.axis} is on dim {one.dim} by tactic "{one.tactic}", because of'
    return Notes(title, tuple(lines))


def _open_ended(collectives: Collectives) -> Iterator[Notes]:
    count = sum(not one.is_exact for one in collectives.each)
    if count:
        line = (
            f"{count} of them in branches, or in loops that run nobody knows how "
            "often: counted once"
        )
        yield Notes("", (line,))


def _conflicts(conflicts: Iterable[Conflict]) -> Iterator[Notes]:
    """The first conflict of each kind, and how many are like it."""
    groups: dict[tuple[str, ...], list[Conflict]] = {}
    for one in conflicts:
        factors = (candidate.factor for candidate in one.candidates)
        groups.setdefault((one.op, one.loc, *factors), []).append(one)
    for group in groups.values():
        first = group[0]
        lines = first.message.splitlines()
        for suggestion in first.suggestions:
            lines.append(f"{suggestion}:")
            lines += [f"  {line}" for line in suggestion.code]
        if not first.suggestions:
            lines.append("no change of one tactic was found that settles it")
        if len(group) > 1:
            lines.append(f"and {len(group) - 1} more of this kind at this line")
        yield Notes("conflict", tuple(lines), style="red")


def _stops(stops: Iterable[Stop]) -> Iterator[Notes]:
    """The first stop of each op and reason, and how many are like it."""
    groups: dict[tuple[str, str], list[Stop]] = {}
    for stop in stops:
        # What is quoted in a reason (an input, a tactic) differs between like ones.
        groups.setdefault((stop.op, stop.reason.partition('"')[0]), []).append(stop)
    lines = []
    for group in groups.values():
        lines += group[0].message.splitlines()
        if len(group) > 1:
            lines.append(f"and {len(group) - 1} more of this kind at '{group[0].op}'")
    if lines:
        yield Notes("stops", tuple(lines), style="yellow")


def _some(actions: Sequence[Action]) -> str:
    return _names([f"{a.target}[{a.dim}]" if a.dim >= 0 else a.target for a in actions])


def _names(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f", and {more} more" if more > 0 else "")


def _mb(count: int) -> str:
    return f"{count / MB:.2f}"


def short(text: str) -> str:
    """Text with the files below the working directory relative to it."""
    return text.replace(os.getcwd() + os.sep, "")
