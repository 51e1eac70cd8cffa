# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whether two results are the same: integers bit by bit, floats to a tolerance."""

from typing import Any

import jax
import numpy as np

#: Relative to the element; of results of sums, to the largest finite element: what is
#: added in another order may cancel.
TOLERANCE = {2: 2e-2, 4: 2e-5, 8: 1e-12}


def _host(value: Any) -> np.ndarray:
    if jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
        value = jax.random.key_data(value)
    # JAX does not read an empty array from several devices.
    if value.size == 0:
        return np.empty(value.shape, value.dtype)
    return np.asarray(value)


def difference(got: Any, want: Any, *, are_sums: bool) -> str | None:
    """How the pytree ``got`` differs from ``want``; none if it does not."""
    got_leaves, got_tree = jax.tree.flatten(got)
    want_leaves, want_tree = jax.tree.flatten(want)
    if got_tree != want_tree:
        return f"is {got_tree}, not {want_tree}"
    for index, (one, other) in enumerate(zip(got_leaves, want_leaves, strict=True)):
        if found := _array_difference(_host(one), _host(other), are_sums):
            return f"result {index}: {found}"
    return None


def _array_difference(got: np.ndarray, want: np.ndarray, are_sums: bool) -> str | None:
    if (got.shape, got.dtype) != (want.shape, want.dtype):
        return f"is {got.dtype}{got.shape}, not {want.dtype}{want.shape}"
    if not jax.dtypes.issubdtype(got.dtype, np.inexact):
        wrong = np.count_nonzero(got != want)
        return f"{wrong} of {got.size} elements differ" if wrong else None
    size = _sizes(want, are_sums)
    if jax.dtypes.issubdtype(got.dtype, np.complexfloating):
        return _float_difference(got.real, want.real, size) or _float_difference(
            got.imag, want.imag, size
        )
    return _float_difference(got, want, size)


def _sizes(want: np.ndarray, are_sums: bool) -> np.ndarray:
    """What an error is measured against, for each element."""
    if not jax.dtypes.issubdtype(want.dtype, np.complexfloating):
        want = want.astype(np.float64)
    size = np.abs(want)
    finite = np.isfinite(size)
    largest = size.max(where=finite, initial=0)
    return np.where(finite & (not are_sums), size, largest)


def _float_difference(
    got: np.ndarray, want: np.ndarray, size: np.ndarray
) -> str | None:
    tolerance = TOLERANCE.get(got.dtype.itemsize, 0.3)
    got, want = got.astype(np.float64), want.astype(np.float64)
    finite = np.isfinite(want)
    if not np.array_equal(got[~finite], want[~finite], equal_nan=True):
        return "infinities or NaNs differ"
    if not finite.any():
        return None
    error, size = np.abs(got[finite] - want[finite]), size[finite]
    # A NaN where there is none fails too.
    right = error <= tolerance * size
    if right.all():
        return None
    worst = np.argmax(np.where(right, 0, error))
    return f"differs by {error[worst]:.3g}, measured against {size[worst]:.3g}"
