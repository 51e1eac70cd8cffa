//===- Passes.h - The passes of PartIR --------------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_PASSES_H
#define PARTIR_PASSES_PASSES_H

#include "compiler/dialect/partir/Partir.h"
#include "compiler/dialect/partir_hlo/PartirHlo.h"
#include "compiler/dialect/stablehlo/Stablehlo.h"

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

/// Makes a module as JAX prints it ready for partitioning: see NormalizePass.
llvm::LogicalResult normalize(mlir::ModuleOp module);

/// Lowers PartIR:HLO to StableHLO: see LowerCollectivesPass.
llvm::LogicalResult lowerCollectives(mlir::ModuleOp module);

/// Enters every dialect a program may hold, with the rules of its ops.
void registerDialects(mlir::DialectRegistry &registry);

} // namespace partir

#endif // PARTIR_PASSES_PASSES_H
