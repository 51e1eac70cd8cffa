# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Estimates of time and memory: where they show, and what they are made of."""

import json
import re
import subprocess
import sys
import types
from pathlib import Path

import jax
import jax.numpy as jnp
import pytest

import partir
from benchmarks.models import MODELS
from partir import _device

MESH = jax.sharding.AbstractMesh((4, 2), ("B", "M"))
BP = partir.ManualPartition(inputs={"x": 0}, axis="B", name="BP")
MP = partir.ManualPartition(inputs={"w": 1}, axis="M", name="MP")

#: A device on which all can be worked out by hand.
ABACUS = json.loads(
    Path(__file__).parents[1].joinpath("passes/simulate_device.json").read_text()
)
WIRE = ABACUS["links"][0]


def named(link):
    return {**ABACUS, "links": [{**WIRE, "name": link}]}


def dense(x, w):
    return x @ w


X = jax.ShapeDtypeStruct((256, 8), jnp.float32)
W = jax.ShapeDtypeStruct((8, 16), jnp.float32)


def lower(f, *args, schedule=(BP,), mesh=MESH, **options):
    options = {"device": ABACUS, "platform": "cpu", **options}
    return partir.jit(f, mesh=mesh, schedule=schedule, **options).lower(*args)


def test_each_report_has_an_estimate():
    lowered = lower(dense, X, W, schedule=[BP, MP])
    after_bp, after_mp = (report.estimate for report in lowered.reports)
    # 2 * 64 * 8 * 16 operations at 1e6 a second, and half of them.
    assert after_bp.step_s == pytest.approx(16384e-6)
    assert after_mp.step_s == pytest.approx(8192e-6)
    assert after_bp.flops == after_bp.matrix_flops == 16384
    # [64, 8], [8, 16] and [64, 16] in float32; then columns are halved.
    assert after_bp.peak_bytes == 4 * (64 * 8 + 8 * 16 + 64 * 16)
    assert after_mp.peak_bytes == 4 * (64 * 8 + 8 * 8 + 64 * 8)
    assert after_bp.by_work == {"matrix": pytest.approx(16384e-6)}
    assert "abacus" in str(lowered.reports[0])


def test_a_mesh_without_devices_has_no_estimate_of_its_own():
    lowered = lower(dense, X, W, device=None)
    assert lowered.reports[0].estimate is None
    with pytest.raises(partir.PartirError, match="tpu_v5e"):
        lowered.estimate()
    assert lowered.estimate("tpu_v5e").device == "tpu_v5e"


def test_a_mesh_of_cpus_knows_its_device():
    mesh = jax.make_mesh((8,), ("B",), axis_types=(jax.sharding.AxisType.Auto,))
    lowered = lower(dense, X, W, mesh=mesh, device=None, platform=None)
    assert lowered.reports[0].estimate.device == "cpu"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("NVIDIA A100-SXM4-80GB", "a100"),
        ("NVIDIA H100 80GB HBM3", "h100"),
        ("TPU v5 lite", "tpu_v5e"),
        ("TPU v5", "tpu_v5p"),
        ("cpu", "cpu"),
        # Of the same families, with other memories, links or rates.
        ("NVIDIA A100-SXM4-40GB", None),
        ("NVIDIA H100 PCIe", None),
        ("NVIDIA H100 80GB HBM3 MIG 1g.10gb", None),
        ("NVIDIA GH200 480GB", None),
        ("TPU v4 lite", None),
    ],
)
def test_devices_are_known_by_their_whole_names(kind, name):
    device = types.SimpleNamespace(device_kind=kind, memory_stats=lambda: None)
    figures = _device.known_device(device)
    assert figures["name"] == (name or "cpu")
    assert ("widens_half" in figures) == (name == "cpu")
    assert _device._name_of(device) == name


def test_an_unknown_device_says_its_memory():
    stats = {"bytes_limit": 12345}
    device = types.SimpleNamespace(device_kind="NVIDIA L4", memory_stats=lambda: stats)
    assert _device.known_device(device)["memory"] == 12345


def test_donated_arguments_are_not_counted_twice():
    def step(w, x):
        return w - 0.1 * jnp.mean(x)

    kept = lower(step, W, X).estimate()
    donated = lower(step, W, X, donate_argnums=0).estimate()
    assert kept.aliased_bytes == 0
    assert donated.aliased_bytes == donated.result_bytes == 4 * 8 * 16
    assert donated.peak_bytes == kept.peak_bytes - 4 * 8 * 16


