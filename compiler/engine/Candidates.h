//===- Candidates.h - What a node could do with an axis ---------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A node sees an axis on a dim of an operand, or where a use slices a result.
// Each such place maps to factors of the node, or is refused for a reason.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_CANDIDATES_H
#define PARTIR_ENGINE_CANDIDATES_H

#include "compiler/engine/State.h"

namespace partir::engine {

/// Why an axis does not go on a factor.
struct Refusal {
  enum Kind {
    None,
    /// The factor is blocked; its `reason` says why.
    Blocked,
    /// The size of the axis does not divide `left`, what is left of the factor.
    DoesNotDivide,
    /// A value that has the factor has a major one that is not used up.
    Minor,
    /// A value that has the factor is atomic on the axis.
    Atomic,
  };
  Kind kind = None;
  int factor = 0;
  int64_t left = 0;
  /// For `Atomic`: the mark's cause.
  int cause = kNone;

  explicit operator bool() const { return kind != None; }
};

/// The axis, or parts of it, each on a factor.
struct FactorTile {
  AxisRef axis;
  int factor;

  bool operator==(const FactorTile &other) const {
    return axis == other.axis && factor == other.factor;
  }
};
using FactorTiles = llvm::SmallVector<FactorTile, 1>;

/// Maps `axis` on a dim with these factors to the node's factors, major first;
/// an axis that is larger than what is left of a factor is split into parts.
Refusal mapToFactors(const State &state, NodeId node, const DimFactors &dim,
                     const AxisRef &axis, FactorTiles &tiles);

struct Candidate {
  FactorTiles tiles;
  /// The cause of the first place where it was seen.
  int cause;
};

/// What a node that does not have `axis` could do with it: nothing, one thing,
/// or several that exclude each other.
llvm::SmallVector<Candidate, 1> findCandidates(const State &state, NodeId node,
                                               int axis);

/// Whether the node runs over (a part of) the axis.
bool hasAxis(const State &state, NodeId node, int axis);

/// A node that was left alone because it could do several things. One that
/// reads nothing has nothing to choose.
struct Conflict {
  NodeId node;
  int axis;
  llvm::SmallVector<Candidate, 1> candidates;
};

/// The conflicts on an axis that are there now, in program order.
std::vector<Conflict> findConflicts(const State &state, int axis);

} // namespace partir::engine

#endif // PARTIR_ENGINE_CANDIDATES_H
