# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The collectives in the text of a compiled program, and the bytes a device sends.

The text is optimised HLO, as ``compiled.as_text()`` gives it for any back end. Counted
are arrays: XLA combines collectives of one group, and one of three arrays is
three. The body of a loop counts as often as the loop runs. What the text does not tell
is an error, never a guess: a collective in a branch, or in a loop without a known trip
count; a replica group, an element type or a collective in a spelling not read here.

Two forms of the TPU back end are fusions. One called ``all-reduce-scatter`` holds an
all-reduce and the slice of its result that is kept: a reduce_scatter. And a collective
that runs beside other ops appears in a chain of fusions, of which only the first, with
``AsyncCollectiveStart``, counts.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from partir import Total

#: HLO's names of the collectives; those that run beside other ops end in "-start".
KINDS = {
    "all-gather": "all_gather",
    "all-reduce": "all_reduce",
    "reduce-scatter": "reduce_scatter",
    "all-to-all": "all_to_all",
    "collective-permute": "collective_permute",
}
#: How the names of ops begin that move data between devices, known or not.
_MOVES = re.compile(r"all-|collective-|ragged-|reduce-scatter|send|recv")
#: These end what a "-start" began.
_ENDS = ("-done", "-update")

_HEADER = re.compile(r"(?:ENTRY )?%(\S+) \(.*\{$")
_NAME = re.compile(r"\s+(?:ROOT )?%(\S+) = ")
_OPCODE = re.compile(r" ([a-z][a-z0-9-]*)\(")
_METADATA = re.compile(r'metadata=\{(?:"(?:[^"\\]|\\.)*"|[^"}])*\}')
_CALLED = re.compile(
    r"\b(calls|to_apply|called_computations|body|condition|branch_computations"
    r"|true_computation|false_computation)=(\{[^}]*\}|%[^\s,]+)"
)
_LOOP = ("body", "condition")
_BRANCHES = ("branch_computations", "true_computation", "false_computation")
_TRIPS = re.compile(r'"known_trip_count":\{"n":"(\d+)"\}')
_SHAPE = re.compile(r"([a-z]+\d*[a-z0-9]*)\[([\d,]*)\]")
_NUMBER = re.compile(r"(?:bf|f|s|u|c)(\d+)(?:e\d+m\d+[a-z]*)?")

#: Devices in the order of a reshaped and transposed iota.
_IOTA = r"\[[\d,]+\](?:T\([\d,]+\))?"
_GROUPS_LISTED = re.compile(r"\{(\{[\d,]+\}(?:,\{[\d,]+\})*)\}")
_GROUPS_OF_IOTA = re.compile(rf"\[\d+,(\d+)\]<={_IOTA}(?=,|$)")
_GROUPS_OF_MESH = re.compile(
    rf"mesh\[([^]]*)\](?:, device_ids=\({_IOTA}\))? \{{([^}}]*)\}}(?=,|$)"
)


class Instruction(NamedTuple):
    """A line ``%name = shape opcode(operands), attributes``, without its metadata."""

    name: str
    shape: str
    opcode: str
    operands: tuple[str, ...]
    attributes: str


def traffic(text: str) -> dict[str, Total]:
    """Arrays and bytes of a step by kind; every value of ``KINDS`` is a key.

    Raises:
      ValueError: something in the text is not understood.
    """
    return _Program(text).totals()


def ring_bytes(kind: str, operand: int, n: int) -> int:
    """Bytes that each of ``n`` devices in a ring sends for a collective.

    ``operand`` is the bytes of what a device gives to it: of all_gather the n-th part
    of the result, of reduce_scatter n times the result.
    """
    others = operand * (n - 1)
    return {
        "all_reduce": 2 * others // n,
        "all_gather": others,
        "reduce_scatter": others // n,
        "all_to_all": others // n,
        "collective_permute": operand,
    }[kind]


def group_size(attributes: str) -> int:
    """Devices in each replica group of a collective.

    There are four spellings, here with groups of two devices out of four:
    ``{{0,1},{2,3}}``, ``[2,2]<=[4]``, ``[2,2]<=[2,2]T(1,0)``, and
    ``mesh['a'=2,'b'=2] {'a'}``, in which an axis can be a part, as in ``{'a':(1)2}``.

    Raises:
      ValueError: it is another one, or the groups differ in size.
    """
    _, found, groups = attributes.partition("replica_groups=")
    if listed := _GROUPS_LISTED.match(groups):
        sizes = {len(one.split(",")) for one in listed[1].split("},{")}
        if len(sizes) == 1:
            return sizes.pop()
    elif iota := _GROUPS_OF_IOTA.match(groups):
        return int(iota[1])
    elif mesh := _GROUPS_OF_MESH.match(groups):
        axes = dict(re.findall(r"('[^']+')=(\d+)", mesh[1]))
        parts = [
            re.fullmatch(r"('[^']+')(?::\(\d+\)(\d+))?", one)
            for one in mesh[2].split(",")
        ]
        if all(part and part[1] in axes for part in parts):
            return math.prod(int(part[2] or axes[part[1]]) for part in parts)
    raise ValueError(f"replica groups of an unknown spelling: {(found + groups)[:80]}")


