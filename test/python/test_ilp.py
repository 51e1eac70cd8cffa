# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The mixed-integer program that the automatic tactic is compared with."""

import dataclasses
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import partir
from benchmarks import ilp
from partir._booleans import to_bytes
from partir._runner import Runner

ONE_AXIS = jax.sharding.AbstractMesh((4,), ("M",))


def products(x, w1, w2):
    return x @ w1 @ w2


def train(p, x):
    def loss(p):
        h = jax.nn.relu(x @ p["w1"])
        return jnp.mean(jax.nn.softmax(h @ p["w2"]) ** 2)

    return jax.tree.map(lambda w, g: w - 0.1 * g, p, jax.grad(loss)(p))


def accumulate(p, x):
    def add(total, chunk):
        return jax.tree.map(jnp.add, total, jax.grad(one_loss)(p, chunk)), None

    def one_loss(p, chunk):
        return jnp.sum(jnp.tanh(chunk @ p["w1"]) @ p["w2"])

    return jax.lax.scan(add, jax.tree.map(jnp.zeros_like, p), x.reshape(2, -1, 32))[0]


def product(x, w):
    return x @ w


def convolution(x, kernel):
    return jax.lax.conv_general_dilated(
        x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def shifted(x, fill):
    return jax.lax.pad(x, fill, [(1, -1, 0), (0, 0, 0)])


def fused(x, y):
    return -(x + y)


def shapes(*all_shapes):
    return [jax.ShapeDtypeStruct(shape, jnp.float32) for shape in all_shapes]


def plan_of(f, *args, mesh=ONE_AXIS, schedule=(), **options):
    options = {"device": "tpu_v5e", "platform": "cpu", **options}
    lowered = partir.jit(f, mesh=mesh, schedule=schedule, **options).lower(*args)
    return lowered._runner.plan


def solve(plan, axes):
    """The solution, the program that it was applied to, and its strategies."""
    program = plan.replay.program()
    strategies = program.strategies(axes, plan.device)
    return ilp.solve(program, axes, plan.device), program, strategies


def layouts(strategies, solution):
    return {
        one["name"]: one["layouts"][chosen]
        for one, chosen in zip(strategies["sets"], solution.choice, strict=True)
    }


def test_the_best_of_all_choices_is_found():
    # Few rows: it is cheaper to move them than the weights.
    plan = plan_of(products, *shapes((32, 512), (512, 2048), (2048, 512)))
    solution, _, strategies = solve(plan, ["M"])
    numbers = [range(len(one["seconds"])) for one in strategies["sets"]]
    best = min(ilp.objective(strategies, c) for c in itertools.product(*numbers))
    assert solution.is_optimal
    assert solution.objective_s == pytest.approx(best, rel=1e-4)
    assert solution.bound_s <= best * (1 + 1e-9)
    found = ilp.objective(strategies, solution.choice)
    assert solution.objective_s == pytest.approx(found, rel=1e-6)
    found = layouts(strategies, solution)
    assert found["w1"] == ' -> ({},{"M"})'
    assert found["w2"] == ' -> ({"M"},{})'


def test_a_wide_batch_is_what_is_tiled():
    args = shapes((8192, 256), (256, 512), (512, 256))
    solution, _, strategies = solve(plan_of(products, *args), ["M"])
    assert layouts(strategies, solution) == {
        "x": ' -> ({"M"},{})',
        "w1": " -> ({},{})",
        "w2": " -> ({},{})",
        "stablehlo.dot_general": '({"M"},{}), ({},{}) -> ({"M"},{})',
    }
    batch = partir.ManualPartition(inputs={"x": 0}, axis="M")
    by_hand = partir.jit(
        products, mesh=ONE_AXIS, schedule=[batch], device="tpu_v5e", platform="cpu"
    ).lower(*args)
    assert solution.step_s == pytest.approx(by_hand.estimate().step_s)
    assert solution.peak_bytes == by_hand.estimate().peak_bytes
    # Two products and nothing else: the parts are the whole.
    assert solution.objective_s == pytest.approx(solution.step_s)


@pytest.mark.parametrize(
    ("f", "args", "choices", "equal"),
    [
        (product, shapes((1024, 512), (512, 2048)), 54, 54),
        (convolution, shapes((4, 64, 64, 128), (3, 3, 128, 128)), 120, 120),
        # Less two of which the input is cut by a kernel of its own.
        (shifted, shapes((4096, 512), ()), 9, 7),
        # Less those in which the ops differ and are no kernel together.
        (fused, shapes((4096, 512), (4096, 512)), 81, 45),
    ],
)
def test_a_choice_costs_what_the_simulator_says(f, args, choices, equal):
    plan = plan_of(f, *args)
    strategies = plan.replay.program().strategies(["M"], plan.device)
    numbers = [range(len(one["seconds"])) for one in strategies["sets"]]
    unseen = []
    for choice in itertools.product(*numbers):
        program = plan.replay.program()
        program.choose("ilp", ["M"], choice, plan.device)
        step_s = program.estimate(plan.device)["step_s"]
        unseen.append(1 - ilp.objective(strategies, choice) / step_s)
    assert len(unseen) == choices
    assert min(unseen) > -1e-9
    assert sum(part < 1e-9 for part in unseen) == equal


def test_what_was_decided_before_stays():
    columns = partir.ManualPartition(inputs={"x": 1}, axis="M")
    plan = plan_of(
        products,
        *shapes((8192, 256), (256, 512), (512, 256)),
        mesh=jax.sharding.AbstractMesh((4, 2), ("B", "M")),
        schedule=[columns],
    )
    _, _, strategies = solve(plan, ["B"])
    x = strategies["sets"][0]
    assert x["layouts"] == [
        ' -> ({},{"M"})',
        ' -> ({"B"},{"M"})',
        ' -> ({},{"M" "B"})',
    ]


def test_axes_go_to_factors_together():
    plan = plan_of(
        lambda x, w: x @ w,
        *shapes((8, 4), (4, 8)),
        mesh=jax.sharding.AbstractMesh((4, 2), ("B", "M")),
    )
    dot = plan.replay.program().strategies(["B", "M"], plan.device)["sets"][-1]
    # Rows, columns, terms of the sum with a whole or a scattered result, or none.
    both = len(dot["layouts"])
    assert len(set(dot["layouts"])) == both
    assert '({"B"},{}), ({},{"M"}) -> ({"B"},{"M"})' in dot["layouts"]
    assert '({},{"B"}), ({"B"},{"M"}) -> ({},{"M" "B"})' in dot["layouts"]
    # B takes all terms, of which M then has no part.
    assert both == 6 * 6 - 3 * 3


def test_a_choice_is_one_strategy_of_each_set():
    plan = plan_of(products, *shapes((8, 8), (8, 8), (8, 8)))
    program = plan.replay.program()
    with pytest.raises(partir.PartirError, match="one strategy for each of 5 sets"):
        program.choose("ilp", ["M"], [0], plan.device)
    with pytest.raises(partir.PartirError, match="one strategy for each of 5 sets"):
        program.choose("ilp", ["M"], [0, 0, 0, 0, 6], plan.device)
    with pytest.raises(partir.PartirError, match="the mesh has no axis"):
        program.strategies(["Q"], plan.device)


def chosen(plan, axes, choice):
    """The plan with the choice."""
    program = plan.replay.program()
    program.choose("ilp", axes, choice, plan.device)
    specs = program.apply("nothing", [])
    return dataclasses.replace(
        plan,
        local_module=to_bytes(program.local_module()),
        in_specs=specs["in_specs"],
        out_specs=specs["out_specs"],
    )


@pytest.mark.parametrize("f", [train, accumulate])
def test_any_choice_runs(mesh, f):
    w1, w2, x = shapes((32, 64), (64, 32), (16, 32))
    carry = {"p": ""}
    plan = plan_of(f, {"w1": w1, "w2": w2}, x, mesh=mesh, carry=carry)
    axes = ["B", "M"]
    solution, _, strategies = solve(plan, axes)
    sizes = [len(one["seconds"]) for one in strategies["sets"]]
    random = np.random.default_rng(0)
    values = [
        random.standard_normal(one.shape, dtype=np.float32) for one in (w1, w2, x)
    ]
    args = {"w1": values[0], "w2": values[1]}, values[2]
    expected = jax.jit(f)(*args)
    choices = [solution.choice, *(random.integers(sizes) for _ in range(3))]
    for choice in choices:
        results = Runner(chosen(plan, axes, [int(c) for c in choice]))(args)
        jax.tree.map(
            lambda one, other: np.testing.assert_allclose(one, other, 1e-4, 1e-4),
            results,
            expected,
        )
