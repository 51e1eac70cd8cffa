# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each suggestion that a conflict comes with is followed, and settles it."""

import collections
import functools
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import AbstractMesh

import partir
from benchmarks.models import gpt_schedules

MESH = AbstractMesh((4, 2), ("B", "M"))


def tile(inputs, axis="B", name=None):
    return partir.ManualPartition(inputs=inputs, axis=axis, name=name)


# ---- Programs with conflicts. `name` stands where a user could put a tag.


def chain(x, w1, w2, name):
    return name("dot_general", x @ w1) @ w2


def square(x, name):
    return name("dot_general", x @ x.T)


def tagged_square(x, name):
    return jnp.cos(partir.tag(x @ x.T, "square"))


def contraction(x, name):
    return name("dot_general", name("tanh", jnp.tanh(x)) @ jnp.sin(x))


def two_uses(x, w, y, name):
    h = name("dot_general", x @ w)
    return h * y, h * y.T


def tagged_operand(x, w, y, name):
    h = x @ partir.tag(w * 2, "w2")
    return h * y, h * y.T


def scanned(x, ws, name):
    def layer(h, w):
        return name("dot_general", h @ w), None

    return jax.lax.scan(layer, x, ws)[0]


SQUARE = ((8, 8),)
CHAIN = ((256, 8), (8, 16), (16, 8))
BP = tile({"x": 0}, name="BP")
MP = tile({"w1": 1}, "M", name="MP")
Z3 = tile({"w1": 0, "w2": 1}, name="Z3")

#: Function, shapes, schedule, and the kinds of suggestions for the first conflict. In
#: a chain, w1 first would have x sliced on dim 1, which its action contradicts.
CASES = {
    "merged": (chain, CHAIN, [partir.Merged([BP, Z3], "all")], ["order"]),
    "merged of three": (
        chain,
        CHAIN,
        [partir.Merged([MP, BP, Z3], "all")],
        ["order"],
    ),
    "merged without names": (
        chain,
        CHAIN,
        [partir.Merged([tile({"x": 0}), tile({"w1": 0, "w2": 1})])],
        ["order"],
    ),
    "one tactic": (
        chain,
        CHAIN,
        [tile({"x": 0, "w1": 1, "w2": 1}, name="T")],
        ["order"],
    ),
    "one part of a merged one": (
        chain,
        CHAIN,
        [partir.Merged([MP, tile({"x": 0, "w1": 1, "w2": 1})], "all")],
        ["order"],
    ),
    "after another tactic": (
        chain,
        CHAIN,
        [MP, tile({"x": 0, "w1": 0}, name="T"), tile({"w2": 1}, name="last")],
        ["order"],
    ),
    "two ways of one action": (square, SQUARE, [tile({"x": 0})], ["tile", "tile"]),
    "a value that has a tag": (
        tagged_square,
        SQUARE,
        [tile({"x": 0})],
        ["tile", "tile"],
    ),
    "a contraction": (contraction, SQUARE, [tile({"x": 1})], ["tile", "tile"]),
    "two uses of a product of inputs": (
        two_uses,
        SQUARE * 3,
        [tile({"y": 0})],
        ["replicated", "replicated"],
    ),
    "two uses of a product with a tag": (
        tagged_operand,
        SQUARE * 3,
        [tile({"y": 0})],
        ["replicated", "replicated"],
    ),
    "in a loop": (
        scanned,
        ((8, 8), (3, 8, 8)),
        [tile({"x": 0, "ws": 1}, name="T")],
        ["order"],
    ),
}


def lower(function, shapes, schedule, tags=None):
    """With the values that ``tags`` has by their op tagged."""
    tags = tags or {}

    def name(op, value):
        return partir.tag(value, tags[op]) if op in tags else value

    fun = functools.partial(function, name=name)
    arguments = [jax.ShapeDtypeStruct(s, np.float32) for s in shapes]
    return partir.jit(fun, mesh=MESH, schedule=schedule).lower(*arguments)


def replaced(schedule, names, suggestion):
    """The schedule that a suggestion describes."""
    at = names.index(suggestion.tactic)
    return [*schedule[:at], *suggestion.tactics, *schedule[at + 1 :]]


def conflict_key(conflict):
    """What tells a conflict from others: its place, its ways and their actions."""
    ways = [(way.factor, way.chain[-1].split(" (")[0]) for way in conflict.candidates]
    return conflict.op, conflict.loc.split(":")[1], conflict.axis, *sorted(ways)


def conflicts_of(lowered):
    keys = {}
    for number, report in enumerate(lowered.reports):
        for place, conflict in enumerate(report.conflicts):
            keys[number, place] = conflict_key(conflict)
    return collections.Counter(keys.values())


@pytest.mark.parametrize("case", CASES)
def test_a_suggestion_settles_its_conflict(case):
    function, shapes, schedule, kinds = CASES[case]
    lowered = lower(function, shapes, schedule)
    names = [report.name for report in lowered.reports]
    conflicts = [c for report in lowered.reports for c in report.conflicts]
    first = conflicts[0]
    assert [s.kind for s in first.suggestions] == kinds
    ways = [candidate.factor for candidate in first.candidates]
    assert {suggestion.factor for suggestion in first.suggestions} <= set(ways)
    for suggestion in first.suggestions:
        tags = {}
        if suggestion.tag:
            (op,) = re.findall(r"'stablehlo\.(\w+)'", suggestion.value)
            tags[op] = suggestion.tag
        changed = replaced(schedule, names, suggestion)
        after = lower(function, shapes, changed, tags)
        assert conflict_key(first) not in conflicts_of(after), suggestion.code


