# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models of the benchmarks and their plans, each made once."""

import functools

import partir
from benchmarks.models import MODELS


@functools.cache
def model_of(name, size):
    """The model; JAX traces one function once."""
    return MODELS[name](size)


@functools.cache
def lower(name, size, schedule):
    """The model's step, partitioned over its own mesh without devices."""
    model = model_of(name, size)
    step = partir.jit(
        model.function, mesh=model.abstract_mesh(), schedule=model.schedule(schedule)
    )
    return step.lower(*model.arguments)
