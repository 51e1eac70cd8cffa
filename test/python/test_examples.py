# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the README shows, the example and the benchmark: they run as they stand."""

import json
import re
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import partir
from partir import _rules

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
FIRST, STATE, REPORTS, ESTIMATES, AUTOMATIC, CUSTOM_CALLS, TOOL_INPUT = re.findall(
    r"```python\n(.*?)```", README, re.DOTALL
)


def run(script, *arguments):
    done = subprocess.run(
        [sys.executable, ROOT / script, *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def chain():
    rng = np.random.default_rng(0)
    shapes = {"x": (256, 8), "w1": (8, 16), "w2": (16, 8)}
    return {name: rng.random(shape, np.float32) for name, shape in shapes.items()}


def test_readme(capsys):
    names = chain()
    want = names["x"] @ names["w1"] @ names["w2"]
    exec(FIRST, names)
    np.testing.assert_allclose(names["y"], want, rtol=1e-4)
    assert [report.name for report in names["lowered"].reports] == ["BP", "MP"]
    assert "partir_hlo.all_reduce" in capsys.readouterr().out


def test_readme_on_state():
    names = chain()
    exec(FIRST + STATE, names)
    lowered = names["step"].lower(*(names[name] for name in ("w1", "w2", "x")))
    assert lowered.out_shardings[:2] == lowered.in_shardings[:2]
    assert np.isfinite(names["loss"])


def test_readme_on_reports(capsys):
    names = chain()
    exec(FIRST, names)
    capsys.readouterr()
    exec(REPORTS, names)
    out = capsys.readouterr().out
    assert "collectives by line" in out
    assert "collectives after each tactic" in out
    assert 'M is on dim 0 by tactic "MP", because of' in out


def test_readme_on_estimates(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    names = chain()
    exec(FIRST, names)
    capsys.readouterr()
    exec(ESTIMATES, names)
    assert "step on h100" in capsys.readouterr().out
    assert json.loads((tmp_path / "step.json").read_text())["traceEvents"]
    assert (tmp_path / "step.html").read_text().startswith("<!DOCTYPE html>")


def test_readme_on_automatic_tactics(capsys):
    names = chain()
    exec(FIRST, names)
    capsys.readouterr()
    exec(AUTOMATIC.replace("budget_s=10", "budget_s=0.1"), names)
    assert "as it was" in capsys.readouterr().out
    assert names["auto"].budget_s == 0.1


def test_readme_on_custom_calls(monkeypatch):
    monkeypatch.setattr(_rules, "_rules", {})
    exec(CUSTOM_CALLS, {"partir": partir})
    rules = _rules.registered_rules()
    assert [*rules] == ["my_kernel", "my_matmul", "my_solver"]
    assert f'my_matmul = "{rules["my_matmul"]}"' in README


def test_readme_on_the_input_of_the_tool(partir_opt):
    arguments = [*chain().values()]
    names = {"jax": jax, "f": lambda x, w1, w2: x @ w1 @ w2, "arguments": arguments}
    text = eval(TOOL_INPUT, names)
    pipeline = "--partir-pipeline=mesh=B=4,M=2 schedule='BP(B): 0=0; MP(M): 1=1'"
    assert partir_opt(text, pipeline).count("stablehlo.all_reduce") == 1


@pytest.mark.parametrize("options", [[], ["--scan-layers"]])
def test_demo(options):
    sizes = {"layers": 1, "d-model": 16, "heads": 4, "d-ff": 32, "vocab": 64}
    sizes |= {"batch": 8, "sequence": 8, "steps": 2}
    out = run(
        "examples/gpt_demo.py", *options, *(f"--{k}={v}" for k, v in sizes.items())
    )
    differences = re.findall(r"largest relative difference of .*: +(\S+)", out)
    assert len(differences) == 3
    assert all(float(difference) < 1e-5 for difference in differences), out


def test_partition_time():
    out = run("benchmarks/partition_time.py", "1", "2", "--no-compile")
    assert len(re.findall(r"^ +\d+ +\d+ ", out, re.MULTILINE)) == 2
    assert re.search(
        r"^from 1 to 2 layers: 1\.\dx ops, [\d.]+x time", out, re.MULTILINE
    )


def test_traffic():
    out = run("benchmarks/traffic.py", "1", "--schedule", "BP+MP+Z3")
    row = re.search(r"^ok +1 BP\+MP\+Z3 +-((?: +[\d.]+){5})", out, re.MULTILINE)
    report, partir, *rivals = map(float, row[1].split())
    assert report == partir < min(rivals)
