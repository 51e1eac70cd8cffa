# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""An estimated step in the JSON of Chrome's trace events, which Perfetto reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from partir._timeline import slices, static_bytes, tracks

if TYPE_CHECKING:
    from partir._estimate import Estimate, Event

_PROCESS = 1


def trace(estimate: Estimate) -> str:
    """The step as JSON: tracks of kernels and links, and a counter of memory."""
    events = [*_names(estimate), *_slices(estimate), *_memory(estimate)]
    return json.dumps(
        {"traceEvents": events, "displayTimeUnit": "ns"}, separators=(",", ":")
    )


def _names(estimate: Estimate) -> Iterator[dict[str, Any]]:
    title = f"estimated step on {estimate.device}"
    yield _metadata("process_name", 0, {"name": title})
    for number, track in enumerate(tracks(estimate), start=1):
        yield _metadata("thread_name", number, {"name": track})
        yield _metadata("thread_sort_index", number, {"sort_index": number})


def _metadata(name: str, thread: int, args: dict[str, Any]) -> dict[str, Any]:
    return {"ph": "M", "name": name, "pid": _PROCESS, "tid": thread, "args": args}


def _slices(estimate: Estimate) -> Iterator[dict[str, Any]]:
    for number, on_track in enumerate(tracks(estimate).values(), start=1):
        end = 0
        for one in on_track:
            start = max(_nanoseconds(one.start), end)
            end = max(_nanoseconds(one.end), start)
            yield _complete(one.event, number, start, end - start)


def _complete(event: Event, track: int, start: int, length: int) -> dict[str, Any]:
    return {
        "ph": "X",
        "pid": _PROCESS,
        "tid": track,
        "name": event.kind if event.link else event.op or event.kind,
        "cat": event.kind,
        "ts": start / 1000,
        "dur": length / 1000,
        "args": {
            "op": event.op,
            "line": event.loc,
            "kind": event.kind,
            "count": event.count,
            "microseconds of one run": _nanoseconds(event.seconds) / 1000,
        },
    }


def _memory(estimate: Estimate) -> Iterator[dict[str, Any]]:
    for one in sorted(slices(estimate), key=lambda one: one.start):
        yield _counter(estimate, one.start, one.event.temporary_bytes)
    yield _counter(estimate, estimate.step_s, 0)


def _counter(estimate: Estimate, now: float, temporaries: int) -> dict[str, Any]:
    return {
        "ph": "C",
        "pid": _PROCESS,
        "name": "memory",
        "ts": _nanoseconds(now) / 1000,
        "args": {
            "arguments and results": static_bytes(estimate),
            "temporaries": temporaries,
        },
    }


def _nanoseconds(seconds: float) -> int:
    """What viewers count in: an event must not end after the next one begins."""
    return round(seconds * 1e9)
