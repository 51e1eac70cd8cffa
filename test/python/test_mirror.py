# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The mirror of StableHLO and chlo against jaxlib: the same ops and attributes."""

import functools
import inspect
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.interpreters import mlir as jax_mlir
from jax.sharding import PartitionSpec as P
from jaxlib.mlir import ir
from jaxlib.mlir.dialects import _chlo_ops_gen as chlo_ops
from jaxlib.mlir.dialects import _stablehlo_ops_gen as stablehlo_ops
from jaxlib.mlir.dialects import chlo, stablehlo

from partir import _partir

SEGMENTS = {"operandSegmentSizes", "resultSegmentSizes"}


def generic_text(module):
    return module.operation.get_asm(
        print_generic_op_form=True, enable_debug_info=True, assume_verified=True
    )


def check_round_trip(module):
    """jaxlib prints the module that it reads back from us as it printed its own."""
    before = generic_text(module)
    with module.context:
        after = generic_text(ir.Module.parse(_partir.round_trip(before)))
    assert after == before


def parse(text):
    with jax_mlir.make_ir_context():
        return ir.Module.parse(text)


# --- Lists of ops and attributes


def jaxlib_ops():
    """Name of every op that jaxlib can build, and its inherent attributes."""
    ops = {}
    for module in (stablehlo_ops, chlo_ops):
        for cls in re.split(r"^class ", inspect.getsource(module), flags=re.M):
            name = re.search(r'OPERATION_NAME = "(.+)"', cls)
            if name and not re.match(r"\w+Adaptor\b", cls):
                found = re.findall(r'attributes\["(\w+)"\]', cls)
                ops[name[1]] = set(found) - SEGMENTS
    return ops


def test_ops_and_their_attributes():
    ours = {
        name: set(attributes) - SEGMENTS
        for name, attributes in _partir.mirrored_ops().items()
    }
    assert ours == jaxlib_ops()
    assert len(ours) > 150


# --- Attributes and types, as the bindings build them

ENUMS = {
    stablehlo.ComparisonDirectionAttr: "EQ NE GE GT LE LT",
    stablehlo.ComparisonTypeAttr: "NOTYPE FLOAT TOTALORDER SIGNED UNSIGNED",
    stablehlo.PrecisionAttr: "DEFAULT HIGH HIGHEST",
    stablehlo.FftTypeAttr: "FFT IFFT RFFT IRFFT",
    stablehlo.TransposeAttr: "TRANSPOSE_INVALID NO_TRANSPOSE TRANSPOSE ADJOINT",
    stablehlo.RngDistributionAttr: "UNIFORM NORMAL",
    stablehlo.RngAlgorithmAttr: "DEFAULT THREE_FRY PHILOX",
    stablehlo.ResultAccuracyModeAttr: "DEFAULT HIGHEST TOLERANCE",
    chlo.ComparisonDirectionAttr: "EQ NE GE GT LE LT",
    chlo.ComparisonTypeAttr: "NOTYPE FLOAT TOTALORDER SIGNED UNSIGNED",
    chlo.PrecisionAttr: "DEFAULT HIGH HIGHEST",
}


def dot_algorithms():
    f32, bf16, f8 = (ir.Type.parse(name) for name in ("f32", "bf16", "f8E5M2"))
    yield stablehlo.DotAlgorithm.get(bf16, bf16, f32, 1, 1, 3, False)
    yield stablehlo.DotAlgorithm.get(f8, f8, f32, 1, 1, 1, True)


def meshes():
    axes = [stablehlo.MeshAxisAttr.get("x", 2), stablehlo.MeshAxisAttr.get("a b", 4)]
    part = stablehlo.SubAxisInfoAttr.get(1, 2)
    refs = [stablehlo.AxisRefAttr.get("x"), stablehlo.AxisRefAttr.get("a b", part)]
    ids = ir.DenseIntElementsAttr.get(np.arange(8)[::-1].copy())
    mesh = stablehlo.MeshAttr.get(ir.ArrayAttr.get(axes))
    ordered = stablehlo.MeshAttr.get(ir.ArrayAttr.get(axes), ids)
    groups = stablehlo.ReplicaGroupMeshAxesAttr
    yield from [*axes, part, *refs, mesh, ordered]
    yield groups.get(mesh, ir.ArrayAttr.get(refs))


