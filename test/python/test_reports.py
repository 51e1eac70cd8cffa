# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What reports say of collectives, and how values explain themselves."""

import dataclasses
import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import AbstractMesh

import partir
from benchmarks.models import gpt_schedules

MESH = AbstractMesh((4, 2), ("B", "M"))

BP = partir.ManualPartition(inputs={"x": 0}, axis="B", name="BP")
MP = partir.ManualPartition(inputs={"w1": 1}, axis="M", name="MP")
Z3 = partir.ManualPartition(inputs={"w1": 0, "w2": 1}, axis="B", name="Z3")


def chain(x, w1, w2):
    h = x @ w1
    return h @ w2


CHAIN = ((256, 8), (8, 16), (16, 8))


def shape(*sizes, dtype=np.float32):
    return jax.ShapeDtypeStruct(sizes, dtype)


def lower(fun, schedule, *arguments):
    shapes = [shape(*a) if isinstance(a, tuple) else a for a in arguments]
    return partir.jit(fun, mesh=MESH, schedule=schedule).lower(*shapes)


def explain(lowered, name):
    """The explanation of the one value of that name."""
    (value,) = lowered.explain(name).values
    return value


def line_of(fun, text):
    """``file:line`` of the line of a function that has the text."""
    lines, first = inspect.getsourcelines(fun)
    (offset,) = (i for i, line in enumerate(lines) if text in line)
    return f"{__file__}:{first + offset}"


def line(loc):
    """A location without its column."""
    return loc.rpartition(":")[0]


# ---- Collectives


def gpt_step(schedule, **options):
    config = dataclasses.replace(gpt_schedules.SMALL, **options)
    model = gpt_schedules.model(config)
    if schedule == "merged":
        tactics = [partir.Merged(model.schedule("BP+MP+Z3"), name="all")]
    else:
        tactics = model.schedule(schedule)
    step = partir.jit(model.function, mesh=model.abstract_mesh(), schedule=tactics)
    return step.lower(*model.arguments)


@pytest.mark.parametrize("options", [{}, {"scan_layers": True, "remat": True}])
@pytest.mark.parametrize("schedule", ["BP", "BP+MP", "BP+MP+Z2", "BP+MP+Z3", "merged"])
def test_every_collective_says_where_and_why(schedule, options):
    lowered = gpt_step(schedule, **options)
    names = {report.name for report in lowered.reports}
    for report in lowered.reports:
        assert report.collectives.each
        for one in report.collectives.each:
            assert one.cause
            assert all(action in one.cause for action in one.action.split("; "))
            assert set(one.tactic.split("+")) <= names
            assert "benchmarks/models/" in one.loc
            assert one.op.startswith("stablehlo.")
            assert one.value


def two_partial_sums(x, y, w, v):
    left = x @ w
    right = -(y @ v)
    return left + right


def test_partial_sums_that_are_added_first_name_the_op_that_makes_the_first():
    tactic = partir.ManualPartition({"w": 0, "v": 0}, "M", name="rows")
    lowered = lower(two_partial_sums, [tactic], (8, 16), (8, 16), (16, 4), (16, 4))
    (one,) = lowered.reports[0].collectives.each
    assert one.kind == "all_reduce"
    assert line(one.loc) == line_of(two_partial_sums, "left + right")
    assert line_of(two_partial_sums, "x @ w") in one.cause
    assert one.cause.endswith('<- input "w": dim 0 (tactic "rows")')
    assert one.action == 'input "w": dim 0'


def test_a_sum_of_many_partial_sums_has_a_cause():
    def norm(xs):
        return sum(jnp.sum(x * x) for x in xs)

    tactic = partir.ManualPartition({"xs": 0}, "B", name="T")
    lowered = lower(norm, [tactic], [shape(8)] * 12)
    (one,) = lowered.reports[0].collectives.each
    assert one.action == 'input "xs.0": dim 0'


def test_a_reduction_over_two_axes_has_two_causes():
    schedule = [BP, partir.ManualPartition({"x": 1}, "M", name="cols")]
    lowered = lower(lambda x: jnp.sum(x), schedule, (8, 8))
    (one,) = lowered.reports[-1].collectives.each
    assert one.axes == ("B", "M")
    assert one.tactic == "BP+cols"
    assert one.action == 'input "x": dim 0; input "x": dim 1'


def variance(x):
    return jnp.var(x, axis=1)


def two_variances(x):
    first = jnp.var(x, axis=1)
    second = jnp.var(x + 1, axis=1)
    third = variance(x + 2)
    return first + second + third


