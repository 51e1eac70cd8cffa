# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every dim of a case becomes two schedules: one axis on it, and two."""

import dataclasses
from collections.abc import Iterator, Sequence

import partir

#: The mesh of 8 devices. ``b`` where it divides a dim, else ``a``.
AXES = {"a": 2, "b": 4}


@dataclasses.dataclass(frozen=True)
class Dim:
    """A dim of an argument or of a tagged result."""

    path: str
    dim: int
    size: int

    def __str__(self) -> str:
        return f"{self.path}.{self.dim}"


@dataclasses.dataclass(frozen=True)
class Trial:
    """A schedule, and the dim and axis that it is about."""

    dim: Dim
    axis: str
    schedule: tuple[partir.ManualPartition, ...]

    def __str__(self) -> str:
        return ", ".join(
            f"{path} dim {dim} on {tactic.axis}"
            for tactic in self.schedule
            for path, dim in tactic.inputs.items()
        )


def dims_of(shapes: Sequence[tuple[str, tuple[int, ...]]]) -> list[Dim]:
    """The dims that an axis divides."""
    return [
        Dim(path, dim, size)
        for path, shape in shapes
        for dim, size in enumerate(shape)
        if size and size % min(AXES.values()) == 0
    ]


def trials(dims: list[Dim]) -> Iterator[Trial]:
    """For each dim one axis on it; then that axis, and the other on the next dim.

    The next dim is this one, inside the first axis, if it is divisible by both, and
    else the next in the list that the other axis divides.
    """
    for index, dim in enumerate(dims):
        axis = next(name for name in ("b", "a") if dim.size % AXES[name] == 0)
        first = partir.ManualPartition({dim.path: dim.dim}, axis=axis)
        yield Trial(dim, axis, (first,))
        other = "a" if axis == "b" else "b"
        for second in [dim, *dims[index + 1 :], *dims[:index]]:
            used = AXES[axis] if second == dim else 1
            if second.size % (used * AXES[other]) == 0:
                last = partir.ManualPartition({second.path: second.dim}, axis=other)
                yield Trial(dim, axis, (first, last))
                break
