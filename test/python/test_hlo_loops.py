# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The trip counts that ``benchmarks/hlo_loops.py`` finds in HLO."""

import pytest

from benchmarks import hlo
from benchmarks.hlo_loops import Loops

#: A loop as a TPU's program has it: the step comes from the loop's state.
LOOP = """HloModule m

%body (p: (f32[8], s32[], s32[])) -> (f32[8], s32[], s32[]) {
  %p = (f32[8]{0:T(128)}, s32[]{:T(128)}, s32[]{:T(128)}) parameter(0)
  %x = f32[8]{0:T(128)} get-tuple-element(%p), index=0
  %i = s32[]{:T(128)} get-tuple-element(%p), index=1
  %k = s32[]{:T(128)} get-tuple-element(%p), index=2
  %one = s32[]{:T(128)} constant(STEP)
  %next = s32[]{:T(128)} add(%i, %one), metadata={op_name="while/body/add"}
  ROOT %t = (f32[8]{0}, s32[], s32[]) tuple(%x, %next, /*index=2*/%k)
  %unused = s32[] add(%i, %i)
}

%condition (q: (f32[8], s32[], s32[])) -> pred[] {
  %q = (f32[8]{0:T(128)}, s32[]{:T(128)}, s32[]{:T(128)}) parameter(0)
  %j = s32[]{:T(128)} get-tuple-element(%q), index=1
  %limit = s32[]{:T(128)} constant(LIMIT)
  ROOT %less = pred[]{:T(512)} compare(%j, %limit), direction=LT
}

ENTRY %main (a: f32[8]) -> f32[8] {
  %a = f32[8]{0:T(128)} parameter(0)
  %zero = s32[]{:T(128)} constant(FIRST)
  %copy = s32[]{:T(128)} copy(%zero)
  %two = s32[]{:T(128)} constant(2)
  %s = (f32[8]{0}, s32[], s32[]) tuple(%a, %copy, %two)
  %w = (f32[8]{0}, s32[], s32[]) while(%s), condition=%condition, body=%body
  ROOT %y = f32[8]{0:T(128)} get-tuple-element(%w), index=0
}
"""


def changed(text, changes):
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


def trips(changes=(), first=0, step=1, limit=7, computation="main", name="w"):
    text = changed(LOOP, dict(changes))
    numbers = {"FIRST": first, "STEP": step, "LIMIT": limit}
    for word, number in numbers.items():
        text = text.replace(word, str(number))
    program = hlo.parse(text)
    inside = program.computations[computation]
    return Loops(program).trips(inside, inside.instructions[name])


def test_what_the_back_end_wrote_down_counts():
    known = 'body=%body, backend_config={"known_trip_count":{"n":"12"}}'
    assert trips({"body=%body": known}) == 12


@pytest.mark.parametrize(
    ("direction", "first", "step", "limit", "count"),
    [
        ("LT", 0, 1, 7, 7),
        ("LT", 2, 1, 9, 7),
        ("LT", 0, 2, 7, 4),
        ("LT", -3, 1, 0, 3),
        ("LT", 7, 0, 7, 0),
        ("LT", 9, 1, 7, 0),
        ("LE", 0, 1, 7, 8),
        ("LE", 0, 2, 7, 4),
        ("LE", 7, 1, 7, 1),
        ("GT", 7, -1, 0, 7),
        ("GT", 0, -1, 7, 0),
        ("GE", 7, -2, 1, 4),
        ("NE", 0, 2, 8, 4),
        ("NE", 8, -2, 0, 4),
        ("NE", 3, 1, 3, 0),
    ],
)
def test_counting(direction, first, step, limit, count):
    changes = {"direction=LT": f"direction={direction}"}
    assert trips(changes, first, step, limit) == count


