//===- SumMerger.cpp - Partial sums are added before they are reduced -----===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// First, in program order, what each value would deliver unreduced to its one
// use, and the sums that loops carry; then, from the last sum to the first, the
// trees that gain from it.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/SumMerger.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;

SumMerger::SumMerger(Plan &plan, Forms &forms)
    : plan(plan), forms(forms), state(plan.state), graph(plan.state.graph),
      deliveryOf(graph.values.size(), kNone), reached(graph.values.size()),
      visited(graph.nodes.size()) {}

void SumMerger::run() {
  // Sums of trees in which something is delivered, in program order.
  llvm::SmallVector<NodeId, 0> candidates;
  NodeId end = static_cast<NodeId>(graph.nodes.size());
  for (NodeId node = 0; node < end; ++node) {
    const Node &n = graph.nodes[node];
    bool isReached = llvm::any_of(
        n.operands, [&](ValueId operand) { return reached[operand]; });
    if (isReached && n.rule.isSum) {
      candidates.push_back(node);
      reached.set(n.results.front());
    }
    if (isReached || !plan.formOf(node).pending->empty())
      if (auto delivery = deliver(node))
        add(n.results.front(), std::move(*delivery));
    for (ValueId result : n.results)
      if (forms.isOnlyYielded(result))
        carryInto(result);
  }
  for (NodeId node : llvm::reverse(candidates))
    if (!visited[node] && !plan.withheld.count(node))
      mergeAt(node);
}

void SumMerger::add(ValueId value, Delivery delivery) {
  if (find(value))
    return;
  deliveryOf[value] = static_cast<int>(deliveries.size());
  reached.set(value);
  deliveries.push_back(std::move(delivery));
}

std::optional<SumMerger::Delivery> SumMerger::deliver(NodeId node) const {
  const Node &n = graph.nodes[node];
  const Form &form = plan.formOf(node);
  if (n.results.size() != 1 || !hasOneUse(graph, n.results.front()))
    return std::nullopt;
  ValueId result = n.results.front();

  Delivery delivery;
  if (!form.pending->empty()) {
    for (const Pending &partial : *form.pending) {
      if (partial.kind != ReduceKind::Add)
        return std::nullopt;
      delivery.axes.push_back(partial.axis);
    }
    delivery.sources = 1;
    delivery.bytes =
        bytesSent(graph.values[result],
                  forms.convert(result, form.results.front(), form.pending,
                                &plan.stored(result)));
  } else if (int passing = findPassingOperand(state, node); passing != kNone) {
    const Delivery *operand = findFor(node, passing);
    if (!operand)
      return std::nullopt;
    delivery = *operand;
    delivery.operands = {passing};
  } else if (n.rule.isSum && n.operands.size() == 2) {
    const Delivery *left = findFor(node, 0), *right = findFor(node, 1);
    if (!left || !right || left->axes != right->axes)
      return std::nullopt;
    delivery = *left;
    delivery.sources += right->sources;
    delivery.bytes += right->bytes;
    delivery.operands = {0, 1};
  } else {
    return std::nullopt;
  }
  delivery.form = produced(result, delivery.axes);
  if (layout(result, delivery.axes) != delivery.form)
    return std::nullopt;
  return delivery;
}

const SumMerger::Delivery *SumMerger::findFor(NodeId node, int operand) const {
  const Delivery *delivery = find(graph.nodes[node].operands[operand]);
  if (!delivery || required({node, operand}, delivery->axes) != delivery->form)
    return nullptr;
  return delivery;
}

/// Whether the value is a sum that the root can take apart.
bool SumMerger::isInner(ValueId value, NodeId root) const {
  NodeId producer = graph.values[value].producer;
  return producer != kNone && hasOneUse(graph, value) &&
         graph.nodes[producer].rule.isSum &&
         graph.nodes[producer].region == graph.nodes[root].region &&
         state.values[value].empty() &&
         &plan.produced(value) ==
             &plan.produced(graph.nodes[root].results.front());
}

/// The leaves of the tree of sums under the root, from left to right, and the
/// sums inside it.
llvm::SmallVector<Use, 4>
SumMerger::findLeaves(NodeId root, llvm::SmallVectorImpl<NodeId> &inner) {
  llvm::SmallVector<Use, 4> leaves, stack;
  auto pushOperands = [&](NodeId node) {
    for (int i = graph.nodes[node].operands.size() - 1; i >= 0; --i)
      stack.push_back({node, i});
  };
  pushOperands(root);
  while (!stack.empty()) {
    Use use = stack.pop_back_val();
    ValueId value = graph.nodes[use.node].operands[use.operand];
    if (!isInner(value, root)) {
      leaves.push_back(use);
      continue;
    }
    NodeId producer = graph.values[value].producer;
    visited.set(producer);
    inner.push_back(producer);
    pushOperands(producer);
  }
  return leaves;
}

