//===- Automatic.h - Tactics found by search --------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The search runs on the engine's state; what it finds is tactics like those
// that a user writes.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_AUTOMATIC_H
#define PARTIR_PASSES_AUTOMATIC_H

#include "compiler/engine/Search.h"
#include "compiler/passes/Tactic.h"

namespace partir {

struct AutomaticOptions {
  std::vector<std::string> axes;
  /// The numbers of the inputs to decide on.
  llvm::ArrayRef<int> inputs;
  /// Bytes of a device that the program may take.
  std::optional<int64_t> memory;
  /// What the search may take, on two cores.
  double seconds = 10;
  uint64_t seed = 0;
  /// 0: as many as there are cores.
  int threads = 0;
  /// Per result the number of the input whose memory it takes, or `kNone`.
  llvm::ArrayRef<int> aliases = {};
};

/// A decision, as so many actions of its tactic, and what the program costs
/// after it.
struct FoundDecision {
  size_t numActions;
  engine::StateCost after;
};

/// A tactic that was found.
struct FoundTactic {
  TacticPart part;
  std::vector<FoundDecision> decisions;
};

struct SearchReport {
  std::vector<FoundTactic> tactics;
  engine::StateCost before, after, byDescent;
  /// No schedule takes fewer seconds, by the same estimates.
  double lowerBound;
  /// Whether all schedules were tried: there is no better one.
  bool isOptimal;
  /// How many states were tried.
  int64_t states;
  /// Whether the observer ended the search before it had done what it meant to:
  /// another run may end elsewhere.
  bool isCut;
};

/// Finds tactics for the state, which stays as it is. Fails, with a diagnostic,
/// where an axis is unknown.
mlir::FailureOr<SearchReport>
findTactics(const ProgramGraph &program, const engine::State &state,
            llvm::StringRef name, const engine::Device &device,
            const AutomaticOptions &options, engine::SearchObserver observe);

} // namespace partir

#endif // PARTIR_PASSES_AUTOMATIC_H
