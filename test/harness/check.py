# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One case: its round trip through our MLIR, and its schedules on 8 devices."""

import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import Any

import jax
from cases import Case, batched_case_of, case_of, leaf_shape, leaves
from core import carried, computes, has_sums
from jax._src.internal_test_util.test_harnesses import Harness
from jaxlib.mlir import ir
from results import difference
from schedules import AXES, Trial, dims_of, trials

import partir
from partir import _partir

#: Ops that stand around a primitive in its lowering. Where a tiling is stopped, they
#: alone do not make it one of the primitive.
AROUND = {
    f"stablehlo.{name}"
    for name in re.findall(
        r"\w+",
        "add and broadcast_in_dim compare concatenate constant convert iota maximum "
        "minimum multiply or reshape select slice subtract transpose",
    )
}


@dataclasses.dataclass
class Outcome:
    """What came out of a trial.

    Attributes:
      trial: the schedule in words.
      pair: the dim that it is about, if it has one axis only.
      ops: the ops that carry an axis.
      is_partitioned: whether the primitive's ops carry the axis.
      reason: why not, or what stopped the axis later.
      failure: a wrong number or an error without a diagnostic.
    """

    trial: str
    pair: str | None
    ops: list[str]
    is_partitioned: bool
    reason: str = ""
    failure: str = ""


@dataclasses.dataclass
class Record:
    """What came out of a case.

    Attributes:
      name: of the case.
      primitive: of the case.
      unsupported: why JAX itself does not run it.
      failures: what must not be, of the case as a whole.
      outcomes: of its trials.
    """

    name: str
    primitive: str
    unsupported: str = ""
    failures: list[str] = dataclasses.field(default_factory=list)
    outcomes: list[Outcome] = dataclasses.field(default_factory=list)


def check_harness(harness: Harness, mesh: jax.sharding.Mesh) -> Record:
    """Checks a case of the harness, and batched by `jax.vmap` if no dim of it divides.

    Or none is partitioned: the new dim, ``vmap:args.0.0``, must be.
    """
    record = check(case_of(harness), mesh)
    if record.unsupported or any(one.is_partitioned for one in record.outcomes):
        return record
    batched = check(batched_case_of(harness), mesh)
    for outcome in batched.outcomes:
        outcome.trial = f"vmap: {outcome.trial}"
        outcome.pair = outcome.pair and f"vmap:{outcome.pair}"
    record.outcomes += batched.outcomes
    record.failures += batched.failures
    return record


def check(case: Case, mesh: jax.sharding.Mesh) -> Record:
    """Runs all there is to run of a case."""
    record = Record(case.name, case.primitive)
    try:
        args = case.args()
        lowered = jax.jit(case.fun).lower(*args)
        want = lowered.compile()(*args)
    except Exception as error:
        record.unsupported = _first_line(error)
        return record
    if not _survives(lowered.compiler_ir()):
        record.failures.append("changes on its way through our MLIR")
    producers = _producers(lowered.compiler_ir())
    record.outcomes = list(_Runner(case.fun, args, want, mesh, producers).run())
    return record


def _producers(module: ir.Module) -> list[str]:
    """By number the op that makes each result of the program."""
    functions = {op.name.value: op for op in module.body.operations}

    def producer(function: str, number: int) -> str:
        *_, end = functions[function].regions[0].blocks[0].operations
        made = end.operands[number]
        if isinstance(made, ir.BlockArgument):
            return "an argument"
        if made.owner.name != "func.call":
            return made.owner.name
        callee = ir.FlatSymbolRefAttr(made.owner.attributes["callee"]).value
        return producer(callee, ir.OpResult(made).result_number)

    *_, end = functions["main"].regions[0].blocks[0].operations
    return [producer("main", number) for number in range(len(end.operands))]


def _survives(module: ir.Module) -> bool:
    """Whether jaxlib reads back from us the module that it printed."""
    before = _generic_text(module)
    with module.context:
        after = _generic_text(ir.Module.parse(_partir.round_trip(before)))
    return after == before


def _generic_text(module: ir.Module) -> str:
    return module.operation.get_asm(
        print_generic_op_form=True, enable_debug_info=True, assume_verified=True
    )


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]


def _tagged(fun: Callable[..., Any]) -> Callable[..., Any]:
    """The function with its results tagged ``out0``, ``out1``, ..."""

    def main(*args: Any) -> Any:
        results, tree = jax.tree.flatten(fun(*args))
        tags = [partir.tag(one, f"out{i}") for i, one in enumerate(results)]
        return jax.tree.unflatten(tree, tags)

    return main


class _Runner:
    def __init__(
        self,
        fun: Callable[..., Any],
        args: Any,
        want: Any,
        mesh: jax.sharding.Mesh,
        producers: list[str],
    ):
        self._fun = _tagged(fun)
        self._args = args
        self._want = want
        self._mesh = mesh
        self._producers = producers
        #: What came out of each local program.
        self._run: dict[str, str] = {}

    def run(self) -> Iterator[Outcome]:
        inputs = [(path, leaf_shape(leaf)) for path, leaf in leaves(self._args)]
        results = [
            (f"out{i}", leaf_shape(leaf))
            for i, leaf in enumerate(jax.tree.leaves(self._want))
        ]
        for trial in [*trials(dims_of(inputs)), *trials(dims_of(results))]:
            yield self._outcome(trial)

    def _outcome(self, trial: Trial) -> Outcome:
        pair = str(trial.dim) if len(trial.schedule) == 1 else None
        outcome = Outcome(str(trial), pair, [], is_partitioned=False)
        step = partir.jit(self._fun, mesh=self._mesh, schedule=trial.schedule)
        try:
            lowered = step.lower(*self._args)
            core = lowered.as_text("core")
            ops = carried(core)
            mine = ops.get(trial.axis, set())
            stops = _stops(lowered.reports[0], trial.axis)
            outcome.ops = sorted({op for axis in AXES for op in ops.get(axis, ())})
            outcome.is_partitioned = not computes(core) or bool(
                mine - AROUND if stops else mine
            )
            outcome.reason = "; ".join(stops) or self._unmoved(trial)
            text = lowered.as_text()
            if text not in self._run:
                got = step(*self._args)
                found = difference(got, self._want, are_sums=has_sums(core))
                self._run[text] = found or ""
            outcome.failure = self._run[text]
        except partir.PartirError as error:
            outcome.reason = f"refused: {_first_line(error)}"
        except Exception as error:
            outcome.failure = _first_line(error)
        return outcome

    def _unmoved(self, trial: Trial) -> str:
        """Why a tile leads nowhere, though nothing is gathered for it."""
        if number := re.fullmatch(r"out(\d+)", trial.dim.path):
            return f"{self._producers[int(number[1])]} makes it whole, to be sliced"
        return "no op uses it"


def _stops(report: partir.TacticReport, axis: str) -> list[str]:
    found = [f"{stop.op}: {stop.reason}" for stop in report.stops if stop.axis == axis]
    found += [f"{one.op}: conflict" for one in report.conflicts]
    return sorted(set(found))
