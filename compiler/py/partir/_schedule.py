# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Plans a program: applies the tactics one by one."""

import contextlib
import dataclasses
import functools
import gc
import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import numpy as np
from jax.sharding import NamedSharding

from partir._automatic import Search, run_search
from partir._booleans import to_bytes
from partir._estimate import Estimate, make_estimate
from partir._fit import Array, Ends
from partir._inputs import Names, RawAction
from partir._mesh import AnyMesh, axis_sizes, is_multi_process, named_sharding
from partir._partir import PartirError, Program
from partir._report import Action, TacticReport, make_report
from partir._rules import registered_rules
from partir._signature import Slot
from partir._source import Source
from partir._tactic import (
    AutomaticPartition,
    ManualPartition,
    Merged,
    Tactic,
    tactic_name,
)

#: Stages of ``Program.text``, in their order.
STAGES = ("input", "core", "hlo", "stablehlo")

#: (name, axis, actions) of each part of a tactic.
_Parts = list[tuple[str, str, list[RawAction]]]


@dataclasses.dataclass(frozen=True, eq=False)
class Plan:
    """A partitioned program, ready to be handed to XLA.

    Inputs and outputs are counted as the program has them: first the closed-over
    constants that became inputs, then the leaves of the dynamic arguments.

    Attributes:
      name: name of the function.
      mesh: the mesh, with or without devices.
      slots: where each dynamic argument comes from.
      in_tree: pytree of the tuple of dynamic arguments.
      in_avals: logical shapes and types of its leaves.
      constants: values of the constants.
      out_tree: pytree of the results.
      out_avals: logical shapes and types of its leaves.
      ends: the inputs and outputs, constants first, as they lie.
      in_specs: per input (constants first) and physical dim, the axes, major first.
      out_specs: the same for outputs.
      input_names: what the compiler calls the inputs: the paths of the arguments.
      reports: one for each tactic.
      local_module: the device-local program, generic StableHLO with locations.
      device: the device for which estimates are made, as JSON; none if not known.
      replay: makes the program again.
      seconds: time by step, see ``Lowered.seconds``.
    """

    name: str
    mesh: AnyMesh
    slots: tuple[Slot, ...]
    in_tree: jax.tree_util.PyTreeDef
    in_avals: tuple[jax.ShapeDtypeStruct, ...]
    constants: tuple[Any, ...]
    out_tree: jax.tree_util.PyTreeDef
    out_avals: tuple[Any, ...]
    ends: Ends
    in_specs: list[list[list[str]]]
    out_specs: list[list[list[str]]]
    input_names: tuple[str, ...]
    reports: tuple[TacticReport, ...]
    local_module: str
    device: str | None
    replay: "Replay"
    seconds: dict[str, float]

    @property
    def in_shardings(self) -> tuple[Any, ...]:
        """Shardings of the dynamic arguments, each a pytree of ``NamedSharding``."""
        specs = self.in_specs[len(self.constants) :]
        return self.in_tree.unflatten(_shardings(self.mesh, specs, self.in_avals))

    @property
    def out_shardings(self) -> Any:
        return self.out_tree.unflatten(
            _shardings(self.mesh, self.out_specs, self.out_avals)
        )


