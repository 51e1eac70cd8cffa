# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tactics for ``long_context.py``, as a user would write them.

The mesh has an axis "S" for the sequence and an axis "M" for the model. Rows are few:
what is tiled is the sequence, and that of the cache with it.

- SP tiles the positions. All is done position by position but attention: queries stay,
  keys and values are gathered. They are the smaller ones: with grouped queries, R
  times smaller than what else could move, the queries and what attention gives. Of a
  row, the position behind which the next token comes is somewhere: all devices but one
  have zeros, and they add up. 2L all_gathers for L layers, and 1 all_reduce. Devices
  late in the sequence see more keys, but all score all blocks: the mask is a value.
- MP is Megatron's: after attention and after the MLP an all_reduce, 2L. The table of
  tokens is tiled on its model dim, so that its rows are gathered, 1 all_gather; the
  output matrix on the vocabulary, and so are the logits. Each device gathers the keys
  of its own heads.
"""

from collections.abc import Mapping

import partir
from benchmarks.models import long_context
from benchmarks.models.decoder_schedules import MEGATRON, by_name
from benchmarks.models.long_context import Config
from benchmarks.models.model import Model

#: Schedules by name, each a list of names of tactics.
SCHEDULES = {"SP": ["SP"], "SP+MP": ["SP", "MP"]}

TACTICS = {
    "SP": partir.ManualPartition(
        inputs={
            "tokens": 1,
            "keys": partir.REPLICATED,
            "values": partir.REPLICATED,
        },
        axis="S",
        name="SP",
    ),
    "MP": partir.ManualPartition(
        inputs={"params": by_name(MEGATRON), "residual": partir.REPLICATED},
        axis="M",
        name="MP",
    ),
}

#: Llama 3 70B (arXiv 2407.21783) on a million tokens.
FULL = Config(
    layers=80,
    d_model=8192,
    heads=64,
    kv_heads=8,
    head_dim=128,
    d_ff=28672,
    vocab=128256,
    batch=1,
    sequence=2**20,
    block=1024,
    tied=False,
    compute_dtype="bfloat16",
)
SMALL = Config(
    layers=2,
    d_model=32,
    heads=8,
    kv_heads=4,
    head_dim=8,
    d_ff=64,
    vocab=256,
    batch=1,
    sequence=32,
    block=8,
    tied=False,
)


def laws(config: Config) -> Mapping[str, Mapping[str, int]]:
    """How many collectives of which kind a prefill has, by schedule; see above."""
    n = config.layers
    return {
        "SP": {"all_gather": 2 * n, "all_reduce": 1},
        "SP+MP": {"all_gather": 2 * n + 1, "all_reduce": 2 * n + 1},
    }


def model(config: Config, mesh: Mapping[str, int]) -> Model:
    """The prefill of this configuration."""
    return Model(
        name="long context",
        function=long_context.make_prefill(config),
        arguments=long_context.shapes(config),
        make_arguments=lambda: long_context.init(config),
        tactics=TACTICS,
        schedules=SCHEDULES,
        mesh=mesh,
        laws=laws(config),
    )


def long_context_prefill(size: str) -> Model:
    """Llama 3 70B and a million tokens on 256 devices, or its small size."""
    if size == "full":
        return model(FULL, {"S": 32, "M": 8})
    return model(SMALL, {"S": 4, "M": 2})
