//===- EstimateReport.cpp - An estimate in the user's words ---------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/EstimateReport.h"

#include "compiler/engine/Simplify.h"
#include "compiler/passes/Explain.h"
#include "compiler/passes/LargestBuffers.h"
#include "compiler/rules/RuleInterfaces.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace partir;

namespace {

class EstimateReporter {
public:
  EstimateReporter(func::FuncOp func, engine::LocalProgram local,
                   const engine::Device &device, const Origins &origins)
      : func(func), local(std::move(local)), device(device), origins(origins) {}

  EstimateReport run(const EstimateOptions &options) {
    engine::simplify(local, device);
    kernels = engine::fuse(local, device);
    estimate = engine::estimate(local, kernels, device, options.aliases,
                                options.overlap);
    setTotals();
    report.largest =
        largestBuffers(func, local, estimate.memory.alive, origins);
    if (options.withEvents)
      for (size_t index = 0; index < kernels.all.size(); ++index)
        addEvent(index);
    return std::move(report);
  }

private:
  void setTotals() {
    const engine::Memory &memory = estimate.memory.total;
    report.device = device.name;
    report.seconds = estimate.seconds;
    report.flops = estimate.flops;
    report.matrixFlops = estimate.matrixFlops;
    report.bytes = estimate.bytes;
    report.peakBytes = memory.peak();
    report.argumentBytes = memory.arguments;
    report.resultBytes = memory.results;
    report.aliasedBytes = memory.aliased;
    report.temporaryBytes = memory.temporaries;
    report.memory = device.memory;
    for (auto [work, seconds] : llvm::enumerate(estimate.byWork))
      if (seconds > 0)
        report.byWork.push_back(
            {stringify(static_cast<engine::Work>(work)).str(), seconds});
    for (auto [link, seconds] : llvm::zip_equal(device.links, estimate.byLink))
      report.byLink.push_back({link.name, seconds});
    for (const engine::LocalOp &op : local.ops) {
      if (op.collective == engine::kNone)
        continue;
      const engine::LocalCollective &one = local.collectives[op.collective];
      int64_t trips = engine::tripsOf(local, op.region);
      auto &[count, bytes] = report.collectives[stringify(one.kind).str()];
      count += one.count * trips;
      bytes += one.bytesSent * trips;
    }
    if (memory.peakKernel != engine::kNone)
      describe(local.ops[kernels.all[memory.peakKernel].root], report.peakOp,
               report.peakLoc);
  }

  void describe(const engine::LocalOp &local, std::string &label,
                std::string &loc) const {
    if (local.origin == engine::kNone)
      return;
    Operation *op = origins.op(local.origin);
    label = getLabel(op);
    loc = sourceText(op->getLoc());
  }

  void addEvent(size_t index) {
    const engine::Kernel &kernel = kernels.all[index];
    const engine::LocalOp &op = local.ops[kernel.root];
    EventReport event;
    event.start = estimate.timeline.starts[index];
    event.seconds = estimate.kernelTimes.seconds[index];
    event.count = engine::tripsOf(local, op.region);
    event.temporaryBytes = estimate.memory.overTime[index];
    if (op.collective != engine::kNone) {
      event.kind = stringify(local.collectives[op.collective].kind);
      event.link = device.links[estimate.kernelTimes.links[index]].name;
    } else {
      event.kind =
          stringify(kernel.matrix == engine::kNone ? op.cost->work
                                                   : engine::Work::Matrix);
    }
    describe(op, event.op, event.loc);
    report.events.push_back(std::move(event));
  }

  func::FuncOp func;
  engine::LocalProgram local;
  const engine::Device &device;
  const Origins &origins;
  engine::Kernels kernels;
  engine::Estimate estimate;
  EstimateReport report;
};

} // namespace

EstimateReport partir::makeEstimate(func::FuncOp func,
                                    engine::LocalProgram local,
                                    const engine::Device &device,
                                    const Origins &origins,
                                    const EstimateOptions &options) {
  return EstimateReporter(func, std::move(local), device, origins).run(options);
}

EstimateReport partir::makeEstimate(const ProgramGraph &program,
                                    const engine::Plan &plan,
                                    const engine::Device &device,
                                    const EstimateOptions &options) {
  Origins origins{[&](int value) { return program.valueOf(value); },
                  [&](int node) { return program.opOf(node); }};
  return makeEstimate(program.getFunc(), engine::makeLocalProgram(plan), device,
                      origins, options);
}

static void printTimes(ArrayRef<std::pair<std::string, double>> times,
                       llvm::raw_ostream &os) {
  for (const auto &[name, seconds] : times)
    if (seconds > 0)
      os << llvm::formatv(", {0} {1:f3}", name, seconds * 1e3);
}

void partir::printEstimate(const EstimateReport &report,
                           llvm::raw_ostream &os) {
  os << llvm::formatv("step on {0}: {1:f3} ms", report.device,
                      report.seconds * 1e3);
  printTimes(report.byWork, os);
  printTimes(report.byLink, os);
  for (const auto &[kind, total] : report.collectives)
    os << llvm::formatv("\n{0}: {1}, {2} bytes sent", kind, total.first,
                        total.second);
  os << llvm::formatv("\nflops: {0:f0}, bytes: {1:f0}", report.flops,
                      report.bytes);
  os << llvm::formatv("\npeak: {0} bytes of {1}{2}: arguments {3}, results {4} "
                      "({5} in place), temporaries {6}",
                      report.peakBytes, report.memory,
                      report.peakBytes > report.memory ? ", DOES NOT FIT" : "",
                      report.argumentBytes, report.resultBytes,
                      report.aliasedBytes, report.temporaryBytes);
  if (!report.peakOp.empty())
    os << llvm::formatv(" at '{0}' at {1}", report.peakOp, report.peakLoc);
  for (const BufferReport &buffer : report.largest) {
    os << "\n" << buffer.bytes << " bytes: " << buffer.kind << ", ";
    if (buffer.count > 1)
      os << buffer.count << " times ";
    os << buffer.value << ", ";
    llvm::interleave(buffer.shape, os, "x");
    if (buffer.shape.empty())
      os << "scalar";
    if (!buffer.loc.empty())
      os << " at " << buffer.loc;
  }
}
