//===- Causes.h - The decisions behind a plan -------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every axis that a value has, and every axis of a collective, is there because
// of a decision.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_CAUSES_H
#define PARTIR_ENGINE_CAUSES_H

#include "compiler/engine/Plan.h"

namespace partir::engine {

/// The decision that put the axis into the layout in which a value is kept: one
/// on the value itself, on its producer, or, where it is scattered as its uses
/// want it, on the first of those.
int causeOfAxis(const Plan &plan, ValueId value, const AxisRef &axis);

/// The decision that an axis of a step goes back to. Of a reduction, that of
/// the op that makes the partial result, the first one where several are added
/// up. Of another step, the one behind the tiling that it changes; of a window
/// of a value that has no tiling, that of the user.
int causeOf(const Plan &plan, const Site &site, const Step &step,
            const AxisRef &axis);

/// The decisions behind all axes of a step, each once.
llvm::SmallVector<int, 1> causesOf(const Plan &plan, const Site &site,
                                   const Step &step);

} // namespace partir::engine

#endif // PARTIR_ENGINE_CAUSES_H
