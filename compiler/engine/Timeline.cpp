//===- Timeline.cpp - When each kernel runs -------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Timeline.h"

#include <algorithm>

using namespace partir::engine;

namespace {

class Scheduler {
public:
  Scheduler(const LocalProgram &program, const Kernels &kernels,
            llvm::ArrayRef<double> seconds, llvm::ArrayRef<int> links,
            bool overlap)
      : program(program), kernels(kernels), seconds(seconds), links(links),
        overlap(overlap), ready(program.values.size()) {
    timeline.starts.resize(kernels.all.size());
  }

  Timeline run() {
    timeline.seconds = runRegion(0, kernels.all.size(), 0, 0);
    return std::move(timeline);
  }

private:
  RegionId regionOf(int kernel) const {
    return program.ops[kernels.all[kernel].root].region;
  }
  /// The region directly inside `outer` that a kernel is in; none if it is not
  /// inside.
  RegionId regionIn(int kernel, RegionId outer) const {
    RegionId region = regionOf(kernel), inner = kNone;
    for (; region != kNone && region != outer;
         region = program.regions[region].parent)
      inner = region;
    return region == kNone ? kNone : inner;
  }
  bool isGather(int kernel) const {
    int collective = program.ops[kernels.all[kernel].root].collective;
    return collective != kNone &&
           program.collectives[collective].kind == StepKind::AllGather;
  }

  double runRegion(int begin, int end, RegionId region, double start);
  double runInner(int begin, int end, RegionId region, double start);

  const LocalProgram &program;
  const Kernels &kernels;
  llvm::ArrayRef<double> seconds;
  llvm::ArrayRef<int> links;
  bool overlap;
  Timeline timeline;
  /// Per value when it is there.
  std::vector<double> ready;
};

} // namespace

/// Runs kernels of a region once; returns when all are over.
double Scheduler::runRegion(int begin, int end, RegionId region, double start) {
  double now = start;
  llvm::SmallVector<double, 4> free;
  double products[2] = {start, start};
  auto isOver = [&] {
    double last = now;
    for (double time : free)
      last = std::max(last, time);
    return last;
  };
  for (int kernel = begin; kernel < end;) {
    RegionId inner = regionIn(kernel, region);
    if (inner != kNone) {
      int first = kernel;
      while (kernel < end && regionIn(kernel, region) == inner)
        ++kernel;
      now = runInner(first, kernel, inner, isOver());
      free.assign(free.size(), now);
      products[0] = products[1] = now;
      continue;
    }
    bool isBeside = overlap && links[kernel] != kNone;
    if (isBeside && links[kernel] >= static_cast<int>(free.size()))
      free.resize(links[kernel] + 1, start);
    double &track = isBeside ? free[links[kernel]] : now;
    double time = std::max(track, isBeside ? start : now);
    for (LocalId input : kernels.inputsOf(kernels.all[kernel]))
      time = std::max(time, ready[input]);
    if (isBeside && isGather(kernel))
      time = std::max(time, products[0]);
    timeline.starts[kernel] = time;
    track = time + seconds[kernel];
    for (LocalId result : program.ops[kernels.all[kernel].root].results())
      ready[result] = track;
    if (kernels.all[kernel].matrix != kNone) {
      products[0] = products[1];
      products[1] = time;
    }
    ++kernel;
  }
  return isOver();
}

/// Runs kernels of a region as often as it does.
double Scheduler::runInner(int begin, int end, RegionId region, double start) {
  double once = runRegion(begin, end, region, start) - start;
  double over =
      start + once * static_cast<double>(program.regions[region].trips);
  for (int kernel = begin; kernel < end; ++kernel)
    for (LocalId result : program.ops[kernels.all[kernel].root].results())
      ready[result] = over;
  return over;
}

Timeline partir::engine::makeTimeline(const LocalProgram &program,
                                      const Kernels &kernels,
                                      llvm::ArrayRef<double> seconds,
                                      llvm::ArrayRef<int> links, bool overlap) {
  return Scheduler(program, kernels, seconds, links, overlap).run();
}
