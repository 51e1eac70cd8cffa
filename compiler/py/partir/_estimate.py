# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a step is estimated to take: its time, its memory, and what they are made of."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from partir import _tables
from partir._show import Block, Shown, as_text


@dataclasses.dataclass(frozen=True)
class Buffer:
    """An array in the memory of a device.

    Attributes:
      value: what it is: an input, a tag, or the result of an op.
      loc: the line of the user's source that makes it; empty for an input.
      shape: its shape on a device.
      bytes: its bytes there, padding included.
    """

    value: str
    loc: str
    shape: tuple[int, ...]
    bytes: int


@dataclasses.dataclass(frozen=True)
class Event:
    """A kernel or a collective of the estimated step.

    Attributes:
      kind: ``"matrix"``, ``"elements"``, ``"reduce"`` or ``"apart"``, or the kind of
        the collective.
      link: the link that limits the collective; empty for a kernel.
      op: the op that it is, or for which it is.
      loc: the line of that in the user's source.
      seconds: of one run.
      count: how often it runs in a step.
      temporary_bytes: the memory in use for temporaries when it runs.
    """

    kind: str
    link: str
    op: str
    loc: str
    seconds: float
    count: int
    temporary_bytes: int


@dataclasses.dataclass(frozen=True)
class Estimate(Shown):
    """Time and memory of a step on one device.

    Time is the sum over the kernels that XLA would run, each limited by its arithmetic
    or by the memory it reads and writes (roofline), and over the collectives, each
    limited by the slowest link that it crosses. Loops count as often as they run.

    Attributes:
      device: name of the device.
      step_s: seconds of a step.
      flops: operations of a device, a fused multiply-add being two; exponentials and
        the like are not counted.
      matrix_flops: those of matrix products and convolutions.
      bytes: bytes that kernels read and write.
      by_work: seconds by kind of kernel: ``"matrix"``, ``"elements"``, ``"reduce"`` or
        ``"apart"`` (sorts, scatters, custom calls).
      by_link: seconds of collectives by the link that limits them.
      peak_bytes: the most memory in use at once, as XLA counts: ``argument_bytes`` +
        ``result_bytes`` - ``aliased_bytes`` + ``temporary_bytes``.
      argument_bytes: bytes of the arguments.
      result_bytes: bytes of the results.
      aliased_bytes: bytes of the results that take the place of donated arguments.
      temporary_bytes: the most that all else takes, with what is lost between arrays.
      memory_bytes: what the device has.
      peak_op: the op at which most is in use.
      peak_loc: its line in the user's source.
      largest: the largest arrays in use then, the largest first.
      events: what runs one after another; only of ``Lowered.estimate``.
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

    @property
    def fits(self) -> bool:
        """Whether the device has the memory."""
        return self.peak_bytes <= self.memory_bytes

    def __str__(self) -> str:
        return as_text(_tables.estimate_summary(self))

    def _blocks(self) -> list[Block]:
        return _tables.estimate_details(self)


def make_estimate(raw: dict[str, Any]) -> Estimate:
    """Gives ``raw``, what ``Program.estimate`` returns, its public form."""
    return Estimate(
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


def find_aliases(
    inputs: Sequence[tuple[Any, Any, bool]], outputs: Sequence[tuple[Any, Any]]
) -> list[int]:
    """Per output the number of the donated input whose memory it takes, or -1.

    As JAX does it: in order, an output takes the first donated input of its shape, type
    and sharding.

    Args:
      inputs: per input its aval, its spec and whether it is donated.
      outputs: per output its aval and its spec.
    """

    def key(aval: Any, spec: Any) -> tuple[Any, ...]:
        return aval.shape, aval.dtype, tuple(map(tuple, spec))

    free: dict[Any, list[int]] = {}
    for number, (aval, spec, is_donated) in enumerate(inputs):
        if is_donated:
            free.setdefault(key(aval, spec), []).append(number)
    aliases = []
    for aval, spec in outputs:
        numbers = free.get(key(aval, spec))
        aliases.append(numbers.pop(0) if numbers else -1)
    return aliases