def attributes():
    for cls, values in ENUMS.items():
        yield from (cls.get(value) for value in values.split())
    yield stablehlo.DotDimensionNumbers.get([], [], [], [])
    yield stablehlo.DotDimensionNumbers.get([0], [1], [2, 1], [0, 2])
    yield stablehlo.GatherDimensionNumbers.get([], [], [], [], [], 0)
    yield stablehlo.GatherDimensionNumbers.get([1, 2], [0], [3], [1], [0], 2)
    yield stablehlo.ScatterDimensionNumbers.get([], [], [], [], [], 0)
    yield stablehlo.ScatterDimensionNumbers.get([1, 2], [0], [3], [1], [0], 2)
    conv = stablehlo.ConvDimensionNumbers.get
    yield conv(0, 3, [1, 2], 2, 3, [0, 1], 0, 3, [1, 2])
    yield conv(1, 0, [3, 2], 0, 1, [2, 3], 3, 0, [2, 1])
    yield conv(0, 1, [], 0, 1, [], 0, 1, [])
    yield stablehlo.ChannelHandle.get(0, 0)
    yield stablehlo.ChannelHandle.get(7, 1)
    yield stablehlo.OutputOperandAlias.get([], 0, [])
    yield stablehlo.OutputOperandAlias.get([0, 1], 1, [2])
    yield from dot_algorithms()
    accuracy = stablehlo.ResultAccuracyAttr.get
    yield accuracy(0.0, 0.0, 0, "HIGHEST")
    for atol, rtol, ulps in [
        (1e-5, 0.0, 1),
        (0.0, 0.3, 0),
        (1.2345678901e-300, 3e9, 9),
    ]:
        yield accuracy(atol, rtol, ulps, "TOLERANCE")
    yield stablehlo.TypeExtensions.get([4, ir.ShapedType.get_dynamic_size()])
    yield chlo.RaggedDotDimensionNumbers.get([], [], [], [], [], [])
    yield chlo.RaggedDotDimensionNumbers.get([0], [0], [2], [1], [1], [0])
    yield from meshes()


def test_attributes():
    with jax_mlir.make_ir_context(), ir.Location.unknown():
        module = ir.Module.create()
        for index, attribute in enumerate(attributes()):
            module.operation.attributes[f"test.a{index:02}"] = attribute
        assert index > 60
        check_round_trip(module)


def test_types():
    token = "!stablehlo.token"
    types = [
        token,
        f"tuple<tensor<2xf32>, {token}>",
        "!stablehlo.future<tensor<f32>, tensor<2xi8>>",
        "tensor<?x?xbf16, #stablehlo.bounds<4, ?>>",
        "tensor<2xcomplex<f32>>",
        *(f"tensor<{element}>" for element in ("i1", "ui4", "f8E5M2", "f4E2M1FN")),
    ]
    check_round_trip(parse(f"func.func private @f({', '.join(types)}) -> {token}"))


# --- Ops that JAX does not make


ALIASES = """
!t = !stablehlo.token
!x = tensor<4xf32>
#high = #stablehlo<precision HIGH>
#two_ulps = #stablehlo.result_accuracy<
    ulps = 2, mode = #stablehlo.result_accuracy_mode<TOLERANCE>>
#less = #chlo<comparison_direction LT>
"""

