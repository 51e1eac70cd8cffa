# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tactics for the GPT train step of ``gpt.py``, as a user would write them.

The mesh has an axis "B" for the batch and an axis "M" for the model.
"""

from typing import Any

import partir
from benchmarks.models.gpt import MATRICES, Config

#: Schedules by name, each a list of names of tactics.
SCHEDULES = {
    "BP": ["BP"],
    "MP": ["MP"],
    "BP+MP": ["BP", "MP"],
    "BP+MP+Z2": ["BP", "MP", "Z2"],
    "BP+MP+Z3": ["BP", "MP", "Z3"],
}

#: Megatron's layout: per matrix of a layer, the dim that the model axis tiles.
_MEGATRON = {
    "qkv": 2,
    "query": 1,
    "key": 1,
    "value": 1,
    "out": 0,
    "up": 1,
    "gate": 1,
    "down": 0,
}


def tactics(config: Config) -> dict[str, partir.ManualPartition]:
    """BP, MP, Z2 and Z3 for the train step of this configuration."""
    # Scanned layers are stacked: their dim 0 is the layer.
    stacked = int(config.scan_layers)

    def megatron(path: str, aval: Any) -> Any:
        dim = _MEGATRON.get(_leaf(path))
        return partir.UNKNOWN if dim is None else dim + stacked

    def zero(path: str, aval: Any) -> Any:
        if _leaf(path) not in MATRICES:
            return partir.UNKNOWN
        if stacked and ".layers." in path:
            return partir.first_divisible_dim(start=1)
        return partir.FIRST_DIVISIBLE_DIM

    return {
        "BP": partir.ManualPartition(inputs={"batch": 0}, axis="B", name="BP"),
        "MP": partir.ManualPartition(inputs={"params": megatron}, axis="M", name="MP"),
        "Z2": partir.ManualPartition(
            inputs={"params": partir.REPLICATED, "opt_state": zero},
            axis="B",
            name="Z2",
        ),
        "Z3": partir.ManualPartition(
            inputs={"params": zero, "opt_state": zero}, axis="B", name="Z3"
        ),
    }


def schedule(name: str, config: Config) -> list[partir.ManualPartition]:
    """The schedule with this name, a key of ``SCHEDULES``."""
    made = tactics(config)
    return [made[tactic] for tactic in SCHEDULES[name]]


def _leaf(path: str) -> str:
    return path.rpartition(".")[2]
