# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Bad input: each a partir.PartirError that says what and where, process alive."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental import io_callback
from jax.sharding import AbstractMesh, AxisType, NamedSharding
from jax.sharding import PartitionSpec as P

import partir
from partir._partir import Program

X = jax.ShapeDtypeStruct((8, 6), np.float32)
ROWS = partir.ManualPartition({"x": 0}, "B", name="rows")


def double(x):
    return x * 2


def refuse(mesh, fun=double, tactic=ROWS, args=(X,), **options):
    """The message of the error that lowering raises."""
    schedule = tactic if isinstance(tactic, list) else [tactic]
    with pytest.raises(partir.PartirError) as error:
        partir.jit(fun, mesh=mesh, schedule=schedule, **options).lower(*args)
    # The process is alive, and a good program still works.
    partir.jit(double, mesh=mesh, schedule=[ROWS]).lower(X)
    return str(error.value)


def refuse_inputs(mesh, inputs, axis="B", fun=double, args=(X,)):
    return refuse(mesh, fun, partir.ManualPartition(inputs, axis, name="T"), args)


def nested(params):
    return params["layer"]["weight"] * 2


NESTED = ({"layer": {"weight": X, "bias": X}},)


def test_unknown_input_name(mesh):
    message = refuse_inputs(mesh, {"y": 0})
    assert "'T'" in message
    assert "'y'" in message
    assert "inputs are 'x'" in message


def test_unknown_input_name_with_a_near_one(mesh):
    def fun(params, batch):
        return partir.tag(params * batch, "hidden")

    message = refuse_inputs(mesh, {"parms": 0}, fun=fun, args=(X, X))
    assert "inputs are 'params', 'batch'" in message
    assert "tags are 'hidden'" in message
    assert "did you mean 'params'?" in message


def test_unknown_path_below_an_input(mesh):
    message = refuse_inputs(mesh, {"params.layer.wight": 0}, fun=nested, args=NESTED)
    assert "'params.layer' has no such part" in message
    assert "'params.layer.bias', 'params.layer.weight'" in message
    assert "did you mean 'params.layer.weight'?" in message


def test_name_that_is_an_input_and_a_tag(mesh):
    message = refuse_inputs(mesh, {"x": 0}, fun=lambda x: partir.tag(x + 1, "x") * 2)
    assert "both an input and a tag" in message


@pytest.mark.parametrize("dim", [2, -3])
def test_dim_out_of_range(mesh, dim):
    message = refuse_inputs(mesh, {"x": dim})
    assert "inputs['x']" in message
    assert f"dim {dim} is out of range for shape (8, 6)" in message
    assert "valid dims: 0 to 1" in message


def test_dim_of_a_scalar(mesh):
    scalar = jax.ShapeDtypeStruct((), np.float32)
    assert "it is a scalar" in refuse_inputs(mesh, {"x": 0}, args=(scalar,))


def test_dim_out_of_range_below_an_input(mesh):
    message = refuse_inputs(mesh, {"params": 2}, fun=nested, args=NESTED)
    assert "at 'params.layer.bias'" in message


def test_size_that_does_not_divide(mesh):
    message = refuse_inputs(mesh, {"x": 1})
    assert "dim 1 of shape (8, 6) has size 6" in message
    assert "axis 'B' of size 4 does not divide" in message
    assert "dims that it divides: 0" in message


def test_empty_dim(mesh):
    tactic = partir.ManualPartition({"x": 0}, "B")
    empty = jax.ShapeDtypeStruct((0, 4), np.float32)
    assert "dims that it divides: 1" in refuse(mesh, tactic=[tactic], args=(empty,))


def test_size_that_earlier_tiles_use_up(mesh):
    tactics = [
        partir.ManualPartition({"x": 0}, "M", name="first"),
        partir.ManualPartition({"x": 0}, "B", name="second"),
    ]
    small = jax.ShapeDtypeStruct((4, 4), np.float32)
    message = refuse(mesh, tactic=tactics, args=(small,))
    assert '"x"' in message
    assert "B" in message


def test_axis_already_used_for_the_value(mesh):
    tactics = [ROWS, partir.ManualPartition({"x": 0}, "B", name="again")]
    large = jax.ShapeDtypeStruct((64, 64), np.float32)
    message = refuse(mesh, tactic=tactics, args=(large,))
    assert "x" in message
    assert "B" in message


