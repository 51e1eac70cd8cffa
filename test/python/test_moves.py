# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is moved where it matters most: convolutions, tables, caches, losses."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from checks import axes_of, check, over
from hard_programs import embed_loss, one_hot_loss, picking_loss
from jax import lax
from jax.sharding import PartitionSpec as P
from values import floats, ids

# Convolutions. Channels come after the batch in inputs, first in kernels.


def convolve(x, w, groups):
    return lax.conv_general_dilated(
        x,
        w,
        (1, 1),
        "SAME",
        feature_group_count=groups,
    )


def convolution_gradients(x, w, groups):
    return jax.grad(lambda x, w: jnp.sum(convolve(x, w, groups) ** 2), (0, 1))(x, w)


#: Groups, and the channels of one, in and out.
GROUPS = {"grouped": (8, 2, 3), "depthwise": (8, 1, 1), "depth multiplier": (8, 1, 2)}
groups = pytest.mark.parametrize("shape", GROUPS.values(), ids=GROUPS)


def convolution(shape, batch=4):
    """The groups, an input, a kernel."""
    count, inputs, outputs = shape
    x = floats(batch, count * inputs, 5, 5)
    return count, x, floats(count * outputs, inputs, 3, 3)


@groups
@pytest.mark.parametrize("axes", ["B", "BM"])
def test_convolution_tiled_by_its_groups_moves_nothing(shape, axes, mesh):
    count, x, w = convolution(shape)
    schedule = [over(axis, x=1, w=0) for axis in axes]
    for fun in (convolve, convolution_gradients):
        fun = functools.partial(fun, groups=count)
        lowered = check(fun, (x, w), mesh, *schedule, only="")
        assert axes_of(lowered.out_shardings) == set(axes)


@groups
@pytest.mark.parametrize("tiled", [{"x": 1}, {"w": 0}])
def test_one_operand_of_a_grouped_convolution_is_enough(shape, tiled, mesh):
    count, x, w = convolution(shape)
    fun = functools.partial(convolve, groups=count)
    lowered = check(fun, (x, w), mesh, over("B", **tiled), only="")
    assert lowered.out_shardings.spec == P(None, "B")


@groups
def test_grouped_convolution_of_a_tiled_batch_moves_only_gradients(shape, mesh):
    count, x, w = convolution(shape)
    schedule = over("B", x=0)
    check(functools.partial(convolve, groups=count), (x, w), mesh, schedule, only="")
    fun = functools.partial(convolution_gradients, groups=count)
    lowered = check(fun, (x, w), mesh, schedule, only="all_reduce")
    (reduced,) = lowered.reports[-1].collectives.each
    assert reduced.shape == w.shape