def test_a_suggestion_says_what_the_op_takes():
    (report,) = lower(square, SQUARE, [tile({"x": 0}, name="T")]).reports
    (conflict,) = report.conflicts
    for suggestion, dim in zip(conflict.suggestions, (0, 1), strict=True):
        assert suggestion.factor == f"result dim {dim}"
        changed = replaced([tile({"x": 0}, name="T")], ["T"], suggestion)
        after = lower(square, SQUARE, changed, {"dot_general": suggestion.tag})
        (product,) = after.explain("result").values
        assert [(axis.axis, axis.dim) for axis in product.axes] == [("B", dim)]


def test_suggestions_as_code():
    def code(case):
        function, shapes, schedule, _ = CASES[case]
        conflicts = lower(function, shapes, schedule).reports[-1].conflicts
        return [suggestion.code for suggestion in conflicts[0].suggestions]

    assert code("merged of three") == [
        ('[BP, partir.Merged([MP, Z3], name="all")]  # in place of "all"',),
    ]
    assert code("merged without names")[0] == (
        '[<part 0 of 0:B>, <part 1 of 0:B>]  # in place of "0:B"',
    )
    assert code("one tactic")[0] == (
        'partir.ManualPartition(inputs={"x": 0}, axis="B")  # before "T"',
        '"x": partir.UNKNOWN  # in the inputs of "T"',
    )
    assert code("two uses of a product of inputs")[0] == (
        'partir.ManualPartition(inputs={"w": partir.REPLICATED}, axis="B")'
        '  # before "0:B"',
    )
    assert code("a value that has a tag")[0] == (
        'partir.ManualPartition(inputs={"square": 0}, axis="B")  # before "0:B"',
    )
    tag, tactic = code("two ways of one action")[0]
    name = re.findall(r'"(dot_general_\d+)"', tag)[0]
    assert tag.startswith(f'y = partir.tag(y, "{name}")  # y: the result of ')
    assert tactic == (
        f'partir.ManualPartition(inputs={{"{name}": 0}}, axis="B")  # before "0:B"'
    )


@pytest.mark.parametrize("schedule", ["merged", "Z3"])
@pytest.mark.parametrize("scan", [False, True], ids=["unrolled", "scanned"])
def test_suggestions_of_a_model(schedule, scan):
    model = gpt_schedules.model(
        gpt_schedules.dataclasses.replace(gpt_schedules.SMALL, scan_layers=scan)
    )
    tactics = {
        "merged": [partir.Merged(model.schedule("BP+MP+Z3"), name="all")],
        "Z3": [model.tactics["Z3"]],
    }[schedule]

    def lowered(tactics):
        step = partir.jit(model.function, mesh=model.abstract_mesh(), schedule=tactics)
        return step.lower(*model.arguments)

    before = lowered(tactics)
    (report,) = before.reports
    assert report.conflicts
    names = [report.name]
    followed = {}
    for conflict in report.conflicts:
        assert conflict.suggestions
        for suggestion in conflict.suggestions:
            # No tag can be put into a backward pass.
            assert not suggestion.tag
            if suggestion.code not in followed:
                changed = lowered(replaced(tactics, names, suggestion))
                followed[suggestion.code] = conflicts_of(changed)
            key = conflict_key(conflict)
            assert followed[suggestion.code][key] < conflicts_of(before)[key]
    assert len(followed) > 2


def test_only_values_of_the_user_are_to_be_tagged():
    """Not what JAX makes of one expression: here the exponential of a softmax."""

    def f(x, name):
        return jax.nn.softmax(x @ x.T) * 2

    (report,) = lower(f, SQUARE, [tile({"x": 0})]).reports
    values = {s.value for c in report.conflicts for s in c.suggestions}
    assert len(values) == 1
    assert "'stablehlo.dot_general'" in values.pop()


def test_a_later_report_keeps_the_suggestions():
    later = tile({"w2": 1}, name="later")
    schedule = [tile({"x": 0, "w1": 0}, name="T"), later]
    first, second = (r.conflicts for r in lower(chain, CHAIN, schedule).reports)
    assert first[0].suggestions
    assert [str(s) for s in second[0].suggestions] == [
        str(s) for s in first[0].suggestions
    ]
    assert {s.tactic for s in second[0].suggestions} == {"T"}


def test_a_conflict_without_a_suggestion_says_so():
    def f(x, name):
        return jax.grad(lambda x: jnp.sum(jnp.sin(x @ x.T)))(x)

    report = lower(f, SQUARE, [tile({"x": 0})]).reports[0]
    forward, backward = report.conflicts
    assert [s.kind for s in forward.suggestions] == ["tile", "tile"]
    # It multiplies a cosine by a cotangent, and the user has neither.
    assert backward.op == "stablehlo.multiply"
    assert not backward.suggestions
    assert "no change of one tactic was found that settles it" in str(report)


def test_the_report_prints_suggestions():
    (report,) = lower(*CASES["merged of three"][:3]).reports
    text = str(report)
    assert (
        'result dim 0 is taken if "BP" becomes a tactic of its own, before the rest of '
        '"all":' in text
    )
    assert '[BP, partir.Merged([MP, Z3], name="all")]' in text