def test_axis_not_in_the_mesh(mesh):
    with pytest.raises(partir.PartirError, match=r"no axis 'Z'; its axes are 'B', 'M'"):
        partir.jit(double, mesh=mesh, schedule=[partir.ManualPartition({"x": 0}, "Z")])


@pytest.mark.parametrize("value", ["0", 1.5, True, object()])
def test_value_that_is_none(mesh, value):
    message = refuse_inputs(mesh, {"x": value})
    assert "inputs['x']" in message
    assert "valid are a dim, FIRST_DIVISIBLE_DIM" in message


def test_callback_that_gives_nonsense(mesh):
    message = refuse_inputs(mesh, {"x": lambda path, aval: "rows"})
    assert "the callback gives 'rows' of type str" in message


def test_prefix_that_does_not_fit(mesh):
    message = refuse_inputs(mesh, {"params": {"layr": 0}}, fun=nested, args=NESTED)
    assert "inputs['params']" in message
    assert "pytree prefix" in message


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: partir.ManualPartition({"x": 0}, 3), "axis is 3"),
        (lambda: partir.ManualPartition(["x"], "B"), "inputs is"),
        (lambda: partir.ManualPartition({0: 0}, "B"), "key 0"),
        (lambda: partir.ManualPartition({"x": 0}, "B", name=""), "name is ''"),
        (lambda: partir.Merged([]), "at least one ManualPartition"),
        (lambda: partir.Merged([3]), "at least one ManualPartition"),
        (lambda: partir.first_divisible_dim(-1), "start is -1"),
        (lambda: partir.tag(np.ones(3), 5), "name is 5"),
        (lambda: partir.tag([np.ones(3)], "t"), "tag the leaves"),
    ],
)
def test_tactics_check_their_arguments(make, says):
    with pytest.raises(partir.PartirError) as error:
        make()
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"schedule": ROWS}, "must be a list"),
        ({"schedule": 3}, "must be a list"),
        ({"schedule": ["BP"]}, "schedule[0] is 'BP'"),
        ({"schedule": [ROWS, ROWS]}, "both named 'rows'"),
        ({"mesh": "B"}, "mesh is 'B'"),
        ({"mesh": AbstractMesh((4,), ("B",), (AxisType.Manual,))}, "is Manual"),
        (
            {
                "mesh": AbstractMesh(
                    (4, 2), ("B", "M"), (AxisType.Auto, AxisType.Explicit)
                )
            },
            "mixes Auto and Explicit",
        ),
        ({"mesh": AbstractMesh((0, 2), ("B", "M"))}, "axis 'B' of the mesh has size 0"),
        ({"mesh": AbstractMesh((4, 2), ("B", "B"))}, "share a name"),
        ({"mesh": AbstractMesh((4,), ("",))}, "an axis named ''"),
        ({"mesh": AbstractMesh((4,), (0,))}, "an axis named 0"),
        ({"mesh": AbstractMesh((2**16, 2**15), ("B", "M"))}, "the most are 2147483647"),
        ({"fun": 3}, "fun is 3; it must be a function"),
        ({"platform": "abacus"}, "platform is 'abacus'"),
        ({"static_argnums": 1}, "static_argnums has 1"),
        ({"donate_argnames": "y"}, "donate_argnames has 'y'"),
        ({"static_argnums": 0, "donate_argnums": 0}, "both static and donated"),
    ],
)
def test_jit_checks_its_arguments(mesh, options, says):
    with pytest.raises(partir.PartirError) as error:
        partir.jit(**({"fun": double, "mesh": mesh, "schedule": [ROWS]} | options))
    assert says in str(error.value)


def test_argument_that_is_no_array(mesh):
    message = refuse(mesh, lambda x, mode: x, args=(X, "fast"))
    assert "'mode'" in message
    assert "static_argnames" in message


def test_static_argument_that_is_not_hashable(mesh):
    step = partir.jit(
        lambda x, sizes: x, mesh=mesh, schedule=[ROWS], static_argnames="sizes"
    )
    with pytest.raises(partir.PartirError, match=r"'sizes'.*not hashable"):
        step.lower(X, [1, 2])


