//===- EstimateReport.cpp - An estimate in the user's words ---------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/EstimateReport.h"

#include "compiler/engine/Simplify.h"
#include "compiler/passes/Explain.h"
#include "compiler/rules/RuleInterfaces.h"

using namespace mlir;
using namespace partir;

EstimateReport partir::makeEstimate(const ProgramGraph &program,
                                    const engine::Plan &plan,
                                    const engine::Device &device,
                                    ArrayRef<int> aliases, bool withEvents) {
  engine::LocalProgram local = engine::makeLocalProgram(plan);
  engine::simplify(local);
  engine::Kernels kernels = engine::fuse(local, device);
  engine::Estimate estimate = engine::estimate(local, kernels, device, aliases);
  const engine::Memory &memory = estimate.memory;
  EstimateReport report{device.name,
                        estimate.seconds,
                        estimate.flops,
                        estimate.matrixFlops,
                        estimate.bytes,
                        {},
                        {},
                        memory.peak(),
                        memory.arguments,
                        memory.results,
                        memory.aliased,
                        memory.temporaries,
                        device.memory,
                        {},
                        {},
                        {}};
  for (auto [work, seconds] : llvm::enumerate(estimate.byWork))
    if (seconds > 0)
      report.byWork.push_back(
          {stringify(static_cast<engine::Work>(work)).str(), seconds});
  for (auto [link, seconds] : llvm::zip_equal(device.links, estimate.byLink))
    report.byLink.push_back({link.name, seconds});

  Explainer explainer(program, plan.state);
  if (memory.peakKernel != engine::kNone) {
    int origin = local.ops[kernels.all[memory.peakKernel].root].origin;
    if (origin != engine::kNone) {
      report.peakOp = getLabel(program.opOf(origin));
      report.peakLoc = sourceText(program.opOf(origin)->getLoc());
    }
  }
  for (const engine::LiveBuffer &buffer : memory.largest) {
    const engine::LocalValue &value = local.values[buffer.value];
    report.largest.push_back({explainer.value(value.origin),
                              explainer.sourceOf(value.origin),
                              {value.shape.begin(), value.shape.end()},
                              buffer.bytes});
  }
  if (!withEvents)
    return report;
  for (auto [index, kernel] : llvm::enumerate(kernels.all)) {
    const engine::LocalOp &op = local.ops[kernel.root];
    EventReport event;
    event.seconds = estimate.kernelSeconds[index];
    event.count = engine::tripsOf(local, op.region);
    event.temporaryBytes = memory.overTime[index];
    if (op.collective != engine::kNone) {
      event.kind = stringify(local.collectives[op.collective].kind);
      event.link = device.links[estimate.kernelLinks[index]].name;
    } else {
      event.kind = stringify(
          kernel.matrix == engine::kNone ? op.cost.work : engine::Work::Matrix);
    }
    if (op.origin != engine::kNone) {
      event.op = getLabel(program.opOf(op.origin));
      event.loc = sourceText(program.opOf(op.origin)->getLoc());
    }
    report.events.push_back(std::move(event));
  }
  return report;
}
