# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A learner step of D4PG in plain JAX: an actor and a distributional critic.

Barth-Maron et al., arXiv 1804.08617. The critic gives a categorical distribution of the
return over fixed atoms; its target is the n-step reward plus the discounted
distribution of the target networks, projected onto the atoms as by Bellemare et al.,
arXiv 1707.06887. The critic descends on the cross entropy, weighted by the importance
of the examples; the actor climbs the critic's mean. Adam moves both at once, and the
target networks are copied every ``target_period`` steps.

Both networks are lists of layers, "kernel" [in, out] and "bias" [out], with ELU between
them. With O the size of an observation, A of an action, K atoms:

    params.actor, targets.actor: from O to A, then tanh
    params.critic, targets.critic: from O + A to K logits
    batch: "observations" and "next_observations" [batch, O], n steps apart; "actions"
      [batch, A]; "rewards", summed over n steps, "discounts", to be multiplied with
      what comes after them, and "weights" [batch]
"""

import dataclasses
import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.models import adam, parameters
from benchmarks.models.parameters import struct


@dataclasses.dataclass(frozen=True)
class Config:
    """Sizes of the networks, and constants of the algorithm and its optimisers.

    The sizes are those of Acme's D4PG (Hoffman et al., arXiv 2006.00979), for the
    humanoid of the control suite.

    Attributes:
      actor: sizes of the actor's hidden layers.
      critic: sizes of the critic's hidden layers.
      lowest: the return of the first atom.
      highest: the return of the last atom.
    """

    observation: int = 67
    action: int = 21
    actor: tuple[int, ...] = (256, 256, 256)
    critic: tuple[int, ...] = (512, 512, 256)
    atoms: int = 51
    lowest: float = -150.0
    highest: float = 150.0
    batch: int = 256
    target_period: int = 100
    optimiser: adam.Adam = dataclasses.field(
        default_factory=lambda: adam.Adam(learning_rate=1e-4)
    )

    @property
    def support(self) -> np.ndarray:
        """The returns of the atoms, [atoms]."""
        return np.linspace(self.lowest, self.highest, self.atoms, dtype=np.float32)


def shapes(config: Config) -> tuple[Any, Any, Any, Any]:
    """The learner step's arguments as ``ShapeDtypeStruct``; makes no array."""

    def network(*sizes: int) -> list[dict[str, Any]]:
        return [
            {"kernel": struct(given, made), "bias": struct(made)}
            for given, made in itertools.pairwise(sizes)
        ]

    params = {
        "actor": network(config.observation, *config.actor, config.action),
        "critic": network(
            config.observation + config.action, *config.critic, config.atoms
        ),
    }
    n = config.batch
    batch = {
        "observations": struct(n, config.observation),
        "actions": struct(n, config.action),
        "rewards": struct(n),
        "discounts": struct(n),
        "next_observations": struct(n, config.observation),
        "weights": struct(n),
    }
    opt_state = {name: adam.shapes(network) for name, network in params.items()}
    return params, params, opt_state, batch


def init(config: Config, seed: int = 0) -> tuple[Any, Any, Any, Any]:
    """The learner step's arguments, random, as host arrays."""
    rng = np.random.default_rng(seed)
    param_shapes, _, _, batch = shapes(config)
    params = parameters.init(param_shapes, seed)
    targets = parameters.init(param_shapes, seed + 1)
    opt_state = {name: adam.init(network) for name, network in params.items()}
    made = {
        name: rng.standard_normal(shape.shape, np.float32)
        for name, shape in batch.items()
    }
    made["actions"] = np.tanh(made["actions"])
    made["rewards"] *= config.highest / 2
    made["discounts"] = np.full(config.batch, 0.99**5, np.float32)
    made["weights"] = rng.random(config.batch, np.float32)
    return params, targets, opt_state, made


def make_learner_step(config: Config) -> Any:
    """Returns ``learner_step(params, targets, opt_state, batch)``.

    It gives the new parameters, target parameters and optimiser state, the priorities
    [batch] of the examples, and the losses, a dict of float32 scalars by network.
    """

    def learner_step(params: Any, targets: Any, opt_state: Any, batch: Any) -> Any:
        goal = target_distribution(config, targets, batch)
        (critic_loss, priorities), critic_grads = jax.value_and_grad(
            critic_loss_fn, has_aux=True
        )(params["critic"], goal, batch)
        actor_loss, actor_grads = jax.value_and_grad(actor_loss_fn, argnums=1)(
            config, params["actor"], params["critic"], batch["observations"]
        )
        grads = {"actor": actor_grads, "critic": critic_grads}
        losses = {"actor": actor_loss, "critic": critic_loss}
        new, new_state = {}, {}
        for name in params:
            new[name], new_state[name] = config.optimiser.update(
                params[name], opt_state[name], grads[name]
            )
        due = new_state["critic"]["count"] % config.target_period == 0
        targets = jax.tree.map(lambda p, t: jnp.where(due, p, t), new, targets)
        return new, targets, new_state, priorities, losses

    return learner_step


def target_distribution(config: Config, targets: Any, batch: Any) -> jax.Array:
    """The distribution of the n-step return on the atoms, [batch, atoms]."""
    observations = batch["next_observations"]
    actions = act(targets["actor"], observations)
    next_probs = jax.nn.softmax(criticise(targets["critic"], observations, actions))
    returns = batch["rewards"][:, None] + batch["discounts"][:, None] * config.support
    return project(config, returns, next_probs)


def project(config: Config, returns: jax.Array, probs: jax.Array) -> jax.Array:
    """Moves the mass at ``returns``, both [batch, atoms], to the two nearest atoms."""
    spacing = (config.highest - config.lowest) / (config.atoms - 1)
    returns = jnp.clip(returns, config.lowest, config.highest)
    distances = jnp.abs(returns[:, None, :] - config.support[:, None]) / spacing
    return jnp.einsum("nij,nj->ni", jnp.maximum(1 - distances, 0), probs)


def critic_loss_fn(
    critic: Any, goal: jax.Array, batch: Any
) -> tuple[jax.Array, jax.Array]:
    """Weighted mean of the cross entropies, in nats, and these as priorities."""
    logits = criticise(critic, batch["observations"], batch["actions"])
    entropies = -jnp.sum(goal * jax.nn.log_softmax(logits), axis=-1)
    return jnp.mean(batch["weights"] * entropies), lax.stop_gradient(entropies)


def actor_loss_fn(
    config: Config, actor: Any, critic: Any, observations: jax.Array
) -> jax.Array:
    """The negative mean return that the critic expects of the actor, a scalar."""
    logits = criticise(critic, observations, act(actor, observations))
    return -jnp.mean(jax.nn.softmax(logits) @ config.support)


def act(actor: Any, observations: jax.Array) -> jax.Array:
    """Actions [batch, A] between -1 and 1."""
    return jnp.tanh(_mlp(actor, observations))


def criticise(critic: Any, observations: jax.Array, actions: jax.Array) -> jax.Array:
    """Logits [batch, atoms] of the return."""
    return _mlp(critic, jnp.concatenate([observations, actions], axis=-1))


def _mlp(layers: Any, x: jax.Array) -> jax.Array:
    for number, layer in enumerate(layers):
        x = jax.nn.elu(x) if number else x
        x = x @ layer["kernel"] + layer["bias"]
    return x
