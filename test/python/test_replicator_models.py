# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The three models of TF-Replicator: what they compute, and what a step sends."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from model_plans import lower, model_of

import partir
from benchmarks.models import (
    MODELS,
    d4pg,
    d4pg_schedules,
    parameters,
    resnet,
    resnet_schedules,
    sngan,
    sngan_schedules,
)
from benchmarks.models.layers import batch_norm

NAMES = ("ResNet50", "SNGAN", "D4PG")
EACH = [
    (name, schedule) for name in NAMES for schedule in MODELS[name]("small").schedules
]


def counts(lowered):
    collectives = lowered.reports[-1].collectives
    return {kind: total.count for kind, total in collectives.items() if total.count}


@pytest.mark.parametrize("size", ["small", "full"])
@pytest.mark.parametrize(("name", "schedule"), EACH)
def test_a_step_sends_what_its_law_says(name, schedule, size):
    model, lowered = model_of(name, size), lower(name, size, schedule)
    assert counts(lowered) == model.laws[schedule]


@pytest.mark.parametrize(("name", "schedule"), EACH)
def test_nothing_is_in_conflict_and_only_what_zero_stores_is_gathered(name, schedule):
    lowered = lower(name, "small", schedule)
    for report in lowered.reports:
        assert not report.conflicts
        for stop in report.stops:
            assert report.name in ("Z2", "Z3")
            assert "already, by tactic" in stop.reason or "kept whole" in stop.reason


def shapes_of_sums(name):
    """What batch parallelism has to reduce, from the trees of the arguments."""
    arguments = model_of(name, "small").arguments
    losses = [jax.ShapeDtypeStruct((), np.float32)] * (1 if name == "ResNet50" else 2)
    if name == "ResNet50":
        return [*arguments[:2], losses]
    if name == "SNGAN":
        # Two passes of the generator, and the backward sums of conditional norms.
        statistics = arguments[1]["statistics"]
        return [arguments[0], statistics, statistics, statistics["blocks"], losses]
    return [arguments[0], losses]


@pytest.mark.parametrize("name", NAMES)
def test_batch_parallelism_reduces_gradients_statistics_and_losses_only(name):
    # A matrix may be reduced as its transpose.
    want = [sorted(leaf.shape) for leaf in jax.tree.leaves(shapes_of_sums(name))]
    lowered = lower(name, "small", "BP")
    each = lowered.reports[-1].collectives.each
    assert {(one.kind, one.axes) for one in each} == {("all_reduce", ("B",))}
    got = [sorted(one.shape) for one in each]
    assert sorted(got) == sorted(want)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("ResNet50", {"params", "velocity"}),
        ("SNGAN", {"params", "opt_state"}),
        ("D4PG", {"params", "targets", "opt_state"}),
    ],
)
def test_zero3_stores_a_part_of_each_kernel(name, stored):
    model, lowered = model_of(name, "full"), lower(name, "full", "BP+Z3")
    for argument, shardings in zip(
        model.argument_names, lowered.in_shardings, strict=True
    ):
        for path, sharding in jax.tree_util.tree_leaves_with_path(shardings):
            if argument in stored and parameters.leaf_name(path) == "kernel":
                assert "B" in sharding.spec, jax.tree_util.keystr(path)


@pytest.mark.parametrize(
    ("make", "shapes", "config"),
    [
        (resnet.make_train_step, resnet.shapes, resnet_schedules.SMALL),
        (sngan.make_train_step, sngan.shapes, sngan_schedules.SMALL),
    ],
)
def test_the_smooth_activation_changes_no_collective(make, shapes, config):
    mesh = jax.sharding.AbstractMesh((8,), ("B",))
    BP = partir.ManualPartition(inputs={"batch": 0}, axis="B")
    found = []
    for activation in (config.activation, jax.nn.relu):
        step = make(dataclasses.replace(config, activation=activation))
        lowered = partir.jit(step, mesh=mesh, schedule=[BP]).lower(*shapes(config))
        found.append(counts(lowered))
    assert config.activation is not jax.nn.relu
    assert found[0] == found[1]


def test_resnet50_has_the_parameters_that_it_is_known_for():
    params, *_ = resnet.shapes(resnet_schedules.FULL)
    assert sum(leaf.size for leaf in jax.tree.leaves(params)) == 25_557_032


def reference_batch_norm(x, scale, offset):
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    shape = (-1, 1, 1, x.shape[-1])
    normal = (x - mean) / jnp.sqrt(variance + 1e-5)
    return normal * scale.reshape(shape) + offset.reshape(shape)