RARE_OPS = [
    '"stablehlo.infeed"(%t) <{infeed_config = "c", layout = [[0]]}> : (!t) -> (!x, !t)',
    '"stablehlo.outfeed"(%x, %t) : (!x, !t) -> !t',
    '"stablehlo.after_all"(%t, %t) : (!t, !t) -> !t',
    '"stablehlo.tuple"(%x, %t) : (!x, !t) -> tuple<!x, !t>',
    '"stablehlo.dot"(%x, %x) <{precision_config = [#high]}> : (!x, !x) -> tensor<f32>',
    '"stablehlo.exponential"(%x) <{result_accuracy = #two_ulps}> : (!x) -> !x',
    """"stablehlo.custom_call"(%x) <{call_target_name = "f", api_version = 4 : i32,
       backend_config = {a = 1 : i64}}> {test.more = "kept"} : (!x) -> !x""",
    """"chlo.broadcast_compare"(%x, %x) <{broadcast_dimensions = array<i64: 0>,
       comparison_direction = #less}> : (!x, !x) -> tensor<4xi1>""",
    '"chlo.constant_like"(%x) <{value = 1.0 : f32}> : (!x) -> !x',
]


@pytest.mark.parametrize("op", RARE_OPS, ids=lambda op: op.split('"')[1])
def test_rare_ops(op):
    check_round_trip(parse(f"{ALIASES} func.func @f(%x: !x, %t: !t) {{ {op} return }}"))


# --- Programs of JAX


def f32(*shape):
    return jax.ShapeDtypeStruct(shape, np.float32)


def i32(*shape):
    return jax.ShapeDtypeStruct(shape, np.int32)


def norm(x, scale):
    return x * lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + 1e-6) * scale


def block(x, layer):
    heads, (batch, length, width) = 2, x.shape
    qkv = norm(x, layer["scale"]) @ layer["qkv"]
    q, k, v = jnp.moveaxis(qkv.reshape(batch, length, 3, heads, -1), 2, 0)
    scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) * (width // heads) ** -0.5
    scores = jnp.where(np.tril(np.ones((length, length), bool)), scores, -1e9)
    mixed = jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(scores), v)
    x = x + mixed.reshape(x.shape) @ layer["out"]
    return x + jax.nn.gelu(x @ layer["up"]) @ layer["down"], None


def loss_fn(params, tokens, scanned):
    x = params["embedding"].astype(jnp.bfloat16)[tokens]
    layers = jax.tree.map(lambda p: p.astype(jnp.bfloat16), params["layers"])
    if scanned:
        x, _ = lax.scan(jax.checkpoint(block), x, layers)
    else:
        for index in range(layers["scale"].shape[0]):
            x, _ = block(x, jax.tree.map(lambda p: p[index], layers))  # noqa: B023
    logits = (x @ params["embedding"].astype(jnp.bfloat16).T).astype(jnp.float32)
    logits = jax.nn.log_softmax(logits[:, :-1])
    return -jnp.take_along_axis(logits, tokens[:, 1:, None], -1).mean()


def train_step(params, moments, tokens, scanned):
    loss, grads = jax.value_and_grad(loss_fn)(params, tokens, scanned)
    length = jnp.sqrt(sum(jnp.sum(g * g) for g in jax.tree.leaves(grads)))
    grads = jax.tree.map(lambda g: g * jnp.minimum(1.0, 1.0 / length), grads)
    moments = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g * g, moments, grads)
    params = jax.tree.map(
        lambda p, g, m: p - 1e-3 * g / (jnp.sqrt(m) + 1e-8), params, grads, moments
    )
    return params, moments, loss


def train_args():
    width, hidden, vocab, layers = 8, 16, 32, 2
    params = {
        "embedding": f32(vocab, width),
        "layers": {
            "scale": f32(layers, width),
            "qkv": f32(layers, width, 3 * width),
            "out": f32(layers, width, width),
            "up": f32(layers, width, hidden),
            "down": f32(layers, hidden, width),
        },
    }
    return params, params, i32(4, 6)


def conv(dims, x, w):
    return lax.conv_general_dilated(
        x, w, (2, 1), [(1, 2), (0, 1)], (1, 2), (2, 1), dims, feature_group_count=2
    )


