//===- PlanTest.cpp - What a collective plan must be ----------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PlanTest.h"

#include "DeviceData.h"

#include "compiler/engine/CarriedSum.h"
#include "compiler/engine/Causes.h"
#include "compiler/engine/Stops.h"

#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;
using llvm::ArrayRef;

std::string partir::engine::describe(const Graph &graph, NodeId node) {
  return "node " + std::to_string(node) + " " + graph.nodes[node].rule.str();
}

static bool isLoopTie(const Node &node) {
  return node.isTie && node.operands.size() == 2;
}

static bool isWholeSum(const SumTree &tree) {
  return tree.rest.empty() && tree.groups.size() == 1;
}

/// Whether it ties a sum that a loop carries as a partial result.
bool PlanTest::isCarriedSum(NodeId node) const {
  const Node &n = graph.nodes[node];
  return isLoopTie(n) && !plan.pending(n.results.front()).empty();
}

/// Whether some of the axes are in the layout.
static bool hasAny(const Layout &layout, ArrayRef<AxisRef> axes) {
  return llvm::any_of(layout.dims, [&](const auto &dim) {
    return llvm::any_of(dim, [&](const AxisRef &one) {
      return llvm::any_of(
          axes, [&](const AxisRef &other) { return one.overlaps(other); });
    });
  });
}

/// Whether each dim has room for the axes of both layouts at once, so that they
/// can be exchanged in any order.
static bool hasRoom(const Value &value, const Layout &from, const Layout &to) {
  for (int dim = 0, rank = value.shape.size(); dim < rank; ++dim)
    if (value.shape[dim] % (from.tilesOf(dim) * to.tilesOf(dim)) != 0)
      return false;
  return true;
}

/// Runs the steps from one layout and compares with the other.
void PlanTest::checkConversion(const Value &value, const Layout &from,
                               ArrayRef<Pending> pending, const Layout &to,
                               ArrayRef<Step> steps, const std::string &where) {
  if (steps.empty() && from == to && pending.empty())
    return;
  ++counts.conversions;
  DeviceData data(graph.mesh, value, from, pending);
  for (const Step &step : steps) {
    if (auto wrong = data.run(step))
      return fail(where + " " + *wrong);
    ++counts.steps[static_cast<int>(step.kind)];
    if (auto wrong = checkLayout(value, step.to))
      return fail(where + " has " + *wrong);
    if (!(data == DeviceData(graph.mesh, value, step.to, {})))
      return fail(where + " is not in the layout that a step says");
    if (step.kind == StepKind::AllGather && hasAny(to, step.axes)) {
      ++counts.detours;
      if (hasRoom(value, from, to))
        fail(where + " gathers an axis that is wanted elsewhere");
    }
  }
  if (data.isPartial())
    fail(where + " leaves a partial result");
  if (!(data == DeviceData(graph.mesh, value, to, {})))
    fail(where + " does not end where it should");
}

/// All that happens to a value between its layout and a use.
Steps PlanTest::stepsTo(const Use &use) const {
  Steps steps;
  if (const Hoist *hoist = plan.hoistAt(use))
    steps = hoist->steps;
  llvm::append_range(steps, plan.atUse({use.node, plan.sharedOperand(use)}));
  return steps;
}

/// What a node reads by a window is where the result of it is made.
void PlanTest::checkStretches(const Use &use) {
  const Node &n = graph.nodes[use.node];
  Layout layout = plan.required(use.node, use.operand);
  Steps steps = stepsTo(use);
  for (const Window &window : n.rule.windows) {
    int dim = dimOf(n.rule.operands[use.operand], window.factor);
    if (window.operand != use.operand || layout.dims[dim].empty())
      continue;
    const Stretch *stretch = nullptr;
    for (const Step &step : steps)
      if (step.kind == StepKind::Window && step.dim == dim)
        stretch = &step.stretch;
    int64_t tiles = layout.tilesOf(dim);
    int resultDim = dimOf(n.rule.results.front(), window.factor);
    int64_t size = graph.values[n.results.front()].shape[resultDim] / tiles;
    int64_t chunk = graph.values[n.operands[use.operand]].shape[dim] / tiles;
    for (int64_t r = 0; r < tiles * size; ++r) {
      int64_t begin = stretch ? stretch->starts[r / size] : r / size * chunk;
      int64_t end = begin + (stretch ? stretch->shape[dim] : chunk);
      int64_t first = window.scale * r + window.offset;
      if (first < begin || first + window.extent > end)
        return fail("element " + std::to_string(r) + " of " + str(use.node) +
                    " is made without what it reads");
    }
  }
}

/// The value that a loop hands to each trip as this one, with its tie.
std::optional<std::pair<ValueId, NodeId>>
PlanTest::findInit(ValueId value) const {
  NodeId tie = graph.values[value].producer;
  if (tie == kNone || !isLoopTie(graph.nodes[tie]) ||
      graph.nodes[tie].region == graph.regionOf(value) ||
      !llvm::is_contained(graph.nodes[tie].results,
                          graph.nodes[tie].operands.back()))
    return std::nullopt;
  return std::pair(graph.nodes[tie].operands.front(), tie);
}

