# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Eight virtual CPU devices, and meshes over them, for all Python tests."""

import os
import subprocess
import sys
from pathlib import Path

# XLA reads these when JAX is imported, which is below and in the tests. Without the
# larger pool of threads, collectives in flight together exhaust XLA:CPU's.
os.environ["NPROC"] = "64"
# LAPACK's threads, once for each device, would only wait for each other.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
# Tests compile much and run it seldom: half of their time would be LLVM's optimiser.
os.environ["XLA_FLAGS"] = " ".join(
    (
        os.environ.get("XLA_FLAGS", ""),
        "--xla_force_host_platform_device_count=8",
        "--xla_backend_optimization_level=0",
    )
)
os.environ["JAX_PLATFORMS"] = "cpu"
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import jax
import pytest
from jax.sharding import AxisType


def make_mesh(axis_type=AxisType.Auto):
    """The mesh B=4, M=2."""
    return jax.make_mesh((4, 2), ("B", "M"), axis_types=(axis_type, axis_type))


@pytest.fixture
def mesh():
    return make_mesh()


@pytest.fixture(params=[AxisType.Auto, AxisType.Explicit], ids=["auto", "explicit"])
def any_mesh(request):
    return make_mesh(request.param)


@pytest.fixture(scope="session")
def partir_opt():
    """Runs partir-opt on a text; returns what it prints, or raises with its errors."""
    tools = (
        Path(sys.executable).parent,
        Path(__file__).resolve().parents[2] / "build/bin",
    )
    found = next(t / "partir-opt" for t in tools if (t / "partir-opt").exists())

    def run(text, *options):
        done = subprocess.run(
            [found, *options], input=text, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    return run