def test_a_location_is_the_innermost_line_of_the_user():
    tactic = partir.ManualPartition({"x": 1}, "M")
    lowered = lower(two_variances, [tactic], (8, 8))
    lines = {line(one.loc) for one in lowered.reports[0].collectives.each}
    assert lines == {
        line_of(two_variances, "first ="),
        line_of(two_variances, "second ="),
        line_of(variance, "jnp.var"),
    }


def part_of_an_axis(x):
    parts = x.reshape(2, 4)
    return parts


def test_what_is_gathered_for_a_result_is_told_where_that_is_made():
    lowered = lower(part_of_an_axis, [partir.ManualPartition({"x": 0}, "B")], (8,))
    gathers = lowered.reports[0].collectives.each
    assert [one.kind for one in gathers] == ["all_gather", "all_gather"]
    assert {line(one.loc) for one in gathers} == {line_of(part_of_an_axis, "reshape")}
    stops = lowered.reports[0].stops
    assert {line(one.loc) for one in stops} == {line_of(part_of_an_axis, "reshape")}


# ---- Explanations


def test_explains_an_input():
    lowered = lower(chain, [BP, MP, Z3], *CHAIN)
    w1 = explain(lowered, "w1")
    assert (w1.name, w1.kind, w1.op, w1.loc) == ("w1", "input", "", "")
    assert (w1.shape, w1.local_shape, w1.dtype) == ((8, 16), (2, 8), "f32")
    assert w1.spec == (("B",), ("M",))
    assert [(a.axis, a.dim, a.tactic) for a in w1.axes] == [
        ("B", 0, "Z3"),
        ("M", 1, "MP"),
    ]
    assert [str(a) for a in w1.actions] == [
        "w1: dim 1 on M (applied)",
        "w1: dim 0 on B (applied)",
    ]
    (gather,) = w1.collectives.each
    assert (gather.kind, gather.axes, gather.count) == ("all_gather", ("B",), 1)
    # A device has 2x8 elements of 4 bytes, which it sends to 3 others.
    assert gather.bytes == 2 * 8 * 4 * 3
    assert line(gather.loc) == line_of(chain, "x @ w1")
    assert gather.op == "stablehlo.dot_general"
    assert gather.value == 'input "w1"'
    assert gather.cause == 'input "w1": dim 0 (tactic "Z3")'


def test_a_chain_goes_from_op_to_op_back_to_an_action():
    lowered = lower(chain, [BP, MP], *CHAIN)
    (axis,) = explain(lowered, "w2").axes
    assert (axis.axis, axis.dim, axis.tactic) == ("M", 0, "MP")
    links = [(one.subject, line(one.loc), one.place) for one in axis.chain]
    assert links == [
        ('input "w2"', "", "dim 0"),
        (
            "'stablehlo.dot_general'",
            line_of(chain, "h @ w2"),
            "operand 0 dim 1 (reduced: add)",
        ),
        ("'stablehlo.dot_general'", line_of(chain, "x @ w1"), "result dim 1"),
        ('input "w1"', "", "dim 1"),
    ]
    assert {one.tactic for one in axis.chain} == {"MP"}


def test_says_what_was_left_alone_and_why():
    zero = partir.ManualPartition({"state": partir.FIRST_DIVISIBLE_DIM}, "B", name="Z")

    def f(state):
        return state["w"] * state["count"]

    lowered = lower(f, [zero], {"w": shape(8), "count": shape()})
    count = explain(lowered, "state.count")
    assert [(a.what, a.reason, a.tactic) for a in count.actions] == [
        ("left alone", "a scalar", "Z")
    ]
    assert 'left alone (a scalar) by tactic "Z"' in str(lowered.explain("state.count"))


def test_explains_a_result():
    def f(x, w):
        h = x @ w
        return {"h": h, "sum": jnp.sum(h) / 3}

    lowered = lower(f, [BP], (8, 4), (4, 4))
    h = explain(lowered, "result.h")
    assert (h.kind, h.op) == ("result", "stablehlo.dot_general")
    assert (h.local_shape, h.spec) == ((2, 4), (("B",), ()))
    assert not h.collectives.each
    total = explain(lowered, "result.sum")
    # Divided after it is reduced: one value all the same.
    assert [one.kind for one in total.collectives.each] == ["all_reduce"]
    assert {value.name for value in lowered.explain("result").values} == {
        "result.h",
        "result.sum",
    }


def test_a_result_that_is_all_there_is_has_no_path():
    assert explain(lower(chain, [BP], *CHAIN), "result").local_shape == (64, 8)


def tagged(x, w):
    h = partir.tag(x @ w, "h")
    return jnp.tanh(h)


def test_explains_a_tag_where_it_is_reduced():
    rows = partir.ManualPartition({"w": 0}, "M", name="rows")
    lowered = lower(tagged, [rows], (8, 4), (4, 4))
    h = explain(lowered, "h")
    assert (h.kind, h.op) == ("tag", "partir.tag")
    assert line(h.loc) == line_of(tagged, "partir.tag")
    (one,) = h.collectives.each
    assert (one.kind, one.axes) == ("all_reduce", ("M",))


