//===- StripLoops.h - Loops taken off a program -----------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_STRIPLOOPS_H
#define PARTIR_PASSES_STRIPLOOPS_H

#include "compiler/dialect/partir/Partir.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"

namespace partir {

/// One loop of a nest around an op: what it slices and how it joins.
struct OpLevel {
  AxisAttr axis;
  CauseAttr cause;
  mlir::Location loc;
  /// Per operand and result the dim that is sliced, or -1.
  llvm::SmallVector<int> operandDims, resultDims;
  llvm::SmallVector<ActionAttr> actions;
};

struct OpNest {
  mlir::Operation *op;
  llvm::SmallVector<OpLevel> levels;
  /// The operands that enter the reduction of the loops once.
  llvm::SmallVector<int> once;
  /// The operands of which a chunk is placed in the whole, each with the dim.
  llvm::SmallVector<std::pair<int, int64_t>> placed;
};

/// One loop of a nest on a value: a tile, or whole (dim -1).
struct ValueLevel {
  AxisAttr axis;
  CauseAttr cause;
  mlir::Location loc;
  int dim;
};

/// What the loops of a program said.
struct LoopNests {
  std::vector<OpNest> ops;
  /// By value, from the outermost loop to the innermost.
  llvm::MapVector<mlir::Value, llvm::SmallVector<ValueLevel>> values;
};

/// Takes the loops off a function, in program order: a nest around an op leaves
/// the op on the values from outside, a nest that is an identity leaves its
/// value. Fails, with a diagnostic, on a nest that is neither.
mlir::FailureOr<LoopNests> stripLoops(mlir::func::FuncOp func);

} // namespace partir

#endif // PARTIR_PASSES_STRIPLOOPS_H
