//===- Estimate.cpp - Time and memory of a program ------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Estimate.h"

#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace partir::engine;

/// The part of a unit that takes `tile` at a time which `size` fills.
static double fill(double size, double tile) {
  return size / (std::ceil(size / tile) * tile);
}

double partir::engine::matrixRate(const Device &device, int64_t elementBytes) {
  unsigned width = std::min<unsigned>(
      llvm::Log2_64_Ceil(std::max<int64_t>(elementBytes, 1)), 3);
  return device.matrixFlops[width] * device.matrixEfficiency;
}

static double matrixSeconds(const LocalProgram &program, const LocalOp &op,
                            const Device &device) {
  // Of empty arrays.
  if (op.cost->flops == 0)
    return 0;
  int64_t bytes = program.typeOf(program.operandsOf(op).front()).elementBytes;
  double rate = matrixRate(device, bytes) *
                fill(op.cost->matrix.m, device.matrixTile[0]) *
                fill(op.cost->matrix.n, device.matrixTile[1]) *
                fill(op.cost->matrix.k, device.matrixTile[2]);
  return op.cost->flops / rate;
}

double partir::engine::secondsOf(const LocalProgram &program,
                                 const Kernel &kernel, const Device &device) {
  double vectorFlops = kernel.flops, matrix = 0;
  if (kernel.matrix != kNone) {
    const LocalOp &op = program.ops[kernel.matrix];
    vectorFlops -= op.cost->flops;
    matrix = matrixSeconds(program, op, device);
  }
  double vector = vectorFlops / device.vectorFlops +
                  kernel.transcendentals / device.transcendentals;
  double memory =
      kernel.bytes / (device.bandwidth * device.bandwidthEfficiency);
  return std::max({matrix, vector, memory}) + device.overhead;
}

std::pair<double, int>
partir::engine::secondsOf(const LocalCollective &collective, const Mesh &mesh,
                          const Device &device) {
  // Devices are numbered along the mesh, the last axis fastest.
  auto strideOf = [&](const AxisRef &ref) {
    int64_t stride = mesh.axes[ref.axis].size / (ref.major * ref.size);
    for (int axis = ref.axis + 1, end = mesh.axes.size(); axis < end; ++axis)
      stride *= mesh.axes[axis].size;
    return stride;
  };
  double seconds = 0, most = 0;
  double bytes = static_cast<double>(collective.bytesSent);
  int slowest = 0;
  int64_t joined = 1;
  for (auto [index, link] : llvm::enumerate(device.links)) {
    // How many of the group this link joins.
    bool isLast = index + 1 == device.links.size();
    int64_t members = 1;
    for (const AxisRef &axis : collective.axes) {
      int64_t stride = strideOf(axis);
      members *= isLast ? axis.size
                        : std::clamp<int64_t>(link.size / stride, 1, axis.size);
    }
    if (members <= joined)
      continue;
    // The links inside have left this much for each device to send.
    int64_t group = members / joined;
    double taken =
        bytes / static_cast<double>(joined) / link.bandwidth +
        static_cast<double>(collective.count * (group - 1)) * link.latency;
    seconds += taken;
    // Of links that take as long, the outermost.
    if (taken >= most) {
      most = taken;
      slowest = index;
    }
    joined = members;
  }
  return {seconds, slowest};
}

int64_t partir::engine::tripsOf(const LocalProgram &program, RegionId region) {
  int64_t trips = 1;
  for (; region != kNone; region = program.regions[region].parent)
    trips *= program.regions[region].trips;
  return trips;
}

KernelTimes partir::engine::timeKernels(const LocalProgram &program,
                                        const Kernels &kernels,
                                        const Device &device) {
  KernelTimes times;
  times.seconds.reserve(kernels.all.size());
  times.links.reserve(kernels.all.size());
  for (const Kernel &kernel : kernels.all) {
    int collective = program.ops[kernel.root].collective;
    auto [seconds, link] =
        collective == kNone
            ? std::pair(secondsOf(program, kernel, device), kNone)
            : secondsOf(program.collectives[collective], program.mesh, device);
    times.seconds.push_back(seconds);
    times.links.push_back(link);
  }
  return times;
}

Estimate partir::engine::estimate(const LocalProgram &program,
                                  const Kernels &kernels, const Device &device,
                                  llvm::ArrayRef<int> aliases, bool overlap) {
  Estimate total;
  total.byLink.resize(device.links.size());
  total.kernelTimes = timeKernels(program, kernels, device);
  const KernelTimes &times = total.kernelTimes;
  for (auto [kernel, seconds, link] :
       llvm::zip_equal(kernels.all, times.seconds, times.links)) {
    const LocalOp &op = program.ops[kernel.root];
    double trips = static_cast<double>(tripsOf(program, op.region));
    if (link != kNone) {
      total.byLink[link] += seconds * trips;
    } else {
      Work work = kernel.matrix == kNone ? op.cost->work : Work::Matrix;
      total.byWork[static_cast<int>(work)] += seconds * trips;
      total.bytes += kernel.bytes * trips;
    }
    total.flops += kernel.flops * trips;
    if (kernel.matrix != kNone)
      total.matrixFlops += program.ops[kernel.matrix].cost->flops * trips;
  }
  total.timeline =
      makeTimeline(program, kernels, times.seconds, times.links, overlap);
  total.seconds = total.timeline.seconds;
  total.memory = profileMemory(program, kernels, device, aliases);
  return total;
}
