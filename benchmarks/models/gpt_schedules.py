# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tactics for the GPT train step of ``gpt.py``, as a user would write them.

The mesh has an axis "B" for the batch and an axis "M" for the model.
"""

import dataclasses
from typing import Any

import partir
from benchmarks.models import gpt
from benchmarks.models.gpt import MATRICES, Config
from benchmarks.models.model import Model

#: Schedules by name, each a list of names of tactics.
SCHEDULES = {
    "BP": ["BP"],
    "MP": ["MP"],
    "BP+MP": ["BP", "MP"],
    "BP+MP+Z2": ["BP", "MP", "Z2"],
    "BP+MP+Z3": ["BP", "MP", "Z3"],
    "MP+EMB": ["MP", "EMB"],
    "BP+MP+Z3+EMB": ["BP", "MP", "Z3", "EMB"],
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
    """BP, MP, Z2, Z3 and EMB for the train step of this configuration.

    EMB tiles the model dim of the embedding, and with it that of all activations
    between the products. It comes after MP, which has the axis in the products first.
    """
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
        "EMB": partir.ManualPartition(inputs={"params.embed": 1}, axis="M", name="EMB"),
    }


def laws(config: Config) -> dict[str, dict[str, int]]:
    """The collectives of a step under each schedule, as ``Model.laws``.

    With L layers of t tensors, m of them matrices, and E tensors that are no layer's
    (the embedding, and positions if they are learned):

    - BP reduces each gradient, and the loss: tL + E + 1.
    - MP reduces what a layer's two row-tiled products give, and the input gradients
      of its two column-tiled groups: 4L.
    - Z2 scatters the gradients of the mL + 1 matrices where BP reduced them, and
      gathers their updates; if the layers are scanned, those of m whole stacks.
    - Z3 gathers each matrix forward and again backward, the embedding, which is used
      for lookup, logits, and the logits' gradient, three times: 2(mL + 1) + 1.
    - EMB leaves MP's 4L sums tiled, reduce_scatters now, and gathers where a matrix
      needs an activation whole, once forward and once backward: 2mL. A layer's three
      norms and the logits add over the model dim: 6L + 1.

    Clipping and rematerialisation add collectives that these laws do not count.
    """
    if config.clip_norm is not None or config.remat:
        return {}
    layer = gpt.layer_shapes(config)
    tensors = len(layer) * config.layers
    matrices = sum(name in MATRICES for name in layer)
    others = 1 + (config.positions == "learned")
    zero = matrices * config.layers + 1
    updates = matrices + 1 if config.scan_layers else zero
    batch, megatron = tensors + others + 1, 4 * config.layers
    sharded = {"all_reduce": batch + megatron - zero, "reduce_scatter": zero}
    gathers, norms = 2 * matrices * config.layers, 6 * config.layers + 1
    return {
        "BP": {"all_reduce": batch},
        "MP": {"all_reduce": megatron},
        "BP+MP": {"all_reduce": batch + megatron},
        "BP+MP+Z2": {"all_gather": updates, **sharded},
        "BP+MP+Z3": {"all_gather": 2 * zero + 1, **sharded},
        "MP+EMB": {
            "all_gather": gathers,
            "all_reduce": norms,
            "reduce_scatter": megatron,
        },
        "BP+MP+Z3+EMB": {
            "all_gather": 2 * zero + 1 + gathers,
            "all_reduce": batch - zero + norms,
            "reduce_scatter": zero + megatron,
        },
    }


def model(config: Config, name: str = "GPT") -> Model:
    """The train step of this configuration."""
    return Model(
        name=name,
        function=gpt.make_train_step(config),
        arguments=gpt.shapes(config),
        make_arguments=lambda: gpt.init(config),
        tactics=tactics(config),
        schedules=SCHEDULES,
        mesh={"B": 4, "M": 2},
        carry={"params": 0, "opt_state": 1},
        laws=laws(config),
    )


#: The paper's transformers: 5 and 32 billion parameters.
T32 = Config(
    layers=32,
    d_model=4096,
    heads=32,
    d_ff=10240,
    vocab=32768,
    batch=48,
    sequence=2048,
    compute_dtype="bfloat16",
)
T48 = dataclasses.replace(T32, layers=48, d_model=8192, heads=64, d_ff=24576, batch=64)
#: What both are at the size that runs on 8 virtual devices.
SMALL = Config(layers=2, d_model=32, heads=4, d_ff=64, vocab=128, batch=8, sequence=16)


def t32(size: str) -> Model:
    """T32 of the paper on TPU v3 16x2, or its small form."""
    return _sized("T32", T32, size, {"B": 16, "M": 2})


def t48(size: str) -> Model:
    """T48 of the paper on TPU v3 32x4, or its small form."""
    return _sized("T48", T48, size, {"B": 32, "M": 4})


def _sized(name: str, full: Config, size: str, mesh: dict[str, int]) -> Model:
    if size == "full":
        return dataclasses.replace(model(full, name), mesh=mesh)
    return model(SMALL, name)


def _leaf(path: str) -> str:
    return path.rpartition(".")[2]
