//===- Program.cpp - A program from the first tactic to the last ----------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Program.h"

#include "compiler/passes/LowerCore.h"
#include "compiler/passes/Passes.h"

#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace partir;

std::optional<Stage> partir::parseStage(StringRef text) {
  return llvm::StringSwitch<std::optional<Stage>>(text)
      .Case("input", Stage::Input)
      .Case("core", Stage::Core)
      .Case("hlo", Stage::Hlo)
      .Case("stablehlo", Stage::Stablehlo)
      .Default(std::nullopt);
}

FailureOr<std::unique_ptr<Program>> Program::create(ModuleOp module,
                                                    MeshAttr mesh) {
  if (failed(normalize(module)))
    return failure();
  module->setAttr(PartirDialect::getMeshAttrName(), mesh);
  auto func = getProgram(module);
  if (failed(func))
    return failure();
  auto graph = ProgramGraph::build(*func, mesh);
  if (failed(graph))
    return failure();
  auto program = std::make_unique<Program>();
  program->module = module;
  program->graph = std::move(*graph);
  program->state = std::make_unique<engine::State>(program->graph->graph);
  program->forms = std::make_shared<engine::Forms>(program->graph->graph);
  program->blockedDims =
      std::make_unique<engine::LoopBlockedDims>(program->graph->graph);
  return program;
}

FailureOr<std::vector<ActionReport>>
Program::apply(StringRef name, ArrayRef<TacticPart> parts) {
  plan.reset();
  decisionsBefore = state->causes.size();
  wasInTurn = false;
  return applyTactic(*graph, *state, *blockedDims, name, parts);
}

FailureOr<std::vector<ActionReport>>
Program::applyInTurn(StringRef name, ArrayRef<TacticPart> parts) {
  plan.reset();
  wasInTurn = true;
  std::vector<ActionReport> reports;
  for (const TacticPart &part : parts) {
    auto applied = applyTactic(*graph, *state, *blockedDims, name, part);
    if (failed(applied))
      return failure();
    llvm::append_range(reports, *applied);
  }
  return reports;
}

FailureOr<SearchReport> Program::search(StringRef name,
                                        const engine::Device &device,
                                        const AutomaticOptions &options,
                                        engine::SearchObserver observe) {
  return findTactics(*graph, *state, name, device, options, observe);
}

FailureOr<engine::Strategies>
Program::findStrategies(ArrayRef<std::string> axes,
                        const engine::Device &device) {
  SmallVector<int, 2> numbers;
  for (StringRef axis : axes) {
    FailureOr<int> found = findAxis(*graph, axis, "strategies");
    if (failed(found))
      return failure();
    numbers.push_back(*found);
  }
  return engine::findStrategies(*state, numbers, device, forms);
}

LogicalResult Program::choose(StringRef name, ArrayRef<std::string> axes,
                              ArrayRef<int> choice,
                              const engine::Device &device) {
  FailureOr<engine::Strategies> strategies = findStrategies(axes, device);
  if (failed(strategies))
    return failure();
  bool fits =
      strategies->sets.size() == choice.size() &&
      llvm::all_of(llvm::zip(strategies->sets, choice), [](auto pair) {
        auto [set, chosen] = pair;
        return chosen >= 0 && chosen < static_cast<int>(set.strategies.size());
      });
  if (!fits)
    return module->emitError() << "the choice has to be one strategy for each "
                                  "of "
                               << strategies->sets.size() << " sets";
  plan.reset();
  decisionsBefore = state->causes.size();
  wasInTurn = true;
  state = std::make_unique<engine::State>(
      engine::applyStrategies(*state, *strategies, choice, name));
  return success();
}

const engine::Plan &Program::getPlan() {
  if (!plan)
    plan = std::make_unique<engine::Plan>(*state, forms);
  return *plan;
}

ProgramReport Program::report(StringRef name, ArrayRef<TacticPart> parts) {
  if (!wasInTurn)
    suggestFor(name, parts);
  return makeReport(*graph, getPlan(), getAxes(*graph, parts), suggestions);
}

/// Those that are there already are settled where they came up.
void Program::suggestFor(StringRef name, ArrayRef<TacticPart> parts) {
  std::vector<engine::Conflict> conflicts;
  for (int axis : getAxes(*graph, parts))
    for (engine::Conflict &conflict : engine::findConflicts(*state, axis))
      if (!suggestions.contains({conflict.node, axis}))
        conflicts.push_back(std::move(conflict));
  auto found = suggest(*graph, *state, decisionsBefore, *blockedDims, name,
                       parts, conflicts);
  for (auto [conflict, list] : llvm::zip_equal(conflicts, found))
    suggestions[{conflict.node, conflict.axis}] = std::move(list);
}

std::vector<ValueReport> Program::explain(ArrayRef<ValueRef> values) {
  return reportValues(*graph, getPlan(), values);
}

EstimateReport Program::estimate(const engine::Device &device,
                                 const EstimateOptions &options) {
  return makeEstimate(*graph, getPlan(), device, options);
}

FailureOr<OwningOpRef<ModuleOp>> Program::materializeCore() {
  OwningOpRef<ModuleOp> core(module.clone());
  auto func = getProgram(*core);
  if (failed(func))
    return failure();
  auto copy = ProgramGraph::build(*func, graph->mesh);
  if (failed(copy) || failed(writeCore(**copy, *state)))
    return failure();
  return core;
}

FailureOr<OwningOpRef<ModuleOp>> Program::materialize(Stage stage) {
  if (stage == Stage::Input)
    return OwningOpRef<ModuleOp>(module.clone());
  if (stage == Stage::Core)
    return materializeCore();
  FailureOr<func::FuncOp> lowered = lowerCore(*graph, getPlan());
  if (failed(lowered))
    return failure();
  (*lowered)->remove();
  OwningOpRef<ModuleOp> local(cast<ModuleOp>(module->cloneWithoutRegions()));
  local->getBodyRegion().emplaceBlock();
  for (Operation &op : *module.getBody())
    local->push_back(&op == graph->getFunc() ? *lowered : op.clone());
  if (stage == Stage::Stablehlo && failed(lowerCollectives(*local)))
    return failure();
  // A rule whose local form is wrong is told here, not by XLA.
  if (failed(verify(*local)))
    return failure();
  return local;
}
