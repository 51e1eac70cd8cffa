# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A GPT train step under the schedules of the paper: numbers, counts, traffic."""

import functools
import re

import jax
import numpy as np
import pytest

import partir
from benchmarks.models import gpt, gpt_schedules

SMALL = gpt.Config(
    layers=2, d_model=32, heads=4, d_ff=64, vocab=128, batch=8, sequence=16
)
MB = 2**20


def small(**options):
    return gpt.Config(**{**vars(SMALL), **options})


def lower_anew(config, schedule, mesh):
    """The planned train step."""
    step = partir.jit(
        gpt.make_train_step(config),
        mesh=mesh,
        schedule=gpt_schedules.model(config).schedule(schedule),
    )
    return step.lower(*gpt.shapes(config))


lower = functools.cache(lower_anew)


def counts(lowered):
    collectives = lowered.reports[-1].collectives
    return {kind: total.count for kind, total in collectives.items() if total.count}


def quiet(lowered):
    """Whether no tactic met a conflict, and only gathers that it asks for are left."""
    stops = [stop for report in lowered.reports for stop in report.stops]
    return not any(report.conflicts for report in lowered.reports) and all(
        "already, by tactic" in stop.reason or "kept whole" in stop.reason
        for stop in stops
    )


@functools.cache
def plain_step(config):
    return jax.jit(gpt.make_train_step(config))


@functools.cache
def reference(config):
    """Inputs of the step, and what it gives unpartitioned."""
    inputs = gpt.init(config)
    return inputs, plain_step(config)(*inputs)


@functools.cache
def run(config, schedule, mesh):
    """What the partitioned step gives of the same inputs."""
    inputs, _ = reference(config)
    return lower(config, schedule, mesh).compile()(*inputs)


def check_equal(got, want, tolerance):
    paths = jax.tree_util.tree_leaves_with_path(want)
    for (path, b), a in zip(paths, jax.tree.leaves(got), strict=True):
        a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
        limit = tolerance * max(np.abs(b).max(), 1e-30)
        worst = np.abs(a - b).max()
        assert worst <= limit, f"{jax.tree_util.keystr(path)}: {worst} > {limit}"


def check_numbers(config, schedule, mesh):
    _, want = reference(config)
    check_equal(run(config, schedule, mesh), want, 1e-5)


