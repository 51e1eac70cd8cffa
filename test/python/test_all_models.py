# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Of each model one schedule; ``make models`` runs all of them."""

import pytest

from benchmarks.models import MODELS, check
from benchmarks.models.model import shapes_of

#: T48 is T32 with more layers: they have one small form.
NAMES = [name for name in MODELS if name != "T48"]


@pytest.mark.parametrize("name", NAMES)
def test_model_computes_what_it_does_unpartitioned(name):
    model = MODELS[name]("small")
    outcome = check.run(model, list(model.schedules)[-1])
    assert outcome.error <= model.tolerance
    assert not outcome.moved


@pytest.mark.parametrize("name", NAMES)
def test_arguments_have_the_shapes_that_they_are_said_to_have(name):
    model = MODELS[name]("small")
    assert shapes_of(model.make_arguments()) == model.arguments
