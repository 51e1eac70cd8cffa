# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A plan and its estimate as one page of HTML, which needs nothing else."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from partir import _charts, _tables
from partir._show import Block, as_html
from partir._tables import MB

if TYPE_CHECKING:
    from partir._estimate import Estimate
    from partir._report import TacticReport

_TICKS = 4


def page(
    name: str,
    sizes: Mapping[str, int],
    reports: Sequence[TacticReport],
    estimate: Estimate,
) -> str:
    """The page.

    Args:
      name: of the function.
      sizes: the axes of the mesh.
      reports: of the tactics.
      estimate: with its events.
    """
    title = html.escape(f"{name}: an estimated step")
    sections = [
        *_header(name, sizes, reports, estimate),
        *_time_and_memory(estimate),
        *_collectives(reports),
        *_tactics(reports),
    ]
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_asset('_page.css')}</style></head>"
        f"<body>{''.join(sections)}<script>{_asset('_page.js')}</script></body></html>"
    )


def _asset(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")


def _header(
    name: str,
    sizes: Mapping[str, int],
    reports: Sequence[TacticReport],
    estimate: Estimate,
) -> Iterator[str]:
    axes = ", ".join(f"{axis}={size}" for axis, size in sizes.items())
    schedule = ", ".join(report.name for report in reports) or "none"
    yield f"<h1>{html.escape(name)}</h1>"
    on = f"{estimate.device}, mesh {axes}, schedule {schedule}"
    yield f'<p class="soft">An estimated step on {html.escape(on)}</p>'
    sent = reports[-1].collectives.bytes if reports else 0
    figures = (
        ("step", _charts.duration(estimate.step_s)),
        ("peak memory", f"{estimate.peak_bytes / MB:.1f} MB"),
        ("memory of the device", f"{estimate.memory_bytes / MB:.0f} MB"),
        ("sent by a device", f"{sent / MB:.1f} MB"),
        ("arithmetic", f"{estimate.flops / 1e9:.1f} GFLOP"),
    )
    cards = (f"<div>{label}<b>{text}</b></div>" for label, text in figures)
    yield f'<div class="figures">{"".join(cards)}</div>'
    if not estimate.fits:
        blocks = _tables.does_not_fit(estimate)
        yield f'<div class="bad">{as_html(blocks)}</div>'


def _time_and_memory(estimate: Estimate) -> Iterator[str]:
    yield "<h2>Time and memory</h2>"
    if not estimate.events:
        yield '<p class="soft">Nothing runs.</p>'
    elif not estimate.step_s:
        yield '<p class="soft">Nothing that runs takes time.</p>'
    else:
        yield _chart(estimate)
    yield as_html(
        [
            *_tables.estimate_figures(estimate),
            *_tables.time_by_line(estimate.events),
            *_tables.largest_arrays(estimate),
        ]
    )


def _chart(estimate: Estimate) -> str:
    times = (
        f"<span>{_charts.duration(estimate.step_s * part / _TICKS) if part else 0}"
        "</span>"
        for part in range(_TICKS + 1)
    )
    ticks = f'<div class="ticks">{"".join(times)}</div>'
    shown = "the dashed line is the peak"
    if _charts.memory_top(estimate) > estimate.memory_bytes:
        shown += ", the solid one what the device has"
    top = f"memory: up to {_charts.memory_top(estimate) / MB:.0f} MB; {shown}"
    return (
        f"{_legend([*_charts.kinds(estimate), 'static', 'temporaries'])}"
        '<label class="soft">Zoom <input id="zoom" type="range" min="0" max="6" '
        'step="0.5" value="0"></label>'
        '<div class="chart" tabindex="0"><div class="plot">'
        f'{_charts.timeline(estimate)}<p class="name">{top}</p>'
        f"{_charts.memory(estimate)}{ticks}</div></div>"
        '<output id="said" class="soft">Point at a bar, or tap it.</output>'
    )


def _legend(kinds: Iterable[str]) -> str:
    names = {"static": "arguments and results"}
    entries = (
        f'<span><i class="{kind}"></i>{names.get(kind, kind)}</span>' for kind in kinds
    )
    return f'<div class="legend">{"".join(entries)}</div>'


def _collectives(reports: Sequence[TacticReport]) -> Iterator[str]:
    if not reports:
        return
    yield "<h2>Collectives</h2>"
    collectives = reports[-1].collectives
    yield as_html(_tables.collectives_by_line(collectives))
    if collectives.each:
        yield _folded(
            f"each of the {len(collectives.each)} collectives, and its cause",
            _tables.each_collective(collectives),
        )


def _tactics(reports: Sequence[TacticReport]) -> Iterator[str]:
    yield "<h2>Tactics, conflicts and stops</h2>"
    yield as_html(_tables.schedule_summary(reports))
    for report in reports:
        title = (
            f"{report.name} (axis {report.axis}): {len(report.conflicts)} conflicts, "
            f"{len(report.stops)} stops"
        )
        blocks = _tables.report_details(report)
        yield _folded(title, blocks, is_open=bool(report.conflicts))


def _folded(title: str, blocks: Iterable[Block], is_open: bool = False) -> str:
    return (
        f"<details{' open' if is_open else ''}><summary>{html.escape(title)}</summary>"
        f"{as_html(blocks)}</details>"
    )
