# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""partir.jit, its reports, and every way to say `inputs=`, on the worked example."""

import copy
import gc
import pickle
import time

import jax
import numpy as np
import pytest
from jax.sharding import AbstractMesh
from jax.sharding import PartitionSpec as P

import partir

BP = partir.ManualPartition(inputs={"x": 0}, axis="B", name="BP")
MP = partir.ManualPartition(inputs={"w1": 1}, axis="M", name="MP")
Z3 = partir.ManualPartition(inputs={"w1": 0, "w2": 1}, axis="B", name="Z3")
SHAPES = tuple(
    jax.ShapeDtypeStruct(shape, np.float32) for shape in ((256, 8), (8, 16), (16, 8))
)


def chain(x, w1, w2):
    return (x @ w1) @ w2


def arrays(seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(s.shape).astype(np.float32) for s in SHAPES]


def counts(report):
    return {kind: t.count for kind, t in report.collectives.items() if t.count}


def specs(shardings):
    return jax.tree.map(lambda sharding: sharding.spec, shardings)


def lower(mesh, schedule, fun=chain, args=SHAPES):
    return partir.jit(fun, mesh=mesh, schedule=schedule).lower(*args)


def tree_function(params, scale):
    return (params["a"]["w"] @ params["a"]["v"]) * scale, params["b"][0] + 1


TREE = (
    {
        "a": {
            "w": jax.ShapeDtypeStruct((8, 16), np.float32),
            "v": jax.ShapeDtypeStruct((16, 8), np.float32),
        },
        "b": [jax.ShapeDtypeStruct((12,), np.float32)],
    },
    jax.ShapeDtypeStruct((), np.float32),
)


def tree_specs(mesh, inputs, axis="B"):
    tactic = partir.ManualPartition(inputs=inputs, axis=axis)
    return specs(lower(mesh, [tactic], tree_function, TREE).in_shardings[0])


def test_worked_example_after_each_tactic(mesh):
    bp, mp, z3 = lower(mesh, [BP, MP, Z3]).reports
    assert counts(bp) == {}
    assert specs(bp.in_shardings) == (P("B"), P(), P())
    assert counts(mp) == {"all_reduce": 1}
    assert specs(mp.in_shardings) == (P("B"), P(None, "M"), P("M"))
    assert counts(z3) == {"all_reduce": 1, "all_gather": 2}
    assert specs(z3.in_shardings) == (P("B"), P("B", "M"), P("M", "B"))
    assert specs(z3.out_shardings) == P("B")
    assert [r.name for r in (bp, mp, z3)] == ["BP", "MP", "Z3"]
    assert [r.axis for r in (bp, mp, z3)] == ["B", "M", "B"]
    assert not any(r.conflicts for r in (bp, mp, z3))
    # What Z3 tiles, the matmuls need whole: they have B already, on the batch.
    assert [len(r.stops) for r in (bp, mp, z3)] == [0, 0, 2]


def test_worked_example_bytes_and_causes(mesh):
    mp, z3 = lower(mesh, [BP, MP, Z3]).reports[1:]
    # The result on a device is 64x8 floats; two devices reduce it: 2 * 2048 * 1/2.
    assert mp.collectives["all_reduce"].bytes == 2048
    (reduce,) = mp.collectives.each
    assert (reduce.kind, reduce.axes, reduce.shape) == ("all_reduce", ("M",), (64, 8))
    assert "test_api.py" in reduce.loc
    assert "MP" in reduce.cause
    # Two gathers over B of an 8x8 result: 256 * 3/4 bytes each.
    assert z3.collectives["all_gather"].bytes == 2 * 192
    assert z3.collectives.count == 3
    assert z3.collectives.bytes == 2048 + 2 * 192


def test_actions_say_what_was_applied_and_what_was_inferred(mesh):
    report = lower(mesh, [BP, MP]).reports[1]
    actions = {a.target: a for a in report.actions}
    assert (actions["w1"].what, actions["w1"].dim) == ("applied", 1)
    assert (actions["w2"].what, actions["w2"].dim) == ("inferred", 0)
    assert actions["w2"].axis == "M"


def test_merged_tactics_conflict(mesh):
    (report,) = lower(mesh, [partir.Merged([BP, MP, Z3], name="all")]).reports
    assert counts(report) == {"all_gather": 2, "all_reduce": 1}
    (conflict,) = report.conflicts
    assert conflict.axis == "B"
    assert "dot_general" in conflict.op
    assert "test_api.py" in conflict.loc
    assert len(conflict.candidates) == 2
    chains = ["\n".join(candidate.chain) for candidate in conflict.candidates]
    assert sorted("w1" in chain for chain in chains) == [False, True]
    for line in str(conflict).splitlines():
        assert line in str(report)


def test_numbers_of_each_schedule(mesh):
    args = arrays()
    want = chain(*(a.astype(np.float64) for a in args))
    for schedule in ([], [BP], [MP], [BP, MP, Z3], [partir.Merged([BP, MP, Z3])]):
        got = partir.jit(chain, mesh=mesh, schedule=schedule)(*args)
        assert got.shape == want.shape
        np.testing.assert_allclose(got, want, atol=1e-5 * np.abs(want).max())


