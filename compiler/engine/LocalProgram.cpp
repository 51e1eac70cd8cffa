//===- LocalProgram.cpp - What a device runs ------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Follows the plan as lowering does: before each node the conversions of its
// operands, after it those of its results.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/LocalProgram.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <functional>
#include <tuple>

using namespace partir::engine;
using llvm::ArrayRef;

LocalOp &LocalProgram::addOp(const LocalCost *cost,
                             ArrayRef<LocalId> opOperands, RegionId region,
                             int origin) {
  LocalOp &op = ops.emplace_back();
  op.cost = cost;
  op.firstOperand = static_cast<int>(operands.size());
  op.numOperands = static_cast<int>(opOperands.size());
  op.firstResult = static_cast<LocalId>(values.size());
  op.region = region;
  op.origin = origin;
  llvm::append_range(operands, opOperands);
  return op;
}

LocalCollective partir::engine::makeCollective(const Value &value,
                                               const Step &step) {
  return {step.kind, step.axes, step.count(), bytesSent(value, step)};
}

namespace {

class LocalBuilder {
public:
  explicit LocalBuilder(const Plan &plan)
      : plan(plan), graph(plan.state.graph), types(*plan.localTypes()),
        program(plan.localTypes()), local(graph.values.size(), kNone) {
    program.mesh = graph.mesh;
    program.regions = graph.regions;
    yields.resize(graph.regions.size());
    hasEnded.resize(graph.regions.size());
  }

  LocalProgram run();

private:
  LocalId convert(ArrayRef<Step> steps, ValueId value, LocalId from,
                  RegionId region, int origin);
  LocalId convertOperand(const Use &use) {
    ValueId value = graph.nodes[use.node].operands[use.operand];
    const Hoist *hoist = plan.hoistAt(use);
    return convert(plan.atUse(use), value,
                   hoist ? convertOutside(*hoist) : local[value],
                   graph.regionOf(use), use.node);
  }
  LocalId convertOutside(const Hoist &hoist);
  void define(NodeId node, int result, LocalId made, RegionId region) {
    ValueId value = graph.nodes[node].results[result];
    ArrayRef<Step> steps = plan.atDefinition(value);
    local[value] =
        steps.empty() ? made : convert(steps, value, made, region, node);
  }

  void visit(NodeId node);
  void visitSum(NodeId node, const SumTree &tree);
  void visitTie(NodeId node);
  void enter(RegionId region);
  void leave(RegionId region);
  void finishTies(RegionId region);

  const Plan &plan;
  const Graph &graph;
  LocalTypes &types;
  LocalProgram program;
  /// Per value what stands for it on a device.
  std::vector<LocalId> local;
  /// Per region the operands of ties that it yields, each with its tie.
  std::vector<std::vector<std::pair<Use, int>>> yields;
  /// Results of ties whose regions are still to come: the result, and the last
  /// of the regions.
  std::vector<std::tuple<NodeId, int, RegionId>> unfinished;
  /// What has left loops, and per tie what it takes from outside.
  llvm::DenseMap<const Hoist *, LocalId> hoisted;
  llvm::DenseMap<NodeId, LocalId> handedOn;
  RegionId current = 0;
  std::vector<bool> hasEnded;
  /// Whether a region has ended since ties were finished.
  bool hasLeft = false;
};

} // namespace

LocalProgram LocalBuilder::run() {
  // With room for conversions.
  program.values.reserve(graph.values.size() * 5 / 4);
  program.ops.reserve(graph.nodes.size() * 5 / 4);
  program.operands.reserve(graph.nodes.size() * 5 / 2);
  for (ValueId input : graph.inputs) {
    local[input] = program.addValue(plan.storedType(input), input);
    program.inputs.push_back(local[input]);
  }
  for (NodeId node = 0, end = graph.nodes.size(); node < end; ++node) {
    enter(graph.nodes[node].region);
    visit(node);
  }
  enter(0);
  finishTies(kNone);
  for (auto [number, value] : llvm::enumerate(graph.outputs))
    program.outputs.push_back(convert(plan.atOutput(number), value,
                                      local[value], 0,
                                      graph.values[value].producer));
  return std::move(program);
}

/// Closes the regions that end before `region`.
void LocalBuilder::enter(RegionId region) {
  if (region == current && !hasLeft)
    return;
  auto isInside = [&](RegionId inner, RegionId outer) {
    while (inner != outer && inner != kNone)
      inner = graph.regions[inner].parent;
    return inner == outer;
  };
  while (!isInside(region, current)) {
    leave(current);
    current = graph.regions[current].parent;
  }
  if (current == region)
    finishTies(region);
  current = region;
  hasLeft = false;
}

/// Converts the results of ties of a region, or of all, where they are met:
/// behind the regions of the op that ties.
void LocalBuilder::finishTies(RegionId region) {
  if (unfinished.empty())
    return;
  auto isDone = [&](const std::tuple<NodeId, int, RegionId> &one) {
    auto [node, result, inner] = one;
    const Node &n = graph.nodes[node];
    return region == kNone || (n.region == region && hasEnded[inner]);
  };
  auto done = std::stable_partition(unfinished.begin(), unfinished.end(),
                                    std::not_fn(isDone));
  std::vector<std::tuple<NodeId, int, RegionId>> ended(done, unfinished.end());
  unfinished.erase(done, unfinished.end());
  for (auto [node, result, inner] : ended)
    define(node, result, local[graph.nodes[node].results[result]],
           graph.nodes[node].region);
}

