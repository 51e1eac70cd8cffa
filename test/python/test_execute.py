# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Running partitioned programs the ways people run functions of jax.jit."""

import functools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import AxisType, NamedSharding
from jax.sharding import PartitionSpec as P

import partir
from partir._partir import Program

SCHEDULE = [
    partir.ManualPartition({"x": 0}, "B", name="BP"),
    partir.ManualPartition({"w": 1}, "M", name="MP"),
]


def matmul(x, w):
    return jnp.sin(x @ w)


def arrays(seed=0):
    rng = np.random.default_rng(seed)
    return rng.random((16, 8), np.float32), rng.random((8, 8), np.float32)


def jitted(mesh, fun=matmul, schedule=SCHEDULE, **options):
    return partir.jit(fun, mesh=mesh, schedule=schedule, **options)


def check(got, want):
    assert jax.tree.structure(got) == jax.tree.structure(want)
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def place(mesh, kind, array, spec):
    """The array as a user might hold it."""
    if kind == "host":
        return array
    if kind == "uncommitted":
        return jnp.asarray(array)
    if kind == "one device":
        return jax.device_put(array, jax.devices()[3])
    if kind == "as planned":
        return jax.device_put(array, NamedSharding(mesh, spec))
    if kind == "otherwise":
        return jax.device_put(array, NamedSharding(mesh, P("M", "B")))
    return jax.device_put(array, NamedSharding(mesh, P()))


KINDS = ["host", "uncommitted", "one device", "as planned", "otherwise", "whole"]


