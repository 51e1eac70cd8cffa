# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A mesh over two processes of four devices, against one process of eight."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120


def free_address():
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return f"localhost:{probe.getsockname()[1]}"


def run_together(commands):
    """Runs scripts side by side; returns what each printed. None outlives the call."""
    started = [
        subprocess.Popen(
            [sys.executable, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for command in commands
    ]
    try:
        outputs = [process.communicate(timeout=SECONDS)[0] for process in started]
    finally:
        for process in started:
            process.kill()
    for process, output in zip(started, outputs, strict=True):
        assert process.returncode == 0, output
    return outputs


def losses(output):
    return [float(x) for x in re.findall(r"^step +\d+: loss (\S+)$", output, re.M)]


def test_example_computes_the_same_in_two_processes():
    script = ROOT / "examples/several_processes.py"
    steps = "--steps=6"
    (alone,) = run_together([[script, steps]])
    many = f"--coordinator={free_address()}", "--processes=2", "--devices=4", steps
    first, second = run_together([[script, *many, f"--rank={r}"] for r in range(2)])
    assert len(losses(alone)) == 6
    assert losses(alone)[-1] < losses(alone)[0] / 10
    assert losses(first) == pytest.approx(losses(alone), rel=1e-5)
    assert not losses(second)


@pytest.fixture(scope="module")
def cases():
    """The errors of each case, one for each process."""
    address = free_address()
    script = ROOT / "test/python/process_cases.py"
    outputs = run_together([[script, address, "2", str(rank)] for rank in range(2)])
    found = [
        {one["case"]: one["error"] for one in map(json.loads, lines)}
        for lines in (re.findall(r"^\{.*\}$", output, re.M) for output in outputs)
    ]
    assert [*found[0]] == [*found[1]]
    return {name: (error, found[1][name]) for name, error in found[0].items()}


ELSEWHERE = r"'x' lies elsewhere than on the 8 devices .*make_array_from_callback"
DIFFERENT = r"'x' is not the same in every process.*make_array_from_process_local_data"
WANTED = {
    "host arrays": None,
    "as planned": None,
    "placed otherwise": None,
    "another order of devices": None,
    "not committed": None,
    "on one device": (ELSEWHERE, ELSEWHERE),
    "on one device of the first process": (ELSEWHERE, ELSEWHERE),
    "on the devices of this process": (ELSEWHERE, ELSEWHERE),
    "on a device in one process, of the host in the other": (ELSEWHERE, DIFFERENT),
    "not the same": (DIFFERENT, DIFFERENT),
    "of another shape": (DIFFERENT, DIFFERENT),
    "no array": ("'x' is of type object", "'x' is of type object"),
}


@pytest.mark.parametrize("how", ["jit", "compiled"])
@pytest.mark.parametrize("axis_type", ["Auto", "Explicit"])
@pytest.mark.parametrize("name", WANTED)
def test_arguments(cases, axis_type, how, name):
    errors = cases[f"{axis_type}, {how}, {name}"]
    if WANTED[name] is None:
        assert errors == (None, None)
    else:
        for error, pattern in zip(errors, WANTED[name], strict=True):
            assert re.search(pattern, error), error
