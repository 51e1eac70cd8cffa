# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What every model of this folder is: a function, its arguments, its schedules."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax

import partir

Tactic = partir.ManualPartition | partir.AutomaticPartition


@dataclasses.dataclass(frozen=True)
class Model:
    """A function to partition, and the schedules that a user would write for it.

    Attributes:
      name: what tables call it.
      function: the unpartitioned function; plain JAX that knows no device.
      arguments: its positional arguments, pytrees of ``jax.ShapeDtypeStruct``.
      make_arguments: makes arrays of these shapes on the host. The values are such
        that two ways to compute the function agree up to rounding.
      tactics: the tactics by name.
      schedules: schedules by name, each the names of its tactics in order.
      mesh: the mesh that the schedules are written for: axes and their sizes.
      carry: the arguments that hold state, by name, and the number of the result
        that is the next step's.
      tolerance: how far a result may be from the unpartitioned one, relative to the
        largest magnitude of the array.
      laws: how many collectives of which kind a step must have under a schedule, from
        the model's own numbers of layers, parameters and the like: schedule -> kind
        (a key of ``partir.Collectives``) -> count. A kind that is not named must not
        occur; a schedule that is not named has no law.
    """

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    make_arguments: Callable[[], tuple[Any, ...]]
    tactics: Mapping[str, partir.ManualPartition]
    schedules: Mapping[str, Sequence[str]]
    mesh: Mapping[str, int]
    carry: Mapping[str, int] = dataclasses.field(default_factory=dict)
    tolerance: float = 1e-5
    laws: Mapping[str, Mapping[str, int]] = dataclasses.field(default_factory=dict)

    @property
    def argument_names(self) -> tuple[str, ...]:
        """The names of the function's arguments, in order."""
        return tuple(inspect.signature(self.function).parameters)

    def schedule(self, name: str) -> list[partir.ManualPartition]:
        """The tactics of a schedule, a key of ``schedules``."""
        return [self.tactics[tactic] for tactic in self.schedules[name]]

    def abstract_mesh(self) -> jax.sharding.AbstractMesh:
        """The mesh, without devices."""
        return jax.sharding.AbstractMesh(
            tuple(self.mesh.values()), tuple(self.mesh.keys())
        )

    def make_mesh(self) -> jax.sharding.Mesh:
        """The mesh, of the devices that JAX has."""
        axis_types = (jax.sharding.AxisType.Auto,) * len(self.mesh)
        return jax.make_mesh(
            tuple(self.mesh.values()), tuple(self.mesh), axis_types=axis_types
        )


def shapes_of(tree: Any) -> Any:
    """The pytree of arrays as ``jax.ShapeDtypeStruct``."""
    return jax.tree.map(lambda a: jax.ShapeDtypeStruct(a.shape, a.dtype), tree)
