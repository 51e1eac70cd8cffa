# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""``partir.calibrate``: the figures of the devices at hand, measured."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import PartitionSpec

from partir._device import known_device
from partir._partir import PartirError

#: Bytes of an array that no cache holds, on one device.
_LARGE = 2**25
#: Rounds of a loop in one measurement, and measurements of which the best counts.
_ROUNDS, _TRIES = 8, 3


def calibrate(
    path: str | Path | None = None, *, devices: Sequence[jax.Device] | None = None
) -> dict[str, Any]:
    """Measures devices, for estimates of time.

    All devices run at once, as they do in a step: virtual devices share a machine's
    cores and memory. Takes less than a minute. What cannot be measured, the memory that
    a program may use and how XLA fuses, is as in the file of the device that PartIR
    knows. Of another device, the memory is what JAX says of it (``memory_stats``), and
    all else, or the memory too where JAX says none, is as in the file of a CPU.

    Args:
      path: where to write the figures as JSON.
      devices: the devices, of one kind; by default all of this process.

    Returns:
      The figures, as ``jit(device=...)`` and ``Lowered.estimate`` take them: rates in
      operations and bytes a second, times in seconds.

    Raises:
      PartirError: the devices are of several kinds.
    """
    found = list(jax.local_devices() if devices is None else devices)
    kinds = sorted({device.device_kind for device in found})
    if len(kinds) != 1:
        raise PartirError(f"calibrate: the devices must be of one kind, not {kinds}")
    bench = _Bench(found)
    overhead = bench.overhead()
    figures = {
        **known_device(found[0]),
        "name": kinds[0],
        "sources": {"all": f"partir.calibrate, {len(found)} devices at once"},
        "bandwidth": bench.bandwidth(),
        "bandwidth_efficiency": 1.0,
        "matrix_flops": bench.matrix_flops(),
        "matrix_efficiency": 1.0,
        "vector_flops": bench.vector_flops(),
        "transcendentals": bench.transcendentals(),
        "overhead": overhead,
    }
    if len(found) > 1:
        bandwidth, latency = bench.link()
        figures["links"] = [
            {
                "name": "link",
                "size": len(found),
                "bandwidth": bandwidth,
                "latency": latency,
            }
        ]
    if path is not None:
        Path(path).write_text(json.dumps(figures, indent=2) + "\n")
    return figures


class _Bench:
    """Times loops that all devices run at once."""

    def __init__(self, devices: list[jax.Device]):
        self._size = len(devices)
        self._mesh = jax.sharding.Mesh(
            np.array(devices),
            ("d",),
            axis_types=(jax.sharding.AxisType.Auto,),
        )

    def _seconds(
        self, body: Callable[[jax.Array], jax.Array], shape: tuple[int, ...], dtype: Any
    ) -> float:
        """Seconds of ``body``, a function of an array of this shape on each device.

        Its result is its argument in the next round: of the same shape and type.
        """
        spec = PartitionSpec("d")

        def rounds(x: jax.Array) -> jax.Array:
            one = jax.lax.fori_loop(0, _ROUNDS, lambda _, y: body(y), x[0])
            return one[None]

        run = jax.jit(
            jax.shard_map(
                rounds, mesh=self._mesh, in_specs=spec, out_specs=spec, check_vma=False
            )
        )
        x = jax.device_put(
            jnp.ones((self._size, *shape), dtype),
            jax.sharding.NamedSharding(self._mesh, spec),
        )
        jax.block_until_ready(run(x))
        times = []
        for _ in range(_TRIES):
            start = time.perf_counter()
            jax.block_until_ready(run(x))
            times.append(time.perf_counter() - start)
        return min(times) / _ROUNDS

    def overhead(self) -> float:
        """Seconds of a kernel that does next to nothing."""

        def steps(x: jax.Array) -> jax.Array:
            for _ in range(8):
                x = jax.lax.optimization_barrier(x + 1)
            return x

        return self._seconds(steps, (8,), jnp.float32) / 8

    def bandwidth(self) -> float:
        seconds = self._seconds(lambda x: x + 1, (_LARGE // 4,), jnp.float32)
        return 2 * _LARGE / seconds

    def matrix_flops(self) -> list[float]:
        """By bytes of an element: 1, 2, 4 and 8."""

        def rate(dtype: Any) -> float:
            # Large enough for the rate, small enough for a CPU.
            size = 512 if self._mesh.devices.flat[0].platform == "cpu" else 4096
            weights = jnp.full((size, size), 1 / size, dtype)
            seconds = self._seconds(lambda x: x @ weights, (size, size), dtype)
            return 2 * size**3 / seconds

        half, single = rate(jnp.bfloat16), rate(jnp.float32)
        return [half, half, single, single / 2]

    def vector_flops(self) -> float:
        count = 64

        def steps(x: jax.Array) -> jax.Array:
            for _ in range(count):
                x = x * 0.999 + 0.001
            return x

        elements = _LARGE // 64
        return 2 * count * elements / self._seconds(steps, (elements,), jnp.float32)

    def transcendentals(self) -> float:
        count = 8

        def steps(x: jax.Array) -> jax.Array:
            for _ in range(count):
                x = jnp.tanh(x)
            return x

        elements = _LARGE // 64
        return count * elements / self._seconds(steps, (elements,), jnp.float32)

    def link(self) -> tuple[float, float]:
        """Bytes a second that a device sends in a collective, and seconds a round.

        A line through the times of all_reduces, which send twice the array but for
        the part that is the device's own, in as many rounds as there are others.
        """
        others = self._size - 1
        sizes = [2**12, 2**16, 2**20, 2**22]
        sent = [2 * size * others / self._size for size in sizes]
        times = [
            self._seconds(
                lambda x: jax.lax.psum(x, "d") / self._size, (size // 4,), jnp.float32
            )
            for size in sizes
        ]
        # Relative errors count, so that small arrays do as well.
        weights = 1 / np.array(times)
        columns = np.stack([np.array(sent), np.full(len(sizes), float(others))], axis=1)
        slope, latency = np.linalg.lstsq(
            columns * weights[:, None], np.ones(len(sizes)), rcond=None
        )[0]
        return 1 / max(float(slope), 1e-15), max(float(latency), 0.0)
