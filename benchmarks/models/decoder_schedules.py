# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What schedules of the decoder of ``decoder.py`` have in common."""

from collections.abc import Callable, Mapping
from typing import Any

import partir

#: Megatron's layout (Shoeybi et al., arXiv 1909.08053): per parameter, the dim that the
#: model axis tiles. Layers are stacked, on dim 0. The table of tokens is tiled on the
#: model dim: to gather its rows moves half of what adding them up does. Where it is the
#: output matrix, too, that is no choice.
MEGATRON = {
    "embed": 1,
    "unembed": 0,
    "query": 2,
    "key": 2,
    "value": 2,
    "out": 1,
    "up": 2,
    "gate": 2,
    "down": 1,
}

#: Megatron's sequence parallelism (Korthikanti et al., arXiv 2205.05198), after MP and
#: on its axis. Between the matrix products the sequence is tiled, so that their partial
#: sums are scattered; what they read is gathered once for all that read it.
SEQUENCE = {
    "residual": 1,
    "attention_in": partir.REPLICATED,
    "attention_out": 1,
    "attention_out.grad": partir.REPLICATED,
    "mlp_in": partir.REPLICATED,
    "mlp_out": 1,
    "mlp_out.grad": partir.REPLICATED,
    "logits_in": partir.REPLICATED,
}


def by_name(dims: Mapping[str, int]) -> Callable[[str, Any], Any]:
    """A callback: per last part of a path, the dim to tile."""
    return lambda path, aval: dims.get(path.rpartition(".")[2], partir.UNKNOWN)


def zero(path: str, aval: Any) -> Any:
    """A callback for ZeRO: some dim of each matrix, not that of the layer."""
    is_stacked = ".layers." in path
    if aval.ndim - is_stacked < 2:
        return partir.UNKNOWN
    return partir.first_divisible_dim(start=int(is_stacked))
