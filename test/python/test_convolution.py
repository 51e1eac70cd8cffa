# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Convolutions along spatial dims whose windows do not overlap."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import partir


def convolve(x, w, stride):
    return lax.conv_general_dilated(
        x, w, (stride, stride), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def patches(x, w):
    return convolve(x, w, 2)


def patches_grad(x, w):
    return jax.grad(lambda x, w: (patches(x, w) ** 2).sum(), argnums=(0, 1))(x, w)


def whole(x, w):
    return convolve(x, jnp.tile(w, (8, 8, 1, 1)), 1)


def whole_grad(x, w):
    return jax.grad(lambda x, w: (whole(x, w) ** 2).sum(), argnums=(0, 1))(x, w)


@pytest.mark.parametrize("dims", [[("B", 1)], [("B", 2)], [("B", 1), ("M", 2)]])
@pytest.mark.parametrize("f", [patches, patches_grad, whole, whole_grad])
def test_same_numbers(mesh, f, dims):
    random = np.random.RandomState(0)
    x = random.randn(2, 16, 16, 3).astype(np.float32)
    w = random.randn(2, 2, 3, 4).astype(np.float32)
    schedule = [partir.ManualPartition({"x": dim}, axis=axis) for axis, dim in dims]
    got = partir.jit(f, mesh=mesh, schedule=schedule)(x, w)
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-4),
        got,
        jax.jit(f)(x, w),
    )


def test_patches_move_nothing(mesh):
    """Rows of patches are independent; only the kernel's gradient is reduced."""
    x = jax.ShapeDtypeStruct((2, 16, 16, 3), jnp.float32)
    w = jax.ShapeDtypeStruct((2, 2, 3, 4), jnp.float32)
    tactic = partir.ManualPartition({"x": 1}, axis="B")
    for f, kinds in [(patches, []), (patches_grad, ["all_reduce"])]:
        report = partir.jit(f, mesh=mesh, schedule=[tactic]).lower(x, w).reports[-1]
        assert [one.kind for one in report.collectives.each] == kinds
