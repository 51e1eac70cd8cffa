# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A fixed sample of JAX's primitive harness: every primitive, partitioned."""

import sys
from collections import defaultdict
from pathlib import Path

import jax
import pytest
from jax.sharding import AxisType

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))

from cases import all_harnesses
from check import check_harness
from unpartitioned import Listed

#: Cases of a primitive that has many.
PER_PRIMITIVE = 5


def sample():
    """By primitive the cases that are run: up to so many, evenly spread."""
    groups = defaultdict(list)
    for harness in all_harnesses():
        groups[harness.group_name].append(harness)
    return {
        name: group[:: -(-len(group) // PER_PRIMITIVE)]
        for name, group in sorted(groups.items())
    }


SAMPLE = sample()


@pytest.fixture
def harness_mesh():
    return jax.make_mesh((2, 4), ("a", "b"), axis_types=(AxisType.Auto,) * 2)


def test_size():
    assert len(SAMPLE) == 132
    assert sum(map(len, SAMPLE.values())) >= 400


@pytest.mark.parametrize("primitive", SAMPLE)
def test_primitive(primitive, harness_mesh):
    records = [
        vars(check_harness(harness, harness_mesh)) for harness in SAMPLE[primitive]
    ]
    for record in records:
        record["outcomes"] = [vars(one) for one in record["outcomes"]]
        assert not record["unsupported"]
        assert not record["failures"]
        assert not [one for one in record["outcomes"] if one["failure"]]
    assert not Listed.read().compare(Listed.of(records), records)
