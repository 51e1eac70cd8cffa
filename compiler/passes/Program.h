//===- Program.h - A program from the first tactic to the last --*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_PROGRAM_H
#define PARTIR_PASSES_PROGRAM_H

#include "compiler/engine/Strategies.h"
#include "compiler/passes/Automatic.h"
#include "compiler/passes/EstimateReport.h"
#include "compiler/passes/ValueReport.h"

namespace partir {

enum class Stage { Input, Core, Hlo, Stablehlo };

/// `input`, `core`, `hlo` or `stablehlo`.
std::optional<Stage> parseStage(llvm::StringRef text);

/// A program to which tactics are applied one after another: its graph is built
/// once, and its state carried from one to the next.
class Program {
public:
  /// Normalises the module, which must outlive the program and may not change.
  /// Fails, with a diagnostic, on what cannot be partitioned.
  static mlir::FailureOr<std::unique_ptr<Program>> create(mlir::ModuleOp module,
                                                          MeshAttr mesh);

  const ProgramGraph &getGraph() const { return *graph; }
  const engine::State &getState() const { return *state; }
  const engine::Plan &getPlan();

  mlir::FailureOr<std::vector<ActionReport>>
  apply(llvm::StringRef name, llvm::ArrayRef<TacticPart> parts);

  /// The same, each part propagated before the next is applied.
  mlir::FailureOr<std::vector<ActionReport>>
  applyInTurn(llvm::StringRef name, llvm::ArrayRef<TacticPart> parts);

  /// Tactics that a search finds for the program as it is.
  mlir::FailureOr<SearchReport> search(llvm::StringRef name,
                                       const engine::Device &device,
                                       const AutomaticOptions &options,
                                       engine::SearchObserver observe);

  /// What each node and input can do with the axes. Fails, with a diagnostic,
  /// where an axis is unknown.
  mlir::FailureOr<engine::Strategies>
  findStrategies(llvm::ArrayRef<std::string> axes,
                 const engine::Device &device);

  /// Does with the axes what is chosen for each set of these strategies, a
  /// tactic of that name. Fails, with a diagnostic, where the choice is not one
  /// strategy for each.
  mlir::LogicalResult choose(llvm::StringRef name,
                             llvm::ArrayRef<std::string> axes,
                             llvm::ArrayRef<int> choice,
                             const engine::Device &device);

  /// The program after the tactic that was applied last, with the conflicts and
  /// stops on its axes. A conflict that it left behind has suggestions from
  /// then on, if its parts were applied together.
  ProgramReport report(llvm::StringRef name, llvm::ArrayRef<TacticPart> parts);

  /// How values are laid out, and why.
  std::vector<ValueReport> explain(llvm::ArrayRef<ValueRef> values);

  /// Time and memory of the program as it is.
  EstimateReport estimate(const engine::Device &device,
                          const EstimateOptions &options);

  /// The program at a stage, as a module of its own.
  mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> materialize(Stage stage);

private:
  mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> materializeCore();
  void suggestFor(llvm::StringRef name, llvm::ArrayRef<TacticPart> parts);

  mlir::ModuleOp module;
  std::unique_ptr<ProgramGraph> graph;
  std::unique_ptr<engine::State> state;
  /// What plans of earlier states have found.
  std::shared_ptr<engine::Forms> forms;
  /// How many decisions there were before the last tactic, and whether its
  /// parts were applied in turn.
  size_t decisionsBefore = 0;
  bool wasInTurn = false;
  Suggestions suggestions;
  std::unique_ptr<engine::LoopBlockedDims> blockedDims;
  /// Of the state as it is; made when asked for.
  std::unique_ptr<engine::Plan> plan;
};

} // namespace partir

#endif // PARTIR_PASSES_PROGRAM_H
