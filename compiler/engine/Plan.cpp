//===- Plan.cpp - Which collectives a state needs, and where --------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Plan.h"

#include "compiler/engine/Hoister.h"
#include "compiler/engine/SumMerger.h"

#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;

Plan::Plan(const State &state, std::shared_ptr<Forms> shared)
    : state(state), forms(std::move(shared)),
      isPartial(state.graph.values.size()), dissolved(state.graph.nodes.size()),
      isSumRoot(state.graph.nodes.size()),
      isConverted(state.graph.values.size()) {
  findLayouts();
  SumMerger(*this, *forms).run();
  withhold();
  placeNames();
  extendLayouts();
  addSteps();
}

/// What follows from the state alone.
void Plan::findLayouts() {
  const Graph &graph = state.graph;
  nodeForms.resize(graph.nodes.size());
  kept.resize(graph.values.size());
  for (ValueId input : graph.inputs)
    kept[input] =
        forms->layoutOf(input, producedAs(input), state.values[input]);
  NodeId end = static_cast<NodeId>(graph.nodes.size());
  for (NodeId node = 0; node < end; ++node) {
    const Form *form = nodeForms[node] = forms->formOf(node, state.nodes[node]);
    for (auto [layout, value] :
         llvm::zip_equal(form->results, graph.nodes[node].results))
      kept[value] = forms->layoutOf(value, layout, state.values[value]);
  }
}

/// Brings the nodes from which axes are withheld, and the values that are kept
/// as partial results, to the form that they have then.
void Plan::withhold() {
  for (const auto &[node, axes] : withheld) {
    const Partials *pending = state.graph.nodes[node].isTie
                                  ? forms->layouts.add(pendingSums(axes))
                                  : nodeForms[node]->pending;
    const Form *form = nodeForms[node] = forms->formOf(node, tiles(node));
    if (form->pending == pending)
      continue;
    nodeForms[node] = &ownForms.emplace_back(*form);
    ownForms.back().pending = pending;
  }
  for (ValueId value : isPartial.set_bits())
    kept[value] = producedAs(value);
}

void Plan::addSteps() {
  const Graph &graph = state.graph;
  firstConverted.assign(graph.nodes.size(), kNone);
  Hoister hoister(*this, *forms);
  NodeId end = static_cast<NodeId>(graph.nodes.size());
  for (NodeId node = 0; node < end; ++node) {
    if (isDissolved(node))
      continue;
    if (const SumTree *tree = sumAt(node)) {
      for (const Use &use : tree->rest)
        addUse(use, hoister);
    } else {
      for (int i = 0, e = graph.nodes[node].operands.size(); i < e; ++i)
        addUse({node, i}, hoister);
    }
    for (int i = 0, e = graph.nodes[node].results.size(); i < e; ++i)
      addDefinition(node, i);
  }
  for (auto [number, value] : llvm::enumerate(graph.outputs)) {
    const Layout *layout = outputAs(number);
    outputs.push_back(llvm::ArrayRef<Step>());
    if (layout != kept[value])
      outputs.back() =
          forms->convert(value, kept[value], forms->noPartials(), layout);
  }
}

/// A name is given to the chunks that an action makes of what it names, or that
/// all uses behind it need. Else a value that is tiled in one way before it and
/// in another behind it would be whole.
void Plan::placeNames() {
  const Graph &graph = state.graph;
  for (NodeId node : llvm::reverse(forms->names())) {
    ValueId result = graph.nodes[node].results.front();
    if (isPartial[result])
      continue;
    const Layout *wanted = findFinerLayout(result);
    if (wanted && !graph.values[result].isOutput)
      place(node, wanted);
    else if (kept[result] != producedAs(result))
      place(node, kept[result]);
  }
}

/// Lets a name take its operand and leave its result in the layout.
void Plan::place(NodeId node, const Layout *layout) {
  Form &form = ownForms.emplace_back(*nodeForms[node]);
  form.operands = {layout};
  form.results = {layout};
  nodeForms[node] = &form;
  kept[state.graph.nodes[node].results.front()] = layout;
}

