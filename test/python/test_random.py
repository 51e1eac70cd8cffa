# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random numbers: partitioned, they are the ones of the function, bit by bit."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import partir

ON_BOTH = [
    partir.ManualPartition({"y": 0}, "B", name="BP"),
    partir.ManualPartition({"y": 1}, "M", name="MP"),
]


def check(fun, args, mesh, schedule=ON_BOTH):
    """The result of ``fun`` that is tagged "y" comes out tiled, and the same."""
    step = partir.jit(fun, mesh=mesh, schedule=schedule)
    want = jax.tree.leaves(jax.jit(fun)(*args))
    got = jax.tree.leaves(step(*args))
    for a, b in zip(got, want, strict=True):
        assert a.dtype == b.dtype
        if jax.dtypes.issubdtype(a.dtype, jax.dtypes.prng_key):
            a, b = jax.random.key_data(a), jax.random.key_data(b)
        np.testing.assert_array_equal(a, b)
    return step.lower(*args)


ALGORITHMS = [
    lax.RandomAlgorithm.RNG_DEFAULT,
    lax.RandomAlgorithm.RNG_THREE_FRY,
    lax.RandomAlgorithm.RNG_PHILOX,
]


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "uint64"])
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
def test_rng_bit_generator(mesh, algorithm, dtype):
    is_long = algorithm == lax.RandomAlgorithm.RNG_THREE_FRY

    def fun(key):
        if is_long:
            key = key[:2].astype(jnp.uint64)
        state, bits = lax.rng_bit_generator(
            key, (8, 6), dtype=dtype, algorithm=algorithm
        )
        return state, partir.tag(bits, "y")

    with jax.enable_x64(True):
        lowered = check(fun, [np.arange(1, 5, dtype=np.uint32)], mesh)
    assert lowered.reports[-1].collectives.count == 0
    assert lowered.out_shardings[1].spec == jax.sharding.PartitionSpec("B", "M")
    # Drawn whole, in the local program as in the loops.
    assert "tensor<8x6x" in lowered.as_text("stablehlo")


def test_the_loops_draw_the_same_numbers(mesh, partir_opt):
    def fun(key):
        _, bits = lax.rng_bit_generator(key, (8, 6))
        return partir.tag(bits, "y")

    lowered = check(fun, [np.arange(4, dtype=np.uint32)], mesh)
    core = lowered.as_text("core")
    (draw,) = [line for line in core.splitlines() if "rng_bit_generator" in line]
    assert "tensor<8x6xui32>" in draw
    assert core.count("partir.slice") >= 2
    # Reading the loops gives the same program again.
    again = partir_opt(core, "--partir-lower-core", "--partir-lower-collectives")
    for line in lowered.as_text("stablehlo").splitlines():
        if "rng_bit_generator" in line or "dynamic_slice" in line:
            assert line.strip() in again


def test_the_state_is_needed_whole(mesh):
    def fun(key):
        return lax.rng_bit_generator(
            key, (8, 6), algorithm=lax.RandomAlgorithm.RNG_PHILOX
        )[1]

    lowered = check(
        fun,
        [np.arange(4, dtype=np.uint32)],
        mesh,
        [partir.ManualPartition({"key": 0}, "M")],
    )
    reasons = [stop.reason for stop in lowered.reports[0].stops]
    assert "operand dim 0 is the generator's state" in reasons


DRAWS = {
    "bits": lambda key: jax.random.bits(key, (8, 6)),
    "normal": lambda key: jax.random.normal(key, (8, 6)),
    "uniform": lambda key: jax.random.uniform(key, (8, 6)),
    "randint": lambda key: jax.random.randint(key, (8, 6), 0, 100),
    "bernoulli": lambda key: jax.random.bernoulli(key, 0.3, (8, 6)),
    "permutation": lambda key: jax.random.permutation(key, 48).reshape(8, 6),
    "permutation of rows": lambda key: jax.random.permutation(
        key, jnp.arange(48.0).reshape(8, 6)
    ),
    "categorical": lambda key: jax.random.categorical(key, jnp.zeros(5), shape=(8, 6)),
    "keys": lambda key: jax.random.key_data(jax.random.split(key, (8, 6))),
}


@pytest.mark.parametrize("impl", ["threefry2x32", "rbg", "unsafe_rbg"])
@pytest.mark.parametrize("name", DRAWS)
def test_jax_random(mesh, name, impl):
    def fun(key):
        return partir.tag(DRAWS[name](key), "y"), jax.random.split(key)

    check(fun, [jax.random.key(7, impl=impl)], mesh)


def test_dropout_of_a_tiled_value(mesh):
    def fun(key, x, w):
        h = x @ w
        return jnp.where(jax.random.bernoulli(key, 0.5, h.shape), h, 0)

    rng = np.random.default_rng(0)
    args = [
        jax.random.key(3, impl="rbg"),
        rng.integers(-4, 4, (8, 4)).astype(np.float32),
        rng.integers(-4, 4, (4, 6)).astype(np.float32),
    ]
    schedule = [partir.ManualPartition({"x": 0}, "B")]
    lowered = check(fun, args, mesh, schedule)
    assert lowered.reports[0].collectives.count == 0


def test_numbers_from_the_state_of_a_device(mesh):
    def fun():
        return lax.rng_uniform(0.0, 1.0, (8,))

    with pytest.raises(partir.PartirError, match="draw from a key"):
        partir.jit(fun, mesh=mesh, schedule=[]).lower()
