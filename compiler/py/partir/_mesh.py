# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Questions that the other modules ask about a mesh."""

import functools
from typing import Any

import jax
from jax.sharding import AbstractMesh, AxisType, Mesh, NamedSharding, PartitionSpec

from partir._partir import PartirError

AnyMesh = Mesh | AbstractMesh

#: The number of a device is an i32.
_MAX_DEVICES = 2**31 - 1

#: The platforms that JAX lowers for, by the names users give them.
_PLATFORMS = {
    "cpu": "cpu",
    "tpu": "tpu",
    "gpu": "cuda",
    "cuda": "cuda",
    "rocm": "rocm",
}


def check_mesh(mesh: Any) -> AnyMesh:
    """Returns the mesh, or raises PartirError where we cannot partition over it."""
    if not isinstance(mesh, AnyMesh):
        raise PartirError(
            f"jit: mesh is {mesh!r}; it must be a jax.sharding.Mesh or a "
            "jax.sharding.AbstractMesh"
        )
    for name, size in zip(mesh.axis_names, mesh.axis_sizes, strict=True):
        if not isinstance(name, str) or not name:
            raise PartirError(
                f"jit: the mesh has an axis named {name!r}; names of axes must be "
                "non-empty strings"
            )
        if size < 1:
            raise PartirError(
                f"jit: axis {name!r} of the mesh has size {size}; it must be at least 1"
            )
    if len(set(mesh.axis_names)) < len(mesh.axis_names):
        raise PartirError(f"jit: two axes of the mesh {mesh.axis_names} share a name")
    if mesh.size > _MAX_DEVICES:
        raise PartirError(
            f"jit: the mesh has {mesh.size} devices; the most are {_MAX_DEVICES}"
        )
    kinds = set(mesh.axis_types)
    if AxisType.Manual in kinds:
        raise PartirError("jit: an axis of the mesh is Manual; use Auto or Explicit")
    if len(kinds) > 1:
        raise PartirError(
            "jit: the mesh mixes Auto and Explicit axes; give all axes one type"
        )
    return mesh


def axis_sizes(mesh: AnyMesh) -> dict[str, int]:
    return dict(zip(mesh.axis_names, mesh.axis_sizes, strict=True))


def is_explicit(mesh: AnyMesh) -> bool:
    return AxisType.Explicit in mesh.axis_types


def is_multi_process(mesh: AnyMesh) -> bool:
    """Whether some devices of the mesh belong to other processes."""
    return isinstance(mesh, Mesh) and mesh.is_multi_process


def lowering_platform(mesh: AnyMesh, platform: str | None) -> str:
    """The platform to lower for: what the user says, else the mesh's devices."""
    if platform is None:
        if isinstance(mesh, Mesh):
            device = mesh.devices.flat[0]
            version = device.client.platform_version.lower()
            if device.platform == "gpu" and "rocm" in version:
                return "rocm"
            platform = device.platform
        else:
            platform = jax.default_backend()
    if platform not in _PLATFORMS:
        raise PartirError(
            f"jit: platform is {platform!r}; it must be one of "
            f"{', '.join(map(repr, _PLATFORMS))}"
        )
    return _PLATFORMS[platform]


def named_sharding(mesh: AnyMesh, dims: list[list[str]]) -> NamedSharding:
    """The sharding with these axes, major first, on each dim."""
    return _named_sharding(mesh, tuple(map(tuple, dims)))


# A program has thousands of arrays, and few ways to lay them out.
@functools.lru_cache(maxsize=4096)
def _named_sharding(mesh: AnyMesh, dims: tuple[tuple[str, ...], ...]) -> NamedSharding:
    entries = [
        None if not axes else axes[0] if len(axes) == 1 else axes for axes in dims
    ]
    while entries and entries[-1] is None:
        entries.pop()
    return NamedSharding(mesh, PartitionSpec(*entries))


def check_runnable(mesh: AnyMesh, what: str) -> Mesh:
    """Raises PartirError where the mesh has no devices to run on."""
    if isinstance(mesh, Mesh):
        return mesh
    have = len(jax.devices())
    raise PartirError(
        f"{what}: the mesh is an AbstractMesh of {mesh.size} devices, good for "
        "planning only; to compile or run, give partir.jit a jax.sharding.Mesh (this "
        f"process has {have} devices)"
    )
