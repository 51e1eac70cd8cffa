# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models in plain JAX, and the schedules that partition them.

``MODELS`` maps a name to a function that makes the model at a size: ``"full"`` is the
size of the literature and is only traced, ``"small"`` runs on 8 virtual devices.
"""

from collections.abc import Callable
from typing import Literal

from benchmarks.models.d4pg_schedules import d4pg_learner
from benchmarks.models.decode_schedules import it32
from benchmarks.models.experts_schedules import experts_by_einsum, experts_by_sort
from benchmarks.models.gns_schedules import graph_simulator
from benchmarks.models.gpt_schedules import t32, t48
from benchmarks.models.long_context_schedules import long_context_prefill
from benchmarks.models.model import Model
from benchmarks.models.multimodal_schedules import multimodal_decoder
from benchmarks.models.resnet_schedules import resnet50
from benchmarks.models.sngan_schedules import sngan128
from benchmarks.models.unet_schedules import u_net

Size = Literal["full", "small"]

MODELS: dict[str, Callable[[Size], Model]] = {
    "T32": t32,
    "T48": t48,
    "IT32": it32,
    "UNet": u_net,
    "GNS": graph_simulator,
    "ResNet50": resnet50,
    "SNGAN": sngan128,
    "D4PG": d4pg_learner,
    "multimodal": multimodal_decoder,
    "experts_einsum": experts_by_einsum,
    "experts_sort": experts_by_sort,
    "long_context": long_context_prefill,
}

#: Models whose small forms differ: T48 is T32 with more layers.
SMALL = [name for name in MODELS if name != "T48"]
