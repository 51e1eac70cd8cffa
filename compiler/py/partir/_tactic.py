# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a user writes in a schedule: tactics, and the values of their inputs."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from partir._partir import PartirError


@dataclasses.dataclass(frozen=True)
class FirstDivisible:
    """Tile the first dim, from ``start`` on, that the axis divides."""

    start: int = 0

    def __repr__(self) -> str:
        if self.start == 0:
            return "partir.FIRST_DIVISIBLE_DIM"
        return f"partir.first_divisible_dim(start={self.start})"


class Constant:
    """A value of ``inputs`` that is not a dim and has no parameter."""

    def __init__(self, name: str):
        self._name = name

    def __repr__(self) -> str:
        return f"partir.{self._name}"

    def __reduce__(self) -> str:
        # By name, so that a copy or an unpickled one is the same object.
        return self._name


#: Tile the first dim that the axis divides, once the tiles that earlier tactics
#: and propagation gave the value are taken off. Values with no such dim (scalars
#: among them) and values that already have the axis are left alone, and reported.
FIRST_DIVISIBLE_DIM = FirstDivisible()

#: Keep the value whole on every device of the axis; no op may slice it over it.
REPLICATED = Constant("REPLICATED")

#: Say nothing: propagation decides. ``None`` means the same.
UNKNOWN = Constant("UNKNOWN")


def first_divisible_dim(start: int = 0) -> FirstDivisible:
    """Like :data:`FIRST_DIVISIBLE_DIM`, but considers dims from ``start`` on.

    Args:
      start: the first dim to consider, at least 0. ``1`` leaves out the layer dim
        of parameters that are stacked for ``lax.scan``.

    Raises:
      PartirError: ``start`` is not an int of at least 0.
    """
    if isinstance(start, bool) or not isinstance(start, int) or start < 0:
        raise PartirError(
            f"first_divisible_dim: start is {start!r}; it must be an int >= 0"
        )
    return FirstDivisible(start)


@dataclasses.dataclass(frozen=True, eq=False)
class ManualPartition:
    """A tactic: lay some inputs out over one mesh axis, then propagate.

    Attributes:
      inputs: from what to how. A key is the name of an argument of the function, a
        dotted path below one (``"state.params"``; the ``.value`` of a box such as
        ``flax.nnx.Variable`` may be left out), the name of a :func:`partir.tag`, or
        what an automatic tactic calls the result of an op
        (``"stablehlo.dot_general@model.py:12:9#0"``). A value is a dim (negative
        ones count from the end), ``FIRST_DIVISIBLE_DIM``, ``REPLICATED``,
        ``UNKNOWN``, a callback ``(path, aval) -> value`` that is asked for each
        array, or a pytree prefix of these. Where two keys cover one array, the
        longer path wins.
      axis: the mesh axis.
      name: what reports call the tactic; by default its number and axis.

    Raises:
      PartirError: ``inputs`` or ``axis`` is not of the kind above.
    """

    inputs: Mapping[str, Any]
    axis: str
    name: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.axis, str):
            raise PartirError(
                f"ManualPartition: axis is {self.axis!r}; it must be the name of one "
                "mesh axis"
            )
        if not isinstance(self.inputs, Mapping):
            raise PartirError(
                f"ManualPartition: inputs is {self.inputs!r}; it must be a dict from "
                "names of inputs to dims"
            )
        for key in self.inputs:
            if not isinstance(key, str):
                raise PartirError(
                    f"ManualPartition: the key {key!r} of inputs is not a string"
                )
        _check_name("ManualPartition", self.name)

    def __repr__(self) -> str:
        name = "" if self.name is None else f", name={self.name!r}"
        return (
            f"partir.ManualPartition(inputs={self.inputs!r}, axis={self.axis!r}{name})"
        )

    @property
    def parts(self) -> tuple["ManualPartition", ...]:
        return (self,)

    @property
    def axes(self) -> tuple[str, ...]:
        """The mesh axes that it decides on."""
        return (self.axis,)


@dataclasses.dataclass(frozen=True, eq=False)
class Merged:
    """Several tactics taken as one.

    All their actions come first; then decisions are propagated, axis by axis in
    the order of the tactics. Competing decisions meet as conflicts, which an
    ordered schedule would have settled: the earlier tactic would have won.

    Attributes:
      tactics: the :class:`ManualPartition` tactics to merge, at least one.
      name: what reports call it; by default its number and axes.
    """

    tactics: Sequence[ManualPartition]
    name: str | None = None

    def __post_init__(self) -> None:
        try:
            tactics = tuple(self.tactics)
        except TypeError:
            tactics = ()
        if not tactics or not all(isinstance(t, ManualPartition) for t in tactics):
            raise PartirError(
                f"Merged: tactics is {self.tactics!r}; it must be a list of at least "
                "one ManualPartition"
            )
        object.__setattr__(self, "tactics", tactics)
        _check_name("Merged", self.name)

    @property
    def parts(self) -> tuple[ManualPartition, ...]:
        return tuple(self.tactics)

    @property
    def axes(self) -> tuple[str, ...]:
        """The mesh axes that it decides on, each once."""
        return tuple(dict.fromkeys(part.axis for part in self.tactics))


