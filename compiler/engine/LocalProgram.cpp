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

/// The sizes of a product: what the dims of its two operands and its result
/// have in common says which is which.
static MatrixSizes matrixSizesOf(const Rule &rule, ArrayRef<NodeTile> tiles,
                                 double flops, double resultElements) {
  MatrixSizes sizes;
  if (rule.operands.size() < 2 || rule.results.empty())
    return sizes;
  for (int factor = 0, end = rule.factors.size(); factor < end; ++factor) {
    bool isLeft = dimOf(rule.operands[0], factor) >= 0;
    bool isRight = dimOf(rule.operands[1], factor) >= 0;
    if (!isRight || dimOf(rule.results[0], factor) < 0)
      continue;
    int64_t size = rule.factors[factor].size;
    for (const NodeTile &tile : tiles)
      if (tile.factor == factor)
        size /= tile.axis.size;
    (isLeft ? sizes.batch : sizes.n) *= static_cast<double>(size);
  }
  // What else the result has is rows; a convolution slides over them.
  sizes.m = std::max(1.0, resultElements / (sizes.batch * sizes.n));
  sizes.k = std::max(1.0, flops / (2 * std::max(1.0, resultElements)));
  return sizes;
}

void partir::engine::setCost(LocalProgram &program, LocalOp &op,
                             const Rule &rule, ArrayRef<NodeTile> tiles) {
  op.cost = rule.cost;
  for (const NodeTile &tile : tiles) {
    op.cost.flops /= static_cast<double>(tile.axis.size);
    op.cost.transcendentals /= static_cast<double>(tile.axis.size);
  }
  if (op.cost.work != Work::Matrix)
    return;
  const LocalValue &result = program.values[op.results.front()];
  op.matrix = matrixSizesOf(rule, tiles, op.cost.flops,
                            static_cast<double>(result.elements));
}

LocalCollective partir::engine::makeCollective(const Value &value,
                                               const Step &step) {
  return {step.kind, step.axes, step.count(), bytesSent(value, step)};
}

namespace {

class LocalBuilder {
public:
  explicit LocalBuilder(const Plan &plan)
      : plan(plan), graph(plan.state.graph), local(graph.values.size(), kNone) {
    program.mesh = graph.mesh;
    program.regions = graph.regions;
    yields.resize(graph.regions.size());
    hasEnded.resize(graph.regions.size());
  }

  LocalProgram run();

private:
  LocalId addValue(ValueId value, const Layout &layout) {
    const Value &v = graph.values[value];
    return program.addValue(localShape(v, layout), v.elementBytes, value);
  }

  LocalId addOp(LocalOp op, LocalId result) {
    op.results.push_back(result);
    program.ops.push_back(std::move(op));
    return result;
  }

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
    local[value] = convert(plan.atDefinition(value), value, made, region, node);
  }

  void visit(NodeId node);
  void visitSum(NodeId node, const SumTree &tree);
  void visitTie(NodeId node);
  void enter(RegionId region);
  void leave(RegionId region);
  void finishTies(RegionId region);

  const Plan &plan;
  const Graph &graph;
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
};

} // namespace

LocalProgram LocalBuilder::run() {
  // With room for conversions.
  program.values.reserve(graph.values.size() * 5 / 4);
  program.ops.reserve(graph.nodes.size() * 5 / 4);
  for (ValueId input : graph.inputs) {
    local[input] = addValue(input, plan.stored(input));
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
}

/// Converts the results of ties of a region, or of all, where they are met:
/// behind the regions of the op that ties.
void LocalBuilder::finishTies(RegionId region) {
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
  hasEnded[region] = true;
  finishTies(region);
  for (auto [use, tie] : yields[region]) {
    program.ties[tie].sources.push_back(convertOperand(use));
    program.ties[tie].sourceRegions.push_back(region);
  }
}

LocalId LocalBuilder::convert(ArrayRef<Step> steps, ValueId value, LocalId from,
                              RegionId region, int origin) {
  const Value &v = graph.values[value];
  auto isSlice = [](const Step &step) { return step.kind == StepKind::Slice; };
  while (!steps.empty()) {
    // Slices on several dims are one op.
    steps = steps.drop_front(
        std::max<size_t>(steps.take_while(isSlice).size(), 1) - 1);
    const Step &step = steps.front();
    steps = steps.drop_front();
    LocalOp op;
    op.operands = {from};
    op.region = region;
    op.origin = origin;
    if (step.kind == StepKind::Slice) {
      op.cost.partlyRead = {0};
    } else {
      op.cost.work = Work::Apart;
      op.collective = program.collectives.size();
      program.collectives.push_back(makeCollective(v, step));
    }
    auto shape = step.kind == StepKind::Window ? step.stretch.shape
                                               : localShape(v, step.to);
    from = addOp(std::move(op), program.addValue(shape, v.elementBytes, value));
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
  LocalOp op;
  op.region = n.region;
  op.origin = node;
  for (int i = 0, end = n.operands.size(); i < end; ++i) {
    int shared = plan.sharedOperand({node, i});
    op.operands.push_back(shared < i ? op.operands[shared]
                                     : convertOperand({node, i}));
  }
  // What only decides which code runs is no code.
  if (n.results.empty())
    return;
  if (n.rule.cost.work == Work::None && n.rule.isIdentity)
    return define(node, 0, op.operands[0], n.region);

  llvm::SmallVector<NodeTile, 2> tiles = plan.tiles(node);
  for (auto [index, value] : llvm::enumerate(n.results))
    op.results.push_back(
        addValue(value, layoutOf(tiles, n.rule.results[index])));
  setCost(program, op, n.rule, tiles);
  llvm::SmallVector<LocalId, 1> results = op.results;
  program.ops.push_back(std::move(op));
  for (auto [index, result] : llvm::enumerate(results))
    define(node, index, result, n.region);
}

/// The leaves are added one after another: of each group first among
/// themselves, then reduced, then to the rest.
void LocalBuilder::visitSum(NodeId node, const SumTree &tree) {
  const Node &n = graph.nodes[node];
  ValueId value = n.results.front();
  auto add = [&](LocalId sum, LocalId term) {
    if (sum == kNone)
      return term;
    LocalOp op;
    op.region = n.region;
    op.origin = node;
    op.operands = {sum, term};
    const LocalValue &like = program.values[sum];
    op.cost.flops = static_cast<double>(like.elements);
    LocalId result = program.addValue(llvm::SmallVector<int64_t, 4>(like.shape),
                                      like.elementBytes, value);
    return addOp(std::move(op), result);
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
    tie.targets.push_back(addValue(value, plan.produced(value)));
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
