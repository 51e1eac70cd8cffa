# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The laws of the paper's models at few layers, and the table's judgement of rows.

The rows at full size are ``benchmarks/paper_table.py``'s.
"""

import dataclasses

import pytest

from benchmarks import paper_table
from benchmarks.models import MODELS, decode_schedules
from benchmarks.paper_table import FAMILIES, KINDS, PAPER, SAME_LAYOUT, Row


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("family", FAMILIES)
def test_laws_hold(family, layers):
    model = FAMILIES[family](layers)
    assert set(model.laws) == set(model.schedules)
    for row in paper_table.rows(model):
        assert row.verdict == "ok", str(row)


@pytest.mark.parametrize(("layers", "steps"), [(1, 2), (2, 3), (1, 8)])
def test_law_of_inference(layers, steps):
    config = dataclasses.replace(decode_schedules.SMALL, layers=layers, steps=steps)
    (row,) = (
        row
        for row in paper_table.rows(decode_schedules.model(config))
        if row.schedule == "BP+MP+MQ"
    )
    assert row.counts == {
        "all_gather": 2 * layers,
        "all_reduce": 2 * layers * steps,
        "all_to_all": 2 * layers * (steps - 1),
    }


@pytest.mark.parametrize("name", SAME_LAYOUT)
def test_laws_at_full_size_give_the_papers_table(name):
    laws = MODELS[name]("full").laws
    for schedule, paper in PAPER[name].items():
        assert tuple(laws[schedule].get(kind, 0) for kind in KINDS) == paper
        assert set(laws[schedule]) <= set(KINDS)


def test_verdict():
    right, other = {"all_reduce": 1}, {"all_gather": 1}
    ours, theirs = SAME_LAYOUT[0], "elsewhere"
    for model, law, paper, verdict in [
        (ours, right, right, "ok"),
        (ours, right, None, "ok"),
        (ours, None, right, "ok"),
        (ours, other, right, "WRONG"),
        (ours, right, other, "WRONG"),
        (ours, {}, None, "WRONG"),
        (theirs, right, other, "ok"),
        (theirs, None, other, "-"),
    ]:
        assert Row(model, "BP", right, law, paper).verdict == verdict