/// Nothing but gathers stays in a loop around which it could be done, and what
/// leaves a loop is a value that is the same on every trip.
void PlanTest::checkHoist(const Use &use) {
  std::string where = str(use.node);
  ValueId value = graph.nodes[use.node].operands[use.operand];
  NodeId tie = kNone;
  RegionId region = graph.regionOf(use);
  const Hoist *hoist = plan.hoistAt(use);
  if (!hoist) {
    ArrayRef<Step> steps = plan.atUse(use);
    bool exchanges =
        llvm::any_of(steps.take_until([](const Step &step) {
          return step.kind == StepKind::AllGather;
        }),
                     [](const Step &step) { return step.isCollective(); });
    if (exchanges && region != 0 &&
        (graph.regionOf(value) != region || findInit(value)))
      fail("an exchange could leave its loop: " + where);
    return;
  }
  ++counts.hoisted;
  for (RegionId end = graph.regions[hoist->loop].parent; region != end;
       region = graph.regions[region].parent) {
    if (region == 0)
      return fail("what leaves a loop was not in it: " + where);
    if (graph.regionOf(value) != region) {
      tie = kNone;
      continue;
    }
    auto init = findInit(value);
    if (!init)
      return fail("what leaves a loop is made in it: " + where);
    std::tie(value, tie) = *init;
  }
  if (hoist->value != value || (hoist->tie != kNone && hoist->tie != tie))
    fail("another value leaves the loop: " + where);
  if (hoist->tie == kNone && region != 0 &&
      (graph.regionOf(value) != region || findInit(value)))
    fail("what leaves a loop could leave another: " + where);
  if (llvm::any_of(hoist->steps, [](const Step &step) {
        return step.kind == StepKind::AllGather;
      }))
    fail("a gather leaves its loop: " + where);
}

/// A sum that a loop carries as a partial result begins as one, or with zeros.
void PlanTest::checkCarried(NodeId tie) {
  ++counts.carried;
  const Node &n = graph.nodes[tie];
  const Partial &partialInit = partial[n.operands.front()];
  if (partialInit.empty() && !isZero(graph, n.operands.front()))
    fail("a partial sum begins with a value that is whole: " + str(tie));
  if (!partialInit.empty() && partialInit != plan.pending(n.results.front()))
    fail("a partial sum begins with one over other axes: " + str(tie));
  for (int operand : {0, 1})
    if (plan.stored(n.operands[operand]) != plan.required(tie, operand))
      fail("a partial sum changes its layout: " + str(tie));
}

/// Takes an operand from where it is to where the node needs it.
void PlanTest::convertUse(const Use &use) {
  checkStretches(use);
  checkHoist(use);
  ValueId id = graph.nodes[use.node].operands[use.operand];
  std::string where =
      "operand " + std::to_string(use.operand) + " of " + str(use.node);
  Layout from = plan.stored(id), to = plan.required(use.node, use.operand);
  if (!partial[id].empty()) {
    if (from != to || !stepsTo(use).empty())
      fail(where + " is partial and in another layout");
    return;
  }
  if (const Hoist *hoist = plan.hoistAt(use))
    from = hoist->tie == kNone ? plan.stored(hoist->value)
                               : plan.required(hoist->tie, 0);
  checkConversion(graph.values[id], from, {}, to, stepsTo(use), where);
}

/// The groups of a tree; what is added to them is whole.
PlanTest::Partial PlanTest::checkSum(NodeId node, const SumTree &tree) {
  ValueId sum = graph.nodes[node].results.front();
  Layout made = isWholeSum(tree) ? plan.stored(sum) : plan.produced(sum);
  for (const Use &use : tree.rest)
    convertUse(use);
  for (const SumGroup &group : tree.groups) {
    ++counts.merged;
    Partial axes = pendingSums(group.axes);
    for (const Use &use : group.leaves) {
      ValueId leaf = graph.nodes[use.node].operands[use.operand];
      if (partial[leaf] != axes)
        fail("a leaf is not partial over the axes of its group at " +
             str(node));
      if (plan.stored(leaf) != *group.form)
        fail("a leaf is not in the layout of its group at " + str(node));
    }
    checkConversion(graph.values[sum], *group.form, axes, made, group.steps,
                    "the sum of a group at " + str(node));
  }
  return {};
}

