# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Custom calls: the linear algebra that JAX calls, and targets with a user's rule."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.sharding import AbstractMesh

import partir
from partir import _rules

#: The batch, which B=4 and M=2 tile.
BATCH = (4, 2)
DTYPES = [np.float32, np.complex64]


@pytest.fixture(autouse=True)
def no_rules(monkeypatch):
    """Rules are for the whole process; a test's are for the test."""
    monkeypatch.setattr(_rules, "_rules", {})


def random(*shape, dtype=np.float32, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape)
    if np.issubdtype(dtype, np.complexfloating):
        x = x + 1j * rng.standard_normal(shape)
    return x.astype(dtype)


def matrices(m, n=None, dtype=np.float32, seed=0):
    return random(*BATCH, m, n or m, dtype=dtype, seed=seed)


def positive(n, dtype):
    a = matrices(n, dtype=dtype)
    return a @ np.conj(np.swapaxes(a, -1, -2)) + n * np.eye(n, dtype=dtype)


def symmetric(n, dtype):
    a = matrices(n, dtype=dtype)
    return a + np.conj(np.swapaxes(a, -1, -2))


def on_batch(*names):
    """Tiles both dims of the batch."""
    return [
        partir.ManualPartition(dict.fromkeys(names, dim), axis, name=axis)
        for dim, axis in enumerate("BM")
    ]


def check(fun, args, mesh, schedule, rtol=0, atol=0):
    """Partitioned as not; returns what was lowered."""
    step = partir.jit(fun, mesh=mesh, schedule=schedule)
    want = jax.tree.leaves(jax.jit(fun)(*args))
    got = jax.tree.leaves(step(*args))
    assert len(got) == len(want)
    for a, b in zip(got, want, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)
    return step.lower(*args)


def calls(lowered):
    """Per custom call of the local program the target and the operand types."""
    call = r'"stablehlo.custom_call".*call_target_name = "([^"]*)".*: \((.*)\) -> '
    return [
        (target, re.findall(r"tensor<([^>]*)>", types))
        for target, types in re.findall(call, lowered.as_text("stablehlo"))
    ]


def check_batched(fun, args, mesh, **tolerance):
    """Each device solves its own problem, and nothing is sent."""

    def of_all(*xs):
        return fun(*xs)

    lowered = check(of_all, args, mesh, on_batch("xs"), **tolerance)
    report = lowered.reports[-1]
    assert report.collectives.count == 0
    assert [str(stop) for one in lowered.reports for stop in one.stops] == []
    assert calls(lowered)
    for target, operands in calls(lowered):
        assert all(shape.startswith("1x1x") for shape in operands), (target, operands)


UNARY = {
    "lu": (lax.linalg.lu, 6, 4),
    "qr": (lambda a: lax.linalg.qr(a, full_matrices=False), 6, 4),
    "qr full": (lambda a: lax.linalg.qr(a, full_matrices=True), 6, 4),
    "qr pivoting": (
        lambda a: lax.linalg.qr(a, full_matrices=False, pivoting=True),
        6,
        4,
    ),
    "svd": (lax.linalg.svd, 6, 4),
    "svd values": (lambda a: lax.linalg.svd(a, compute_uv=False), 4, 6),
    "svd qr": (
        lambda a: lax.linalg.svd(a, algorithm=lax.linalg.SvdAlgorithm.QR),
        4,
        4,
    ),
    "eig": (lax.linalg.eig, 4, 4),
    "schur": (lax.linalg.schur, 4, 4),
    "hessenberg": (lax.linalg.hessenberg, 4, 4),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY)
def test_of_any_matrices(mesh, name, dtype):
    fun, m, n = UNARY[name]
    check_batched(fun, [matrices(m, n, dtype)], mesh)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("fun", "make"),
    [
        (lax.linalg.cholesky, positive),
        (lax.linalg.eigh, symmetric),
        (lax.linalg.tridiagonal, symmetric),
    ],
    ids=["cholesky", "eigh", "tridiagonal"],
)
def test_of_symmetric_matrices(mesh, fun, make, dtype):
    check_batched(fun, [make(4, dtype)], mesh)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("left", [True, False])
def test_triangular_solve(mesh, left, dtype):
    a = positive(4, dtype)
    b = matrices(*((4, 6) if left else (6, 4)), dtype=dtype, seed=1)

    def solve(a, b):
        return lax.linalg.triangular_solve(a, b, left_side=left)

    check_batched(solve, [a, b], mesh)