def make_plan(
    source: Source, mesh: AnyMesh, schedule: Sequence[Tactic], device: str | None
) -> Plan:
    """Runs the schedule on a program.

    Raises:
      PartirError: the program, or a tactic on it, is refused.
    """
    planning = _Planning(source, mesh, device)
    with planning.timed("tactics"), _collector_paused():
        for number, tactic in enumerate(schedule):
            planning.apply(tactic_name(tactic, number), tactic)
    return planning.finish()


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """Keeps Python's cycle collector from running.

    A report is thousands of small objects, none of them in a cycle. Making them sets
    off collections, each of which walks all that JAX holds.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Planning:
    """A program on its way through a schedule."""

    def __init__(self, source: Source, mesh: AnyMesh, device: str | None):
        """Gives the text to the compiler."""
        self._source, self._mesh, self._device = source, mesh, device
        self._low = low = source.low
        self._leaves, self._in_tree = jax.tree_util.tree_flatten(source.avals)
        self._seconds = dict(low.seconds)
        self._sizes = axis_sizes(mesh)
        self._parse = functools.partial(
            Program,
            low.text,
            list(self._sizes.items()),
            source.names,
            registered_rules(),
            source.becomes,
        )
        with self.timed("parse"):
            self._program = self._parse()
        self._names = Names(source.trees, self._program.tags)
        self._in_specs = [[[] for _ in s] for s, _ in self._program.input_types]
        self._out_specs = [[[] for _ in _physical_shape(a)] for a in low.out_avals]
        self._applied: list[tuple[str, _Parts, bool]] = []
        self._reports: list[TacticReport] = []
        self._tactics: dict[str, Tactic] = {}

    @contextlib.contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Notes the time that the block takes."""
        start = time.perf_counter()
        yield
        self._seconds[step] = time.perf_counter() - start

    def apply(self, name: str, tactic: Tactic) -> None:
        """Applies a tactic, and makes its report."""
        start = time.perf_counter()
        self._tactics[name] = tactic
        search, skipped, parts = None, (), []
        if is_automatic := isinstance(tactic, AutomaticPartition):
            search, parts = self._search(name, tactic)
        else:
            parts, skipped = self._resolve(name, tactic)
        result = self._program.apply(name, parts, is_automatic)
        self._applied.append((name, parts, is_automatic))
        self._in_specs, self._out_specs = result["in_specs"], result["out_specs"]
        self._reports.append(
            make_report(
                name,
                "+".join(tactic.axes),
                result,
                skipped,
                self._tactics,
                *self._shardings(),
                self._estimate(),
                search,
                start,
            )
        )

    def _resolve(
        self, name: str, tactic: ManualPartition | Merged
    ) -> tuple[_Parts, tuple[Action, ...]]:
        """The parts of a tactic, and reports of what is left alone already here."""
        parts: _Parts = []
        skipped: tuple[Action, ...] = ()
        for part in tactic.parts:
            raw, left = self._names.resolve(
                name, part.inputs, part.axis, self._sizes[part.axis]
            )
            parts.append((part.name or "", part.axis, raw))
            skipped += left
        return parts, skipped

    def _search(self, name: str, tactic: AutomaticPartition) -> tuple[Search, _Parts]:
        """What a search finds, and its parts, which are to be applied in turn."""
        if self._device is None:
            raise PartirError(
                f"tactic {name!r}: it is not known for which device to search; say "
                'so: partir.jit(..., device="tpu_v5e")'
            )
        leaves = jax.tree_util.tree_leaves(self._source.trees)
        return run_search(
            self._program,
            name,
            tactic,
            self._device,
            inputs={one.index: one.path for one in leaves if not one.is_key},
            aliases=self._whole_ends().aliases(),
            # Processes must find the same, whatever their clocks say.
            is_timed=not is_multi_process(self._mesh),
        )

    def _ends(self) -> Ends:
        low = self._low
        count = len(low.constants)
        avals = [*map(jax.typeof, low.constants), *self._leaves]
        # A constant cannot be addressed.
        paths = [""] * count + [*self._source.names[count:]]
        return Ends(
            [*map(Array, avals, self._in_specs, paths, self._source.donated)],
            [*map(Array, low.out_avals, self._out_specs)],
            self._sizes,
        )

    def _whole_ends(self) -> Ends:
        """The inputs and outputs as they would be if nothing were tiled."""
        ends = self._ends()
        whole = [
            [dataclasses.replace(one, spec=[[] for _ in one.spec]) for one in some]
            for some in (ends.inputs, ends.outputs)
        ]
        return Ends(*whole, self._sizes)

    def _estimate(self) -> Estimate | None:
        if self._device is None:
            return None
        return make_estimate(self._program, self._device, self._ends())

    def _shardings(self) -> tuple[Any, dict[str, Any], Any]:
        """Of the positional arguments, the keyword ones, and the results."""
        low = self._low
        specs = self._in_specs[len(low.constants) :]
        inputs = self._in_tree.unflatten(_shardings(self._mesh, specs, self._leaves))
        outputs = _shardings(self._mesh, self._out_specs, low.out_avals)
        return (
            *by_call(self._source.slots, inputs),
            low.out_tree.unflatten(outputs),
        )

    def finish(self) -> Plan:
        """Exports the local program."""
        with self.timed("export"):
            local_module = to_bytes(self._program.local_module())
        low = self._low
        return Plan(
            name=low.name,
            mesh=self._mesh,
            slots=self._source.slots,
            in_tree=self._in_tree,
            in_avals=tuple(self._leaves),
            constants=low.constants,
            out_tree=low.out_tree,
            out_avals=low.out_avals,
            ends=self._ends(),
            in_specs=self._in_specs,
            out_specs=self._out_specs,
            input_names=self._source.names,
            reports=tuple(self._reports),
            local_module=local_module,
            device=self._device,
            replay=Replay(self._parse, tuple(self._applied)),
            seconds=self._seconds,
        )


