# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Inference with a cache: that it computes what it should, and what moves."""

import dataclasses
import re

import jax
import numpy as np
import pytest

import partir
from benchmarks.models import decode, decode_schedules

SMALL = decode_schedules.SMALL


def lower(schedule, mesh):
    model = decode_schedules.model(SMALL)
    step = partir.jit(model.function, mesh=mesh, schedule=model.schedule(schedule))
    return step.lower(*model.arguments)


def test_each_step_gives_what_a_prefill_of_all_before_it_gives():
    params, prompt = decode.init(SMALL)
    tokens, log_probs = jax.jit(decode.make_generate(SMALL))(params, prompt)
    assert len(np.unique(tokens)) > SMALL.steps
    for step in range(SMALL.steps):
        longer = np.concatenate([prompt, tokens[:, :step]], axis=1)
        config = dataclasses.replace(SMALL, prompt=longer.shape[1], steps=1)
        token, log_prob = jax.jit(decode.make_generate(config))(params, longer)
        np.testing.assert_array_equal(token[:, 0], tokens[:, step])
        np.testing.assert_allclose(log_prob[:, 0], log_probs[:, step], rtol=1e-5)


@pytest.mark.parametrize("schedule", decode_schedules.SCHEDULES)
def test_no_conflict_and_every_count_is_exact(schedule, mesh):
    lowered = lower(schedule, mesh)
    assert not any(report.conflicts for report in lowered.reports)
    assert all(one.is_exact for one in lowered.reports[-1].collectives.each)


def test_multi_query_sharding_moves_queries_and_what_they_attend_to(mesh):
    each = lower("BP+MP+MQ", mesh).reports[-1].collectives.each
    assert {one.axes for one in each} == {("M",)}
    shapes = {}
    for one in each:
        shapes.setdefault(one.kind, set()).add(one.shape)
    batch, heads, width = SMALL.batch // 4, SMALL.heads, SMALL.head_dim
    assert shapes["all_gather"] == {(batch, SMALL.prompt, width)}
    # By heads, and by sequences.
    assert shapes["all_to_all"] == {
        (batch, 1, heads // 2, width),
        (batch // 2, 1, heads, width),
    }


def test_multi_query_sharding_keeps_the_cache_of_a_part_of_the_batch(mesh):
    def cached(schedule):
        """The local shapes of what the loop updates."""
        text = lower(schedule, mesh).as_text("hlo")
        update = r'"stablehlo.dynamic_update_slice".* -> tensor<(\w+)xf32>'
        return set(re.findall(update, text)) - log_probs

    log_probs = {f"{SMALL.steps - 1}x{SMALL.batch // 4}"}
    of_one = f"{SMALL.positions}x{SMALL.head_dim}"
    assert cached("BP+MP") == {f"{SMALL.batch // 4}x{of_one}"}
    assert cached("BP+MP+MQ") == {f"{SMALL.batch // 8}x{of_one}"}
