# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counts the collectives of a compiled program, from the text of its optimised HLO."""

import collections
import math
import re
from collections.abc import Iterator
from typing import NamedTuple

import partir

#: The kinds that are counted, as a report of PartIR calls them.
KINDS = (
    "all_gather",
    "all_reduce",
    "reduce_scatter",
    "all_to_all",
    "collective_permute",
)
_OP = re.compile(
    rf"= (?P<types>.*?) (?P<kind>{'|'.join(KINDS).replace('_', '-')})(?:-start)?"
    r"\((?P<operands>[^)]*)\)(?P<attributes>.*)"
)
_CHANNEL = re.compile(r"channel_id=(\d+)")
_SHAPE = re.compile(r"\w+\[([\d,]*)\]")


class Collective(NamedTuple):
    """A collective of the optimised HLO.

    Attributes:
      kind: one of ``KINDS``.
      elements: how many elements each array of its result has.
    """

    kind: str
    elements: list[int]


def find(hlo: str) -> Iterator[Collective]:
    """The collectives in the text of a program; the bodies of loops are read once.

    An op that was split keeps its channel in each part: the first stands for all.
    """
    seen = set()
    for found in _OP.finditer(hlo):
        channel = _CHANNEL.search(found["attributes"])
        if channel is not None:
            if (found["kind"], channel[1]) in seen:
                continue
            seen.add((found["kind"], channel[1]))
        # The start of an asynchronous op gives its operands too, before the results.
        shapes = _SHAPE.findall(found["types"])[-found["operands"].count("%") :]
        elements = [math.prod(map(int, filter(None, s.split(",")))) for s in shapes]
        yield Collective(found["kind"].replace("-", "_"), elements)


def collectives(hlo: str) -> collections.Counter[str]:
    """How many collectives of each kind, an op of several arrays once for each."""
    counts: collections.Counter[str] = collections.Counter()
    for one in find(hlo):
        # Some back ends give an all_to_all one operand for each device.
        counts[one.kind] += 1 if one.kind == "all_to_all" else len(one.elements)
    return counts


def gathers(hlo: str) -> collections.Counter[int]:
    """How many arrays are gathered, by their elements once gathered."""
    return collections.Counter(
        size for one in find(hlo) if one.kind == "all_gather" for size in one.elements
    )


def planned_gathers(lowered: partir.Lowered) -> collections.Counter[int]:
    """The same of PartIR's device-local program."""
    found = re.findall(r"all_gather.*-> tensor<((?:\d+x)*)", lowered.as_text())
    return collections.Counter(
        math.prod(map(int, filter(None, dims.split("x")))) for dims in found
    )
