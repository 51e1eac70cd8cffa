//===- AutomaticPartition.cpp - Applies what a search finds ---------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/devices/Devices.h"
#include "compiler/passes/Aliases.h"
#include "compiler/passes/Automatic.h"
#include "compiler/passes/Passes.h"

#include "llvm/Support/Format.h"

namespace partir {
#define GEN_PASS_DEF_AUTOMATICPASS
#include "compiler/passes/Passes.h.inc"
} // namespace partir

using namespace mlir;
using namespace partir;

/// `B: x=0, w=replicated`.
static std::string textOf(const ProgramGraph &program, const TacticPart &part) {
  std::string text = part.axis + ":";
  StringRef separator = " ";
  for (const Action &action : part.actions) {
    StringRef target = std::holds_alternative<int>(action.target)
                           ? program.inputName(std::get<int>(action.target))
                           : StringRef(std::get<std::string>(action.target));
    text += separator;
    text += target;
    text += "=" + (action.kind == Action::Tile ? std::to_string(action.dim)
                                               : std::string("replicated"));
    separator = ", ";
  }
  return text;
}

static std::string textOf(const engine::StateCost &cost) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << llvm::format("%.3f ms, ", cost.seconds * 1e3) << cost.peakBytes
     << " bytes";
  return text;
}

namespace {
struct AutomaticPartition
    : partir::impl::AutomaticPassBase<AutomaticPartition> {
  using AutomaticPassBase::AutomaticPassBase;

  void runOnOperation() override {
    auto found = findDevice(device);
    if (!found) {
      emitError(getOperation().getLoc()) << llvm::toString(found.takeError());
      return signalPassFailure();
    }
    if (failed(changeCore(getOperation(), [&](Partitioned &core) {
          return partition(core, *found);
        })))
      signalPassFailure();
  }

  FailureOr<AutomaticOptions> makeOptions() {
    Location loc = getOperation().getLoc();
    AutomaticOptions options;
    SmallVector<StringRef> names;
    StringRef(axes).split(names, ',', -1, /*KeepEmpty=*/false);
    for (StringRef name : names)
      options.axes.push_back(name.trim().str());
    if (options.axes.empty())
      return emitError(loc, "no axes to decide on; write \"axes=B,M\"");
    if (memory < 0)
      return emitError(loc, "memory is ")
             << memory.getValue() << "; it must be a number of bytes";
    if (memory > 0)
      options.memory = memory;
    if (!(seconds > 0))
      return emitError(loc, "seconds is ")
             << seconds.getValue() << "; it must be above 0";
    options.seconds = seconds;
    options.seed = seed;
    return options;
  }

  LogicalResult partition(Partitioned &core, const engine::Device &device) {
    FailureOr<AutomaticOptions> options = makeOptions();
    if (failed(options))
      return failure();
    int numInputs = core.program->graph.inputs.size();
    auto inputs = llvm::to_vector(llvm::seq<int>(0, numInputs));
    SmallVector<int> aliases = findAliases(core.program->getFunc());
    options->inputs = inputs;
    options->aliases = aliases;
    FailureOr<SearchReport> report =
        findTactics(*core.program, *core.state, tactic, device, *options,
                    [](const engine::SearchProgress &) { return true; });
    if (failed(report))
      return failure();
    tell(*core.program, *report);
    engine::LoopBlockedDims blockedDims(core.program->graph);
    for (const FoundTactic &one : report->tactics)
      if (failed(applyTactic(*core.program, *core.state, blockedDims, tactic,
                             one.part)))
        return failure();
    return success();
  }

  void tell(const ProgramGraph &program, const SearchReport &report) {
    Location loc = getOperation().getLoc();
    emitRemark(loc) << "as it was: " << textOf(report.before);
    for (const FoundTactic &one : report.tactics)
      emitRemark(loc) << textOf(program, one.part) << ": "
                      << textOf(one.decisions.back().after);
    if (memory > 0 && report.after.peakBytes > memory)
      emitRemark(loc) << "no schedule was found within " << memory.getValue()
                      << " bytes";
    if (report.isOptimal)
      emitRemark(loc) << "every schedule was tried: none is better";
  }
};
} // namespace
