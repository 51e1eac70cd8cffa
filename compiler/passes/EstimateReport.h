//===- EstimateReport.h - An estimate in the user's words -------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_ESTIMATEREPORT_H
#define PARTIR_PASSES_ESTIMATEREPORT_H

#include "compiler/engine/Estimate.h"
#include "compiler/passes/ProgramGraph.h"

namespace partir {

/// A buffer that is there when most is.
struct BufferReport {
  /// An input, a tag, or the op that makes it; and its place in the source.
  std::string value, loc;
  std::vector<int64_t> shape;
  int64_t bytes;
};

struct EstimateReport {
  std::string device;
  double seconds, flops, matrixFlops, bytes;
  /// Seconds by kind of work, and by link.
  std::vector<std::pair<std::string, double>> byWork, byLink;
  int64_t peakBytes, argumentBytes, resultBytes, aliasedBytes, temporaryBytes;
  /// What the device has.
  int64_t memory;
  /// The op at which most is there, and its place.
  std::string peakOp, peakLoc;
  std::vector<BufferReport> largest;
};

/// Estimates a plan of a program on a device.
EstimateReport makeEstimate(const ProgramGraph &program,
                            const engine::Plan &plan,
                            const engine::Device &device,
                            llvm::ArrayRef<int> aliases);

} // namespace partir

#endif // PARTIR_PASSES_ESTIMATEREPORT_H