/// Over what the operands leave the results partial.
PlanTest::Partial PlanTest::checkOperands(NodeId node) {
  const Node &n = graph.nodes[node];
  Partial pending;
  int passing = 0;
  for (int i = 0, e = n.operands.size(); i < e; ++i) {
    convertUse({node, i});
    if (partial[n.operands[i]].empty())
      continue;
    ++passing;
    pending = partial[n.operands[i]];
    bool isOnly = llvm::count(n.operands, n.operands[i]) == 1;
    if (!n.rule.isSum &&
        (!llvm::is_contained(n.rule.linear, i) || !isOnly || passing > 1))
      fail("a partial result passes what is not linear: " + str(node));
    if (n.rule.isSum && partial[n.operands[i]] != partial[n.operands[0]])
      fail("partial results of several axes are added: " + str(node));
  }
  if (passing > 0 && n.rule.isSum &&
      passing != static_cast<int>(n.operands.size()))
    fail("a partial result is added to a whole one: " + str(node));
  return pending;
}

/// Adds the axes of reduced factors to those that an operand is partial over.
void PlanTest::addReduced(NodeId node, Partial &pending) {
  for (const NodeTile &tile : plan.tiles(node)) {
    const Factor &factor = graph.nodes[node].rule.factors[tile.factor];
    if (factor.kind == FactorKind::Reduce)
      pending.push_back({tile.axis, factor.reduce});
    for (size_t i = 0; i < pending.size(); ++i)
      if (factor.kind != FactorKind::Reduce &&
          pending[i].axis.overlaps(tile.axis))
        fail("a node runs over an axis on which it is partial: " + str(node));
  }
  llvm::sort(pending, [](const Pending &a, const Pending &b) {
    return a.axis < b.axis;
  });
}

void PlanTest::checkResult(NodeId node, ValueId result,
                           const Partial &pending) {
  const Value &value = graph.values[result];
  ArrayRef<Step> steps = plan.atDefinition(result);
  bool reduces =
      llvm::any_of(steps, [](const Step &step) { return step.isReduction(); });
  if (!pending.empty() && !reduces) {
    partial[result] = pending;
    if (isCarriedSum(node) && value.uses.empty())
      return;
    if (!steps.empty() || value.uses.size() != 1 ||
        llvm::is_contained(graph.outputs, result))
      fail("a partial result is not used once: " + str(node));
    return;
  }
  // Without a rest to be added to it, the one group is the sum.
  const SumTree *tree = plan.sumAt(node);
  Layout made =
      tree && isWholeSum(*tree) ? plan.stored(result) : plan.produced(result);
  checkConversion(value, made, pending, plan.stored(result), steps,
                  "the definition by " + str(node));
}

void PlanTest::checkNode(NodeId node) {
  const Node &n = graph.nodes[node];
  if (n.rule.isIdentity &&
      plan.required(node, 0) != plan.produced(n.results.front()))
    fail("a value leaves its name in another layout: " + str(node));
  Partial pending;
  if (isCarriedSum(node)) {
    pending = plan.pending(n.results.front());
    checkCarried(node);
  } else if (const SumTree *tree = plan.sumAt(node)) {
    pending = checkSum(node, *tree);
  } else {
    pending = checkOperands(node);
  }
  addReduced(node, pending);
  for (ValueId result : n.results)
    checkResult(node, result, pending);
}

void PlanTest::checkOutputs() {
  for (auto [number, value] : llvm::enumerate(graph.outputs)) {
    if (!partial[value].empty())
      fail("an output is partial");
    Layout to = plan.output(number);
    for (const auto &dim : to.dims)
      for (const AxisRef &axis : dim)
        if (!graph.mesh.isWhole(axis))
          fail("an output is tiled by a part of an axis");
    checkConversion(graph.values[value], plan.stored(value), {}, to,
                    plan.atOutput(number), "output " + std::to_string(number));
  }
}

void PlanTest::run() {
  partial.resize(graph.values.size());
  NodeId end = static_cast<NodeId>(graph.nodes.size());
  for (NodeId node = 0; node < end; ++node)
    if (!plan.isDissolved(node))
      checkNode(node);
  for (NodeId node = 0; node < end; ++node)
    if (const Node &n = graph.nodes[node]; isLoopTie(n))
      if (partial[n.operands.back()] != plan.pending(n.results.front()))
        fail("what a loop hands on is not partial as what it carries: " +
             str(node));
  checkOutputs();
  for (int axis = 0, e = graph.mesh.axes.size(); axis < e; ++axis)
    counts.stops += findStops(plan, axis).size();
  checkCauses();
}

/// Every axis of a collective, and every axis that a value has, goes back to a
/// decision.
void PlanTest::checkCauses() {
  plan.forEachStep([&](const Step &step, const Site &site) {
    if (!step.isCollective())
      return;
    for (const AxisRef &axis : step.axes)
      if (causeOf(plan, site, step, axis) == kNone)
        fail("a collective of value " + std::to_string(site.value) +
             " has no cause");
  });
  for (ValueId value = 0, end = graph.values.size(); value < end; ++value)
    for (const auto &dim : plan.stored(value).dims)
      for (const AxisRef &axis : dim)
        if (causeOfAxis(plan, value, axis) == kNone)
          fail("value " + std::to_string(value) + " has an axis without cause");
}
