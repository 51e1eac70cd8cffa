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
    """By axis the names of the StableHLO and chlo ops that run in its loops."""
    found: dict[str, set[str]] = collections.defaultdict(set)
    #: Indent and axis of the loops that are open; of an op's regions, no axis.
    open_regions: list[tuple[int, str]] = []
    for line in core.splitlines():
        text = line.lstrip()
        if text.startswith(("^", "}, {")):
            continue
        indent = len(line) - len(text)
        while open_regions and indent <= open_regions[-1][0]:
            open_regions.pop()
        if open_regions and not open_regions[-1][1]:
            continue
        if loop := _LOOP.search(line):
            open_regions.append((indent, loop[1]))
        elif (op := _OP.search(line)) and open_regions:
            for _, axis in open_regions:
                found[axis].add(op[1])
            # What is in it, say the function of a reduction, is not partitioned.
            open_regions.append((indent, ""))
    return dict(found)
