# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Dims that are indexed at run time: each device reads and writes what it holds.

All programs are compared with what they are unpartitioned, bit by bit.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from tables import COLUMNS, TILINGS, table, tactics, tilings

import partir

#: In bounds, at the edges of chunks, twice, and out of bounds on both sides.
PLACES = [0, 31, 7, 8, -1, 32, 100, -100, 8, 15, -32, -33]


def bits(x):
    x = np.asarray(x)
    return x if x.dtype.kind in "biu" else x.view(f"V{x.dtype.itemsize}")


def check(fun, args, mesh, schedule, without=("all_gather", "all_to_all")):
    """Compares, and makes sure that nothing is gathered; returns the last report."""
    lowered = partir.jit(fun, mesh=mesh, schedule=schedule).lower(*args)
    got, want = lowered.compile()(*args), jax.jit(fun)(*args)
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        np.testing.assert_array_equal(bits(a), bits(b))
    report = lowered.reports[-1]
    for kind in without:
        assert report.collectives[kind].count == 0
    return report


# Reading.


@tilings
@pytest.mark.parametrize("mode", ["fill", "clip", "promise_in_bounds"])
def test_gather_of_rows(tiling, mode, mesh):
    def fun(x, i):
        return x.at[i].get(mode=mode)

    report = check(fun, (table(), np.array(PLACES)), mesh, tactics(tiling))
    assert report.collectives["all_reduce"].count == 1


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint32", "bfloat16", "complex64"])
def test_element_types_of_reads(dtype, mesh):
    def fun(x, i):
        return x[i], lax.dynamic_slice_in_dim(x, i[1], 9), x[i[0]]

    args = table(jnp.dtype(dtype)), np.array([9, 30, 2])
    check(fun, args, mesh, tactics(TILINGS["BM"]))


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "uint32"])
def test_narrow_and_unsigned_indices(dtype, mesh):
    """Also where there are more rows than the type of the index can count."""

    def fun(x, i, u):
        read = x.at[i].get(mode="clip")
        return read, x.at[i].add(u, mode="drop"), lax.dynamic_slice_in_dim(x, i[0], 3)

    # Of a type with a sign, JAX wants one that holds the size.
    for rows in (64,) if dtype == "int8" else (64, 512):
        largest = np.iinfo(dtype).max
        places = [200, 3, 17, largest, 0, 63, 64]
        i = np.array(places).astype(dtype)
        args = table(shape=(rows, 2)), i, table(shape=(7, 2))
        check(fun, args, mesh, tactics(TILINGS["BM"]))


def test_long_indices(mesh):
    def fun(x, i, u):
        read = x.at[i].get(mode="clip")
        return read, x.at[i].set(u), lax.dynamic_slice_in_dim(x, i[0], 3)

    with jax.enable_x64(True):
        # Cut to 32 bits, the first two are in bounds.
        for dtype in (np.int64, np.uint64):
            i = np.array([2**32 + 5, 2**33, 7, 31]).astype(dtype)
            check(fun, (table(), i, table()[:4]), mesh, tactics(TILINGS["B"]))
        i = np.array([-(2**32) + 5, -(2**63), 2**63 - 1, 31])
        check(fun, (table(), i, table()[:4]), mesh, tactics(TILINGS["B"]))


@tilings
def test_two_indexed_dims(tiling, mesh):
    def fun(x, i, j, u):
        return x[i, j], x.at[i, j].add(u), x.at[j, i].set(3)

    i, j = np.array([0, 31, 9, -1, 40, 8]), np.array([7, 0, 3, -2, 2, 50])
    check(fun, (table(), i, j, table()[0, :6]), mesh, tactics(tiling))


def test_batched_gather(mesh):
    def fun(x, i):
        return jax.vmap(lambda x, i: x[i])(x, i), jnp.take_along_axis(x, i, 1)

    args = table(shape=(8, 32)), np.array([PLACES[:4], PLACES[4:8]] * 4)
    check(fun, args, mesh, tactics([("B", 1)]))
    check(fun, args, mesh, tactics([("M", 0), ("B", 1)]))


def test_take(mesh):
    def fun(x, i):
        return [
            *(jnp.take(x, i, axis=a, mode=m) for a in (0, 1) for m in ("clip", "wrap")),
            jnp.take(x, i.reshape(1, 3, 1), axis=0),
        ]

    args = table(shape=(32, 16)), np.array([5, 31, -40])
    for tiling in TILINGS.values():
        check(fun, args, mesh, tactics(tiling))


