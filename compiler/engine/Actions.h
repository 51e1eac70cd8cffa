//===- Actions.h - What a tactic decides by itself --------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_ACTIONS_H
#define PARTIR_ENGINE_ACTIONS_H

#include "compiler/engine/State.h"

#include <optional>

namespace partir::engine {

/// The action tile<value, dim, axis>. Returns what is wrong with it, if
/// anything is; then nothing has changed.
std::optional<std::string> tile(State &state, ValueId value, int dim,
                                const AxisRef &axis, llvm::StringRef tactic);

/// The action atomic<value, axis>: no op may slice the value over the axis.
std::optional<std::string> makeAtomic(State &state, ValueId value,
                                      const AxisRef &axis,
                                      llvm::StringRef tactic);

/// The dims that it would cost most to tile: those that elementwise nodes and
/// ties hold together with one that a node in a loop needs whole, or looks for
/// an element of, on every trip.
/// The layer dim of parameters that are stacked for a scan is such a dim.
class LoopBlockedDims {
public:
  explicit LoopBlockedDims(const Graph &graph);
  bool contains(ValueId value, int dim) const;

private:
  int leader(int dim) const;

  /// Where the dims of each value start in `parents`.
  std::vector<int> offsets;
  mutable std::vector<int> parents;
  std::vector<bool> blocked;
};

/// Tiles the first dim from `start` on that the axis divides, that some use
/// can tile, and that no loop blocks. Returns the dim, or why the value is
/// left alone.
struct FirstDivisibleResult {
  int dim = kNone;
  std::string reason;
};
FirstDivisibleResult
tileFirstDivisible(State &state, const LoopBlockedDims &dims, ValueId value,
                   int start, const AxisRef &axis, llvm::StringRef tactic);

} // namespace partir::engine

#endif // PARTIR_ENGINE_ACTIONS_H
