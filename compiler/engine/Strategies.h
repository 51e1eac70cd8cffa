//===- Strategies.h - One sharding per op, each with its cost ---*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A partitioned program as one choice per node and input, in the form of a
// mixed-integer program: each costs something by itself, and something with
// each neighbour where the layout of the value between them changes. What the
// whole program gains beyond that (fusion, sums that are reduced once, steps
// that leave loops) is not seen here: `costOf` the state sees it.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_STRATEGIES_H
#define PARTIR_ENGINE_STRATEGIES_H

#include "compiler/engine/Candidates.h"
#include "compiler/engine/Device.h"
#include "compiler/engine/Forms.h"

namespace partir::engine {

/// Of a node, the axes that it runs over, beside those that it has. Loops on
/// its results say where partial results are scattered. An input has loops
/// only.
struct Strategy {
  FactorTiles tiles;
  llvm::SmallVector<ValueTile, 1> loops;
  /// Of the operands as the node needs them.
  llvm::ArrayRef<const Layout *> required;
  /// Of the results, or the input, as they are kept.
  llvm::SmallVector<const Layout *, 1> stored;
  /// In a step: of the node alone, and of reducing its partial results.
  double seconds = 0;
};

/// Exactly one is chosen.
struct StrategySet {
  /// One of the two.
  NodeId node = kNone;
  ValueId input = kNone;
  std::vector<Strategy> strategies;
};

/// What a value between two sets costs. Many strategies of a set have one
/// layout of the value.
struct StrategyEdge {
  /// The sets that keep and that need the value.
  int from, to;
  /// Per strategy of each the number of its layout.
  std::vector<int> fromLayouts, toLayouts;
  /// In a step, by the two layouts.
  std::vector<std::vector<double>> seconds;
};

struct Strategies {
  /// Where the layouts are.
  std::shared_ptr<Forms> forms;
  std::vector<StrategySet> sets;
  /// Without those that cost nothing in any layout.
  std::vector<StrategyEdge> edges;
};

/// All that nodes and inputs can do with the axes on top of a state.
Strategies findStrategies(const State &state, llvm::ArrayRef<int> axes,
                          const Device &device, std::shared_ptr<Forms> forms);

/// The state in which each set does what is chosen for it, which is decided by
/// this tactic.
State applyStrategies(const State &state, const Strategies &strategies,
                      llvm::ArrayRef<int> choice, llvm::StringRef tactic);

} // namespace partir::engine

#endif // PARTIR_ENGINE_STRATEGIES_H
