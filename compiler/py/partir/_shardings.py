# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""``partir.shardings``: what a schedule decides, for those who run ``jax.jit``."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from partir._jit import jit
from partir._mesh import AnyMesh
from partir._tactic import Tactic


class Shardings(NamedTuple):
    """How the arguments and results of a function lie, by the names of ``jax.jit``.

    Attributes:
      in_shardings: a tuple with a pytree of ``NamedSharding`` for each argument that
        is not static.
      out_shardings: a pytree of ``NamedSharding`` for the result.
    """

    in_shardings: tuple[Any, ...]
    out_shardings: Any


def shardings(
    fun: Callable[..., Any],
    *,
    mesh: AnyMesh,
    schedule: Sequence[Tactic],
    **options: Any,
) -> Callable[..., Shardings]:
    """The shardings that a schedule leads to, without the partitioned program.

    With them, ``jax.jit`` lays arguments and results out as :func:`partir.jit` does;
    the values in between are then XLA's to place, and so are the collectives.

        placed = partir.shardings(f, mesh=mesh, schedule=schedule)(*args)
        step = jax.jit(f, **placed._asdict())

    Args:
      fun: the function, as for :func:`partir.jit`.
      mesh: the mesh; its axes must be Auto for what ``jax.jit`` is to place itself.
      schedule: the tactics.
      **options: ``static_argnums`` and the others of :func:`partir.jit`.

    Returns:
      A function of the arguments of ``fun``, arrays or ``jax.ShapeDtypeStruct``. They
      are given by position: ``jax.jit`` has no ``in_shardings`` for keywords.

    Raises:
      PartirError: as :func:`partir.jit` and ``Wrapped.lower`` do.
    """
    step = jit(fun, mesh=mesh, schedule=schedule, **options)

    def of(*args: Any) -> Shardings:
        lowered = step.lower(*args)
        return Shardings(lowered.in_shardings, lowered.out_shardings)

    return of
