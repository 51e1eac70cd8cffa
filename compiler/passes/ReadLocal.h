//===- ReadLocal.h - What a device runs, off PartIR:HLO ---------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_READLOCAL_H
#define PARTIR_PASSES_READLOCAL_H

#include "compiler/dialect/partir/Partir.h"
#include "compiler/engine/LocalProgram.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace partir {

/// A device-local function as the estimates see it. The origins of values and
/// ops are their numbers here.
struct LocalFunction {
  engine::LocalProgram program{std::make_shared<engine::LocalTypes>()};
  std::vector<mlir::Value> values;
  std::vector<mlir::Operation *> ops;
};

/// Fails, with a diagnostic, on an op that nothing is known of.
mlir::FailureOr<LocalFunction> readLocal(mlir::func::FuncOp function,
                                         MeshAttr mesh);

} // namespace partir

#endif // PARTIR_PASSES_READLOCAL_H