@pytest.mark.parametrize("left", [True, False])
def test_right_hand_sides_are_solved_apart(mesh, left):
    a = positive(4, np.float32)[0, 0]
    b = random(*((4, 8) if left else (8, 4)))

    def solve(a, b):
        return lax.linalg.triangular_solve(a, b, left_side=left)

    schedule = [partir.ManualPartition({"b": int(left)}, "B")]
    lowered = check(solve, [a, b], mesh, schedule, rtol=1e-6)
    assert lowered.reports[0].collectives.count == 0
    shape = ["4x4xf32", "4x2xf32" if left else "2x4xf32"]
    assert ("lapack_strsm_ffi", shape) in calls(lowered)


@pytest.mark.parametrize(
    ("dtype", "perturb"),
    [(np.float32, False), (np.complex64, False), (np.float32, True)],
)
def test_tridiagonal_solve(mesh, dtype, perturb):
    lower, diagonal, upper = (
        random(*BATCH, 5, dtype=dtype, seed=seed) + (8 if seed == 1 else 0)
        for seed in range(3)
    )
    lower[..., 0] = upper[..., -1] = 0
    b = random(*BATCH, 5, 4, dtype=dtype, seed=3)

    def solve(dl, d, du, b):
        options = {"perturb_singular": True} if perturb else {}
        return lax.linalg.tridiagonal_solve(dl, d, du, b, **options)

    check_batched(solve, [lower, diagonal, upper, b], mesh)
    lowered = check(
        solve,
        [lower, diagonal, upper, b],
        mesh,
        [partir.ManualPartition({"b": 3}, "B")],
        rtol=1e-6,
    )
    assert lowered.reports[0].collectives.count == 0
    assert calls(lowered)[0][1][-1].startswith("4x2x5x1x")


def test_householder_product(mesh):
    a, taus = matrices(6, 4), random(*BATCH, 4, seed=1)
    check_batched(lax.linalg.householder_product, [a, taus], mesh)


def test_backward_from_a_tag(mesh):
    def fun(a):
        return partir.tag(lax.linalg.cholesky(a), "factor")

    a = positive(4, np.float32)
    lowered = check(fun, [a], mesh, on_batch("factor"))
    assert lowered.reports[-1].collectives.count == 0
    assert lowered.in_shardings[0].spec == jax.sharding.PartitionSpec("B", "M")


def test_matrices_are_needed_whole(mesh):
    def fun(a):
        return lax.linalg.qr(a, full_matrices=False)

    lowered = check(fun, [random(8, 4)], mesh, [partir.ManualPartition({"a": 0}, "B")])
    (stop,) = lowered.reports[0].stops
    assert stop.op == "stablehlo.custom_call @lapack_sgeqrf_ffi"
    assert stop.reason == "operand dim 0 is needed whole"


@pytest.mark.parametrize("dim", [0, 2])
def test_approx_max_k(mesh, dim):
    x = random(8, 16, 4)

    def fun(x):
        return lax.approx_max_k(x, 3, reduction_dimension=1)

    lowered = check(fun, [x], mesh, [partir.ManualPartition({"x": dim}, "B")])
    assert lowered.reports[0].collectives.count == 0


def test_gradient_through_linear_algebra(mesh):
    def loss(a, b):
        return jnp.sum(jax.scipy.linalg.cho_solve((lax.linalg.cholesky(a), True), b))

    args = [positive(4, np.float32), matrices(4, 2, seed=1)]
    check(jax.grad(loss), args, mesh, on_batch("a", "b"), rtol=1e-4, atol=1e-5)


# A user's rule, on a target that jaxlib has: a Cholesky factor of one layout.


def factor(a):
    result = (
        jax.ShapeDtypeStruct(a.shape, a.dtype),
        jax.ShapeDtypeStruct(a.shape[:-2], np.int32),
    )
    # The handler works on columns first.
    layout = (*range(a.ndim - 2), a.ndim - 1, a.ndim - 2)
    call = jax.ffi.ffi_call(
        "lapack_spotrf_ffi",
        result,
        input_layouts=[layout],
        output_layouts=[layout, None],
    )
    return call(a, uplo=np.uint8(ord("L")))


def test_ffi_call_without_a_rule(mesh):
    a = positive(4, np.float32)
    lowered = check(factor, [a], mesh, on_batch("a"))
    stops = lowered.reports[0].stops
    assert {stop.op for stop in stops} == {"stablehlo.custom_call @lapack_spotrf_ffi"}
    assert "partir.register_rule gives its target one" in stops[0].reason
    assert stops[0].bytes > 0
    assert "test_custom_calls.py" in stops[0].loc
    assert lowered.reports[-1].collectives["all_gather"].count == 2


def test_ffi_call_with_a_rule(mesh):
    step = partir.jit(factor, mesh=mesh, schedule=on_batch("a"))
    a = positive(4, np.float32)
    want = jax.jit(factor)(a)
    assert step.lower(a).reports[-1].collectives.count == 2
    partir.register_rule("lapack_spotrf_ffi", "... _ _ -> ... _ _, ...")
    # What was lowered before the rule was is not taken again.
    lowered = step.lower(a)
    assert lowered.reports[-1].collectives.count == 0
    assert calls(lowered) == [("lapack_spotrf_ffi", ["1x1x4x4xf32"])]
    for got, expected in zip(step(a), want, strict=True):
        np.testing.assert_array_equal(got, expected)


