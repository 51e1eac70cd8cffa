//===- CloneOp.h - Cloning with a say in what is inside ---------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_CLONEOP_H
#define PARTIR_PASSES_CLONEOP_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

namespace partir {

/// Clones an op at the builder's insertion point, under `mapping`, which its
/// results and all that is inside are added to. Each op inside is handed to
/// `cloneInner`, with the insertion point where its clone goes. Locations
/// become what `mapLoc` makes of them.
llvm::LogicalResult
cloneOp(mlir::OpBuilder &builder, mlir::Operation &op, mlir::IRMapping &mapping,
        llvm::function_ref<mlir::Location(mlir::Location)> mapLoc,
        llvm::function_ref<llvm::LogicalResult(mlir::Operation &)> cloneInner);

} // namespace partir

#endif // PARTIR_PASSES_CLONEOP_H
