# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tactics for the train step of ``unet.py``, as a user would write them; their laws.

The mesh has an axis "B" for the batch and an axis "M" for the model. BP tiles the
images, the noise and the times. MP is Megatron's layout: the first convolution of a
residual block makes tiled channels, the second takes them in; the norm and the time
between them follow. Attention is tiled by heads. Z2 tiles the optimiser state of all
tensors, Z3 the parameters too; the bias of the output, one number a colour, is the only
tensor without a dim that "B" divides, and is left whole.
"""

import collections
from collections.abc import Mapping
from typing import Any

import jax

import partir
from benchmarks.models import unet
from benchmarks.models.model import Model
from benchmarks.models.unet import Config

#: Schedules by name, each a list of names of tactics.
SCHEDULES = {
    "BP": ["BP"],
    "MP": ["MP"],
    "BP+MP": ["BP", "MP"],
    "BP+Z2": ["BP", "Z2"],
    "BP+Z3": ["BP", "Z3"],
}

#: The dim that the model axis tiles, by the end of the parameter's path.
_MEGATRON = {
    "conv1.kernel": 3,
    "conv2.kernel": 2,
    "attention.qkv": 2,
    "attention.out": 0,
}


def tactics() -> dict[str, partir.ManualPartition]:
    """BP, MP, Z2 and Z3."""

    def megatron(path: str, aval: Any) -> Any:
        return _MEGATRON.get(".".join(path.split(".")[-2:]), partir.UNKNOWN)

    first = partir.FIRST_DIVISIBLE_DIM
    return {
        "BP": partir.ManualPartition(inputs={"batch": 0}, axis="B", name="BP"),
        "MP": partir.ManualPartition(inputs={"params": megatron}, axis="M", name="MP"),
        "Z2": partir.ManualPartition(
            inputs={"params": partir.REPLICATED, "opt_state": first},
            axis="B",
            name="Z2",
        ),
        "Z3": partir.ManualPartition(
            inputs={"params": first, "opt_state": first}, axis="B", name="Z3"
        ),
    }


def laws(config: Config) -> dict[str, dict[str, int]]:
    """Per schedule the collectives of a step, by kind; a kind that is absent has none.

    With P parameter tensors, among them K kernels and S scales of norms, R residual
    blocks and A attention layers:

    BP: each gradient is a sum over the batch, and so is the loss: P + 1 all_reduce.
      Norms see one image, and need none.
    MP: a block and an attention layer each reduce what their second matrix gives, and
      in the backward pass the gradient of what their first one takes in: 2(R + A)
      all_reduce. One more is for the gradient of the time embedding, to which all
      blocks add before it is reduced.
    BP+MP: the sum of both.
    BP+Z2: a gradient is reduced onto the chunk of its optimiser state: P - 1
      reduce_scatter, and as many all_gather of the updates. The loss and the bias of
      the output keep their all_reduce.
    BP+Z3: the same, but that parameters are gathered and not updates. The forward pass
      gathers each of them, P - 1 all_gather. The backward pass needs the value of what
      multiplied an activation whose gradient is needed: kernels and scales, K + S, but
      not the kernels that take in the images and the times, for there is no gradient
      for these: K + S - 2 more. The gradient of a sum needs no bias.

    The paper counts 503 all_reduce for BP, and for Z2 and Z3 2 all_reduce and 501
    reduce_scatter: what P = 502 gives. Its Z3 has 799 all_gather, 501 and 298 more, so
    298 would be its K + S - 2. Its Z2 has 517, 16 more than updates; ours has none but
    those. At full size we have P = 351 and K + S - 2 = 181.
    """
    kinds = collections.Counter(
        jax.tree.leaves(unet.make_params(config, lambda kind, shape, fan_in: kind))
    )
    tensors = kinds.total()
    stages = 2 * config.blocks + 1
    residual_blocks = config.levels * stages + 2
    attention_layers = len(config.attention_levels) * stages + 1
    used_backward = kinds["kernel"] + kinds["scale"] - 2
    model_parallel = 2 * (residual_blocks + attention_layers) + 1
    zero = {"all_reduce": 2, "reduce_scatter": tensors - 1}
    return {
        "BP": {"all_reduce": tensors + 1},
        "MP": {"all_reduce": model_parallel},
        "BP+MP": {"all_reduce": tensors + 1 + model_parallel},
        "BP+Z2": zero | {"all_gather": tensors - 1},
        "BP+Z3": zero | {"all_gather": tensors - 1 + used_backward},
    }


#: Three levels of 3 residual blocks down and 4 up.
FULL = Config(
    channels=256,
    multipliers=(1, 2, 4),
    blocks=3,
    attention_levels=(1, 2),
    heads=16,
    groups=32,
    image=64,
    batch=256,
    compute_dtype="bfloat16",
)
#: The same at the size that runs on 8 virtual devices.
SMALL = Config(
    channels=16,
    multipliers=(1, 2),
    blocks=1,
    attention_levels=(1,),
    heads=4,
    groups=4,
    image=8,
    batch=8,
)


def u_net(size: str) -> Model:
    """The U-Net on 16x2 devices, or its small form on 4x2."""
    if size == "full":
        return model(FULL, {"B": 16, "M": 2})
    return model(SMALL, {"B": 4, "M": 2})


def model(config: Config, mesh: Mapping[str, int]) -> Model:
    """The train step of this configuration."""
    return Model(
        name="UNet",
        function=unet.make_train_step(config),
        arguments=unet.shapes(config),
        make_arguments=lambda: unet.init(config),
        tactics=tactics(),
        schedules=SCHEDULES,
        mesh=mesh,
        carry={"params": 0, "opt_state": 1},
        laws=laws(config),
    )
