# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which ops carry an axis, read off the text of PartIR:Core."""

import collections
import re

_LOOP = re.compile(r'partir\.loop "([^"]+)"')
_OP = re.compile(r'(?:= |^\s*)"((?:stablehlo|chlo)\.\w+)"\(')


def carried(core: str) -> dict[str, set[str]]:
    """By axis the names of the StableHLO and chlo ops that run in its loops."""
    found: dict[str, set[str]] = collections.defaultdict(set)
    open_loops: list[tuple[int, str]] = []
    for line in core.splitlines():
        indent = len(line) - len(line.lstrip())
        while open_loops and indent <= open_loops[-1][0]:
            open_loops.pop()
        if loop := _LOOP.search(line):
            open_loops.append((indent, loop[1]))
        elif op := _OP.search(line):
            for _, axis in open_loops:
                found[axis].add(op[1])
    return dict(found)