@pytest.mark.parametrize(
    ("direction", "first", "step", "limit"),
    [
        ("LT", 0, 0, 7),
        ("LT", 0, -1, 7),
        ("LE", 7, 0, 7),
        ("GT", 7, 1, 0),
        ("NE", 0, 2, 7),
        ("NE", 8, 2, 0),
        ("NE", 0, -2, 8),
        ("NE", 0, 0, 8),
        ("EQ", 0, 1, 0),
    ],
)
def test_loops_that_do_not_end_by_counting(direction, first, step, limit):
    with pytest.raises(ValueError, match="a loop whose trip count is not known"):
        trips({"direction=LT": f"direction={direction}"}, first, step, limit)


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"compare(%j, %limit), direction=LT": "compare(%limit, %j), direction=GE"}, 8),
        ({"add(%i, %one)": "add(%one, %i)"}, 7),
        ({"add(%i, %one)": "subtract(%i, %one)", "direction=LT": "direction=GT"}, 0),
        # The limit, and the step, are in the loop's state, which leaves them alone.
        ({"constant(LIMIT)": "get-tuple-element(%q), index=2"}, 2),
        ({"add(%i, %one)": "add(%i, %k)"}, 4),
        # What is left and what was done both change: 7 - n > n.
        (
            {
                "ROOT %less": "%left = s32[] subtract(%limit, %j)\n  ROOT %less",
                "compare(%j, %limit)": "compare(%j, %left)",
            },
            4,
        ),
        # What it starts from comes out of a tuple in a tuple.
        (
            {
                "%copy = s32[]{:T(128)} copy(%zero)": """%in = (f32[8], s32[]) \
tuple(%a, %zero)
  %nest = ((f32[8]{0}, s32[])) tuple(%in)
  %out = (f32[8]{0}, s32[]) get-tuple-element(%nest), index=0
  %copy = s32[] get-tuple-element(%out), index=1""",
            },
            7,
        ),
    ],
)
def test_forms_of_the_condition_and_the_body(changes, count):
    assert trips(changes) == count


#: The same in fusions: what the condition compares, and what the body adds.
FUSED = {
    "ROOT %less = pred[]{:T(512)} compare(%j, %limit), direction=LT": (
        "ROOT %less = pred[] fusion(%limit, %j), kind=kLoop, calls=%more"
    ),
    "%next = s32[]{:T(128)} add(%i, %one)": (
        "%next = s32[] fusion(%i), kind=kLoop, calls=%plus"
    ),
    "ENTRY": """%more (b: s32[], c: s32[]) -> pred[] {
  %b = s32[] parameter(0)
  %c = s32[] parameter(1)
  ROOT %m = pred[] compare(%b, %c), direction=GT
}

%plus (d: s32[]) -> s32[] {
  %d = s32[] parameter(0)
  %e = s32[] constant(3)
  ROOT %f = s32[] add(%d, %e)
}

ENTRY""",
}


def test_fusions_are_looked_into():
    assert trips(FUSED) == 3


#: The loop is in another, which hands it what it starts from.
NESTED = {
    "ENTRY": """%outer (o: (f32[8], s32[], s32[])) -> (f32[8], s32[], s32[]) {
  %o = (f32[8]{0}, s32[], s32[]) parameter(0)
  %h = f32[8]{0} get-tuple-element(%o), index=0
  %m = s32[] get-tuple-element(%o), index=1
  %n = s32[] get-tuple-element(%o), index=2
  %u = (f32[8]{0}, s32[], s32[]) tuple(%h, %n, %m)
  %v = (f32[8]{0}, s32[], s32[]) while(%u), condition=%condition, body=%body
  %l = s32[] add(%m, %n)
  ROOT %z = (f32[8]{0}, s32[], s32[]) tuple(%h, %l, %n)
}

ENTRY""",
    "while(%s), condition=%condition, body=%body": (
        "while(%s), condition=%condition, body=%outer"
    ),
}


def test_loops_in_loops():
    # The inner one counts from 2, the outer one by what is constantly 2 in its state.
    assert trips(NESTED, computation="outer", name="v") == 5
    assert trips(NESTED) == 4
    changes = NESTED | {"tuple(%h, %n, %m)": "tuple(%h, %m, %n)"}
    with pytest.raises(ValueError, match="it depends on the run of %w"):
        trips(changes, computation="outer", name="v")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"constant(FIRST)": "custom-call(%a)"}, "%zero is not followed: custom-call"),
        ({"constant(FIRST)": "parameter(1)"}, "a parameter of %main is not known"),
        ({"constant(LIMIT)": "constant(4294967295)"}, "%limit is not followed"),
        ({"compare(%j, %limit), direction=LT": "and(%j, %j)"}, "is not a comparison"),
        ({"add(%i, %one)": "multiply(%i, %one)"}, "%next is not followed: multiply"),
        (
            {"add(%i, %one)": "add(%i, %k)", "index=2*/%k": "index=2*/%next"},
            "what %w adds in a run is not constant",
        ),
    ],
)
def test_what_is_not_understood_is_refused(changes, why):
    with pytest.raises(ValueError, match=f"trip count is not known: .*{why}"):
        trips(changes)
