# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How often the loops of optimised HLO run.

CPU and GPU back ends write it down. The TPU's does not, so it is worked out, for loops
that count: the condition compares numbers that the body changes by a constant or not at
all. Any other loop is an error.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.hlo import Computation, Instruction, Program

_KNOWN = re.compile(r'"known_trip_count":\{"n":"(\d+)"\}')
_INDEX = re.compile(r"\bindex=(\d+)")
_DIRECTION = re.compile(r"\bdirection=(\w\w)")
#: Ops whose result is their operand's number.
_SAME = ("bitcast", "convert", "copy", "reshape")
#: Below this no integer of 32 bits or more wraps or turns negative.
_TOO_LARGE = 2**31

#: Where in nested tuples a number is.
_Path = tuple[int, ...]


class _Linear(NamedTuple):
    """A sum of elements of a loop's state, each times a factor, and of a constant."""

    factors: dict[_Path, int]
    constant: int

    def plus(self, other: "_Linear", times: int) -> "_Linear":
        """The sum with a multiple of another."""
        factors = dict(self.factors)
        for element, factor in other.factors.items():
            factors[element] = factors.get(element, 0) + times * factor
        return _Linear(
            {element: factor for element, factor in factors.items() if factor},
            self.constant + times * other.constant,
        )


class _Frame(NamedTuple):
    """A computation, and what its parameters are: by their number, and where in it."""

    computation: Computation
    argument: Callable[[int, _Path], _Linear]


class Loops:
    """The loops of a program."""

    def __init__(self, program: Program):
        self._program = program
        self._callers: dict[str, list[tuple[Computation, Instruction]]] = {}
        for computation in program.computations.values():
            for one in computation.instructions.values():
                for _, name in one.called():
                    self._callers.setdefault(name, []).append((computation, one))

    def trips(self, computation: Computation, loop: Instruction) -> int:
        """How often the body of a loop, which is in the computation, runs.

        Raises:
          ValueError: the text does not tell.
        """
        if known := _KNOWN.search(loop.attributes):
            return int(known[1])
        try:
            return self._count(computation, loop)
        except ValueError as error:
            raise ValueError(f"a loop whose trip count is not known: {error}") from None

    def _count(self, computation: Computation, loop: Instruction) -> int:
        condition = _inside(loop, "condition")
        frame = _Frame(self._program.computations[condition], _state)
        direction, left, right = self._comparison(frame, frame.computation.root)
        difference = left.plus(right, -1)
        return _trips(direction, *self._course(computation, loop, difference))

    def _course(
        self, computation: Computation, loop: Instruction, value: _Linear
    ) -> tuple[int, int]:
        """What a number of the condition first is, and what each run adds to it."""
        first, step = value.constant, 0
        for element, factor in value.factors.items():
            first += factor * self._first(computation, loop, element)
            step += factor * self._step(computation, loop, element)
        return first, step

    def _first(
        self, computation: Computation, loop: Instruction, element: _Path
    ) -> int:
        """An element of the loop's state before the first run."""
        frame = self._frame(computation)
        return self._evaluate(frame, loop.operands[0], element).constant

    def _step(self, computation: Computation, loop: Instruction, element: _Path) -> int:
        """What a run of the body adds to an element of the loop's state."""
        after = self._after(loop, element)
        added = after.plus(_Linear({element: 1}, 0), -1)
        step = added.constant
        for other, factor in added.factors.items():
            if self._after(loop, other) != _Linear({other: 1}, 0):
                raise ValueError(f"what %{loop.name} adds in a run is not constant")
            step += factor * self._first(computation, loop, other)
        return step

    def _after(self, loop: Instruction, element: _Path) -> _Linear:
        """An element of the loop's state after a run, by those before it."""
        frame = _Frame(self._program.computations[_inside(loop, "body")], _state)
        return self._evaluate(frame, frame.computation.root, element)

    def _comparison(self, frame: _Frame, name: str) -> tuple[str, _Linear, _Linear]:
        """The direction and the sides of what a condition compares."""
        one = frame.computation.instructions[name]
        if one.opcode in ("fusion", "call"):
            inner = self._enter(frame, one)
            return self._comparison(inner, inner.computation.root)
        direction = _DIRECTION.search(one.attributes)
        if one.opcode != "compare" or direction is None:
            raise ValueError(f"%{name} of its condition is not a comparison")
        left, right = (self._evaluate(frame, side, ()) for side in one.operands)
        return direction[1], left, right

    def _frame(self, computation: Computation) -> _Frame:
        """A computation where it is run; that must be in one place."""

        def argument(number: int, path: _Path) -> _Linear:
            callers = self._callers.get(computation.name, [])
            if len(callers) != 1:
                raise ValueError(f"a parameter of %{computation.name} is not known")
            outer, one = callers[0]
            if one.opcode == "while":
                if self._step(outer, one, path):
                    raise ValueError(f"it depends on the run of %{one.name}")
                number = 0
            elif one.opcode not in ("fusion", "call"):
                raise ValueError(f"a parameter of %{computation.name} is not known")
            return self._evaluate(self._frame(outer), one.operands[number], path)

        return _Frame(computation, argument)

    def _enter(self, frame: _Frame, one: Instruction) -> _Frame:
        """What a fusion or a call runs."""
        _, name = next(one.called())
        return _Frame(
            self._program.computations[name],
            lambda number, path: self._evaluate(frame, one.operands[number], path),
        )

    def _evaluate(self, frame: _Frame, name: str, path: _Path) -> _Linear:
        """The number at a place in the result of an instruction."""
        one = frame.computation.instructions[name]
        if one.opcode == "constant" and re.fullmatch(r"-?\d+", one.literal):
            if abs(int(one.literal)) < _TOO_LARGE:
                return _Linear({}, int(one.literal))
        elif one.opcode == "parameter":
            return frame.argument(int(one.literal), path)
        elif one.opcode == "tuple":
            return self._evaluate(frame, one.operands[path[0]], path[1:])
        elif one.opcode == "get-tuple-element":
            index = _INDEX.search(one.attributes)
            return self._evaluate(frame, one.operands[0], (int(index[1]), *path))
        elif one.opcode in _SAME:
            return self._evaluate(frame, one.operands[0], path)
        elif one.opcode in ("fusion", "call"):
            inner = self._enter(frame, one)
            return self._evaluate(inner, inner.computation.root, path)
        elif one.opcode in ("add", "subtract"):
            left, right = (self._evaluate(frame, side, ()) for side in one.operands)
            return left.plus(right, 1 if one.opcode == "add" else -1)
        raise ValueError(f"%{name} is not followed: {one.opcode}")


def _state(_: int, path: _Path) -> _Linear:
    """A loop's state, the only parameter of its condition and its body."""
    return _Linear({path: 1}, 0)


def _inside(loop: Instruction, role: str) -> str:
    return next(name for found, name in loop.called() if found == role)


def _trips(direction: str, start: int, step: int) -> int:
    """How often ``step`` can be added to ``start`` while it stands so to zero."""
    if direction == "EQ":
        raise ValueError("its condition is that numbers are equal")
    if direction in ("GT", "GE") or (direction == "NE" and step < 0):
        start, step = -start, -step
    distance = (direction in ("LE", "GE")) - start
    if direction == "NE":
        ends = distance == 0 or (distance * step > 0 and distance % step == 0)
    else:
        ends = distance <= 0 or step > 0
    if not ends:
        raise ValueError(f"it does not end by adding {step}")
    return -(-distance // step) if distance > 0 else 0