def pool(x):
    window = (1, 2, 2, 1)
    summed = lax.reduce_window(x, 0.0, lax.add, window, window, "SAME")
    highest = lax.reduce_window(x, -jnp.inf, lax.max, window, (1, 1, 1, 1), "VALID")
    return summed.sum() + (highest**2).sum()


def control(x, n):
    x = lax.while_loop(lambda c: c[1] < n, lambda c: (jnp.sin(c[0]), c[1] + 1), (x, 0))[
        0
    ]
    x = lax.cond(n > 3, lambda y: y + 1, lambda y: y * 2, x)
    x = lax.switch(n, [jnp.cos, jnp.tan, lambda y: y], x)
    return lax.fori_loop(
        0, 4, lambda i, y: lax.dynamic_update_index_in_dim(y, y[i], 0, 0), x
    )


def order(x):
    values, places = lax.top_k(x, 3)
    stacked = lax.sort((x, jnp.arange(x.shape[1]) + 0 * x.astype(int)), num_keys=2)
    return values, places, stacked, jnp.cumsum(x, 0), lax.cummax(x, 1), jnp.median(x)


def transforms(x):
    return jnp.fft.fft2(x), jnp.fft.irfft(jnp.fft.rfft(x)), jnp.fft.ifft(x)


def random(seed):
    key = jax.random.key(seed)
    bits = jax.random.key(seed, impl="rbg")
    return (
        jax.random.normal(key, (3,)),
        jax.random.permutation(key, 5),
        jax.random.bits(bits),
    )


def algebra(a):
    a = a @ a.T + jnp.eye(a.shape[0])
    return jnp.linalg.inv(a), jnp.linalg.qr(a), jnp.linalg.svd(a), jnp.linalg.eigh(a)


def cholesky_solve(a, b):
    factor = jnp.linalg.cholesky(a)
    return jax.scipy.linalg.solve_triangular(factor, b, lower=True, trans="T")


def special(x):
    functions = (
        "erf erf_inv lgamma digamma bessel_i1e asinh cosh logistic cbrt expm1 log1p"
    )
    y = [getattr(lax, name)(x) for name in functions.split()]
    return y, lax.reduce_precision(x, 5, 2), lax.nextafter(x, x), lax.igamma(x, x)


def integers(x):
    shifts = lax.shift_left(x, x), lax.shift_right_logical(x, x)
    bits = lax.population_count(x), lax.clz(x), x & 3 | ~x ^ 5, x // 3 % 4
    return shifts, bits, lax.bitcast_convert_type(x, np.int8), lax.rev(x, (0,))


def indexing(x, at):
    x = x.at[at].add(1.0).at[at, 1].max(2.0).at[::2].multiply(3.0)
    return x[at], x[at, ::2], x[1:, ::-1], jnp.take(x, at, 1), jax.vmap(jnp.take)(x, at)


def quantities(x):
    halves = x.astype(jnp.float8_e4m3fn).astype(jnp.bfloat16)
    return (
        halves,
        lax.complex(x, x),
        jnp.float16(3),
        x.astype(np.uint8),
        jnp.isfinite(x),
    )


def contractions(a, b, sizes):
    high = lax.dot(a, b[0], precision=(lax.Precision.HIGH, lax.Precision.HIGHEST))
    named = lax.dot(a, b[0], precision=lax.DotAlgorithmPreset.BF16_BF16_F32_X3)
    return (
        high,
        named,
        lax.ragged_dot(a, b, sizes),
        jnp.einsum("ij,bjk,ij->bk", a, b, a),
    )


def constants(x):
    return (
        x + np.arange(12, dtype=np.float32).reshape(3, 4),
        x * jnp.nan,
        np.pi * jnp.inf,
    )


def nested(x):
    inner = jax.jit(lambda y: (y * 2, jax.named_call(jnp.sum, name="total")(y)))
    x = lax.optimization_barrier(jax.named_scope("scope")(lambda y: y + 1)(x))
    return jax.jvp(inner, (x,), (x,)), jax.vmap(inner)(x)


