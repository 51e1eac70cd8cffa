# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Stochastic gradient descent with momentum and weight decay, on pytrees."""

import dataclasses
from typing import Any

import jax
import numpy as np


@dataclasses.dataclass(frozen=True)
class Momentum:
    """The optimiser's constants, with the values of He et al., arXiv 1512.03385."""

    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 1e-4

    def update(self, params: Any, velocity: Any, grads: Any) -> tuple[Any, Any]:
        """The parameters and the velocity after one step."""
        velocity = jax.tree.map(
            lambda v, g, p: self.momentum * v + g + self.weight_decay * p,
            velocity,
            grads,
            params,
        )
        params = jax.tree.map(lambda p, v: p - self.learning_rate * v, params, velocity)
        return params, velocity


def init(params: Any) -> Any:
    """The velocity before the first step, as host arrays."""
    return jax.tree.map(np.zeros_like, params)