@pytest.mark.parametrize("under_set_mesh", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_inputs_placed_anyhow(any_mesh, kind, under_set_mesh):
    x, w = arrays()
    step = jitted(any_mesh)
    args = place(any_mesh, kind, x, P("B")), place(any_mesh, kind, w, P(None, "M"))
    if under_set_mesh:
        with jax.set_mesh(any_mesh):
            results = [step(*args), step(*args), step.lower(*args).compile()(*args)]
    else:
        results = [step(*args), step(*args), step.lower(*args).compile()(*args)]
    for result in results:
        check(result, matmul(x, w))
        assert result.sharding.is_equivalent_to(NamedSharding(any_mesh, P("B", "M")), 2)
        assert result.sharding.spec == P("B", "M")


def test_shape_structs_then_arrays(any_mesh):
    x, w = arrays()
    structs = [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in (x, w)]
    step = jitted(any_mesh)
    check(step.lower(*structs).compile()(x, w), matmul(x, w))
    check(step(x, w), matmul(x, w))


@pytest.mark.parametrize("under_set_mesh", [False, True])
def test_inside_an_outer_jit(any_mesh, under_set_mesh):
    step = jitted(any_mesh)

    @jax.jit
    def outer(x, w):
        return step(step(x * 2, w), w) + step(x, w)

    x, w = arrays()
    want = matmul(matmul(x * 2, w), w) + matmul(x, w)
    if under_set_mesh:
        with jax.set_mesh(any_mesh):
            check(outer(x, w), want)
    else:
        check(outer(x, w), want)
    placed = place(any_mesh, "otherwise", x, None)
    check(outer(placed, place(any_mesh, "whole", w, None)), want)


def test_inside_a_scan(any_mesh):
    step = jitted(any_mesh)
    x, w = arrays()
    planned = jax.device_put(x, NamedSharding(any_mesh, P("B", "M")))
    whole = jax.device_put(w, NamedSharding(any_mesh, P()))

    @functools.partial(jax.jit, static_argnums=2)
    def loop(x, w, f):
        return jax.lax.scan(lambda c, _: (f(c, w), None), x, None, length=3)[0]

    check(loop(planned, whole, step), loop(x, w, matmul))


def test_results_meet_the_users_arrays(any_mesh):
    x, w = arrays()
    step = jitted(any_mesh)
    mine = jax.device_put(np.ones((16, 8), np.float32), NamedSharding(any_mesh, P("B")))
    result = step(x, w)
    if AxisType.Explicit in any_mesh.axis_types:
        mine = jax.device_put(mine, result.sharding)
    check(result + mine, matmul(x, w) + 1)
    check(jax.jit(jnp.add)(result, mine), matmul(x, w) + 1)
    check(result @ np.ones((8, 2), np.float32), matmul(x, w) @ np.ones((8, 2)))


def test_permuted_devices():
    devices = np.array(jax.devices())[[3, 1, 4, 0, 5, 7, 2, 6]].reshape(4, 2)
    mesh = jax.sharding.Mesh(devices, ("B", "M"))
    x, w = arrays()
    check(jitted(mesh)(x, w), matmul(x, w))


def test_mesh_with_one_axis_and_with_some_devices():
    mesh = jax.sharding.Mesh(np.array(jax.devices()[:4]), ("B",))
    x, w = arrays()
    check(jitted(mesh, schedule=SCHEDULE[:1])(x, w), matmul(x, w))


def test_empty_schedule(any_mesh):
    x, w = arrays()
    result = jitted(any_mesh, schedule=[])(x, w)
    check(result, matmul(x, w))
    assert result.sharding.is_fully_replicated


def test_static_arguments(any_mesh):
    traced = []

    def fun(x, power, w, *, scale):
        traced.append((power, scale))
        return matmul(x, w) ** power * scale

    step = jitted(any_mesh, fun, static_argnums=1, static_argnames="scale")
    x, w = arrays()
    for power, scale in ((2, 3.0), (3, 3.0), (2, 0.5), (2, 3.0), (3, 3.0)):
        check(step(x, power, w, scale=scale), matmul(x, w) ** power * scale)
        check(step(x, w=w, power=power, scale=scale), matmul(x, w) ** power * scale)
    assert set(traced) == {(2, 3.0), (3, 3.0), (2, 0.5)}
    # As in JAX, a compiled program takes its dynamic arguments only.
    check(step.lower(x, 2, w, scale=3.0).compile()(x, w), matmul(x, w) ** 2 * 3)


def test_static_arguments_differ_by_type(mesh):
    def fun(x, power):
        return x * power

    x = np.arange(8, dtype=np.int32)
    step = jitted(mesh, fun, SCHEDULE[:1], static_argnums=1)
    plain = jax.jit(fun, static_argnums=1)
    for power in (1, 1.0, True, 1):
        assert step(x, power).dtype == plain(x, power).dtype
        lowered = step.lower(x, power)
        assert lowered.compile()(x).dtype == plain(x, power).dtype


def test_under_disable_jit_the_function_itself_runs(any_mesh):
    seen = []

    def fun(x, w, power):
        seen.append(type(x))
        return matmul(x, w) ** power

    step = jitted(any_mesh, fun, static_argnames="power")
    x, w = arrays()
    for _ in range(2):
        check(step(x, w, power=2), matmul(x, w) ** 2)
        with jax.disable_jit():
            check(step(x, w, power=2), matmul(x, w) ** 2)
            assert seen[-1] is np.ndarray
            assert step.lower(x, w, power=2).in_shardings[0].spec == P("B")


def test_keyword_arguments(any_mesh):
    x, w = arrays()
    step = jitted(any_mesh)
    for _ in range(2):
        check(step(x, w=w), matmul(x, w))
        check(step(w=w, x=x), matmul(x, w))
    lowered = step.lower(x, w=w)
    assert lowered.in_shardings[0].spec == P("B")
    assert lowered.kw_in_shardings["w"].spec == P(None, "M")
    check(lowered.compile()(x, w=w), matmul(x, w))


def test_defaults_and_variable_arguments(any_mesh):
    def fun(x, *rest, bias=1.0, **named):
        return matmul(x, rest[0]) + bias + named["extra"]

    schedule = [
        partir.ManualPartition({"x": 0}, "B"),
        partir.ManualPartition({"rest.0": 1, "extra": 1}, "M"),
    ]
    x, w = arrays()
    step = jitted(any_mesh, fun, schedule)
    check(step(x, w, extra=x), matmul(x, w) + 1 + x)
    check(step(x, w, extra=x, bias=2.0), matmul(x, w) + 2 + x)
    assert step.lower(x, w, extra=x).kw_in_shardings["extra"].spec == P("B", "M")


def test_pytrees_keep_their_form(any_mesh):
    def fun(state, x):
        (w, b), count = state["params"], state["count"]
        return {"params": (w, b + 1), "count": count + 1, "none": None}, [x @ w]

    schedule = [partir.ManualPartition({"x": 0}, "B")]
    x, w = arrays()
    state = {"params": (w, np.ones(3, np.float32)), "count": np.int32(4)}
    check(jitted(any_mesh, fun, schedule)(state, x), jax.jit(fun)(state, x))


def test_typed_prng_keys(any_mesh):
    def fun(x, key, keys):
        key, use = jax.random.split(key)
        return x + jax.random.normal(use, x.shape), key, keys[::-1]

    schedule = [partir.ManualPartition({"x": 0, "keys": 0}, "B")]
    x, _ = arrays()
    key, keys = jax.random.key(3), jax.random.split(jax.random.key(4), 8)
    step = jitted(any_mesh, fun, schedule)
    for _ in range(2):
        got, want = step(x, key, keys), fun(x, key, keys)
        np.testing.assert_allclose(got[0], want[0], rtol=1e-5, atol=1e-6)
        assert got[1] == want[1]
        assert (jax.random.key_data(got[2]) == jax.random.key_data(want[2])).all()
        assert got[2].dtype == keys.dtype
    assert step.lower(x, key, keys).in_shardings[2].spec == P("B")
    check(step(*step(x, key, keys))[0], fun(*fun(x, key, keys))[0])


def test_keys_are_left_alone_by_first_divisible_dim(mesh):
    def fun(state):
        return state["x"] * 2, state["keys"]

    schedule = [partir.ManualPartition({"state": partir.FIRST_DIVISIBLE_DIM}, "B")]
    state = {"x": arrays()[0], "keys": jax.random.split(jax.random.key(4), 8)}
    lowered = jitted(mesh, fun, schedule).lower(state)
    (left,) = [a for a in lowered.reports[0].actions if a.what == "left alone"]
    assert (left.target, left.reason) == ("state.keys", "a PRNG key")


@pytest.mark.parametrize("size", [4, 4096])
def test_closed_over_constants(any_mesh, size):
    table = jnp.arange(2 * size, dtype=jnp.float32).reshape(2, size)
    host = np.linspace(0, 1, size, dtype=np.float32)

    def fun(x):
        return x + table[1] * host

    schedule = [partir.ManualPartition({"x": 0}, "B")]
    x = np.ones((8, size), np.float32)
    step = jitted(any_mesh, fun, schedule)
    check(step(x), fun(x))
    check(step.lower(x).compile()(x), fun(x))
    assert len(step.lower(x).as_text("input")) < 5000


# Above 100 elements they are printed as raw data; the size need not fill a byte.
@pytest.mark.parametrize("shape", [(100,), (4, 33), (8, 16)])
def test_closed_over_masks(any_mesh, shape):
    mask = np.random.default_rng(0).random(shape) < 0.5

    def fun(x):
        return jnp.where(mask, x, 0), mask[::-1]

    x = np.ones(shape, np.float32)
    step = jitted(any_mesh, fun, [partir.ManualPartition({"x": 0}, "B")])
    check(step(x), jax.jit(fun)(x))
    for stage in ("input", "core", "hlo", "stablehlo"):
        assert "xi1>" in str(step.lower(x).as_mlir(stage))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "int8", "uint32", "bool"])
