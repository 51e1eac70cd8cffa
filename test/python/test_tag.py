# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""partir.tag: an identity everywhere, and a name that tactics can address."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.mlir import ir

import partir

X = np.linspace(-1, 1, 32, dtype=np.float32).reshape(4, 8)


def tagged(fun, *args):
    """(name, shape) of the tags in the program that JAX lowers for a function."""
    module = jax.jit(fun).lower(*args).compiler_ir("stablehlo")
    found = []

    def visit(op):
        if op.name == "stablehlo.composite":
            attributes = ir.DictAttr(op.attributes["composite_attributes"])
            name = ir.StringAttr(attributes["name"]).value
            found.append((name, tuple(ir.RankedTensorType(op.results[0].type).shape)))
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    return found


def loss(x):
    return jnp.sum(partir.tag(jnp.sin(x), "h") ** 2)


def untagged_loss(x):
    return jnp.sum(jnp.sin(x) ** 2)


def running(x):
    def body(carry, row):
        carry = partir.tag(jnp.sin(carry) * row, "carry")
        return carry, carry

    return jax.lax.scan(body, x[0], x)[1].sum()


def test_lowers_to_a_composite():
    assert tagged(loss, X) == [("h", (4, 8))]


def test_cotangent_has_a_name_of_its_own():
    assert tagged(jax.grad(loss), X) == [("h", (4, 8)), ("h.grad", (4, 8))]


def test_vmap_keeps_the_name_with_the_batch_dim_first():
    assert tagged(jax.vmap(loss), X) == [("h", (4, 8))]
    assert tagged(jax.vmap(loss, in_axes=1), X) == [("h", (8, 4))]


def test_under_scan():
    assert tagged(running, X) == [("carry", (8,))]
    assert set(tagged(jax.grad(running), X)) == {("carry", (8,)), ("carry.grad", (8,))}


def test_under_checkpoint():
    assert {name for name, _ in tagged(jax.grad(jax.checkpoint(loss)), X)} == {
        "h",
        "h.grad",
    }


def test_under_jvp_only_the_value_is_tagged():
    assert tagged(lambda x: jax.jvp(loss, (x,), (x,)), X) == [("h", (4, 8))]


@pytest.mark.parametrize(
    "transform",
    [
        lambda f: f,
        jax.jit,
        jax.grad,
        lambda f: jax.jit(jax.grad(f)),
        jax.vmap,
        lambda f: jax.vmap(jax.grad(f)),
        lambda f: jax.grad(jax.checkpoint(f)),
        jax.hessian,
    ],
    ids=["eager", "jit", "grad", "jit-grad", "vmap", "vmap-grad", "remat", "hessian"],
)
def test_is_an_identity(transform):
    got, want = transform(loss)(X), transform(untagged_loss)(X)
    np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-6)


def test_takes_any_array():
    assert partir.tag(3, "n") == 3
    assert isinstance(partir.tag(X, "n"), jax.Array)
    key = jax.random.key(0)
    assert partir.tag(key, "n") == key
    assert jax.jit(lambda k: partir.tag(k, "n"))(key) == key


def test_tactic_on_a_tag(mesh):
    def fun(x, w1, w2):
        return partir.tag(x @ w1, "hidden") @ w2

    rng = np.random.default_rng(0)
    args = [rng.random(s, np.float32) for s in ((16, 8), (8, 16), (16, 8))]
    tactic = partir.ManualPartition({"hidden": 1}, "M", name="T")
    step = partir.jit(fun, mesh=mesh, schedule=[tactic])
    lowered = step.lower(*args)
    (report,) = lowered.reports
    assert [s.spec for s in lowered.in_shardings] == [
        jax.P(),
        jax.P(None, "M"),
        jax.P("M"),
    ]
    assert report.collectives["all_reduce"].count == 1
    assert report.collectives.count == 1
    np.testing.assert_allclose(step(*args), fun(*args), rtol=1e-5)


