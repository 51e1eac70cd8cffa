# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""State that stays put, and sums that a loop carries."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import partir

BP = partir.ManualPartition(inputs={"xs": 1}, axis="B", name="BP")
MP = partir.ManualPartition(inputs={"w": {"a": 1, "b": 0}}, axis="M", name="MP")
Z3 = partir.ManualPartition(
    inputs={"w": partir.FIRST_DIVISIBLE_DIM}, axis="B", name="Z3"
)


def loss(w, x):
    return jnp.mean(jnp.tanh(x @ w["a"]) @ w["b"])


def accumulate(w, xs):
    """Gradients of microbatches, added up in a scan."""

    def body(total, x):
        return jax.tree.map(jnp.add, total, jax.grad(loss)(w, x)), None

    total, _ = jax.lax.scan(body, jax.tree.map(jnp.zeros_like, w), xs)
    return jax.tree.map(lambda p, g: p - 0.1 * g / len(xs), w, total)


def close_over(w, xs):
    """The gradient of parameters that all trips of a loop use."""

    def total(w):
        return jax.lax.scan(lambda t, x: (t + loss(w, x), None), 0.0, xs)[0]

    return jax.tree.map(lambda p, g: p - 0.1 * g, w, jax.grad(total)(w))


def accumulate_in_loops(w, xs):
    """Microbatches of microbatches."""

    def outer(total, x):
        def inner(total, x):
            return jax.tree.map(jnp.add, total, jax.grad(loss)(w, x)), None

        parts = x.reshape(x.shape[0] // 2, 2, x.shape[1]).swapaxes(0, 1)
        part, _ = jax.lax.scan(inner, jax.tree.map(jnp.zeros_like, w), parts)
        return jax.tree.map(jnp.add, total, part), None

    total, _ = jax.lax.scan(outer, jax.tree.map(jnp.zeros_like, w), xs)
    return jax.tree.map(lambda p, g: p - 0.1 * g, w, total)


def accumulate_through_loops(w, xs):
    """The loop over parts of a microbatch adds to what it gets."""

    def outer(total, x):
        def inner(total, x):
            return jax.tree.map(jnp.add, total, jax.grad(loss)(w, x)), None

        parts = x.reshape(x.shape[0] // 2, 2, x.shape[1]).swapaxes(0, 1)
        return jax.lax.scan(inner, total, parts)[0], None

    total, _ = jax.lax.scan(outer, jax.tree.map(jnp.zeros_like, w), xs)
    return jax.tree.map(lambda p, g: p - 0.1 * g, w, total)


def accumulate_in_float32(w, xs):
    """Gradients in bfloat16, their sum in float32."""

    def body(total, x):
        half = jax.tree.map(lambda p: p.astype(jnp.bfloat16), w)
        grads = jax.grad(loss)(half, x.astype(jnp.bfloat16))
        return jax.tree.map(lambda t, g: t + g.astype(jnp.float32), total, grads), None

    total, _ = jax.lax.scan(body, jax.tree.map(jnp.zeros_like, w), xs)
    return jax.tree.map(lambda p, g: p - 0.1 * g, w, total)


PROGRAMS = [
    accumulate,
    close_over,
    accumulate_in_loops,
    accumulate_through_loops,
    accumulate_in_float32,
]


@pytest.fixture
def inputs():
    rng = np.random.default_rng(0)
    made = (rng.standard_normal(s) for s in ((16, 32), (32, 8), (3, 16, 16)))
    a, b, xs = (m.astype(np.float32) for m in made)
    return {"a": a, "b": b}, xs


def check(fun, mesh, schedule, inputs, tolerance=1e-5, **options):
    lowered = partir.jit(fun, mesh=mesh, schedule=schedule, **options).lower(*inputs)
    got, want = lowered.compile()(*inputs), jax.jit(fun)(*inputs)
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance),
        got,
        want,
    )
    return lowered


def reductions(lowered):
    """The reductions of gradients over B: how often each runs in a step."""
    return [
        (one.kind, one.count)
        for one in lowered.reports[-1].collectives.each
        if "B" in one.axes and one.shape and one.kind != "all_gather"
    ]


@pytest.mark.parametrize("fun", PROGRAMS)
@pytest.mark.parametrize(
    ("schedule", "kind"),
    [([BP], "all_reduce"), ([BP, MP], "all_reduce"), ([BP, MP, Z3], "reduce_scatter")],
    ids=["BP", "BP+MP", "BP+MP+Z3"],
)
def test_gradients_of_a_loop_are_reduced_once(fun, schedule, kind, mesh, inputs):
    tolerance = 2e-2 if fun is accumulate_in_float32 else 1e-5
    lowered = check(fun, mesh, schedule, inputs, tolerance, carry={"w": ""})
    assert reductions(lowered) == [(kind, 1), (kind, 1)]
    # A trip gathers, and does not reduce.
    loops = lowered.as_text("hlo").split("stablehlo.while")[1:]
    assert all(f'{kind} add {{"B"}}' not in loop.split("}) :")[0] for loop in loops)


