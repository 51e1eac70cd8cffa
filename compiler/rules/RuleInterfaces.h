//===- RuleInterfaces.h - What a pass may ask of an op ----------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_RULES_RULEINTERFACES_H
#define PARTIR_RULES_RULEINTERFACES_H

#include "compiler/dialect/partir/Partir.h"
#include "compiler/engine/Rule.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"

#include <optional>
#include <string>

namespace partir {

/// What `createLocal` has to work with.
struct LocalForm {
  mlir::OpBuilder &builder;
  const engine::Rule &rule;
  /// The local operands, tiled as `axes` says.
  llvm::SmallVector<mlir::Value> operands;
  llvm::SmallVector<mlir::Type> resultTypes;
  /// The op's axes in the order of their application, each with its factor.
  struct Axis {
    AxisAttr axis;
    int factor;
  };
  llvm::SmallVector<Axis> axes;
  /// In a loop nest of PartIR:Core the range of each axis; on a device none.
  llvm::SmallVector<mlir::Value> ranges = {};

  /// The axes on a factor, major first.
  llvm::SmallVector<AxisAttr> axesOf(int factor) const;
  /// The axes on a dim that has these factors, major first.
  llvm::SmallVector<AxisAttr> axesOf(const engine::DimFactors &factors) const;
};

/// The op with its operands and result types replaced; regions are cloned.
mlir::FailureOr<llvm::SmallVector<mlir::Value>> cloneLocal(mlir::Operation *op,
                                                           LocalForm &form);

/// Says of an op that it has no partial results to be combined.
mlir::FailureOr<llvm::SmallVector<mlir::Value>>
failToCombine(mlir::Operation *op);

/// Whether these ops are a local form that is the op with its attributes, on
/// operands that may come once, or be placed in the whole.
bool isPlainForm(mlir::Operation *op, mlir::Block::iterator first,
                 mlir::Block::iterator end);

/// The operands of an op in a loop nest that are chunks placed in the whole,
/// each with the dim on which it is; sorted.
llvm::SmallVector<std::pair<int, int64_t>> getPlacedDims(mlir::Operation *op);

/// A monoid in the dialect's words and in the engine's.
ReduceKind toAttrKind(engine::ReduceKind kind);
engine::ReduceKind toEngineKind(ReduceKind kind);

/// Values that share one tiling because an op hands one on as the other.
struct Tie {
  llvm::SmallVector<mlir::OpOperand *, 2> sources;
  llvm::SmallVector<mlir::Value, 3> targets;
};

/// What messages call an op: its name, and what it calls.
std::string getLabel(mlir::Operation *op);

/// Attaches the rules of every op to its dialect.
void registerPartitionRules(mlir::DialectRegistry &registry);

} // namespace partir

#include "compiler/rules/RuleInterfaces.h.inc"

#endif // PARTIR_RULES_RULEINTERFACES_H
