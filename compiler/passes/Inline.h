//===- Inline.h - One function in place of many -----------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_INLINE_H
#define PARTIR_PASSES_INLINE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace partir {

/// Inlines every call and every composite in `main`, at any depth, and makes
/// a `partir.tag` of each composite that is one. An error at a call that is
/// recursive, or whose function is missing or has no body of one block.
llvm::LogicalResult inlineCalls(mlir::ModuleOp module, mlir::func::FuncOp main);

} // namespace partir

#endif // PARTIR_PASSES_INLINE_H
