# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Flax, Optax, Equinox and Orbax with partir.jit; plain jax.jit and jaxlib's MLIR."""

import collections

import equinox as eqx
import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import orbax.checkpoint as ocp
import pytest
from flax import nnx
from flax.training.train_state import TrainState
from jax.extend.mlir import ir
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P

import partir

X = np.random.default_rng(0).standard_normal((16, 8), np.float32)
BP = partir.ManualPartition({"x": 0}, "B", name="BP")


def over(axis, inputs, name=None):
    return partir.ManualPartition(inputs, axis, name)


def zero2(params, opt_state, dim=partir.FIRST_DIVISIBLE_DIM):
    return over("B", {params: partir.REPLICATED, opt_state: dim}, "Z2")


def compare(got, want):
    assert jax.tree.structure(got) == jax.tree.structure(want)
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=True):
        assert a.dtype == b.dtype
        if jax.dtypes.issubdtype(a.dtype, jax.dtypes.prng_key):
            a, b = jax.random.key_data(a), jax.random.key_data(b)
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def check_training(train_step, state, mesh, schedule):
    """Three steps with the state donated, against jax.jit; returns what was lowered."""
    step = partir.jit(train_step, mesh=mesh, schedule=schedule, donate_argnums=0)
    lowered = step.lower(state, X)
    planned = jax.tree.leaves(lowered.in_shardings[0])
    assert jax.tree.leaves(lowered.out_shardings[0]) == planned
    plain = jax.jit(train_step)
    wanted = [plain(state, X)]
    for _ in range(2):
        wanted.append(plain(wanted[-1][0], X))
    # Where the arrays lie already, device_put shares their memory: it is donated too.
    got = jax.device_put(state, lowered.in_shardings[0])
    for want in wanted:
        given = got
        got, loss = step(given, X)
        compare((got, loss), want)
        assert all(leaf.is_deleted() for leaf in jax.tree.leaves(given))
        assert [leaf.sharding for leaf in jax.tree.leaves(got)] == planned
    return lowered


def targets(lowered):
    return {action.target for report in lowered.reports for action in report.actions}


def mean_square(y):
    return jnp.mean((y - 1) ** 2)


# --- Flax