def test_tactic_on_a_cotangent(mesh):
    def fun(x, w):
        return jax.grad(lambda w: jnp.sum(partir.tag(x @ w, "y") ** 2))(w)

    rng = np.random.default_rng(0)
    args = [rng.random(s, np.float32) for s in ((16, 8), (8, 16))]
    tactic = partir.ManualPartition({"y.grad": 0}, "B", name="T")
    step = partir.jit(fun, mesh=mesh, schedule=[tactic])
    lowered = step.lower(*args)
    # Rows of the cotangent are contracted in the gradient of w.
    assert lowered.reports[0].collectives["all_reduce"].count == 1
    np.testing.assert_allclose(step(*args), fun(*args), rtol=1e-5)


def test_tactic_addresses_every_occurrence(mesh):
    def fun(x, y):
        return partir.tag(x * 2, "t"), partir.tag(y + 1, "t")

    tactic = partir.ManualPartition({"t": 0}, "B", name="T")
    struct = jax.ShapeDtypeStruct((8, 8), np.float32)
    lowered = partir.jit(fun, mesh=mesh, schedule=[tactic]).lower(struct, struct)
    assert [s.spec for s in lowered.in_shardings] == [jax.P("B"), jax.P("B")]


def test_tactic_on_a_tag_in_a_scan(mesh):
    def fun(x, w):
        def body(carry, layer):
            return jnp.sin(partir.tag(carry @ layer, "h")), None

        return jax.lax.scan(body, x, w)[0]

    rng = np.random.default_rng(0)
    args = [rng.random((16, 8), np.float32), rng.random((3, 8, 8), np.float32)]
    tactic = partir.ManualPartition({"h": 0}, "B", name="T")
    step = partir.jit(fun, mesh=mesh, schedule=[tactic])
    assert step.lower(*args).reports[0].collectives.count == 0
    np.testing.assert_allclose(step(*args), fun(*args), rtol=1e-5, atol=1e-6)


def test_a_value_goes_from_one_tiling_to_another_between_two_tags(mesh):
    def fun(x, y, w):
        before = partir.tag(x * y, "before")
        return partir.tag(before, "behind") @ w

    rng = np.random.default_rng(0)
    args = [rng.random((8, 8), np.float32) for _ in range(3)]
    # Rows up to the first name, which stops them; columns from the second on.
    rows = partir.ManualPartition({"x": 0, "before": partir.REPLICATED}, "M", "rows")
    columns = partir.ManualPartition({"w": 0}, "M", "columns")
    step = partir.jit(fun, mesh=mesh, schedule=[rows, columns])
    collectives = step.lower(*args).reports[-1].collectives
    assert [one.kind for one in collectives.each] == ["all_to_all", "all_reduce"]
    np.testing.assert_allclose(step(*args), fun(*args), rtol=1e-5)


def test_callback_is_asked_about_a_tag(mesh):
    seen = []

    def look(path, aval):
        seen.append((path, aval.shape, aval.dtype))
        return 0

    def fun(x):
        return partir.tag(x.astype(jnp.bfloat16), "half") * 2

    tactic = partir.ManualPartition({"half": look}, "B", name="T")
    struct = jax.ShapeDtypeStruct((8, 8), np.float32)
    partir.jit(fun, mesh=mesh, schedule=[tactic]).lower(struct)
    assert seen == [("half", (8, 8), jnp.dtype(jnp.bfloat16))]


def test_error_on_a_tag_is_at_the_users_line(mesh):
    def fun(x):
        return partir.tag(x * 2, "hidden") + 1

    tactics = [partir.ManualPartition({name: 0}, "M") for name in ("x", "hidden")]
    with pytest.raises(partir.PartirError, match=r"test_tag\.py:\d+:\d+: error"):
        partir.jit(fun, mesh=mesh, schedule=tactics).lower(X)
