# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A train step of a decoder over text, images and audio in one sequence (plain JAX).

The decoder is that of ``decoder.py``. A position holds a text token, a patch of an
image or a frame of audio, and takes its embedding from the table or from the next row
of the row's patches or frames, each through a projection of its own:

    patch_in [P, D]; frame_in [A, D]

A batch holds, with N rows of S positions:

    kinds [N, S] int32: TEXT, PATCH or FRAME
    tokens [N, S] int32; what they are where the kind is not TEXT does not matter
    patches [N, patches, P], frames [N, frames, A] float32, in the order of their
    positions

The loss is that of the next token, where that is text. The activation that enters the
first layer is tagged "embedded".
"""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import partir
from benchmarks.models import adam, decoder

TEXT, PATCH, FRAME = range(3)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(decoder.Sizes):
    """Sizes; a row has so many patches and frames, of so many values each."""

    patches: int
    patch_values: int
    frames: int
    frame_values: int
    optimiser: adam.Adam = dataclasses.field(default_factory=adam.Adam)


def parameters(config: Config) -> dict[str, Any]:
    """The model's, as a pytree of ``decoder.Parameter``."""
    layer = decoder.attention_parameters(config) | decoder.mlp_parameters(config)
    d, p, a = config.d_model, config.patch_values, config.frame_values
    return decoder.parameters(config, layer) | {
        "patch_in": decoder.Parameter((p, d), p),
        "frame_in": decoder.Parameter((a, d), a),
    }


def shapes(config: Config) -> tuple[Any, Any, Any]:
    """(params, opt_state, batch) as ``ShapeDtypeStruct``; makes no array."""
    params = decoder.shapes(parameters(config))
    positions = jax.ShapeDtypeStruct((config.batch, config.sequence), np.int32)

    def values(rows: int, size: int) -> Any:
        return jax.ShapeDtypeStruct((config.batch, rows, size), np.float32)

    batch = {
        "kinds": positions,
        "tokens": positions,
        "patches": values(config.patches, config.patch_values),
        "frames": values(config.frames, config.frame_values),
    }
    return params, adam.shapes(params), batch


def init(config: Config) -> tuple[Any, Any, Any]:
    """(params, opt_state, batch), the arguments of the train step, as host arrays."""
    params = decoder.init(parameters(config))
    return params, adam.init(params), init_batch(config)


def init_batch(config: Config, seed: int = 2) -> dict[str, np.ndarray]:
    """Random values, the kinds in random order."""
    rng = np.random.default_rng(seed)
    rows = (config.batch, config.sequence)
    kinds = np.full(rows, TEXT, np.int32)
    kinds[:, : config.patches] = PATCH
    kinds[:, config.patches : config.patches + config.frames] = FRAME

    def values(count: int, size: int) -> np.ndarray:
        shape = (config.batch, count, size)
        return rng.standard_normal(shape, dtype=np.float32)

    return {
        "kinds": rng.permuted(kinds, axis=1),
        "tokens": rng.integers(0, config.vocab, rows, dtype=np.int32),
        "patches": values(config.patches, config.patch_values),
        "frames": values(config.frames, config.frame_values),
    }


def embed(config: Config, params: Any, batch: dict[str, jax.Array]) -> jax.Array:
    """The activation [N, S, D] that enters the first layer; ``params`` are cast."""
    kinds = batch["kinds"]
    x = params["embed"][batch["tokens"]]
    for kind, name, weight in (
        (PATCH, "patches", "patch_in"),
        (FRAME, "frames", "frame_in"),
    ):
        rows = decoder.cast(config, batch[name]) @ params[weight]
        # The position's row: how many of its kind there are before it.
        here = kinds == kind
        row = jnp.maximum(jnp.cumsum(here, axis=1) - 1, 0)
        x = jnp.where(
            here[..., None], jnp.take_along_axis(rows, row[..., None], axis=1), x
        )
    return partir.tag(x, "embedded")


def loss_fn(config: Config, params: Any, batch: dict[str, jax.Array]) -> jax.Array:
    """Mean cross entropy of text that comes next, in nats; a float32 scalar."""
    params = decoder.cast(config, params)

    def block(x: jax.Array, p: Any) -> tuple[jax.Array, None]:
        x = x + decoder.attention(x, p)
        return x + decoder.mlp(x, p), None

    x = embed(config, params, batch)
    x, _ = decoder.scan_layers(block, x, params["layers"])
    is_text = batch["kinds"] == TEXT
    return decoder.next_token_loss(x, params, batch["tokens"], is_text)


def make_train_step(config: Config) -> Any:
    """Returns ``train_step(params, opt_state, batch)``.

    It gives the new parameters, the new optimiser state, and the loss.
    """

    def train_step(params: Any, opt_state: Any, batch: Any) -> Any:
        loss, grads = jax.value_and_grad(lambda p: loss_fn(config, p, batch))(params)
        params, opt_state = config.optimiser.update(params, opt_state, grads)
        return params, opt_state, loss

    return train_step
