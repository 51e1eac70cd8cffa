# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A GPT train step in plain JAX: forward, backward, Adam. Nothing here is parallel.

The base layout has 4 matrices and 9 tensors a layer (fused qkv, attention out, MLP
in, MLP out; the scales of 3 RMS norms, the third on the attention output; 2 MLP
biases), one embedding that is also the output matrix, and no final norm. Options of
:class:`Config` give other layouts.

Shapes, with D = d_model, H = heads, K = D / H, F = d_ff, V = vocab, and a leading
layer dim on everything under "layers" if the layers are scanned:

    embed [V, D]; positions [S, D] if learned
    qkv [D, 3, H, K], or query, key, value [D, H, K]; out [H, K, D]
    up [D, F]; gate [D, F] if gated; down [F, D]; up_bias [F]; down_bias [D]
    attention_scale, attention_out_scale, mlp_scale [D]

Heads have a dim of their own, so that they can be tiled without touching which of
query, key and value an entry belongs to.
"""

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.models import adam
from benchmarks.models.transformer import attend, rms_norm, rotate

#: Parameters with two or more dims in one layer, and the embedding: what ZeRO tiles.
MATRICES = ("embed", "qkv", "query", "key", "value", "out", "up", "gate", "down")


@dataclasses.dataclass(frozen=True)
class Config:
    """Sizes and options of the model and its optimiser; the default is the demo's."""

    layers: int = 4
    d_model: int = 512
    heads: int = 8
    d_ff: int = 2048
    vocab: int = 8192
    batch: int = 16
    sequence: int = 128
    scan_layers: bool = False
    compute_dtype: str = "float32"
    positions: str = "rotary"  # or "learned"
    gated_mlp: bool = False
    fused_qkv: bool = True
    clip_norm: float | None = None
    remat: bool = False
    optimiser: adam.Adam = dataclasses.field(default_factory=adam.Adam)

    def __post_init__(self) -> None:
        if self.d_model % self.heads or (self.d_model // self.heads) % 2:
            raise ValueError("d_model must be heads times an even number")
        if self.positions not in ("rotary", "learned"):
            raise ValueError(f"positions is {self.positions!r}")
        if self.compute_dtype not in ("float32", "bfloat16"):
            raise ValueError(f"compute_dtype is {self.compute_dtype!r}")

    @property
    def head_dim(self) -> int:
        """Size of one attention head."""
        return self.d_model // self.heads


def layer_shapes(config: Config) -> dict[str, tuple[int, ...]]:
    """Shapes of one layer's parameters."""
    d, h, k, f = config.d_model, config.heads, config.head_dim, config.d_ff
    shapes: dict[str, tuple[int, ...]] = {
        "attention_scale": (d,),
        "attention_out_scale": (d,),
        "mlp_scale": (d,),
        "out": (h, k, d),
        "up": (d, f),
        "up_bias": (f,),
        "down": (f, d),
        "down_bias": (d,),
    }
    if config.fused_qkv:
        shapes["qkv"] = (d, 3, h, k)
    else:
        shapes |= dict.fromkeys(("query", "key", "value"), (d, h, k))
    if config.gated_mlp:
        shapes["gate"] = (d, f)
    return shapes


def normal(
    rng: np.random.Generator, shape: tuple[int, ...], fan_in: int = 1
) -> np.ndarray:
    """Random float32 numbers of variance 1 / ``fan_in``, as a host array."""
    return (rng.standard_normal(shape) / np.sqrt(fan_in)).astype(np.float32)


def init_layer(
    rng: np.random.Generator, shapes: dict[str, tuple[int, ...]]
) -> dict[str, np.ndarray]:
    """Random float32 parameters of one layer, as host arrays."""
    made = {}
    for name, shape in sorted(shapes.items()):
        if name.endswith("_scale"):
            made[name] = 1 + 0.1 * normal(rng, shape)
        elif name.endswith("_bias"):
            made[name] = 0.1 * normal(rng, shape)
        else:
            fan_in = np.prod(shape[:-1]) if name == "out" else shape[0]
            made[name] = normal(rng, shape, int(fan_in))
    return made


def init_params(config: Config, seed: int = 0) -> dict[str, Any]:
    """Random float32 parameters, as host arrays."""
    rng = np.random.default_rng(seed)
    shapes = layer_shapes(config)
    layers: Any = [init_layer(rng, shapes) for _ in range(config.layers)]
    if config.scan_layers:
        layers = jax.tree.map(lambda *leaves: np.stack(leaves), *layers)
    width = config.d_model
    params = {"embed": normal(rng, (config.vocab, width), width)}
    if config.positions == "learned":
        params["positions"] = normal(rng, (config.sequence, width), width)
    return params | {"layers": layers}


def init_batch(config: Config, seed: int = 2) -> np.ndarray:
    """Random tokens, int32 [batch, sequence], as a host array."""
    rng = np.random.default_rng(seed)
    shape = (config.batch, config.sequence)
    return rng.integers(0, config.vocab, shape, dtype=np.int32)


def init(config: Config) -> tuple[Any, Any, Any]:
    """(params, opt_state, batch), the arguments of the train step, as host arrays."""
    params = init_params(config)
    return params, adam.init(params), init_batch(config)


def shapes(config: Config) -> tuple[Any, Any, Any]:
    """(params, opt_state, batch) as ``ShapeDtypeStruct``; makes no array."""

    def struct(shape: tuple[int, ...], dtype: Any = np.float32) -> Any:
        return jax.ShapeDtypeStruct(shape, dtype)

    layer = layer_shapes(config)
    if config.scan_layers:
        layers: Any = {n: struct((config.layers, *s)) for n, s in layer.items()}
    else:
        layers = [
            {n: struct(s) for n, s in layer.items()} for _ in range(config.layers)
        ]
    params = {"embed": struct((config.vocab, config.d_model)), "layers": layers}
    if config.positions == "learned":
        params["positions"] = struct((config.sequence, config.d_model))
    tokens = struct((config.batch, config.sequence), np.int32)
    return params, adam.shapes(params), tokens


def loss_fn(config: Config, params: Any, tokens: jax.Array) -> jax.Array:
    """Mean cross entropy of the next token, in nats; a float32 scalar."""
    dtype = jnp.dtype(config.compute_dtype)
    params = jax.tree.map(lambda p: p.astype(dtype), params)
    x = params["embed"][tokens]
    if config.positions == "learned":
        x = x + params["positions"]
    block = functools.partial(_block, config)
    if config.remat:
        block = jax.checkpoint(block)
    if config.scan_layers:
        x, _ = jax.lax.scan(lambda x, p: (block(x, p), None), x, params["layers"])
    else:
        for layer in params["layers"]:
            x = block(x, layer)
    logits = jnp.einsum("bsd,vd->bsv", x, params["embed"]).astype(jnp.float32)
    log_probs = jax.nn.log_softmax(logits[:, :-1])
    picked = jnp.take_along_axis(log_probs, tokens[:, 1:, None], axis=-1)
    return -jnp.mean(picked)


def make_train_step(config: Config) -> Any:
    """Returns ``train_step(params, opt_state, batch)``.

    It gives the new parameters, the new optimiser state, and the loss.
    """

    def train_step(params: Any, opt_state: Any, batch: jax.Array) -> Any:
        loss, grads = jax.value_and_grad(functools.partial(loss_fn, config))(
            params, batch
        )
        if config.clip_norm is not None:
            grads = _clip(grads, config.clip_norm)
        params, opt_state = config.optimiser.update(params, opt_state, grads)
        return params, opt_state, loss

    return train_step


def _block(config: Config, x: jax.Array, p: dict[str, jax.Array]) -> jax.Array:
    """One layer: ``x`` is [batch, sequence, D]."""
    attended = _attention(config, rms_norm(x, p["attention_scale"]), p)
    x = x + rms_norm(attended, p["attention_out_scale"])
    return x + mlp(rms_norm(x, p["mlp_scale"]), p)


def _attention(config: Config, x: jax.Array, p: dict[str, jax.Array]) -> jax.Array:
    """Causal self-attention; inside, values are [batch, sequence, H, K]."""
    if config.fused_qkv:
        qkv = jnp.einsum("bsd,dthk->bsthk", x, p["qkv"])
        query, key, value = (jnp.squeeze(t, 2) for t in jnp.split(qkv, 3, axis=2))
    else:
        query, key, value = (
            jnp.einsum("bsd,dhk->bshk", x, p[name])
            for name in ("query", "key", "value")
        )
    if config.positions == "rotary":
        positions = jnp.arange(x.shape[1], dtype=jnp.float32)
        query, key = rotate(query, positions), rotate(key, positions)
    mixed = attend(query, key, value)
    return jnp.einsum("bshk,hkd->bsd", mixed, p["out"])


def mlp(x: jax.Array, p: dict[str, jax.Array]) -> jax.Array:
    """Two layers of a perceptron; gated if there is a gate."""
    up = x @ p["up"] + p["up_bias"]
    hidden = jax.nn.silu(x @ p["gate"]) * up if "gate" in p else jax.nn.gelu(up)
    return hidden @ p["down"] + p["down_bias"]


def _clip(grads: Any, limit: float) -> Any:
    """Scales all gradients down so that their global norm is at most ``limit``."""
    squares = [jnp.sum(g * g) for g in jax.tree.leaves(grads)]
    norm = jnp.sqrt(functools.reduce(jnp.add, squares))
    factor = jnp.minimum(1.0, limit / norm)
    return jax.tree.map(lambda g: g * factor, grads)