@groups
def test_batch_and_groups_on_two_axes(shape, mesh):
    count, x, w = convolution(shape)
    fun = functools.partial(convolution_gradients, groups=count)
    lowered = check(
        fun, (x, w), mesh, over("B", x=0), over("M", w=0), only="all_reduce"
    )
    (reduced,) = lowered.reports[-1].collectives.each
    assert reduced.axes == ("B",)
    assert reduced.shape == (w.shape[0] // 2, *w.shape[1:])


def test_batch_and_features_on_two_axes(mesh):
    fun = functools.partial(convolve, groups=1)
    x, w = floats(4, 8, 5, 5), floats(8, 8, 3, 3)
    lowered = check(fun, (x, w), mesh, over("B", x=0), over("M", w=0), only="")
    assert lowered.out_shardings.spec == P("B", "M")
    # Tiled by the features that it sums, each device has a part of each sum.
    lowered = check(
        fun, (x, w), mesh, over("B", x=0), over("M", w=1), only="all_reduce"
    )
    (reduced,) = lowered.reports[-1].collectives.each
    assert (reduced.axes, reduced.shape) == (("M",), (1, 8, 5, 5))


def test_dilated_and_strided(mesh):
    dims = "NCHW", "OIHW", "NCHW"

    def fun(x, w):
        a = lax.conv_general_dilated(x, w, (2, 1), "SAME", rhs_dilation=(2, 2))
        b = lax.conv_transpose(x, w, (2, 2), "SAME", dimension_numbers=dims)
        return a, b

    args = floats(8, 8, 6, 6), floats(8, 8, 3, 3)
    check(fun, args, mesh, over("B", x=0), over("M", x=0), only="")


# Tables.


def train_table(table, i):
    """One step: the update of a table has the tiles of the table."""
    return table - jax.grad(embed_loss)(table, i)


def test_gradient_of_a_table_with_its_rows_and_the_lookups_on_one_axis(mesh):
    """A row gets what was looked up in it, from all chunks of the sequence.

    Where the chunks of rows were added up instead, what belongs to row r would be
    in the rows of other devices that have its place in their chunk.
    """

    def fun(table, i):
        return table - jax.grad(lambda t: jnp.sum(jnp.take(t, i, axis=0)))(table)

    table = np.zeros((16, 8), np.float32)
    i = np.array([[0, 1, 1, 2], [1, 0, 2, 2]], np.int32)
    lowered = check(fun, (table, i), mesh, over("B", table=0, i=1))
    assert lowered.out_shardings.spec == P("B")
    times = np.bincount(i.reshape(-1), minlength=16)
    got = lowered.compile()(table, i)
    np.testing.assert_array_equal(got, -np.outer(times, np.ones(8)))


@pytest.mark.parametrize("rows", [16, 96])
def test_gradient_of_a_table_with_batch_and_rows_on_two_axes(rows, mesh):
    args = floats(rows, 8), ids(8, 4, size=rows)
    lowered = check(train_table, args, mesh, over("B", i=0), over("M", table=0))
    assert lowered.out_shardings.spec == P("M")
    # The chunks of the batch add up what they have for the rows of a device.
    reduced = [
        one for one in lowered.reports[-1].collectives.each if one.axes == ("B",)
    ]
    assert [(one.kind, one.shape) for one in reduced] == [
        ("all_reduce", (rows // 2, 8))
    ]


def test_accumulated_gradient_of_a_table(mesh):
    """Micro-batches in a scan; the rows of the table and the batch are tiled."""

    def fun(table, i):
        def body(total, i):
            return total + jax.grad(embed_loss)(table, i), None

        return table - lax.scan(body, jnp.zeros_like(table), i)[0]

    args = np.round(floats(16, 8) * 4), ids(3, 8, 4, size=16)
    check(fun, args, mesh, over("B", i=1), over("M", table=0))
    check(fun, args, mesh, over("B", i=1, table=0))


# A cache of keys and values, written in a loop.


def decode(x, cache, wq, wk):
    """Five tokens; each attends to what the cache holds up to it."""

    def body(n, state):
        x, cache = state
        key = (x @ wk)[:, None]
        cache = lax.dynamic_update_slice(cache, key, (0, n + 6, 0))
        scores = jnp.einsum("bd,bsd->bs", x @ wq, cache)
        seen = jnp.arange(cache.shape[1]) <= n + 6
        weights = jax.nn.softmax(jnp.where(seen, scores, -jnp.inf))
        return jnp.einsum("bs,bsd->bd", weights, cache), cache

    return lax.fori_loop(0, 5, body, (x, cache))


@pytest.mark.parametrize("axes", ["B", "BM"])
def test_cache_tiled_by_its_sequence_stays_where_it_is(axes, mesh):
    args = floats(4, 8), floats(4, 16, 8), floats(8, 8, seed=1), floats(8, 8, seed=2)
    schedule = [over(axis, cache=1) for axis in axes]
    lowered = check(decode, args, mesh, *schedule, only="all_reduce")
    assert axes_of(lowered.out_shardings[1]) == set(axes)
    # No sum, maximum or read is of more than a row for each of the batch.
    for one in lowered.reports[-1].collectives.each:
        assert np.prod(one.shape) <= 4 * 8


# Losses over a tiled vocabulary.


@pytest.mark.parametrize("loss", [one_hot_loss, picking_loss])
def test_loss_over_a_tiled_vocabulary_moves_no_logits(loss, mesh):
    def fun(h, w, i):
        return jax.value_and_grad(lambda h, w: loss(h @ w, i), (0, 1))(h, w)

    args = floats(8, 4, 8), floats(8, 32), ids(8, 4, size=32)
    schedule = over("B", h=0, i=0), over("M", w=1)
    lowered = check(fun, args, mesh, *schedule, only="all_reduce")
    for one in lowered.reports[-1].collectives.each:
        # A device has 2 x 4 tokens of width 8, and 16 columns of w.
        of_tokens = np.prod(one.shape) <= 2 * 4 * 8
        assert of_tokens or sorted(one.shape) == [8, 16]
