# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The table of estimated memory beside XLA's: its figures, its summary and its aim."""

import dataclasses
import math
import types

import pytest

import partir
from benchmarks import fidelity
from benchmarks.fidelity import GB, MB, Program, Row, Truth

TOO_LARGE = "RESOURCE_EXHAUSTED: Ran out of memory on HBM."


@pytest.fixture(scope="module")
def estimate():
    """Of any program; the tests replace its figures."""
    import jax

    mesh = jax.sharding.AbstractMesh((2,), ("B",))
    lowered = partir.jit(lambda x: x + 1, mesh=mesh, schedule=[]).lower(
        jax.ShapeDtypeStruct((8,), "float32")
    )
    return lowered.estimate("tpu_v5e")


@pytest.fixture
def make_row(estimate):
    """Makes a row of peaks in bytes; or XLA has failed, for a reason."""

    def make(estimated, truth, schedule="BP"):
        return Row(
            Program("tpu", "T", schedule, "mid"),
            dataclasses.replace(
                estimate,
                argument_bytes=10 * MB,
                temporary_bytes=20 * MB,
                peak_bytes=int(estimated),
                memory_bytes=16 * GB,
            ),
            Truth(failure=truth)
            if isinstance(truth, str)
            else Truth(11 * MB, 22 * MB, int(truth), 33 * MB),
        )

    return make


def test_a_row_has_the_estimate_beside_the_truth(make_row):
    row = make_row(1.5 * GB, 2 * GB)
    assert " ".join(str(row).split()) == (
        "T BP mid 10.0 11.0 20.0 22.0 1536.0 2048.0 33.0 -25.0%"
    )
    row = make_row(17 * GB, TOO_LARGE)
    assert " ".join(str(row).split()) == f"T BP mid 17408.0 {TOO_LARGE}"


def test_the_summary_is_by_size(make_row):
    rows = [
        make_row(1.02 * GB, GB, "A"),
        make_row(0.9 * GB, GB, "B"),
        make_row(1.06 * GB, GB, "C"),
        make_row(2 * MB, MB, "D"),
        make_row(20 * GB, 15 * GB, "squeezed"),
        make_row(20 * GB, TOO_LARGE, "too large"),
        make_row(MB, "INTERNAL: no tiles", "refused"),
    ]
    assert list(fidelity.summary(rows)) == [
        "1 GB and more: 3 programs, median error 6.0%, worst -10.0% (T B)",
        "under 1 GB: 1 programs, median error 100.0%, worst +100.0% (T D)",
        "not compiled by XLA: 2 programs",
    ]


@pytest.mark.parametrize(
    ("estimated", "truth", "failures"),
    [
        (1.14 * GB, GB, ["median error 14.0%"]),
        (1.16 * GB, GB, ["T BP: +16.0%", "median error 16.0%"]),
        (1.92 * GB, 2 * GB, []),
        (1.88 * GB, 2 * GB, ["T BP: -6.0%", "median error 6.0%"]),
        (2 * MB, MB, []),
        (20 * GB, 15 * GB, []),
        (20 * GB, TOO_LARGE, []),
        (15 * GB, "INTERNAL: no tiles", []),
        (15 * GB, TOO_LARGE, ["T BP: does not fit, but is estimated to"]),
    ],
)
def test_the_aim_is_for_large_programs_that_fit(make_row, estimated, truth, failures):
    assert fidelity.missed([make_row(estimated, truth)]) == failures


def test_truths_are_read_as_they_were_saved(tmp_path):
    path = tmp_path / "truths"
    first, second = (Program("tpu", "T", name, "mid") for name in ("BP", "MP"))
    fidelity.save_truth(path, first, Truth(1, 2, 3, 4))
    fidelity.save_truth(path, second, Truth(failure=TOO_LARGE))
    assert fidelity.read_truths(path) == {
        first: Truth(1, 2, 3, 4),
        second: Truth(failure=TOO_LARGE),
    }


def test_what_is_allocated_is_arguments_results_and_temporaries():
    stats = types.SimpleNamespace(
        argument_size_in_bytes=1000,
        output_size_in_bytes=300,
        alias_size_in_bytes=200,
        temp_size_in_bytes=50,
        peak_memory_in_bytes=1120,
    )
    assert Truth.of(stats, None) == Truth(1000, 50, 1150, 1120)
    assert Truth.of(stats, 1130) == Truth(1000, 50, 1130, 1120)


def test_of_a_tpu_the_report_of_buffers_says_what_is_allocated(tmp_path):
    (tmp_path / "module_0000.jit_f.memory-usage-report.txt").write_text(
        "Memory Space: default (color=0)\nTotal bytes: 1234 (1.2KiB)\n\n"
        "Memory Space: vmem (color=1)\nTotal bytes: 56 (56B)\n"
    )
    assert fidelity.read_allocated(tmp_path) == 1234


def test_the_models_of_a_size_make_their_meshes():
    for name, make in fidelity.SIZES["mid"].items():
        for devices in (8, 16):
            sizes = make(devices).mesh.values()
            assert devices == math.prod(sizes), name
