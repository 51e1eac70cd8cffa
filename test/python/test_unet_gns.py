# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Collectives of the U-Net and the graph simulator: their laws, what is reduced."""

import collections

import jax
import pytest
from model_plans import lower, model_of

from benchmarks.models import MODELS
from benchmarks.models.gns_schedules import SMALL

CASES = [(n, s) for n in ("UNet", "GNS") for s in MODELS[n]("small").schedules]


def shapes(tree):
    """How often each shape occurs; a gradient may be reduced while it is transposed."""
    return collections.Counter(tuple(sorted(a.shape)) for a in jax.tree.leaves(tree))


def check_law(name, size, schedule):
    lowered = lower(name, size, schedule)
    counted = lowered.reports[-1].collectives
    counts = {kind: total.count for kind, total in counted.items() if total.count}
    assert counts == model_of(name, size).laws[schedule]
    assert not any(report.conflicts for report in lowered.reports)
    # Every gather is one that ZeRO is made of, and reported as such.
    stops = lowered.reports[-1].stops
    assert len(stops) == counts.get("all_gather", 0)
    reason = "kept whole" if "Z2" in schedule else "already, by tactic"
    assert all(reason in stop.reason for stop in stops)


@pytest.mark.parametrize(("name", "schedule"), CASES)
def test_law(name, schedule):
    check_law(name, "small", schedule)


@pytest.mark.parametrize(("name", "schedule"), CASES)
def test_law_at_full_size(name, schedule):
    check_law(name, "full", schedule)


def test_batch_parallel_unet_reduces_gradients_and_loss_only():
    params = model_of("UNet", "small").arguments[0]
    reduced = lower("UNet", "small", "BP").reports[-1].collectives.each
    assert shapes(reduced) == shapes(params) + collections.Counter([()])


def test_edge_sharding_reduces_edge_gradients_and_sums_of_nodes_only():
    params = model_of("GNS", "small").arguments[0]
    edge_params = [params["encode_edges"], *(p["edge"] for p in params["steps"])]
    sums = [(SMALL.latent, SMALL.nodes)] * (2 * SMALL.steps)
    reduced = lower("GNS", "small", "ES").reports[-1].collectives.each
    assert shapes(reduced) == shapes(edge_params) + collections.Counter(sums)
