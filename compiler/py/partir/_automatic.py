# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the search of an automatic tactic, and says what it found."""

import contextlib
import dataclasses
import itertools
import json
import math
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType
from typing import Any

from partir import _tables
from partir._partir import Program
from partir._show import Block, Shown, as_text
from partir._tactic import REPLICATED, AutomaticPartition, ManualPartition

#: How many times its budget a search may take where the machine is slow or busy.
_SLOWEST = 3

#: Seconds after which a search says how far it is, and between two times.
_SILENT_S, _EVERY_S = 1.0, 1.0


@dataclasses.dataclass(frozen=True)
class FoundDecision:
    """One decision, on inputs and values that play the same part.

    Attributes:
      axis: the mesh axis.
      layouts: per name, as ``ManualPartition`` takes it, a dim or ``REPLICATED``.
      step_s: estimated seconds of a step after it.
      peak_bytes: estimated peak of a device's memory after it.
      gained_s: by how many seconds it made the step shorter.
      gained_bytes: by how many bytes it made the peak smaller.
    """

    axis: str
    layouts: Mapping[str, Any]
    step_s: float
    peak_bytes: int
    gained_s: float
    gained_bytes: int


@dataclasses.dataclass(frozen=True)
class Search(Shown):
    """What an automatic tactic found.

    Attributes:
      tactics: as a user would write them, in the order in which they apply.
      decisions: what they consist of, one by one, with what each gained.
      step_s_before, peak_bytes_before: estimated seconds and peak bytes of a step as
        earlier tactics left it.
      step_s, peak_bytes: the same after all that was found.
      memory_bytes: the limit of the peak; none if there is none.
      lower_bound_s: seconds that no schedule can be below, by the same estimates.
      is_optimal: whether every schedule was tried: there is none better.
      is_cut: whether the search was ended, by the clock or by the user, before its
        budget was used: another run may find something else.
      descent_s: seconds of a step after the best that was found before every schedule
        was tried.
      states: how many states of the program were tried.
      seconds: how long the search took.
    """

    tactics: tuple[ManualPartition, ...]
    decisions: tuple[FoundDecision, ...]
    step_s_before: float
    peak_bytes_before: int
    step_s: float
    peak_bytes: int
    memory_bytes: int | None
    lower_bound_s: float
    is_optimal: bool
    is_cut: bool
    descent_s: float
    states: int
    seconds: float

    @property
    def fits(self) -> bool:
        """Whether the peak is within the limit."""
        return self.memory_bytes is None or self.peak_bytes <= self.memory_bytes

    @property
    def gap(self) -> float:
        """How far above the best schedule this may be: 0.1 is 10 %.

        It is what the lower bound tells; 0 where every schedule was tried.
        """
        if self.is_optimal:
            return 0.0
        if self.lower_bound_s == 0:
            return float("inf")
        return self.step_s / self.lower_bound_s - 1

    def __str__(self) -> str:
        return as_text(self._blocks())

    def _blocks(self) -> list[Block]:
        return _tables.search_details(self)


def run_search(
    program: Program,
    name: str,
    tactic: AutomaticPartition,
    device: str,
    inputs: Mapping[int, str],
    aliases: Sequence[int],
    is_timed: bool,
) -> tuple[Search, list[Any]]:
    """Searches from the program as it is.

    Args:
      program: the program.
      name: the tactic's name.
      tactic: the tactic.
      device: the device, as JSON.
      inputs: by number the paths of the inputs that may be decided on.
      aliases: per output the number of the input whose memory it takes, or -1.
      is_timed: whether the clock ends the search where it takes very long.

    Returns:
      What was found, and the same as parts for ``Program.apply``, in turn.
    """
    memory = tactic.memory
    if isinstance(memory, float):
        memory = int(memory * json.loads(device)["memory"])
    start = time.perf_counter()
    limit_s = _SLOWEST * tactic.budget_s if is_timed else math.inf
    with _observer(name, limit_s) as observe:
        raw = program.search(
            name,
            tactic.axes,
            device,
            memory,
            tactic.budget_s,
            tactic.seed,
            [*inputs],
            aliases,
            observe,
        )
    step_s_before, peak_bytes_before = raw["before"]
    parts = [part for part, _ in raw["tactics"]]
    step_s, peak_bytes = raw["after"]
    search = Search(
        tactics=tuple(
            _manual(f"{name} {number}", part, inputs)
            for number, part in enumerate(parts, start=1)
        ),
        decisions=(*_decisions(raw, inputs),),
        step_s_before=step_s_before,
        peak_bytes_before=peak_bytes_before,
        step_s=step_s,
        peak_bytes=peak_bytes,
        memory_bytes=memory,
        lower_bound_s=raw["lower_bound"],
        is_optimal=raw["is_optimal"],
        is_cut=raw["is_cut"],
        descent_s=raw["by_descent"][0],
        states=raw["states"],
        seconds=time.perf_counter() - start,
    )
    return search, parts


