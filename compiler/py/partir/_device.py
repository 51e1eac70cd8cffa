# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The devices for which time and memory are estimated: files of JSON."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jax

from partir._mesh import AnyMesh
from partir._partir import PartirError, devices
from partir._partir import check_device as check_device_json

#: A device of that name, a file of JSON, or the content of one.
DeviceLike = str | Path | dict[str, Any]

#: The devices that PartIR knows, by what JAX calls them (``device_kind``). Others of a
#: family (other memories, PCIe for SXM, parts of a GPU) have other figures.
_KINDS = {
    "tpu v3": "tpu_v3",
    "tpu v4": "tpu_v4",
    "tpu v5 lite": "tpu_v5e",
    "tpu v5e": "tpu_v5e",
    "tpu v5": "tpu_v5p",
    "tpu v5p": "tpu_v5p",
    "tpu v6 lite": "tpu_v6e",
    "tpu v6e": "tpu_v6e",
    "nvidia a100-sxm4-80gb": "a100",
    "nvidia h100 80gb hbm3": "h100",
    "nvidia h200": "h200",
    "nvidia b200": "b200",
    "cpu": "cpu",
}


def device_json(device: DeviceLike) -> str:
    """The device as JSON text, which is valid.

    Raises:
      PartirError: there is neither a device of that name nor a file, or what is there
        is no device.
    """
    known = devices()
    if isinstance(device, dict):
        where, text = "device", _dumped(device)
    elif isinstance(device, str) and device in known:
        return known[device]
    else:
        where, text = str(device), _read(device, known)
    try:
        check_device_json(text)
    except PartirError as error:
        raise PartirError(f"{where}: {error}") from None
    return text


def _dumped(device: dict[str, Any]) -> str:
    try:
        return json.dumps(device, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise PartirError(f"device: the dict cannot be JSON: {error}") from error


def _read(device: Any, known: Iterable[str]) -> str:
    try:
        return Path(device).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise PartirError(f"{device}: this is no text in UTF-8: {error}") from error
    except (OSError, TypeError, ValueError) as error:
        raise PartirError(
            f"device is {device!r}; it must be the path of a file of JSON, what is in "
            f"one as a dict, or one of {', '.join(sorted(known))}"
        ) from error


def _name_of(device: jax.Device) -> str | None:
    return _KINDS.get(device.device_kind.lower())


def known_device(device: jax.Device) -> dict[str, Any]:
    """What is in the file of a device.

    Of one that PartIR does not know, what is in the file of a CPU and holds not only of
    CPUs, with the memory that the device says it has, where it says so.
    """
    files = devices()
    if name := _name_of(device):
        return json.loads(files[name])
    figures = json.loads(files["cpu"])
    del figures["widens_half"]
    said = device.memory_stats() or {}
    return {**figures, "memory": said.get("bytes_limit") or figures["memory"]}


def check_device(mesh: AnyMesh, device: DeviceLike | None) -> str | None:
    """The device for which to estimate, as JSON: what the user says, else the mesh's.

    None where the mesh has no devices, or none that PartIR knows.

    Raises:
      PartirError: as :func:`device_json`.
    """
    if device is None:
        if not isinstance(mesh, jax.sharding.Mesh):
            return None
        device = _name_of(mesh.devices.flat[0])
        if device is None:
            return None
    return device_json(device)
