# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The wheel works in an environment that has JAX, and no LLVM."""

import os
import subprocess
import sys
import sysconfig
import venv
from importlib.metadata import distribution, version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = os.environ.get("PARTIR_BUILD_DIR", str(ROOT / "build"))


def pip(*arguments):
    options = ["--disable-pip-version-check", "--no-input", "-q"]
    subprocess.run([sys.executable, "-m", "pip", *options, *arguments], check=True)


def run(*command):
    """Output of a command that finds no library but those of the system."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("LD_", "PYTHON"))}
    done = subprocess.run(command, env=env, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Root of a new environment with the wheel in it."""
    folder = tmp_path_factory.mktemp("wheel")
    wheel = os.environ.get("PARTIR_WHEEL")
    if wheel is None:
        options = ["--no-deps", "--no-build-isolation", f"-Cbuild-dir={BUILD}"]
        pip("wheel", *options, "-w", str(folder), str(ROOT))
        (wheel,) = folder.glob("partir-*.whl")

    environment = folder / "venv"
    venv.create(environment, symlinks=True)
    pip("--python", str(environment / "bin/python"), "install", "--no-deps", str(wheel))
    # JAX comes from the environment of the tests, behind the wheel on the path.
    (site_packages,) = environment.glob("lib/python*/site-packages")
    (site_packages / "jax.pth").write_text(sysconfig.get_path("platlib"))
    return environment


@pytest.fixture
def binaries(installed):
    (module,) = installed.glob("lib/python*/site-packages/partir/_partir.*.so")
    return installed / "bin/partir-opt", module


def test_needs_no_llvm(binaries):
    allowed = ("linux-vdso", "libstdc++", "libgcc_s", "libm", "libc", "ld-linux")
    for binary in binaries:
        needed = [line.split()[0] for line in run("ldd", binary).splitlines()]
        names = {os.path.basename(name).split(".")[0] for name in needed}
        assert {n for n in names if not n.startswith(allowed)} == set()
        assert not [n for n in names if "LLVM" in n or "MLIR" in n]


def test_shows_its_init_only(binaries):
    symbols = run("nm", "-D", "--defined-only", binaries[1]).split()[2::3]
    assert symbols == ["PyInit__partir"]


def test_tool_runs(installed):
    tool = installed / "bin/partir-opt"
    assert f"partir-opt {version('partir')}" in run(tool, "--version")
    assert "--canonicalize" in run(tool, "--help")


def test_command_line_runs(installed):
    assert "tpu_v5e" in run(installed / "bin/partir", "devices")


def test_saves_a_report(installed, tmp_path):
    page = tmp_path / "step.html"
    program = (
        "import jax, partir\n"
        "mesh = jax.sharding.AbstractMesh((4,), ('B',))\n"
        "step = partir.jit(lambda x: x + x.sum(), mesh=mesh, schedule=[])\n"
        "lowered = step.lower(jax.ShapeDtypeStruct((8,), 'f4'))\n"
        f"lowered.save_report({str(page)!r}, 'h100')\n"
    )
    run(installed / "bin/python", "-c", program)
    assert "<svg" in page.read_text()


def test_module_runs_beside_jax(installed):
    program = (
        "import jax, partir, partir._partir as m\n"
        "print(partir.__file__)\n"
        "print(m.__file__)\n"
        "print(len(m.mirrored_ops()))\n"
        "print(m.round_trip('module {}'), jax.jit(lambda x: x + 1)(1))\n"
    )
    package, module, ops, *_ = run(installed / "bin/python", "-c", program).splitlines()
    assert Path(package).is_relative_to(installed)
    assert Path(module).is_relative_to(installed)
    assert int(ops) > 100


def test_partitions_and_runs(installed):
    program = (
        "import jax, numpy as np, partir\n"
        "mesh = jax.make_mesh((4, 2), ('B', 'M'))\n"
        "bp = partir.ManualPartition({'x': 0}, 'B')\n"
        "mp = partir.ManualPartition({'w': 0}, 'M')\n"
        "step = partir.jit(lambda x, w: x @ w, mesh=mesh, schedule=[bp, mp])\n"
        "y = step(np.ones((8, 6), np.float32), np.ones((6, 4), np.float32))\n"
        "print(partir.__file__)\n"
        "print(len(jax.devices()), y.sharding.spec == jax.P('B'), (y == 6).all())\n"
    )
    package, result = run(installed / "bin/python", "-c", program).splitlines()
    assert Path(package).is_relative_to(installed)
    assert result == "8 True True"


def test_metadata():
    requires = distribution("partir").requires
    assert "jax<0.11,>=0.10.2" in requires
    assert "jaxlib<0.11,>=0.10.2" in requires
    assert "rich>=13" in requires
