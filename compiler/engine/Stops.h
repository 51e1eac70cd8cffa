//===- Stops.h - Why a tiling was taken apart -------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_STOPS_H
#define PARTIR_ENGINE_STOPS_H

#include "compiler/engine/Candidates.h"
#include "compiler/engine/Plan.h"

namespace partir::engine {

/// An axis that a value has and a user of it does not want there.
struct Stop {
  enum Reason {
    /// The node has the axis on another factor since an earlier decision.
    Decided,
    /// The node could do several things with the axis and does none.
    Conflicting,
    /// The node could take the axis: it was not propagated to there.
    Unvisited,
    /// The factor does not take the axis; see `refusal`.
    Refused,
    /// The node has the axis on that factor, but in another order.
    Reordered,
    /// A program's result cannot be tiled by a part of an axis.
    Output,
    /// It leaves the program as the input that it becomes enters.
    Carried,
    /// An action put the axis on another dim than the node that makes it.
    Overruled,
  };
  Reason reason;
  Site site;
  AxisRef axis;
  /// The dim of the value that has the axis, and the decision behind it.
  int dim;
  int cause;
  Refusal refusal;
  /// For `Decided`: the node's tile.
  NodeTile decided = {};
  /// What a device sends for it in all trips.
  int64_t bytes;
};

/// The gathers and exchanges of a plan over an axis, each with its reason, in
/// program order.
std::vector<Stop> findStops(const Plan &plan, int axis);

} // namespace partir::engine

#endif // PARTIR_ENGINE_STOPS_H
