# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What ZeRO tiles in models whose larger parameters are all called "kernel"."""

from typing import Any

import jax

import partir
from benchmarks.models.parameters import leaf_name


def kernels(path: str, aval: Any) -> Any:
    """For a tactic: kernels, and what an optimiser keeps of each, on their first dim.

    That is the first that the axis divides. Vectors are small, and stay whole.
    """
    return partir.FIRST_DIVISIBLE_DIM if leaf_name(path) == "kernel" else partir.UNKNOWN


def count_kernels(params: Any) -> int:
    """How many parameters the tactic tiles, if the axis divides a dim of each."""
    leaves = jax.tree_util.tree_leaves_with_path(params)
    return sum(leaf_name(path) == "kernel" for path, _ in leaves)