LAYOUTS = {
    "unrolled": {},
    "scanned": {"scan_layers": True},
}
OPTIONS = {
    "clipped": {"clip_norm": 0.1},
    "learned": {"positions": "learned"},
    "gated": {"gated_mlp": True},
    "separate": {"fused_qkv": False},
    "remat": {"remat": True},
    "everything": {
        "clip_norm": 0.1,
        "positions": "learned",
        "gated_mlp": True,
        "fused_qkv": False,
        "remat": True,
    },
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("schedule", gpt_schedules.SCHEDULES)
def test_numbers(layout, schedule, mesh):
    check_numbers(small(**LAYOUTS[layout]), schedule, mesh)


@pytest.mark.parametrize("option", [name for name in OPTIONS if name != "everything"])
def test_numbers_of_an_option(option, mesh):
    check_numbers(small(scan_layers=True, **OPTIONS[option]), "BP+MP+Z3", mesh)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("schedule", ["BP+MP+Z2", "BP+MP+Z3"])
def test_numbers_of_all_options(layout, schedule, mesh):
    check_numbers(small(**LAYOUTS[layout], **OPTIONS["everything"]), schedule, mesh)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_numbers_in_bfloat16(layout, mesh):
    config = small(compute_dtype="bfloat16", **LAYOUTS[layout])
    _, (params, _, loss) = reference(config)
    got_params, _, got_loss = run(config, "BP+MP+Z3", mesh)
    # bfloat16 keeps 8 bits, and partial sums are rounded in another order.
    np.testing.assert_allclose(got_loss, loss, rtol=1e-2)
    check_equal(got_params, params, 1e-2)


def test_numbers_of_several_steps(any_mesh):
    (params, opt_state, batch), _ = reference(SMALL)
    plain = plain_step(SMALL)
    step = partir.jit(
        gpt.make_train_step(SMALL),
        mesh=any_mesh,
        schedule=gpt_schedules.model(SMALL).schedule("BP+MP+Z3"),
        donate_argnums=(0, 1),
    )
    want, got = (params, opt_state), (params, opt_state)
    for _ in range(3):
        *want, want_loss = plain(*want, batch)
        *got, got_loss = step(*got, batch)
        np.testing.assert_allclose(got_loss, want_loss, rtol=1e-5)
    check_equal(got, want, 3e-5)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("schedule", gpt_schedules.SCHEDULES)
@pytest.mark.parametrize(
    "option",
    [
        {"compute_dtype": "bfloat16"},
        *(OPTIONS[name] for name in ("learned", "gated", "separate")),
    ],
    ids=str,
)
def test_laws_hold_for_options(layout, schedule, option, mesh):
    config = small(**LAYOUTS[layout], **option)
    lowered = lower(config, schedule, mesh)
    assert counts(lowered) == gpt_schedules.laws(config)[schedule]
    assert quiet(lowered)


@pytest.mark.parametrize("option", ["clipped", "remat"])
def test_no_law_is_stated_for_options_that_break_it(option, mesh):
    config = small(**OPTIONS[option])
    assert gpt_schedules.laws(config) == {}
    law = gpt_schedules.laws(SMALL)["BP+MP+Z3"]
    assert counts(lower(config, "BP+MP+Z3", mesh)) != law


@pytest.mark.parametrize("schedule", gpt_schedules.SCHEDULES)
def test_report_counts_what_the_local_program_holds(schedule, mesh):
    lowered = lower(SMALL, schedule, mesh)
    text = lowered.as_text("stablehlo")
    held = {
        kind: len(re.findall(rf"stablehlo\.{kind}\b", text))
        for kind in lowered.reports[-1].collectives
    }
    assert {kind: n for kind, n in held.items() if n} == counts(lowered)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_same_text_twice(layout, mesh):
    config = small(**LAYOUTS[layout])
    one, two = (lower_anew(config, "BP+MP+Z3", mesh) for _ in range(2))
    assert one.local_module == two.local_module
    for stage in ("core", "hlo"):
        assert one.as_text(stage) == two.as_text(stage)


@pytest.mark.parametrize(
    ("schedule", "megabytes"),
    [("BP", 96.1), ("BP+MP", 76.1), ("BP+MP+Z2", 76.1), ("BP+MP+Z3", 118.1)],
)
def test_traffic_of_the_demo(schedule, megabytes, mesh):
    lowered = lower(gpt.Config(), schedule, mesh)
    sent = lowered.reports[-1].collectives.bytes / MB
    assert sent == pytest.approx(megabytes, abs=0.5)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("schedule", "of_params", "of_opt_state"),
    [
        # Parts of the embedding, and of a layer's matrix.
        ("MP", (1, 2), (1, 2)),
        ("BP+MP+Z2", (1, 2), (4, 8)),
        ("BP+MP+Z3", (4, 8), (4, 8)),
    ],
)
def test_state_is_stored_sharded(layout, schedule, of_params, of_opt_state, mesh):
    config = small(**LAYOUTS[layout])
    lowered = lower(config, schedule, mesh)
    params, opt_state, _ = run(config, schedule, mesh)
    tree = (params, opt_state)
    shards = jax.tree.map(lambda a: a.addressable_shards[0].data.shape, tree)
    planned = jax.tree.map(
        lambda a, s: s.shard_shape(a.shape), tree, lowered.in_shardings[:2]
    )
    assert shards == planned
    for held, (of_embedding, of_matrix) in (
        (params, of_params),
        (opt_state["mu"], of_opt_state),
        (opt_state["nu"], of_opt_state),
    ):
        for path, leaf in jax.tree_util.tree_leaves_with_path(held):
            name = path[-1].key
            parts = leaf.size // leaf.addressable_shards[0].data.size
            if name == "embed":
                assert parts == of_embedding
            elif name in gpt.MATRICES:
                assert parts == of_matrix, jax.tree_util.keystr(path)
    if config.scan_layers:
        for leaf in jax.tree.leaves(params["layers"]):
            assert leaf.addressable_shards[0].data.shape[0] == config.layers


@pytest.mark.parametrize("layout", LAYOUTS)
def test_zero3_gathers_parameters_only(layout, mesh):
    config = small(layers=4, **LAYOUTS[layout])
    lowered = lower(config, "BP+MP+Z3", mesh)
    allowed = {(config.vocab, config.d_model)}
    halved = {"qkv": 2, "out": 0, "up": 1, "down": 0}
    for name, dim in halved.items():
        shape = list(gpt.layer_shapes(config)[name])
        shape[dim] //= 2
        allowed.add(tuple(shape))
    for one in lowered.reports[-1].collectives.each:
        if one.kind == "all_gather":
            assert one.axes == ("B",)
            shape = one.shape[1:] if one.shape[0] == 1 else one.shape
            assert tuple(shape) in allowed, f"{one.shape} at {one.loc}"


