# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a step is estimated to take: its time, its memory, and what they are made of."""

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path

from partir import _tables, _trace
from partir._fit import Ends, Saving
from partir._partir import Program
from partir._show import Block, Shown, as_text


@dataclasses.dataclass(frozen=True)
class Buffer:
    """Arrays in the memory of a device that are alike.

    Attributes:
      kind: ``"argument"``, ``"result"`` or ``"temporary"``.
      value: what they are: inputs, a tag, or the result of an op.
      loc: the line of the user's source that makes them; empty for inputs.
      shape: the shape of each on a device.
      count: how many they are.
      bytes: the bytes of all there, padding included.
    """

    kind: str
    value: str
    loc: str
    shape: tuple[int, ...]
    count: int
    bytes: int


@dataclasses.dataclass(frozen=True)
class Event:
    """A kernel or a collective of the estimated step.

    Attributes:
      kind: a key of ``Estimate.by_work``, or the kind of the collective.
      link: the link that takes most of the collective's time; empty for a kernel.
      op: the op that it is, or for which it is.
      loc: the line of that in the user's source.
      start_s: when it first starts.
      seconds: of one run.
      count: how often it runs in a step.
      temporary_bytes: the memory in use for temporaries when it runs.
    """

    kind: str
    link: str
    op: str
    loc: str
    start_s: float
    seconds: float
    count: int
    temporary_bytes: int


@dataclasses.dataclass(frozen=True)
class Estimate(Shown):
    """Time and memory of a step on one device.

    Time is the sum over the kernels that XLA would run, each limited by its arithmetic
    or by the memory it reads and writes (roofline), and over the collectives, each on
    the links that it crosses, one after another. Loops count as often as they run.

    Attributes:
      device: name of the device.
      step_s: seconds of a step.
      flops: operations of a device, a fused multiply-add being two; exponentials and
        the like are not counted.
      matrix_flops: those of matrix products and convolutions.
      bytes: bytes that kernels read and write.
      by_work: seconds by kind of kernel: ``"matrix"``, ``"elements"``, ``"move"`` (that
        come to lie elsewhere), ``"reduce"`` or ``"apart"`` (sorts, gathers, scatters,
        custom calls).
      by_link: seconds of collectives, all of one at the link that takes most of them.
      peak_bytes: the memory that the device must have: ``argument_bytes`` +
        ``result_bytes`` - ``aliased_bytes`` + ``temporary_bytes``.
      argument_bytes: bytes of the arguments.
      result_bytes: bytes of the results.
      aliased_bytes: bytes of the results that take the place of donated arguments.
      temporary_bytes: the most that all else takes, with what is lost between arrays.
      memory_bytes: what the device has.
      peak_op: the op at which most is in use.
      peak_loc: its line in the user's source.
      largest: the arrays in use then, in groups of what is alike: the ten that take
        most, the largest first.
      events: what runs one after another; only of ``Lowered.estimate``.
      savings: what would make it smaller, the most first; only where it does not fit.
    """

    device: str
    step_s: float
    flops: float
    matrix_flops: float
    bytes: float
    by_work: Mapping[str, float]
    by_link: Mapping[str, float]
    peak_bytes: int
    argument_bytes: int
    result_bytes: int
    aliased_bytes: int
    temporary_bytes: int
    memory_bytes: int
    peak_op: str
    peak_loc: str
    largest: tuple[Buffer, ...]
    events: tuple[Event, ...] = dataclasses.field(default=(), repr=False)
    savings: tuple[Saving, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the device has the memory."""
        return self.missing_bytes == 0

    @property
    def missing_bytes(self) -> int:
        """What the device has too little."""
        return max(self.peak_bytes - self.memory_bytes, 0)

    def save_trace(self, path: str | os.PathLike[str]) -> None:
        """Writes the step as a trace, for ``ui.perfetto.dev`` or ``chrome://tracing``.

        It is JSON of trace events. Kernels are one track, the collectives of each link
        another; what runs in a loop is drawn once, with the time of all its trips. The
        memory in use is a counter, in bytes.

        Raises:
          PartirError: the estimate has no events: it is that of a report.
        """
        Path(path).write_text(_trace.trace(self), encoding="utf-8")

    def __str__(self) -> str:
        return as_text(_tables.estimate_summary(self))

    def _blocks(self) -> list[Block]:
        return _tables.estimate_details(self)


def make_estimate(
    program: Program,
    device: str,
    ends: Ends,
    *,
    overlap: bool = False,
    with_events: bool = False,
) -> Estimate:
    """Estimates a program, whose ends lie like that, on a device, given as JSON."""
    raw = program.estimate(device, ends.aliases(), overlap, with_events)
    estimate = Estimate(
        **{
            **raw,
            "by_work": dict(raw["by_work"]),
            "by_link": dict(raw["by_link"]),
            "largest": tuple(
                Buffer(**{**one, "shape": tuple(one["shape"])})
                for one in raw["largest"]
            ),
            "events": tuple(Event(**one) for one in raw["events"]),
        }
    )
    if estimate.fits:
        return estimate
    return dataclasses.replace(estimate, savings=ends.savings())
