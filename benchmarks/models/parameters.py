# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Float32 parameters from their shapes; the last part of a path says what one is."""

from typing import Any

import jax
import numpy as np


def struct(*shape: int, dtype: Any = np.float32) -> jax.ShapeDtypeStruct:
    """An array of this shape, float32 by default, that is not made."""
    return jax.ShapeDtypeStruct(shape, dtype)


def init(shapes: Any, seed: int = 0) -> Any:
    """Random parameters of these shapes, as host arrays.

    A "kernel" is normal with the variance 2 / fan-in of He et al., arXiv
    1502.01852, where all dims but the last are the fan-in; a "scale" is near 1 and a
    "bias" or "offset" near 0.
    """
    rng = np.random.default_rng(seed)

    def make(path: Any, shape: jax.ShapeDtypeStruct) -> np.ndarray:
        values = rng.standard_normal(shape.shape)
        name = leaf_name(path)
        if name == "kernel":
            values *= np.sqrt(2 / np.prod(shape.shape[:-1]))
        elif name == "scale":
            values = 1 + 0.1 * values
        elif name in ("bias", "offset"):
            values *= 0.1
        else:
            raise ValueError(f"no way to make {jax.tree_util.keystr(path)}")
        return values.astype(np.float32)

    return jax.tree_util.tree_map_with_path(make, shapes)


def leaf_name(path: Any) -> str:
    """The last part of a path, as ``jax.tree_util`` or a tactic's callback has it."""
    if not isinstance(path, str):
        path = jax.tree_util.keystr(path, simple=True, separator=".")
    return path.rpartition(".")[2]