/// A value that is reduced, and then sliced alike by all its uses over axes
/// that it was reduced over, is kept as they want it: one reduce_scatter.
void Plan::extendLayouts() {
  const Graph &graph = state.graph;
  llvm::SmallVector<AxisRef, 2> reduced;
  NodeId end = static_cast<NodeId>(graph.nodes.size());
  for (NodeId node = 0; node < end; ++node) {
    const Partials &pending = *nodeForms[node]->pending;
    if (pending.empty() && !isSumRoot[node])
      continue;
    for (ValueId value : graph.nodes[node].results) {
      if (isPartial[value])
        continue;
      reduced.clear();
      for (const Pending &partial : pending)
        reduced.push_back(partial.axis);
      SumGroup *sum = wholeSum(node);
      if (sum)
        reduced = sum->axes;
      if (!reduced.empty() && !graph.values[value].isOutput)
        extendLayout(value, reduced);
      if (sum)
        sum->steps = forms->convert(value, sum->form,
                                    forms->layouts.add(pendingSums(sum->axes)),
                                    kept[value]);
    }
  }
}

SumGroup *Plan::wholeSum(NodeId root) {
  if (!isSumRoot[root])
    return nullptr;
  SumTree &tree = sums.find(root)->second;
  bool isWhole = tree.rest.empty() && tree.groups.size() == 1;
  return isWhole ? &tree.groups.front() : nullptr;
}

const Layout *Plan::findFinerLayout(ValueId value) const {
  const Value &v = state.graph.values[value];
  if (v.uses.empty())
    return nullptr;
  const Layout *layout = kept[value];
  auto wantedAt = [&](const Use &use) {
    return nodeForms[use.node]->operands[use.operand];
  };
  const Layout *wanted = wantedAt(v.uses.front());
  if (wanted == layout || !llvm::all_of(v.uses, [&](const Use &use) {
        return wantedAt(use) == wanted;
      }))
    return nullptr;
  for (auto [have, want] : llvm::zip_equal(layout->dims, wanted->dims))
    if (llvm::ArrayRef<AxisRef>(want).take_front(have.size()) !=
        llvm::ArrayRef<AxisRef>(have))
      return nullptr;
  return wanted;
}

void Plan::extendLayout(ValueId value, llvm::ArrayRef<AxisRef> reduced) {
  const Layout *wanted = findFinerLayout(value);
  if (!wanted)
    return;
  for (auto [have, want] : llvm::zip_equal(kept[value]->dims, wanted->dims))
    if (!llvm::all_of(llvm::drop_begin(want, have.size()),
                      [&](const AxisRef &axis) {
                        return llvm::is_contained(reduced, axis);
                      }))
      return;
  kept[value] = wanted;
}

void Plan::addUse(const Use &use, Hoister &hoister) {
  const Node &node = state.graph.nodes[use.node];
  const Form &form = *nodeForms[use.node];
  ValueId value = node.operands[use.operand];
  const Layout *from = kept[value], *to = form.operands[use.operand];
  if ((from == to && form.windows.empty()) || isPartial[value] ||
      llvm::is_contained(node.rule.unread, use.operand))
    return;
  llvm::ArrayRef<Step> steps;
  if (from != to)
    steps = forms->convert(value, from, forms->noPartials(), to);
  if (!form.windows.empty() && !form.windows[use.operand].empty()) {
    const Steps &windows = form.windows[use.operand];
    if (!steps.empty()) {
      Steps &all = ownSteps.emplace_back(steps.begin(), steps.end());
      llvm::append_range(all, windows);
      steps = all;
    } else {
      steps = windows;
    }
  }
  int hoist = hoister.hoist(use, steps);
  if (steps.empty() && hoist == kNone)
    return;
  int &first = firstConverted[use.node];
  converted.push_back({use.operand, steps, hoist, first});
  first = static_cast<int>(converted.size()) - 1;
}

void Plan::addDefinition(NodeId node, int result) {
  const Form &form = *nodeForms[node];
  ValueId value = state.graph.nodes[node].results[result];
  // The steps of a whole tree lead to where its value is kept.
  const Layout *to = kept[value];
  const Layout *from = wholeSum(node) ? to : form.results[result];
  if ((from == to && form.pending->empty()) || isPartial[value])
    return;
  const Steps &steps = forms->convert(value, from, form.pending, to);
  if (steps.empty())
    return;
  isConverted.set(value);
  definitions[value] = steps;
}

llvm::SmallVector<NodeTile, 2> Plan::tiles(NodeId node) const {
  llvm::SmallVector<NodeTile, 2> tiles = state.nodes[node];
  auto found = withheld.find(node);
  if (found != withheld.end())
    llvm::erase_if(tiles, [&](const NodeTile &tile) {
      return llvm::is_contained(found->second, tile.axis);
    });
  return tiles;
}

const Layout *Plan::producedAs(ValueId value) const {
  const Value &v = state.graph.values[value];
  return v.producer == kNone ? forms->layouts.whole(v.shape.size())
                             : nodeForms[v.producer]->results[v.result];
}

