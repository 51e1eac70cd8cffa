//===- HoistReductions.h - What is the same on every trip -------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_HOISTREDUCTIONS_H
#define PARTIR_PASSES_HOISTREDUCTIONS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace partir {

/// Computes the reductions whose operands are the same on every trip of a loop
/// once, before the loop: on devices each of them may be a collective. What
/// they are computed of is computed there too, and stays in the loop for its
/// other uses.
void hoistReductions(mlir::func::FuncOp function);

} // namespace partir

#endif // PARTIR_PASSES_HOISTREDUCTIONS_H
