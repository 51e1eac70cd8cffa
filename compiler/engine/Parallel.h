//===- Parallel.h - Jobs on several threads ---------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_PARALLEL_H
#define PARTIR_ENGINE_PARALLEL_H

#include "llvm/ADT/STLFunctionalExtras.h"

namespace partir::engine {

/// Runs jobs 0 to `count` - 1 on so many threads; each gets its number and that
/// of its thread. The calling thread waits, and runs `poll` now and then and at
/// the end.
void parallelFor(int count, int threads,
                 llvm::function_ref<void(int job, int thread)> run,
                 llvm::function_ref<void()> poll);

} // namespace partir::engine

#endif // PARTIR_ENGINE_PARALLEL_H
