# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Of each model one schedule; ``make models`` runs all of them."""

import numpy as np
import pytest
from model_plans import model_of

from benchmarks.models import SMALL, check
from benchmarks.models.model import shapes_of


@pytest.mark.parametrize("name", SMALL)
def test_model_computes_what_it_does_unpartitioned(name):
    model = model_of(name, "small")
    outcome = check.run(model, list(model.schedules)[-1])
    assert outcome.error <= model.tolerance
    assert not outcome.moved


@pytest.mark.parametrize("name", SMALL)
def test_arguments_have_the_shapes_that_they_are_said_to_have(name):
    model = model_of(name, "small")
    assert shapes_of(model.make_arguments()) == model.arguments


def test_what_is_not_a_number_is_not_right():
    got, want = [np.zeros(2), np.array([np.nan, 0])], [np.zeros(2), np.zeros(2)]
    assert check.largest_difference(got, want) == np.inf