def test_arrays_are_stored_as_planned(mesh):
    step = partir.jit(chain, mesh=mesh, schedule=[BP, MP, Z3])
    args = arrays()
    lowered = step.lower(*args)
    placed = jax.device_put(args, list(lowered.in_shardings))
    shapes = [a.addressable_shards[0].data.shape for a in placed]
    assert shapes == [(64, 8), (2, 8), (8, 2)]
    assert step(*placed).addressable_shards[0].data.shape == (64, 8)


def test_report_prints_as_a_short_table(mesh):
    text = str(lower(mesh, [BP, MP, Z3]).reports[2])
    assert text.splitlines()[0].startswith("Z3  (axis B, ")
    assert "all_gather                2" in text
    assert "all_to_all" not in text
    assert len(text.splitlines()) <= 13


def test_as_text_of_each_stage(mesh):
    lowered = lower(mesh, [BP, MP, Z3])
    assert "partir.loop" not in lowered.as_text("input")
    assert 'partir.loop "M"' in lowered.as_text("core")
    assert "partir_hlo.all_gather" in lowered.as_text("hlo")
    assert "stablehlo.all_reduce" in lowered.as_text("stablehlo")
    assert lowered.as_text() == lowered.as_text("stablehlo")


def test_as_text_after_a_tactic(mesh):
    lowered = lower(mesh, [BP, MP, Z3])
    after_bp = lowered.as_text("core", after="BP")
    assert 'partir.loop "M"' not in after_bp
    assert after_bp == lowered.as_text("core", after=0)
    assert after_bp == lowered.as_text("core", after=BP)
    assert after_bp == lower(mesh, [BP]).as_text("core")
    assert lowered.as_text("core", after=-1) == lowered.as_text("core")
    assert lowered.as_text("hlo", after=2) == lowered.as_text("hlo")


def test_the_same_program_twice_gives_the_same_text(mesh):
    one, two = (lower(mesh, [BP, MP, Z3]) for _ in range(2))
    for stage in ("input", "core", "hlo", "stablehlo"):
        assert one.as_text(stage) == two.as_text(stage)
    assert one.local_module == two.local_module


def test_compiled(mesh):
    args = arrays()
    compiled = lower(mesh, [BP, MP, Z3]).compile()
    want = chain(*args)
    np.testing.assert_allclose(compiled(*args), want, rtol=1e-4, atol=1e-4)
    assert "all-gather" in compiled.as_text()
    assert compiled.memory_analysis().argument_size_in_bytes == 4 * (64 * 8 + 16 + 16)
    assert compiled.cost_analysis()
    assert specs(compiled.in_shardings) == (P("B"), P("B", "M"), P("M", "B"))


def test_compiled_with_options_of_xla(mesh, tmp_path):
    args = arrays()
    lowered = lower(mesh, [BP])
    compiled = lowered.compile({"xla_dump_to": str(tmp_path)})
    assert any("chain" in path.name for path in tmp_path.iterdir())
    np.testing.assert_allclose(compiled(*args), lowered.compile()(*args))
    with pytest.raises(jax.errors.JaxRuntimeError, match="xla_no_such"):
        lowered.compile(compiler_options={"xla_no_such": 1})


def test_planning_without_devices():
    mesh = AbstractMesh((32, 16), ("B", "M"))
    args = [jax.ShapeDtypeStruct(s, np.float32) for s in ((256, 64), (64, 64), (64, 8))]
    lowered = partir.jit(chain, mesh=mesh, schedule=[BP, MP], platform="tpu").lower(
        *args
    )
    assert counts(lowered.reports[-1]) == {"all_reduce": 1}
    assert lowered.in_shardings[0].mesh == mesh
    assert "tensor<8x64xf32>" in lowered.as_text()


def test_seconds_are_accounted_for(mesh):
    lowered = lower(mesh, [BP, MP, Z3])
    assert set(lowered.seconds) == {"lower", "print", "parse", "tactics", "export"}
    spent = sum(report.seconds for report in lowered.reports)
    assert 0 < spent <= lowered.seconds["tactics"]


def test_seconds_of_a_tactic_hold_its_callbacks(mesh):
    slow = partir.ManualPartition({"x": lambda path, aval: time.sleep(0.05)}, "B")
    assert lower(mesh, [slow]).reports[0].seconds >= 0.05


@pytest.mark.parametrize("enabled", [True, False])
def test_collector_is_paused_for_the_tactics(mesh, enabled):
    seen = []

    def look(path, aval):
        seen.append(gc.isenabled())
        raise KeyError(path)

    tactic = partir.ManualPartition({"x": look}, "B")
    try:
        if not enabled:
            gc.disable()
        with pytest.raises(KeyError):
            lower(mesh, [tactic])
        assert gc.isenabled() == enabled
    finally:
        gc.enable()
    assert seen == [False]


