# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What would make a program that does not fit a device smaller: facts of its ends.

Sizes are those of the elements; the padding of the device's tiles is not counted.
"""

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

_Spec = Sequence[Sequence[str]]


@dataclasses.dataclass(frozen=True)
class Saving:
    """A change of the schedule, or of the call, that needs less memory of a device.

    Attributes:
      kind: ``"tile"``: inputs that are whole on an axis, and could be tiled over it;
        or ``"donate"``: inputs that are not donated, and whose place a result of
        their shape, type and sharding could take.
      path: the path above these inputs, or the input.
      inputs: the inputs.
      axis: the axis; empty for ``"donate"``.
      axis_size: its size.
      bytes: what it saves of arguments and results, without the padding of tiles.
    """

    kind: str
    path: str
    inputs: tuple[str, ...]
    axis: str
    axis_size: int
    bytes: int

    def __str__(self) -> str:
        count = len(self.inputs)
        what = f"{self.path} ({count} inputs)" if count > 1 else self.path
        they, them = ("are", "them") if count > 1 else ("is", "it")
        size = f"{self.bytes / 2**20:.1f} MB"
        if self.kind == "donate":
            return (
                f"{what} {they} not donated, and a result could take the place: "
                f"donating {them} would save {size}"
            )
        return (
            f"{what} {they} whole on axis {self.axis} ({self.axis_size}): tiling "
            f"{them} over it would save {size}"
        )


@dataclasses.dataclass(frozen=True)
class Array:
    """An input or a result.

    Attributes:
      aval: its logical shape and type.
      spec: per physical dim the axes that tile it.
      path: what the user calls it; empty where it cannot be addressed.
      is_donated: whether its buffer may be reused.
    """

    aval: Any
    spec: _Spec
    path: str = ""
    is_donated: bool = False

    @property
    def looks(self) -> tuple[Any, ...]:
        """What a result has in common with the argument whose place it takes."""
        return self.aval.shape, self.aval.dtype, tuple(map(tuple, self.spec))


@dataclasses.dataclass(frozen=True)
class Ends:
    """The inputs and the results of a partitioned program, over axes of these sizes."""

    inputs: Sequence[Array]
    outputs: Sequence[Array]
    sizes: Mapping[str, int]

    def aliases(self) -> list[int]:
        """Per output the number of the donated input whose memory it takes, or -1.

        As JAX does it: in order, an output takes the first donated input of its shape,
        type and sharding.
        """
        return self._match(range(len(self.outputs)), lambda one: one.is_donated)

    def savings(self) -> tuple[Saving, ...]:
        """What would make the program smaller, the most first."""
        paths = [one.path for one in self.inputs if one.path]
        groups = _groups(paths)
        found: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
        for kind, axis, path, size in (*self._tilings(), *self._donations()):
            key = kind, groups[path], axis
            found.setdefault(key, []).append((size, path))
        savings = [
            Saving(
                kind,
                path,
                tuple(one for _, one in sorted(parts, key=lambda part: -part[0])),
                axis,
                self.sizes.get(axis, 1),
                sum(size for size, _ in parts),
            )
            for (kind, path, axis), parts in found.items()
        ]
        return tuple(sorted(savings, key=lambda one: -one.bytes))

    def _match(
        self, outputs: Iterable[int], is_free: Callable[[Array], bool]
    ) -> list[int]:
        """Per output the number of the free input whose place it takes, or -1."""
        free: dict[Any, list[int]] = {}
        for number, one in enumerate(self.inputs):
            if is_free(one):
                free.setdefault(one.looks, []).append(number)
        for numbers in free.values():
            numbers.reverse()
        matches = [-1] * len(self.outputs)
        for output in outputs:
            if numbers := free.get(self.outputs[output].looks):
                matches[output] = numbers.pop()
        return matches

    def _tilings(self) -> Iterator[tuple[str, str, str, int]]:
        """(kind, axis, path, bytes saved) for each input and axis that fits it."""
        for one in self.inputs:
            if not one.path or len(one.spec) != len(one.aval.shape):
                # A constant of the function, or PRNG keys.
                continue
            used = {axis for axes in one.spec for axis in axes}
            shape = self._local_shape(one)
            for axis, size in self.sizes.items():
                fits = any(dim and dim % size == 0 for dim in shape)
                if size > 1 and axis not in used and fits:
                    whole = self._bytes(one)
                    yield "tile", axis, one.path, whole - whole // size

    def _donations(self) -> Iterator[tuple[str, str, str, int]]:
        """The same for each input that could be donated."""
        aliases = self.aliases()
        rest = [output for output, alias in enumerate(aliases) if alias == -1]
        for number in self._match(rest, lambda one: one.path and not one.is_donated):
            if number != -1:
                one = self.inputs[number]
                yield "donate", "", one.path, self._bytes(one)

    def _local_shape(self, one: Array) -> list[int]:
        return [
            size // math.prod(self.sizes[axis] for axis in axes)
            for size, axes in zip(one.aval.shape, one.spec, strict=False)
        ]

    def _bytes(self, one: Array) -> int:
        return math.prod(self._local_shape(one)) * one.aval.dtype.itemsize


def _groups(paths: Sequence[str]) -> dict[str, str]:
    """Per path the one above it where the inputs of an argument first differ."""
    by_root: dict[str, list[list[str]]] = {}
    for path in paths:
        parts = path.split(".")
        by_root.setdefault(parts[0], []).append(parts)
    groups = {}
    for all_parts in by_root.values():
        levels = enumerate(zip(*all_parts, strict=False))
        shortest = min(map(len, all_parts))
        common = next((i for i, names in levels if len({*names}) > 1), shortest)
        for parts in all_parts:
            groups[".".join(parts)] = ".".join(parts[: common + 1])
    return groups
