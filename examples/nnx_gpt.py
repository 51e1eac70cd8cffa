# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A small GPT in Flax (nnx) and the layouts it has on a mesh. Nothing in the model is
parallel: what is, say the tactics below it.
"""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

import partir


@dataclasses.dataclass(frozen=True)
class Config:
    """Sizes of the model; tokens are bytes."""

    layers: int = 2
    d_model: int = 128
    heads: int = 4
    d_ff: int = 512
    vocab: int = 256
    sequence: int = 128


class Block(nnx.Module):
    """Attention and an MLP, each on the normalised input and added to it."""

    def __init__(self, config: Config, rngs: nnx.Rngs):
        d = config.d_model
        self.attention_norm = nnx.LayerNorm(d, rngs=rngs)
        self.attention = nnx.MultiHeadAttention(
            config.heads, d, decode=False, keep_rngs=False, rngs=rngs
        )
        self.mlp_norm = nnx.LayerNorm(d, rngs=rngs)
        self.up = nnx.Linear(d, config.d_ff, rngs=rngs)
        self.down = nnx.Linear(config.d_ff, d, rngs=rngs)

    def __call__(self, x: jax.Array, mask: jax.Array) -> jax.Array:
        """From [batch, sequence, D] to the same."""
        x = x + self.attention(self.attention_norm(x), mask=mask)
        return x + self.down(nnx.gelu(self.up(self.mlp_norm(x))))


class Gpt(nnx.Module):
    """Embedding, blocks, and the embedding again as output matrix."""

    def __init__(self, config: Config, rngs: nnx.Rngs):
        d = config.d_model
        self.tokens = nnx.Embed(config.vocab, d, rngs=rngs)
        self.positions = nnx.Embed(config.sequence, d, rngs=rngs)
        self.blocks = nnx.List([Block(config, rngs) for _ in range(config.layers)])
        self.norm = nnx.LayerNorm(d, rngs=rngs)

    def __call__(self, tokens: jax.Array) -> jax.Array:
        """From tokens [batch, sequence] to the logits of the next ones."""
        x = self.tokens(tokens) + self.positions(jnp.arange(tokens.shape[1]))
        mask = np.tril(np.ones((1, 1, tokens.shape[1], tokens.shape[1]), bool))
        for block in self.blocks:
            x = block(x, mask)
        return self.tokens.attend(self.norm(x))


#: Megatron's layout: the dim of a kernel that the model axis tiles. Of attention,
#: kernels are [D, heads, D / heads] and [heads, D / heads, D].
_MEGATRON = {"query": 1, "key": 1, "value": 1, "out": 0, "up": 1, "down": 0}


def _megatron(path: str, aval: Any) -> Any:
    *_, layer, variable = path.split(".")
    if variable != "kernel":
        return partir.UNKNOWN
    return _MEGATRON.get(layer, partir.UNKNOWN)


def _zero(path: str, aval: Any) -> Any:
    is_matrix = path.endswith((".kernel", ".embedding"))
    return partir.FIRST_DIVISIBLE_DIM if is_matrix else partir.UNKNOWN


#: For a function of ``state``, with parts ``model`` and ``optimizer``, and ``batch``.
TACTICS = {
    tactic.name: tactic
    for tactic in (
        partir.ManualPartition({"batch": 0}, axis="B", name="BP"),
        partir.ManualPartition({"state.model": _megatron}, axis="M", name="MP"),
        partir.ManualPartition(
            {"state.model": partir.REPLICATED, "state.optimizer": _zero},
            axis="B",
            name="Z2",
        ),
        partir.ManualPartition({"state": _zero}, axis="B", name="Z3"),
    )
}
