# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tables and notes, and their three forms: plain text, a terminal, a notebook.

What is shown is put together once, as blocks; nothing here knows a report.
"""

import abc
import dataclasses
import html
from collections.abc import Iterable, Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

_INDENT = "  "

#: What is wider than the page scrolls by itself.
_SCROLLS = 'style="overflow-x: auto"'


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
      name: its header; may be empty.
      is_number: whether its cells are numbers, which end at the right.
      is_long: whether its cells may be broken where a terminal is narrow.
      width: the least width in plain text, so that tables below each other agree.
    """

    name: str = ""
    is_number: bool = False
    is_long: bool = False
    width: int = 0


@dataclasses.dataclass(frozen=True)
class Heading:
    """What the blocks up to the next heading are about."""

    text: str


@dataclasses.dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes:
      title: what is above it; may be empty.
      columns: its columns.
      rows: of each row a cell for each column.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclasses.dataclass(frozen=True)
class Notes:
    """Lines of text.

    Attributes:
      title: what is above them; may be empty.
      lines: the lines; leading spaces are kept.
      style: the colour of the title in a terminal, as rich names it.
    """

    title: str
    lines: tuple[str, ...]
    style: str = ""


Block = Heading | Table | Notes


def as_text(blocks: Iterable[Block]) -> str:
    """The blocks as plain text, columns lined up."""
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Heading):
            # One blank line between what has a heading, none before the first.
            lines += ["", block.text] if lines else [block.text]
            continue
        rows = block.lines if isinstance(block, Notes) else _lined_up(block)
        if block.title:
            lines.append(_INDENT + block.title)
        indent = (2 if block.title else 1) * _INDENT
        lines += [(indent + row).rstrip() for row in rows]
    return "\n".join(lines)


def _lined_up(table: Table) -> Iterator[str]:
    """The rows of a table, its header first."""
    rows = list(table.rows)
    header = tuple(column.name for column in table.columns)
    if any(header):
        rows.insert(0, header)
    widths = [
        max([column.width, *(len(row[i]) for row in rows)])
        for i, column in enumerate(table.columns)
    ]
    for row in rows:
        yield " ".join(
            cell.rjust(width) if column.is_number else cell.ljust(width)
            for cell, width, column in zip(row, widths, table.columns, strict=True)
        )


def as_rich(blocks: Iterable[Block]) -> RenderableType:
    """The blocks for a terminal, as wide as it is."""
    return Group(*map(_rich_block, blocks))


def _rich_block(block: Block) -> RenderableType:
    # Text, not strings: in those rich would read "[...]" as markup.
    if isinstance(block, Heading):
        return Text(block.text, style="bold")
    if isinstance(block, Notes):
        text = Text("\n").join(map(Text, block.lines))
        if not block.title:
            return Padding(text, (0, 0, 1, 2))
        title = Text(block.title, style=f"bold {block.style}")
        return Padding(Group(title, Padding(text, (0, 0, 0, 2))), (0, 0, 1, 2))
    table = RichTable(
        title=Text(block.title, style="italic") if block.title else None,
        title_justify="left",
        box=SIMPLE_HEAD,
        show_header=any(column.name for column in block.columns),
    )
    for column in block.columns:
        table.add_column(
            Text(column.name),
            justify="right" if column.is_number else "left",
            no_wrap=not column.is_long,
            overflow="fold",
        )
    for row in block.rows:
        table.add_row(*map(Text, row))
    return table


def as_html(blocks: Iterable[Block]) -> str:
    """The blocks as HTML that needs nothing else: no script, no style sheet."""
    return f"<div>{''.join(map(_html_block, blocks))}</div>"


def _html_block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h4>{html.escape(block.text)}</h4>"
    if isinstance(block, Notes):
        lines = "\n".join(block.lines)
        title = f"<b>{html.escape(block.title)}</b>\n" if block.title else ""
        return f"<pre {_SCROLLS}>{title}{html.escape(lines)}</pre>"
    parts = [f"<div {_SCROLLS}><table>"]
    if block.title:
        parts.append(
            '<caption style="caption-side: top; text-align: left">'
            f"{html.escape(block.title)}</caption>"
        )
    if any(column.name for column in block.columns):
        header = [column.name for column in block.columns]
        parts.append(f"<thead>{_html_row('th', header, block.columns)}</thead>")
    rows = (_html_row("td", row, block.columns) for row in block.rows)
    return "".join([*parts, "<tbody>", *rows, "</tbody></table></div>"])


def _html_row(tag: str, cells: Sequence[str], columns: Sequence[Column]) -> str:
    def cell(text: str, column: Column) -> str:
        side = "right" if column.is_number else "left"
        return f'<{tag} style="text-align: {side}">{html.escape(text)}</{tag}>'

    return f"<tr>{''.join(map(cell, cells, columns))}</tr>"


class Shown(abc.ABC):
    """What can be shown: in a terminal, in a pipe, as the value of a notebook's cell.

    A subclass says what there is to show in ``_blocks``.
    """

    @abc.abstractmethod
    def _blocks(self) -> list[Block]:
        """What there is to show."""

    def show(self) -> None:
        """Prints all of it: with rich in a terminal, as plain text elsewhere.

        The terminal's width and the variables that rich knows (``NO_COLOR``,
        ``FORCE_COLOR``, ``COLUMNS``) are respected.
        """
        console = Console()
        if console.is_terminal:
            console.print(as_rich(self._blocks()))
        else:
            print(as_text(self._blocks()))

    def _repr_html_(self) -> str:
        return as_html(self._blocks())
