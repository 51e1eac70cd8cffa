# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The command line: modules as JAX and PartIR print them, schedules, bad input."""

import json
import subprocess
import sys

import jax
import numpy as np
import pytest
from jax.sharding import AbstractMesh

import partir
from partir._cli import main
from partir._partir import devices

MESH = AbstractMesh((4, 2), ("B", "M"))
OPTIONS = ["--mesh", "B=4,M=2", "--device", "tpu_v5e"]
SCHEDULE = """
import partir

def columns(path, aval):
    return 1 if aval.shape == (64, 32) and path.startswith("params.") else None

schedule = [
    partir.ManualPartition({"batch": 0, "h": 0}, axis="B", name="BP"),
    partir.ManualPartition(
        {"params": columns, "batch.y": partir.REPLICATED}, axis="M", name="MP"
    ),
    partir.ManualPartition(
        {"params.layers": partir.FIRST_DIVISIBLE_DIM}, axis="B", name="Z3"
    ),
]
"""
# A constant of booleans, which JAX and PartIR print differently.
MASK = np.arange(128 * 32).reshape(128, 32) % 3 == 0


def step(params, batch):
    h = partir.tag(batch["x"] @ params["layers"][0]["up"], "h") * MASK
    grad = h.T @ batch["y"]
    return {"layers": [{"up": params["layers"][0]["up"] - grad.T}]}, (h**2).sum()


def shape(*dims):
    return jax.ShapeDtypeStruct(dims, np.float32)


ARGUMENTS = (
    {"layers": [{"up": shape(64, 32)}]},
    {"x": shape(128, 64), "y": shape(128, 64)},
)


def lower(*schedule, donated=()):
    jitted = partir.jit(
        step, mesh=MESH, schedule=schedule, device="tpu_v5e", donate_argnums=donated
    )
    return jitted.lower(*ARGUMENTS)


def jax_text(**options):
    return jax.jit(step, donate_argnums=0).lower(*ARGUMENTS).as_text(**options)


def generic_text():
    module = jax.jit(step, donate_argnums=0).lower(*ARGUMENTS).compiler_ir()
    return module.operation.get_asm(print_generic_op_form=True, enable_debug_info=True)


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    """Runs `partir report` on a text; returns its status, output and errors."""
    monkeypatch.chdir(tmp_path)

    def report(text, *options, schedule=SCHEDULE):
        (tmp_path / "model.mlir").write_text(text)
        (tmp_path / "schedule.py").write_text(schedule)
        options = [*options] or OPTIONS
        status = main(["report", "model.mlir", "--schedule", "schedule.py", *options])
        return status, *capsys.readouterr()

    return report


def without_times(report):
    return "\n".join(
        line.partition("  (axis")[0] for line in str(report).splitlines()
    ).replace("/", "")


@pytest.mark.parametrize(
    ("text", "donated"),
    [
        (lambda: jax_text(debug_info=True), 0),
        (generic_text, 0),
        # It does not say what is donated.
        (lambda: lower().as_text("input"), ()),
    ],
    ids=["JAX's with locations", "generic", "PartIR's"],
)
def test_a_module_is_planned_as_its_function_is(run, text, donated):
    names = {}
    exec(SCHEDULE, names)
    lowered = lower(*names["schedule"], donated=donated)
    status, out, err = run(text())
    assert (err, status) == ("", 0)
    headline, *reports, estimate = out.split("\n\n")
    assert headline.startswith("step: 3 inputs (")
    assert headline.endswith(" and 2 results, over the mesh B=4, M=2")
    assert estimate.startswith("estimated step on tpu_v5e")
    for said, report in zip(reports, lowered.reports, strict=True):
        # Up to what names lines of the model, which not every text has.
        wanted = without_times(report).partition("  stops\n")[0]
        assert without_times(said).startswith(wanted)


@pytest.mark.parametrize("with_locations", [False, True])
def test_donated_inputs_are_known_from_their_attributes(run, with_locations):
    text = jax_text(debug_info=with_locations)
    schedule = "schedule = []"
    assert "tf.aliasing_output" in text
    assert "(1 donated)" in run(text, schedule=schedule)[1]
    donor = text.replace("tf.aliasing_output = 0 : i32", "jax.buffer_donor = true")
    assert "(1 donated)" in run(donor, schedule=schedule)[1]
    none = text.replace("tf.aliasing_output = 0 : i32", "")
    assert "(0 donated)" in run(none, schedule=schedule)[1]
    in_place = "of these in place"
    assert in_place in run(text, schedule=schedule)[1]
    assert in_place not in run(none, schedule=schedule)[1]


def test_inputs_without_names_are_called_by_their_numbers(run):
    status, out, _ = run(jax_text(), schedule=tactics("{'1': 0}"))
    assert status == 0
    assert "applied                   1            1[0]" in out


