//===- Explain.h - What was decided, in words -------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The engine knows numbers; here they become ops, inputs, factors and lines of
// the user's source.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_EXPLAIN_H
#define PARTIR_PASSES_EXPLAIN_H

#include "compiler/engine/Stops.h"
#include "compiler/passes/ProgramGraph.h"

namespace partir {

/// `model.py:12:3`, the innermost place in a file; "unknown" if there is none.
std::string sourceText(mlir::Location loc);

/// What a user calls a value of a function: an input, a tag, or the op that
/// makes it.
std::string nameOf(mlir::func::FuncOp func, mlir::Value value);

/// A decision in words: what it is on, and what was decided.
struct Decision {
  /// An op in quotes, or what the user calls a value.
  std::string subject;
  /// Where that is in the source; empty for an input.
  std::string loc;
  /// `result dim 0`, `dim 0` or `kept whole`.
  std::string place;
  std::string tactic;

  /// `'stablehlo.dot_general' at model.py:12:3: result dim 0 (tactic "BP")`.
  std::string str() const;
};

class Explainer {
public:
  Explainer(const ProgramGraph &program, const engine::State &state);

  /// A decision and those that led to it, back to the action of a tactic.
  std::vector<Decision> decisions(int cause) const;
  /// The same as text; of a long chain the middle is left out.
  std::vector<std::string> chain(int cause) const;
  /// The decision and the action it goes back to, in one line.
  std::string summary(int cause) const;
  /// The action alone, without its tactic.
  std::string action(int cause) const;

  /// `'stablehlo.dot_general' at model.py:12:3`.
  std::string node(engine::NodeId node) const;
  /// `result dim 0`, or `operand 1 dim 0 (reduced: add)`.
  std::string factor(engine::NodeId node, int factor) const;
  std::string factors(engine::NodeId node,
                      llvm::ArrayRef<engine::FactorTile> tiles) const;

  std::string message(const engine::Conflict &conflict) const;
  std::string reason(const engine::Stop &stop) const;
  std::string message(const engine::Stop &stop) const;

  /// What a user calls a value: the name of an input or a tag, or the op that
  /// makes it.
  std::string value(engine::ValueId value) const;
  /// Where a value is made in the source; empty for an input.
  std::string sourceOf(engine::ValueId value) const;

  /// The op at which a collective or a stop is.
  mlir::Operation *opAt(const engine::Site &site) const;
  /// Its source location; at a result of the program, where that is made.
  mlir::Location locAt(const engine::Site &site) const;

  /// Emits a remark at the op of each conflict.
  void emitConflicts(llvm::ArrayRef<engine::Conflict> conflicts) const;

private:
  Decision decision(int cause) const;

  const ProgramGraph &program;
  const engine::State &state;
  /// Per cause the loop that carries it: on a node, or on a value.
  struct Owner {
    engine::NodeId node = engine::kNone;
    engine::ValueId value = engine::kNone;
    int place = 0;
    bool isAtomic = false;
  };
  std::vector<Owner> owners;
  /// Per cause the action that it goes back to.
  std::vector<int> actions;
};

} // namespace partir

#endif // PARTIR_PASSES_EXPLAIN_H
