# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small programs: our rules allow what Shardy's do (see test/harness/shardy.py)."""

import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import pytest
from jax import lax
from jaxlib.mlir import ir
from jaxlib.mlir.dialects import sdy

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))

import shardy


def f32(*shape):
    return jax.ShapeDtypeStruct(shape, jnp.float32)


def i32(*shape):
    return jax.ShapeDtypeStruct(shape, jnp.int32)


def conv(strides=(1, 1), groups=1, batch_groups=1, padding="SAME"):
    return lambda x, w: lax.conv_general_dilated(
        x,
        w,
        strides,
        padding,
        feature_group_count=groups,
        batch_group_count=batch_groups,
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )


def conv_gradient(x, w):
    return jax.grad(lambda x, w: (conv()(x, w) ** 2).sum(), (0, 1))(x, w)


def dot(x, y):
    return jnp.einsum("bik,bkj->bij", x, y)


def scan(x, w):
    return lax.scan(lambda c, w: (jnp.tanh(c @ w), c.sum(0)), x, w)


def rng(key):
    return lax.rng_bit_generator(key, (8, 4))


MATRICES, IMAGES = f32(8, 4, 4), f32(8, 16, 16, 4)
KEY = jax.ShapeDtypeStruct((4,), jnp.uint32)
#: By name, a function and its arguments.
PROGRAMS = {
    "pointwise": (lambda x, y: jnp.where(x > y, jnp.exp(x), y), f32(8, 4), f32(8, 4)),
    "dot": (dot, f32(2, 8, 4), f32(2, 4, 6)),
    "conv": (conv(), IMAGES, f32(3, 3, 4, 6)),
    "conv_1x1": (conv(), IMAGES, f32(1, 1, 4, 6)),
    "conv_groups": (conv(groups=2), IMAGES, f32(3, 3, 2, 6)),
    "conv_depthwise": (conv(groups=4), IMAGES, f32(3, 3, 1, 8)),
    "conv_batch_groups": (conv(batch_groups=2), IMAGES, f32(3, 3, 4, 6)),
    "conv_gradient": (conv_gradient, IMAGES, f32(3, 3, 4, 6)),
    "reduce": (lambda x: (x.sum(0), x.max(1), x.prod()), f32(8, 4)),
    "argmax": (lambda x: jnp.argmax(x, 0), f32(8, 4)),
    "reduce_window": (lambda x: (lax.cumsum(x), lax.cummax(x, 1)), f32(8, 4)),
    "gather": (lambda x, i: x[i], f32(32, 4), i32(6)),
    "take_along": (lambda x, i: jnp.take_along_axis(x, i, 1), f32(8, 32), i32(8, 2)),
    "scatter_add": (lambda x, i, u: x.at[i].add(u), f32(32, 4), i32(6), f32(6, 4)),
    "scatter_set": (lambda x, i, u: x.at[i].set(u), f32(32, 4), i32(6), f32(6, 4)),
    "dynamic_slice": (lambda x, i: lax.dynamic_slice(x, (i, 0), (2, 4)), f32(8, 4), 0),
    "dynamic_update_slice": (
        lambda x, u, i: lax.dynamic_update_slice(x, u, (i, 0)),
        f32(8, 4),
        f32(2, 4),
        0,
    ),
    "slice": (lambda x: x[2:6, ::2], f32(8, 4)),
    "reverse": (lambda x: lax.rev(x, (0,)), f32(8, 4)),
    "reshape": (lambda x: (x.reshape(6, 8), x.reshape(48)), f32(12, 4)),
    "reshape_apart": (lambda x: x.reshape(2, 2, 2, 2, 3), f32(16, 3)),
    "transpose": (lambda x: x.transpose(2, 0, 1), MATRICES),
    "broadcast": (lambda x: jnp.broadcast_to(x[:, None], (8, 3, 4)), f32(8, 4)),
    "concatenate": (lambda x, y: jnp.concatenate([x, y]), f32(8, 4), f32(2, 4)),
    "pad": (lambda x: jnp.pad(x, ((1, 2), (0, 0))), f32(8, 4)),
    "bitcast": (lambda x: lax.bitcast_convert_type(x, jnp.int8), f32(8, 4)),
    "sort": (lambda x: (jnp.sort(x, 0), jnp.argsort(x, 1)), f32(8, 4)),
    "top_k": (lambda x: lax.top_k(x, 2), f32(8, 4)),
    "rng": (rng, KEY),
    "fft": (lambda x: (jnp.fft.rfft(x), jnp.fft.fft(x)), f32(8, 4)),
    "cholesky": (jnp.linalg.cholesky, MATRICES),
    "qr": (jnp.linalg.qr, MATRICES),
    "lu": (lax.linalg.lu, MATRICES),
    "eigh": (jnp.linalg.eigh, MATRICES),
    "svd": (jnp.linalg.svd, MATRICES),
    "triangular_solve": (
        lambda a, b: lax.linalg.triangular_solve(a, b, left_side=True),
        MATRICES,
        f32(8, 4, 2),
    ),
    "scan": (scan, f32(8, 4), f32(3, 4, 4)),
}

