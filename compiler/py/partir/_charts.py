# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The step as SVG: a row of bars for each track, and the memory in use over time.

A drawing is stretched to the width that there is, so it holds shapes only; what is
written stands beside it. Its unit of time is a part of the step.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from partir._tables import MB, short
from partir._timeline import Slice, grouped, slices, static_bytes, tracks

if TYPE_CHECKING:
    from partir._estimate import Estimate

#: Units of time of a step, and how many of them what is drawn as one bar spans.
_WIDTH = 100_000
_BAR = 100

#: Units of memory.
_HEIGHT = 1000

#: A device's memory is drawn where the step needs at least this part of it.
_SEEN = 0.25


def timeline(estimate: Estimate) -> str:
    """A row of bars for each track; neighbours that are short become one bar."""
    rows = []
    for track, on_track in tracks(estimate).items():
        bars = "".join(_bars(on_track, estimate.step_s))
        share = sum(one.seconds for one in on_track) / estimate.step_s
        name = html.escape(f"{track}: {100 * share:.0f} % of the step")
        rows.append(
            f'<p class="name">{name}</p><svg class="track" viewBox="0 0 {_WIDTH} 1" '
            f'preserveAspectRatio="none" role="img" aria-label="{name}">{bars}</svg>'
        )
    return "".join(rows)


def kinds(estimate: Estimate) -> list[str]:
    """The kinds of events, those that take most of the time first."""
    seconds: Counter[str] = Counter()
    for one in slices(estimate):
        seconds[one.event.kind] += one.seconds
    return [kind for kind, _ in seconds.most_common()]


def _bars(on_track: Sequence[Slice], step: float) -> Iterator[str]:
    for group in grouped(on_track, step * _BAR / _WIDTH):
        start = round(group[0].start / step * _WIDTH)
        width = max(round(group[-1].end / step * _WIDTH) - start, _BAR // 2)
        longest = max(group, key=lambda one: one.seconds)
        yield (
            f'<rect class="{longest.event.kind}" x="{start}" width="{width}" '
            f'height="1"><title>{html.escape(_said(group, longest))}</title></rect>'
        )


def _said(group: Sequence[Slice], longest: Slice) -> str:
    """What a bar stands for."""
    event = longest.event
    where = f"{event.op} at {short(event.loc)}" if event.loc else event.op
    if len(group) == 1:
        runs = f"{event.count} x {duration(event.seconds)}" if event.count > 1 else ""
        total = duration(longest.seconds)
        return f"{event.kind}, {total}{runs and f' ({runs})'}: {where}"
    total = duration(sum(one.seconds for one in group))
    return f"{len(group)} events, {total}; the longest: {event.kind}, {where}"


def memory(estimate: Estimate) -> str:
    """The memory in use: what is there all the time, and temporaries above it."""
    most = memory_top(estimate)

    def height(size: int) -> int:
        return _HEIGHT - round(size / most * _HEIGHT)

    static = static_bytes(estimate)
    points = [(x, height(static + size)) for x, size in _over_time(estimate)]
    path = "".join(
        f"H{x}V{y}" if number else f"M{x} {y}" for number, (x, y) in enumerate(points)
    )
    shapes = [
        f'<rect class="static" y="{height(static)}" width="{_WIDTH}" '
        f'height="{_HEIGHT - height(static)}"><title>arguments and results: '
        f"{static / MB:.1f} MB</title></rect>",
        f'<path class="temporaries" d="{path}H{_WIDTH}V{height(static)}'
        f'H{points[0][0]}Z"><title>temporaries: at most '
        f"{estimate.temporary_bytes / MB:.1f} MB</title></path>",
        _line("peak", f"M{_peak(estimate)} 0V{_HEIGHT}"),
    ]
    if most > estimate.memory_bytes:
        shapes.append(_line("limit", f"M0 {height(estimate.memory_bytes)}H{_WIDTH}"))
    name = f"memory in use, {estimate.peak_bytes / MB:.1f} MB at most"
    return (
        f'<svg class="memory" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'preserveAspectRatio="none" aria-label="{name}">{"".join(shapes)}</svg>'
    )


def _line(kind: str, path: str) -> str:
    return f'<path class="{kind}" vector-effect="non-scaling-stroke" d="{path}"/>'


def memory_top(estimate: Estimate) -> float:
    """The bytes at the top of the drawing."""
    limit = estimate.memory_bytes
    return 1.05 * max(
        estimate.peak_bytes, limit if estimate.peak_bytes > _SEEN * limit else 1
    )


def _over_time(estimate: Estimate) -> Iterator[tuple[int, int]]:
    """Where the temporaries change, and their bytes: of a bar's time, the most."""
    width = estimate.step_s * _BAR / _WIDTH
    last = None
    ordered = sorted(slices(estimate), key=lambda one: one.start)
    for group in grouped(ordered, width):
        size = max(one.event.temporary_bytes for one in group)
        if size != last:
            yield round(group[0].start / estimate.step_s * _WIDTH), size
        last = size


def _peak(estimate: Estimate) -> int:
    peak = max(slices(estimate), key=lambda one: one.event.temporary_bytes)
    return round((peak.start + peak.end) / 2 / estimate.step_s * _WIDTH)


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.2f} {unit}"
    return f"{seconds * 1e6:.2f} us"