class LinenMlp(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(8, name="out")(nn.relu(nn.Dense(16, name="dense")(x)))


def test_linen_train_state(mesh):
    def train_step(state, x):
        def loss_fn(params):
            return mean_square(state.apply_fn({"params": params}, x))

        loss, grads = jax.value_and_grad(loss_fn)(state.params)
        return state.apply_gradients(grads=grads), loss

    model = LinenMlp()
    state = TrainState.create(
        apply_fn=model.apply,
        params=model.init(jax.random.key(0), X)["params"],
        tx=optax.adamw(1e-2),
    )
    schedule = [
        BP,
        over("M", {"state.params.dense.kernel": 1}, "MP"),
        zero2("state.params", "state.opt_state"),
    ]
    lowered = check_training(train_step, state, mesh, schedule)
    (planned, _) = lowered.in_shardings
    assert planned.params["dense"]["kernel"].spec == P(None, "M")
    assert planned.params["out"]["kernel"].spec == P("M")
    assert planned.opt_state[0].mu["dense"]["kernel"].spec == P("B", "M")
    assert planned.step.spec == P()
    assert planned.tx is state.tx


def test_linen_boxes_are_not_in_paths(mesh):
    kernel = nn.Partitioned(jnp.ones((8, 16)), names=(None, "model"))
    params = {"dense": {"kernel": kernel, "bias": jnp.ones(16)}}

    def fun(params, x):
        return x @ params["dense"]["kernel"].value + params["dense"]["bias"]

    step = partir.jit(
        fun, mesh=mesh, schedule=[BP, over("M", {"params.dense.kernel": 1})]
    )
    compare(step(params, X), fun(params, X))
    lowered = step.lower(params, X)
    assert "params.dense.kernel" in targets(lowered)
    assert lowered.in_shardings[0]["dense"]["kernel"].value.spec == P(None, "M")


class NnxMlp(nnx.Module):
    def __init__(self, rngs):
        self.dense = nnx.Linear(8, 16, rngs=rngs)
        self.norm = nnx.BatchNorm(16, rngs=rngs)
        self.dropout = nnx.Dropout(0.5, rngs=rngs)
        self.layers = nnx.List([nnx.Linear(16, 16, rngs=rngs) for _ in range(2)])

    def __call__(self, x):
        x = self.dropout(self.norm(nnx.relu(self.dense(x))))
        for layer in self.layers:
            x = layer(x)
        return x


def nnx_training():
    """A train step on an nnx.State of model and optimiser, and that state."""
    model = NnxMlp(nnx.Rngs(0))
    optimizer = nnx.Optimizer(model, optax.adam(1e-2), wrt=nnx.Param)
    graph, state = nnx.split({"model": model, "optimizer": optimizer})

    def train_step(state, x):
        both = nnx.merge(graph, state)
        model, optimizer = both["model"], both["optimizer"]
        loss, grads = nnx.value_and_grad(lambda model: mean_square(model(x)))(model)
        optimizer.update(model, grads)
        return nnx.state(both), loss

    return train_step, state


def test_nnx_state(mesh):
    seen = []

    def zero(path, aval):
        seen.append(path)
        kernel = path.endswith(".kernel")
        return partir.FIRST_DIVISIBLE_DIM if kernel else partir.UNKNOWN

    columns = {"state.model.dense.kernel": 1, "state.model.layers.1.kernel": 1}
    schedule = [
        BP,
        over("M", columns, "MP"),
        zero2("state.model", "state.optimizer", zero),
    ]
    train_step, state = nnx_training()
    lowered = check_training(train_step, state, mesh, schedule)
    (planned, _) = lowered.in_shardings
    assert planned["model"]["dense"]["kernel"].get_value().spec == P(None, "M")
    assert planned["model"]["layers"][1]["kernel"].get_value().spec == P(None, "M")
    mu = planned["optimizer"]["opt_state"][0]["mu"]
    assert mu["dense"]["kernel"].get_value().spec == P("B", "M")
    assert planned["model"]["dropout"]["rngs"]["key"].get_value().spec == P()
    assert "state.optimizer.opt_state.0.mu.layers.0.kernel" in seen
    assert not any("value" in path for path in {*seen, *targets(lowered)})


def test_nnx_value_may_be_written_in_a_path(mesh):
    train_step, state = nnx_training()
    step = partir.jit(
        train_step,
        mesh=mesh,
        schedule=[over("M", {"state.model.dense.kernel.value": 1})],
    )
    assert "state.model.dense.kernel" in targets(step.lower(state, X))


def test_nnx_modules_as_arguments(mesh):
    def train_step(state, x):
        model, optimizer = state
        loss, grads = nnx.value_and_grad(lambda model: mean_square(model(x)))(model)
        optimizer.update(model, grads)
        return state, loss

    model = NnxMlp(nnx.Rngs(0))
    state = model, nnx.Optimizer(model, optax.adam(1e-2), wrt=nnx.Param)
    schedule = [BP, over("M", {"state.0.dense.kernel": 1}, "MP")]
    lowered = check_training(train_step, state, mesh, schedule)
    planned = lowered.in_shardings[0][0]
    assert planned.dense.kernel.get_value().spec == P(None, "M")
    assert planned.layers[0].kernel.get_value().spec == P("M")


def test_error_names_what_is_in_a_state(mesh):
    train_step, state = nnx_training()
    step = partir.jit(
        train_step, mesh=mesh, schedule=[over("M", {"state.model.dense.kernal": 1})]
    )
    with pytest.raises(partir.PartirError, match=r"did you mean '.*\.dense\.kernel'"):
        step.lower(state, X)


# --- Optax

OPTIMISERS = {
    # name: the optimiser, the path of one of its arrays, its spec under SCHEDULE
    "chain": (
        optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(0.1, momentum=0.9)),
        "1.0.trace.dense.kernel",
        P("B", "M"),
    ),
    "empty state": (optax.sgd(0.1), None, None),
    "schedule": (
        optax.adam(optax.cosine_decay_schedule(0.1, 10)),
        "0.mu.dense.kernel",
        P("B", "M"),
    ),
    "masked": (
        optax.masked(optax.adam(0.1), {"dense": True, "out": False}),
        "inner_state.0.nu.dense.kernel",
        P("B", "M"),
    ),
    "multi_transform": (
        optax.multi_transform(
            {"adam": optax.adam(0.1), "frozen": optax.set_to_zero()},
            {"dense": "adam", "out": "frozen"},
        ),
        "inner_states.adam.inner_state.0.mu.dense.kernel",
        P("B", "M"),
    ),
    "inject_hyperparams": (
        optax.inject_hyperparams(optax.adamw)(learning_rate=0.1),
        "inner_state.0.mu.dense.kernel",
        P("B", "M"),
    ),
    "adafactor": (
        optax.adafactor(0.1, min_dim_size_to_factor=4),
        "0.v_row.dense.kernel",
        P("B"),
    ),
    "MultiSteps": (
        optax.MultiSteps(optax.adam(0.1), 2),
        "acc_grads.dense.kernel",
        P("B", "M"),
    ),
}


