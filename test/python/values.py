# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Values that tests compute with, the same at each run."""

import numpy as np


def ints(*shape, high=9, seed=0):
    return np.random.default_rng(seed).integers(-high, high, shape, np.int32)


def floats(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape, np.float32)


def ids(*shape, size, seed=0):
    return np.random.default_rng(seed).integers(0, size, shape, np.int32)


def positive(batch, n):
    """Symmetric positive definite matrices, with eigenvalues that lie apart."""
    a = floats(batch, n, n)
    return a @ a.transpose(0, 2, 1) / n + np.diag(np.arange(1, n + 1, dtype=np.float32))
