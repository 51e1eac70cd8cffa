# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Two ways to bring the positions of rows to experts and back, which compute the same.

N rows of S positions, each with its ``choices`` of experts [N, S, K] and their weights
``gates`` [N, S, K]. In each row an expert has C = ``capacity`` places, given to first
choices before second ones, each in order; what finds none is dropped.

A form gives two functions: from activations [N, S, D] to the experts' buffers
[N, E, C, D], and from buffers to the weighted sum that each position gets, [N, S, D].
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

Move = Callable[[jax.Array], jax.Array]


def by_einsum(
    choices: jax.Array, gates: jax.Array, experts: int, capacity: int
) -> tuple[Move, Move]:
    """Products with one-hot tensors [N, S, E, C]; Lepikhin et al., arXiv 2006.16668."""
    chosen = jax.nn.one_hot(choices, experts, dtype=jnp.int32)
    earlier = jnp.cumsum(chosen, axis=1) - chosen
    # Behind all choices of a lower rank.
    totals = jnp.sum(chosen, axis=1, keepdims=True)
    earlier = earlier + jnp.cumsum(totals, axis=2) - totals
    place = jnp.sum(earlier * chosen, axis=-1)
    # A place that there is not is a row of zeros.
    places = jax.nn.one_hot(place, capacity, dtype=gates.dtype)
    chosen = chosen.astype(gates.dtype)
    sent = jnp.einsum("nske,nskc->nsec", chosen, places)
    weights = jnp.einsum("nske,nskc->nsec", chosen * gates[..., None], places)
    return (
        lambda x: jnp.einsum("nsec,nsd->necd", sent, x),
        lambda buffers: jnp.einsum("nsec,necd->nsd", weights, buffers),
    )


def by_sort(
    choices: jax.Array, gates: jax.Array, experts: int, capacity: int
) -> tuple[Move, Move]:
    """Sorts a row's choices by expert; scatters and gathers activations."""
    length, ranks = choices.shape[1:]

    def places(choices: jax.Array) -> tuple[jax.Array, ...]:
        """Of a row's choices [K * S] in the order of experts: which, whose, where."""
        choices = choices.T.reshape(-1)
        order = jnp.argsort(choices, stable=True)
        expert = choices[order]
        counts = jnp.sum(jax.nn.one_hot(choices, experts, dtype=jnp.int32), axis=0)
        first = jnp.cumsum(counts) - counts
        place = jnp.arange(length * ranks) - first[expert]
        return order, expert, place

    order, expert, place = jax.vmap(places)(choices)

    @jax.vmap
    def dispatch(x, order, expert, place):
        buffers = jnp.zeros((experts, capacity, x.shape[-1]), x.dtype)
        return buffers.at[expert, place].add(x[order % length], mode="drop")

    @jax.vmap
    def combine(buffers, gates, order, expert, place):
        rows = buffers.at[expert, place].get(mode="fill", fill_value=0)
        rows = rows * gates.T.reshape(-1)[order][:, None]
        sums = jnp.zeros((length, buffers.shape[-1]), buffers.dtype)
        return sums.at[order % length].add(rows)

    return (
        lambda x: dispatch(x, order, expert, place),
        lambda buffers: combine(buffers, gates, order, expert, place),
    )


#: The forms by name.
FORMS = {"einsum": by_einsum, "sort": by_sort}
