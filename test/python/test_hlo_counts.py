# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The counts that are read from optimised HLO, on a compiled program and on forms of it
that only other back ends write."""

import jax
import numpy as np
import pytest

import partir
from benchmarks import hlo_counts

# A gather that XLA:TPU split over two fusions, and one on its own.
SPLIT = """
  %a.1 = bf16[8,4]{1,0:T(8,128)(2,1)S(1)} all-gather(%p.0), channel_id=3, dimensions={0}
  %a.2 = bf16[8,4]{1,0:T(8,128)(2,1)} all-gather(%p.1), channel_id=3, dimensions={0}
  %a.3 = bf16[8,4]{1,0:T(8,128)(2,1)} all-gather(%p.2), channel_id=4, dimensions={0}
"""
# An asynchronous op of two arrays, whose end must not count.
COMBINED = """
  %s = ((f32[2,4]{1,0}, f32[3]{0}), (f32[8,4]{1,0}, f32[12]{0})) all-gather-start(%a, \
%b), channel_id=1
  %d = (f32[8,4]{1,0}, f32[12]{0}) all-gather-done(%s)
  %r = (f32[]{:T(128)}, /*index=1*/f32[5]{0}) all-reduce(%c, /*index=1*/%d), \
channel_id=2
"""
# One array exchanged among four devices, an operand for each.
TUPLE = """
  %t = (f32[2]{0}, f32[2]{0}, f32[2]{0}, f32[2]{0}) all-to-all(%a, %b, %c, %d), \
channel_id=9
"""


@pytest.mark.parametrize(
    ("hlo", "counts", "gathers"),
    [
        (SPLIT, {"all_gather": 2}, {32: 2}),
        (COMBINED, {"all_gather": 2, "all_reduce": 2}, {32: 1, 12: 1}),
        (TUPLE, {"all_to_all": 1}, {}),
    ],
    ids=["split", "combined", "tuple"],
)
def test_forms(hlo, counts, gathers):
    assert hlo_counts.collectives(hlo) == counts
    assert hlo_counts.gathers(hlo) == gathers


def test_compiled_program_has_the_collectives_of_the_report(mesh):
    def f(w, x):
        return jax.numpy.sin(x @ w) @ w.T

    lowered = partir.jit(
        f,
        mesh=mesh,
        schedule=[
            partir.ManualPartition(inputs={"x": 0}, axis="B"),
            partir.ManualPartition(inputs={"w": 1}, axis="M"),
            partir.ManualPartition(inputs={"w": 0}, axis="B"),
        ],
    ).lower(np.ones((8, 16), np.float32), np.ones((4, 8), np.float32))
    hlo = lowered.compile().as_text()
    report = {k: v.count for k, v in lowered.reports[-1].collectives.items() if v.count}
    assert report == {"all_gather": 2, "all_reduce": 1}
    assert hlo_counts.collectives(hlo) == report
    assert hlo_counts.planned_gathers(lowered) == hlo_counts.gathers(hlo) == {64: 2}
