# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Automatic tactics: what they find, what they leave alone, and what they say."""

import os
import re
import signal

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import partir
from partir import AutomaticPartition, ManualPartition, PartirError, _automatic

ABSTRACT = jax.sharding.AbstractMesh((4, 2), ("B", "M"))


def mlp(x, up, down):
    return jnp.tanh(x @ up) @ down


SHAPES = ((1024, 256), (256, 1024), (1024, 256))
MLP = tuple(jax.ShapeDtypeStruct(shape, jnp.float32) for shape in SHAPES)


def lower(function, arguments, schedule, **kwargs):
    kwargs = {"mesh": ABSTRACT, "device": "tpu_v5e", **kwargs}
    return partir.jit(function, schedule=schedule, **kwargs).lower(*arguments)


def search(function, arguments, *before, **kwargs):
    """The report of an automatic tactic, behind others."""
    auto = AutomaticPartition(**{"axes": ("B", "M"), "budget_s": 1, **kwargs})
    return lower(function, arguments, [*before, auto]).reports[-1]


def text_of(function, arguments, schedule):
    return lower(function, arguments, schedule).as_text()


def test_finds_a_better_program_with_the_numbers_of_the_plain_one(mesh):
    rng = np.random.default_rng(0)
    arguments = [rng.normal(size=shape).astype(np.float32) for shape in SHAPES]
    auto = AutomaticPartition(axes=("B", "M"), budget_s=1)
    step = partir.jit(mlp, mesh=mesh, schedule=[auto], device="tpu_v5e")
    report = step.lower(*arguments).reports[0]
    assert report.search.step_s < 0.6 * report.search.step_s_before
    np.testing.assert_allclose(step(*arguments), mlp(*arguments), rtol=1e-4, atol=1e-2)


def test_the_report_estimates_what_the_search_promised():
    report = search(mlp, MLP)
    assert report.estimate.step_s == pytest.approx(report.search.step_s, rel=1e-12)
    assert report.estimate.peak_bytes == report.search.peak_bytes
    decisions = report.search.decisions
    assert decisions[-1].step_s == report.search.step_s
    assert decisions[-1].peak_bytes == report.search.peak_bytes
    gained = sum(one.gained_s for one in decisions)
    saved = report.search.step_s_before - report.search.step_s
    assert gained == pytest.approx(saved)


def test_decisions_are_those_of_the_tactics():
    found = search(mlp, MLP).search
    of_tactics = [
        (tactic.axis, name, how)
        for tactic in found.tactics
        for name, how in tactic.inputs.items()
    ]
    assert of_tactics == [
        (one.axis, name, how)
        for one in found.decisions
        for name, how in one.layouts.items()
    ]


def test_as_manual_does_the_same_and_can_be_pasted():
    auto = AutomaticPartition(axes=("B", "M"), budget_s=1)
    lowered = lower(mlp, MLP, [auto])
    manual = lowered.reports[0].as_manual()
    assert all(isinstance(tactic, ManualPartition) for tactic in manual)
    assert text_of(mlp, MLP, manual) == lowered.as_text()
    pasted = eval(repr(manual), {"partir": partir})
    assert text_of(mlp, MLP, pasted) == lowered.as_text()


def test_manual_tactics_have_no_manual_form():
    report = lower(mlp, MLP, [ManualPartition({"x": 0}, "B", name="BP")]).reports[0]
    assert report.search is None
    with pytest.raises(PartirError, match="as_manual: the tactic 'BP' is manual"):
        report.as_manual()


def test_a_value_inside_is_named_by_its_op_and_line():
    # The second product is a partial sum: it is scattered, which no decision on an
    # input leads to.
    shapes = ((256, 512), (512, 8192), (8192, 512))
    wide = [jax.ShapeDtypeStruct(shape, jnp.float32) for shape in shapes]
    report = search(mlp, wide, axes="B")
    names = [name for tactic in report.as_manual() for name in tactic.inputs]
    (inner,) = [name for name in names if "@" in name]
    assert inner.startswith("stablehlo.dot_general@")
    assert "test_automatic.py" in inner
    with pytest.raises(PartirError, match="none inside the program is called so"):
        lower(mlp, MLP, [ManualPartition({"stablehlo.add@x.py:1:1#0": 0}, "M")])
    with pytest.raises(PartirError, match="it must be a dim >= 0, REPLICATED"):
        lower(mlp, MLP, [ManualPartition({inner: -1}, "M")])


def test_the_same_for_a_seed_and_for_any_number_of_threads():
    plan = lower(mlp, MLP, [])._runner.plan

    def found(seed, threads):
        raw = plan.replay.program().search(
            "auto",
            ["B", "M"],
            plan.device,
            None,
            2.0,
            seed,
            [0, 1, 2],
            [-1],
            lambda *_: True,
            threads,
        )
        assert not raw["is_cut"]
        return raw["tactics"]

    assert found(3, 1) == found(3, 1) == found(3, 2) == found(3, 5)


def test_earlier_tactics_stay():
    rows = ManualPartition({"x": 0}, axis="B", name="rows")
    report = search(mlp, MLP, rows)
    (x, _, _) = report.in_shardings
    assert x.spec[0] == "B" or x.spec[0][0] == "B"


