//===- Act.cpp - Applies one action -------------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Passes.h"
#include "compiler/passes/Schedule.h"

namespace partir {
#define GEN_PASS_DEF_ACTPASS
#include "compiler/passes/Passes.h.inc"
} // namespace partir

using namespace mlir;
using namespace partir;

namespace {
struct Act : partir::impl::ActPassBase<Act> {
  using ActPassBase::ActPassBase;

  void runOnOperation() override {
    if (failed(changeCore(getOperation(),
                          [&](Partitioned &core) { return act(core); })))
      signalPassFailure();
  }

  LogicalResult act(Partitioned &core) {
    Location loc = getOperation().getLoc();
    auto value = parseValue(action);
    if (!value)
      return emitError(loc, "\"")
             << action << "\" is not an action; valid are a dim, \"first\", "
             << "\"first>=1\" and \"replicated\"";
    std::optional<InnerNames> innerNames;
    auto actions = resolveAction(
        *core.program, {target, value->first, value->second}, innerNames);
    if (failed(actions))
      return failure();
    FailureOr<std::vector<ActionReport>> reports =
        applyActions(*core.program, *core.state,
                     engine::LoopBlockedDims(core.program->graph), tactic,
                     {{axis, std::move(*actions)}});
    if (failed(reports))
      return failure();
    for (const ActionReport &report : *reports)
      if (report.what == ActionReport::LeftAlone)
        emitRemark(loc) << '"' << report.target
                        << "\" is left alone: " << report.reason;
    return success();
  }
};
} // namespace