def test_files_are_written(run, tmp_path):
    status, _, _ = run(
        jax_text(debug_info=True),
        *OPTIONS,
        *("--html", "step.html"),
        *("--trace", "step.json"),
    )
    assert status == 0
    assert "BP, MP, Z3" in (tmp_path / "step.html").read_text()
    assert json.loads((tmp_path / "step.json").read_text())["traceEvents"]


def test_ops_without_places_are_at_lines_of_the_file(run, tmp_path):
    run(jax_text(), *OPTIONS, "--trace", "step.json", schedule="schedule = []")
    text = (tmp_path / "step.json").read_text()
    assert '"line":"model.mlir:' in text


def test_without_a_device_there_are_reports_only(run):
    status, out, _ = run(jax_text(debug_info=True), "--mesh", "B=4,M=2")
    assert status == 0
    assert "Z3  (axis B" in out
    assert "step on" not in out


def tactics(*inputs):
    """The file of a schedule with a tactic over B for each of these inputs."""
    made = ", ".join(f"partir.ManualPartition({one}, 'B')" for one in inputs)
    return f"import partir\nschedule = [{made}]"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"mesh": "B=4,M"}, "--mesh is 'B=4,M'; it must be names and sizes of axes"),
        ({"mesh": "B=\xb2"}, "--mesh is 'B=\xb2'; it must be names and sizes of axes"),
        ({"mesh": "B=" + "9" * 5000}, "it must be names and sizes of axes"),
        ({"mesh": "B=-4"}, "axis 'B' of the mesh has size -4"),
        ({"mesh": "B=4,B=2"}, "an axis must occur once"),
        ({"mesh": "B=0"}, "axis 'B' of the mesh has size 0"),
        ({"mesh": "B=4"}, "the mesh has no axis 'M'; its axes are 'B'"),
        ({"device": "v5"}, "or one of a100, b200"),
        ({"text": "module {"}, "model.mlir:1:7: this is no module of StableHLO"),
        ({"text": "module {}"}, "needs a function 'main'; its functions are none"),
        (
            {"text": jax_text().replace("stablehlo.reduce", "stablehlo.redooce")},
            "custom op 'stablehlo.redooce' is unknown",
        ),
        (
            {"text": jax_text().replace("128x64", "?x64")},
            "tensor<?x64xf32>; every dim needs a fixed size",
        ),
        ({"schedule": "x = 1"}, "schedule.py does not define `schedule`"),
        ({"schedule": "schedule = 1"}, "it must be a list of tactics"),
        ({"schedule": "\nimport nothing_like_it"}, "schedule.py:2: ModuleNotFound"),
        ({"schedule": "\n\nschedule = ["}, "schedule.py:3: SyntaxError"),
        ({"schedule": tactics("{'bach': 0}")}, "did you mean 'batch'?"),
        # The compiler's messages have notes.
        (
            {"schedule": tactics("{'batch': 0}", "{'h': 0}")},
            'axis "B" is on dim 0 of it already',
        ),
    ],
)
def test_bad_input_is_one_line_and_status_2(run, options, said):
    text = options.get("text") or jax_text(debug_info=True)
    status, _, err = run(
        text,
        *("--mesh", options.get("mesh", "B=4,M=2")),
        *("--device", options.get("device", "tpu_v5e")),
        schedule=options.get("schedule", SCHEDULE),
    )
    assert status == 2
    assert err.startswith("partir report: error: ")
    assert err.count("\n") == 1
    assert said in err


def test_what_is_estimated_needs_a_device(run):
    status, _, err = run(jax_text(), "--mesh", "B=4", "--html", "step.html")
    assert status == 2
    assert "--html and --trace need a --device: a100, " in err


def test_a_file_that_is_not_there(capsys):
    arguments = ["report", "nowhere.mlir", "--schedule", "nowhere.py", *OPTIONS]
    assert main(arguments) == 2
    assert "nowhere.py" in capsys.readouterr().err


def test_a_module_that_is_no_text_is_named(tmp_path, capsys):
    (tmp_path / "model.mlir").write_bytes(b"\xff")
    (tmp_path / "schedule.py").write_text(SCHEDULE)
    module, schedule = str(tmp_path / "model.mlir"), str(tmp_path / "schedule.py")
    assert main(["report", module, "--schedule", schedule, *OPTIONS]) == 2
    assert f"error: {module}: this is no text in UTF-8" in capsys.readouterr().err


def test_devices_are_listed():
    command = [sys.executable, "-m", "partir", "devices"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    header, *rows = done.stdout.splitlines()
    assert header.split()[:3] == ["device", "memory", "(GiB)"]
    assert [row.split()[0] for row in rows] == sorted(devices())
    assert "  tpu_v5e" in done.stdout
    assert "ICI 90, DCN 3.1" in done.stdout
