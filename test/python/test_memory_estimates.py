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


def estimate(f, *inputs, tactics=(), heap_loss=0, **options):
    """The estimate of ``f`` on a TPU, its inputs square."""
    device = json.loads(devices()["tpu_v5e"]) | {"heap_loss": heap_loss}
    square = jax.ShapeDtypeStruct((SIDE, SIDE), jnp.float32)
    step = partir.jit(f, mesh=MESH, schedule=list(tactics), **options)
    return step.lower(*[square] * len(inputs)).estimate(device)


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


def test_a_donated_argument_holds_no_gradient_while_it_is_needed():
    def step(p, x):
        gradient = x.T @ x
        return p - gradient

    by_batch = partir.ManualPartition(inputs={"x": 0}, axis="B", name="BP")
    assert temporaries(step, *"px", tactics=[by_batch]) == SQUARE
    donated = temporaries(step, *"px", tactics=[by_batch], donate_argnames=("p",))
    assert donated == SQUARE


def test_the_heap_loses_a_part_of_the_temporaries():
    def f(a, b, c):
        h = a @ b
        return h @ c, h.T @ c

    lossy = estimate(f, *"abc", heap_loss=0.5)
    assert lossy.temporary_bytes == 1.5 * temporaries(f, *"abc") > 0
    assert lossy.temporary_bytes == max(one.temporary_bytes for one in lossy.events)
    assert lossy.peak_bytes == (
        lossy.argument_bytes + lossy.result_bytes + lossy.temporary_bytes
    )
