# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tactics for the train step of ``experts.py``, as a user would write them.

The mesh has an axis "B" for the batch, an axis "E" for the batch and for the experts,
and an axis "M" for the model.

EP tiles rows over E as BP does over B, but for the experts: each device has some of
them, with the positions of all rows of E that go there. Left to propagation, the
experts' tiling would reach back into the dispatch, and whole activations be gathered
for it. A buffer that is kept whole keeps the two apart, "dispatched" on the way to the
experts and "expert_out" on the way back, and so for gradients. It is whole for no
device: behind it is another tag, which takes what the uses need, and so rows are
exchanged for experts.

How many collectives a step has, with L layers; what is in a layer runs in a loop, and
counts L times. A layer has 5 matrices outside and 3 of the experts, and 2 scales;
outside are 2 matrices (embed, unembed), 1 scale, and 3 sums of the loss: losses,
positions, and balance.

- BP: each gradient and each sum of the loss is reduced over B, 10L + 6 all_reduces.
- EP: two exchanges forward, again when the backward pass computes the layer again, and
  for gradients: 6L all_to_alls. The experts' gradients are complete on their devices,
  the others are reduced over E, 7L + 6 all_reduces. With BP, those are joint sums over
  B and E, and the experts' over B: 10L + 6.
- MP tiles heads, and the experts' hidden dim. Of what leaves attention an all_reduce
  forward, again when computed again, and of its input gradient; the same of the
  experts' buffers: 6L. Four for the loss (maximum, sum, the target's logit, the
  gradient of the last activation). Rows of the table are gathered on the model dim: 1
  all_gather.
- Z3: of the 8L + 2 matrices, sums over B become reduce_scatters; what is left of sums
  over E stays all_reduce, 5L + 2. Of each matrix of a layer an all_gather in each pass,
  16L; embed for the lookup, unembed for the logits and for their gradient, 3.
"""

import dataclasses
from collections.abc import Mapping

import partir
from benchmarks.models import experts
from benchmarks.models.decoder_schedules import MEGATRON, by_name, zero
from benchmarks.models.experts import Config
from benchmarks.models.model import Model

#: Schedules by name, each a list of names of tactics.
SCHEDULES = {
    "BP": ["BP"],
    "EP": ["EP"],
    "BP+EP": ["BP", "EP"],
    "BP+EP+MP": ["BP", "EP", "MP"],
    "BP+EP+Z3": ["BP", "EP", "Z3"],
    "BP+EP+MP+Z3": ["BP", "EP", "MP", "Z3"],
}

#: Of stacked parameters, the dims of the experts, and of their hidden values.
_EXPERTS = {"expert_up": 1, "expert_gate": 1, "expert_down": 1}
_HIDDEN = {"expert_up": 3, "expert_gate": 3, "expert_down": 2}

#: The first of two tags on each way between rows and experts.
_EXCHANGES = ("dispatched", "expert_out", "returned.grad", "expert_in.grad")

TACTICS = {
    "BP": partir.ManualPartition(inputs={"batch": 0}, axis="B", name="BP"),
    "EP": partir.ManualPartition(
        inputs={"batch": 0, "params": by_name(_EXPERTS)}
        | dict.fromkeys(_EXCHANGES, partir.REPLICATED),
        axis="E",
        name="EP",
    ),
    "MP": partir.ManualPartition(
        inputs={"params": by_name(MEGATRON | _HIDDEN)}
        | dict.fromkeys(("residual", "residual.grad"), partir.REPLICATED),
        axis="M",
        name="MP",
    ),
    "Z3": partir.ManualPartition(
        inputs={"params": zero, "opt_state": zero, "weight": partir.REPLICATED},
        axis="B",
        name="Z3",
    ),
}

#: Mixtral 8x22B (Mistral AI; the family is that of arXiv 2401.04088).
FULL = Config(
    layers=56,
    d_model=6144,
    heads=48,
    kv_heads=8,
    head_dim=128,
    d_ff=16384,
    vocab=32768,
    batch=32,
    sequence=4096,
    experts=8,
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
    batch=8,
    sequence=24,
    experts=8,
    tied=False,
)


def laws(config: Config) -> Mapping[str, Mapping[str, int]]:
    """How many collectives of which kind a step has, by schedule; see above."""
    n = config.layers
    exchanges = {"all_to_all": 6 * n}
    scattered = exchanges | {"reduce_scatter": 8 * n + 2}
    return {
        "BP": {"all_reduce": 10 * n + 6},
        "EP": exchanges | {"all_reduce": 7 * n + 6},
        "BP+EP": exchanges | {"all_reduce": 10 * n + 6},
        "BP+EP+MP": exchanges | {"all_gather": 1, "all_reduce": 16 * n + 10},
        "BP+EP+Z3": scattered | {"all_gather": 16 * n + 3, "all_reduce": 7 * n + 6},
        "BP+EP+MP+Z3": scattered
        | {"all_gather": 16 * n + 4, "all_reduce": 13 * n + 10},
    }


def model(config: Config, mesh: Mapping[str, int]) -> Model:
    """The train step of this configuration."""
    return Model(
        name="experts",
        function=experts.make_train_step(config),
        arguments=experts.shapes(config),
        make_arguments=lambda: experts.init(config),
        tactics=TACTICS,
        schedules=SCHEDULES,
        mesh=mesh,
        carry={"params": 0, "opt_state": 1},
        laws=laws(config),
    )


def experts_by_einsum(size: str) -> Model:
    """Mixtral 8x22B on 256 devices, or a small one; one-hot dispatch."""
    return _sized(size, "einsum")


def experts_by_sort(size: str) -> Model:
    """The same with positions sorted by expert."""
    return _sized(size, "sort")


def _sized(size: str, dispatch: str) -> Model:
    config = dataclasses.replace(FULL if size == "full" else SMALL, dispatch=dispatch)
    mesh = (4, 8, 8) if size == "full" else (2, 2, 2)
    return model(config, dict(zip("BEM", mesh, strict=True)))
