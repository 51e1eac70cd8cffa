# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models in plain JAX, and the schedules that partition them.

``MODELS`` maps a name to a function that makes the model at a size: ``"full"`` is the
size of the literature and is only traced, ``"small"`` runs on 8 virtual devices.
"""

from collections.abc import Callable
from typing import Literal

from benchmarks.models.gpt_schedules import t32, t48
from benchmarks.models.long_context_schedules import long_context_prefill
from benchmarks.models.model import Model
from benchmarks.models.multimodal_schedules import multimodal_decoder

Size = Literal["full", "small"]

MODELS: dict[str, Callable[[Size], Model]] = {
    "T32": t32,
    "T48": t48,
    "multimodal": multimodal_decoder,
    "long_context": long_context_prefill,
}
