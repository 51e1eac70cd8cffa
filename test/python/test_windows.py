# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Dims along which elements move: each device fetches the stretch that it needs.

All programs are compared with what they are unpartitioned, integers bit by bit.
"""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from tables import COLUMNS, ROWS, TILINGS, table, tactics, tilings
from test_semantics import check_loops

import partir

GATHERS = "all_gather", "all_to_all", "all_reduce", "reduce_scatter"


def permutes(lowered):
    return len(re.findall(r"\bcollective_permute\b", lowered.as_text("stablehlo")))


def check(fun, args, mesh, schedule, without=GATHERS, tolerance=0.0):
    """Compares, and makes sure that nothing is gathered; returns what was lowered."""
    lowered = partir.jit(fun, mesh=mesh, schedule=schedule).lower(*args)
    got, want = lowered.compile()(*args), jax.jit(fun)(*args)
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        if tolerance:
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)
        else:
            np.testing.assert_array_equal(np.asarray(a), np.asarray(b))
    report = lowered.reports[-1]
    for kind in without:
        assert report.collectives[kind].count == 0, report
    return lowered


def pad(low, high, value=0):
    return lambda x: lax.pad(x, np.asarray(value, x.dtype), [(low, high, 0), (0, 0, 0)])


MOVES = {
    "reverse": lambda x: x[::-1],
    "first half": lambda x: x[: ROWS // 2],
    "second half": lambda x: x[ROWS // 2 :],
    "inner half": lambda x: x[8:24],
    "off the chunks": lambda x: x[3:27],
    "every second": lambda x: x[::2],
    "every second, odd": lambda x: x[1::2],
    "every third of some": lambda x: x[5:29:3],
    "backwards": lambda x: x[-1:7:-1][::3],
    "low": pad(8, 0),
    "high": pad(0, 8, 7),
    "both": pad(16, 16, -3),
    "both a little": pad(3, 5, 1),
    "more than there is": pad(64, 32, 2),
    "cut": pad(-8, -16, 4),
    "cut and padded": pad(-5, 5, 4),
    "shifted": pad(3, -3, 5),
    "both dims": lambda x: lax.pad(x, np.int32(6), [(1, 7, 0), (4, 4, 0)]),
    "dims by dims": lambda x: x[4:28, ::2][::-1, ::-1],
}
moves = pytest.mark.parametrize("fun", MOVES.values(), ids=MOVES)


@tilings
@moves
def test_moves(fun, tiling, mesh):
    args = (table(),)
    lowered = check(lambda x: fun(x), args, mesh, tactics(tiling))
    rows = tuple(axis for axis, dim in tiling if dim == 0)
    if jax.eval_shape(fun, *args).shape[0] % 8 == 0:
        spec = lowered.reports[-1].out_shardings.spec[0]
        assert (spec if isinstance(spec, tuple) else (spec,)) == rows


@tilings
@moves
def test_moves_from_the_result(fun, tiling, mesh):
    """The operand is tiled because the result is."""

    def tagged(x):
        return partir.tag(fun(x), "y") * 2

    shape = jax.eval_shape(fun, table()).shape
    n = {"B": 4, "M": 2}
    for axis, dim in tiling:
        if shape[dim] % n[axis]:
            return
        shape = tuple(s // n[axis] if d == dim else s for d, s in enumerate(shape))
    check(tagged, (table(),), mesh, tactics(tiling, "y"))


@moves
def test_loops_of_moves_run_in_order(fun, mesh, partir_opt):
    schedule = tactics(TILINGS["rows, columns"])
    check_loops(lambda x: fun(x), (table(),), mesh, schedule, partir_opt, 0)


@pytest.mark.parametrize("sizes", [(3, 2), (1, 4), (2, 1), (6, 1)], ids=str)
@pytest.mark.parametrize("tiling", ["BM", "rows, columns"])
def test_other_meshes(sizes, tiling):
    def fun(x):
        ends = lax.pad(x, np.int32(5), [(7, 17, 0), (0, 0, 0)])
        most = lax.reduce_window(x, np.int32(-99), lax.max, (5, 1), (1, 1), "SAME")
        return x[::-1], x[5:17], x[1::2], ends, most, lax.cumsum(x, 0)

    devices = jax.devices()[: sizes[0] * sizes[1]]
    mesh = jax.make_mesh(sizes, ("B", "M"), devices=devices)
    check(fun, (table(shape=(24, 8)),), mesh, tactics(TILINGS[tiling]), without=())


@pytest.mark.parametrize("dtype", ["bool", "int8", "bfloat16", "complex64"])
def test_element_types(dtype, mesh):
    def fun(x):
        one = np.ones((), x.dtype)
        return x[::-1], x[3:27], lax.pad(x, one, [(3, 5, 0), (0, 0, 0)])

    check(fun, (table(jnp.dtype(dtype)),), mesh, tactics(TILINGS["BM"]))


def test_a_halo_is_what_is_sent(mesh):
    """One row from each neighbour, and no more."""

    def fun(x):
        return lax.reduce_window(x, np.int32(0), lax.add, (3, 1), (1, 1), "SAME")

    lowered = check(fun, (table(),), mesh, tactics(TILINGS["B"]))
    permute = lowered.reports[-1].collectives["collective_permute"]
    row = COLUMNS * 4
    assert permute.count == 2
    assert permute.bytes == 2 * row
    assert permutes(lowered) == 2


def test_chunks_that_stay_are_not_sent(mesh):
    def fun(x):
        size = stride = (2, 1)
        return x[::2], lax.reduce_window(x, 0, lax.add, size, stride, "VALID")

    lowered = check(fun, (table(),), mesh, tactics(TILINGS["BM"]))
    assert lowered.reports[-1].collectives["collective_permute"].count == 0
    assert permutes(lowered) == 0


@moves
def test_reports_count_what_is_sent(fun, mesh):
    for tiling in TILINGS.values():
        lowered = partir.jit(lambda x: fun(x), mesh=mesh, schedule=tactics(tiling))
        lowered = lowered.lower(table())
        count = lowered.reports[-1].collectives["collective_permute"].count
        assert permutes(lowered) == count


# Windows.


def window(op, size, stride=1, padding="VALID", dilation=1, init=None):
    def fun(x):
        start = {lax.add: 0, lax.mul: 1, lax.max: -1000, lax.min: 1000}[op]
        return lax.reduce_window(
            x,
            np.asarray(start if init is None else init, x.dtype),
            op,
            (size, 1),
            (stride, 1),
            padding if isinstance(padding, str) else (padding, (0, 0)),
            window_dilation=(dilation, 1),
        )

    return fun


WINDOWS = {
    "sum of 3": window(lax.add, 3, padding="SAME"),
    "sum of 2 by 2": window(lax.add, 2, 2),
    "max of 4 by 2": window(lax.max, 4, 2, "SAME"),
    "max of 3 by 4": window(lax.max, 3, 4, (1, 1)),
    "min, dilated": window(lax.min, 3, padding=(4, 4), dilation=4),
    "sum from 5": window(lax.add, 3, padding=(1, 1), init=5),
    "sum from 5, inside": window(lax.add, 2, 2, init=5),
    "maximum from 5": window(lax.max, 3, padding=(1, 1), init=5),
    "product": window(lax.mul, 2, padding=(1, 0)),
    "cut": window(lax.add, 2, padding=(-4, -11)),
    "longer than a chunk": window(lax.max, 17, padding="SAME"),
    "cumulative sum": window(lax.add, ROWS, padding=(ROWS - 1, 0)),
    "cumulative maximum from the end": window(lax.max, ROWS, padding=(0, ROWS - 1)),
    "cumsum": lambda x: lax.cumsum(x, 0),
    "cumsum, reversed": lambda x: lax.cumsum(x, 0, reverse=True),
    "cumprod": lambda x: lax.cumprod(x, 0),
    "cummax": lambda x: lax.cummax(x, 0),
    "cummin": lambda x: lax.cummin(x, 0, reverse=True),
}
windows = pytest.mark.parametrize("fun", WINDOWS.values(), ids=WINDOWS)


@tilings
@windows
def test_windows(fun, tiling, mesh):
    check(lambda x: fun(x), (table(),), mesh, tactics(tiling), without=())


@windows
def test_loops_of_windows_run_in_order(fun, mesh, partir_opt):
    args = (table(),)
    check_loops(lambda x: fun(x), args, mesh, tactics(TILINGS["BM"]), partir_opt, 0)


def test_windows_over_several_operands(mesh):
    """Which of three neighbours is the largest."""

    def larger(a, b):
        (x, i), (y, j) = a, b
        first = (x > y) | ((x == y) & (i < j))
        return jnp.where(first, x, y), jnp.where(first, i, j)

    def fun(x):
        places = lax.broadcasted_iota(np.int32, x.shape, 0)
        return lax.reduce_window(
            (x, places), (np.int32(-1000), np.int32(-1)), larger, (3, 1), (1, 1), "SAME"
        )

    check(fun, (table(),), mesh, tactics(TILINGS["BM"]))


def test_windows_over_two_dims(mesh):
    def fun(x):
        return lax.reduce_window(
            x, np.int32(-999), lax.max, (3, 3), (1, 2), ((1, 1), (1, 0))
        )

    check(fun, (table(),), mesh, tactics(TILINGS["rows, columns"]))


def test_pooling_of_images(mesh):
    def fun(x):
        size, stride = (1, 3, 3, 1), (1, 2, 2, 1)
        most = lax.reduce_window(x, -jnp.inf, lax.max, size, stride, "SAME")
        return most, lax.reduce_window(x, 0.0, lax.add, size, stride, "SAME") / 9

    x = table(np.float32, (2, 16, 8, 3))
    schedule = tactics([("B", 1), ("M", 2)])
    check(fun, (x,), mesh, schedule, tolerance=1e-6)


def test_cumlogsumexp(mesh):
    x = table(np.float32) / 30
    check(
        lambda x: lax.cumlogsumexp(x, 0),
        (x,),
        mesh,
        tactics(TILINGS["B"]),
        without=(),
        tolerance=1e-5,
    )


# In larger programs.


def test_roll(mesh):
    check(lambda x: jnp.roll(x, 8, 0), (table(),), mesh, tactics(TILINGS["B"]), ())


def test_in_a_scan(mesh):
    def fun(x):
        def step(x, _):
            left = lax.pad(x, np.int32(1), [(1, -1, 0), (0, 0, 0)])
            return left + x[::-1], left[:8].sum()

        return lax.scan(step, x, None, length=3)

    schedule = tactics(TILINGS["B"])
    lowered = check(fun, (table(),), mesh, schedule, without=("all_gather",))
    # In each trip one round for the row that moves, one for the reverse, and three
    # in which the first device sends its rows to the others.
    assert lowered.reports[-1].collectives["collective_permute"].count == 3 * 5
    assert permutes(lowered) == 5


def test_gradients(mesh):
    def loss(x):
        y = lax.reduce_window(x, 0.0, lax.add, (3, 1), (1, 1), "SAME")
        z = lax.pad(y[4:28] * x[:24], 0.5, [(3, 5, 0), (0, 0, 0)])
        return (jnp.sin(z) * x[::-1]).sum() + jnp.cumsum(x, 0)[::2].var()

    x = table(np.float32) / 50
    for tiling in TILINGS.values():
        check(jax.grad(loss), (x,), mesh, tactics(tiling), without=(), tolerance=1e-4)


def test_partial_sums_are_reduced_before_they_move(mesh):
    """Also where what moves is added to another partial sum."""

    def fun(x, w):
        y = x @ w
        return y[::-1] + x @ (w * 2)

    args = table(np.float32, (16, 8)), table(np.float32, (8, 4))
    schedule = [
        partir.ManualPartition({"x": 1}, "M"),
        partir.ManualPartition({"x": 0}, "B"),
    ]
    check(fun, args, mesh, schedule, without=("all_gather",), tolerance=1e-5)


def test_operands_that_are_read_alike_share_what_is_sent(mesh):
    def fun(x):
        return lax.reduce_window(
            (x, x),
            (np.int32(0), np.int32(0)),
            lambda a, b: (a[0] + b[0], a[1] + b[1]),
            (3, 1),
            (1, 1),
            "SAME",
        )

    lowered = check(fun, (table(),), mesh, tactics(TILINGS["B"]))
    assert permutes(lowered) == 2
    assert lowered.reports[-1].collectives["collective_permute"].count == 2


def test_axes_that_do_not_divide_are_stopped(mesh):
    lowered = partir.jit(
        lambda x: x[:6] * 2, mesh=mesh, schedule=tactics(TILINGS["B"])
    ).lower(table())
    (stop,) = lowered.reports[-1].stops
    assert stop.op == "stablehlo.slice"
    assert lowered.reports[-1].collectives["all_gather"].count == 1
