# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What ``partir.jit(...).lower`` gives, and what that compiles to."""

import functools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
from jax.extend.mlir import ir

from partir._device import DeviceLike, device_json
from partir._estimate import Estimate, make_estimate
from partir._explain import Explainer, Explanation
from partir._mesh import axis_sizes, check_runnable, is_multi_process
from partir._mlir import generic, parse_module
from partir._page import page
from partir._partir import PartirError, devices
from partir._processes import check_processes
from partir._report import TacticReport
from partir._runner import Runner, is_traced
from partir._schedule import by_call, check_after, check_stage
from partir._show import Block, Shown
from partir._tables import schedule_summary
from partir._tactic import Tactic


class Lowered(Shown):
    """A partitioned program, not compiled yet. Made by ``Wrapped.lower``.

    :meth:`show` prints what each tactic did, the collectives that it added, and the
    estimated step after it.

    Attributes:
      reports: one :class:`TacticReport` for each tactic of the schedule.
      in_shardings: a ``NamedSharding`` for each array of the positional arguments
        that are not static, a tuple.
      kw_in_shardings: the same for keyword arguments, a dict.
      out_shardings: a ``NamedSharding`` for each array of the result, in its pytree.
      seconds: time spent on ``"lower"`` (JAX's tracing and lowering), ``"print"`` and
        ``"parse"`` (the text that goes to the compiler), ``"tactics"`` (all of them),
        and ``"export"`` (the local program as text).
    """

    def __init__(self, runner: Runner, schedule: tuple[Tactic, ...]):
        self._runner = runner
        self._schedule = schedule
        plan = runner.plan
        self.reports: tuple[TacticReport, ...] = plan.reports
        self.seconds: dict[str, float] = dict(plan.seconds)
        self.in_shardings, self.kw_in_shardings = by_call(plan.slots, plan.in_shardings)
        self.out_shardings = plan.out_shardings

    def as_text(self, stage: str = "stablehlo", *, after: Any = None) -> str:
        """The program as MLIR.

        Args:
          stage: ``"input"`` (StableHLO, global), ``"core"`` (PartIR:Core), ``"hlo"``
            (PartIR:HLO, device-local) or ``"stablehlo"`` (device-local, for XLA).
          after: the tactic after which to look: its name, its number from 0, or the
            tactic; by default the last one. The schedule is run again up to there.

        Raises:
          PartirError: there is no such stage or tactic.
        """
        check_stage(stage)
        count = (
            None if after is None else check_after(after, self.reports, self._schedule)
        )
        return self._runner.plan.replay.program(count).text(stage)

    def explain(self, name: str) -> Explanation:
        """How a value is laid out, why, and which collectives that costs.

        Args:
          name: the path of an input (``"params.layers.0.qkv"``), that of a result
            (``"result.0.layers.0.qkv"``; ``"result"`` where there is one), or the name
            of a :func:`partir.tag`. A path above several values explains each of
            them. The first call runs the schedule again.

        Raises:
          PartirError: no value has this name; the message lists what is close.
        """
        return self._explainer.explain(name)

    @functools.cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self._runner.plan)

    def estimate(
        self, device: DeviceLike | None = None, *, overlap: bool = False
    ) -> Estimate:
        """What a step takes: time and memory of one device.

        Args:
          device: the name of a device (``"tpu_v5e"``, ``"h100"``), the path of a file
            of JSON, or what is in one as a dict; by default what ``jit`` was told, or
            else the devices of the mesh.
          overlap: whether collectives run beside kernels that do not need their result,
            and what is needed is waited for; ``Estimate.events`` say when each starts.
            By default nothing overlaps, and the step takes as long as all of it.

        Raises:
          PartirError: there is no such device, or none is known; or ``overlap`` is not
            a bool.
        """
        if not isinstance(overlap, bool):
            raise PartirError(
                f"estimate: overlap is {overlap!r}; it must be True or False"
            )
        plan = self._runner.plan
        text = plan.device if device is None else device_json(device)
        if text is None:
            raise PartirError(
                "estimate: the mesh does not say for which device; name one of "
                f"{', '.join(sorted(devices()))}, or give a file"
            )
        return make_estimate(
            plan.replay.program(), text, plan.ends, overlap=overlap, with_events=True
        )

    def save_report(
        self, path: str | os.PathLike[str], device: DeviceLike | None = None
    ) -> None:
        """Writes a page of HTML: the estimated step, the tactics, the collectives.

        It is one file that needs nothing else, and can be read on a phone.

        Args:
          path: the file.
          device: as in :meth:`estimate`.

        Raises:
          PartirError: there is no such device, or none is known.
        """
        plan = self._runner.plan
        estimate = self.estimate(device)
        text = page(plan.name, axis_sizes(plan.mesh), self.reports, estimate)
        Path(path).write_text(text, encoding="utf-8")

    def _blocks(self) -> list[Block]:
        return schedule_summary(self.reports)

    def as_mlir(self, stage: str = "stablehlo") -> ir.Module:
        """The program as a module of jaxlib's MLIR bindings, to walk and inspect.

        The module is new at each call and keeps its MLIR context alive. Hold the module
        for as long as you use its ops, blocks or values: in jaxlib's bindings they do
        not hold it, and one that is used later ends the process. Types and attributes
        stay valid.

        Ops of PartIR's dialects, in ``"core"`` and ``"hlo"``, are unregistered: known
        by name (``op.name == "partir.loop"``), their types and attributes by text.
        Locations are the user's in ``"stablehlo"``, else the lines of ``as_text``.

        Args:
          stage: as in :meth:`as_text`.

        Raises:
          PartirError: there is no such stage.
        """
        if stage == "stablehlo":
            return parse_module(self.local_module)
        return parse_module(generic(self.as_text(stage)))

    @property
    def local_module(self) -> str:
        """The device-local program as XLA gets it: generic StableHLO with locations."""
        return self._runner.plan.local_module

    def compile(
        self, compiler_options: Mapping[str, str | bool | int | float] | None = None
    ) -> "Compiled":
        """Compiles the program for the devices of the mesh.

        Args:
          compiler_options: XLA's options by name, without dashes, as for
            ``jax.stages.Lowered.compile``: ``{"xla_dump_to": "/tmp/step"}``.

        Raises:
          PartirError: the mesh is an ``AbstractMesh``.
        """
        check_runnable(self._runner.plan.mesh, "compile")
        return Compiled(self, compiler_options)


