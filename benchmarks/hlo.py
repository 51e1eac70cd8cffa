# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads the text of optimised HLO, which ``compiled.as_text()`` gives."""

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

_HEADER = re.compile(r"(?:ENTRY )?%(\S+) \(.*\{$")
_NAME = re.compile(r"\s+(?P<root>ROOT )?%(?P<name>\S+) = ")
_OPCODE = re.compile(r" ([a-z][a-z0-9-]*)\(")
_METADATA = re.compile(r'metadata=\{(?:"(?:[^"\\]|\\.)*"|[^"}])*\}')
_CALLED = re.compile(
    r"\b(calls|to_apply|called_computations|body|condition|branch_computations"
    r"|true_computation|false_computation)=(\{[^}]*\}|%[^\s,]+)"
)
_SHAPE = re.compile(r"([a-z]+\d*[a-z0-9]*)\[([\d,]*)\]")
_NUMBER = re.compile(r"(?:bf|f|s|u|c)(\d+)(?:e\d+m\d+[a-z]*)?")


class Instruction(NamedTuple):
    """A line ``%name = shape opcode(operands), attributes``, without its metadata.

    Attributes:
      literal: what is in the parentheses; a constant's value, a parameter's number.
      operands: the names that are there.
    """

    name: str
    shape: str
    opcode: str
    literal: str
    operands: tuple[str, ...]
    attributes: str

    def called(self) -> Iterator[tuple[str, str]]:
        """Computations that it runs: the attribute that says so, and the name."""
        for role, names in _CALLED.findall(self.attributes):
            for name in re.findall(r"%([^\s,}]+)", names):
                yield role, name


class Computation(NamedTuple):
    """Instructions by name, and the name of the one whose result is given out."""

    name: str
    instructions: dict[str, Instruction]
    root: str


class Program(NamedTuple):
    """Computations by name, and how many replicas of how many partitions run them."""

    computations: dict[str, Computation]
    entry: str
    replicas: int
    partitions: int


def parse(text: str) -> Program:
    """Reads a module.

    Raises:
      ValueError: a line is not understood, or no computation is the entry.
    """
    computations: dict[str, Computation] = {}
    entry = name = root = ""
    body: dict[str, Instruction] = {}
    for line in text.splitlines():
        if header := _HEADER.match(line):
            name, body = header[1], {}
            if line.startswith("ENTRY"):
                entry = name
        elif line.startswith("}"):
            computations[name] = Computation(name, body, root)
            name = ""
        elif name and line.strip():
            one, is_root = _instruction(line)
            body[one.name] = one
            root = one.name if is_root else root
    if not entry:
        raise ValueError("the text has no entry computation")
    first = text.partition("\n")[0]
    replicas, partitions = (
        int(found[1]) if (found := re.search(rf", {count}=(\d+)", first)) else 1
        for count in ("replica_count", "num_partitions")
    )
    return Program(computations, entry, replicas, partitions)


def elements(shape: str) -> int:
    """Elements of an array, or of all arrays of a tuple."""
    return sum(_product(dims) for _, dims in _SHAPE.findall(shape))


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
        total += math.ceil(_product(dims) * bits / 8)
    return total


def _product(dims: str) -> int:
    return math.prod(map(int, filter(None, dims.split(","))))


def _instruction(line: str) -> tuple[Instruction, bool]:
    """The instruction of a line, and whether it is the root."""
    name = _NAME.match(line)
    if name:
        shape, rest = _split(line[name.end() :])
        if opcode := _OPCODE.match(rest):
            operands, attributes = _split(rest[opcode.end() - 1 :])
            return Instruction(
                name["name"],
                shape,
                opcode[1],
                operands[1:-1],
                tuple(re.findall(r"%([^\s,()]+)", operands)),
                _METADATA.sub("", attributes),
            ), bool(name["root"])
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
