# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Text that is on every machine, the sources of Python's library, as training data."""

import sysconfig
from pathlib import Path

import numpy as np


def load_text() -> np.ndarray:
    """The modules at the top of the standard library as one array of bytes."""
    folder = Path(sysconfig.get_path("stdlib"))
    sources = [path.read_bytes() for path in sorted(folder.glob("*.py"))]
    return np.frombuffer(b"\n".join(sources), np.uint8)


def make_batch(text: np.ndarray, step: int, batch: int, length: int) -> np.ndarray:
    """Random windows of the text, int32 [batch, length], the same at each call.

    They depend on the step and on nothing before it: a run that is resumed goes on
    with the batches that it would have had.
    """
    starts = np.random.default_rng(step).integers(0, len(text) - length, batch)
    return text[starts[:, None] + np.arange(length)].astype(np.int32)
