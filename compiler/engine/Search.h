//===- Search.h - Schedules found by search ---------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Looks for decisions after which a program costs least, on the state alone.
// The budget is counted in states, not in seconds: the same seed gives the same
// result on every machine and for any number of threads.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_SEARCH_H
#define PARTIR_ENGINE_SEARCH_H

#include "compiler/engine/Pricer.h"
#include "compiler/engine/Space.h"

namespace partir::engine {

struct SearchOptions {
  /// The mesh axes to decide on.
  llvm::SmallVector<int, 2> axes;
  Goal goal;
  /// How many states may be tried.
  int64_t budget = 0;
  uint64_t seed = 0;
  int threads = 1;
};

struct SearchProgress {
  int64_t tried;
  StateCost best;
};
/// Called by the thread that searches now and then; when it returns false the
/// search ends with what it has.
using SearchObserver = llvm::function_ref<bool(const SearchProgress &)>;

/// Decisions on one axis that are propagated together: a tactic.
struct Tactic {
  std::vector<Decision> decisions;
  /// Of the program after each of them.
  std::vector<StateCost> costs;
};

struct SearchResult {
  std::vector<Tactic> tactics;
  /// Of the program before and after, and what was found before all states were
  /// tried.
  StateCost before, after, byDescent;
  /// Seconds that no schedule can be below, by the same estimates.
  double lowerBound = 0;
  /// Whether all states that decisions can lead to were tried.
  bool isExhaustive = false;
  /// Whether the observer ended the search before it had done what it meant to.
  bool isCut = false;
  int64_t tried = 0;
};

SearchResult search(const State &state, llvm::ArrayRef<Target> targets,
                    const Device &device, llvm::ArrayRef<int> aliases,
                    const SearchOptions &options, SearchObserver observe);

/// The best of all states that decisions can lead to one after another, each
/// tried once; not exhaustive if those are more than the budget.
SearchResult exhaust(const State &state, llvm::ArrayRef<Target> targets,
                     const Device &device, llvm::ArrayRef<int> aliases,
                     const SearchOptions &options, SearchObserver observe);

/// Seconds that a step takes at least, however it is tiled further over the
/// axes: those of its matrix products, cut evenly.
double lowerBoundOf(const State &state, llvm::ArrayRef<int> axes,
                    const Device &device);

} // namespace partir::engine

#endif // PARTIR_ENGINE_SEARCH_H
