//===- Passes.h - The passes of PartIR --------------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_PASSES_H
#define PARTIR_PASSES_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/Pass.h"

#include <memory>

namespace partir {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "compiler/passes/Passes.h.inc"

/// Makes all passes known to the command line.
void registerPasses();

/// Enters every dialect a program may hold, with the rules of its ops.
void registerDialects(mlir::DialectRegistry &registry);

} // namespace partir

#endif // PARTIR_PASSES_PASSES_H