def test_element_types(mesh, dtype):
    def fun(x):
        return (x | x) if dtype == "bool" else x + x

    x = np.ones((8, 4)).astype(jnp.dtype(dtype))
    step = jitted(mesh, fun, [partir.ManualPartition({"x": 0}, "B")])
    got = step(x)
    assert got.dtype == dtype
    assert (np.asarray(got) == np.asarray(fun(x))).all()


def test_weak_types_stay_weak(mesh):
    def fun(x, scale):
        return x * scale, scale + 1

    step = jitted(mesh, fun, [partir.ManualPartition({"x": 0}, "B")])
    x = jnp.ones((8, 4), jnp.bfloat16)
    for _ in range(2):
        scaled, scale = step(x, 2.0)
        assert scaled.dtype == jnp.bfloat16
        assert scale.weak_type
    assert step(x, jnp.float32(2))[0].dtype == jnp.float32


def test_donation(any_mesh):
    step = jitted(any_mesh, lambda x, w: (x + 1, w), donate_argnames="x")
    x, w = arrays()
    placed, kept = jax.device_put((x, w), step.lower(x, w).in_shardings)
    result = step(placed, kept)
    assert placed.is_deleted()
    assert not kept.is_deleted()
    check(result[0], x + 1)
    aliased = step.lower(x, w).compile().memory_analysis().alias_size_in_bytes
    assert aliased == x.nbytes // 4


def test_one_trace_and_one_compile_a_signature(mesh):
    traces = []

    def fun(x, w):
        traces.append(x.shape)
        return matmul(x, w)

    x, w = arrays()
    step = jitted(mesh, fun)
    compiles = []
    jax.monitoring.register_event_duration_secs_listener(
        lambda event, _, **kw: compiles.append((event, kw.get("fun_name")))
    )
    placed = jax.device_put((x, w), step.lower(x, w).in_shardings)
    step(x, w)
    for args in ((x, w), placed, (x, placed[1]), (jnp.asarray(x), w)):
        step(*args)
    assert traces == [(16, 8)]
    # JAX compiles programs of its own, to move arrays.
    mine = [event for event, name in compiles if name == "jit(fun)"]
    assert len([event for event in mine if "backend_compile" in event]) == 1
    for _ in range(2):
        check(step(x[:8], w), matmul(x[:8], w))
        check(step(x, w), matmul(x, w))
    assert traces == [(16, 8), (8, 8)]


