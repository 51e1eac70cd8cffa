# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arguments of all kinds on a mesh that spans processes; run once in each process.

    process_cases.py COORDINATOR PROCESSES RANK

Prints for each case, as a line of JSON, its name and the error, or null.
"""

import json
import os
import sys
import traceback

os.environ["NPROC"] = "64"

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType, NamedSharding
from jax.sharding import PartitionSpec as P

import partir

RNG = np.random.default_rng(0)
X = RNG.standard_normal((16, 8), np.float32)
W = RNG.standard_normal((8, 8), np.float32)
#: Large enough to become an input of the program.
TABLE = RNG.standard_normal((16, 1024), np.float32)
SCHEDULE = [
    partir.ManualPartition({"x": 0}, "B"),
    partir.ManualPartition({"w": 1}, "M"),
]


def fun(x, w, key, scale):
    """Of closed-over arrays too: one of the host, one of this process's device."""
    noise = jax.random.normal(key, (16, 8))
    return scale * jnp.sin(x @ w) + noise, jnp.sum(x), x @ CLOSED + jnp.sum(TABLE)


def over(mesh, array, *spec):
    return jax.make_array_from_callback(
        array.shape, NamedSharding(mesh, P(*spec)), lambda index: array[index]
    )


def arguments(mesh, rank):
    """The arguments of ``fun`` by name of the case."""
    key = jax.random.key(1)
    rest = W, key, 2.0
    own = jax.local_devices()
    here = jax.sharding.Mesh(np.array(own), ("L",))
    turned = jax.sharding.Mesh(mesh.devices.T[::-1], ("M", "B"))
    return {
        "host arrays": (X, *rest),
        "as planned": (over(mesh, X, "B"), over(mesh, W, None, "M"), key, 2.0),
        "placed otherwise": (over(mesh, X, None, "M"), over(mesh, W), key, 2.0),
        "another order of devices": (over(turned, X, "B"), *rest),
        "not committed": (jnp.asarray(X), jnp.asarray(W), key, jnp.float32(2)),
        "on one device": (jax.device_put(X, own[1]), *rest),
        "on one device of the first process": (
            jax.device_put(X, jax.devices()[0]),
            *rest,
        ),
        "on the devices of this process": (
            jax.device_put(X, NamedSharding(here, P("L"))),
            *rest,
        ),
        "on a device in one process, of the host in the other": (
            X if rank else jax.device_put(X, own[0]),
            *rest,
        ),
        "not the same": (X + rank, *rest),
        "of another shape": (X[: 16 - 8 * rank], *rest),
        "no array": (object(), *rest),
    }


def check(results):
    """Compares the parts that are here with what one device computes."""
    want = jax.jit(fun)(X, W, jax.random.key(1), 2.0)
    for got, whole in zip(results, map(np.asarray, want), strict=True):
        for shard in got.addressable_shards:
            np.testing.assert_allclose(
                shard.data, whole[shard.index], rtol=1e-5, atol=1e-5
            )


def report(name, step, args):
    error = None
    try:
        check(step(*args))
    except partir.PartirError as refused:
        error = str(refused)
    except Exception:
        error = traceback.format_exc()
    print(json.dumps({"case": name, "error": error}), flush=True)


def main():
    coordinator, processes, rank = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_num_cpu_devices", 8 // processes)
    jax.distributed.initialize(coordinator, processes, rank)
    global CLOSED
    CLOSED = jnp.asarray(W)
    for axis_type in (AxisType.Auto, AxisType.Explicit):
        mesh = jax.make_mesh((4, 2), ("B", "M"), axis_types=(axis_type,) * 2)
        step = partir.jit(fun, mesh=mesh, schedule=SCHEDULE)
        compiled = step.lower(X, W, jax.random.key(1), 2.0).compile()
        for name, args in arguments(mesh, rank).items():
            report(f"{axis_type.name}, jit, {name}", step, args)
            report(f"{axis_type.name}, compiled, {name}", compiled, args)


if __name__ == "__main__":
    main()
