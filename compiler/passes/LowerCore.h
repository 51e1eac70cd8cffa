//===- LowerCore.h - From PartIR:Core to PartIR:HLO -------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_LOWERCORE_H
#define PARTIR_PASSES_LOWERCORE_H

#include "compiler/engine/Plan.h"
#include "compiler/passes/ProgramGraph.h"

namespace partir {

/// Inserts the device-local program that a plan describes before the program
/// it was made for, under the same name. The caller erases one of the two.
/// `plan` may be one of an equal program.
mlir::FailureOr<mlir::func::FuncOp> lowerCore(const ProgramGraph &program,
                                              const engine::Plan &plan);

} // namespace partir

#endif // PARTIR_PASSES_LOWERCORE_H
