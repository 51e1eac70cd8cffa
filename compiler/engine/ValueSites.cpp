//===- ValueSites.cpp - Where a plan touches a value ----------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/ValueSites.h"

#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;

ValueSites::ValueSites(const Plan &plan, ValueId value)
    : plan(plan), graph(plan.state.graph) {
  addForms(value);
  addOrigins(value);
}

bool ValueSites::contains(const Site &site) const {
  switch (site.kind) {
  case Site::AtUse:
    return uses.contains({site.node, site.operand});
  case Site::AtSum:
    return sums.contains(site.node) || made.contains(site.value);
  case Site::AtDefinition:
    return made.contains(site.value);
  case Site::AtOutput:
    return forms.contains(site.value);
  }
  return false;
}

/// Whether the results of the user are the value in another form. What an index
/// reads is added up only where devices look for it.
bool ValueSites::makesForm(const Use &use) const {
  const Node &node = graph.nodes[use.node];
  bool isHandedOn =
      node.isTie || llvm::is_contained(node.rule.linear, use.operand);
  if (!isHandedOn || llvm::any_of(node.rule.factors, [](const Factor &factor) {
        return factor.kind == FactorKind::Reduce && !factor.isIndexed;
      }))
    return false;
  for (auto [number, operand] : llvm::enumerate(node.operands)) {
    if (static_cast<int>(number) == use.operand)
      continue;
    // What a loop yields of a value that it does not change is its argument.
    bool isItself = node.isTie && llvm::is_contained(node.results, operand);
    bool isScalar = graph.values[operand].shape.empty();
    // Of scalars, the first is the value and the others scale it.
    bool isBefore = static_cast<int>(number) < use.operand &&
                    llvm::is_contained(node.rule.linear, number);
    if (!isItself && (!isScalar || isBefore))
      return false;
  }
  return true;
}

/// The value and its forms from here on.
void ValueSites::addForms(ValueId value) {
  llvm::SmallVector<ValueId, 4> stack = {value};
  while (!stack.empty()) {
    ValueId form = stack.pop_back_val();
    if (!forms.insert(form).second)
      continue;
    made.insert(form);
    if (plan.isKeptPartial(form)) {
      followPartial(form);
      continue;
    }
    for (const Use &use : graph.values[form].uses) {
      uses.insert({use.node, use.operand});
      if (makesForm(use))
        llvm::append_range(stack, graph.nodes[use.node].results);
    }
  }
}

/// What the value is a form of.
void ValueSites::addOrigins(ValueId value) {
  for (;;) {
    NodeId producer = graph.values[value].producer;
    if (producer == kNone)
      return;
    const Node &node = graph.nodes[producer];
    int operand = 0, end = static_cast<int>(node.operands.size());
    while (operand < end && !makesForm({producer, operand}))
      ++operand;
    if (operand == end || !made.insert(node.operands[operand]).second)
      return;
    value = node.operands[operand];
    uses.insert({producer, operand});
  }
}

/// Where a partial result is added up or reduced.
void ValueSites::followPartial(ValueId value) {
  for (const Use &use : graph.values[value].uses)
    followPartialInto(use.node);
}

void ValueSites::followPartialInto(NodeId node) {
  if (plan.sumAt(node)) {
    sums.insert(node);
    return;
  }
  for (ValueId result : graph.nodes[node].results) {
    // A sum that was dissolved has no result of its own.
    bool isOnItsWay = plan.isDissolved(node) || plan.isKeptPartial(result);
    if (made.insert(result).second && isOnItsWay)
      followPartial(result);
  }
}