def test_reading_with_indices_over_another_axis(mesh):
    def fun(x, i):
        return x[i]

    schedule = [*tactics([("B", 0)]), partir.ManualPartition({"i": 0}, "M")]
    report = check(fun, (table(), np.array(PLACES)), mesh, schedule)
    assert report.out_shardings.spec == jax.sharding.PartitionSpec("M")


def test_many_rows_are_gathered(mesh):
    """Half of the operand or more is read: a reduction moves more than a gather."""

    def fun(x, i):
        return x[i]

    def report(count):
        args = table(), np.arange(count)
        return check(fun, args, mesh, tactics([("B", 0)]), without=())

    few, many = report(15), report(16)
    assert few.collectives["all_gather"].count == 0
    assert many.collectives["all_gather"].count == 1
    assert few.collectives["all_reduce"].bytes < many.collectives["all_gather"].bytes
    assert any("half of the operand" in str(stop) for stop in many.stops)


@tilings
@pytest.mark.parametrize("size", [1, 3, 8, 13])
def test_dynamic_slice(tiling, size, mesh):
    def fun(x, starts):
        return [lax.dynamic_slice_in_dim(x, s, size) for s in starts]

    starts = tuple(np.int32(s) for s in (0, 5, 7, 20, 24, 31, 99, -3, -99))
    check(fun, (table(), starts), mesh, tactics(tiling))


def test_dynamic_slice_of_two_dims(mesh):
    def fun(x, i, j):
        return lax.dynamic_slice(x, (i, j), (5, 3)), lax.dynamic_slice(
            x, (j, i), (9, 1)
        )

    for i, j in ((6, 3), (30, 7), (-5, 1)):
        args = table(), np.int32(i), np.int32(j)
        check(fun, args, mesh, tactics([("B", 0), ("M", 1)]))


# Writing.


@tilings
@pytest.mark.parametrize("how", ["add", "set", "mul", "min", "max"])
def test_scatter(tiling, how, mesh):
    def fun(x, i, u):
        return getattr(x.at[i], how)(u)

    # Of several writes to one place, any may stay.
    places = sorted(set(PLACES)) if how == "set" else PLACES
    places = [p for p in places if how != "set" or p >= 0 or p < -32]
    args = table(), np.array(places), table(shape=(len(places), COLUMNS))
    report = check(fun, args, mesh, tactics(tiling))
    assert not report.collectives.each


@pytest.mark.parametrize("mode", ["fill", "clip", "promise_in_bounds"])
def test_scatter_out_of_bounds(mode, mesh):
    def fun(x, i, u):
        i = i[:, None]
        numbers = lax.ScatterDimensionNumbers((1,), (0,), (0,))
        order = {"indices_are_sorted": True}
        return (
            lax.scatter_add(x, i, u, numbers, mode=mode, **order),
            lax.scatter_mul(x, i, u, numbers, mode=mode),
            lax.scatter_apply(x, i, lambda v: 3 * v + 1, numbers, update_shape=u.shape),
        )

    i = np.sort(PLACES)
    for tiling in TILINGS.values():
        check(fun, (table(), i, table()[: len(i)]), mesh, tactics(tiling))


def test_scatter_of_sharded_updates(mesh):
    def fun(x, i, u):
        return x.at[i].add(u)

    schedule = [*tactics([("B", 0)]), partir.ManualPartition({"i": 0, "u": 0}, "M")]
    args = table(), np.array(PLACES), table()[: len(PLACES)]
    report = check(fun, args, mesh, schedule)
    assert report.collectives["all_reduce"].count == 1


def test_batched_scatter(mesh):
    def fun(x, i, u):
        return jax.vmap(lambda x, i, u: x.at[i].max(u))(x, i, u)

    args = table(shape=(4, 32)), np.array([PLACES[:6]] * 4), table(shape=(4, 6))
    check(fun, args, mesh, tactics([("B", 1), ("M", 0)]))
    check(fun, args, mesh, tactics([("B", 0), ("M", 1)]))


