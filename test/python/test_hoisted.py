# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Values that are the same on every trip of a loop, and move between devices."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import partir
from benchmarks.hlo_traffic import traffic
from partir import Total

TILE = partir.ManualPartition(inputs={"w": 0, "inside": 1}, axis="B", name="tile")
KEEP = partir.ManualPartition(
    inputs={"w": 0, "inside": partir.REPLICATED}, axis="M", name="keep"
)


def use(w, x):
    return jnp.tanh(x * partir.tag(w, "inside"))


def scanned(w, x):
    return jax.lax.scan(lambda c, _: (use(w, c), None), x, length=5)[0]


def counted(w, x):
    return jax.lax.fori_loop(0, 5, lambda i, c: use(w, c) + i, x)


def uncounted(w, x):
    return jax.lax.while_loop(lambda c: jnp.max(c) > 0.1, lambda c: use(w, c), x)


def used_twice(w, x):
    return jax.lax.scan(lambda c, _: (use(w, c + use(w, c)), None), x, length=5)[0]


def nested(w, x):
    def outer(c, _):
        return jax.lax.fori_loop(0, 3, lambda i, c: use(w, c), c), None

    return jax.lax.scan(outer, x, length=5)[0]


def nested_twice(w, x):
    def outer(c, _):
        return use(w, scanned(w, c)), None

    return jax.lax.scan(outer, x, length=3)[0]


def differentiated(w, x):
    return jax.grad(lambda x: jnp.sum(scanned(w, x)))(x)


def lower(fun, mesh, *schedule):
    """Lowers, and compares what the program computes."""
    rng = np.random.default_rng(0)
    w, x = (rng.uniform(size=(8, 16)).astype(np.float32) for _ in range(2))
    lowered = partir.jit(fun, mesh=mesh, schedule=schedule).lower(w, x)
    compiled = lowered.compile()
    np.testing.assert_allclose(compiled(w, x), jax.jit(fun)(w, x), rtol=1e-5)
    return lowered, compiled


@pytest.mark.parametrize(
    "fun", [scanned, counted, used_twice, nested, nested_twice, differentiated]
)
def test_an_exchange_happens_once(fun, mesh):
    lowered, compiled = lower(fun, mesh, TILE)
    made = traffic(compiled.as_text())
    reported = lowered.reports[-1].collectives
    assert made == {kind: reported[kind] for kind in made}
    # Of the quarter of 512 bytes that a device has, three in four go to others.
    assert {kind: total for kind, total in made.items() if total.count} == {
        "all_to_all": Total(1, 96)
    }


def test_no_trip_count_is_needed(mesh):
    lowered, _ = lower(uncounted, mesh, TILE)
    before, _ = lowered.as_text("hlo").split("stablehlo.while")
    assert before.count("all_to_all") == 1
    each = lowered.reports[-1].collectives.each
    exchanges = [one for one in each if one.kind == "all_to_all"]
    assert [(one.count, one.is_exact) for one in exchanges] == [(1, True)]


@pytest.mark.parametrize(
    ("fun", "uses"), [(scanned, 5), (used_twice, 10), (nested, 15)]
)
def test_a_gather_stays_at_its_use(fun, uses, mesh):
    lowered, _ = lower(fun, mesh, KEEP, TILE)
    collectives = lowered.reports[-1].collectives
    assert collectives["all_to_all"] == Total(1, 48)
    # The halves that the eighth of a device are of.
    assert collectives["all_gather"] == Total(uses, uses * 64)
    before, *loops = lowered.as_text("hlo").split("stablehlo.while")
    assert "all_gather" not in before
    assert "all_to_all" not in "".join(loops)
