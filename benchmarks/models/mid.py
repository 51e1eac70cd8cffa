# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The models at a size between: gigabytes on a device, but few ops.

A program takes 1 to 12 GB on each of 16 devices, as full ones do, and XLA compiles it
in a minute or so.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping

from benchmarks.models import (
    d4pg,
    d4pg_schedules,
    decode_schedules,
    experts_schedules,
    gns_schedules,
    gpt,
    gpt_schedules,
    long_context_schedules,
    multimodal_schedules,
    resnet,
    resnet_schedules,
    sngan,
    sngan_schedules,
    unet_schedules,
)
from benchmarks.models.model import Model

#: Axes of a mesh and their sizes.
Mesh = Mapping[str, int]

_GPT = gpt.Config(
    layers=4,
    d_model=2048,
    heads=16,
    d_ff=8192,
    vocab=32768,
    batch=64,
    sequence=512,
    compute_dtype="bfloat16",
)
_GPT_SCAN = dataclasses.replace(_GPT, layers=8, scan_layers=True)


def _gpt(config: gpt.Config, mesh: Mesh) -> Model:
    return dataclasses.replace(gpt_schedules.model(config), mesh=mesh)


def _decode(mesh: Mesh) -> Model:
    config = dataclasses.replace(decode_schedules.IT32, layers=4, steps=512)
    return dataclasses.replace(decode_schedules.model(config), mesh=mesh)


def _unet(mesh: Mesh) -> Model:
    config = dataclasses.replace(
        unet_schedules.FULL,
        channels=128,
        multipliers=(1, 2),
        blocks=1,
        attention_levels=(1,),
        heads=8,
        batch=128,
    )
    return unet_schedules.model(config, mesh)


def _gns(mesh: Mesh) -> Model:
    config = dataclasses.replace(
        gns_schedules.FULL, steps=4, layers=3, nodes=8192, edges=327680
    )
    return gns_schedules.model(config, mesh)


def _resnet(mesh: Mesh) -> Model:
    config = resnet.Config(stages=(1, 1, 1, 1), image=128, batch=2048)
    return dataclasses.replace(resnet_schedules.model(config), mesh=mesh)


def _sngan(mesh: Mesh) -> Model:
    config = sngan.Config(
        generator=(256, 256, 128), discriminator=(128, 256, 256), batch=24576
    )
    return sngan_schedules.model(config, mesh)


def _d4pg(mesh: Mesh) -> Model:
    config = d4pg.Config(
        actor=(4096, 4096, 4096), critic=(8192, 8192, 4096), batch=32768
    )
    return d4pg_schedules.model(config, mesh)


def _multimodal(mesh: Mesh) -> Model:
    config = dataclasses.replace(
        multimodal_schedules.FULL,
        layers=4,
        d_model=2048,
        heads=16,
        kv_heads=8,
        d_ff=8192,
        vocab=65536,
        batch=64,
        sequence=1024,
        patches=512,
        frames=256,
    )
    return multimodal_schedules.model(config, mesh)


def _experts(dispatch: str, mesh: Mesh) -> Model:
    config = dataclasses.replace(
        experts_schedules.FULL,
        layers=4,
        d_model=1024,
        heads=16,
        head_dim=64,
        d_ff=4096,
        batch=64,
        sequence=512,
        dispatch=dispatch,
    )
    return experts_schedules.model(config, mesh)


def _long_context(mesh: Mesh) -> Model:
    config = dataclasses.replace(
        long_context_schedules.FULL,
        layers=4,
        d_model=4096,
        heads=32,
        d_ff=14336,
        vocab=32768,
        sequence=2**16,
    )
    return long_context_schedules.model(config, mesh)


def _on(
    make: Callable[[Mesh], Model], first: str, **others: int
) -> Callable[[int], Model]:
    """The model on so many devices: as many on the first axis as the others leave."""

    def make_for(devices: int) -> Model:
        return make({first: devices // math.prod(others.values())} | others)

    return make_for


#: Per model what makes it for so many devices.
MID: dict[str, Callable[[int], Model]] = {
    "T": _on(lambda mesh: _gpt(_GPT, mesh), "B", M=2),
    "T_scan": _on(lambda mesh: _gpt(_GPT_SCAN, mesh), "B", M=2),
    "IT": _on(_decode, "B", M=2),
    "UNet": _on(_unet, "B", M=2),
    "GNS": _on(_gns, "E", M=2),
    "ResNet": _on(_resnet, "B", M=2),
    "SNGAN": _on(_sngan, "B"),
    "D4PG": _on(_d4pg, "B", M=2),
    "multimodal": _on(_multimodal, "B", M=2),
    "experts_einsum": _on(lambda mesh: _experts("einsum", mesh), "B", E=2, M=2),
    "experts_sort": _on(lambda mesh: _experts("sort", mesh), "B", E=2, M=2),
    "long_context": _on(_long_context, "S", M=2),
}