@pytest.mark.parametrize("name", OPTIMISERS)
def test_optax_state(mesh, name):
    optimiser, path, spec = OPTIMISERS[name]

    def loss_fn(params, x):
        hidden = jax.nn.tanh(x @ params["dense"]["kernel"] + params["dense"]["bias"])
        return mean_square(hidden @ params["out"]["kernel"])

    def train_step(state, x):
        params, opt_state = state
        loss, grads = jax.value_and_grad(loss_fn)(params, x)
        updates, opt_state = optimiser.update(grads, opt_state, params)
        return (optax.apply_updates(params, updates), opt_state), loss

    rng = np.random.default_rng(1)
    params = {
        "dense": {"kernel": rng.standard_normal((8, 16), np.float32)},
        "out": {"kernel": rng.standard_normal((16, 8), np.float32)},
    }
    params["dense"]["bias"] = np.ones(16, np.float32)
    megatron = {"dense": {"kernel": 1, "bias": 0}, "out": {"kernel": 0}}
    params = jax.tree.map(jnp.asarray, params)
    schedule = [
        BP,
        over("M", {"state.0": megatron}, "MP"),
        zero2("state.0", "state.1"),
    ]
    state = params, optimiser.init(params)
    lowered = check_training(train_step, state, mesh, schedule)
    assert lowered.in_shardings[0][0]["dense"]["kernel"].spec == P(None, "M")
    if path is not None:
        planned = jax.tree_util.tree_leaves_with_path(lowered.in_shardings[0][1])
        by_path = {
            jax.tree_util.keystr(keys, simple=True, separator="."): sharding.spec
            for keys, sharding in planned
        }
        assert by_path[path] == spec


# --- Equinox


class Scaled(eqx.Module):
    """An array, a static field, and a leaf that is no array."""

    linear: eqx.nn.Linear
    power: int = eqx.field(static=True)
    activation: collections.abc.Callable

    def __call__(self, x):
        return self.activation(self.linear(x)) ** self.power


def scaled(power=2):
    return Scaled(eqx.nn.Linear(8, 16, key=jax.random.key(0)), power, jax.nn.tanh)


def test_equinox_partition(mesh):
    arrays, rest = eqx.partition(scaled(), eqx.is_array)
    optimiser = optax.adam(1e-2)

    def loss_fn(arrays, x):
        return mean_square(jax.vmap(eqx.combine(arrays, rest))(x))

    def train_step(state, x):
        loss, grads = eqx.filter_value_and_grad(loss_fn)(state["model"], x)
        updates, opt_state = optimiser.update(grads, state["opt"])
        model = eqx.apply_updates(state["model"], updates)
        return {"model": model, "opt": opt_state}, loss

    state = {"model": arrays, "opt": optimiser.init(arrays)}
    schedule = [BP, over("M", {"state.model.linear.weight": 0}, "MP")]
    lowered = check_training(train_step, state, mesh, schedule)
    planned = lowered.in_shardings[0]
    assert planned["model"].linear.weight.spec == P("M")
    assert planned["model"].linear.bias.spec == P("M")
    assert planned["opt"][0].mu.linear.weight.spec == P("M")


def test_equinox_static_fields_are_part_of_the_signature(mesh):
    def apply(linear, x):
        return jax.vmap(linear)(x)

    step = partir.jit(apply, mesh=mesh, schedule=[BP, over("M", {"linear.weight": 0})])
    for bias in (True, False, True):
        linear = eqx.nn.Linear(8, 16, use_bias=bias, key=jax.random.key(0))
        compare(step(linear, X), jax.jit(apply)(linear, X))


def test_leaf_that_is_no_array(mesh):
    step = partir.jit(lambda model, x: x, mesh=mesh, schedule=[BP])
    with pytest.raises(
        partir.PartirError, match=r"'model\.activation' is of type .*equinox\.partition"
    ):
        step(scaled(), X)


def sizes_that_fit(tree):
    """For each array, dim 0 if four devices can share it."""
    fits = [
        0 if leaf.ndim and leaf.shape[0] % 4 == 0 else partir.UNKNOWN
        for leaf in jax.tree.leaves(tree)
    ]
    return jax.tree.unflatten(jax.tree.structure(tree), fits)


def test_modules_are_prefixes_and_not_callbacks(mesh):
    linear = eqx.nn.Linear(8, 16, key=jax.random.key(0))
    dims = {"linear": sizes_that_fit(linear)}
    step = partir.jit(
        lambda linear, x: jax.vmap(linear)(x), mesh=mesh, schedule=[over("B", dims)]
    )
    assert step.lower(linear, X).in_shardings[0].weight.spec == P("B")
    train_step, state = nnx_training()
    schedule = [over("B", {"state": sizes_that_fit(state)})]
    step = partir.jit(train_step, mesh=mesh, schedule=schedule)
    planned = step.lower(state, X).in_shardings[0]
    assert planned["model"]["dense"]["kernel"].get_value().spec == P("B")


# --- Orbax


