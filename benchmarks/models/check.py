# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a model under a schedule on virtual devices, against the unpartitioned one."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

import partir
from benchmarks.models.model import Model, Tactic


class Outcome(NamedTuple):
    """What came of a run.

    Attributes:
      model: the model.
      lowered: the plan.
      error: the largest difference to the unpartitioned results of all steps, of each
        array relative to its largest magnitude.
      moved: paths of the state that came out placed otherwise than it went in.
    """

    model: Model
    lowered: partir.Lowered
    error: float
    moved: list[str]

    @property
    def is_right(self) -> bool:
        """Whether the results are those of the unpartitioned model, and in place."""
        return self.error <= self.model.tolerance and not self.moved


def lower(
    model: Model, schedule: Sequence[Tactic], device: Any = None
) -> partir.Lowered:
    """Plans a step on the devices that JAX has, by default with their estimates."""
    wrapped = partir.jit(
        model.function,
        mesh=model.make_mesh(),
        schedule=schedule,
        carry=model.carry,
        device=device,
    )
    return wrapped.lower(*model.arguments)


def run(model: Model, schedule: str) -> Outcome:
    """Plans a schedule of the model and runs three steps."""
    return compare(model, lower(model, model.schedule(schedule)))


def compare(model: Model, lowered: partir.Lowered, steps: int = 3) -> Outcome:
    """Runs ``steps`` steps, each from the state that the one before left."""
    compiled, plain = lowered.compile(), jax.jit(model.function)
    names = list(model.argument_names)
    got = want = model.make_arguments()
    error, moved = 0.0, set()
    for _ in range(steps):
        results, wanted = compiled(*got), plain(*want)
        error = max(error, largest_difference(results, wanted))
        got, want = list(got), list(want)
        for name, number in model.carry.items():
            argument = names.index(name)
            shardings = lowered.in_shardings[argument]
            moved |= set(_moved(name, results[number], shardings))
            got[argument], want[argument] = results[number], wanted[number]
    return Outcome(model, lowered, error, sorted(moved))


def largest_difference(tree: Any, reference: Any) -> float:
    """Of two pytrees, each array relative to the reference's largest magnitude."""

    def difference(a: Any, b: Any) -> float:
        # In 64 bits, which also hold all integers of 32.
        kind = np.complex128 if np.iscomplexobj(b) else np.float64
        a, b = np.asarray(a).astype(kind), np.asarray(b).astype(kind)
        if b.size == 0:
            return 0.0
        largest = np.max(np.abs(a - b)) / max(np.max(np.abs(b)), 1e-30)
        # What is not a number is as wrong as can be, and would be lost in a maximum.
        return np.inf if np.isnan(largest) else float(largest)

    differences = jax.tree.leaves(jax.tree.map(difference, tree, reference))
    return max(differences, default=0.0)


def _moved(name: str, tree: Any, shardings: Any) -> list[str]:
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return [
        ".".join((name, jax.tree_util.keystr(path, simple=True, separator=".")))
        for (path, leaf), sharding in zip(
            leaves, jax.tree.leaves(shardings), strict=True
        )
        if not leaf.sharding.is_equivalent_to(sharding, leaf.ndim)
    ]
