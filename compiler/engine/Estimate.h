//===- Estimate.h - Time and memory of a program ----------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A roofline for each kernel, the links that it crosses one after another for
// each collective; kernels and collectives one after another or side by side,
// as often as their loops run.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_ESTIMATE_H
#define PARTIR_ENGINE_ESTIMATE_H

#include "compiler/engine/Memory.h"
#include "compiler/engine/Timeline.h"

namespace partir::engine {

struct KernelTimes {
  /// Per kernel its seconds, once, and the link of a collective, or none.
  std::vector<double> seconds;
  std::vector<int> links;
};

struct Estimate {
  /// Seconds of a step; of kernels by their `Work`, and of collectives by the
  /// link that takes most of theirs, which do not add up where they overlap.
  double seconds = 0;
  std::array<double, 6> byWork = {};
  llvm::SmallVector<double, 2> byLink;
  /// Operations of a device, without transcendentals, and those of products.
  double flops = 0, matrixFlops = 0;
  /// Bytes that kernels read and write.
  double bytes = 0;
  MemoryProfile memory;
  KernelTimes kernelTimes;
  Timeline timeline;
};

/// The operations a second of products of full tiles, by the bytes of an
/// element.
double matrixRate(const Device &device, int64_t elementBytes);

/// The seconds of a kernel, once.
double secondsOf(const LocalProgram &program, const Kernel &kernel,
                 const Device &device);

/// The seconds of a collective on all links that it crosses, and the link on
/// which it takes most of them.
std::pair<double, int> secondsOf(const LocalCollective &collective,
                                 const Mesh &mesh, const Device &device);

/// How often a region runs in a step.
int64_t tripsOf(const LocalProgram &program, RegionId region);

KernelTimes timeKernels(const LocalProgram &program, const Kernels &kernels,
                        const Device &device);

Estimate estimate(const LocalProgram &program, const Kernels &kernels,
                  const Device &device, llvm::ArrayRef<int> aliases,
                  bool overlap);

} // namespace partir::engine

#endif // PARTIR_ENGINE_ESTIMATE_H
