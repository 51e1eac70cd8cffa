//===- CarriedSum.cpp - A sum that a loop carries -------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/CarriedSum.h"

#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;

bool partir::engine::hasOneUse(const Graph &graph, ValueId value) {
  const Value &v = graph.values[value];
  return v.uses.size() == 1 && !v.isOutput && v.producer != kNone &&
         graph.regionOf(v.uses.front()) == graph.regionOf(value);
}

static int64_t elementsOf(const Value &value) {
  int64_t elements = 1;
  for (int64_t size : value.shape)
    elements *= size;
  return elements;
}

int partir::engine::findPassingOperand(const State &state, NodeId node) {
  const Graph &graph = state.graph;
  const Node &n = graph.nodes[node];
  int found = kNone;
  for (auto [number, operand] : llvm::enumerate(n.operands)) {
    const Value &value = graph.values[operand];
    bool passes =
        found == kNone &&
        llvm::is_contained(n.rule.linear, static_cast<int>(number)) &&
        !state.takesStretches(node) &&
        elementsOf(value) == elementsOf(graph.values[n.results.front()]);
    if (passes)
      found = static_cast<int>(number);
    else if (!value.shape.empty())
      return kNone;
  }
  return found;
}

bool partir::engine::isZero(const Graph &graph, ValueId value) {
  while (true) {
    NodeId producer = graph.values[value].producer;
    if (producer == kNone)
      return false;
    const Node &node = graph.nodes[producer];
    if (node.rule.isZero)
      return true;
    if (node.operands.size() != 1 || node.rule.linear.empty())
      return false;
    value = node.operands.front();
  }
}

/// The operands and results of the tie of a loop, by where they are.
static std::optional<CarriedSum> findLoopTie(const Graph &graph, NodeId tie) {
  const Node &node = graph.nodes[tie];
  if (!node.isTie || node.operands.size() != 2)
    return std::nullopt;
  CarriedSum sum = {tie, 0, 1, kNone, kNone, node.operandRegions[1], {}, {}};
  if (node.operandRegions[0] != node.region || sum.body == node.region)
    return std::nullopt;
  for (auto [result, region] :
       llvm::zip_equal(node.results, node.resultRegions)) {
    if (region == sum.body)
      sum.argument = result;
    else if (region == node.region)
      sum.result = result;
    else if (!graph.values[result].uses.empty())
      return std::nullopt;
  }
  if (sum.argument == kNone || sum.result == kNone)
    return std::nullopt;
  return sum;
}

std::optional<CarriedSum> partir::engine::findCarriedSum(const State &state,
                                                         NodeId tie) {
  const Graph &graph = state.graph;
  std::optional<CarriedSum> sum = findLoopTie(graph, tie);
  if (!sum)
    return std::nullopt;
  ValueId value = sum->argument;
  auto pass = [&](const Use &use, ValueId made) {
    sum->chain.push_back({use, made});
    value = made;
  };
  // The loops inside of this one that the sum is in.
  llvm::SmallVector<CarriedSum, 1> inner;
  for (;;) {
    llvm::ArrayRef<Use> uses = graph.values[value].uses;
    RegionId region = inner.empty() ? sum->body : inner.back().body;
    if (uses.size() != 1 || graph.regionOf(uses.front()) != region)
      return std::nullopt;
    Use use = uses.front();
    const Node &node = graph.nodes[use.node];
    if (use.node == tie)
      return sum;
    if (!inner.empty() && use.node == inner.back().tie) {
      pass(use, inner.pop_back_val().result);
    } else if (auto loop = findLoopTie(graph, use.node);
               loop && use.operand == loop->init) {
      inner.push_back(*loop);
      pass(use, loop->argument);
    } else if (node.results.size() != 1) {
      return std::nullopt;
    } else {
      if (node.rule.isSum && node.operands.size() == 2)
        sum->terms.push_back({use.node, 1 - use.operand});
      else if (findPassingOperand(state, use.node) != use.operand)
        return std::nullopt;
      pass(use, node.results.front());
    }
  }
}
