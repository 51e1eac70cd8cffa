# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reductions by what is no known monoid: argmax, bits of integers, any function."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import partir

B0 = partir.ManualPartition(inputs={"x": 0}, axis="B")
B1 = partir.ManualPartition(inputs={"x": 1}, axis="B")
M0 = partir.ManualPartition(inputs={"x": 0}, axis="M")
M1 = partir.ManualPartition(inputs={"x": 1}, axis="M")


def argmax_rows(x):
    return jnp.argmax(x, axis=1), jnp.argmin(x, axis=1)


def argmax_all(x):
    return jnp.argmax(x)


def bits(x):
    x = lax.bitcast_convert_type(x, jnp.int32)
    return [
        lax.reduce(x, np.int32(init), op, (0,))
        for op, init in [
            (lax.bitwise_xor, 0),
            (lax.bitwise_and, -1),
            (lax.bitwise_or, 0),
        ]
    ]


def affine_maps(x):
    """Composes y -> a y + b over the rows: associative, in this order only."""

    def compose(f, g):
        return f[0] * g[0], f[1] * g[0] + g[1]

    a = jnp.round(x).astype(jnp.int32) | 1
    return lax.reduce((a, a + 1), (np.int32(1), np.int32(0)), compose, (0,))


@pytest.mark.parametrize("schedule", [[B0], [B1], [B1, M0], [M1, B1], [B0, M0]])
@pytest.mark.parametrize("f", [argmax_rows, argmax_all, bits, affine_maps])
def test_same_numbers(mesh, f, schedule):
    x = np.random.RandomState(0).randn(8, 16).astype(np.float32)
    x[1, [3, 12]] = x[:, 7] = 9.0
    x[2, [5, 14]] = np.nan
    got = partir.jit(f, mesh=mesh, schedule=schedule)(x)
    jax.tree.map(np.testing.assert_array_equal, got, jax.jit(f)(x))


def test_only_results_are_gathered(mesh):
    """The partial maxima and their indices, of which each device has one a row."""
    step = partir.jit(lambda x: jnp.argmax(x, 1), mesh=mesh, schedule=[B1])
    report = step.lower(jax.ShapeDtypeStruct((8, 16), jnp.float32)).reports[-1]
    assert [(c.kind, c.bytes) for c in report.collectives.each] == [
        ("all_gather", 3 * 8 * 4)
    ] * 2
    assert not report.stops
