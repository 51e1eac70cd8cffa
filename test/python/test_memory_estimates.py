# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is estimated to be in memory at once, where XLA's choice is known."""

import jax
import jax.numpy as jnp

import partir

MESH = jax.sharding.AbstractMesh((2,), ("B",))
SIDE = 1024
#: Bytes of a square array of float32.
SQUARE = 4 * SIDE * SIDE


def temporaries(f, *inputs, tactics=(), **options):
    """Bytes for temporaries of ``f`` on a TPU, its inputs square."""
    square = jax.ShapeDtypeStruct((SIDE, SIDE), jnp.float32)
    step = partir.jit(f, mesh=MESH, schedule=list(tactics), **options)
    return step.lower(*[square] * len(inputs)).estimate("tpu_v5e").temporary_bytes


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
