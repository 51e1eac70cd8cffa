# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tables of rows and columns, and the ways in which tests tile them."""

import numpy as np
import pytest

import partir

ROWS, COLUMNS = 32, 8
#: Chunks of 8 rows over B, of 4 rows over B and M.
TILINGS = {
    "B": [("B", 0)],
    "BM": [("B", 0), ("M", 0)],
    "rows, columns": [("B", 0), ("M", 1)],
}
tilings = pytest.mark.parametrize("tiling", TILINGS.values(), ids=TILINGS)


def table(dtype=np.int32, shape=(ROWS, COLUMNS)):
    """Values of the type, the same at each call."""
    rng = np.random.default_rng(0)
    if dtype == np.bool_:
        return rng.random(shape) < 0.5
    numbers = rng.integers(-99, 99, shape).astype(dtype)
    is_complex = np.issubdtype(dtype, np.complexfloating)
    return numbers * (1 + 2j) if is_complex else numbers


def tactics(tiling, name="x"):
    """A tactic for each axis and dim of a tiling."""
    return [partir.ManualPartition({name: dim}, axis) for axis, dim in tiling]
