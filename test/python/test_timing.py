# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which pairs of steps the benchmark of step times compares."""

from benchmarks.timing import Step, pairs


def test_pairs_that_differ_are_given_the_faster_first():
    slow, fast = Step("slow", 1.0, 2.0), Step("fast", 3.0, 1.0)
    assert list(pairs([slow, fast])) == [(fast, slow)]


def test_pairs_that_are_close_are_left_out():
    assert not list(pairs([Step("a", 1.0, 1.0), Step("b", 9.0, 1.14)]))
