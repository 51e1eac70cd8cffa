//===- Pipeline.cpp - From a module to its local program ----------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Passes.h"
#include "compiler/passes/Program.h"
#include "compiler/passes/Schedule.h"

#include "llvm/Support/raw_ostream.h"

namespace partir {
#define GEN_PASS_DEF_PIPELINEPASS
#include "compiler/passes/Passes.h.inc"
} // namespace partir

using namespace mlir;
using namespace partir;

namespace {
struct Pipeline : partir::impl::PipelinePassBase<Pipeline> {
  using PipelinePassBase::PipelinePassBase;

  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
  }

  LogicalResult run() {
    ModuleOp module = getOperation();
    Location loc = module.getLoc();
    std::optional<Stage> last = parseStage(to);
    if (!last)
      return emitError(loc, "there is no stage \"")
             << to << "\"; stages are input, core, hlo and stablehlo";
    FailureOr<MeshAttr> attr = parseMesh(mesh, loc);
    FailureOr<std::vector<ScheduledTactic>> tactics =
        parseSchedule(schedule, loc);
    if (failed(attr) || failed(tactics))
      return failure();
    FailureOr<std::unique_ptr<Program>> program =
        Program::create(module, *attr);
    if (failed(program))
      return failure();
    for (const ScheduledTactic &tactic : *tactics)
      if (failed(apply(**program, tactic)))
        return failure();
    auto lowered = (*program)->materialize(*last);
    if (failed(lowered))
      return failure();
    module->setAttrs((**lowered)->getAttrDictionary());
    module.getBodyRegion().takeBody((*lowered)->getBodyRegion());
    return success();
  }

  LogicalResult apply(Program &program, const ScheduledTactic &tactic) {
    std::vector<TacticPart> parts;
    for (const ScheduledPart &part : tactic.parts) {
      FailureOr<TacticPart> resolved = resolvePart(program.getGraph(), part);
      if (failed(resolved))
        return failure();
      parts.push_back(std::move(*resolved));
    }
    auto actions = program.apply(tactic.name, parts);
    if (failed(actions))
      return failure();
    if (report) {
      printReport(tactic.name, *actions, program.report(tactic.name, parts),
                  llvm::errs());
      return success();
    }
    Explainer explainer(program.getGraph(), program.getState());
    for (int axis : getAxes(program.getGraph(), parts))
      explainer.emitConflicts(engine::findConflicts(program.getState(), axis));
    return success();
  }
};
} // namespace
