# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Schedules that a search finds for small models compute what the model does."""

import functools

import pytest
from model_plans import model_of

import partir
from benchmarks.models import SMALL, check


@functools.cache
def lower_found(name):
    model = model_of(name, "small")
    tactic = partir.AutomaticPartition(tuple(model.mesh), budget_s=1)
    return check.lower(model, [tactic], device="tpu_v5e")


@pytest.mark.parametrize("name", SMALL)
def test_what_is_found_computes_what_the_model_does(name):
    outcome = check.compare(model_of(name, "small"), lower_found(name))
    assert outcome.error <= outcome.model.tolerance
    assert not outcome.moved


@pytest.mark.parametrize("name", SMALL)
def test_what_is_found_does_the_same_as_manual_tactics(name):
    found = lower_found(name)
    tactics = found.reports[0].as_manual()
    manual = check.lower(model_of(name, "small"), tactics, device="tpu_v5e")
    assert manual.as_text() == found.as_text()