const Partials &Plan::pending(ValueId value) const {
  NodeId producer = state.graph.values[value].producer;
  return producer == kNone ? *forms->noPartials()
                           : *nodeForms[producer]->pending;
}

/// Results of the program never end in a part of an axis.
const Layout *Plan::outputAs(int number) const {
  if (ValueId input = state.graph.becomes[number]; input != kNone)
    return kept[input];
  auto isWhole = [&](const AxisRef &axis) {
    return state.graph.mesh.isWhole(axis);
  };
  const Layout *layout = kept[state.graph.outputs[number]];
  if (llvm::all_of(layout->dims,
                   [&](const auto &dim) { return llvm::all_of(dim, isWhole); }))
    return layout;
  Layout joined = layout->joined();
  for (auto &dim : joined.dims)
    dim.truncate(llvm::find_if_not(dim, isWhole) - dim.begin());
  return forms->layouts.add(std::move(joined));
}

llvm::SmallVector<AxisRef, 2> Plan::partialAxes(ValueId value) const {
  llvm::SmallVector<AxisRef, 2> axes;
  if (!isPartial[value])
    return axes;
  for (const Pending &partial : state.pending(value))
    axes.push_back(partial.axis);
  // What hands on a partial result runs over none of its axes.
  auto found = withheld.find(state.graph.values[value].producer);
  return found == withheld.end() ? axes : found->second;
}

const Plan::Converted *Plan::findConverted(const Use &use) const {
  for (int i = firstConverted[use.node]; i != kNone; i = converted[i].next)
    if (converted[i].operand == use.operand)
      return &converted[i];
  return nullptr;
}

llvm::ArrayRef<Step> Plan::atUse(const Use &use) const {
  const Converted *found = findConverted(use);
  return found ? found->steps : llvm::ArrayRef<Step>();
}

const Hoist *Plan::hoistAt(const Use &use) const {
  const Converted *found = findConverted(use);
  return found && found->hoist != kNone ? &hoists[found->hoist] : nullptr;
}

llvm::ArrayRef<Step> Plan::atOutput(int number) const {
  return outputs[number];
}

/// Whether steps between the same layouts lead to the same.
static bool haveSameStretches(llvm::ArrayRef<Step> a, llvm::ArrayRef<Step> b) {
  return llvm::equal(a, b, [](const Step &one, const Step &other) {
    return one.stretch == other.stretch;
  });
}

int Plan::sharedOperand(const Use &use) const {
  const Node &node = state.graph.nodes[use.node];
  // The operands of a tie are needed at different places.
  if (node.isTie || atUse(use).empty())
    return use.operand;
  for (int i = 0; i < use.operand; ++i)
    if (node.operands[i] == node.operands[use.operand] &&
        &required(use.node, i) == &required(use.node, use.operand) &&
        haveSameStretches(atUse({use.node, i}), atUse(use)))
      return i;
  return use.operand;
}

void Plan::forEachStep(
    llvm::function_ref<void(const Step &, const Site &)> visit) const {
  const Graph &graph = state.graph;
  auto visitUse = [&](const Use &use) {
    Site site{Site::AtUse, graph.nodes[use.node].operands[use.operand],
              use.node, use.operand, graph.regionOf(use)};
    if (const Hoist *hoist = hoistAt(use);
        hoist && hoist->first.node == use.node &&
        hoist->first.operand == use.operand) {
      Site outside = site;
      outside.region = graph.regions[hoist->loop].parent;
      for (const Step &step : hoist->steps)
        visit(step, outside);
    }
    if (sharedOperand(use) != use.operand)
      return;
    for (const Step &step : atUse(use))
      visit(step, site);
  };
  NodeId end = static_cast<NodeId>(graph.nodes.size());
  for (NodeId node = 0; node < end; ++node) {
    if (isDissolved(node))
      continue;
    const Node &n = graph.nodes[node];
    if (const SumTree *tree = sumAt(node)) {
      for (const SumGroup &group : tree->groups)
        for (const Step &step : group.steps)
          visit(step, {Site::AtSum, n.results.front(), node, kNone, n.region});
      llvm::for_each(tree->rest, visitUse);
    } else {
      for (int i = 0, e = n.operands.size(); i < e; ++i)
        visitUse({node, i});
    }
    for (ValueId result : n.results)
      for (const Step &step : atDefinition(result))
        visit(step, {Site::AtDefinition, result, node, kNone, n.region});
  }
  for (auto [number, value] : llvm::enumerate(graph.outputs))
    for (const Step &step : outputs[number])
      visit(step, {Site::AtOutput, value, kNone, static_cast<int>(number)});
}