void SumMerger::mergeAt(NodeId root) {
  ValueId sum = graph.nodes[root].results.front();
  const Layout *layout = &plan.produced(sum);
  llvm::SmallVector<NodeId, 4> inner;
  llvm::SmallVector<Use, 4> leaves = findLeaves(root, inner);
  std::map<Axes, llvm::SmallVector<Use, 4>> byAxes;
  for (const Use &use : leaves)
    if (const Delivery *delivery = findFor(use.node, use.operand))
      byAxes[delivery->axes].push_back(use);

  SumTree tree;
  tree.root = root;
  llvm::DenseSet<std::pair<int, int>> merged;
  for (auto &[axes, uses] : byAxes) {
    SumGroup group;
    int sources = 0;
    int64_t bytes = 0;
    for (const Use &use : uses) {
      const Delivery *delivery =
          find(graph.nodes[use.node].operands[use.operand]);
      sources += delivery->sources;
      bytes += delivery->bytes;
    }
    group.axes = axes;
    group.form = produced(sum, axes);
    group.steps = reduce(sum, group.form, axes, layout);
    if (sources < 2 || bytesSent(graph.values[sum], group.steps) > bytes)
      continue;
    for (const Use &use : uses) {
      withhold(graph.nodes[use.node].operands[use.operand], axes);
      merged.insert({use.node, use.operand});
    }
    group.leaves = std::move(uses);
    tree.groups.push_back(std::move(group));
  }
  if (tree.groups.empty())
    return;
  for (const Use &use : leaves)
    if (!merged.contains({use.node, use.operand}))
      tree.rest.push_back(use);
  for (NodeId node : inner)
    plan.dissolved.set(node);
  plan.isSumRoot.set(root);
  plan.sums.emplace(root, std::move(tree));
}

//===----------------------------------------------------------------------===//
// Sums that loops carry
//===----------------------------------------------------------------------===//

void SumMerger::carryInto(ValueId next) {
  while (forms.isOnlyYielded(next)) {
    auto sum = findCarriedSum(state, graph.values[next].uses.front().node);
    if (!sum || sum->terms.empty())
      return;
    const Use &term = sum->terms.front();
    const Delivery *first = findFor(term.node, term.operand);
    if (first && canCarry(*sum, first->axes))
      return carry(*sum, Axes(first->axes));
    // A loop around this one may carry on what this one leaves.
    next = sum->result;
  }
}

/// Whether all terms are partial over the axes, the sum is in one layout all
/// around the loop, no action tiles it over the axes, and the reduction after
/// the loop sends no more than those in it.
bool SumMerger::canCarry(const CarriedSum &sum, const Axes &axes) const {
  int64_t before = 0;
  for (const Use &use : sum.terms) {
    const Delivery *term = findFor(use.node, use.operand);
    if (!term || term->axes != axes)
      return false;
    before += term->bytes * graph.tripsOf(graph.regionOf(use));
  }
  const Layout *form = produced(sum.argument, axes), *layout = form;
  auto isIn = [&](ValueId value, const Layout *layout) {
    return state.values[value].empty() && produced(value, axes) == layout;
  };
  ValueId value = sum.argument;
  for (const auto &[use, made] : sum.chain) {
    if (!isIn(value, layout) || required(use, axes) != layout)
      return false;
    value = made;
    layout = produced(value, axes);
  }
  if (!isIn(value, form) || !canStart(sum, axes))
    return false;
  const Steps &after = reduce(sum.result, form, axes, &plan.stored(sum.result));
  return bytesSent(graph.values[sum.result], after) *
             graph.tripsOf(graph.nodes[sum.tie].region) <=
         before;
}

/// Whether the sum begins with what is partial over the axes, or with zero,
/// which it is on each device.
bool SumMerger::canStart(const CarriedSum &sum, const Axes &axes) const {
  if (const Delivery *init = findFor(sum.tie, sum.init))
    return init->axes == axes;
  ValueId init = graph.nodes[sum.tie].operands[sum.init];
  if (!isZero(graph, init))
    return false;
  const Layout *form = required({sum.tie, sum.init}, axes);
  if (&plan.stored(init) == form)
    return true;
  // Made whole where it is made, unless something else needs it as it is.
  return hasOneUse(graph, init) && state.values[init].empty() &&
         produced(init, axes) == form &&
         llvm::all_of(graph.nodes[graph.values[init].producer].operands,
                      [&](ValueId operand) {
                        return graph.values[operand].shape.empty();
                      });
}

void SumMerger::carry(const CarriedSum &sum, const Axes &axes) {
  ValueId init = graph.nodes[sum.tie].operands[sum.init];
  if (find(init)) {
    withhold(init, axes);
  } else if (&plan.stored(init) != required({sum.tie, sum.init}, axes)) {
    plan.withheld[graph.values[init].producer] = axes;
    plan.isPartial[init] = true;
  }
  plan.withheld[sum.tie] = axes;
  for (ValueId value : graph.nodes[sum.tie].results)
    plan.isPartial[value] = value != sum.result;
  for (const auto &[use, made] : sum.chain) {
    plan.withheld[use.node] = axes;
    for (ValueId value : graph.nodes[use.node].results)
      plan.isPartial[value] = true;
  }
  for (const Use &use : sum.terms)
    withhold(graph.nodes[use.node].operands[use.operand], axes);

  if (!hasOneUse(graph, sum.result))
    return;
  const Layout *form = produced(sum.result, axes);
  if (layout(sum.result, axes) != form)
    return;
  const Steps &steps = reduce(sum.result, form, axes, &plan.stored(sum.result));
  add(sum.result, Delivery{axes, form, /*sources=*/1,
                           bytesSent(graph.values[sum.result], steps)});
}

void SumMerger::withhold(ValueId leaf, const Axes &axes) {
  llvm::SmallVector<ValueId, 4> stack = {leaf};
  while (!stack.empty()) {
    ValueId value = stack.pop_back_val();
    plan.isPartial[value] = true;
    const Delivery &delivery = *find(value);
    if (delivery.operands.empty())
      continue;
    NodeId producer = graph.values[value].producer;
    plan.withheld[producer] = axes;
    for (int operand : delivery.operands)
      stack.push_back(graph.nodes[producer].operands[operand]);
  }
}
