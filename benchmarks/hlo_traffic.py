# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The collectives in the text of a compiled program, and the bytes a device sends.

The text is optimised HLO, as ``compiled.as_text()`` gives it for any back end. Counted
are arrays: XLA combines collectives of one group, and one of three arrays is
three. The body of a loop counts as often as the loop runs. What the text does not tell
is an error that names the instruction, never a guess: a collective in a branch, or in a
loop that does not just count; a replica group, an element type or a collective in a
spelling not read here.

Two forms of the TPU back end are fusions. One called ``all-reduce-scatter`` holds an
all-reduce and the slice of its result that is kept: a reduce_scatter. And a collective
that runs beside other ops appears in a chain of fusions, of which only the first, with
``AsyncCollectiveStart``, counts.
"""

import collections
import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks import hlo
from benchmarks.hlo_loops import Loops
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
_BRANCHES = ("branch_computations", "true_computation", "false_computation")
_CHAIN = re.compile(r'\bchain_id="(\d+)"')

#: Devices in the order of a reshaped and transposed iota.
_IOTA = r"\[[\d,]+\](?:T\([\d,]+\))?"
_GROUPS_LISTED = re.compile(r"\{(\{[\d,]+\}(?:,\{[\d,]+\})*)\}")
_GROUPS_OF_IOTA = re.compile(rf"\[\d+,(\d+)\]<={_IOTA}(?=,|$)")
_GROUPS_OF_MESH = re.compile(
    rf"mesh\[([^]]*)\](?:, device_ids=\({_IOTA}\))? \{{([^}}]*)\}}(?=,|$)"
)
_ONE_GROUP = re.compile(r"\{\}")
_PAIRS = re.compile(r"\bsource_target_pairs=\{(\{\d+,\d+\}(?:,\{\d+,\d+\})*|)\}")


class Collective(NamedTuple):
    """A collective of a compiled program.

    Attributes:
      kind: one of the values of ``KINDS``.
      arrays: elements of each array, whole as it is before or after: of all_gather what
        is gathered, else what a device gives.
      sent: bytes that a device sends for all of them.
      times: how often it runs in a step.
    """

    kind: str
    arrays: tuple[int, ...]
    sent: int
    times: int = 1


def collectives(text: str) -> list[Collective]:
    """The collectives of a step.

    Raises:
      ValueError: something in the text is not understood.
    """
    return _Reader(hlo.parse(text)).collectives()


def traffic(text: str) -> dict[str, Total]:
    """Arrays and bytes of a step by kind; every value of ``KINDS`` is a key.

    Raises:
      ValueError: something in the text is not understood.
    """
    totals = dict.fromkeys(KINDS.values(), Total())
    for one in collectives(text):
        old = totals[one.kind]
        totals[one.kind] = Total(
            old.count + one.times * len(one.arrays), old.bytes + one.times * one.sent
        )
    return totals


def gathers(text: str) -> collections.Counter[int]:
    """How many arrays are gathered in a step, by their elements once gathered.

    Raises:
      ValueError: something in the text is not understood.
    """
    found: collections.Counter[int] = collections.Counter()
    for one in collectives(text):
        if one.kind == "all_gather":
            for size in one.arrays:
                found[size] += one.times
    return found


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


def group_size(attributes: str, everyone: int) -> int:
    """Participants in each replica group of a collective, out of ``everyone``.

    There are five spellings, here with groups of two out of four: ``{{0,1},{2,3}}``,
    ``[2,2]<=[4]``, ``[2,2]<=[2,2]T(1,0)``, and ``mesh['a'=2,'b'=2] {'a'}``, in which an
    axis can be a part, as in ``{'a':(1)2}``; and ``{}`` for a group of all.

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
    elif _ONE_GROUP.match(groups):
        return everyone
    raise ValueError(f"replica groups of an unknown spelling: {(found + groups)[:80]}")


