# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tactics for the train step of ``multimodal.py``, as a user would write them.

The mesh has an axis "B" for the batch and an axis "M" for the model.

How many collectives a step has, with L layers; what is in a layer runs in a loop, and
counts L times. A layer has 7 matrices and 2 scales; outside are 3 matrices (embed,
patch_in, frame_in), 1 scale, and the two sums of the loss.

- BP: each gradient and each sum of the loss is reduced over B, 9L + 6 all_reduces.
- MP: of each activation that leaves a matrix product over what M tiles, an all_reduce:
  2L forward, L of them (attention's) again when the backward pass computes the layer
  again, 2L of input gradients. The vocabulary is tiled, too: one for the lookup, three
  for the loss (maximum, sum, and the logit of the target), one for the gradient of the
  last activation. 5L + 5.
- Z2: the 7L + 3 gradients of matrices become reduce_scatters. The updates are gathered
  after the loop, as stacks: 10 all_gathers.
- Z3: the gradients are as in Z2. Of each matrix of a layer an all_gather in each pass,
  14L; the embedding's for the lookup, for the logits and for their gradient; one of
  each projection, whose inputs need no gradient. 14L + 5.
- SP: the 5L all_reduces over M of activations in layers, and that of the last one's
  gradient, become reduce_scatters: 5L + 1. The inputs of attention and MLP are gathered
  forward and again when the layer is computed again, the gradients of their outputs
  once: 6L; one more for the logits, one for the gradient of what was embedded: 6L + 2
  all_gathers. A position's patch or frame may be anywhere in the row, so that the
  sequence is tiled behind the embedding only. Of the scales' gradients, the sums over
  the batch and over the sequence are one all_reduce.
"""

from collections.abc import Mapping

import partir
from benchmarks.models import multimodal
from benchmarks.models.decoder_schedules import MEGATRON, SEQUENCE, by_name, zero
from benchmarks.models.model import Model
from benchmarks.models.multimodal import Config

#: Schedules by name, each a list of names of tactics.
SCHEDULES = {
    "BP": ["BP"],
    "BP+MP": ["BP", "MP"],
    "BP+MP+Z2": ["BP", "MP", "Z2"],
    "BP+MP+Z3": ["BP", "MP", "Z3"],
    "BP+MP+SP": ["BP", "MP", "SP"],
}

TACTICS = {
    "BP": partir.ManualPartition(inputs={"batch": 0}, axis="B", name="BP"),
    "MP": partir.ManualPartition(
        inputs={"params": by_name(MEGATRON | {"embed": 0})}, axis="M", name="MP"
    ),
    "Z2": partir.ManualPartition(
        inputs={"params": partir.REPLICATED, "opt_state": zero}, axis="B", name="Z2"
    ),
    "Z3": partir.ManualPartition(
        inputs={"params": zero, "opt_state": zero, "weight": partir.REPLICATED},
        axis="B",
        name="Z3",
    ),
    "SP": partir.ManualPartition(
        inputs=SEQUENCE
        | dict.fromkeys(("embedded", "embedded.grad"), partir.REPLICATED),
        axis="M",
        name="SP",
    ),
}

#: A decoder of the size of Gemma 3 27B (arXiv 2503.19786).
FULL = Config(
    layers=62,
    d_model=5376,
    heads=32,
    kv_heads=16,
    head_dim=128,
    d_ff=21504,
    vocab=262144,
    batch=16,
    sequence=4096,
    patches=2048,
    patch_values=768,
    frames=1024,
    frame_values=512,
    compute_dtype="bfloat16",
)
SMALL = Config(
    layers=2,
    d_model=32,
    heads=8,
    kv_heads=4,
    head_dim=8,
    d_ff=64,
    vocab=512,
    batch=8,
    sequence=24,
    patches=8,
    patch_values=12,
    frames=6,
    frame_values=16,
)


def laws(config: Config) -> Mapping[str, Mapping[str, int]]:
    """How many collectives of which kind a step has, by schedule; see above."""
    n = config.layers
    scattered = {"all_reduce": 7 * n + 8, "reduce_scatter": 7 * n + 3}
    return {
        "BP": {"all_reduce": 9 * n + 6},
        "BP+MP": {"all_reduce": 14 * n + 11},
        "BP+MP+Z2": scattered | {"all_gather": 10},
        "BP+MP+Z3": scattered | {"all_gather": 14 * n + 5},
        "BP+MP+SP": {
            "all_gather": 6 * n + 2,
            "all_reduce": 9 * n + 10,
            "reduce_scatter": 5 * n + 1,
        },
    }


def model(config: Config, mesh: Mapping[str, int]) -> Model:
    """The train step of this configuration."""
    return Model(
        name="multimodal",
        function=multimodal.make_train_step(config),
        arguments=multimodal.shapes(config),
        make_arguments=lambda: multimodal.init(config),
        tactics=TACTICS,
        schedules=SCHEDULES,
        mesh=mesh,
        carry={"params": 0, "opt_state": 1},
        laws=laws(config),
    )


def multimodal_decoder(size: str) -> Model:
    """At the size of Gemma 3 27B on 256 devices, or at its small size."""
    if size == "full":
        return model(FULL, {"B": 16, "M": 16})
    return model(SMALL, {"B": 4, "M": 2})
