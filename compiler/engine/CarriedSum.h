//===- CarriedSum.h - A sum that a loop carries -----------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Gradients of microbatches, or of a parameter that all trips of a loop use,
// are added up in a value that the loop carries, or that nested loops carry. If
// what is added is a partial result, so may the sum be: it is reduced once,
// after the loop.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_CARRIEDSUM_H
#define PARTIR_ENGINE_CARRIEDSUM_H

#include "compiler/engine/State.h"

#include <optional>

namespace partir::engine {

/// A value that begins at something, and to which the body of a loop only adds,
/// itself or in loops to which it hands the value.
struct CarriedSum {
  /// A use, and what it makes of the sum.
  struct Link {
    Use use;
    ValueId value;
  };

  NodeId tie;
  /// The operands of the tie: what the sum begins with, and what the body
  /// hands to the next trip.
  int init, next;
  /// What a trip begins with, and what the loop leaves.
  ValueId argument, result;
  /// The region of the body.
  RegionId body;
  /// What leads from the argument to the value of `next`.
  llvm::SmallVector<Link, 2> chain;
  /// What is added on the way.
  llvm::SmallVector<Use, 2> terms;
};

/// The sum that a tie carries, if it is the tie of a loop and carries one.
std::optional<CarriedSum> findCarriedSum(const State &state, NodeId tie);

/// Whether the value has one use, which happens as often as it is made.
bool hasOneUse(const Graph &graph, ValueId value);

/// The operand of which the node hands on each element, changed linearly; none
/// if there is no such operand, or another one that is no scalar.
int findPassingOperand(const State &state, NodeId node);

/// Whether all elements of the value are known to be zero.
bool isZero(const Graph &graph, ValueId value);

} // namespace partir::engine

#endif // PARTIR_ENGINE_CARRIEDSUM_H
