# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The page of a plan: it is well formed, whole, escaped, and not too large."""

import dataclasses
import html.parser
import json
import random

import jax
import numpy as np
import pytest
from jax.sharding import AbstractMesh

import partir
from partir import _page
from partir._partir import devices
from partir._tables import short

MESH = AbstractMesh((4, 2), ("B", "M"))
#: What a name may hold, and a page may not read as its own.
ODD = '</script><b>&"quoted"\''
SMALL = {**json.loads(devices()["h100"]), "name": f"small {ODD}", "memory": 1000}
VOID = {"meta", "input"}


class Page(html.parser.HTMLParser):
    """Checks that each tag is closed; collects tags, attributes and text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def product(x, w):
    return partir.tag(x @ w[ODD], ODD) @ w[ODD]


def lower(*schedule, device="tpu_v5e"):
    x = jax.ShapeDtypeStruct((4096, 512), np.float32)
    w = {ODD: jax.ShapeDtypeStruct((512, 512), np.float32)}
    step = partir.jit(product, mesh=MESH, schedule=schedule, device=device)
    return step.lower(x, w)


@pytest.fixture(scope="module")
def lowered():
    """Two tactics; the second leaves a conflict, and what does not fit."""
    first = partir.ManualPartition({"x": 0}, "M", name=f"BP{ODD}")
    conflicting = partir.ManualPartition({"x": 0, "w": 1}, "B", name="T")
    return lower(first, conflicting, device=SMALL)


@pytest.fixture(scope="module")
def text(lowered, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "step.html"
    lowered.save_report(path)
    return path.read_text()


def test_it_needs_nothing_else(text):
    page = Page(text)
    assert "http" not in text
    assert "url(" not in text
    assert "@import" not in text
    assert not {"link", "img", "iframe", "object"} & set(page.tags)
    assert not {"src", "href"} & {name for name, _ in page.attributes}
    assert page.tags.count("script") == 1
    assert ("name", "viewport") in page.attributes


def test_it_holds_all_that_there_is_to_know(lowered, text):
    page = Page(text)
    estimate = lowered.estimate()
    assert f"{estimate.peak_bytes / 2**20:.1f} MB" in page.text
    missing = f"{estimate.missing_bytes / 2**20:.1f} MB are missing"
    assert missing in page.text
    report = lowered.reports[-1]
    assert report.conflicts
    assert report.stops
    for one in (*report.conflicts, *report.stops[:1]):
        assert one.message.splitlines()[0] in page.text
    assert report.collectives.each
    for one in report.collectives.each:
        assert short(one.loc) in page.text
        assert short(one.cause) in page.text
    for one in estimate.largest:
        assert short(one.loc) in page.text
    for report in lowered.reports:
        assert f"{report.name} (axis {report.axis})" in page.text


def test_names_are_escaped(text):
    page = Page(text)
    assert ODD not in text
    assert ODD in page.text


def test_the_charts_are_drawn(lowered, text):
    page = Page(text)
    links = [link for link, seconds in lowered.estimate().by_link.items() if seconds]
    # One for kernels, one for each link, one for memory.
    assert page.tags.count("svg") == len(links) + 2
    kinds = {event.kind for event in lowered.estimate().events}
    assert len(kinds) > 1
    classes = [value for name, value in page.attributes if name == "class"]
    for kind in kinds:
        assert classes.count(kind) > 1


def test_another_device_may_be_named(lowered, tmp_path):
    path = tmp_path / "step.html"
    lowered.save_report(path, device="h100")
    page = Page(path.read_text())
    assert "An estimated step on h100" in page.text
    assert "are missing" not in page.text.partition("Time and memory")[0]


def test_no_known_device_is_an_error(tmp_path):
    with pytest.raises(partir.PartirError, match="name one of a100"):
        lower(device=None).save_report(tmp_path / "step.html")
    with pytest.raises(partir.PartirError, match="or one of a100"):
        lower(device=None).save_report(tmp_path / "step.html", device="abacus")


def test_no_tactics_and_nothing_that_runs(tmp_path):
    step = partir.jit(lambda x: x, mesh=MESH, schedule=[], device="h100")
    lowered = step.lower(jax.ShapeDtypeStruct((8,), np.float32))
    lowered.save_report(tmp_path / "step.html")
    page = Page((tmp_path / "step.html").read_text())
    assert "Nothing runs." in page.text
    assert "the schedule is empty" in page.text


def test_what_runs_may_take_no_time(tmp_path):
    device = {**json.loads(devices()["h100"]), "overhead": 0}
    step = partir.jit(jax.numpy.tanh, mesh=MESH, schedule=[], device=device)
    lowered = step.lower(jax.ShapeDtypeStruct((0, 4), np.float32))
    assert lowered.estimate().events
    lowered.save_report(tmp_path / "step.html")
    page = Page((tmp_path / "step.html").read_text())
    assert "Nothing that runs takes time." in page.text


def test_a_long_step_stays_small(lowered):
    rng = random.Random(0)
    estimate = lowered.estimate("tpu_v5e")
    kinds = [("matrix", ""), ("elements", ""), ("all_gather", "ICI")]
    events, by_link, now = [], dict.fromkeys(("ICI", "DCN"), 0.0), 0.0
    for number in range(20_000):
        kind, link = rng.choice(kinds)
        events.append(
            partir.Event(
                kind=kind,
                link=link,
                op="stablehlo.dot_general",
                loc=f"some/long/folder/of/a/{ODD}/layers_{number}.py:{number}:10",
                start_s=now,
                seconds=rng.expovariate(1000),
                count=1,
                temporary_bytes=rng.randrange(2**33),
            )
        )
        now += events[-1].seconds
        if link:
            by_link[link] += events[-1].seconds
    long = dataclasses.replace(
        estimate,
        events=tuple(events),
        step_s=now,
        by_link=by_link,
        temporary_bytes=max(event.temporary_bytes for event in events),
    )
    each = lowered.reports[-1].collectives.each * 5000
    report = dataclasses.replace(
        lowered.reports[-1], collectives=type(lowered.reports[-1].collectives)(each)
    )
    text = _page.page("long", {"B": 4}, [report], long)
    assert len(text) < 3_000_000
    assert ODD not in text
    page = Page(text)
    # What is short is drawn with its neighbours, and none is left out.
    assert page.tags.count("rect") < 5000
    assert "events," in page.text
    assert f"each of the {len(each)} collectives" in page.text
    assert f"and {len(each) - 1000} more, which send" in page.text
