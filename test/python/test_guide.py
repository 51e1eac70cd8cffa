# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The guide: its code runs, and prints what it says."""

import contextlib
import io
import re
from pathlib import Path

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide.md"
BLOCK = re.compile(r"^```(python|text)\n(.*?)^```", re.DOTALL | re.MULTILINE)
#: What differs from run to run.
TIME = re.compile(r"[\d.]+ ms")


def run(code, line, names):
    """What the code prints, which begins at a line of the guide."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile("\n" * (line - 1) + code, "guide.md", "exec"), names)
    return out.getvalue()


def printed_and_said(text):
    """Of each block that prints: its line, what it prints, what stands below it."""
    names = {"__name__": "guide"}
    blocks = list(BLOCK.finditer(text))
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        if block[1] == "text":
            continue
        line = text.count("\n", 0, block.start(2)) + 1
        printed = run(block[2], line, names)
        said = following[2] if following and following[1] == "text" else ""
        yield line, TIME.sub("# ms", printed), TIME.sub("# ms", said)


def test_guide():
    text = GUIDE.read_text()
    rows = list(printed_and_said(text))
    # None stands below another one, where it would not be compared.
    assert sum(bool(said) for _, _, said in rows) == text.count("```text")
    for line, printed, said in rows:
        assert printed == said, f"the block at line {line}"