def test_dynamic_shape(mesh):
    (rows,) = jax.export.symbolic_shape("rows")
    message = refuse(mesh, args=(jax.ShapeDtypeStruct((rows, 4), np.float32),))
    assert "'x' has the dynamic shape (rows, 4)" in message


@pytest.mark.parametrize(
    ("name", "effect"),
    [
        ("jax.debug.print", lambda x: jax.debug.print("{}", x)),
        ("jax.debug.callback", lambda x: jax.debug.callback(print, x)),
        ("jax.pure_callback", lambda x: jax.pure_callback(np.sin, X, x)),
        ("io_callback", lambda x: io_callback(np.sin, X, x)),
    ],
)
@pytest.mark.parametrize("where", ["plain", "nested", "scan"])
def test_side_effect(mesh, name, effect, where):
    def inner(x):
        y = effect(x)
        return x * 2 if y is None else y

    def fun(x):
        if where == "nested":
            return jax.jit(inner)(x)
        if where == "scan":
            return jax.lax.scan(lambda c, _: (inner(c), None), x, None, length=2)[0]
        return inner(x)

    message = refuse(mesh, fun)
    assert name in message
    assert "test_errors.py:" in message


def test_sharding_constraint_inside(mesh):
    def fun(x):
        return jax.lax.with_sharding_constraint(x * 2, NamedSharding(mesh, P("B")))

    message = refuse(mesh, fun)
    assert "with_sharding_constraint" in message
    assert "test_errors.py:" in message
    assert "partir.tag" in message


def test_shard_map_inside(mesh):
    def fun(x):
        return jax.shard_map(double, mesh=mesh, in_specs=P("B"), out_specs=P("B"))(x)

    message = refuse(mesh, fun)
    assert "shard_map" in message
    assert "test_errors.py:" in message


def test_jit_with_shardings_inside(mesh):
    inner = jax.jit(double, out_shardings=NamedSharding(mesh, P("B")))
    message = refuse(mesh, lambda x: inner(x) + 1)
    assert "jit with in_shardings or out_shardings" in message


def test_partitioned_function_inside(mesh):
    inner = partir.jit(double, mesh=mesh, schedule=[ROWS])
    message = refuse(mesh, lambda x: inner(x) + 1)
    assert "another partitioned function" in message


def test_traced_value_that_is_no_argument(mesh):
    def outer(x, y):
        return partir.jit(lambda x: x + y, mesh=mesh, schedule=[ROWS])(x)

    with pytest.raises(partir.PartirError, match="not among its arguments"):
        jax.jit(outer)(np.ones((8, 6)), np.ones((8, 6)))


def test_mesh_without_devices():
    mesh = AbstractMesh((64, 2), ("B", "M"))
    step = partir.jit(double, mesh=mesh, schedule=[])
    lowered = step.lower(X)
    for use in (lowered.compile, lambda: step(np.ones((8, 6), np.float32))):
        with pytest.raises(partir.PartirError) as error:
            use()
        assert "AbstractMesh of 128 devices" in str(error.value)
        assert "8 devices" in str(error.value)


def test_stage_and_tactic_of_as_text(mesh):
    lowered = partir.jit(double, mesh=mesh, schedule=[ROWS]).lower(X)
    with pytest.raises(partir.PartirError, match=r"'input', 'core', 'hlo'"):
        lowered.as_text("mhlo")
    for after in ("colums", 1, -2, True, 0.5):
        with pytest.raises(partir.PartirError, match="the tactics are 'rows'"):
            lowered.as_text(after=after)


def test_compiled_checks_its_arguments(mesh):
    compiled = partir.jit(double, mesh=mesh, schedule=[ROWS]).lower(X).compile()
    with pytest.raises(partir.PartirError, match=r"called with int32\[8, 6\]"):
        compiled(np.ones((8, 6), np.int32))
    with pytest.raises(partir.PartirError, match=r"called with float32\[8, 8\]"):
        compiled(np.ones((8, 8), np.float32))
    with pytest.raises(partir.PartirError, match="it is called with 2"):
        compiled(1, 2)
    with pytest.raises(partir.PartirError, match="pytree"):
        compiled([np.ones((8, 6), np.float32)])
    with pytest.raises(partir.PartirError, match="cannot be traced"):
        jax.jit(compiled.__call__)(np.ones((8, 6), np.float32))


