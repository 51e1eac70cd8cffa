# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""docs/op-status.md says of each op what the compiler says."""

import sys
from pathlib import Path

from partir import _partir

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import op_status


def rows():
    lines = op_status.PAGE.read_text().splitlines()
    return [tuple(line[2:-2].split(" | ")) for line in lines if line.startswith("| `")]


def test_lists_the_mirror():
    assert [row[0].strip("`") for row in rows()] == list(_partir.mirrored_ops())


def test_says_what_the_compiler_says():
    """If not: `make op-status` writes it anew."""
    assert [row[:-1] for row in rows()] == op_status.compiled_rows()
