# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Of each model a manual schedule and one that a search finds.

``make models`` runs all of the former, ``benchmarks/automatic.py run`` more of the
latter.
"""

import functools

import numpy as np
import pytest
from model_plans import model_of

import partir
from benchmarks.models import SMALL, check
from benchmarks.models.model import shapes_of

of_each_model = pytest.mark.parametrize("name", SMALL)

#: A device on which small models, too, gain by being partitioned.
DEVICE = {
    "name": "slow, linked fast",
    "memory": 1e9,
    "bandwidth": 1e9,
    "matrix_flops": [1e9] * 4,
    "matrix_tile": [1, 1, 1],
    "vector_flops": 1e9,
    "transcendentals": 1e9,
    "matrix_efficiency": 1.0,
    "bandwidth_efficiency": 1.0,
    "overhead": 0.0,
    "fuses_matrix": False,
    "links": [{"name": "link", "size": 8, "bandwidth": 1e9, "latency": 0.0}],
}


@functools.cache
def lower_found(name):
    """The small model's step under what a search on all axes finds."""
    model = model_of(name, "small")
    tactic = partir.AutomaticPartition(tuple(model.mesh), budget_s=1)
    return check.lower(model, [tactic], DEVICE)


@of_each_model
def test_model_computes_what_it_does_unpartitioned(name):
    model = model_of(name, "small")
    outcome = check.run(model, list(model.schedules)[-1])
    assert outcome.error <= outcome.model.tolerance
    assert not outcome.moved


@of_each_model
def test_what_is_found_computes_what_the_model_does(name):
    lowered = lower_found(name)
    assert lowered.reports[0].search.tactics
    outcome = check.compare(model_of(name, "small"), lowered)
    assert outcome.error <= outcome.model.tolerance
    assert not outcome.moved


@of_each_model
def test_what_is_found_does_the_same_as_manual_tactics(name):
    found = lower_found(name)
    tactics = found.reports[0].as_manual()
    manual = check.lower(model_of(name, "small"), tactics, DEVICE)
    assert manual.as_text() == found.as_text()


@of_each_model
def test_arguments_have_the_shapes_that_they_are_said_to_have(name):
    model = model_of(name, "small")
    assert shapes_of(model.make_arguments()) == model.arguments


def test_what_is_not_a_number_is_not_right():
    got, want = [np.zeros(2), np.array([np.nan, 0])], [np.zeros(2), np.zeros(2)]
    assert check.largest_difference(got, want) == np.inf
