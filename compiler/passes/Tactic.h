//===- Tactic.h - One tactic on a program -----------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_TACTIC_H
#define PARTIR_PASSES_TACTIC_H

#include "compiler/engine/Actions.h"
#include "compiler/passes/CoreState.h"

#include <variant>

namespace partir {

/// What a tactic asks for on one input (its number), tag (its name) or value
/// inside the program (see InnerNames.h).
struct Action {
  enum Kind { Tile, FirstDivisible, Replicated };

  std::variant<int, std::string> target;
  Kind kind;
  /// The dim, or for `FirstDivisible` the first dim to consider.
  int dim;
};

/// The actions of a tactic on one axis.
struct TacticPart {
  std::string axis;
  std::vector<Action> actions;
  /// What it is called among the parts of a merged tactic.
  std::string name = "";
};

/// What became of an action, or an input that propagation gave a tile.
struct ActionReport {
  enum What { Applied, Inferred, LeftAlone };

  std::string target;
  What what;
  /// The dim that was tiled, or -1.
  int dim;
  std::string axis;
  /// Why it was left alone.
  std::string reason;
};

/// The axes of a tactic's parts, each once, in order.
llvm::SmallVector<int> getAxes(const ProgramGraph &program,
                               llvm::ArrayRef<TacticPart> parts);

/// The number of an axis of the mesh. Fails, with a diagnostic that lists those
/// that there are.
mlir::FailureOr<int> findAxis(const ProgramGraph &program, llvm::StringRef axis,
                              llvm::StringRef tactic);

/// Applies the actions of a tactic. Fails, with a diagnostic, on one that is
/// not valid.
mlir::FailureOr<std::vector<ActionReport>>
applyActions(const ProgramGraph &program, engine::State &state,
             const engine::LoopBlockedDims &blockedDims, llvm::StringRef name,
             llvm::ArrayRef<TacticPart> parts);

/// Propagates axis by axis, then infers inputs; reports those.
std::vector<ActionReport> propagate(const ProgramGraph &program,
                                    engine::State &state, llvm::StringRef name,
                                    llvm::ArrayRef<int> axes);

/// Applies the actions of a tactic, then propagates.
mlir::FailureOr<std::vector<ActionReport>>
applyTactic(const ProgramGraph &program, engine::State &state,
            const engine::LoopBlockedDims &blockedDims, llvm::StringRef name,
            llvm::ArrayRef<TacticPart> parts);

} // namespace partir

#endif // PARTIR_PASSES_TACTIC_H
