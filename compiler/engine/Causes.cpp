//===- Causes.cpp - The decisions behind a plan ---------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Causes.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"

#include <array>

using namespace partir::engine;

/// The cause of the first tile on (a part of) the axis.
template <typename Tiles>
static int causeAmong(const Tiles &tiles, const AxisRef &axis) {
  for (const auto &tile : tiles)
    if (axis.overlaps(tile.axis))
      return tile.cause;
  return kNone;
}

static int causeAt(const State &state, NodeId node, const AxisRef &axis) {
  return node == kNone ? kNone : causeAmong(state.nodes[node], axis);
}

static bool hasAxis(const Layout &layout, const AxisRef &axis) {
  return llvm::any_of(layout.dims, [&](auto &dim) {
    return llvm::any_of(
        dim, [&](const AxisRef &other) { return other.overlaps(axis); });
  });
}

/// Why a node needs the axis. A name has it because of what is behind it.
static int causeOfUser(const Plan &plan, NodeId node, const AxisRef &axis) {
  int cause = causeAt(plan.state, node, axis);
  if (cause != kNone || node == kNone)
    return cause;
  const Node &n = plan.state.graph.nodes[node];
  return n.rule.isIdentity ? causeOfAxis(plan, n.results.front(), axis) : kNone;
}

int partir::engine::causeOfAxis(const Plan &plan, ValueId value,
                                const AxisRef &axis) {
  const State &state = plan.state;
  const Value &v = state.graph.values[value];
  int kept = causeAmong(state.values[value], axis);
  if (kept != kNone)
    return kept;
  if (hasAxis(state.produced(value), axis))
    if (int made = causeAt(state, v.producer, axis); made != kNone)
      return made;
  if (v.uses.empty())
    return kNone;
  return causeOfUser(plan, v.uses.front().node, axis);
}

/// The operands that a node may take as partial results, in order.
static llvm::SmallVector<Use, 4> partialOperands(const Plan &plan,
                                                 NodeId node) {
  llvm::SmallVector<Use, 4> found;
  if (const SumTree *tree = plan.sumAt(node)) {
    for (const SumGroup &group : tree->groups)
      llvm::append_range(found, group.leaves);
    return found;
  }
  const Node &n = plan.state.graph.nodes[node];
  for (int i = 0, end = static_cast<int>(n.operands.size()); i < end; ++i)
    if (plan.isKeptPartial(n.operands[i]))
      found.push_back({node, i});
  return found;
}

/// The first op that makes a partial result over the axis, of those that reach
/// `node` unreduced; the node itself if it does.
static NodeId findReducer(const Plan &plan, NodeId node, const AxisRef &axis) {
  const State &state = plan.state;
  llvm::SmallVector<NodeId, 4> stack = {node};
  llvm::DenseSet<NodeId> seen;
  while (!stack.empty()) {
    NodeId next = stack.pop_back_val();
    if (next == kNone || !seen.insert(next).second)
      continue;
    const Node &n = state.graph.nodes[next];
    for (const NodeTile &tile : state.nodes[next])
      if (tile.axis.overlaps(axis) &&
          n.rule.factors[tile.factor].kind == FactorKind::Reduce)
        return next;
    llvm::SmallVector<Use, 4> partial = partialOperands(plan, next);
    for (const Use &use : llvm::reverse(partial)) {
      ValueId operand = state.graph.nodes[use.node].operands[use.operand];
      stack.push_back(state.graph.values[operand].producer);
    }
  }
  return kNone;
}

int partir::engine::causeOf(const Plan &plan, const Site &site,
                            const Step &step, const AxisRef &axis) {
  const State &state = plan.state;
  NodeId producer = state.graph.values[site.value].producer;
  int kept = causeAmong(state.values[site.value], axis);
  if (step.isReduction()) {
    NodeId reducer = findReducer(plan, producer, axis);
    return reducer == kNone ? kept : causeAt(state, reducer, axis);
  }
  int made = causeAt(state, producer, axis);
  bool isMadeFirst = site.kind == Site::AtDefinition;
  for (int cause :
       isMadeFirst ? std::array{made, kept} : std::array{kept, made})
    if (cause != kNone)
      return cause;
  return causeOfUser(plan, site.node, axis);
}

llvm::SmallVector<int, 1>
partir::engine::causesOf(const Plan &plan, const Site &site, const Step &step) {
  llvm::SmallVector<int, 1> causes;
  for (const AxisRef &axis : step.axes) {
    int cause = causeOf(plan, site, step, axis);
    if (cause != kNone && !llvm::is_contained(causes, cause))
      causes.push_back(cause);
  }
  return causes;
}
