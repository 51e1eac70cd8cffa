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

#include <functional>
#include <map>

namespace partir {

/// Buffers that are there when most is, and are alike.
struct BufferReport {
  /// "argument", "result" or "temporary".
  std::string kind;
  /// An input, a tag, or the op that makes them; and its place in the source.
  std::string value, loc;
  std::vector<int64_t> shape;
  /// How many they are, and the bytes of all.
  int64_t count, bytes;
};

/// A kernel or a collective, in the order in which they run.
struct EventReport {
  /// Of a kernel how its root is run ("matrix"), of a collective its kind.
  std::string kind;
  /// The link of a collective; empty for a kernel.
  std::string link;
  /// The op that it is, or for which it is; and its place in the source.
  std::string op, loc;
  /// When it first starts; of one run, of which there are so many in a step.
  double start, seconds;
  int64_t count;
  /// The bytes of temporaries that are there.
  int64_t temporaryBytes;
};

struct EstimateReport {
  std::string device;
  double seconds, flops, matrixFlops, bytes;
  /// By kind of collective how many run in a step, and what a device sends.
  std::map<std::string, std::pair<int64_t, int64_t>> collectives;
  /// Seconds by kind of work, and by link.
  std::vector<std::pair<std::string, double>> byWork, byLink;
  int64_t peakBytes, argumentBytes, resultBytes, aliasedBytes, temporaryBytes;
  /// What the device has.
  int64_t memory;
  /// The op at which most is there, and its place.
  std::string peakOp, peakLoc;
  /// Of these buffers the ten groups that take most, the largest first.
  std::vector<BufferReport> largest;
  std::vector<EventReport> events;
};

/// What the origins in a local program are: values, and ops.
struct Origins {
  std::function<mlir::Value(int)> value;
  std::function<mlir::Operation *(int)> op;
};

/// What an estimate depends on beside the program and the device.
struct EstimateOptions {
  /// Per result the number of the input whose memory it takes, or `kNone`;
  /// empty if it is so for none.
  llvm::ArrayRef<int> aliases = {};
  /// Whether collectives run beside kernels.
  bool overlap = false;
  /// Whether to report all events.
  bool withEvents = false;
};

/// Estimates a local program on a device.
EstimateReport makeEstimate(mlir::func::FuncOp func, engine::LocalProgram local,
                            const engine::Device &device,
                            const Origins &origins,
                            const EstimateOptions &options);

/// Estimates a plan of a program on a device.
EstimateReport makeEstimate(const ProgramGraph &program,
                            const engine::Plan &plan,
                            const engine::Device &device,
                            const EstimateOptions &options);

/// The estimate as text, a line for each of its parts.
void printEstimate(const EstimateReport &report, llvm::raw_ostream &os);

} // namespace partir

#endif // PARTIR_PASSES_ESTIMATEREPORT_H