def leaf_of_a_sum(x, y, w, v):
    left = partir.tag(x @ w, "left")
    return left + y @ v


def test_a_partial_sum_is_followed_to_where_it_is_reduced():
    rows = partir.ManualPartition({"w": 0, "v": 0}, "M", name="rows")
    lowered = lower(leaf_of_a_sum, [rows], (8, 16), (8, 16), (16, 4), (16, 4))
    left = explain(lowered, "left")
    assert left.partial == ("M",)
    (one,) = left.collectives.each
    assert line(one.loc) == line_of(leaf_of_a_sum, "left + y")
    assert "partial sum over M" in str(lowered.explain("left"))
    assert explain(lowered, "w").partial == ()


def scanned(x, w):
    def layer(h, w_layer):
        return jnp.tanh(h @ w_layer.astype(jnp.bfloat16)), None

    return jax.lax.scan(layer, x, w)[0]


def test_a_stacked_parameter_is_followed_into_the_loop():
    fsdp = partir.ManualPartition(
        {"w": partir.first_divisible_dim(1)}, "B", name="FSDP"
    )
    lowered = lower(
        scanned, [BP, fsdp], shape(8, 8, dtype=jnp.bfloat16), shape(3, 8, 8)
    )
    w = explain(lowered, "w")
    (gather,) = w.collectives.each
    assert (gather.kind, gather.count, gather.dtype) == ("all_gather", 3, "bf16")
    assert line(gather.loc) == line_of(scanned, "tanh")
    assert gather.action == 'input "w": dim 1'


def test_a_path_above_several_values_groups_those_that_are_alike():
    explained = gpt_step("BP+MP+Z3").explain("params.layers")
    names = [[value.name for value in group] for group in explained.groups]
    assert ["params.layers.0.qkv", "params.layers.1.qkv"] in names
    assert sum(map(len, names)) == len(explained.values) == 18
    scales = next(group for group in names if "params.layers.0.mlp_scale" in group)
    assert len(scales) == 8
    text = str(explained)
    assert text.count("params.layers.0.qkv  (input, f32)") == 1
    assert "and alike params.layers.1.qkv" in text
    assert "params.layers.1.qkv  (input" not in text


def test_every_occurrence_of_a_tag_is_explained():
    def f(x):
        h = partir.tag(x + 1, "h")
        return partir.tag(h * 2, "h")

    values = lower(f, [BP], (8,)).explain("h").values
    assert [value.name for value in values] == ["h", "h"]
    # Each where the user calls it.
    assert line(values[0].loc) == line_of(f, "x + 1")
    assert line(values[1].loc) == line_of(f, "h * 2")


def test_an_unknown_name_lists_what_is_close():
    lowered = gpt_step("BP")
    with pytest.raises(partir.PartirError) as caught:
        lowered.explain("params.layer.0.qkv")
    message = str(caught.value)
    assert "explain: no value is named 'params.layer.0.qkv'" in message
    assert "close to it are 'params.layers.0.qkv', 'params.layers.1.qkv'" in message
    assert "the path of an input ('x', 'params.w')" in message
    assert "inputs are 'params', 'opt_state', 'batch'; results are 'result'" in message
    with pytest.raises(partir.PartirError, match="no value is named 3"):
        lowered.explain(3)


def test_an_explanation_holds_what_the_program_does():
    """Of all inputs, axes and shapes are those of the shardings."""
    lowered = gpt_step("BP+MP+Z3")
    shardings = jax.tree.leaves(lowered.in_shardings)
    values = [
        value
        for name in ("params", "opt_state", "batch")
        for value in lowered.explain(name).values
    ]
    assert len(values) == len(shardings)
    for value, sharding in zip(values, shardings, strict=True):
        assert value.local_shape == sharding.shard_shape(value.shape)
        axes = [(one.dim, one.axis) for one in value.axes]
        assert axes == [(d, a) for d, axes in enumerate(value.spec) for a in axes]
        for one in value.axes:
            # An action is on a value; nothing is before it.
            assert one.chain[-1].subject.startswith("input ")
            assert one.chain[0].tactic == one.tactic


def test_the_text_of_an_explanation_cuts_a_long_chain():
    def f(x, w):
        for _ in range(20):
            x = jnp.sin(x)
        return x * w

    explained = lower(f, [BP], (8,), (8,)).explain("w")
    (axis,) = explained.values[0].axes
    assert len(axis.chain) == 23
    text = str(explained)
    assert "... and 11 more ..." in text
    assert text.splitlines().count('    input "x": dim 0 (tactic "BP")') == 1
