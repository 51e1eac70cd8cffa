# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The programs of `hard_cases`, partitioned over 8 devices.

Each is compared with what it is unpartitioned: integers bit by bit, floats to
rounding.
"""

import jax
import pytest
from checks import axes_of, check, over
from hard_cases import CASES

import partir


def program(case):
    """The function of arguments x, y and z, with its first result tagged."""

    def fun(x, y=None, z=None):
        leaves, tree = jax.tree.flatten(
            case.fun(*(a for a in (x, y, z) if a is not None))
        )
        leaves[0] = partir.tag(leaves[0], "result")
        return jax.tree.unflatten(tree, leaves)

    return fun


rows = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@rows
@pytest.mark.parametrize("axes", ["B", "BM"])
def test_arguments_tiled(case, axes, mesh):
    schedule = [over(axis, **case.tile) for axis in axes]
    lowered = check(program(case), case.args, mesh, *schedule, only=case.only)
    assert axes_of(lowered.in_shardings) == set(axes)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.back is not None], ids=lambda case: case.name
)
def test_result_tiled(case, mesh):
    lowered = check(program(case), case.args, mesh, over("B", result=case.back))
    assert "B" in axes_of(lowered.out_shardings)