# Made-up targets, for planning.


def planned(fun, shapes, schedule, platform="cpu"):
    mesh = AbstractMesh((4, 2), ("B", "M"))
    structs = [jax.ShapeDtypeStruct(shape, np.float32) for shape in shapes]
    step = partir.jit(fun, mesh=mesh, schedule=schedule, platform=platform)
    return step.lower(*structs)


#: What JAX lowers to custom calls, on the one platform or the other.
LOWERED = {
    "cholesky": lax.linalg.cholesky,
    "lu": lax.linalg.lu,
    "qr": lax.linalg.qr,
    "eigh": lax.linalg.eigh,
    "symmetric product": lambda a: lax.linalg.symmetric_product(a, a),
    "tridiagonal solve": lambda a: lax.linalg.tridiagonal_solve(
        a[..., 0], a[..., 1], a[..., 2], a
    ),
    "approx_max_k": lambda a: lax.approx_max_k(a, 2, reduction_dimension=2),
    "random": lambda a: a + jax.random.normal(jax.random.key(0), a.shape),
}


@pytest.mark.parametrize("platform", ["cpu", "cuda", "rocm", "tpu"])
@pytest.mark.parametrize("name", LOWERED)
def test_batches_on_every_platform(name, platform):
    def fun(a):
        return LOWERED[name](a)

    lowered = planned(fun, [(4, 2, 4, 4)], on_batch("a"), platform)
    assert lowered.reports[-1].collectives.count == 0
    assert [str(stop) for one in lowered.reports for stop in one.stops] == []
    for target, operands in calls(lowered):
        whole = [shape for shape in operands if shape.startswith("4x")]
        assert not whole, (target, operands)


def kernel(target, shape):
    return jax.ffi.ffi_call(target, jax.ShapeDtypeStruct(shape, np.float32))


def test_rule_of_a_made_up_kernel():
    partir.register_rule("my_kernel", "b i, b j -> b k")

    def fun(x, y):
        return kernel("my_kernel", (8, 6))(x, y)

    lowered = planned(fun, [(8, 4), (8, 2)], [partir.ManualPartition({"x": 0}, "B")])
    assert calls(lowered) == [("my_kernel", ["2x4xf32", "2x2xf32"])]
    assert lowered.in_shardings[1].spec == jax.sharding.PartitionSpec("B")


def test_reduction_of_a_made_up_kernel():
    partir.register_rule("my_matmul", "i k, k j -> i j", reduce={"k": "add"})

    def fun(x, y):
        return kernel("my_matmul", (8, 6))(x, y)

    lowered = planned(fun, [(8, 4), (4, 6)], [partir.ManualPartition({"y": 0}, "B")])
    assert calls(lowered) == [("my_matmul", ["8x1xf32", "1x6xf32"])]
    assert lowered.reports[0].collectives["all_reduce"].count == 1
    assert lowered.reports[0].collectives.count == 1


def test_rule_that_does_not_fit():
    partir.register_rule("my_kernel", "b i, b j -> b k")

    def fun(x):
        return kernel("my_kernel", (8, 6))(x)

    with pytest.raises(partir.PartirError) as error:
        planned(fun, [(8, 4)], [])
    assert "the rule has 2 operand(s), and the op 1" in str(error.value)
    assert "test_custom_calls.py" in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, "b -> b"), "target is 1; it must be the name"),
        (("", "b -> b"), "target is ''; it must be the name"),
        (("f", None), "spec is None; it must be a string"),
        (("f", "b"), '"b" is wrong at its end: expected a dim'),
        (("f", "b i -> b", {"i": "sum"}), "expected one of add, max, min, mul"),
        (("f", "b i -> b", {"b": "add"}), "of no result"),
        (("f", "b i -> b", ["i"]), "reduce is ['i']; it must be a dict"),
        (("f", "b i -> b", {"i": 1}), "reduce is {'i': 1}; it must be a dict"),
        (("f", "b i -> b | i: add", {"i": "add"}), "says itself what is reduced"),
    ],
)
def test_arguments_that_are_not_valid(arguments, message):
    with pytest.raises(partir.PartirError, match=re.escape(message)):
        partir.register_rule(*arguments)
    assert "f" not in _rules.registered_rules()


def test_a_target_has_one_rule():
    partir.register_rule("f", "b  i->b | i : add")
    partir.register_rule("f", "b i -> b", reduce={"i": "add"})
    with pytest.raises(partir.PartirError, match="'f' has the rule 'b i->b"):
        partir.register_rule("f", "b i -> b")