def test_the_largest_arrays_are_grouped_by_what_is_alike():
    def step(ws, total, x):
        for w in ws:
            x = jnp.sin(x @ w)
        return total + jnp.sum(x), x

    w = jax.ShapeDtypeStruct((64, 64), jnp.float32)
    ws = [w, w, w, jax.ShapeDtypeStruct((64, 64), jnp.int32)]
    total, x = (jax.ShapeDtypeStruct(shape, jnp.float32) for shape in ((), (8, 64)))
    estimate = lower(step, ws, total, x, donate_argnums=1, schedule=[]).estimate()
    found = [
        (one.kind, one.value, one.count, one.bytes)
        for one in estimate.largest
        if one.kind != "temporary"
    ]
    # The result that takes the place of an argument is not among them.
    assert found == [
        ("argument", 'inputs like "ws.0"', 3, 3 * 4 * 64 * 64),
        ("argument", 'input "ws.3"', 1, 4 * 64 * 64),
        ("argument", 'input "x"', 1, 4 * 8 * 64),
        ("result", "the result of 'stablehlo.sine'", 1, 4 * 8 * 64),
        ("argument", 'input "total"', 1, 4),
    ]


def test_ten_groups_of_arrays_are_shown():
    def f(xs):
        return [jnp.sin(x) for x in xs]

    xs = [jax.ShapeDtypeStruct((8 + n,), jnp.float32) for n in range(12)]
    estimate = lower(f, xs, schedule=[]).estimate()
    assert [one.bytes for one in estimate.largest] == [
        4 * size for size in (19, 19, 18, 18, 17, 17, 16, 16, 15, 15)
    ]


def test_loops_count_as_often_as_they_run():
    def rounds(count):
        def f(x, w):
            return jax.lax.fori_loop(0, count, lambda _, y: jnp.tanh(y @ w), x)

        w = jax.ShapeDtypeStruct((8, 8), jnp.float32)
        return lower(f, X, w).estimate()

    one, seven = rounds(1), rounds(7)
    assert seven.flops == pytest.approx(7 * one.flops, rel=0.01)
    assert seven.step_s == pytest.approx(7 * one.step_s, rel=0.01)
    assert seven.peak_bytes == one.peak_bytes


def test_a_loop_updates_its_state_in_place():
    def f(x, w):
        def body(i, y):
            return jax.lax.dynamic_update_slice(y, jnp.full((1, 8), 2.0), (i, 0))

        return jax.lax.fori_loop(0, 16, body, x) @ w

    # The state is a copy of x, which is not donated; w and the result.
    size = 4 * (256 * 8 * 2 + 8 * 16 + 256 * 16)
    assert lower(f, X, W, schedule=[]).estimate().peak_bytes == pytest.approx(
        size, rel=0.02
    )


def test_empty_arrays_take_no_time():
    empty = jax.ShapeDtypeStruct((0, 8), jnp.float32)
    estimate = lower(dense, empty, W, schedule=[]).estimate()
    assert (estimate.flops, estimate.matrix_flops) == (0, 0)
    assert estimate.step_s == pytest.approx(4 * 8 * 16 / ABACUS["bandwidth"])


def test_chains_of_elementwise_ops_read_and_write_once():
    def f(x):
        return jnp.sqrt(jnp.exp(x) * 2 + 1)

    assert lower(f, X, schedule=[]).estimate().bytes == 2 * 4 * 256 * 8


def three_parts(x):
    return jnp.split(x, 3)


@pytest.mark.parametrize(
    ("f", "moved"),
    [
        (lambda x: [2 * part for part in three_parts(x)], 3 + 3),
        (lambda x: sum(three_parts(x)), 3 + 1),
        (lambda x: (sum(three_parts(x)), three_parts(x)[0] * 2), 3 + 1 + 1),
        (lambda x: (jnp.sin(x), jnp.cos(x)), 3 + 3 + 3),
        (lambda x: (jnp.sin(x), three_parts(x)[0] * 2), 3 + 3 + 1 + 1),
    ],
)
def test_parts_of_an_array_are_read_each(f, moved):
    """In bytes of a part."""
    x = jax.ShapeDtypeStruct((3 * 64,), jnp.float32)
    assert lower(f, x, schedule=[]).estimate().bytes == moved * 64 * 4


def test_what_a_kernel_saves_does_not_hang_on_the_order_of_its_operands():
    def f(is_first, a, b):
        sine, cosine = jnp.sin(a), jnp.cos(b)
        return sine, cosine, a + b if is_first else b + a

    x = jax.ShapeDtypeStruct((64,), jnp.float32)
    one, two = (
        lower(f, first, x, x, schedule=[], static_argnums=0).estimate().bytes
        for first in (True, False)
    )
    # It runs with the first, and reads what the second reads for itself.
    assert one == two == (2 + 2 + 2) * 64 * 4


