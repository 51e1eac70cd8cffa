# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which ops carry an axis, read off the text of PartIR:Core."""

import collections
import re

_LOOP = re.compile(r'partir\.loop "([^"]+)"')
_OP = re.compile(r'(?:= |^\s*)"((?:stablehlo|chlo)\.\w+)"\(')

#: Ops that make values from nothing.
_SOURCES = {f"stablehlo.{name}" for name in ("broadcast_in_dim", "constant", "iota")}


#: Ops whose results are sums, of products or after a change of basis.
_SUMS = {
    f"stablehlo.{name}"
    for name in (
        "batch_norm_grad",
        "batch_norm_inference",
        "batch_norm_training",
        "cholesky",
        "convolution",
        "custom_call",
        "dot_general",
        "fft",
        "reduce",
        "reduce_window",
        "scatter",
        "select_and_scatter",
        "triangular_solve",
    )
}


def computes(core: str) -> bool:
    """Whether the program does more than hand its arguments on, or make constants."""
    return bool(_ops(core) - _SOURCES)


def has_sums(core: str) -> bool:
    """Whether the program has ops that add up many values."""
    return bool(_ops(core) & _SUMS)


def _ops(core: str) -> set[str]:
    return {op[1] for op in map(_OP.search, core.splitlines()) if op}


def carried(core: str) -> dict[str, set[str]]:
    """By axis the names of the StableHLO and chlo ops that run in its loops.

    What is in the region of such an op, the function of a reduction, is not counted.
    """
    found: dict[str, set[str]] = collections.defaultdict(set)
    open_loops: list[tuple[int, str]] = []
    for line in core.splitlines():
        indent = len(line) - len(line.lstrip())
        while open_loops and indent <= open_loops[-1][0]:
            open_loops.pop()
        if loop := _LOOP.search(line):
            open_loops.append((indent, loop[1]))
        elif (op := _OP.search(line)) and indent == _inside(open_loops):
            for _, axis in open_loops:
                found[axis].add(op[1])
    return dict(found)


def _inside(open_loops: list[tuple[int, str]]) -> int:
    """How far in the ops of the innermost loop stand."""
    return open_loops[-1][0] + 2 if open_loops else -1