def test_settings_of_jax_are_part_of_the_signature(mesh):
    def fun(x):
        return jnp.sum(x, axis=1) + jnp.arange(8.0)

    step = jitted(mesh, fun, [partir.ManualPartition({"x": 0}, "B")])
    x = np.ones((8, 4))
    assert step(x).dtype == np.float32
    with jax.enable_x64(True):
        assert step(x).dtype == np.float64
    assert step(x).dtype == np.float32


def test_compiled_hlo_keeps_names_and_lines(mesh):
    def fun(x, w):
        with jax.named_scope("my_layer"):
            return x @ w

    schedule = [partir.ManualPartition({"x": 1}, "M")]
    x, w = arrays()
    text = jitted(mesh, fun, schedule).lower(x, w).compile().as_text()
    assert "all-reduce" in text
    names = [
        line for line in text.splitlines() if " all-reduce(" in line or " dot(" in line
    ]
    assert names
    assert all("my_layer/dot_general" in line for line in names)
    assert "test_execute.py" in text


def test_works_on_methods_partials_and_jitted_functions(mesh):
    class Model:
        def step(self, x, w):
            return matmul(x, w)

    x, w = arrays()
    for fun in (
        Model().step,
        functools.partial(matmul),
        jax.jit(matmul),
        jax.checkpoint(matmul),
    ):
        check(jitted(mesh, fun)(x, w), matmul(x, w))


def test_another_platform(mesh):
    x, w = arrays()
    for platform in ("cpu", "gpu", "tpu"):
        lowered = jitted(mesh, platform=platform).lower(x, w)
        assert lowered.in_shardings[0].spec == P("B")


def test_slice_whose_start_is_clamped(mesh):
    def clamped(x, i, b):
        return jax.lax.dynamic_slice(x, (i,), (4,)) + b

    args = np.arange(8, dtype=np.float32), np.int32(7), np.zeros(4, np.float32)
    tiled = partir.ManualPartition({"b": 0}, "M")
    check(jitted(mesh, clamped, [tiled])(*args), clamped(*args))


def test_function_of_a_custom_call(mesh):
    def largest(x):
        return jax.lax.approx_max_k(x, 4)

    x = np.arange(8, dtype=np.float32)
    tiled = partir.ManualPartition({"x": 0}, "M")
    check(jitted(mesh, largest, [tiled])(x), largest(x))


def test_empty_dim_is_left_alone(mesh):
    x = np.zeros((3, 0, 4), np.float32)
    first = partir.ManualPartition({"x": partir.FIRST_DIVISIBLE_DIM}, "B")
    lowered = jitted(mesh, lambda x: x + 1, [first]).lower(x)
    assert lowered.in_shardings[0].spec == P(None, None, "B")
    assert lowered.compile()(x).shape == (3, 0, 4)


def chain_of_sines(count):
    """A long program as text, to keep the compiler busy for a tenth of a second."""
    one = '"stablehlo.sine"(%{}) : (tensor<8xf32>) -> tensor<8xf32>'
    body = "\n".join(f"%{i + 1} = {one.format(i)}" for i in range(count))
    return f"""
    "builtin.module"() ({{
      "func.func"() <{{function_type = (tensor<8xf32>) -> tensor<8xf32>,
                      sym_name = "main"}}> ({{
      ^bb0(%0: tensor<8xf32>):
        {body}
        "func.return"(%{count}) : (tensor<8xf32>) -> ()
      }}) : () -> ()
    }}) : () -> ()
    """


def test_other_threads_run_while_the_compiler_does():
    text = chain_of_sines(20000)
    spans = []

    def timed(call, *args):
        start = time.perf_counter()
        result = call(*args)
        spans.append((start, time.perf_counter()))
        return result

    def work():
        program = timed(Program, text, [("B", 4)], ["x"])
        timed(program.apply, "BP", [("", "B", [(0, "tile", 0)])])
        timed(program.text, "core")
        timed(program.local_module)

    thread = threading.Thread(target=work)
    ticks = []
    thread.start()
    while thread.is_alive():
        ticks.append(time.perf_counter())
        time.sleep(1e-4)
    thread.join()
    assert len(spans) == 4
    for start, end in spans:
        assert sum(start < tick < end for tick in ticks) >= 2


def test_one_program_in_several_threads(mesh):
    x, w = arrays()
    lowered = jitted(mesh).lower(x, w)
    module = lowered.as_text("input")
    program = Program(module, [("B", 4), ("M", 2)], ["x", "w"])
    program.apply("BP", [("", "B", [(0, "tile", 0)])])
    stages = ["core", "hlo", "stablehlo"] * 8
    want = {stage: program.text(stage) for stage in stages}
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(program.text, stages)) == [want[s] for s in stages]
        errors = [pool.submit(program.text, "mhlo").exception() for _ in range(8)]
    assert {type(error) for error in errors} == {partir.PartirError}