def test_a_tag_on_the_sum_keeps_it_tiled_in_the_loop(mesh, inputs):
    def fun(w, xs):
        def body(total, x):
            total = jax.tree.map(jnp.add, total, jax.grad(loss)(w, x))
            return {"a": partir.tag(total["a"], "sum"), "b": total["b"]}, None

        total, _ = jax.lax.scan(body, jax.tree.map(jnp.zeros_like, w), xs)
        return jax.tree.map(lambda p, g: p - 0.1 * g, w, total)

    tile = partir.ManualPartition(inputs={"sum": 0}, axis="B", name="sum")
    lowered = check(fun, mesh, [BP, tile], inputs)
    assert reductions(lowered) == [
        ("all_reduce", 1),
        ("reduce_scatter", len(inputs[1])),
    ]


def test_state_comes_out_as_it_went_in(mesh):
    def step(state, x):
        hidden = state["w"] * x
        return {"w": state["w"] + 1, "mean": jnp.mean(hidden, axis=0)}, jnp.sum(hidden)

    state = {"w": np.ones((8, 16), np.float32), "mean": np.ones(16, np.float32)}
    x = np.arange(128, dtype=np.float32).reshape(8, 16)
    # Without the tie, "mean" would come out whole.
    schedule = [
        partir.ManualPartition(inputs={"state.mean": 0}, axis="B"),
        partir.ManualPartition(inputs={"state.w": 0}, axis="M"),
    ]
    lowered = check(step, mesh, schedule, (state, x), carry={"state": 0})
    assert lowered.out_shardings[0] == lowered.in_shardings[0]
    compiled = lowered.compile()
    for _ in range(3):
        state, _ = compiled(state, x)
        assert jax.tree.map(lambda a: a.sharding, state) == lowered.in_shardings[0]


def test_a_report_names_what_has_to_be_moved(mesh):
    def step(w, m, x):
        m = m + x.T @ x
        return w - m, m

    shapes = [jax.ShapeDtypeStruct(s, np.float32) for s in ((8, 8), (8, 8), (16, 8))]
    schedule = [
        partir.ManualPartition(inputs={"x": 0}, axis="B", name="BP"),
        partir.ManualPartition(inputs={"m": 0}, axis="B", name="Z1"),
    ]
    plain = partir.jit(step, mesh=mesh, schedule=schedule).lower(*shapes)
    assert plain.in_shardings[0] == plain.out_shardings[0]

    def used_whole(w, m, x):
        w_next, m = step(w, m, x)
        return w_next, m, jnp.sin(w) @ x.T

    kept = partir.jit(
        used_whole, mesh=mesh, schedule=schedule, carry={"w": 0, "m": 1}
    ).lower(*shapes)
    assert kept.in_shardings[:2] == kept.out_shardings[:2]
    assert kept.in_shardings[0].is_fully_replicated
    (stop,) = [s for s in kept.reports[-1].stops if "result 0" in s.message]
    assert 'it leaves the program as it enters, as input "w"' in stop.message
    assert stop.bytes == 3 * 8 * 8 * 4 // 4


def test_paths_of_carry(mesh):
    def step(state, xs):
        return {"out": xs, "state": state}

    state = {"w": np.ones((8, 4), np.float32), "n": np.ones((4,), np.float32)}
    tile = partir.ManualPartition(inputs={"state.w": 0}, axis="B")
    for carry in ({"state": "state"}, {"state.w": "state.w", "state.n": "state.n"}):
        wrapped = partir.jit(step, mesh=mesh, schedule=[tile], carry=carry)
        lowered = wrapped.lower(state, np.ones(3))
        assert lowered.out_shardings["state"] == lowered.in_shardings[0]
        assert "partir.carry" in lowered.as_text("core")


STRUCT = jax.ShapeDtypeStruct((8,), np.float32)


@pytest.mark.parametrize(
    ("carry", "message"),
    [
        ([("w", 0)], "it must be a dict from names"),
        ({"w": 0.5}, "the number of a result"),
        ({"v": 0}, "inputs are 'w', 'n'"),
        ({"w": 2}, "its parts are 'result.0', 'result.1'"),
        ({"w": "x"}, "'result' has no such part"),
        ({"w": 1}, r"'w' is float32\[8\], and 'result.1' is int32\[8\]"),
        ({"w": ""}, "they must be the same"),
        ({"w": 0, "n": 0}, "'result.0' is carried twice"),
    ],
)
def test_errors_of_carry(carry, message, mesh):
    def step(w, n):
        return w + n, n.astype(np.int32)

    with pytest.raises(partir.PartirError, match=message):
        partir.jit(step, mesh=mesh, schedule=[], carry=carry).lower(STRUCT, STRUCT)


def test_what_is_reduced_alike_on_every_trip_is_reduced_once(mesh, inputs):
    w, xs = inputs

    def fun(w, xs):
        def body(total, x):
            norm = jnp.sqrt(jnp.sum(w["a"] ** 2))
            return total + jnp.sum(x @ w["a"]) / norm, None

        return jax.lax.scan(body, 0.0, xs)[0]

    tile = partir.ManualPartition(inputs={"w.a": 1}, axis="M", name="MP")
    lowered = check(fun, mesh, [tile], (w, xs))
    counts = [one.count for one in lowered.reports[-1].collectives.each]
    # The norm, and the sum that the loop carries.
    assert counts == [1, 1]