MATMUL = "#sdy.op_sharding_rule<([i, k], [k, j])->([i, j]) {i=8, j=4, k=2}{more}>"


@pytest.fixture(scope="module")
def modules():
    return {
        name: jax.jit(fun).lower(*args).compiler_ir()
        for name, (fun, *args) in PROGRAMS.items()
    }


@pytest.fixture(scope="module")
def comparisons(modules):
    found = shardy.compare(list(modules.values()))
    return dict(zip(modules, found, strict=True))


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_fault(comparisons, name):
    found = comparisons[name]
    assert not found.refused
    assert [one for one in found.differences if one.kind in shardy.FAULTS] == []


def test_all_ops_are_compared(comparisons):
    without = {op for one in comparisons.values() for op in one.skipped}
    assert {op for op in without if op.endswith("we have no rule")} == set()
    # Its one op has no rule of Shardy's.
    few = {name for name, one in comparisons.items() if not one.compared}
    assert few == {"top_k"}


def test_communication_is_told_apart(comparisons):
    kinds = {
        name: {(one.op, one.kind) for one in comparisons[name].differences}
        for name in ("conv_gradient", "pad", "sort")
    }
    assert kinds["pad"] == {("stablehlo.pad", "permutation")}
    assert kinds["sort"] == {("stablehlo.sort", "replication")}
    assert ("stablehlo.convolution", "halo") in kinds["conv_gradient"]


def test_module_stays_as_it_is(modules):
    before = str(modules["dot"])
    shardy.compare([modules["dot"]])
    assert str(modules["dot"]) == before


def differ(ours, more=" reduction={k}"):
    with ir.Context() as context:
        sdy.register_dialect(context)
        rule = ir.Attribute.parse(MATMUL.replace("{more}", more))
        found = shardy.differences("dot", shardy.shardy_rule(rule), ours)
    return [(d.kind, d.operand, d.operand_dim, d.result, d.result_dim) for d in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("([i, k], [k, j]) -> ([i, j]) {i=8, j=4, k=2} reduction={k:add}", []),
        (
            "([i, k], [k, j]) -> ([i, j]) {i=8, j=4, k=2} blocked={k: is a, and b}",
            [("reduction", 0, 1, None, None)],
        ),
        (
            "([i, k], [l, j]) -> ([i, j]) {i=8, j=4, k=2, l=2} reduction={k:add} "
            "blocked={j: is sorted, l: is sorted}",
            [("pass", 1, 1, 0, 1), ("reduction", 1, 0, None, None)],
        ),
        (
            "([a1, k], [k, j]) -> ([i, j]) {a1=8, i=8, j=4, k=2} reduction={k:add} sum",
            [("pass", 0, 0, 0, 0)],
        ),
    ],
)
def test_finds_differences(text, found):
    assert differ(shardy.our_rule(text)) == found


@pytest.mark.parametrize("kind", ["permutation", "need_replication"])
def test_communication_is_information(kind):
    text = (
        "([l, k], [k, j]) -> ([i, j]) {i=8, j=4, k=2, l=8} blocked={i: is a, l: is a}"
    )
    more = f" {kind}={{i}}"
    kind = kind.removeprefix("need_")
    assert differ(shardy.our_rule(text), more) == [(kind, 0, 0, 0, 0)]


@pytest.mark.parametrize(
    "text",
    [
        "([i]) -> ([i]) {i=8} strange",
        "([i]) -> ([i])",
        "([i], [I]) -> ([i]) {i=8}",
        "([i] [i]) -> ([i]) {i=8}",
        "([i]) -> ([i]) {i=8} blocked={is sorted}",
    ],
)
def test_unknown_text(text):
    with pytest.raises(ValueError, match=r"not|no size"):
        shardy.our_rule(text)


def test_other_dims():
    with pytest.raises(RuntimeError, match="differ in their dims"):
        differ(shardy.our_rule("([i], [j]) -> ([i, j]) {i=8, j=4}"))
