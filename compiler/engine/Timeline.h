//===- Timeline.h - When each kernel runs -----------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One after another; or, with overlap, collectives beside kernels: a collective
// starts when its operand is there and its link is free, and what needs its
// result waits for it. A gather, whose operand is mostly there all the time,
// starts with the product before the last one, so that no more than two are in
// memory early. Nothing overlaps the begin or the end of a loop.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_TIMELINE_H
#define PARTIR_ENGINE_TIMELINE_H

#include "compiler/engine/Fusion.h"

namespace partir::engine {

struct Timeline {
  /// Per kernel when it first starts.
  std::vector<double> starts;
  /// When all is over.
  double seconds = 0;
};

/// `seconds` has the time of one run of each kernel, `links` the link that each
/// takes, or none.
Timeline makeTimeline(const LocalProgram &program, const Kernels &kernels,
                      llvm::ArrayRef<double> seconds, llvm::ArrayRef<int> links,
                      bool overlap);

} // namespace partir::engine

#endif // PARTIR_ENGINE_TIMELINE_H