def test_orbax_restores_under_another_mesh_and_schedule(mesh, tmp_path):
    train_step, state = nnx_training()
    zero = over("B", {"state": partir.FIRST_DIVISIBLE_DIM}, "Z3")
    step = partir.jit(train_step, mesh=mesh, schedule=[BP, zero])
    saved, _ = step(state, X)
    other = jax.make_mesh((2, 4), ("M", "B"), axis_types=mesh.axis_types)
    schedule = [over("M", {"state.model.dense.kernel": 1}, "MP"), BP]
    step = partir.jit(train_step, mesh=other, schedule=schedule)
    planned = step.lower(state, X).in_shardings[0]
    wanted = jax.tree.map(
        lambda leaf, sharding: jax.ShapeDtypeStruct(
            leaf.shape, leaf.dtype, sharding=sharding
        ),
        state,
        planned,
    )
    with ocp.StandardCheckpointer() as checkpointer:
        checkpointer.save(tmp_path / "state", saved)
        checkpointer.wait_until_finished()
        restored = checkpointer.restore(tmp_path / "state", wanted)
    compare(restored, saved)
    assert jax.tree.map(lambda leaf: leaf.sharding, restored) == planned
    compare(step(restored, X), jax.jit(train_step)(saved, X))


# --- Plain jax.jit


def matmuls(x, w1, w2, scale=1.0):
    return {"y": jnp.tanh(x @ w1) @ w2 * scale}


def weights():
    rng = np.random.default_rng(2)
    shapes = (8, 16), (16, 8)
    return [rng.standard_normal(shape, np.float32) for shape in shapes]


def test_shardings_are_those_of_the_partitioned_program(mesh):
    schedule = [BP, over("M", {"w1": 1}), over("B", {"w2": 1}, "Z3")]
    args = X, *weights()
    found = partir.shardings(matmuls, mesh=mesh, schedule=schedule)(*args)
    lowered = partir.jit(matmuls, mesh=mesh, schedule=schedule).lower(*args)
    assert found == (lowered.in_shardings, lowered.out_shardings)
    step = jax.jit(matmuls, **found._asdict())
    got = step(*args)
    compare(got, jax.jit(matmuls)(*args))
    assert got["y"].sharding == NamedSharding(mesh, P("B"))
    assert step.lower(*args).compile().input_shardings[0] == found.in_shardings


def test_shardings_take_what_jit_takes(mesh):
    structs = [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in (X, *weights())]
    placed = partir.shardings(
        matmuls, mesh=mesh, schedule=[BP], static_argnums=3, donate_argnums=0
    )(*structs, 2.0)
    step = jax.jit(matmuls, **placed._asdict(), static_argnums=3, donate_argnums=0)
    args = X, *weights(), 2.0
    compare(step(*args), jax.jit(matmuls, static_argnums=3)(*args))


# --- jaxlib's MLIR


def op_names(module):
    names = collections.Counter()

    def visit(op):
        names[op.name] += 1
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    return names


@pytest.mark.parametrize(
    ("stage", "has", "lacks"),
    [
        ("input", "stablehlo.dot_general", "stablehlo.all_reduce"),
        ("core", "partir.loop", "partir_hlo.all_reduce"),
        ("hlo", "partir_hlo.all_reduce", "partir.loop"),
        ("stablehlo", "stablehlo.all_reduce", "partir_hlo.all_reduce"),
    ],
)
def test_as_mlir(mesh, stage, has, lacks):
    lowered = partir.jit(matmuls, mesh=mesh, schedule=[BP, over("M", {"w1": 1})]).lower(
        X, *weights()
    )
    module = lowered.as_mlir(stage)
    module.operation.verify()
    names = op_names(module)
    assert names[has] == lowered.as_text(stage).count(has)
    assert names[has]
    assert not names[lacks]


def test_as_mlir_keeps_attributes_and_places(mesh):
    lowered = partir.jit(matmuls, mesh=mesh, schedule=[BP, over("M", {"w1": 1})]).lower(
        X, *weights()
    )
    module = lowered.as_mlir("core")
    body = module.body.operations[0].regions[0].blocks[0]
    loops = [op for op in body.operations if op.name == "partir.loop"]
    assert str(loops[0].attributes["actions"]) == "[#partir.tile<0>]"
    text = lowered.as_text("core").splitlines()
    assert "partir.loop" in text[loops[0].location.start_line - 1]
    module = lowered.as_mlir()
    body = module.body.operations[0].regions[0].blocks[0]
    (dot, *_) = [op for op in body.operations if op.name == "stablehlo.dot_general"]
    assert "test_interop.py" in str(dot.location)


def test_as_mlir_of_no_stage(mesh):
    lowered = partir.jit(matmuls, mesh=mesh, schedule=[BP]).lower(X, *weights())
    with pytest.raises(partir.PartirError, match="stage is 'mhlo'; it must be one of"):
        lowered.as_mlir("mhlo")