def composite(x):
    def decomposed(y, *, scale):
        return y * scale

    return lax.composite(decomposed, name="test.scale", version=2)(
        x, scale=np.float32(2)
    )


NHWC, NCHW = ("NHWC", "HWIO", "NHWC"), ("NCHW", "OIHW", "NCHW")

PROGRAMS = {
    "train_step": (functools.partial(train_step, scanned=False), *train_args()),
    "train_step_scanned": (functools.partial(train_step, scanned=True), *train_args()),
    "conv_nhwc": (functools.partial(conv, NHWC), f32(2, 8, 9, 4), f32(3, 2, 2, 6)),
    "conv_nchw": (functools.partial(conv, NCHW), f32(2, 4, 8, 9), f32(6, 2, 3, 2)),
    "conv_gradient": (
        jax.grad(lambda w, x: (conv(NHWC, x, w) ** 2).sum()),
        f32(3, 2, 2, 6),
        f32(2, 8, 9, 4),
    ),
    "pool": (jax.grad(pool), f32(2, 6, 6, 3)),
    "control": (control, f32(5), i32()),
    "order": (order, f32(4, 6)),
    "transforms": (transforms, f32(4, 6)),
    "random": (random, i32()),
    "algebra": (algebra, f32(4, 4)),
    "cholesky_solve": (cholesky_solve, f32(2, 4, 4), f32(2, 4, 3)),
    "special": (special, f32(4)),
    "integers": (integers, i32(4)),
    "indexing": (indexing, f32(5, 6), i32(5, 2)),
    "quantities": (quantities, f32(3)),
    "contractions": (contractions, f32(6, 4), f32(3, 4, 2), i32(3)),
    "constants": (constants, f32(3, 4)),
    "nested": (nested, f32(3)),
    "composite": (composite, f32(3)),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name):
    fun, *args = PROGRAMS[name]
    check_round_trip(jax.jit(fun).lower(*args).compiler_ir("stablehlo"))


def exchange(x):
    x = lax.psum(x, "B") + lax.axis_index("M").astype(x.dtype)
    x = lax.all_gather(x, "M", axis=0, tiled=True)
    x = lax.psum_scatter(x, "M", scatter_dimension=0, tiled=True)
    x = lax.all_to_all(x, "B", 0, 1, tiled=True)
    return lax.pmax(lax.ppermute(x, "B", [(0, 1), (1, 0)]), ("B", "M"))


def test_collectives(mesh):
    # With Shardy the collectives would sit in an op of its dialect.
    jax.config.update("jax_use_shardy_partitioner", False)
    try:
        spec = P("B", "M")
        fun = jax.shard_map(
            exchange, mesh=mesh, in_specs=spec, out_specs=spec, check_vma=False
        )
        check_round_trip(jax.jit(fun).lower(f32(64, 64)).compiler_ir("stablehlo"))
    finally:
        jax.config.update("jax_use_shardy_partitioner", True)


# --- What is not mirrored is an error


REFUSED = {
    "stablehlo.frobnicate": '"stablehlo.frobnicate"(%x) : (tensor<4xf32>) -> ()',
    "chlo.frobnicate": '"chlo.frobnicate"(%x) : (tensor<4xf32>) -> ()',
    "unregistered dialect": '"other.op"(%x) : (tensor<4xf32>) -> ()',
    "'stablehlo.iota' has no attribute 'new'": """"stablehlo.iota"()
        <{iota_dimension = 0 : i64, new = 1 : i64}> : () -> tensor<4xf32>""",
    "requires attribute": '"stablehlo.iota"() : () -> tensor<4xf32>',
    "out of range": """"stablehlo.iota"() <{iota_dimension = 1 : i64}>
        : () -> tensor<4xf32>""",
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused(message):
    text = f"func.func @f(%x: tensor<4xf32>) {{ {REFUSED[message]} return }}"
    with pytest.raises(_partir.PartirError) as error:
        _partir.round_trip(text)
    assert message in str(error.value)
