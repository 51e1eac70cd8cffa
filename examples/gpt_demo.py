# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Partitions a GPT train step with [BP, MP, Z3], and runs it on 8 virtual devices.

Prints what each tactic did, then compares three steps with the unpartitioned ones.
"""

import argparse
import os
import sys
import time
from pathlib import Path

# XLA reads these when JAX is imported. Its CPU back end runs the virtual devices on
# one pool of threads, which is too small by default for collectives that wait for
# each other.
os.environ.setdefault("NPROC", "64")
os.environ["XLA_FLAGS"] = (
    f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=8"
)
os.environ.setdefault("JAX_PLATFORMS", "cpu")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import jax
import numpy as np

import partir
from benchmarks.models import gpt, gpt_schedules

BATCH_AXIS, MODEL_AXIS = 4, 2
MB = 2**20


def parse_arguments() -> argparse.Namespace:
    """The size of the model, the schedule, and how many steps to run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    sizes = gpt.Config()
    for name in ("layers", "d_model", "heads", "d_ff", "vocab", "batch", "sequence"):
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=int, default=getattr(sizes, name)
        )
    parser.add_argument("--steps", type=int, default=3, help="train steps to run")
    parser.add_argument(
        "--scan-layers", action="store_true", help="lax.scan over stacked layers"
    )
    parser.add_argument(
        "--schedule", choices=list(gpt_schedules.SCHEDULES), default="BP+MP+Z3"
    )
    return parser.parse_args()


def device_bytes(tree) -> int:
    """Bytes that the arrays of a pytree take on one device."""
    return sum(leaf.addressable_shards[0].data.nbytes for leaf in jax.tree.leaves(tree))


def largest_difference(tree, reference) -> float:
    """Largest difference of two pytrees, each array relative to its magnitude."""

    def difference(a, b) -> float:
        a, b = np.asarray(a), np.asarray(b)
        return float(np.max(np.abs(a - b)) / max(np.max(np.abs(b)), 1e-30))

    return max(jax.tree.leaves(jax.tree.map(difference, tree, reference)))


def main() -> None:
    """Partitions, reports, runs and compares."""
    options = vars(parse_arguments())
    steps, schedule_name = options.pop("steps"), options.pop("schedule")
    config = gpt.Config(**options)
    mesh = jax.make_mesh((BATCH_AXIS, MODEL_AXIS), ("B", "M"))
    train_step = gpt.make_train_step(config)
    params, opt_state, batch = gpt.init(config)
    count = sum(leaf.size for leaf in jax.tree.leaves(params))
    print(
        f"GPT with {config.layers} layers and {count / 1e6:.1f} M parameters on mesh "
        f"B={BATCH_AXIS}, M={MODEL_AXIS}; schedule {schedule_name}\n"
    )

    step = partir.jit(
        train_step,
        mesh=mesh,
        schedule=gpt_schedules.model(config).schedule(schedule_name),
        donate_argnums=(0, 1),
    )
    start = time.perf_counter()
    lowered = step.lower(params, opt_state, batch)
    print(f"lowered and partitioned in {time.perf_counter() - start:.2f} s\n")
    for report in lowered.reports:
        print(f"{report}\n")

    start = time.perf_counter()
    plain = jax.jit(train_step)
    whole = jax.device_put((params, opt_state), jax.devices()[0])
    losses = []
    for _ in range(steps):
        *whole, loss = plain(*whole, batch)
        losses.append(float(loss))
    seconds = time.perf_counter() - start
    print(f"{steps} steps unpartitioned, compilation included: {seconds:.1f} s")

    start = time.perf_counter()
    parts = (params, opt_state)
    differences = []
    for number in range(steps):
        *parts, loss = step(*parts, batch)
        got, want = float(loss), losses[number]
        differences.append(abs(got - want) / abs(want))
        print(f"  step {number}: loss {got:.6f}, unpartitioned {want:.6f}")
    seconds = time.perf_counter() - start
    print(f"{steps} steps partitioned, compilation included: {seconds:.1f} s\n")

    print(f"largest relative difference of loss:       {max(differences):.1e}")
    for name, part, reference in zip(
        ("parameters", "optimiser state"), parts, whole, strict=True
    ):
        worst = largest_difference(part, reference)
        print(f"largest relative difference of {name + ':':17}{worst:.1e}")
    print(f"\n{'MB on a device':20}{'unpartitioned':>15}{'partitioned':>15}")
    for name, part, reference in zip(
        ("parameters", "optimiser state"), parts, whole, strict=True
    ):
        before, after = device_bytes(reference) / MB, device_bytes(part) / MB
        print(f"{name:20}{before:15.2f}{after:15.2f}")
    print(f"\n{'collectives in a step':20}{'count':>9}{'MB sent':>15}")
    for kind, total in lowered.reports[-1].collectives.items():
        print(f"{kind:20}{total.count:10}{total.bytes / MB:15.2f}")


if __name__ == "__main__":
    main()