def shape_bytes(shape: str) -> int:
    """Bytes of an array, or of all arrays of a tuple.

    Raises:
      ValueError: an element type is unknown.
    """
    total = 0
    for element, dims in _SHAPE.findall(shape):
        number = _NUMBER.fullmatch(element)
        if number is None and element != "pred":
            raise ValueError(f"an element type of unknown size: {shape}")
        bits = int(number[1]) if number else 8
        total += math.ceil(
            math.prod(map(int, filter(None, dims.split(",")))) * bits / 8
        )
    return total


def _instruction(line: str) -> Instruction:
    name = _NAME.match(line)
    if name:
        shape, rest = _split(line[name.end() :])
        if opcode := _OPCODE.match(rest):
            operands, attributes = _split(rest[opcode.end() - 1 :])
            return Instruction(
                name[1],
                shape,
                opcode[1],
                tuple(re.findall(r"%([^\s,()]+)", operands)),
                _METADATA.sub("", attributes),
            )
    raise ValueError(f"not an instruction: {line}")


def _split(text: str) -> tuple[str, str]:
    """What a text begins with, a word or something in parentheses; and the rest."""
    if not text.startswith("("):
        word, space, rest = text.partition(" ")
        return word, space + rest
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return text[: place + 1], text[place + 1 :]
    raise ValueError(f"parentheses that do not close: {text}")


class _Program:
    """The computations of a program."""

    def __init__(self, text: str):
        self._computations: dict[str, list[Instruction]] = {}
        self._entry = self._inside = ""
        for line in text.splitlines():
            if header := _HEADER.match(line):
                self._inside = header[1]
                self._computations[self._inside] = []
                if line.startswith("ENTRY"):
                    self._entry = self._inside
            elif line.startswith("}"):
                self._inside = ""
            elif self._inside and line.strip():
                self._computations[self._inside].append(_instruction(line))
        if not self._entry:
            raise ValueError("the text has no entry computation")
        self._known: dict[str, dict[str, Total]] = {}

    def totals(self) -> dict[str, Total]:
        """Of the whole program; kinds that it lacks are zero."""
        return dict.fromkeys(KINDS.values(), Total()) | self._of(self._entry)

    def _of(self, computation: str) -> dict[str, Total]:
        """Of one run of a computation; kinds that it lacks are absent."""
        if computation not in self._known:
            totals: dict[str, Total] = {}
            for times, part in self._parts(computation):
                for kind, one in part.items():
                    old = totals.get(kind, Total())
                    totals[kind] = Total(
                        old.count + times * one.count, old.bytes + times * one.bytes
                    )
            self._known[computation] = totals
        return self._known[computation]

    def _parts(self, computation: str) -> Iterator[tuple[int, Mapping[str, Total]]]:
        """What a computation consists of, and how often each part runs."""
        body = self._computations[computation]
        shapes = {one.name: one.shape for one in body}
        goes_on = not any("AsyncCollectiveStart" in one.attributes for one in body)
        for instruction in body:
            opcode = instruction.opcode.removesuffix("-start")
            if opcode in KINDS:
                if not (goes_on and "chain_id=" in instruction.attributes):
                    is_scatter = computation.startswith("all-reduce-scatter")
                    kind = "reduce_scatter" if is_scatter else KINDS[opcode]
                    yield 1, {kind: _sent(kind, instruction, shapes)}
            elif not opcode.endswith(_ENDS):
                if _MOVES.match(opcode):
                    raise ValueError(f"an unknown collective: {instruction.opcode}")
                yield from self._called(instruction)

    def _called(
        self, instruction: Instruction
    ) -> Iterator[tuple[int, Mapping[str, Total]]]:
        """What an instruction runs, and how often."""
        for role, names in _CALLED.findall(instruction.attributes):
            for name in re.findall(r"%([^\s,}]+)", names):
                inside, times = self._of(name), 1
                if inside and role in _BRANCHES:
                    raise ValueError(f"collectives in a branch of {instruction.name}")
                if inside and role in _LOOP:
                    trips = _TRIPS.search(instruction.attributes)
                    if trips is None:
                        raise ValueError(
                            f"collectives in {instruction.name}, a loop whose trip "
                            "count is not known"
                        )
                    times = int(trips[1]) + (role == "condition")
                yield times, inside


def _sent(kind: str, instruction: Instruction, shapes: Mapping[str, str]) -> Total:
    """Arrays and bytes of one collective."""
    operands = sum(shape_bytes(shapes[name]) for name in instruction.operands)
    arrays, n = len(instruction.operands), 1
    if kind != "collective_permute":
        n = group_size(instruction.attributes)
    if kind == "all_to_all" and "dimensions=" not in instruction.attributes:
        # The chunks of one array, an operand each.
        arrays //= n
    return Total(arrays, ring_bytes(kind, operands, n))
