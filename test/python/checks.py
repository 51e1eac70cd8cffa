# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A partitioned program against what it is unpartitioned."""

import dataclasses
from collections.abc import Callable

import jax
import numpy as np

import partir


@dataclasses.dataclass(frozen=True)
class Case:
    """One program.

    Attributes:
      name: of the test.
      fun: of one to three arrays.
      args: what it is called with.
      tile: the dims of arguments, called x, y and z in their order, that are tiled
        over B, or over B and M.
      back: the dim of the (first) result that is tiled over B instead, or None.
      only: the kinds of collectives that tiling the arguments may cost, by their
        names, or None: whichever.
    """

    name: str
    fun: Callable
    args: tuple
    tile: dict
    back: int | None = 0
    only: str | None = None


def over(axis, **inputs):
    return partir.ManualPartition(inputs, axis)


def compare(got, want):
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        if a.dtype.kind in "biu":
            np.testing.assert_array_equal(a, b)
        else:
            np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5)


def check(fun, args, mesh, *schedule, only=None):
    """Compares; `only` the kinds of collectives that are named may be there."""
    lowered = partir.jit(fun, mesh=mesh, schedule=schedule).lower(*args)
    compare(lowered.compile()(*args), jax.jit(fun)(*args))
    report = lowered.reports[-1]
    if only is not None:
        assert {one.kind for one in report.collectives.each} <= set(only.split())
    return lowered


def axes_of(shardings):
    specs = [one.spec for one in jax.tree.leaves(shardings)]
    return {a for spec in specs for a in jax.tree.leaves(tuple(spec))}