def test_compiled_does_not_run_under_disable_jit(mesh):
    compiled = partir.jit(double, mesh=mesh, schedule=[ROWS]).lower(X).compile()
    with jax.disable_jit(), pytest.raises(partir.PartirError, match="disable_jit"):
        compiled(np.ones((8, 6), np.float32))


@pytest.mark.parametrize(
    "transform",
    [
        lambda f: jax.grad(lambda x: jnp.sum(f(x))),
        lambda f: jax.jit(jax.grad(lambda x: jnp.sum(f(x)))),
        lambda f: lambda x: jax.jvp(f, (x,), (x,)),
        lambda f: lambda x: jax.linearize(f, x),
    ],
    ids=["grad", "jit-grad", "jvp", "linearize"],
)
def test_differentiation_through_it(any_mesh, transform):
    step = partir.jit(double, mesh=any_mesh, schedule=[ROWS])
    x = np.ones((8, 6), np.float32)
    for _ in range(2):
        with pytest.raises(partir.PartirError, match=r"partir\.jit\(jax\.grad\(f\)"):
            transform(step)(x)
        step(x)


def test_vmap_over_it(mesh):
    step = partir.jit(double, mesh=mesh, schedule=[ROWS])
    with pytest.raises(partir.PartirError, match=r"partir\.jit\(jax\.vmap\(f\)"):
        jax.vmap(step)(np.ones((3, 8, 6), np.float32))


MESH = [("B", 4), ("M", 2)]


@pytest.mark.parametrize(
    ("module", "names", "says"),
    [
        ("this is not MLIR", [], ""),
        ('"builtin.module"() ({', [], ""),
        ('"builtin.module"() ({^bb0:}) : () -> ()', [], "main"),
        (
            """
            "builtin.module"() ({
              "func.func"() <{function_type = (tensor<4xf32>) -> (tensor<4xf32>),
                              sym_name = "main"}> ({
              ^bb0(%x: tensor<4xf32>):
                %y = "stablehlo.no_such_op"(%x) : (tensor<4xf32>) -> tensor<4xf32>
                     loc("model.py":12:3)
                "func.return"(%y) : (tensor<4xf32>) -> ()
              }) : () -> ()
            }) : () -> ()
            """,
            ["x"],
            "stablehlo.no_such_op",
        ),
        (
            """
            "builtin.module"() ({
              "func.func"() <{function_type = (tensor<?xf32>) -> (tensor<?xf32>),
                              sym_name = "main"}> ({
              ^bb0(%x: tensor<?xf32>):
                %y = "stablehlo.sine"(%x) : (tensor<?xf32>) -> tensor<?xf32>
                "func.return"(%y) : (tensor<?xf32>) -> ()
              }) : () -> ()
            }) : () -> ()
            """,
            ["x"],
            "dynamic",
        ),
    ],
    ids=["malformed", "cut-off", "no-main", "unknown-op", "dynamic-shape"],
)
def test_program_refuses_bad_modules(module, names, says):
    with pytest.raises(partir.PartirError) as error:
        Program(module, MESH, names)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("mesh", "says"),
    [
        ([("B", 0), ("M", 2)], "must have a positive size, not 0"),
        ([("B", -4)], "must have a positive size, not -4"),
        ([("B", 4), ("B", 2)], 'two axes named "B"'),
        ([("", 4)], "must have a name"),
        ([("B", 2**31)], "too many devices"),
        ([("B", 2**62), ("M", 4)], "too many devices"),
    ],
)
def test_program_refuses_bad_meshes(mesh, says):
    module = """
    "builtin.module"() ({
      "func.func"() <{function_type = () -> (), sym_name = "main"}> ({
        "func.return"() : () -> ()
      }) : () -> ()
    }) : () -> ()
    """
    with pytest.raises(partir.PartirError) as error:
        Program(module, mesh, [])
    assert says in str(error.value)
    Program(module, MESH, [])


def test_program_names_the_line_of_an_unknown_op():
    module = """
    "builtin.module"() ({
      "func.func"() <{function_type = () -> (), sym_name = "main"}> ({
        %c = "stablehlo.no_such_op"() : () -> tensor<4xf32> loc("model.py":12:3)
        "func.return"() : () -> ()
      }) : () -> ()
    }) : () -> ()
    """
    with pytest.raises(partir.PartirError, match=r"model\.py:12:3"):
        Program(module, MESH, [])