class _Reader:
    """The collectives of a program, computation by computation."""

    def __init__(self, program: hlo.Program):
        self._program = program
        self._loops = Loops(program)
        self._read: dict[str, list[Collective]] = {}
        self._chains = {
            chain[1]
            for computation in program.computations.values()
            for one in computation.instructions.values()
            if (chain := _CHAIN.search(one.attributes)) and _starts(computation, one)
        }

    def collectives(self) -> list[Collective]:
        """Of the whole program."""
        found = self._of(self._program.entry)
        for name in self._program.computations:
            if name not in self._read and self._of(name):
                raise ValueError(f"collectives in %{name}, which nothing runs")
        return found

    def _of(self, name: str) -> list[Collective]:
        """Of one run of a computation."""
        if name not in self._read:
            computation = self._program.computations[name]
            found = []
            for one in computation.instructions.values():
                try:
                    found += self._run(computation, one)
                except ValueError as error:
                    raise ValueError(f"%{one.name}: {error}") from error
            self._read[name] = found
        return self._read[name]

    def _run(
        self, computation: hlo.Computation, one: hlo.Instruction
    ) -> Iterator[Collective]:
        """What an instruction is, or what it runs."""
        opcode = one.opcode.removesuffix("-start")
        if opcode in KINDS:
            if not self._goes_on(computation, one):
                yield self._collective(computation, one)
        elif not opcode.endswith(_ENDS):
            if _MOVES.match(opcode):
                raise ValueError(f"an unknown collective: {one.opcode}")
            for role, name in one.called():
                if inside := self._of(name):
                    if role in _BRANCHES:
                        raise ValueError("collectives in a branch")
                    times = 1
                    if role in ("body", "condition"):
                        trips = self._loops.trips(computation, one)
                        times = trips + (role == "condition")
                    for part in inside:
                        yield part._replace(times=times * part.times)

    def _collective(
        self, computation: hlo.Computation, one: hlo.Instruction
    ) -> Collective:
        """A collective on its own."""
        kind = KINDS[one.opcode.removesuffix("-start")]
        if computation.name.startswith("all-reduce-scatter"):
            kind = "reduce_scatter"
        shapes = [computation.instructions[name].shape for name in one.operands]
        arrays = [hlo.elements(shape) for shape in shapes]
        operands = sum(map(hlo.shape_bytes, shapes))
        if kind == "collective_permute":
            n = 1
            if not _leaves(one.attributes):
                operands = 0
        else:
            n = self._participants(kind, one.attributes)
        if kind == "all_gather":
            arrays = [n * size for size in arrays]
        elif kind == "reduce_scatter" and one.opcode == "all-reduce":
            _check_slice(computation, one, arrays[0] // n)
        elif kind == "all_to_all" and "dimensions=" not in one.attributes:
            # The chunks of an array, an operand each.
            if len(arrays) % n:
                raise ValueError(f"{len(arrays)} chunks for {n} devices")
            arrays = [sum(arrays[i : i + n]) for i in range(0, len(arrays), n)]
        return Collective(kind, tuple(arrays), ring_bytes(kind, operands, n))

    def _participants(self, kind: str, attributes: str) -> int:
        """Devices that each group joins; what its numbers stand for differs."""
        replicas, partitions = self._program.replicas, self._program.partitions
        if "channel_id=" not in attributes:
            return group_size(attributes, replicas)
        if "use_global_device_ids=true" in attributes:
            return group_size(attributes, replicas * partitions)
        if kind == "all_to_all":
            return group_size(attributes, partitions)
        return group_size(attributes, replicas) * partitions

    def _goes_on(self, computation: hlo.Computation, one: hlo.Instruction) -> bool:
        """Whether this is a later part of what another fusion started."""
        chain = _CHAIN.search(one.attributes)
        if chain is None or _starts(computation, one):
            return False
        if chain[1] not in self._chains:
            raise ValueError(f"chain {chain[1]} does not start")
        return True


def _starts(computation: hlo.Computation, one: hlo.Instruction) -> bool:
    """Whether a collective is handed to the start of a chain."""
    return any(
        "AsyncCollectiveStart" in user.attributes and one.name in user.operands
        for user in computation.instructions.values()
    )


def _check_slice(computation: hlo.Computation, one: hlo.Instruction, kept: int) -> None:
    """Checks that of an all-reduce each device keeps an own part of that size."""
    instructions = computation.instructions.values()
    users = [user for user in instructions if one.name in user.operands]
    if not (
        any(other.opcode == "partition-id" for other in instructions)
        and [user.opcode for user in users] == ["dynamic-slice"]
        and hlo.elements(users[0].shape) == kept
    ):
        raise ValueError("an all-reduce whose result is not sliced by the device")


def _leaves(attributes: str) -> bool:
    """Whether a collective-permute sends anything to another device."""
    pairs = _PAIRS.search(attributes)
    if pairs is None:
        raise ValueError(f"source_target_pairs of an unknown spelling: {attributes}")
    return any(
        source != target for source, target in re.findall(r"(\d+),(\d+)", pairs[1])
    )
