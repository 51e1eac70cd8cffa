# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The command line ``partir``: plans a module of StableHLO, and lists the devices."""

import argparse
import json
import runpy
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jax.sharding import AbstractMesh

from partir._device import check_device
from partir._lowered import Lowered
from partir._mesh import axis_sizes, check_mesh
from partir._partir import PartirError, devices
from partir._runner import Runner
from partir._schedule import make_plan
from partir._show import Column, Table, as_text
from partir._source import Source
from partir._tactic import Tactic, check_schedule
from partir._text import text_source

_SCHEDULE = """\
The file of a schedule is Python that defines `schedule`, a list of tactics:

    import partir
    schedule = [
        partir.ManualPartition({"batch": 0}, axis="B", name="BP"),
        partir.ManualPartition({"params": partir.FIRST_DIVISIBLE_DIM}, axis="B"),
    ]

Inputs are called by their attribute `partir.name`, or as JAX names their location
(params['w'] is "params.w"; text with locations is that of `as_text(debug_info=True)`),
or by their number.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns 0, or 2 where the input is not valid."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (PartirError, OSError) as error:
        message = " ".join(str(error).split())
        print(f"partir {options.command}: error: {message}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="partir", description="Partitions programs over a mesh by a schedule."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    report = commands.add_parser(
        "report",
        help="apply a schedule to a module of StableHLO, and report on it",
        epilog=_SCHEDULE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    report.add_argument("module", help="StableHLO text, as JAX's as_text() gives it")
    report.add_argument("--mesh", required=True, help="names and sizes: B=16,M=2")
    report.add_argument("--schedule", required=True, help="a file of Python, see below")
    report.add_argument(
        "--device", help="for which to estimate: see `partir devices`, or a JSON file"
    )
    report.add_argument("--html", metavar="FILE", help="write the report as a page")
    report.add_argument("--trace", metavar="FILE", help="write a trace for Perfetto")
    report.set_defaults(run=_report)
    known = commands.add_parser("devices", help="list the devices that are known")
    known.set_defaults(run=_devices)
    return parser


def _report(options: argparse.Namespace) -> None:
    mesh = _mesh(options.mesh)
    device = check_device(mesh, options.device)
    if device is None and (options.html or options.trace):
        raise PartirError(
            f"--html and --trace need a --device: {', '.join(sorted(devices()))}, or "
            "the path of a file of JSON"
        )
    schedule = check_schedule(_schedule(options.schedule), mesh.axis_names)
    source = text_source(_text(options.module), options.module)
    lowered = Lowered(Runner(make_plan(source, mesh, schedule, device)), schedule)
    print(_headline(source, mesh))
    for report in lowered.reports:
        print(f"\n{report}")
    if device is not None:
        estimate = lowered.estimate()
        print(f"\n{estimate}")
    if options.html:
        lowered.save_report(options.html)
    if options.trace:
        estimate.save_trace(options.trace)


def _headline(source: Source, mesh: AbstractMesh) -> str:
    axes = ", ".join(f"{name}={size}" for name, size in axis_sizes(mesh).items())
    donated = sum(source.donated)
    results = len(source.low.out_avals)
    return (
        f"{source.low.name}: {len(source.names)} inputs ({donated} donated) and "
        f"{results} results, over the mesh {axes}"
    )


def _mesh(text: str) -> AbstractMesh:
    axes = [axis.partition("=") for axis in text.split(",")]
    try:
        sizes = tuple(int(size) for _, _, size in axes)
    except ValueError:
        sizes = ()
    if not sizes or not all(name.strip() for name, _, _ in axes):
        raise PartirError(
            f"--mesh is {text!r}; it must be names and sizes of axes, such as B=16,M=2"
        )
    names = tuple(name.strip() for name, _, _ in axes)
    if len({*names}) < len(names):
        raise PartirError(f"--mesh is {text!r}; an axis must occur once")
    return check_mesh(AbstractMesh(sizes, names))


def _text(file: str) -> str:
    try:
        return Path(file).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise PartirError(f"{file}: this is no text in UTF-8: {error}") from error


def _schedule(file: str) -> Sequence[Tactic]:
    folder = str(Path(file).resolve().parent)
    sys.path.insert(0, folder)
    try:
        defined = runpy.run_path(file)
    except OSError:
        raise
    except Exception as error:
        raise PartirError(f"{_where(file, error)}: {_said(error)}") from None
    finally:
        sys.path.remove(folder)
    if "schedule" not in defined:
        raise PartirError(f"{file} does not define `schedule`, a list of tactics")
    return defined["schedule"]


def _where(file: str, error: Exception) -> str:
    """The line of the user's file at which the error came up."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == file
    ]
    if isinstance(error, SyntaxError):
        lines.append(error.lineno)
    return f"{file}:{lines[-1]}" if lines else file


def _said(error: Exception) -> str:
    if isinstance(error, PartirError):
        return str(error)
    return f"{type(error).__name__}: {error}"


def _devices(options: argparse.Namespace) -> None:
    rows = []
    for name, text in devices().items():
        device = json.loads(text)
        rows.append(
            (
                name,
                f"{device['memory'] / 2**30:.0f}",
                f"{device['matrix_flops'][1] / 1e12:.4g}",
                f"{device['bandwidth'] / 1e9:.0f}",
                ", ".join(map(_link, device["links"])),
            )
        )
    columns = (
        Column("device"),
        Column("memory (GiB)", is_number=True),
        Column("bfloat16 (TFLOP/s)", is_number=True),
        Column("bandwidth (GB/s)", is_number=True),
        Column("links (GB/s)", is_long=True),
    )
    print(as_text([Table("", columns, tuple(rows))]))


def _link(link: dict[str, Any]) -> str:
    return f"{link['name']} {link['bandwidth'] / 1e9:g}"