void LocalBuilder::leave(RegionId region) {
  hasEnded[region] = hasLeft = true;
  finishTies(region);
  for (auto [use, tie] : yields[region]) {
    program.ties[tie].sources.push_back(convertOperand(use));
    program.ties[tie].sourceRegions.push_back(region);
  }
}

LocalId LocalBuilder::convert(ArrayRef<Step> steps, ValueId value, LocalId from,
                              RegionId region, int origin) {
  const Value &v = graph.values[value];
  auto slices = [](const Step &step) { return step.kind == StepKind::Slice; };
  while (!steps.empty()) {
    // Slices on several dims are one op.
    steps = steps.drop_front(
        std::max<size_t>(steps.take_while(slices).size(), 1) - 1);
    const Step &step = steps.front();
    steps = steps.drop_front();
    bool isSlice = step.kind == StepKind::Slice;
    LocalOp &op = program.addOp(
        isSlice ? types.ofSlice() : types.ofCollective(), from, region, origin);
    if (!isSlice) {
      op.collective = program.collectives.size();
      program.collectives.push_back(makeCollective(v, step));
    }
    from = program.addResult(step.kind == StepKind::Window
                                 ? types.get(step.stretch.shape, v.elementBytes)
                                 : types.get(plan.wholeType(value), step.to),
                             value);
  }
  return from;
}

/// What has left a loop runs once each time the loop does.
LocalId LocalBuilder::convertOutside(const Hoist &hoist) {
  auto [found, isNew] = hoisted.try_emplace(&hoist, kNone);
  if (isNew)
    found->second = convert(hoist.steps, hoist.value,
                            hoist.tie == kNone ? local[hoist.value]
                                               : handedOn.lookup(hoist.tie),
                            graph.regions[hoist.loop].parent, hoist.first.node);
  return found->second;
}

void LocalBuilder::visit(NodeId node) {
  const Node &n = graph.nodes[node];
  if (plan.isDissolved(node))
    return;
  if (n.isTie)
    return visitTie(node);
  if (const SumTree *tree = plan.sumAt(node))
    return visitSum(node, *tree);

  if (!n.operands.empty() && n.rule.unread.size() == n.operands.size())
    return;
  llvm::SmallVector<LocalId, 4> operands;
  if (plan.convertsOperands(node)) {
    for (int i = 0, end = n.operands.size(); i < end; ++i) {
      int shared = plan.sharedOperand({node, i});
      operands.push_back(shared < i ? operands[shared]
                                    : convertOperand({node, i}));
    }
  } else {
    for (ValueId operand : n.operands)
      operands.push_back(local[operand]);
  }
  // What only decides which code runs is no code.
  if (n.results.empty())
    return;
  if (n.rule.cost.work == Work::None && n.rule.isIdentity)
    return define(node, 0, operands[0], n.region);

  const Form &form = plan.formOf(node);
  program.addOp(form.cost, operands, n.region, node);
  LocalId first = static_cast<LocalId>(program.values.size());
  for (auto [type, value] : llvm::zip_equal(form.types, n.results))
    program.addResult(type, value);
  for (int index = 0, end = n.results.size(); index < end; ++index)
    define(node, index, first + index, n.region);
}

/// The leaves are added one after another: of each group first among
/// themselves, then reduced, then to the rest.
void LocalBuilder::visitSum(NodeId node, const SumTree &tree) {
  const Node &n = graph.nodes[node];
  ValueId value = n.results.front();
  auto add = [&](LocalId sum, LocalId term) {
    if (sum == kNone)
      return term;
    const LocalType *type = program.values[sum].type;
    program.addOp(types.ofSum(type), {sum, term}, n.region, node);
    return program.addResult(type, value);
  };
  LocalId total = kNone;
  for (const Use &use : tree.rest)
    total = add(total, convertOperand(use));
  for (const SumGroup &group : tree.groups) {
    LocalId sum = kNone;
    for (const Use &use : group.leaves)
      sum = add(sum, convertOperand(use));
    total = add(total, convert(group.steps, value, sum, n.region, node));
  }
  define(node, 0, total, n.region);
}

void LocalBuilder::visitTie(NodeId node) {
  const Node &n = graph.nodes[node];
  int index = program.ties.size();
  LocalTie tie;
  tie.region = n.region;
  for (int i = 0, end = n.operands.size(); i < end; ++i) {
    RegionId region = n.operandRegions[i];
    if (region != n.region) {
      yields[region].push_back({{node, i}, index});
      continue;
    }
    tie.sources.push_back(convertOperand({node, i}));
    tie.sourceRegions.push_back(region);
    handedOn[node] = tie.sources.back();
  }
  tie.position = program.ops.size();
  for (auto [result, value] : llvm::enumerate(n.results)) {
    tie.targets.push_back(
        program.addValue(plan.formOf(node).types[result], value));
    tie.targetRegions.push_back(n.resultRegions[result]);
  }
  program.ties.push_back(std::move(tie));
  RegionId last = n.region;
  for (RegionId region :
       llvm::concat<const RegionId>(n.operandRegions, n.resultRegions))
    last = std::max(last, region);
  for (int result = 0, end = n.results.size(); result < end; ++result) {
    LocalId target = program.ties[index].targets[result];
    if (last == n.region || n.resultRegions[result] != n.region) {
      define(node, result, target, n.resultRegions[result]);
      continue;
    }
    local[n.results[result]] = target;
    unfinished.push_back({node, result, last});
  }
}

LocalProgram partir::engine::makeLocalProgram(const Plan &plan) {
  return LocalBuilder(plan).run();
}
