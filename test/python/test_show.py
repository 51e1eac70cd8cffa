# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How reports look: as text, in a terminal, in a notebook."""

import functools
import html.parser
import io

import jax
import numpy as np
import pytest
from jax.sharding import AbstractMesh
from rich.console import Console

import partir
from partir import _show

MESH = AbstractMesh((4, 2), ("B", "M"))
BP = partir.ManualPartition(inputs={"x": 0}, axis="B", name="BP")
#: What a name may hold, and neither a terminal nor a page may read as its own.
ODD = '[red]<b>&"quoted"</b>'
MP = partir.ManualPartition(inputs={f"w.{ODD}": 0}, axis="M", name="MP")


def product(x, w):
    return partir.tag(x @ w[ODD], ODD) @ w[ODD]


def lower(*schedule, **options):
    x = jax.ShapeDtypeStruct((4096, 512), np.float32)
    w = {ODD: jax.ShapeDtypeStruct((512, 512), np.float32)}
    return partir.jit(product, mesh=MESH, schedule=schedule, **options).lower(x, w)


@pytest.fixture(scope="module")
def lowered():
    return lower(BP, MP)


@pytest.fixture(scope="module")
def conflicting():
    """The report of a conflict, with suggestions, and stops."""
    return lower(partir.ManualPartition({"x": 0, "w": 1}, "B", name="T")).reports[0]


@pytest.fixture
def terminal(monkeypatch):
    """Shows something in a terminal that is so wide; returns what it prints."""
    for variable in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    def show(item, width):
        screen = io.StringIO()
        console = functools.partial(
            Console, file=screen, force_terminal=True, width=width
        )
        monkeypatch.setattr(_show, "Console", console)
        item.show()
        return screen.getvalue()

    return show


#: None of them runs anything or fetches anything.
PLAIN_TAGS = {"div", "h4", "table", "caption", "thead", "tbody", "tr", "th", "td"}
PLAIN_TAGS |= {"pre", "b"}


