//===- Simulate.cpp - Time and memory of a program ------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/devices/Devices.h"
#include "compiler/passes/Aliases.h"
#include "compiler/passes/CoreState.h"
#include "compiler/passes/EstimateReport.h"
#include "compiler/passes/Passes.h"
#include "compiler/passes/ReadLocal.h"

#include "llvm/Support/raw_ostream.h"

namespace partir {
#define GEN_PASS_DEF_SIMULATEPASS
#include "compiler/passes/Passes.h.inc"
} // namespace partir

using namespace mlir;
using namespace partir;

static bool isLocal(ModuleOp module) {
  return module
      .walk([](Operation *op) {
        return isa<hlo::PartirHloDialect>(op->getDialect())
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

static FailureOr<EstimateReport>
estimateLocal(ModuleOp module, const engine::Device &device, bool overlap) {
  FailureOr<func::FuncOp> func = getProgram(module);
  FailureOr<MeshAttr> mesh = getProgramMesh(module);
  if (failed(func) || failed(mesh))
    return failure();
  FailureOr<LocalFunction> local = readLocal(*func, *mesh);
  if (failed(local))
    return failure();
  Origins origins{[&](int value) { return local->values[value]; },
                  [&](int op) { return local->ops[op]; }};
  SmallVector<int> aliases = findAliases(*func);
  return makeEstimate(*func, std::move(local->program), device, origins,
                      {aliases, overlap});
}

static FailureOr<EstimateReport>
estimateCore(ModuleOp module, const engine::Device &device, bool overlap) {
  // Reading takes the loops off; the module stays as it is.
  OwningOpRef<ModuleOp> copy(module.clone());
  FailureOr<Partitioned> core = readCore(*copy);
  if (failed(core))
    return failure();
  engine::Plan plan(*core->state);
  SmallVector<int> aliases = findAliases(core->program->getFunc());
  return makeEstimate(*core->program, plan, device, {aliases, overlap});
}

namespace {
struct Simulate : partir::impl::SimulatePassBase<Simulate> {
  using SimulatePassBase::SimulatePassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto found = findDevice(device);
    if (!found) {
      emitError(module.getLoc()) << llvm::toString(found.takeError());
      return signalPassFailure();
    }
    FailureOr<EstimateReport> report =
        isLocal(module) ? estimateLocal(module, *found, overlap)
                        : estimateCore(module, *found, overlap);
    if (failed(report))
      return signalPassFailure();
    std::string text;
    llvm::raw_string_ostream os(text);
    printEstimate(*report, os);
    emitRemark(module.getLoc()) << text;
    markAllAnalysesPreserved();
  }
};
} // namespace
