//===- Classes.h - Which values play the same part --------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parameters of repeated layers play the same part in each. What part a value
// plays is told by the ops around it, a few steps far: by their rules and by
// which operand of them it is, not by its name.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_CLASSES_H
#define PARTIR_ENGINE_CLASSES_H

#include "compiler/engine/Graph.h"

namespace partir::engine {

/// Per value a number that it has in common with those that have the same
/// shape and are used, and made, alike within `steps` ops.
std::vector<uint64_t> classify(const Graph &graph, int steps);

} // namespace partir::engine

#endif // PARTIR_ENGINE_CLASSES_H
