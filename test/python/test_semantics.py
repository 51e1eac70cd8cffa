# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a program means at its stages, and that the stages mean the same.

The loops of PartIR:Core, run one iteration after another on one device, give the
numbers of the function. PartIR:HLO holds the collectives that were reported, one by
one, and its patterns find nothing to improve.
"""

import re
from collections import Counter

import jax
import numpy as np
import pytest
from jax.extend.mlir import ir

import partir
from benchmarks.models import gpt, gpt_schedules
from partir._execute import _call_p
from partir._report import KINDS

SMALL = gpt.Config(
    layers=1, d_model=16, heads=4, d_ff=32, vocab=64, batch=8, sequence=8
)
LAYOUTS = [{}, {"scan_layers": True}]
VARIANTS = [
    {},
    {"scan_layers": True},
    {"clip_norm": 0.1, "gated_mlp": True, "fused_qkv": False, "remat": True},
    {"compute_dtype": "bfloat16", "positions": "learned"},
]


def variant(options, **more):
    return gpt.Config(**{**vars(SMALL), **options, **more})


def lower_gpt(config, schedule, mesh):
    step = partir.jit(
        gpt.make_train_step(config),
        mesh=mesh,
        schedule=gpt_schedules.model(config).schedule(schedule),
    )
    return step.lower(*gpt.shapes(config))


class Global:
    """A module on one device, as `_call_p` takes it."""

    def __init__(self, module, results):
        self.name, self.module = "unrolled", module
        self.out_types = [(r.shape, r.dtype, False) for r in results]


def run_core(core, partir_opt, leaves, results):
    """Runs PartIR:Core with its loops unrolled, on one device."""
    module = partir_opt(core, "--partir-unroll-loops", "--mlir-print-op-generic")
    assert "partir" not in module.replace("partir.name", "")
    program = Global(module, results)
    return jax.jit(lambda *xs: _call_p.bind(*xs, program=program))(*leaves)


def check_loops(fun, args, mesh, schedule, partir_opt, tolerance=1e-5):
    lowered = partir.jit(fun, mesh=mesh, schedule=schedule).lower(*args)
    core = lowered.as_text("core")
    assert "partir.loop" in core
    want = jax.tree.leaves(jax.jit(fun)(*args))
    got = run_core(core, partir_opt, jax.tree.leaves(args), want)
    for a, b in zip(got, want, strict=True):
        a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * np.abs(b).max())


def test_loops_of_the_worked_example_run_in_order(mesh, partir_opt):
    rng = np.random.default_rng(0)
    args = [rng.random(s, np.float32) for s in [(256, 8), (8, 16), (16, 8)]]
    bp = partir.ManualPartition({"x": 0}, "B")
    mp = partir.ManualPartition({"w1": 1}, "M")
    z3 = partir.ManualPartition({"w1": 0, "w2": 1}, "B")

    def fun(x, w1, w2):
        return (x @ w1) @ w2

    for schedule in ([bp], [bp, mp], [bp, mp, z3], [partir.Merged([bp, mp, z3])]):
        check_loops(fun, args, mesh, schedule, partir_opt)


@pytest.mark.parametrize("options", LAYOUTS, ids=["unrolled", "scanned"])
@pytest.mark.parametrize("schedule", [*gpt_schedules.SCHEDULES, "merged"])
def test_loops_of_gpt_run_in_order(options, schedule, mesh, partir_opt):
    config = variant(options)
    args = gpt.init(config)
    if schedule == "merged":
        tactics = [partir.Merged(gpt_schedules.model(config).schedule("BP+MP+Z3"))]
    else:
        tactics = gpt_schedules.model(config).schedule(schedule)
    check_loops(gpt.make_train_step(config), args, mesh, tactics, partir_opt)


def test_loops_of_ops_that_know_where_they_are_run_in_order(mesh, partir_opt):
    def fun(x, i):
        y = x + np.arange(16, dtype=np.float32)[:, None]
        y = y + jax.lax.broadcasted_iota(np.float32, (16, 8), 0)
        z = jax.lax.reduce(y, np.float32(3), jax.lax.add, (0,))
        return y[:, ::2], z, x.at[i].add(y[:4]), jax.lax.reduce_max(y, (0, 1))

    args = np.ones((16, 8), np.float32), np.array([1, 5, 5, 2])
    tactics = [
        partir.ManualPartition({"x": 0, "i": 0}, "B"),
        partir.ManualPartition({"x": 0}, "M"),
    ]
    check_loops(fun, args, mesh, tactics, partir_opt)
    lowered = partir.jit(fun, mesh=mesh, schedule=tactics).lower(*args)
    read = partir_opt(lowered.as_text("core"), "--partir-lower-core")
    assert read == partir_opt(lowered.as_text("hlo"))


def test_loops_of_a_grouped_convolution_run_in_order(mesh, partir_opt):
    def fun(x, w):
        return jax.lax.conv_general_dilated(
            x, w, (1, 1), "SAME", feature_group_count=4
        ).sum((2, 3))

    rng = np.random.default_rng(0)
    args = [rng.random(s, np.float32) for s in [(4, 16, 8, 8), (8, 4, 3, 3)]]
    # M takes half of the groups; of B one part the rest, the other the sum.
    tactics = [partir.ManualPartition({"x": 1}, axis) for axis in "MB"]
    check_loops(fun, args, mesh, tactics, partir_opt)
    lowered = partir.jit(fun, mesh=mesh, schedule=tactics).lower(*args)
    read = partir_opt(lowered.as_text("core"), "--partir-lower-core")
    assert read == partir_opt(lowered.as_text("hlo"))


_HLO = re.compile(
    rf"partir_hlo\.({'|'.join(KINDS)}) (?:add |max |min |mul |and |or )?"
    r"(\[?\{.*?\}\]?) .*tensor<((?:\d+x)*)(\w+)>"
)


def held_collectives(text):
    """(kind, axes, shape, dtype) of each collective of a PartIR:HLO text."""
    found = Counter()
    for line in text.splitlines():
        if "partir_hlo." not in line or "all_slice" in line or "axis_index" in line:
            continue
        kind, axes, shape, dtype = _HLO.search(line).groups()
        names = frozenset(re.findall(r'"(\w+)"', axes))
        found[kind, names, tuple(map(int, shape.split("x")[:-1])), dtype] += 1
    return found


@pytest.mark.parametrize("options", VARIANTS)
@pytest.mark.parametrize("schedule", gpt_schedules.SCHEDULES)
def test_program_holds_the_collectives_that_are_reported(options, schedule, mesh):
    config = variant(options, layers=3)
    lowered = lower_gpt(config, schedule, mesh)
    each = lowered.reports[-1].collectives.each
    reported = Counter((c.kind, frozenset(c.axes), c.shape, c.dtype) for c in each)
    assert held_collectives(lowered.as_text("hlo")) == reported
    trips = {c.count for c in each}
    assert trips <= ({1, config.layers} if config.scan_layers else {1})


def test_axis_of_size_one_costs_nothing():
    mesh = jax.make_mesh((8, 1), ("B", "M"))
    config = variant({})
    lowered = lower_gpt(config, "BP+MP+Z3", mesh)
    each = lowered.reports[-1].collectives.each
    assert {c.axes for c in each} == {("B",)}
    reported = Counter((c.kind, frozenset(c.axes), c.shape, c.dtype) for c in each)
    assert held_collectives(lowered.as_text("hlo")) == reported


@pytest.mark.parametrize("options", VARIANTS)
@pytest.mark.parametrize("schedule", gpt_schedules.SCHEDULES)
def test_patterns_find_nothing_to_improve(options, schedule, mesh, partir_opt):
    lowered = lower_gpt(variant(options), schedule, mesh)
    text = lowered.as_text("hlo")
    # Without a rewrite the driver still moves equal constants together.
    same = partir_opt(text, "--canonicalize=max-num-rewrites=0")
    assert partir_opt(text, "--canonicalize") == same


@pytest.mark.parametrize("options", VARIANTS)
def test_core_read_back_is_the_same_program(options, mesh, partir_opt):
    lowered = lower_gpt(variant(options), "BP+MP+Z3", mesh)
    read = partir_opt(lowered.as_text("core"), "--partir-lower-core")
    assert read == partir_opt(lowered.as_text("hlo"))


def test_compiled_program_keeps_names_and_lines(mesh):
    config = variant({}, layers=2)
    step = gpt.make_train_step(config)
    bare = jax.jit(step).lower(*gpt.shapes(config))
    compiled = lower_gpt(config, "BP+MP+Z3", mesh).compile()
    names = set(re.findall(r'op_name="([^"]*)"', compiled.as_text()))
    wanted = set(re.findall(r'op_name="([^"]*)"', bare.compile().as_text()))
    dots = {name for name in wanted if name.endswith("dot_general")}
    assert dots
    # JAX puts the names of its call and of shard_map in front.
    assert all(any(name.endswith(dot) for name in names) for dot in dots)
    assert "benchmarks/models/gpt.py" in compiled.as_text()


def test_local_module_is_valid_for_jaxlib(mesh):
    for options in VARIANTS:
        module = lower_gpt(variant(options), "BP+MP+Z3", mesh).local_module
        with jax.interpreters.mlir.make_ir_context():
            assert ir.Module.parse(module).operation.verify()