def test_default_names_are_number_and_axis(mesh):
    schedule = [
        partir.ManualPartition({"x": 0}, "B"),
        partir.Merged([MP, partir.ManualPartition({"w1": 0}, "B")]),
    ]
    assert [r.name for r in lower(mesh, schedule).reports] == ["0:B", "1:M+B"]


@pytest.mark.parametrize(
    ("inputs", "want"),
    [
        ({"params": 0}, {"a": {"w": P("B"), "v": P("B")}, "b": [P("B")]}),
        ({"params.b": -1}, {"a": {"w": P(), "v": P()}, "b": [P("B")]}),
        ({"params.b.0": 0}, {"a": {"w": P(), "v": P()}, "b": [P("B")]}),
        (
            {"params": {"a": None, "b": [0]}},
            {"a": {"w": P(), "v": P()}, "b": [P("B")]},
        ),
        (
            {"params": {"a": partir.UNKNOWN, "b": partir.FIRST_DIVISIBLE_DIM}},
            {"a": {"w": P(), "v": P()}, "b": [P("B")]},
        ),
        (
            {"params": lambda path, aval: 0 if aval.ndim == 1 else None},
            {"a": {"w": P(), "v": P()}, "b": [P("B")]},
        ),
        (
            {"params": {"a": lambda path, aval: None, "b": 0}},
            {"a": {"w": P(), "v": P()}, "b": [P("B")]},
        ),
        # The longer key wins, in either order.
        (
            {"params": 0, "params.a": partir.UNKNOWN},
            {"a": {"w": P(), "v": P()}, "b": [P("B")]},
        ),
        (
            {"params.a": partir.UNKNOWN, "params": 0},
            {"a": {"w": P(), "v": P()}, "b": [P("B")]},
        ),
    ],
)
def test_values_of_inputs(mesh, inputs, want):
    assert tree_specs(mesh, inputs) == want


def test_callbacks_get_paths_and_avals(mesh):
    seen = {}

    def look(path, aval):
        seen[path] = (aval.shape, aval.dtype)
        return partir.UNKNOWN

    tree_specs(mesh, {"params": look, "scale": look})
    f32 = np.dtype(np.float32)
    assert seen == {
        "params.a.w": ((8, 16), f32),
        "params.a.v": ((16, 8), f32),
        "params.b.0": ((12,), f32),
        "scale": ((), f32),
    }


def test_first_divisible_dim_takes_the_first_dim_that_fits(mesh):
    def fun(a, b, c, d):
        return a + 1, b + 1, c + 1, d + 1

    args = [jax.ShapeDtypeStruct(s, np.float32) for s in ((8, 8), (6, 8), (3,), (4, 8))]
    first = partir.FIRST_DIVISIBLE_DIM
    tactic = partir.ManualPartition(
        {"a": first, "b": first, "c": first, "d": partir.first_divisible_dim(1)}, "B"
    )
    lowered = lower(mesh, [tactic], fun, args)
    assert specs(lowered.in_shardings) == (P("B"), P(None, "B"), P(), P(None, "B"))
    (left,) = [a for a in lowered.reports[0].actions if a.what == "left alone"]
    assert left.target == "c"
    assert left.reason


def test_first_divisible_dim_respects_earlier_tiles(mesh):
    tactics = [
        partir.ManualPartition({"w": 0}, "M"),
        partir.ManualPartition({"w": partir.FIRST_DIVISIBLE_DIM}, "B"),
    ]
    struct = jax.ShapeDtypeStruct
    small = [struct((4, 8), np.float32)]
    large = [struct((8, 8), np.float32)]
    lowered = lower(mesh, tactics, lambda w: w * 2, small)
    assert specs(lowered.in_shardings) == (P("M", "B"),)
    lowered = lower(mesh, tactics, lambda w: w * 2, large)
    assert specs(lowered.in_shardings) == (P(("M", "B")),)


def test_replicated_stays_whole(mesh):
    pin = partir.ManualPartition({"w1": partir.REPLICATED}, "M", name="pin")
    lowered = lower(mesh, [pin, partir.ManualPartition({"w2": 0}, "M")])
    assert specs(lowered.in_shardings)[1] == P()


def test_constants_survive_copies():
    for value in (partir.REPLICATED, partir.UNKNOWN):
        assert copy.deepcopy(value) is value
        assert pickle.loads(pickle.dumps(value)) is value
        assert repr(value).startswith("partir.")


def test_counts_that_are_not_exact_say_so(mesh):
    def fun(x, w, n):
        x = jax.lax.fori_loop(0, n, lambda i, x: x @ w @ w.T, x)
        x = jax.lax.fori_loop(0, 3, lambda i, x: x @ w @ w.T, x)
        return jax.lax.cond(n > 2, lambda x: x @ w @ w.T, lambda x: x, x)

    shapes = [jax.ShapeDtypeStruct(s, np.float32) for s in [(8, 4), (4, 8)]]
    tactic = partir.ManualPartition({"w": 1}, "M")
    report = lower(mesh, [tactic], fun, (*shapes, 5)).reports[0]
    found = sorted((c.count, c.is_exact) for c in report.collectives.each)
    assert found == [(1, False), (1, False), (3, True)]
    assert "2 of them in branches" in str(report)
