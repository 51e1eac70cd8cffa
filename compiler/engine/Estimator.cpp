//===- Estimator.cpp - Time and memory of many states ---------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Estimator.h"

#include "compiler/engine/Estimate.h"
#include "compiler/engine/Simplify.h"

using namespace partir::engine;

StateCost Estimator::costOf(const State &state) {
  LocalProgram program = makeLocalProgram(Plan(state, forms));
  simplify(program, device);
  Kernels kernels = fuse(program, device);
  KernelTimes times = timeKernels(program, kernels, device);
  Timeline timeline = makeTimeline(program, kernels, times.seconds, times.links,
                                   /*overlap=*/false);
  Memory memory = measureMemory(program, kernels, device, aliases);
  return {timeline.seconds, memory.peak()};
}