class Page(html.parser.HTMLParser):
    """Checks that each tag is closed; collects tags, attributes and text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.cells, self.text = (
            [],
            [],
            [],
            [],
            "",
        )
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.append(tag)
        self.attributes += attrs
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if self.open[-1] in ("td", "th"):
            self.cells[-1] += data


def shown_objects(lowered, conflicting):
    return [
        lowered,
        lowered.reports[-1],
        lowered.reports[-1].collectives,
        lowered.explain("x"),
        lowered.explain(ODD),
        lowered.explain("result"),
        conflicting,
    ]


def test_a_report_is_a_short_table(lowered):
    lines = str(lowered.reports[1]).splitlines()
    assert lines[0].startswith("MP  (axis M, ")
    assert lines[1:] == [
        "                        count    MB sent",
        '  applied                   1            w.[red]<b>&"quoted"</b>[0]',
        "  inferred                  1            x[1]",
        "  all_reduce                1       2.00",
        "  reduce_scatter            1       1.00",
        "  conflicts                 0",
        "  stops                     0       0.00",
    ]


def test_like_conflicts_are_printed_once():
    def products(xs, w):
        return [x @ w for x in xs]

    tactic = partir.ManualPartition({"xs": 0, "w": 1}, "B", name="T")
    array = jax.ShapeDtypeStruct((8, 8), np.float32)
    step = partir.jit(products, mesh=MESH, schedule=[tactic])
    (report,) = step.lower([array] * 3, array).reports
    assert len(report.conflicts) == 3
    text = str(report)
    assert text.count("could be tiled by axis") == 1
    assert "and 2 more of this kind at this line" in text


def test_collectives_by_tactic_say_what_each_added(capsys):
    lower(MP, BP).show()
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines()]
    assert ["after", "all_reduce", "reduce_scatter", "MB", "sent"] in rows
    # A quarter of the rows is a quarter of the bytes.
    assert ["MP", "1", "(+1)", "1", "(+1)", "12.00", "(+12.00)"] in rows
    assert ["BP", "1", "1", "3.00", "(-9.00)"] in rows


def test_the_step_is_estimated_after_each_tactic(capsys):
    lowered = lower(MP, BP, device="tpu_v5e")
    lowered.show()
    out = capsys.readouterr().out
    assert "estimated step on tpu_v5e after each tactic" in out
    for report in lowered.reports:
        figures = report.estimate.step_s * 1e3, report.estimate.peak_bytes / 2**20
        row = [report.name, f"{figures[0]:.2f}", f"{figures[1]:.1f}", "0", "%"]
        assert row in [line.split() for line in out.splitlines()]


def test_an_empty_schedule_shows(capsys):
    lower().show()
    assert capsys.readouterr().out == "  the schedule is empty\n"


def test_in_a_pipe_it_is_plain_text(lowered, conflicting, capsys):
    for item in shown_objects(lowered, conflicting):
        item.show()
        out = capsys.readouterr().out
        assert out == _show.as_text(item._blocks()) + "\n"
        assert "\x1b" not in out
    explained = lowered.explain("x")
    explained.show()
    assert capsys.readouterr().out == f"{explained}\n"


def test_a_report_shows_more_than_it_prints(lowered, capsys):
    report = lowered.reports[1]
    report.show()
    out = capsys.readouterr().out
    assert "collectives by line" in out
    assert "collectives by line" not in str(report)
    assert set(str(report).splitlines()) <= set(out.splitlines())


def test_what_was_left_alone_is_shown_with_its_reason(capsys):
    first = partir.FIRST_DIVISIBLE_DIM
    zero = partir.ManualPartition({"state": first}, "B", name="Z")
    state = {name: jax.ShapeDtypeStruct((), np.float32) for name in "abcde"}
    step = partir.jit(lambda state: state, mesh=MESH, schedule=[zero])
    step.lower(state).reports[0].show()
    out = capsys.readouterr().out
    assert "    state.a, state.b, state.c, and 2 more: a scalar" in out
    assert out.count("no collectives") == 1


def test_in_a_terminal_there_is_style(conflicting, terminal):
    out = terminal(conflicting, 100)
    # Of the word "conflict": bold and red.
    assert "\x1b[1;31mconflict" in out
    assert "─" in out
    assert max(map(len, _unstyled(out).splitlines())) <= 100


def test_no_color_is_respected(conflicting, terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    out = terminal(conflicting, 100)
    assert "31m" not in out
    assert "\x1b[1mconflict" in out


def test_html_stands_alone(lowered, conflicting):
    for item in shown_objects(lowered, conflicting):
        page = Page(item._repr_html_())
        assert set(page.tags) <= PLAIN_TAGS
        assert {name for name, _ in page.attributes} <= {"style"}


def test_html_escapes_names(lowered):
    page = Page(lowered.explain(ODD)._repr_html_())
    assert ODD in page.text
    assert any(ODD in cell for cell in page.cells)


def test_all_forms_show_the_same(lowered, conflicting, terminal):
    for item in shown_objects(lowered, conflicting):
        text = _show.as_text(item._blocks())
        page = Page(item._repr_html_())
        # Wide enough that no cell is broken.
        screen = _unstyled(terminal(item, 400))
        for shown in _strings(item._blocks()):
            assert shown in text
            assert shown in page.text
            assert shown in screen


def _strings(blocks):
    """All that blocks show."""
    for block in blocks:
        if isinstance(block, _show.Heading):
            yield block.text
            continue
        yield block.title
        if isinstance(block, _show.Notes):
            yield from block.lines
        else:
            yield from (column.name for column in block.columns)
            yield from (cell for row in block.rows for cell in row)


def _unstyled(text):
    """Without the escapes of a terminal."""
    return "".join(part.partition("m")[2] or "" for part in ("m" + text).split("\x1b["))
