# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The events of an estimated step on an axis of time, in tracks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from partir._partir import PartirError

if TYPE_CHECKING:
    from partir._estimate import Estimate, Event

#: The track of kernels; each link has one of its own.
COMPUTE = "compute"

#: By what part two times may differ that are one.
_ROUNDING = 1e-9


class Slice(NamedTuple):
    """An event, and the seconds at which all its runs begin and end."""

    event: Event
    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


def slices(estimate: Estimate) -> list[Slice]:
    """The events; one in a loop with all its trips.

    Raises:
      PartirError: the estimate has none: it is that of a report.
    """
    if not estimate.events and estimate.step_s:
        raise PartirError(
            "the estimate of a report has no events; use that of Lowered.estimate"
        )
    found: list[Slice] = []
    now = 0.0
    for run in _runs(estimate.events):
        for event in run:
            start = now + (event.start_s - run[0].start_s) * event.count
            found.append(Slice(event, start, start + event.seconds * event.count))
        now = max(one.end for one in found[-len(run) :])
    return found


def _runs(events: Sequence[Event]) -> Iterator[list[Event]]:
    """The events in runs that no loop begins or ends in.

    Nothing overlaps the begin or the end of a loop. Within a run each event starts when
    one before it ends, or earlier.
    """
    run: list[Event] = []
    end = 0.0
    for event in events:
        is_later = event.start_s > end * (1 + _ROUNDING)
        if run and (event.count != run[0].count or is_later):
            yield run
            run, end = [], 0.0
        run.append(event)
        end = max(end, event.start_s + event.seconds)
    if run:
        yield run


def tracks(estimate: Estimate) -> dict[str, list[Slice]]:
    """The events by track: kernels, then each link that is used, innermost first."""
    used = {event.link for event in estimate.events}
    found: dict[str, list[Slice]] = {COMPUTE: []}
    found |= {link: [] for link in estimate.by_link if link in used}
    for one in slices(estimate):
        found[one.event.link or COMPUTE].append(one)
    return found


def grouped(all_slices: Sequence[Slice], seconds: float) -> Iterator[list[Slice]]:
    """Neighbours on a track in groups that span at most so much, or are one event."""
    group: list[Slice] = []
    for one in all_slices:
        if group and one.end - group[0].start > seconds:
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def static_bytes(estimate: Estimate) -> int:
    """The memory that is in use all the time: arguments, and results beside them."""
    return estimate.argument_bytes + estimate.result_bytes - estimate.aliased_bytes