def test_the_outer_link_takes_what_the_inner_does_not_join():
    device = {
        **ABACUS,
        "links": [
            {"name": "inner", "size": 2, "bandwidth": 1e6, "latency": 0},
            {"name": "outer", "size": 64, "bandwidth": 1e5, "latency": 0},
        ],
    }
    rows = partir.ManualPartition(inputs={"x": 1}, axis="M", name="rows")
    batch = partir.ManualPartition(inputs={"x": 1}, axis="B", name="batch")
    # M is the minor axis of the mesh: its devices are neighbours.
    inner = lower(dense, X, W, schedule=[rows], device=device).estimate()
    outer = lower(dense, X, W, schedule=[batch], device=device).estimate()
    size = 4 * 256 * 16
    assert inner.by_link == {"inner": pytest.approx(size / 1e6), "outer": 0}
    assert outer.by_link == {"inner": 0, "outer": pytest.approx(2 * size * 3 / 4e5)}


@pytest.mark.parametrize("slow", ["inner", "outer"])
def test_a_collective_is_listed_under_the_link_that_takes_most_of_it(slow):
    rates = {"inner": 1e6, "outer": 1e6, slow: 1e3}
    links = [
        {"name": "inner", "size": 2, "bandwidth": rates["inner"], "latency": 0},
        # The last link joins all devices, whatever its size.
        {"name": "outer", "size": 4, "bandwidth": rates["outer"], "latency": 0},
    ]
    schedule = [
        partir.ManualPartition(inputs={"x": 1}, axis="B"),
        partir.ManualPartition(inputs={"x": 1}, axis="M"),
    ]
    device = {**ABACUS, "links": links}
    found = lower(dense, X, W, schedule=schedule, device=device).estimate().by_link
    # An all-reduce over 8 devices sends twice 7/8 of the array, half of it across.
    sent = 2 * 7 / 8 * 4 * 256 * 16
    both = sent / rates["inner"] + sent / 2 / rates["outer"]
    assert found == {"inner": 0, "outer": 0, slow: pytest.approx(both)}


def test_overlap_hides_collectives_behind_what_does_not_need_them():
    def f(x, w):
        reduced = x @ w
        return reduced, jnp.tanh(x)

    rows = partir.ManualPartition(inputs={"x": 1}, axis="M", name="rows")
    lowered = lower(f, X, W, schedule=[rows])
    apart, beside = lowered.estimate(), lowered.estimate(overlap=True)
    sent, tanh = apart.by_link["wire"], 256 * 4 / 1e6
    assert sent > tanh
    assert apart.step_s - beside.step_s == pytest.approx(tanh)
    assert beside.by_link == apart.by_link
    starts = {event.kind: event.start_s for event in beside.events}
    assert starts["elements"] == starts["all_reduce"]


def test_overlap_is_a_bool():
    with pytest.raises(partir.PartirError, match="overlap is 1; it must be True or"):
        lower(dense, X, W).estimate(overlap=1)


def test_a_plan_that_does_not_fit_says_so():
    lowered = lower(dense, X, W, device={**ABACUS, "memory": 2000})
    assert not lowered.estimate().fits
    assert "DOES NOT FIT" in str(lowered.reports[-1])