@pytest.mark.parametrize("shape", [(3,), (4, 3)])
def test_batch_norm_and_its_gradient(shape):
    random = np.random.default_rng(0)
    x, weights = (
        random.standard_normal((4, 5, 5, 3)).astype(np.float32) for _ in range(2)
    )
    x = 2 * x + 1
    scale, offset = (random.random(shape, np.float32) for _ in range(2))
    running = {"mean": np.full(3, 7, np.float32), "variance": np.ones(3, np.float32)}

    def loss(norm, *arguments):
        return jnp.sum(norm(*arguments) * weights)

    def norm(*arguments):
        return batch_norm(*arguments, running)[0]

    for f in (loss, jax.grad(loss, argnums=(1, 2, 3))):
        got, want = (f(n, x, scale, offset) for n in (norm, reference_batch_norm))
        jax.tree.map(
            lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4),
            got,
            want,
        )
    new = batch_norm(x, scale, offset, running)[1]
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    np.testing.assert_allclose(new["mean"], 0.9 * 7 + 0.1 * mean, rtol=1e-5)
    np.testing.assert_allclose(new["variance"], 0.9 + 0.1 * variance, rtol=1e-5)


def test_power_iteration_finds_the_largest_singular_value():
    random = np.random.default_rng(0)
    kernel = random.standard_normal((3, 3, 4, 8)).astype(np.float32)
    params, singular = {"kernel": kernel}, random.standard_normal(8).astype(np.float32)
    for _ in range(200):
        normalised, singular = sngan.normalise(params, singular)
    values = np.linalg.svd(normalised["kernel"].reshape(-1, 8), compute_uv=False)
    np.testing.assert_allclose(values[0], 1, rtol=1e-5)


def reference_projection(config, returns, probs):
    """One atom's mass after another's, as Bellemare et al. write it."""
    spacing = (config.highest - config.lowest) / (config.atoms - 1)
    made = np.zeros_like(probs)
    for n, j in np.ndindex(*returns.shape):
        b = np.clip(returns[n, j], config.lowest, config.highest) - config.lowest
        b /= spacing
        low = int(np.floor(b))
        made[n, low] += probs[n, j] * (1 - (b - low))
        if b > low:
            made[n, low + 1] += probs[n, j] * (b - low)
    return made


def test_projection_moves_mass_to_the_nearest_atoms():
    config, random = d4pg_schedules.SMALL, np.random.default_rng(0)
    returns = 10 * random.standard_normal((6, config.atoms))
    returns[0] = config.support
    probs = random.random((6, config.atoms))
    probs /= probs.sum(-1, keepdims=True)
    got = d4pg.project(config, returns, probs)
    want = reference_projection(config, returns, probs)
    np.testing.assert_allclose(got, want, atol=1e-5)
    np.testing.assert_allclose(got[0], probs[0], atol=1e-5)


def test_targets_are_copied_when_they_are_due():
    model = model_of("D4PG", "small")
    step = jax.jit(model.function)
    params, targets, opt_state, batch = model.make_arguments()
    for number in (1, 2, 3):
        before = targets
        params, targets, opt_state, *_ = step(params, targets, opt_state, batch)
        is_due = number % d4pg_schedules.SMALL.target_period == 0
        jax.tree.map(
            np.testing.assert_array_equal, targets, params if is_due else before
        )


@pytest.mark.parametrize(
    ("name", "loss"),
    [
        ("ResNet50", lambda loss: loss),
        ("SNGAN", lambda losses: losses["discriminator"]),
    ],
)
def test_the_loss_falls_on_a_batch_that_stays(name, loss):
    model = model_of(name, "small")
    step, arguments = jax.jit(model.function), list(model.make_arguments())
    losses = []
    for _ in range(8):
        results = step(*arguments)
        for argument, number in model.carry.items():
            arguments[model.argument_names.index(argument)] = results[number]
        losses.append(float(loss(results[-1])))
    assert losses[-1] < losses[0]


def test_the_critic_learns_its_target():
    config = dataclasses.replace(d4pg_schedules.SMALL, target_period=1000)
    step = jax.jit(d4pg.make_learner_step(config))
    params, targets, opt_state, batch = d4pg.init(config)
    priorities, losses = [], []
    for _ in range(8):
        params, targets, opt_state, priority, loss = step(
            params, targets, opt_state, batch
        )
        priorities.append(priority)
        losses.append(float(loss["critic"]))
    assert losses[-1] < losses[0]
    np.testing.assert_allclose(
        losses[0], np.mean(batch["weights"] * priorities[0]), rtol=1e-5
    )