@dataclasses.dataclass(frozen=True)
class Replay:
    """Makes a program and its tactics again: a plan keeps its text only.

    Attributes:
      parse: makes the program.
      applied: the name and the parts of each tactic, and whether the parts are
        applied in turn.
    """

    parse: Callable[[], Program]
    applied: tuple[tuple[str, _Parts, bool], ...]

    def program(self, count: int | None = None) -> Program:
        """The program after ``count`` tactics, by default after all."""
        program = self.parse()
        for name, parts, in_turn in self.applied[:count]:
            program.apply(name, parts, in_turn)
        return program


def by_call(
    slots: Sequence[Slot], values: Sequence[Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Splits one value per dynamic argument into positional and keyword ones."""
    pairs = list(zip(slots, values, strict=True))
    positional = tuple(v for slot, v in pairs if isinstance(slot.key, int))
    return positional, {s.key: v for s, v in pairs if isinstance(s.key, str)}


def local_shape(
    shape: Sequence[int], spec: list[list[str]], sizes: dict[str, int]
) -> tuple[int, ...]:
    """Shape on one device of an array of this global shape and sharding."""
    return tuple(
        size // math.prod(sizes[axis] for axis in axes)
        for size, axes in zip(shape, spec, strict=True)
    )


def is_key(aval: Any) -> bool:
    """Whether these are typed PRNG keys, which XLA sees with one more dim."""
    return jax.dtypes.issubdtype(aval.dtype, jax.dtypes.prng_key)


def physical_aval(aval: Any) -> Any:
    """Shape and type as XLA sees them: keys become their data."""
    if not is_key(aval):
        return aval
    return jax.eval_shape(
        jax.random.key_data, jax.ShapeDtypeStruct(aval.shape, aval.dtype)
    )


def _physical_shape(aval: Any) -> tuple[int, ...]:
    return physical_aval(aval).shape


def _shardings(
    mesh: AnyMesh, specs: list[list[list[str]]], avals: Sequence[Any]
) -> list[NamedSharding]:
    # A key's data has one more dim than the key, and only the key has a sharding.
    return [
        named_sharding(mesh, spec[: len(aval.shape)])
        for spec, aval in zip(specs, avals, strict=True)
    ]


def check_stage(stage: str) -> None:
    if stage not in STAGES:
        raise PartirError(
            f"as_text: stage is {stage!r}; it must be one of "
            f"{', '.join(map(repr, STAGES))}"
        )


def check_after(after: Any, reports: Sequence[TacticReport], schedule: Any) -> int:
    """How many tactics ``after`` means: it is a name, a number or a tactic."""
    names = [report.name for report in reports]
    if isinstance(after, str) and after in names:
        return names.index(after) + 1
    for number, tactic in enumerate(schedule):
        if tactic is after:
            return number + 1
    is_number = isinstance(after, int | np.integer) and not isinstance(after, bool)
    if is_number and -len(names) <= after < len(names):
        return int(after) % len(names) + 1
    valid = ", ".join(map(repr, names)) or "none: the schedule is empty"
    raise PartirError(
        f"as_text: after is {after!r}; it must be a tactic, its name, or its number "
        f"from 0; the tactics are {valid}"
    )
