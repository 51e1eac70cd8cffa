# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is estimated to be in memory at once, where XLA's choice is known."""

import json

import jax
import jax.numpy as jnp

import partir
from partir._partir import devices

MESH = jax.sharding.AbstractMesh((2,), ("B",))
SIDE = 1024
#: Bytes of a square array of float32.
SQUARE = 4 * SIDE * SIDE


def estimate(
    f, *inputs, tactics=(), in_order=False, widens=False, product_bytes=2, **options
):
    """The estimate of ``f`` on a TPU.

    Its inputs are as many squares high as their names are long.
    """
    flags = {
        "heap_in_order": in_order,
        "widens_half": widens,
        "product_bytes": product_bytes,
    }
    device = json.loads(devices()["tpu_v5e"]) | flags
    step = partir.jit(f, mesh=MESH, schedule=list(tactics), **options)
    shapes = [(SIDE * len(name), SIDE) for name in inputs]
    arrays = [jax.ShapeDtypeStruct(shape, jnp.float32) for shape in shapes]
    return step.lower(*arrays).estimate(device)


def temporaries(f, *inputs, **options):
    """The most bytes of temporaries of ``f`` that are in use at once."""
    return estimate(f, *inputs, **options).temporary_bytes


def test_a_mask_is_computed_again_where_its_source_is_read_anyway():
    def f(a, b, c, d):
        h = a @ b
        mask = h > 0
        return jnp.where(mask, h, 1) @ c, jnp.where(mask, 2, h) @ d

    assert temporaries(f, *"abcd") == SQUARE


def test_a_mask_is_kept_where_its_source_is_read_for_it_alone():
    def f(a, b, c, d):
        mask = a @ b > 0
        return jnp.where(mask, c, 1) @ d, jnp.where(mask, 2, d) @ c

    assert temporaries(f, *"abcd") == SQUARE // 4


def narrow_and_multiply(a, b, c):
    narrow = (a * b).astype(jnp.bfloat16)
    return narrow @ c.astype(jnp.bfloat16), c.astype(jnp.bfloat16) @ narrow


def test_what_is_narrowed_for_all_its_users_is_kept_narrow():
    assert temporaries(narrow_and_multiply, *"abc") == SQUARE // 2


def test_half_precision_is_kept_wide_where_there_is_no_arithmetic_on_it():
    assert temporaries(narrow_and_multiply, *"abc", widens=True) == SQUARE


def test_what_a_loop_carries_has_the_type_that_it_is_carried_in():
    def f(a):
        narrow = a.astype(jnp.bfloat16)
        return jax.lax.fori_loop(0, 3, lambda _, x: x + x, narrow) @ a

    # Beside the counter.
    assert SQUARE // 2 <= temporaries(f, *"a", widens=True) < SQUARE // 2 + 64


def repeat(a):
    return jnp.broadcast_to(a[:, None], (SIDE, 2, SIDE)).reshape(-1, SIDE)


def test_what_repeats_elements_is_kept_for_a_product():
    def f(a, b, c):
        twice = repeat(a)
        return twice @ b, twice @ c

    assert temporaries(f, *"abc", product_bytes=4) == 2 * SQUARE
    # In bfloat16, where products round to that anyway.
    assert temporaries(f, *"abc") == SQUARE


def test_what_not_only_products_use_is_not_rounded():
    def f(a, b, c):
        twice = repeat(a)
        return twice @ b, twice @ c, jnp.sin(twice)

    assert temporaries(f, *"abc") == 2 * SQUARE


def test_a_donated_argument_holds_no_gradient_while_it_is_needed():
    def step(p, x):
        gradient = x.T @ x
        return p - gradient

    by_batch = partir.ManualPartition(inputs={"x": 0}, axis="B", name="BP")
    assert temporaries(step, *"px", tactics=[by_batch]) == SQUARE
    donated = temporaries(step, *"px", tactics=[by_batch], donate_argnames=("p",))
    assert donated == SQUARE


def leave_a_hole(a, b, c, high):
    """Its third value is as high as two, and does not fit where the first was."""
    first = a @ b
    second = first @ c
    return (high @ second).T @ high + second


def test_a_hole_that_is_too_small_is_lost():
    def f(a, b, c, high, very_high):
        kept = very_high @ a
        hole = leave_a_hole(a, b, c, high)
        return hole, kept @ hole

    inputs = "a", "b", "c", "hh", 9 * "v"
    assert temporaries(f, *inputs) == (9 + 3) * SQUARE
    lossy = estimate(f, *inputs, in_order=True)
    assert lossy.temporary_bytes == (9 + 4) * SQUARE
    assert lossy.temporary_bytes == max(one.temporary_bytes for one in lossy.events)
    assert lossy.peak_bytes == (
        lossy.argument_bytes + lossy.result_bytes + lossy.temporary_bytes
    )


def test_at_most_an_eighth_is_lost():
    inputs = "a", "b", "c", "hh"
    assert temporaries(leave_a_hole, *inputs) == 3 * SQUARE
    assert temporaries(leave_a_hole, *inputs, in_order=True) == 3 * SQUARE * 9 // 8


def test_holes_beside_each_other_become_one():
    def f(a, b, c, high):
        first = a @ b
        second = first @ b
        third = (first - second) @ c
        return (high @ third).T @ high + third

    # As high as two, it fits where the first two were, below the third.
    assert temporaries(f, "a", "b", "c", "hh", in_order=True) == 3 * SQUARE


def test_a_kernel_writes_over_what_it_reads_last():
    def f(a, b, c):
        h = a @ b
        k = h * c
        return k @ a, k @ b

    assert temporaries(f, *"abc") == SQUARE


def test_what_is_reduced_where_it_is_made_is_not_written_over():
    def f(a, b, c):
        h = a @ b
        total = jnp.sum(h, axis=0)
        k = h * c
        return k @ a, k @ b, total

    assert temporaries(f, *"abc") == 2 * SQUARE


def test_what_a_loop_carries_and_nobody_reads_is_not_there():
    def f(a, b):
        def step(_, carry):
            x, unused = carry
            return x @ a, unused

        return jax.lax.fori_loop(0, 3, step, (a @ b, a @ b @ b))[0] @ b

    def g(a, b):
        return jax.lax.fori_loop(0, 3, lambda _, x: x @ a, a @ b) @ b

    assert temporaries(f, *"ab") == temporaries(g, *"ab") > 0