def test_zero3_gathers_again_in_backward_after_xla(mesh):
    layers = 4
    text = lower(small(layers=layers), "BP+MP+Z3", mesh).compile().as_text()
    operands = re.findall(r" all-gather(?:-start)?\(([^)]*)\)", text)
    gathered = sum(len(found.split(", ")) for found in operands)
    assert gathered == 8 * layers + 3


def test_bfloat16_gathers_half_the_bytes(mesh):
    for layout in LAYOUTS.values():
        wide = lower(small(**layout), "BP+MP+Z3", mesh).reports[-1].collectives
        half = lower(small(compute_dtype="bfloat16", **layout), "BP+MP+Z3", mesh)
        narrow = half.reports[-1].collectives
        assert 2 * narrow["all_gather"].bytes == wide["all_gather"].bytes
        assert 2 * narrow["reduce_scatter"].bytes == wide["reduce_scatter"].bytes
        assert {c.dtype for c in narrow.each if c.kind == "all_gather"} == {"bf16"}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("schedule", ["BP+MP+Z2", "BP+MP+Z3"])
def test_clipping_reduces_no_gradient_whole_or_twice(layout, schedule, mesh):
    clipped = lower(small(clip_norm=1.0, **LAYOUTS[layout]), schedule, mesh)
    plain = lower(small(**LAYOUTS[layout]), schedule, mesh)
    with_norm, without = (low.reports[-1].collectives for low in (clipped, plain))
    for kind in ("all_gather", "reduce_scatter", "all_to_all", "collective_permute"):
        assert with_norm[kind] == without[kind]
    scalars = [c for c in with_norm.each if c.kind == "all_reduce" and not c.shape]
    others = [c for c in with_norm.each if c.kind == "all_reduce" and c.shape]
    want = [c for c in without.each if c.kind == "all_reduce" and c.shape]
    assert sorted(c.shape for c in others) == sorted(c.shape for c in want)
    # One for the loss, and for the norm at most one a set of axes: B, M, both.
    norm_axes = [frozenset(c.axes) for c in scalars]
    norm_axes.remove(frozenset("B"))
    assert len(norm_axes) == len(set(norm_axes)) <= 3
    assert quiet(clipped)


def test_tied_embedding_is_reduced_once(mesh):
    lowered = lower(SMALL, "BP", mesh)
    shape = (SMALL.vocab, SMALL.d_model)
    each = lowered.reports[-1].collectives.each
    assert len([c for c in each if c.shape == shape]) == 1


def test_megatron_reduces_activations_only(mesh):
    lowered = lower(SMALL, "MP", mesh)
    shape = (SMALL.batch, SMALL.sequence, SMALL.d_model)
    each = lowered.reports[-1].collectives.each
    assert {c.shape for c in each} == {shape}
    assert {c.axes for c in each} == {("M",)}


def test_input_gradients_of_query_key_and_value_are_reduced_as_one(mesh):
    config = small(fused_qkv=False, gated_mlp=True)
    assert counts(lower(config, "MP", mesh)) == {"all_reduce": 4 * config.layers}


def test_nested_jit_is_inlined(mesh):
    train_step = gpt.make_train_step(SMALL)

    def outer(params, opt_state, batch):
        return jax.jit(jax.jit(train_step))(params, opt_state, batch)

    schedule = gpt_schedules.model(SMALL).schedule("BP+MP+Z3")
    shapes = gpt.shapes(SMALL)
    one = partir.jit(outer, mesh=mesh, schedule=schedule).lower(*shapes)
    assert counts(one) == counts(lower(SMALL, "BP+MP+Z3", mesh))


def test_model_is_what_it_says():
    config = SMALL
    params = gpt.init_params(config)
    layer = params["layers"][0]
    assert len(layer) == 9
    assert sum(name in gpt.MATRICES for name in layer) == 4
    made = gpt.init(config)
    shapes = jax.tree.map(lambda a: jax.ShapeDtypeStruct(a.shape, a.dtype), made)
    assert shapes == gpt.shapes(config)
    stacked = gpt.init_params(small(scan_layers=True))
    loss = jax.jit(gpt.loss_fn, static_argnums=0)
    one = loss(config, params, made[2])
    two = loss(small(scan_layers=True), stacked, made[2])
    np.testing.assert_allclose(one, two, rtol=1e-6)
    # Near that of a guess.
    assert float(one) < 2 * np.log(config.vocab)
