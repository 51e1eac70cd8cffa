# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tactics for the inference of ``decode.py``, as a user would write them; their laws.

The mesh has an axis "B" for the batch and an axis "M" for the model.

Multi-query sharding (Pope et al., arXiv 2211.05102): the one head of keys
and values cannot be tiled over the model axis by heads, so each device of the axis
keeps the cache of its part of the batch. The queries, tiled by heads as MP makes them,
go to the part of the batch that they belong to, and what is attended comes back: two
all_to_alls a layer and step. The prefill has many queries for each key, and attends by
heads. Each device makes the keys and values of its part of the batch, which it keeps,
and gathers the others': two all_gathers a layer.
"""

import dataclasses
from typing import Any

import partir
from benchmarks.models import decode
from benchmarks.models.decode import Config
from benchmarks.models.model import Model

#: Schedules by name, each a list of names of tactics. Of two tactics on one axis the
#: earlier one wins: after MP, the attention of the loop would be by heads already.
SCHEDULES = {
    "BP": ["BP"],
    "MP": ["MP"],
    "BP+MP": ["BP", "MP"],
    "BP+MP+MQ": ["BP", "MQ", "MP"],
}

#: Megatron's layout: per matrix of a layer, the dim that the model axis tiles. Keys
#: and values have no dim of heads.
_MEGATRON = {"query": 1, "out": 0, "up": 1, "down": 0}

#: The cache is tiled by its batch. In the loop that goes up to the input of attention
#: and down to its result, which stay whole; in the prefill, up to the input and down to
#: the keys and values that it attends to.
_MULTI_QUERY = {
    "keys": 0,
    "values": 0,
    "attention_input": partir.REPLICATED,
    "attended": partir.REPLICATED,
    "prompt_keys": partir.REPLICATED,
    "prompt_values": partir.REPLICATED,
}


def _megatron(path: str, aval: Any) -> Any:
    return _MEGATRON.get(path.rpartition(".")[2], partir.UNKNOWN)


TACTICS = {
    "BP": partir.ManualPartition(inputs={"prompt": 0}, axis="B", name="BP"),
    "MP": partir.ManualPartition(inputs={"params": _megatron}, axis="M", name="MP"),
    "MQ": partir.ManualPartition(inputs=_MULTI_QUERY, axis="M", name="MQ"),
}


def laws(config: Config) -> dict[str, dict[str, int]]:
    """The collectives of L layers and N steps under each schedule, as ``Model.laws``.

    - BP needs none.
    - MP adds up what a layer's two row-tiled products give, in each step: 2LN.
    - MQ adds two gathers a layer in the prefill, which is the first step, and two
      exchanges a layer in each of the N - 1 steps of the loop.

    The paper's rows for L = 32 and N = 1536 are these: 98304 = 2LN all_reduce, 64 = 2L
    all_gather, and 98240 = 2L(N - 1) all_to_all, which leaves one step without. The
    layout of the prefill is read off these numbers.
    """
    sums = {"all_reduce": 2 * config.layers * config.steps}
    return {
        "BP": {},
        "MP": sums,
        "BP+MP": sums,
        "BP+MP+MQ": {
            **sums,
            "all_gather": 2 * config.layers,
            "all_to_all": 2 * config.layers * (config.steps - 1),
        },
    }


def model(config: Config, name: str = "decode") -> Model:
    """The inference of this configuration."""
    return Model(
        name=name,
        function=decode.make_generate(config),
        arguments=decode.shapes(config),
        make_arguments=lambda: decode.init(config),
        tactics=TACTICS,
        schedules=SCHEDULES,
        mesh={"B": 4, "M": 2},
        laws=laws(config),
    )


#: The paper's inference: T32 of ``gpt_schedules.py``, 1536 steps. The prompt is ours:
#: it fills T32's sequence of 2048.
IT32 = Config(
    layers=32,
    d_model=4096,
    heads=32,
    d_ff=10240,
    vocab=32768,
    batch=64,
    prompt=512,
    steps=1536,
    compute_dtype="bfloat16",
)
#: The size that runs on 8 virtual devices.
SMALL = Config(
    layers=2,
    d_model=32,
    heads=4,
    d_ff=64,
    vocab=128,
    batch=8,
    prompt=8,
    steps=6,
)


def it32(size: str) -> Model:
    """IT32 of the paper on T32's mesh, or its small form."""
    if size == "full":
        return dataclasses.replace(model(IT32, "IT32"), mesh={"B": 16, "M": 2})
    return model(SMALL, "IT32")
