//===- CoreState.h - PartIR:Core and the engine's state ---------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loops of PartIR:Core are the state of partitioning. Reading takes them
// off the program and enters them into a state; writing puts them back.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_CORESTATE_H
#define PARTIR_PASSES_CORESTATE_H

#include "compiler/passes/ProgramGraph.h"

namespace partir {

/// A program without loops, and what has been decided on it.
struct Partitioned {
  std::unique_ptr<ProgramGraph> program;
  std::unique_ptr<engine::State> state;
};

/// Takes the loops off the program of a module. Fails, with a diagnostic, where
/// they are not a tiling that the ops' rules know.
mlir::FailureOr<Partitioned> readCore(mlir::ModuleOp module);

/// Reads a module, lets `change` change its state, and writes it back.
mlir::LogicalResult
changeCore(mlir::ModuleOp module,
           llvm::function_ref<mlir::LogicalResult(Partitioned &)> change);

/// Puts a state into the program as loops. The graph does not hold afterwards.
/// `state` may be one of an equal program.
mlir::LogicalResult writeCore(const ProgramGraph &program,
                              const engine::State &state);

} // namespace partir

#endif // PARTIR_PASSES_CORESTATE_H