@pytest.mark.parametrize(
    ("device", "message"),
    [
        ("tpu_v9", "tpu_v5e"),
        ("no/such/file.json", "h100"),
        ({}, '"name" must be a text'),
        ({**ABACUS, "bandwidth": -1}, '"bandwidth" must be a number above zero'),
        ({**ABACUS, "matrix_flops": [1, 2]}, '"matrix_flops" must be a list of 4'),
        ({**ABACUS, "colour": "red"}, '"colour" is not known'),
        ({**ABACUS, "links": []}, '"links" must be a list of links'),
        ({**ABACUS, "memory": 1e30}, '"memory" must be a whole number from 1 to 2^53'),
        ({**ABACUS, "memory": 0.5}, '"memory" must be a whole number from 1 to 2^53'),
        ({**ABACUS, "bandwidth": 1e-320}, '"bandwidth" must be a number above zero'),
        ({**ABACUS, "overhead": 1e31}, '"overhead" must be a number from 0 to 1e30'),
        ({**ABACUS, "matrix_efficiency": 5}, '"matrix_efficiency" must be a share'),
        ({**ABACUS, "array_tile": [0.5, 128]}, "a list of 2 whole numbers from 1 to"),
        ({**ABACUS, "array_tile": [1e18, 8]}, "a list of 2 whole numbers from 1 to"),
        ({**ABACUS, "matrix_tile": [1, 1, 1e18]}, "a list of 3 whole numbers from 1"),
        (
            {**ABACUS, "links": [{**WIRE, "size": 1.5}]},
            'links[0]: "size" must be a whole',
        ),
        ({**ABACUS, "links": [1]}, 'device: "links" must be a list of objects'),
        ({**ABACUS, "links": [WIRE, WIRE]}, 'links[1]: "name" must be one that no'),
        (named("matrix"), 'links[0]: "name" must be that of a network'),
        (named("compute"), '"compute" is said of kernels'),
        ({"links": [1]}, '"name" must be a text'),
        ({**ABACUS, "sources": {1, 2}}, "device: the dict cannot be JSON: Object of"),
        ({**ABACUS, "memory": float("nan")}, "device: the dict cannot be JSON: Out of"),
        (["h100"], "device is ['h100']; it must be the path of a file of JSON, what"),
        ("a\0b", "it must be the path of a file of JSON, what is in one as a dict, or"),
    ],
)
def test_a_device_that_is_none_is_refused(device, message):
    with pytest.raises(partir.PartirError, match=re.escape(message)):
        lower(dense, X, W, device=device)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (json.dumps(ABACUS).replace("9000", "1e999"), '"memory" must be a whole'),
        ("[" * 200_000, "at most 64 deep in each other"),
        (json.dumps({**ABACUS, "sources": "x" * 2**20}), "at most 1 MiB of JSON"),
        ("{", "this is no JSON: [1:1"),
        ("[]", "a device must be an object of JSON"),
        ("\xff", "this is no text in UTF-8"),
    ],
)
def test_a_file_that_is_no_device_is_refused(tmp_path, text, message):
    path = tmp_path / "mine.json"
    path.write_text(text, "latin-1")
    said = re.escape(f"{path}: ") + ".*" + re.escape(message)
    with pytest.raises(partir.PartirError, match=said):
        lower(dense, X, W, device=path)


def test_brackets_in_texts_of_a_device_are_no_depth():
    device = {**ABACUS, "sources": {"all": '\\"' + "[{" * 100}}
    assert lower(dense, X, W, device=device).estimate().device == "abacus"


def test_a_device_of_a_file(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({**ABACUS, "name": "mine"}))
    assert lower(dense, X, W, device=path).estimate().device == "mine"


def test_calibrate_measures_what_estimates_take(tmp_path):
    path = tmp_path / "here.json"
    figures = partir.calibrate(path, devices=jax.devices()[:2])
    assert json.loads(path.read_text()) == figures
    assert all(figures[key] > 0 for key in ("bandwidth", "vector_flops", "overhead"))
    assert figures["links"][0]["size"] == 2
    assert lower(dense, X, W, device=path).estimate().step_s > 0


def simulate(module: str) -> str:
    """What ``partir-opt`` says of a lowered program."""
    run = subprocess.run(
        [
            Path(sys.executable).parent / "partir-opt",
            "--partir-simulate=device=tpu_v5e",
        ],
        input=module,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stderr


@pytest.mark.parametrize("name", MODELS)
def test_the_lowered_program_is_estimated_alike(name):
    model = MODELS[name]("small")
    for schedule in [*model.schedules][-2:]:
        lowered = partir.jit(
            model.function,
            mesh=model.abstract_mesh(),
            schedule=model.schedule(schedule),
            carry=model.carry,
            platform="tpu",
        ).lower(*model.arguments)
        estimate = lowered.estimate("tpu_v5e")
        text = simulate(lowered.as_text("hlo"))
        found = {
            kind: (int(count), int(size))
            for kind, count, size in re.findall(
                r"^(\w+): (\d+), (\d+) bytes sent", text, re.M
            )
        }
        collectives = lowered.reports[-1].collectives
        assert found == {
            kind: (total.count, total.bytes)
            for kind, total in collectives.items()
            if total.count
        }
        milliseconds = float(re.search(r"tpu_v5e: ([\d.]+) ms", text)[1])
        assert milliseconds == pytest.approx(estimate.step_s * 1e3, rel=0.02)
        peak = int(re.search(r"peak: (\d+) bytes", text)[1])
        assert peak == pytest.approx(estimate.peak_bytes, rel=0.02)