@dataclasses.dataclass(frozen=True, eq=False)
class AutomaticPartition:
    """A tactic that a search finds: decisions after which a step takes least.

    What earlier tactics decided stays. Inputs that play the same part in repeated
    layers are decided on together. The report says what was found
    (``report.search``), and has it as ordinary tactics (``report.as_manual()``).

    Time and memory are those of the estimates, for the mesh's own devices or for
    ``partir.jit(..., device=...)``. The budget is counted in states of the program, as
    many as ``budget_s`` is worth on two cores, so that the same seed gives the same
    result on every machine. Only where that takes three times as long does the clock
    end the search, and the report says so; not where the mesh is of several processes,
    which must find the same. Ctrl-C ends it with the best so far.

    Attributes:
      axes: the mesh axes to decide on: a name, or several.
      memory: what the program may take on a device: bytes (an int), or a fraction of
        the device's memory (a float, at most 1). By default there is no limit. If no
        program was found that is within the limit, the report says so.
      budget_s: seconds that the search may take on two cores, above 0.
      seed: of what is tried at random, at least 0.
      name: what reports call the tactic; by default its number and axes.

    Raises:
      PartirError: one of these is not of that kind.
    """

    axes: str | Sequence[str]
    memory: int | float | None = None
    budget_s: float = 10
    seed: int = 0
    name: str | None = None

    def __post_init__(self) -> None:
        axes = (self.axes,) if isinstance(self.axes, str) else self.axes
        try:
            axes = tuple(axes)
        except TypeError:
            axes = ()
        is_valid = axes and all(isinstance(axis, str) for axis in axes)
        if not is_valid or len({*axes}) < len(axes):
            raise PartirError(
                f"AutomaticPartition: axes is {self.axes!r}; it must be the name of a "
                "mesh axis, or several, each once"
            )
        object.__setattr__(self, "axes", axes)
        if not _is_memory(self.memory):
            raise PartirError(
                f"AutomaticPartition: memory is {self.memory!r}; it must be a number "
                "of bytes > 0 (an int), a fraction of the device's memory (a float "
                "> 0, at most 1), or None"
            )
        if not _is_number(self.budget_s) or not 0 < self.budget_s < math.inf:
            raise PartirError(
                f"AutomaticPartition: budget_s is {self.budget_s!r}; it must be a "
                "number of seconds > 0"
            )
        is_int = isinstance(self.seed, int) and not isinstance(self.seed, bool)
        if not is_int or not 0 <= self.seed < 2**64:
            raise PartirError(
                f"AutomaticPartition: seed is {self.seed!r}; it must be an int >= 0 "
                "of 64 bits"
            )
        _check_name("AutomaticPartition", self.name)


Tactic = ManualPartition | Merged | AutomaticPartition


def tactic_name(tactic: Tactic, number: int) -> str:
    """The tactic's own name, or one made of its number and axes: ``"0:B"``."""
    return tactic.name or f"{number}:{'+'.join(tactic.axes)}"


def check_schedule(schedule: Any, axis_names: Sequence[str]) -> tuple[Tactic, ...]:
    """Returns the schedule as a tuple, or raises PartirError for what is wrong."""
    if isinstance(schedule, Tactic):
        raise PartirError(
            "jit: schedule is one tactic; it must be a list of them: schedule=[...]"
        )
    try:
        tactics = tuple(schedule)
    except TypeError:
        raise PartirError(
            f"jit: schedule is {schedule!r}; it must be a list of tactics"
        ) from None
    names: dict[str, int] = {}
    for number, tactic in enumerate(tactics):
        if not isinstance(tactic, Tactic):
            raise PartirError(
                f"jit: schedule[{number}] is {tactic!r}; it must be a "
                "partir.ManualPartition, a partir.Merged or a "
                "partir.AutomaticPartition"
            )
        name = tactic_name(tactic, number)
        if name in names:
            raise PartirError(
                f"jit: schedule[{names[name]}] and schedule[{number}] are both named "
                f"{name!r}"
            )
        names[name] = number
        for axis in tactic.axes:
            if axis not in axis_names:
                raise PartirError(
                    f"tactic {name!r}: the mesh has no axis {axis!r}; its axes "
                    f"are {', '.join(map(repr, axis_names)) or 'none'}"
                )
    return tactics


def _check_name(what: str, name: Any) -> None:
    if name is not None and (not isinstance(name, str) or not name):
        raise PartirError(f"{what}: name is {name!r}; it must be a non-empty string")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_memory(memory: Any) -> bool:
    if memory is None:
        return True
    if not _is_number(memory):
        return False
    return 0 < memory <= 1 if isinstance(memory, float) else memory > 0
