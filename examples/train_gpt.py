# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains a small Flax GPT on Python's own sources, under any schedule and mesh.

    python examples/train_gpt.py --schedule BP+MP+Z3 --mesh B=4,M=2
    python examples/train_gpt.py --plain          # unpartitioned, on one device

With --checkpoint-dir the state is saved as training goes on. --resume takes it up
again, under any schedule and mesh: Orbax restores it as they have it.
"""

import argparse
import math
import os
import time
from pathlib import Path
from typing import Any

# XLA reads it when JAX is imported: its CPU back end runs the virtual devices on one
# pool of threads, which is too small by default.
os.environ.setdefault("NPROC", "64")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import numpy as np
import optax
import orbax.checkpoint as ocp
from flax import nnx
from nnx_gpt import TACTICS, Config, Gpt
from source_text import load_text, make_batch

import partir

PEAK_RATE, CLIP_NORM = 3e-3, 1.0


def parse_arguments() -> argparse.Namespace:
    """The schedule, the mesh, the length of the run, and where it is saved."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--schedule", type=parse_schedule, default="BP+MP+Z3", help="of BP, MP, Z2, Z3")
    add("--mesh", type=parse_mesh, default="B=4,M=2", help="sizes of its axes")
    add("--plain", action="store_true", help="jax.jit on one device instead")
    add("--steps", type=int, default=300, help="of the whole run (default 300)")
    add("--batch", type=int, default=16, help="windows of text in a step (default 16)")
    add("--log-every", type=int, default=10, help="steps (default 10)")
    add("--checkpoint-dir", type=Path, help="where to save the state")
    add("--checkpoint-every", type=int, default=50, help="steps (default 50)")
    add("--resume", action="store_true", help="go on from the last checkpoint")
    options = parser.parse_args()
    if options.resume and options.checkpoint_dir is None:
        parser.error("--resume needs --checkpoint-dir")
    return options


def parse_schedule(text: str) -> list[partir.ManualPartition]:
    """From ``"BP+MP"`` to tactics."""
    names = text.split("+")
    for name in names:
        if name not in TACTICS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {[*TACTICS]}")
    return [TACTICS[name] for name in names]


def parse_mesh(text: str) -> dict[str, int]:
    """From ``"B=4,M=2"`` to sizes by axis."""
    pairs = (axis.split("=") for axis in text.split(","))
    return {name: int(size) for name, size in pairs}


def make_training(config: Config, steps: int) -> dict[str, Any]:
    """A new model and its optimiser."""
    model = Gpt(config, nnx.Rngs(0))
    rate = optax.warmup_cosine_decay_schedule(0.0, PEAK_RATE, steps // 10, steps)
    rule = optax.chain(optax.clip_by_global_norm(CLIP_NORM), optax.adamw(rate))
    return {"model": model, "optimizer": nnx.Optimizer(model, rule, wrt=nnx.Param)}


def make_train_step(graph: nnx.GraphDef) -> Any:
    """Returns ``train_step(state, batch)``: the new state, and the loss in nats."""

    def loss_fn(model: Gpt, batch: jax.Array) -> jax.Array:
        logits = model(batch[:, :-1])
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, batch[:, 1:])
        return jnp.mean(losses)

    def train_step(state: nnx.State, batch: jax.Array) -> tuple[nnx.State, jax.Array]:
        training = nnx.merge(graph, state)
        loss, grads = nnx.value_and_grad(loss_fn)(training["model"], batch)
        training["optimizer"].update(training["model"], grads)
        return nnx.state(training), loss

    return train_step


def compile_step(options: argparse.Namespace, train_step: Any, *avals: Any) -> Any:
    """Returns the compiled step, and how its state lies."""
    if options.plain:
        compiled = jax.jit(train_step, donate_argnums=0).lower(*avals).compile()
        return compiled, compiled.input_shardings[0][0]
    mesh = jax.make_mesh(tuple(options.mesh.values()), tuple(options.mesh))
    lowered = partir.jit(
        train_step, mesh=mesh, schedule=options.schedule, donate_argnums=0
    ).lower(*avals)
    for report in lowered.reports:
        print(f"{report}\n")
    return lowered.compile(), lowered.in_shardings[0]


def open_checkpoints(options: argparse.Namespace) -> ocp.CheckpointManager | None:
    """Where states are saved, if anywhere; a new run has to start with none."""
    if options.checkpoint_dir is None:
        return None
    manager = ocp.CheckpointManager(
        options.checkpoint_dir.absolute(),
        options=ocp.CheckpointManagerOptions(
            save_interval_steps=options.checkpoint_every, max_to_keep=2
        ),
    )
    if options.resume != (manager.latest_step() is not None):
        has = "no checkpoint to resume" if options.resume else "checkpoints: --resume?"
        raise SystemExit(f"{options.checkpoint_dir} has {has}")
    return manager


def first_state(
    checkpoints: ocp.CheckpointManager | None, make_state: Any, shardings: Any
) -> tuple[int, nnx.State]:
    """The steps done and the state after them, restored or new, laid out as planned."""
    if checkpoints is None or checkpoints.latest_step() is None:
        return 0, jax.jit(make_state, out_shardings=shardings)()
    wanted = jax.tree.map(
        lambda aval, sharding: jax.ShapeDtypeStruct(
            aval.shape, aval.dtype, sharding=sharding
        ),
        jax.eval_shape(make_state),
        shardings,
    )
    done = checkpoints.latest_step()
    return done, checkpoints.restore(done, args=ocp.args.StandardRestore(wanted))


def main() -> None:
    """Compiles the step, takes up the state, and trains."""
    options = parse_arguments()
    jax.config.update("jax_num_cpu_devices", math.prod(options.mesh.values()))
    config, text = Config(), load_text()

    def make_state() -> nnx.State:
        return nnx.state(make_training(config, options.steps))

    graph = nnx.graphdef(nnx.eval_shape(lambda: make_training(config, options.steps)))
    window = config.sequence + 1
    step, shardings = compile_step(
        options,
        make_train_step(graph),
        jax.eval_shape(make_state),
        jax.ShapeDtypeStruct((options.batch, window), np.int32),
    )
    checkpoints = open_checkpoints(options)
    start, state = first_state(checkpoints, make_state, shardings)
    print(f"training from step {start} to {options.steps}")
    clock = time.perf_counter()
    for done in range(start + 1, options.steps + 1):
        state, loss = step(state, make_batch(text, done, options.batch, window))
        if done % options.log_every == 0 or done == options.steps:
            seconds = time.perf_counter() - clock
            print(f"step {done:4}: loss {loss:.6f}, {seconds:6.1f} s", flush=True)
        if checkpoints is not None:
            is_last = done == options.steps
            checkpoints.save(done, args=ocp.args.StandardSave(state), force=is_last)
    if checkpoints is not None:
        checkpoints.close()


if __name__ == "__main__":
    main()
