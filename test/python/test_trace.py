# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Traces of estimated steps: valid, complete, and as long as the step."""

import collections
import itertools
import json

import jax
import numpy as np
import pytest
from jax.sharding import AbstractMesh

import partir
from partir import _timeline
from partir._partir import devices

#: Two links: ICI joins 256 devices of a TPU, DCN the rest.
MESH = AbstractMesh((2, 256), ("B", "M"))
LAYERS = 5


def scan(ws, x):
    def layer(x, w):
        return jax.numpy.tanh(x @ w), None

    return jax.lax.scan(layer, x, ws)[0].sum(axis=0)


@pytest.fixture(scope="module")
def estimate():
    schedule = [
        partir.ManualPartition({"x": 0}, "B", name="BP"),
        partir.ManualPartition({"ws": 1}, "M", name="MP"),
    ]
    step = partir.jit(scan, mesh=MESH, schedule=schedule, device="tpu_v5e")
    ws = jax.ShapeDtypeStruct((LAYERS, 2048, 2048), np.float32)
    x = jax.ShapeDtypeStruct((64, 2048), np.float32)
    return step.lower(ws, x).estimate()


@pytest.fixture(scope="module")
def events(estimate, tmp_path_factory):
    path = tmp_path_factory.mktemp("trace") / "step.json"
    estimate.save_trace(path)
    by_phase = collections.defaultdict(list)
    for event in json.loads(path.read_text())["traceEvents"]:
        by_phase[event["ph"]].append(event)
    return by_phase


def tracks(events):
    return {
        event["tid"]: event["args"]["name"]
        for event in events["M"]
        if event["name"] == "thread_name"
    }


def test_kernels_and_links_have_tracks(estimate, events):
    assert list(tracks(events).values()) == ["compute", "ICI", "DCN"]
    by_track = collections.Counter()
    for event in events["X"]:
        by_track[tracks(events)[event["tid"]]] += event["dur"]
    for link, seconds in estimate.by_link.items():
        assert by_track[link] == pytest.approx(seconds * 1e6, abs=0.1)
    work = sum(estimate.by_work.values())
    assert by_track["compute"] == pytest.approx(work * 1e6, abs=0.1)


def test_it_is_as_long_as_the_step(estimate, events):
    total = sum(event["dur"] for event in events["X"])
    assert total == pytest.approx(estimate.step_s * 1e6, abs=1e-3)
    # One after another, without gaps and overlaps; times are whole nanoseconds.
    nanoseconds = sorted(
        (round(event["ts"] * 1000), round(event["dur"] * 1000)) for event in events["X"]
    )
    assert nanoseconds[0][0] == 0
    for (ts, dur), (following, _) in itertools.pairwise(nanoseconds):
        assert 0 <= following - (ts + dur) <= 1


def test_with_overlap_collectives_are_beside_kernels():
    def loop(ws, x, y):
        def layer(carried, w):
            x, y = carried
            product = x @ w
            # Runs while the product is added up.
            y = jax.numpy.sort(y, axis=0)
            return (jax.numpy.tanh(product), y), None

        x, y = jax.lax.scan(layer, (x, y), ws)[0]
        return jax.numpy.tanh(x) + 1, y

    columns = partir.ManualPartition({"x": 1, "y": partir.REPLICATED}, "M", name="MP")
    step = partir.jit(loop, mesh=MESH, schedule=[columns], device="tpu_v5e")
    shapes = (LAYERS, 2048, 2048), (4096, 2048), (512, 512)
    lowered = step.lower(*(jax.ShapeDtypeStruct(one, np.float32) for one in shapes))
    apart, beside = lowered.estimate(), lowered.estimate(overlap=True)
    assert beside.step_s < apart.step_s
    for estimate in (apart, beside):
        found = _timeline.slices(estimate)
        assert max(one.end for one in found) == pytest.approx(estimate.step_s)
        for on_track in _timeline.tracks(estimate).values():
            for one, following in itertools.pairwise(on_track):
                assert one.end <= following.start * (1 + 1e-9)
    busy = sum(one.seconds for one in _timeline.slices(beside))
    assert busy == pytest.approx(apart.step_s)


def test_a_loop_is_drawn_once_with_all_its_trips(events):
    product = next(e for e in events["X"] if e["args"]["count"] == LAYERS)
    one = product["args"]["microseconds of one run"]
    assert product["dur"] == pytest.approx(LAYERS * one, abs=0.01)
    assert product["args"]["line"].startswith(__file__)


def test_memory_is_a_counter(estimate, events):
    totals = [sum(event["args"].values()) for event in events["C"]]
    assert max(totals) == estimate.peak_bytes
    assert {event["name"] for event in events["C"]} == {"memory"}
    assert events["C"][0]["ts"] == 0
    assert events["C"][-1]["args"]["temporaries"] == 0
    assert {event["ts"] for event in events["X"]} <= {e["ts"] for e in events["C"]}


def test_a_collective_that_takes_no_time_has_a_track(tmp_path):
    device = json.loads(devices()["h100"])
    device["links"] = [{**link, "latency": 0} for link in device["links"]]
    schedule = [partir.ManualPartition({"x": 1}, "B")]
    step = partir.jit(lambda x: x.sum(1), mesh=MESH, schedule=schedule, device=device)
    estimate = step.lower(jax.ShapeDtypeStruct((0, 4), np.float32)).estimate()
    assert not any(estimate.by_link.values())
    assert list(_timeline.tracks(estimate)) == ["compute", "network"]
    estimate.save_trace(tmp_path / "step.json")


def test_the_estimate_of_a_report_has_no_trace(tmp_path):
    schedule = [partir.ManualPartition({"x": 0}, "B")]
    step = partir.jit(lambda x: x + 1, mesh=MESH, schedule=schedule, device="h100")
    report = step.lower(jax.ShapeDtypeStruct((64,), np.float32)).reports[0]
    with pytest.raises(partir.PartirError, match=r"use that of Lowered\.estimate"):
        report.estimate.save_trace(tmp_path / "step.json")
