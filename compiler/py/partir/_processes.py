# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arguments of a program whose mesh spans processes (``jax.distributed``).

Every process calls the program. A global array has a part in each of them. All else (a
host array, a number, an array that is committed to no device) is a copy of the whole
in each process, of which its devices take their parts. The copies must agree, else
devices would compute with parts of different arrays.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh

from partir._partir import PartirError
from partir._paths import leaf_paths
from partir._signature import Slot

_ARRAYS = jax.Array | np.ndarray | np.generic | int | float | complex
_DIGEST_BYTES = 16


def check_processes(
    mesh: Mesh, slots: Sequence[Slot], dynamic: tuple[Any, ...]
) -> None:
    """Raises PartirError, in every process, for arguments that do not fit together.

    Where there are copies, their digests go round, and the call waits for the other
    processes. Not where the mesh leaves processes out: those need not call at all.

    Args:
      mesh: a mesh that spans processes.
      slots: what the dynamic arguments are called.
      dynamic: the dynamic arguments.
    """
    leaves = jax.tree_util.tree_leaves(dynamic)
    devices = set(mesh.devices.flat)
    # What is no array is refused where its shape is asked for.
    other = [
        i
        for i, leaf in enumerate(leaves)
        if isinstance(leaf, _ARRAYS) and not _is_over(leaf, mesh, devices)
    ]
    if not other:
        return
    # All processes that have an error must hear of it before one of them raises it:
    # the others would wait for it in a collective.
    differs = _compare(devices, np.stack([_digest(leaves[i]) for i in other]))
    for i, is_different in zip(other, differs, strict=True):
        if _is_committed(leaves[i]):
            raise PartirError(_elsewhere(_paths(slots, dynamic)[i], leaves[i], mesh))
        if is_different:
            raise PartirError(_different(_paths(slots, dynamic)[i]))


def _compare(devices: set[jax.Device], digests: np.ndarray) -> np.ndarray:
    """Which rows of ``[arrays, bytes]`` are not the same in all processes."""
    processes = {device.process_index for device in devices}
    if len(processes) < jax.process_count():
        return np.zeros(len(digests), bool)
    everywhere = multihost_utils.process_allgather(digests)
    return (everywhere != digests).any(axis=(0, 2))


_SHARDING = "with the sharding that step.lower(...).in_shardings has for it"


def _elsewhere(path: str, leaf: jax.Array, mesh: Mesh) -> str:
    where = leaf.sharding.device_set
    of = ", ".join(map(str, sorted({device.process_index for device in where})))
    return (
        f"the argument {path!r} lies elsewhere than on the {mesh.size} devices of the "
        f"mesh, which spans processes: on {len(where)} of process {of}; pass the same "
        "host array in every process, or make a global array: "
        "jax.make_array_from_callback(shape, sharding, lambda index: ...) asks for the "
        f"parts of this process's devices, {_SHARDING}"
    )


def _different(path: str) -> str:
    return (
        f"the argument {path!r} is not the same in every process; a host array stands "
        "for the whole array. If each process has a part of it, make a global array: "
        f"jax.make_array_from_process_local_data(sharding, part), {_SHARDING}"
    )


def _is_over(leaf: Any, mesh: Mesh, devices: set[jax.Device]) -> bool:
    """Whether this is an array over the devices of the mesh."""
    if not _is_committed(leaf):
        return False
    sharding = leaf.sharding
    # The usual case first: sets of thousands of devices are slow to compare.
    return getattr(sharding, "mesh", None) == mesh or sharding.device_set == devices


def _is_committed(leaf: Any) -> bool:
    return isinstance(leaf, jax.Array) and leaf.committed


def _paths(slots: Sequence[Slot], dynamic: tuple[Any, ...]) -> list[str]:
    return leaf_paths([slot.name for slot in slots], dynamic)


def _digest(leaf: Any) -> np.ndarray:
    """Of the shape, type and elements; zeros for an array that is not a copy."""
    if _is_committed(leaf):
        return np.zeros(_DIGEST_BYTES, np.uint8)
    is_key = jax.dtypes.issubdtype(jax.typeof(leaf).dtype, jax.dtypes.prng_key)
    array = np.asarray(jax.random.key_data(leaf) if is_key else leaf)
    hashed = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    hashed.update(f"{array.dtype}{array.shape}".encode())
    hashed.update(array.tobytes())
    return np.frombuffer(hashed.digest(), np.uint8)