def _manual(name: str, part: Any, inputs: Mapping[int, str]) -> ManualPartition:
    _, axis, actions = part
    return ManualPartition(inputs=_layouts(actions, inputs), axis=axis, name=name)


def _layouts(actions: Any, inputs: Mapping[int, str]) -> dict[str, Any]:
    return {
        inputs.get(target, target): dim if kind == "tile" else REPLICATED
        for target, kind, dim in actions
    }


def _decisions(
    raw: Mapping[str, Any], inputs: Mapping[int, str]
) -> Iterator[FoundDecision]:
    """The decisions of all tactics, each with what it gained."""
    step_s, peak_bytes = raw["before"]
    for (_, axis, actions), decisions in raw["tactics"]:
        rest = iter(actions)
        for count, (after_s, after_bytes) in decisions:
            yield FoundDecision(
                axis=axis,
                layouts=_layouts(itertools.islice(rest, count), inputs),
                step_s=after_s,
                peak_bytes=after_bytes,
                gained_s=step_s - after_s,
                gained_bytes=peak_bytes - after_bytes,
            )
            step_s, peak_bytes = after_s, after_bytes


class _Observer:
    """Shows how far a search is, and ends it when the user wants or the time is up."""

    def __init__(self, name: str, limit_s: float):
        self._name = name
        self._limit_s = limit_s
        self._start = self._shown = time.perf_counter()
        self._shown += _SILENT_S - _EVERY_S
        self._width = 0
        self._best: tuple[float, int] | None = None
        self.is_interrupted = False

    def __call__(self, states: int, step_s: float, peak_bytes: int) -> bool:
        """Whether to go on."""
        now = time.perf_counter()
        best = (step_s, peak_bytes)
        is_news = sys.stderr.isatty() or best != self._best
        if is_news and now - self._shown >= _EVERY_S:
            self._shown, self._best = now, best
            self._show(
                f"{self._name}: {now - self._start:.0f} s, {states} states, best "
                f"{step_s * 1e3:.2f} ms, {peak_bytes / _tables.MB:.1f} MB"
            )
        return not self.is_interrupted and now - self._start <= self._limit_s

    def _show(self, text: str) -> None:
        if sys.stderr.isatty():
            print(f"\r{text:{self._width}}", end="", file=sys.stderr, flush=True)
            self._width = len(text)
        else:
            print(text, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Ends the line."""
        if self._width:
            print(file=sys.stderr, flush=True)


@contextlib.contextmanager
def _observer(name: str, limit_s: float) -> Iterator[_Observer]:
    """An observer that hears of Ctrl-C: the search then ends with what it has."""
    observer = _Observer(name, limit_s)

    def interrupt(number: int, frame: FrameType | None) -> None:
        observer.is_interrupted = True

    # Python hands signals to the main thread only.
    is_main = threading.current_thread() is threading.main_thread()
    old = signal.signal(signal.SIGINT, interrupt) if is_main else None
    try:
        yield observer
    finally:
        observer.end()
        if is_main:
            signal.signal(signal.SIGINT, old)
