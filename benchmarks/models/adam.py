# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Adam (Kingma and Ba, arXiv 1412.6980) on pytrees of float32 parameters."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


@dataclasses.dataclass(frozen=True)
class Adam:
    """The optimiser's constants, with the paper's names and defaults."""

    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def update(self, params: Any, state: Any, grads: Any) -> tuple[Any, Any]:
        """The parameters and the state after one step."""
        b1, b2 = self.beta1, self.beta2
        count = state["count"] + 1
        mu = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, state["mu"], grads)
        nu = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g * g, state["nu"], grads)
        steps = count.astype(jnp.float32)
        rate = self.learning_rate / (1 - b1**steps)
        correction = 1 / (1 - b2**steps)

        def update(p: jax.Array, m: jax.Array, v: jax.Array) -> jax.Array:
            return p - rate * m / (jnp.sqrt(v * correction) + self.epsilon)

        params = jax.tree.map(update, params, mu, nu)
        return params, {"count": count, "mu": mu, "nu": nu}


def shapes(params: Any) -> dict[str, Any]:
    """The state for parameters of these shapes, as ``jax.ShapeDtypeStruct``."""
    return {
        "count": jax.ShapeDtypeStruct((), np.int32),
        "mu": params,
        "nu": params,
    }


def init(params: Any, seed: int = 1) -> dict[str, Any]:
    """A state with positive second moments, as host arrays.

    From zero moments, Adam's first update is g / |g|: its sign hangs on rounding, and
    no two ways to compute the gradient could be compared.
    """
    rng = np.random.default_rng(seed)

    def positive(p: np.ndarray) -> np.ndarray:
        return (1e-4 * (1 + rng.random(p.shape))).astype(np.float32)

    return {
        "count": np.zeros((), np.int32),
        "mu": jax.tree.map(lambda p: np.zeros(p.shape, np.float32), params),
        "nu": jax.tree.map(positive, params),
    }
