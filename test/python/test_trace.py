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

#: Two links: ICI joins 256 devices of a TPU, DCN the rest.
MESH = AbstractMesh((2, 256), ("B", "M"))
LAYERS = 5


def scan(ws, x):
    def layer(x, w):
        return jax.numpy.tanh(x @ w), None

    return jax.lax.scan(layer, x, ws)[0].sum()


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
    # One after another, without gaps and overlaps, to the nanosecond.
    nanoseconds = sorted(
        (round(event["ts"] * 1000), round(event["dur"] * 1000)) for event in events["X"]
    )
    assert nanoseconds[0][0] == 0
    for (ts, dur), (following, _) in itertools.pairwise(nanoseconds):
        assert ts + dur == following


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


def test_the_estimate_of_a_report_has_no_trace(tmp_path):
    schedule = [partir.ManualPartition({"x": 0}, "B")]
    step = partir.jit(lambda x: x + 1, mesh=MESH, schedule=schedule, device="h100")
    report = step.lower(jax.ShapeDtypeStruct((64,), np.float32)).reports[0]
    with pytest.raises(partir.PartirError, match=r"use that of Lowered\.estimate"):
        report.estimate.save_trace(tmp_path / "step.json")