@tilings
@pytest.mark.parametrize("size", [1, 3, 8, 13])
def test_dynamic_update_slice(tiling, size, mesh):
    def fun(x, u, starts):
        return [lax.dynamic_update_slice_in_dim(x, u, s, 0) for s in starts]

    starts = tuple(np.int32(s) for s in (0, 5, 7, 20, 24, 31, 99, -3, -99))
    report = check(fun, (table(), -table()[:size], starts), mesh, tactics(tiling))
    assert not report.collectives.each


def test_dynamic_update_slice_of_two_dims(mesh):
    def fun(x, u, i, j):
        return lax.dynamic_update_slice(x, u, (i, j))

    for i, j in ((6, 3), (30, 7), (-5, 1)):
        args = table(), -table()[:5, :3], np.int32(i), np.int32(j)
        check(fun, args, mesh, tactics([("B", 0), ("M", 1)]))


@pytest.mark.parametrize("dtype", ["bool", "int8", "bfloat16", "complex64"])
def test_element_types_of_writes(dtype, mesh):
    def fun(x, i, u):
        y = lax.dynamic_update_slice_in_dim(x, u, i[1], 0)
        return y, x.at[i].set(u), lax.dynamic_update_slice_in_dim(x, u[:1], i[0], 0)

    x = table(jnp.dtype(dtype))
    check(fun, (x, np.array([9, 30, 2]), x[4:7]), mesh, tactics(TILINGS["BM"]))


# In loops.


def test_cache_in_a_scan(mesh):
    """A token a step is written to a cache whose positions are sharded."""

    def fun(cache, tokens):
        def step(carry, token):
            cache, at = carry
            cache = lax.dynamic_update_slice_in_dim(cache, token[None], at, 0)
            return (cache, at + 5), jnp.sum(cache, 0)

        return lax.scan(step, (cache, jnp.int32(2)), tokens)

    args = table(), table(shape=(8, COLUMNS))
    report = check(fun, args, mesh, tactics(TILINGS["B"], "cache"))
    assert report.collectives["all_reduce"].count == 8


def test_cache_in_a_while_loop(mesh):
    def fun(x, n):
        def body(carry):
            x, i = carry
            row = lax.dynamic_slice_in_dim(x, i, 1) + 1
            return lax.dynamic_update_slice_in_dim(x, row, i * 3, 0), i + 1

        return lax.while_loop(lambda carry: carry[1] < n, body, (x, jnp.int32(0)))

    for tiling in TILINGS.values():
        check(fun, (table(), np.int32(12)), mesh, tactics(tiling))


def test_layer_dim_of_a_scan_is_left_alone(mesh):
    """Any layer is on one device only: the first dim is not worth tiling."""

    def fun(layers, x):
        return lax.scan(lambda x, w: (jnp.sin(w @ x), x), x, layers)

    layers = table(np.float32, (8, 16, 16))
    first = partir.ManualPartition({"layers": partir.FIRST_DIVISIBLE_DIM}, "B")
    lowered = partir.jit(fun, mesh=mesh, schedule=[first]).lower(layers, layers[0, 0])
    assert lowered.in_shardings[0].spec == jax.sharding.PartitionSpec(None, "B")


# Gradients.


@tilings
def test_gradient_of_an_embedding(tiling, mesh):
    def loss(x, i):
        return jnp.sum(x[i] * jnp.arange(1.0, 9.0)) + jnp.sum(
            lax.dynamic_slice_in_dim(x, i[0], 5) * 2.0
        )

    # Small integers, whose sums are exact.
    args = table(np.float32), np.array(PLACES)
    check(jax.value_and_grad(loss), args, mesh, tactics(tiling), without=())


# The loops, one iteration after another.


@pytest.mark.parametrize("read", ["gather", "pairs", "dynamic_slice", "scatter"])
@tilings
def test_loops_run_in_order(tiling, read, mesh, partir_opt):
    from test_semantics import check_loops

    def fun(x, i):
        if read == "gather":
            return x[i]
        if read == "pairs":
            return x[i, i // 4]
        if read == "scatter":
            return x.at[i].add(x[:4])
        return lax.dynamic_slice_in_dim(x, i[1], 5)

    args, schedule = (table(), np.array([1, 31, 9, 9])), tactics(tiling)
    check_loops(fun, args, mesh, schedule, partir_opt)
    lowered = partir.jit(fun, mesh=mesh, schedule=schedule).lower(*args)
    read_back = partir_opt(lowered.as_text("core"), "--partir-lower-core")
    assert read_back == partir_opt(lowered.as_text("hlo"))
