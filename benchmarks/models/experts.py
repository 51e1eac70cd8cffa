# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A train step of a decoder with sparse experts (plain JAX).

The decoder is that of ``decoder.py``; instead of its MLP a layer has E = experts, of
which a router picks two for each position. Its parameters:

    mlp_scale [D]; router [D, E]
    expert_up, expert_gate [E, D, F]; expert_down [E, F, D]

Positions go to the experts' buffers [N, E, C, D] as in ``routing.py``, where a row of
the batch is a group (Lepikhin et al., arXiv 2006.16668) in which an expert has C =
``capacity`` places.

The loss is that of the next token, and ``balance`` times that of unequal use of the
experts (Lepikhin et al., scaled as in Fedus et al., arXiv 2101.03961).

Tags: those of the decoder, "mlp_out" excepted; the buffers before the experts are
"dispatched" and then "expert_in", those behind them "expert_out" and then "returned".
"""

import dataclasses
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import partir
from benchmarks.models import adam, decoder, routing
from benchmarks.models.transformer import rms_norm

#: Experts that a position goes to.
CHOICES = 2


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(decoder.Sizes):
    """Sizes, and the form of dispatch, a key of ``routing.FORMS``."""

    experts: int
    capacity_factor: float = 1.25
    dispatch: str = "einsum"
    balance: float = 0.01
    optimiser: adam.Adam = dataclasses.field(default_factory=adam.Adam)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.dispatch not in routing.FORMS:
            raise ValueError(f"dispatch is {self.dispatch!r}")

    @property
    def capacity(self) -> int:
        """Positions of a row that an expert takes."""
        even = CHOICES * self.sequence / self.experts
        return math.ceil(self.capacity_factor * even)


def parameters(config: Config) -> dict[str, Any]:
    """The model's, as a pytree of ``decoder.Parameter``."""
    d, f, e = config.d_model, config.d_ff, config.experts
    layer = decoder.attention_parameters(config) | {
        "mlp_scale": decoder.Parameter((d,), 0),
        "router": decoder.Parameter((d, e), d),
        "expert_up": decoder.Parameter((e, d, f), d),
        "expert_gate": decoder.Parameter((e, d, f), d),
        "expert_down": decoder.Parameter((e, f, d), f),
    }
    return decoder.parameters(config, layer)


def shapes(config: Config) -> tuple[Any, Any, Any]:
    """(params, opt_state, batch) as ``ShapeDtypeStruct``; makes no array."""
    params = decoder.shapes(parameters(config))
    tokens = jax.ShapeDtypeStruct((config.batch, config.sequence), np.int32)
    return params, adam.shapes(params), tokens


def init(config: Config) -> tuple[Any, Any, Any]:
    """(params, opt_state, batch), the arguments of the train step, as host arrays."""
    params = decoder.init(parameters(config))
    rng = np.random.default_rng(2)
    rows = (config.batch, config.sequence)
    tokens = rng.integers(0, config.vocab, rows, dtype=np.int32)
    return params, adam.init(params), tokens


def loss_fn(config: Config, params: Any, tokens: jax.Array) -> jax.Array:
    """Mean cross entropy of the next token, in nats, and the balance; float32."""
    params = decoder.cast(config, params)

    def block(x: jax.Array, p: Any) -> tuple[jax.Array, jax.Array]:
        x = x + decoder.attention(x, p)
        added, balance = experts(config, x, p)
        return x + added, balance

    x = params["embed"][tokens]
    x, balance = decoder.scan_layers(block, x, params["layers"])
    counts = jnp.ones(tokens.shape, bool)
    loss = decoder.next_token_loss(x, params, tokens, counts)
    return loss + config.balance * jnp.mean(balance)


def make_train_step(config: Config) -> Any:
    """Returns ``train_step(params, opt_state, batch)``.

    It gives the new parameters, the new optimiser state, and the loss.
    """

    def train_step(params: Any, opt_state: Any, batch: jax.Array) -> Any:
        loss, grads = jax.value_and_grad(lambda p: loss_fn(config, p, batch))(params)
        params, opt_state = config.optimiser.update(params, opt_state, grads)
        return params, opt_state, loss

    return train_step


def experts(
    config: Config, x: jax.Array, p: dict[str, jax.Array]
) -> tuple[jax.Array, jax.Array]:
    """What the experts add to ``x`` [N, S, D], and how unequally they are used [N]."""
    x = partir.tag(rms_norm(x, p["mlp_scale"]), "mlp_in")
    logits = jnp.einsum("nsd,de->nse", x, p["router"]).astype(jnp.float32)
    chances = jax.nn.softmax(logits)
    top, choices = jax.lax.top_k(chances, CHOICES)
    gates = (top / jnp.sum(top, axis=-1, keepdims=True)).astype(x.dtype)
    dispatch, combine = routing.FORMS[config.dispatch](
        choices, gates, config.experts, config.capacity
    )
    buffers = partir.tag(partir.tag(dispatch(x), "dispatched"), "expert_in")
    hidden = jax.nn.silu(jnp.einsum("necd,edf->necf", buffers, p["expert_gate"]))
    hidden = hidden * jnp.einsum("necd,edf->necf", buffers, p["expert_up"])
    buffers = jnp.einsum("necf,efd->necd", hidden, p["expert_down"])
    buffers = partir.tag(partir.tag(buffers, "expert_out"), "returned")
    return combine(buffers), _imbalance(chances, choices)


def _imbalance(chances: jax.Array, choices: jax.Array) -> jax.Array:
    """Of each row, E times the sum over experts of chance and share of first choices.

    Both are means over the row; 1 if all experts are alike.
    """
    experts = chances.shape[-1]
    firsts = jax.nn.one_hot(choices[..., 0], experts)
    shares, means = (jnp.mean(a, axis=1) for a in (firsts, chances))
    return experts * jnp.sum(shares * means, axis=-1)