def test_atomic_values_are_not_touched():
    whole = ManualPartition({"x": partir.REPLICATED}, axis="B", name="whole")
    report = search(mlp, MLP, whole, axes="B")
    (x, _, _) = report.in_shardings
    assert x.is_fully_replicated
    assert all("x" not in tactic.inputs for tactic in report.as_manual())


def test_manual_tactics_may_follow():
    auto = AutomaticPartition(axes="M", budget_s=1)
    rows = ManualPartition({"x": 0}, axis="B")
    automatic, manual = lower(mlp, MLP, [auto, rows]).reports
    assert automatic.search is not None
    assert manual.search is None
    assert manual.estimate.step_s < automatic.estimate.step_s


def layers(x, weights):
    for up, down in weights:
        x = x + jnp.tanh(x @ up) @ down
    return x


def stack(count):
    weights = [(MLP[1], MLP[2])] * count
    return (MLP[0], weights)


def test_layers_share_decisions_whatever_their_names():
    def by_names(x, weights):
        order = ("seven", "a", "zz", "b", "q", "last", "x1", "x0", "n", "p")
        return layers(x, [weights[name] for name in order])

    names = ("seven", "a", "zz", "b", "q", "last", "x1", "x0", "n", "p")
    weights = dict.fromkeys(names, (MLP[1], MLP[2]))
    few_rows = jax.ShapeDtypeStruct((64, 256), jnp.float32)
    # So little that most of the weights must be tiled.
    report = search(by_names, (few_rows, weights), axes="M", memory=14 * 2**20)
    assert report.search.fits
    together = [
        {name for name in tactic.inputs if name.startswith("weights.")}
        for tactic in report.as_manual()
    ]
    # The first and the last layer have other neighbours than those between.
    assert max(map(len, together)) >= len(names) - 2


def test_states_are_as_many_for_more_layers():
    few = search(layers, stack(12), budget_s=0.2).search
    many = search(layers, stack(24), budget_s=0.2).search
    assert many.states <= few.states
    assert many.step_s < many.step_s_before


def test_a_small_program_is_searched_to_the_end():
    found = search(mlp, MLP, axes="M").search
    assert found.is_optimal
    assert found.gap == 0
    assert "every schedule was tried" in str(search(mlp, MLP, axes="M"))


def test_the_gap_to_the_lower_bound_is_told():
    found = search(layers, stack(12)).search
    assert not found.is_optimal
    assert 0 < found.lower_bound_s <= found.step_s
    assert found.gap == pytest.approx(found.step_s / found.lower_bound_s - 1)
    assert f"at most {1 + found.gap:.2f} times the best" in str(found)


def test_a_limit_is_kept_where_a_program_is_within_it():
    free = search(mlp, MLP).search
    limit = int(0.7 * free.peak_bytes)
    found = search(mlp, MLP, memory=limit).search
    assert found.peak_bytes <= limit
    assert found.fits
    assert found.step_s >= free.step_s


def test_a_limit_that_nothing_keeps_is_told():
    report = search(mlp, MLP, memory=1000)
    assert not report.search.fits
    assert "no schedule was found within 0.0 MB" in str(report)


def test_a_fraction_is_of_the_memory_of_the_device():
    found = search(mlp, MLP, memory=0.5).search
    assert found.memory_bytes == 8 * 2**30


def test_ctrl_c_returns_the_best_so_far(capfd, monkeypatch):
    show = _automatic._Observer._show

    def press(observer, text):
        show(observer, text)
        os.kill(os.getpid(), signal.SIGINT)

    # As soon as the search says how far it is, after a second.
    monkeypatch.setattr(_automatic._Observer, "_show", press)
    report = search(layers, stack(200), budget_s=100, name="long")
    assert report.search.is_cut
    assert report.search.step_s < report.search.step_s_before
    assert "ended before its budget was used" in str(report)
    assert re.match(r"long: \d+ s, \d+ states, best ", capfd.readouterr().err)


def test_the_device_must_be_known():
    with pytest.raises(PartirError, match="'0:B\\+M': it is not known for which"):
        lower(mlp, MLP, [AutomaticPartition(("B", "M"))], device=None)


def test_the_axis_must_be_in_the_mesh():
    with pytest.raises(PartirError, match="the mesh has no axis 'K'; its axes"):
        lower(mlp, MLP, [AutomaticPartition("K")])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"axes": ()}, "axes is ()"),
        ({"axes": ("B", "B")}, "each once"),
        ({"axes": 3}, "axes is 3"),
        ({"axes": "B", "memory": 0}, "memory is 0"),
        ({"axes": "B", "memory": 1.5}, "memory is 1.5"),
        ({"axes": "B", "memory": True}, "memory is True"),
        ({"axes": "B", "budget_s": 0}, "budget_s is 0"),
        ({"axes": "B", "budget_s": float("inf")}, "budget_s is inf"),
        ({"axes": "B", "seed": -1}, "seed is -1"),
        ({"axes": "B", "seed": 0.5}, "seed is 0.5"),
        ({"axes": "B", "name": ""}, "name is ''"),
    ],
)
def test_what_is_wrong_is_told(arguments, message):
    with pytest.raises(PartirError) as error:
        AutomaticPartition(**arguments)
    assert message in str(error.value)
    assert "must be" in str(error.value)


def test_a_program_without_decisions_stays_as_it_is():
    report = search(lambda x: x + 1, (jax.ShapeDtypeStruct((), jnp.float32),))
    assert report.search.tactics == ()
    assert report.search.step_s == report.search.step_s_before
