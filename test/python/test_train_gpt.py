# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A short training run: on eight devices, killed, and resumed on another mesh."""

import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "examples/train_gpt.py"
# The second save waits for the first, so that one is there when the run is killed. The
# run may go on for some steps before it is, but not to its end.
STEPS, SAVED, KILLED = 24, 4, 10
SECONDS = 120


def losses(lines):
    """The loss of each step."""
    text = "\n".join(lines)
    found = re.findall(r"^step +(\d+): loss ([\d.]+),", text, re.M)
    return {int(step): float(loss) for step, loss in found}


def train(*options, until=STEPS):
    """Runs the script, and kills it once it has done a step; returns its losses."""
    process = subprocess.Popen(
        [sys.executable, SCRIPT, f"--steps={STEPS}", "--log-every=1", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    watchdog = threading.Timer(SECONDS, process.kill)
    watchdog.start()
    lines = []
    try:
        for line in process.stdout:
            lines.append(line)
            if until < STEPS and until in losses([line]):
                return losses(lines)
        assert process.wait() == 0, "".join(lines)
        return losses(lines)
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def plain():
    return train("--plain")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("checkpoints")


@pytest.fixture(scope="module")
def killed(folder):
    saving = f"--checkpoint-dir={folder}", f"--checkpoint-every={SAVED}"
    options = "--schedule=BP+MP+Z3", "--mesh=B=4,M=2"
    return train(*options, *saving, until=KILLED)


def test_loss_falls(plain):
    assert [*plain] == [*range(1, STEPS + 1)]
    # That of guessing bytes evenly is log(256) = 5.55.
    assert plain[1] == pytest.approx(5.55, abs=0.1)
    assert plain[STEPS] < 3.7


def test_losses_on_eight_devices_are_those_of_one(plain, killed):
    assert [*killed] == [*range(1, KILLED + 1)]
    for step, loss in killed.items():
        assert loss == pytest.approx(plain[step], rel=1e-5)


def test_killed_run_is_resumed_on_another_mesh_and_schedule(plain, killed, folder):
    saved = max(int(path.name) for path in folder.iterdir() if path.name.isdigit())
    assert saved in range(SAVED, STEPS, SAVED)
    options = "--schedule=BP+MP+Z2", "--mesh=B=2,M=4"
    resumed = train(*options, f"--checkpoint-dir={folder}", "--resume")
    assert [*resumed] == [*range(saved + 1, STEPS + 1)]
    for step, loss in resumed.items():
        assert loss == pytest.approx(plain[step], rel=1e-5)
