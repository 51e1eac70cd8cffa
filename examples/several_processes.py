# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains a small network on one mesh over the devices of several processes.

Start it once for each process, here twice with 4 virtual CPU devices:

    for rank in 0 1; do
      python examples/several_processes.py --processes 2 --rank $rank --devices 4 &
    done; wait

All processes run the same program. Arrays are global: a process holds the parts of its
own devices, and makes its parts of each batch.
"""

import argparse
import os

# XLA reads it when JAX is imported: its CPU back end runs the virtual devices on one
# pool of threads, which is too small by default.
os.environ.setdefault("NPROC", "64")

import jax
import jax.numpy as jnp
import numpy as np

import partir

BATCH, FEATURES, HIDDEN = 32, 16, 64

BP = partir.ManualPartition({"batch": 0}, axis="B", name="BP")
MP = partir.ManualPartition({"params.up": 1}, axis="M", name="MP")
Z3 = partir.ManualPartition({"params": partir.FIRST_DIVISIBLE_DIM}, "B", name="Z3")


def parse_arguments() -> argparse.Namespace:
    """Which process this is, of how many."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--rank", type=int, default=0, help="number of this process")
    parser.add_argument("--devices", type=int, default=8, help="of each process")
    parser.add_argument("--coordinator", default="localhost:12321", help="of rank 0")
    parser.add_argument("--steps", type=int, default=20)
    return parser.parse_args()


def init_params() -> dict[str, np.ndarray]:
    """The same host arrays in every process."""
    rng = np.random.default_rng(0)
    shapes = {"up": (FEATURES, HIDDEN), "down": (HIDDEN, 1)}
    return {
        name: rng.standard_normal(shape, np.float32) / np.sqrt(shape[0], dtype="f4")
        for name, shape in shapes.items()
    }


def make_batch(step: int, sharding: jax.sharding.Sharding) -> jax.Array:
    """Global array [BATCH, FEATURES]; a process draws the rows of its devices only."""

    def part(index: tuple[slice, ...]) -> np.ndarray:
        rows = range(*index[0].indices(BATCH))
        draws = [np.random.default_rng((step, row)) for row in rows]
        return np.stack([rng.standard_normal(FEATURES, np.float32) for rng in draws])

    return jax.make_array_from_callback((BATCH, FEATURES), sharding, part)


def train_step(params: dict[str, jax.Array], batch: jax.Array):
    """One step of gradient descent; the network learns the norm of a row."""

    def loss_fn(params):
        found = jnp.tanh(batch @ params["up"]) ** 2 @ params["down"]
        wanted = jnp.linalg.norm(batch, axis=1, keepdims=True)
        return jnp.mean((found - wanted) ** 2)

    loss, grads = jax.value_and_grad(loss_fn)(params)
    return jax.tree.map(lambda p, g: p - 0.02 * g, params, grads), loss


def main() -> None:
    """Joins the other processes and trains with them."""
    options = parse_arguments()
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_num_cpu_devices", options.devices)
    if options.processes > 1:
        jax.distributed.initialize(options.coordinator, options.processes, options.rank)
    mesh = jax.make_mesh((jax.device_count() // 2, 2), ("B", "M"))
    params = init_params()
    batch = jax.ShapeDtypeStruct((BATCH, FEATURES), np.float32)
    lowered = partir.jit(
        train_step, mesh=mesh, schedule=[BP, MP, Z3], donate_argnums=0
    ).lower(params, batch)
    step, sharding = lowered.compile(), lowered.in_shardings[1]
    for number in range(options.steps):
        params, loss = step(params, make_batch(number, sharding))
        # Replicated, so that every process can read it.
        if options.rank == 0:
            print(f"step {number:3}: loss {float(loss):.7f}", flush=True)


if __name__ == "__main__":
    main()
