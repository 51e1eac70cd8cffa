# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions that speak of devices and mean one."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental.custom_partitioning import custom_partitioning
from jax.experimental.shard_alike import shard_alike
from jax.sharding import NamedSharding, SingleDeviceSharding
from jax.sharding import PartitionSpec as P

import partir

SCHEDULE = [partir.ManualPartition({"x": 0}, "B")]


@pytest.fixture
def one():
    return jax.sharding.Mesh(np.array(jax.devices()[:1]), ("i",))


def check(fun, mesh):
    x = np.arange(32, dtype=np.float32).reshape(8, 4)
    step = partir.jit(fun, mesh=mesh, schedule=SCHEDULE)
    np.testing.assert_array_equal(step(x), jax.jit(fun)(x))
    assert step.lower(x).reports[0].collectives.count == 0


COLLECTIVES = {
    "psum": lambda x: jax.lax.psum(x, "i"),
    "pmean": lambda x: jax.lax.pmean(x, "i"),
    "pmax": lambda x: jax.lax.pmax(x, "i"),
    "all_gather": lambda x: jax.lax.all_gather(x, "i", tiled=True),
    "psum_scatter": lambda x: jax.lax.psum_scatter(x, "i", tiled=True),
    "all_to_all": lambda x: jax.lax.all_to_all(x, "i", 1, 1, tiled=True),
    "ppermute": lambda x: jax.lax.ppermute(x, "i", [(0, 0)]),
    "axis_index": lambda x: x + jax.lax.axis_index("i"),
}


@pytest.mark.parametrize("name", COLLECTIVES)
def test_shard_map(mesh, one, name):
    body = COLLECTIVES[name]

    def fun(x):
        mapped = jax.shard_map(
            body, mesh=one, in_specs=P("i"), out_specs=P("i"), check_vma=False
        )
        return jnp.sin(mapped(x))

    check(fun, mesh)


def test_what_no_device_sends(mesh, one):
    def fun(x):
        mapped = jax.shard_map(
            lambda x: jax.lax.ppermute(x, "i", []),
            mesh=one,
            in_specs=P("i"),
            out_specs=P("i"),
        )
        return x + mapped(x)

    check(fun, mesh)


def test_pmap(mesh):
    def fun(x):
        mapped = jax.pmap(
            lambda x: jax.lax.psum(x, "i"), "i", devices=jax.devices()[:1]
        )
        return mapped(x[None])[0]

    check(fun, mesh)


@pytest.mark.parametrize("kind", ["mesh", "device"])
def test_sharding_constraint(mesh, one, kind):
    def fun(x):
        sharding = (
            NamedSharding(one, P("i"))
            if kind == "mesh"
            else SingleDeviceSharding(jax.devices()[0])
        )
        return jax.lax.with_sharding_constraint(x * 2, sharding) + 1

    check(fun, mesh)


def test_jit_with_shardings(mesh, one):
    def fun(x):
        sharding = NamedSharding(one, P("i"))
        return jax.jit(jnp.sin, in_shardings=sharding, out_shardings=sharding)(x)

    check(fun, mesh)


def test_custom_partitioning(mesh):
    @custom_partitioning
    def double(x):
        return x * 2

    double.def_partition(
        partition=lambda *_: None,
        infer_sharding_from_operands=lambda *_: None,
        sharding_rule="i j -> i j",
    )
    # JAX gives it to one device as the function that it is.
    check(lambda x: double(x) + 1, mesh)


def test_shard_alike_asks_for_a_placement(mesh):
    def fun(x):
        return shard_alike(x, x * 2)[1]

    with pytest.raises(partir.PartirError, match=r"'sdy.sharding_group' .*schedule"):
        partir.jit(fun, mesh=mesh, schedule=[]).lower(np.ones(8, np.float32))


def test_constraint_to_several_devices(mesh):
    def fun(x):
        sharding = NamedSharding(mesh, P())
        return jax.lax.with_sharding_constraint(x, sharding)

    with pytest.raises(partir.PartirError, match="leave that to the schedule"):
        partir.jit(fun, mesh=mesh, schedule=[]).lower(np.ones(8, np.float32))
