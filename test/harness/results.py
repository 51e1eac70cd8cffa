# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whether two results are the same: integers bit by bit, floats to a tolerance."""

from typing import Any

import jax
import numpy as np

#: Relative to the largest finite element: a partitioned sum adds in another order.
TOLERANCE = {2: 2e-2, 4: 2e-5, 8: 1e-12}


def _host(value: Any) -> np.ndarray:
    if jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
        value = jax.random.key_data(value)
    # JAX does not read an empty array from several devices.
    if value.size == 0:
        return np.empty(value.shape, value.dtype)
    return np.asarray(value)


def difference(got: Any, want: Any) -> str | None:
    """How the pytree ``got`` differs from ``want``; none if it does not."""
    got_leaves, got_tree = jax.tree.flatten(got)
    want_leaves, want_tree = jax.tree.flatten(want)
    if got_tree != want_tree:
        return f"is {got_tree}, not {want_tree}"
    for index, (one, other) in enumerate(zip(got_leaves, want_leaves, strict=True)):
        if found := _array_difference(_host(one), _host(other)):
            return f"result {index}: {found}"
    return None


def _array_difference(got: np.ndarray, want: np.ndarray) -> str | None:
    if (got.shape, got.dtype) != (want.shape, want.dtype):
        return f"is {got.dtype}{got.shape}, not {want.dtype}{want.shape}"
    if not jax.dtypes.issubdtype(got.dtype, np.inexact):
        wrong = np.count_nonzero(got != want)
        return f"{wrong} of {got.size} elements differ" if wrong else None
    if jax.dtypes.issubdtype(got.dtype, np.complexfloating):
        return _float_difference(got.real, want.real) or _float_difference(
            got.imag, want.imag
        )
    return _float_difference(got, want)


def _float_difference(got: np.ndarray, want: np.ndarray) -> str | None:
    tolerance = TOLERANCE.get(got.dtype.itemsize, 0.3)
    got, want = got.astype(np.float64), want.astype(np.float64)
    finite = np.isfinite(want)
    if not np.array_equal(got[~finite], want[~finite], equal_nan=True):
        return "infinities or NaNs differ"
    if not finite.any():
        return None
    error = np.abs(got[finite] - want[finite])
    scale = np.abs(want[finite]).max()
    # A NaN where there is none fails too.
    if (error <= tolerance * scale).all():
        return None
    return f"differs by {error.max():.3g}, of a largest element of {scale:.3g}"
