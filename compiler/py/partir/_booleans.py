# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Long constants of booleans in MLIR text, which jaxlib and our MLIR write differently.

Both write the raw elements in hexadecimal digits. In jaxlib's MLIR a boolean is a byte
(0 or 1); in MLIR 22 it is a bit, the first of a byte its lowest. Other types agree.
"""

import math
import re
from collections.abc import Callable

import numpy as np

_CONSTANT = re.compile(r'(?<=dense<"0x)([0-9A-F]+)(?="> : tensor<((?:\d+x)+)i1>)')


def to_bits(text: str) -> str:
    """From the text that jaxlib prints, or the compiler, to what the compiler reads."""

    def one(raw: np.ndarray, count: int) -> np.ndarray:
        # What the compiler printed is in bits already.
        return np.packbits(raw, bitorder="little") if len(raw) == count else raw

    return _rewrite(text, one)


def to_bytes(text: str) -> str:
    """From the text that the compiler prints to what jaxlib reads."""
    return _rewrite(
        text, lambda raw, count: np.unpackbits(raw, count=count, bitorder="little")
    )


def _rewrite(text: str, change: Callable[[np.ndarray, int], np.ndarray]) -> str:
    def one(match: re.Match[str]) -> str:
        raw = np.frombuffer(bytes.fromhex(match[1]), np.uint8)
        count = math.prod(map(int, match[2].split("x")[:-1]))
        return change(raw, count).tobytes().hex().upper()

    return _CONSTANT.sub(one, text)
