# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Machines to compile for with XLA: a TPU, GPUs and CPUs, of which only the last exist.

To be imported before JAX is. Needs the packages of the extra ``ahead-of-time``.
libtpu and the CUDA plugin are each used by one process, and not by the same: a process
uses one machine.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

# Nothing is run; and JAX must look for no TPU and no CUDA driver.
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = (
    f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=8"
)
os.environ.setdefault("TPU_SKIP_MDS_QUERY", "1")
# Without this, no second process on the machine may compile for a TPU.
os.environ.setdefault("ALLOW_MULTIPLE_LIBTPU_LOAD", "1")

import jax
import numpy as np
from jax.experimental import topologies

import partir
from benchmarks.models.model import Model

#: What ``compile`` raises where it cannot compile.
CompileError = jax.errors.JaxRuntimeError


class Machine(NamedTuple):
    """Devices, which need not be there.

    Attributes:
      name: what tables call them.
      device: their name in PartIR.
      topologies: arguments of ``jax.experimental.topologies.get_topology_desc`` by the
        number of devices; None for devices that are there.
    """

    name: str
    device: str
    topologies: Mapping[int, Mapping[str, str] | None]


#: Machines by platform. The GPUs' topology is partitions x hosts x devices.
MACHINES = {
    "tpu": Machine(
        "TPU v5e",
        "tpu_v5e",
        {16: {"topology_name": "v5e:4x4"}, 8: {"topology_name": "v5e:2x4"}},
    ),
    "cuda": Machine(
        "H100",
        "h100",
        {
            8: {
                "topology_name": "h100",
                "topology": "1x1x8",
                "target_config": Path(__file__).with_name("h100.txtpb").read_text(),
            }
        },
    ),
    "cpu": Machine("CPU", "cpu", {8: None}),
}


def make_mesh(platform: str, axes: Mapping[str, int]) -> jax.sharding.Mesh:
    """The mesh with these axes and sizes, of the platform's devices."""
    shape = tuple(axes.values())
    topology = MACHINES[platform].topologies[int(np.prod(shape))]
    devices = (
        jax.devices(platform)
        if topology is None
        else topologies.get_topology_desc(platform=platform, **topology).devices
    )
    return jax.sharding.Mesh(np.array(devices).reshape(shape), tuple(axes))


def lower(model: Model, schedule: str, mesh: Any, **options: Any) -> partir.Lowered:
    """Lowers a schedule of the model; the state that a step carries is donated."""
    return partir.jit(
        model.function,
        mesh=mesh,
        schedule=model.schedule(schedule),
        carry=model.carry,
        donate_argnames=tuple(model.carry),
        **options,
    ).lower(*model.arguments)
