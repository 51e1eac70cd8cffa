# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What would make a program fit: which inputs, over which axis, how many bytes."""

import json

import jax
import numpy as np
import pytest
from jax.sharding import AbstractMesh

import partir
from partir._fit import Array, Ends
from partir._partir import devices

MESH = AbstractMesh((4, 2), ("B", "M"))
BP = partir.ManualPartition({"batch": 0}, "B", name="BP")
#: A device that holds next to nothing, and keeps arrays dense.
SMALL = {**json.loads(devices()["h100"]), "name": "small", "memory": 1000}


def shape(*dims, dtype=np.float32):
    return jax.ShapeDtypeStruct(dims, dtype)


#: 8192 bytes, 4096 bytes, 28 bytes that no axis divides, and a number.
PARAMS = {"layers": [shape(64, 32), shape(32, 32)], "odd": shape(7), "step": shape()}


def step(params, batch):
    a, b = params["layers"]
    loss = (batch["x"] @ a @ b).sum()
    return jax.tree.map(lambda p: p + 1, params), loss


def lower(device, *schedule, **options):
    jitted = partir.jit(step, mesh=MESH, schedule=schedule, device=device, **options)
    return jitted.lower(PARAMS, {"x": shape(128, 64)})


def found(savings):
    return {(s.kind, s.path, s.axis): (s.bytes, len(s.inputs)) for s in savings}


def test_whole_inputs_and_undonated_ones_are_counted():
    savings = lower(SMALL, BP).estimate().savings
    assert found(savings) == {
        ("donate", "params.layers", ""): (8192 + 4096, 2),
        ("donate", "params.odd", ""): (28, 1),
        ("donate", "params.step", ""): (4, 1),
        ("tile", "params.layers", "B"): (3 * (2048 + 1024), 2),
        ("tile", "params.layers", "M"): (4096 + 2048, 2),
        # 32 rows are left of 128 on a device: the batch is on B.
        ("tile", "batch.x", "M"): (32 * 64 * 4 // 2, 1),
    }
    assert [s.bytes for s in savings] == sorted(s.bytes for s in savings)[::-1]
    # The largest input of a group comes first.
    assert savings[0].inputs == ("params.layers.0", "params.layers.1")
    assert savings[0].axis_size == 1
    assert {s.axis_size for s in savings if s.axis == "B"} == {4}


def test_what_is_tiled_or_donated_is_not_counted():
    zero = partir.ManualPartition({"params": partir.FIRST_DIVISIBLE_DIM}, "B")
    lowered = lower(SMALL, BP, zero, donate_argnums=0, carry={"params": 0})
    assert {(s.kind, s.axis) for s in lowered.estimate().savings} == {("tile", "M")}


@pytest.mark.parametrize("donated", [(), (0,)])
def test_donating_saves_what_it_says(donated):
    lowered = lower(SMALL, BP, donate_argnums=donated)
    estimate = lowered.estimate()
    other = lower(SMALL, BP, donate_argnums=0).estimate()
    promised = sum(s.bytes for s in estimate.savings if s.kind == "donate")
    assert estimate.peak_bytes - other.peak_bytes == promised


@pytest.mark.parametrize("axis", ["B", "M"])
def test_tiling_saves_what_it_says_of_arguments(axis):
    estimate = lower(SMALL, BP).estimate()
    promised, _ = found(estimate.savings)["tile", "params.layers", axis]
    # Else the batch would follow, and save more.
    kept = {"batch": partir.REPLICATED} if axis == "M" else {}
    tiled = partir.ManualPartition({"params.layers": 0, **kept}, axis)
    other = lower(SMALL, BP, tiled).estimate()
    assert estimate.argument_bytes - other.argument_bytes == promised


def test_a_program_that_fits_needs_no_advice():
    lowered = lower("h100", BP)
    assert lowered.estimate().fits
    assert lowered.estimate().missing_bytes == 0
    assert lowered.estimate().savings == ()
    assert "missing" not in str(lowered.reports[-1])


def test_a_report_says_what_is_missing_and_what_would_help():
    report = lower(SMALL, BP).reports[-1]
    missing = report.estimate.missing_bytes
    assert missing == report.estimate.peak_bytes - 1000
    text = str(report)
    assert f"does not fit small: {missing / 2**20:.1f} MB are missing" in text
    assert (
        "params.layers (2 inputs) are whole on axis B (4): tiling them over it would "
        "save 0.0 MB" in text
    )
    assert "and 3 more, 0.0 MB or less each" in text
    assert "params.odd is not donated" in str(report.estimate)


def test_what_is_alive_at_the_peak_is_said_once():
    def fan(x):
        hidden = [jax.numpy.sin(x) @ x for _ in range(3)]
        return sum(jax.numpy.linalg.det(h) for h in hidden)

    step = partir.jit(fan, mesh=MESH, schedule=[], device=SMALL)
    estimate = step.lower(shape(256, 256)).estimate()
    (products,) = [b for b in estimate.largest if "dot_general" in b.value]
    assert products.kind == "temporary"
    assert products.count > 1
    assert products.bytes == products.count * 4 * 256 * 256
    (line,) = [line for line in str(estimate).splitlines() if "dot_general" in line]
    assert line.strip().startswith(f"alive at the peak: {products.count} times")
    assert line.endswith(f", {products.bytes / 2**20:.1f} MB of temporaries")


def test_keys_and_constants_are_left_out():
    table = np.arange(8192, dtype=np.float32).reshape(64, 128)

    def draw(key):
        return key, jax.random.normal(key, (64, 128)) + table

    key = jax.eval_shape(lambda: jax.random.split(jax.random.key(0), 8))
    jitted = partir.jit(
        lambda keys: jax.vmap(draw)(keys), mesh=MESH, schedule=[], device=SMALL
    )
    savings = jitted.lower(key).estimate().savings
    # Of eight keys of eight bytes.
    assert found(savings) == {("donate", "keys", ""): (64, 1)}


def test_a_result_takes_the_first_donated_input_that_is_alike():
    f32, i32 = shape(8), shape(8, dtype=np.int32)
    whole, tiled = [[]], [["B"]]
    inputs = [
        Array(f32, whole, "kept"),
        Array(f32, whole, "a", is_donated=True),
        Array(f32, tiled, "b", is_donated=True),
        Array(f32, whole, "c", is_donated=True),
        Array(i32, whole, "d", is_donated=True),
    ]
    outputs = [Array(f32, s) for s in (whole, tiled, whole, whole, tiled)]
    ends = Ends(inputs, outputs, {"B": 4})
    assert ends.aliases() == [1, 2, 3, -1, -1]
    donations = [s for s in ends.savings() if s.kind == "donate"]
    assert [(s.inputs, s.bytes) for s in donations] == [(("kept",), 32)]
