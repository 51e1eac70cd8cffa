//===- Report.h - What a partitioned program costs --------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_REPORT_H
#define PARTIR_PASSES_REPORT_H

#include "compiler/passes/Explain.h"
#include "compiler/passes/Suggest.h"

namespace partir {

/// One collective of the program.
struct CollectiveReport {
  std::string kind;
  std::vector<std::string> axes;
  /// What it moves: an input, a tag, or the result of an op.
  std::string value;
  /// The op at which it is: the user of the value, or, of a partial result, the
  /// op that makes it or the last of those that add it up.
  std::string op;
  /// How often it runs in a step, and what a device sends for all of that.
  int64_t count, bytes;
  /// Of its result on a device.
  std::vector<int64_t> shape;
  std::string dtype;
  mlir::Location loc;
  /// For each of its axes, each once: the decision behind it and the action of
  /// that; its tactic; the action alone.
  std::string cause, tactic, action;
  /// Whether `count` is exact: not in a branch, which may not run, nor in a
  /// loop that runs nobody knows how often, which counts as one trip.
  bool isExact = true;
};

/// Describes a step of the plan.
CollectiveReport makeReport(const Explainer &explainer,
                            const ProgramGraph &program,
                            const engine::Plan &plan, const engine::Step &step,
                            const engine::Site &site);

struct CandidateReport {
  std::string factor;
  std::vector<std::string> chain;
};

struct ConflictReport {
  std::string op;
  mlir::Location loc;
  std::string axis;
  std::vector<CandidateReport> candidates;
  std::string message;
  std::vector<Suggestion> suggestions = {};
};

struct StopReport {
  std::string op;
  mlir::Location loc;
  std::string axis, reason;
  int64_t bytes;
  std::string message;
};

/// Per dim the names of the axes on it, major first.
using Spec = std::vector<std::vector<std::string>>;

Spec specOf(const engine::Mesh &mesh, const engine::Layout &layout);
/// A whole axis by its name, a part with its sizes.
std::string axisText(const engine::Mesh &mesh, const engine::AxisRef &axis);
/// The element type of a value.
std::string dtypeText(mlir::Value value);

/// The whole program as it is, with the conflicts and stops on some axes.
struct ProgramReport {
  std::vector<CollectiveReport> collectives;
  std::vector<ConflictReport> conflicts;
  std::vector<StopReport> stops;
  std::vector<Spec> inputs, outputs;
};

/// The suggestions for each conflict, by its node and its axis.
using Suggestions =
    llvm::DenseMap<std::pair<engine::NodeId, int>, std::vector<Suggestion>>;

ProgramReport makeReport(const ProgramGraph &program, const engine::Plan &plan,
                         llvm::ArrayRef<int> axes,
                         const Suggestions &suggestions = Suggestions());

/// Prints what a tactic did and what the program costs after it.
void printReport(llvm::StringRef tactic, llvm::ArrayRef<ActionReport> actions,
                 const ProgramReport &report, llvm::raw_ostream &os);

} // namespace partir

#endif // PARTIR_PASSES_REPORT_H
