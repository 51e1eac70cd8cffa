# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Decoders: text with images and audio, sparse experts, long prompts.

What they compute, beside a plainer form; and what their schedules move.
"""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import partir
from benchmarks.models import (
    MODELS,
    experts,
    experts_schedules,
    long_context,
    long_context_schedules,
    multimodal,
    multimodal_schedules,
    routing,
    transformer,
)
from benchmarks.models.check import largest_difference

NAMES = ("multimodal", "experts_einsum", "experts_sort", "long_context")
ROWS = [
    (name, schedule) for name in NAMES for schedule in MODELS[name]("small").schedules
]


@functools.cache
def with_layers(name, layers):
    """The small model with so many layers."""
    module, config = {
        "multimodal": (multimodal_schedules, {}),
        "experts_einsum": (experts_schedules, {"dispatch": "einsum"}),
        "experts_sort": (experts_schedules, {"dispatch": "sort"}),
        "long_context": (long_context_schedules, {}),
    }[name]
    config = dataclasses.replace(module.SMALL, layers=layers, **config)
    return module.model(config, MODELS[name]("small").mesh)


@functools.cache
def lower(name, schedule, layers=1):
    model = with_layers(name, layers)
    step = partir.jit(
        model.function, mesh=model.abstract_mesh(), schedule=model.schedule(schedule)
    )
    return step.lower(*model.arguments)


def each(lowered, kind):
    found = lowered.reports[-1].collectives.each
    return [one for one in found if one.kind == kind]


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize(("name", "schedule"), ROWS)
def test_laws(name, schedule, layers):
    lowered = lower(name, schedule, layers)
    collectives = lowered.reports[-1].collectives
    counts = {kind: total.count for kind, total in collectives.items() if total.count}
    assert counts == with_layers(name, layers).laws[schedule]
    assert not any(report.conflicts for report in lowered.reports)
    # What is gathered, a tactic asks for.
    for report in lowered.reports:
        for stop in report.stops:
            assert "already, by tactic" in stop.reason or "kept whole" in stop.reason


@pytest.mark.parametrize("name", NAMES)
def test_laws_are_of_all_schedules(name):
    model = MODELS[name]("small")
    assert set(model.laws) == set(model.schedules)


def test_sequence_parallelism_reduces_no_activation_of_a_layer():
    config = multimodal_schedules.SMALL
    rows = config.batch // 4
    whole = (rows, config.sequence, config.d_model)
    part = (rows, config.sequence // 2, config.d_model)
    lowered = lower("multimodal", "BP+MP+SP")
    reduced = [one for one in each(lowered, "all_reduce") if one.axes == ("M",)]
    # That of the lookup, before the layers.
    assert [one.count for one in reduced if one.shape == whole] == [1]
    assert {one.shape for one in each(lowered, "reduce_scatter")} == {part}
    assert {one.shape for one in each(lowered, "all_gather")} == {whole}
    # In a ring, an all_reduce is a reduce_scatter and an all_gather; what is
    # gathered once more is the inputs, for the backward pass.
    plain = lower("multimodal", "BP+MP").reports[-1].collectives
    assert lowered.reports[-1].collectives.bytes < 1.2 * plain.bytes


@pytest.mark.parametrize("name", ["experts_einsum", "experts_sort"])
def test_experts_exchange_buffers_and_gather_none(name):
    config = experts_schedules.SMALL
    lowered = lower(name, "BP+EP")
    rows, halved = config.batch // 2, config.experts // 2
    buffers = (config.capacity, config.d_model)
    moved = each(lowered, "all_to_all")
    assert {one.axes for one in moved} == {("E",)}
    assert {one.shape for one in moved} == {
        (rows, halved, *buffers),
        (rows // 2, config.experts, *buffers),
    }
    sharding = lowered.in_shardings[0]["layers"]["expert_up"]
    assert sharding.spec == jax.P(None, "E")


def test_cache_is_tiled_like_the_sequence():
    _, cache = lower("long_context", "SP+MP").out_shardings
    for sharding in cache.values():
        assert sharding.spec == jax.P(None, None, "S", "M")


def test_positions_take_their_own_embedding():
    config = dataclasses.replace(multimodal_schedules.SMALL, batch=2)
    params, _, batch = multimodal.init(config)
    embed = jax.jit(functools.partial(multimodal.embed, config))
    got = np.asarray(embed(params, batch))
    for row in range(config.batch):
        patches = iter(batch["patches"][row] @ params["patch_in"])
        frames = iter(batch["frames"][row] @ params["frame_in"])
        text = (params["embed"][token] for token in batch["tokens"][row])
        for kind, word, value in zip(batch["kinds"][row], text, got[row], strict=True):
            sources = {multimodal.PATCH: patches, multimodal.FRAME: frames}
            want = next(sources[kind]) if kind in sources else word
            np.testing.assert_allclose(value, want, rtol=1e-5, atol=1e-6)
        assert not list(patches)
        assert not list(frames)


def test_loss_is_that_of_text_alone():
    config = dataclasses.replace(multimodal_schedules.SMALL, layers=1, batch=2)
    params, _, batch = multimodal.init(config)
    loss = functools.partial(
        jax.jit(multimodal.loss_fn, static_argnums=0), config, params
    )
    is_text = batch["kinds"] == multimodal.TEXT
    other = (batch["tokens"] + 1) % config.vocab
    ignored = batch | {"tokens": np.where(is_text, batch["tokens"], other)}
    assert loss(batch) == loss(ignored)
    changed = batch | {"tokens": np.where(is_text, other, batch["tokens"])}
    assert loss(batch) != loss(changed)


def random_routing(positions=24, count=8, width=5):
    rng = np.random.default_rng(0)
    scores = rng.random((3, positions, count))
    # Some experts are wanted more than others.
    choices = np.argsort(scores * np.arange(1, count + 1), axis=-1)[..., :-3:-1]
    gates = rng.random(choices.shape, np.float32)
    x = rng.standard_normal((3, positions, width), np.float32)
    return choices, gates, x


@pytest.mark.parametrize("form", routing.FORMS)
@pytest.mark.parametrize("capacity", [1, 7, 24])
def test_routing(form, capacity):
    """Against one choice after another."""
    choices, gates, x = random_routing()

    @jax.jit
    def route(choices, gates, x, scales):
        dispatch, combine = routing.FORMS[form](choices, gates, 8, capacity)
        buffers = dispatch(x)
        return buffers, combine(buffers * scales)

    buffers = np.zeros((3, 8, capacity, x.shape[-1]), np.float32)
    sums = np.zeros(x.shape, np.float32)
    dropped = 0
    for row in range(3):
        places = [0] * 8
        for rank in range(2):
            for position in range(x.shape[1]):
                expert = int(choices[row, position, rank])
                if places[expert] == capacity:
                    dropped += 1
                    continue
                value = x[row, position]
                buffers[row, expert, places[expert]] = value
                places[expert] += 1
                # Expert e multiplies by e + 1.
                weight = float(gates[row, position, rank]) * (expert + 1)
                sums[row, position] += weight * value
    assert (dropped > 0) == (capacity < 24)
    scales = np.arange(1, 9, dtype=np.float32)[:, None, None]
    sent, combined = route(choices, gates, x, scales)
    np.testing.assert_array_equal(sent, buffers)
    np.testing.assert_allclose(combined, sums, rtol=1e-5, atol=1e-6)


def test_both_forms_of_dispatch_give_one_value_and_gradient():
    config = dataclasses.replace(experts_schedules.SMALL, layers=1, capacity_factor=0.5)
    params, _, _ = experts.init(config)
    layer = {name: stacked[0] for name, stacked in params["layers"].items()}
    shape = (config.batch, config.sequence, config.d_model)
    x, weights = np.random.default_rng(0).standard_normal((2, *shape), np.float32)

    def value(dispatch, x, layer):
        form = dataclasses.replace(config, dispatch=dispatch)
        added, balance = experts.experts(form, x, layer)
        return jnp.sum(added * weights) + jnp.sum(balance)

    both = jax.jit(jax.value_and_grad(value, (1, 2)), static_argnums=0)
    results = [both(dispatch, x, layer) for dispatch in routing.FORMS]
    assert largest_difference(*results) < 1e-5


def test_attention_by_blocks_is_attention():
    rng = np.random.default_rng(0)
    shapes = ((2, 12, 3, 2, 4), (2, 12, 3, 4), (2, 12, 3, 4))
    query, key, value = (4 * rng.standard_normal(s, np.float32) for s in shapes)
    attend = jax.jit(long_context.attend, static_argnums=3)
    plain = jax.jit(transformer.attend)
    for block in (1, 4, 12):
        got = attend(query, key, value, block)
        for r in range(2):
            want = plain(query[:, :, :, r], key, value)
            np.testing.assert_allclose(got[:, :, :, r], want, rtol=1e-4, atol=1e-5)


def test_prefill_ignores_what_is_behind_the_prompt():
    config = dataclasses.replace(long_context_schedules.SMALL, layers=1)
    params, tokens, _ = long_context.init(config)
    prefill = jax.jit(long_context.make_prefill(config))
    length = np.array([11], np.int32)
    logits, cache = prefill(params, tokens, length)
    tokens = tokens.copy()
    tokens[:, 11:] = 0
    again, other = prefill(params, tokens, length)
    np.testing.assert_array_equal(logits, again)
    for name in cache:
        np.testing.assert_array_equal(cache[name][:, :, :11], other[name][:, :, :11])
    shifted, _ = prefill(params, tokens, length + 1)
    assert np.abs(logits - shifted).max() > 0.1
