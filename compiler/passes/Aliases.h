//===- Aliases.h - Results that take the place of arguments -----*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_ALIASES_H
#define PARTIR_PASSES_ALIASES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace partir {

/// Per result the number of the argument whose memory it takes, or -1: what the
/// arguments' `tf.aliasing_output` say.
llvm::SmallVector<int> findAliases(mlir::func::FuncOp func);

} // namespace partir

#endif // PARTIR_PASSES_ALIASES_H