class Compiled:
    """A partitioned program, compiled. As in JAX, its static arguments are fixed.

    Attributes:
      in_shardings, kw_in_shardings, out_shardings: as in :class:`Lowered`.
    """

    def __init__(
        self,
        lowered: Lowered,
        options: Mapping[str, str | bool | int | float] | None = None,
    ):
        self._runner = runner = lowered._runner
        # Without options it is the one that calls of the function run, too.
        self._executable = runner.compile(options) if options else runner.executable
        self._is_multi_process = is_multi_process(self._runner.plan.mesh)
        self.in_shardings = lowered.in_shardings
        self.kw_in_shardings = lowered.kw_in_shardings
        self.out_shardings = lowered.out_shardings

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the program on its dynamic arguments; those placed otherwise are moved.

        Raises:
          PartirError: the arguments differ in number, shape or type from those that
            the program was lowered for, or are traced; or ``jax.disable_jit`` is on.
        """
        keywords = tuple(sorted(kwargs))
        dynamic = args + tuple(kwargs[k] for k in keywords)
        if (len(args), keywords) == (len(self.in_shardings), (*self.kw_in_shardings,)):
            if self._is_multi_process and not is_traced(dynamic):
                check_processes(self._runner.plan.mesh, self._runner.slots, dynamic)
            try:
                return self._executable(*dynamic)
            except (TypeError, ValueError):
                if jax.config.jax_disable_jit:
                    raise PartirError(
                        f"{self._runner.plan.name} is compiled and cannot run under "
                        "jax.disable_jit; call the function that partir.jit returned"
                    ) from None
                self._runner.check(dynamic)
                return self._executable(*self._runner.move(dynamic))
        raise PartirError(
            f"{self._runner.plan.name} was lowered for {len(self.in_shardings)} "
            f"positional arguments and the keywords {[*self.kw_in_shardings]}, static "
            f"ones apart; it is called with {len(args)} and {[*keywords]}"
        )

    def memory_analysis(self) -> Any:
        """What the back end says of memory, in bytes on one device."""
        return self._executable.memory_analysis()

    def cost_analysis(self) -> Any:
        """What the back end says of flops and bytes, on one device."""
        return self._executable.cost_analysis()

    def as_text(self) -> str:
        """The optimised HLO."""
        return self._executable.as_text()
