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

llvm::SmallVector<Pending, 2>
partir::engine::pendingSums(llvm::ArrayRef<AxisRef> axes) {
  llvm::SmallVector<Pending, 2> pending;
  for (const AxisRef &axis : axes)
    pending.push_back({axis, ReduceKind::Add});
  return pending;
}

Steps partir::engine::windowSteps(const Graph &graph, const Use &use,
                                  const Layout &layout) {
  Steps steps;
  const Node &node = graph.nodes[use.node];
  if (node.rule.windows.empty())
    return steps;
  const Value &value = graph.values[node.operands[use.operand]];
  llvm::SmallVector<int64_t, 4> shape = localShape(value, layout);
  for (const Window &window : node.rule.windows) {
    int dim = dimOf(node.rule.operands[use.operand], window.factor);
    if (window.operand != use.operand || layout.dims[dim].empty())
      continue;
    int resultDim = dimOf(node.rule.results.front(), window.factor);
    int64_t size = graph.values[node.results.front()].shape[resultDim] /
                   layout.tilesOf(dim);
    if (auto step = makeWindow(window, shape, dim, layout, size)) {
      shape = step->stretch.shape;
      steps.push_back(std::move(*step));
    }
  }
  return steps;
}

Plan::Plan(const State &state)
    : state(state), isPartial(state.graph.values.size()),
      dissolved(state.graph.nodes.size()) {
  SumMerger(*this).run();
  placeNames();
  extendLayouts();

  const Graph &graph = state.graph;
  Hoister hoister(*this);
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
    for (ValueId result : graph.nodes[node].results)
      addDefinition(result);
  }
  for (auto [number, value] : llvm::enumerate(graph.outputs))
    outputs.push_back(
        convert(graph.values[value], stored(value), {}, output(number)));
}

/// A name is given to the chunks that an action makes of what it names, or that
/// all uses behind it need. Else a value that is tiled in one way before it and
/// in another behind it would be whole.
void Plan::placeNames() {
  const Graph &graph = state.graph;
  for (NodeId node = static_cast<NodeId>(graph.nodes.size()) - 1; node >= 0;
       --node) {
    if (!graph.nodes[node].rule.isIdentity)
      continue;
    ValueId result = graph.nodes[node].results.front();
    if (isPartial[result])
      continue;
    std::optional<Layout> wanted = findFinerLayout(result);
    if (wanted && !graph.values[result].isOutput)
      placed[node] = std::move(*wanted);
    else if (state.layout(result) != state.produced(result))
      placed[node] = state.layout(result);
  }
}

/// A value that is reduced, and then sliced alike by all its uses over axes
/// that it was reduced over, is kept as they want it: one reduce_scatter.
void Plan::extendLayouts() {
  const Graph &graph = state.graph;
  llvm::SmallVector<AxisRef, 2> reduced;
  for (ValueId value = 0, end = static_cast<ValueId>(graph.values.size());
       value < end; ++value) {
    if (isPartial[value])
      continue;
    reduced.clear();
    for (const Pending &partial : pending(value))
      reduced.push_back(partial.axis);
    SumGroup *sum = wholeSum(value);
    if (sum)
      reduced = sum->axes;
    if (!reduced.empty() && !graph.values[value].isOutput)
      extendLayout(value, reduced);
    if (!sum)
      continue;
    sum->steps = convert(graph.values[value], sum->form, pendingSums(sum->axes),
                         stored(value));
  }
}

SumGroup *Plan::wholeSum(ValueId value) {
  auto tree = sums.find(state.graph.values[value].producer);
  bool isWhole = tree != sums.end() && tree->second.rest.empty() &&
                 tree->second.groups.size() == 1;
  return isWhole ? &tree->second.groups.front() : nullptr;
}

std::optional<Layout> Plan::findFinerLayout(ValueId value) const {
  const Value &v = state.graph.values[value];
  if (v.uses.empty())
    return std::nullopt;
  Layout layout = state.layout(value);
  Layout wanted = required(v.uses.front().node, v.uses.front().operand);
  if (wanted == layout || !llvm::all_of(v.uses, [&](const Use &use) {
        return required(use.node, use.operand) == wanted;
      }))
    return std::nullopt;
  for (auto [have, want] : llvm::zip_equal(layout.dims, wanted.dims))
    if (llvm::ArrayRef<AxisRef>(want).take_front(have.size()) !=
        llvm::ArrayRef<AxisRef>(have))
      return std::nullopt;
  return wanted;
}

void Plan::extendLayout(ValueId value, llvm::ArrayRef<AxisRef> reduced) {
  std::optional<Layout> wanted = findFinerLayout(value);
  if (!wanted)
    return;
  Layout layout = state.layout(value);
  for (auto [have, want] : llvm::zip_equal(layout.dims, wanted->dims))
    if (!llvm::all_of(llvm::drop_begin(want, have.size()),
                      [&](const AxisRef &axis) {
                        return llvm::is_contained(reduced, axis);
                      }))
      return;
  scattered[value] = std::move(*wanted);
}

void Plan::addUse(const Use &use, Hoister &hoister) {
  const Node &node = state.graph.nodes[use.node];
  ValueId value = node.operands[use.operand];
  if (isPartial[value] || llvm::is_contained(node.rule.unread, use.operand))
    return;
  Layout layout = required(use.node, use.operand);
  Steps steps = convert(state.graph.values[value], stored(value), {}, layout);
  steps.append(windowSteps(state.graph, use, layout));
  hoister.hoist(use, steps);
  if (!steps.empty())
    uses[{use.node, use.operand}] = std::move(steps);
}

void Plan::addDefinition(ValueId value) {
  if (isPartial[value])
    return;
  // The steps of a whole tree lead to where its value is kept.
  Layout from = wholeSum(value) ? stored(value) : produced(value);
  Steps steps =
      convert(state.graph.values[value], from, pending(value), stored(value));
  if (!steps.empty())
    definitions[value] = std::move(steps);
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

Layout Plan::required(NodeId node, int operand) const {
  if (auto found = placed.find(node); found != placed.end())
    return found->second;
  Layout layout = state.required(node, operand);
  auto found = withheld.find(node);
  return found == withheld.end() ? layout : layout.without(found->second);
}

Layout Plan::produced(ValueId value) const {
  auto name = placed.find(state.graph.values[value].producer);
  if (name != placed.end())
    return name->second;
  Layout layout = state.produced(value);
  auto found = withheld.find(state.graph.values[value].producer);
  return found == withheld.end() ? layout : layout.without(found->second);
}

llvm::SmallVector<Pending, 2> Plan::pending(ValueId value) const {
  NodeId producer = state.graph.values[value].producer;
  auto found = withheld.find(producer);
  if (found != withheld.end() && state.graph.nodes[producer].isTie)
    return pendingSums(found->second);
  return state.pending(value);
}

Layout Plan::stored(ValueId value) const {
  if (isPartial[value] || placed.count(state.graph.values[value].producer))
    return produced(value);
  auto found = scattered.find(value);
  return found == scattered.end() ? state.layout(value) : found->second;
}

Layout Plan::output(int number) const {
  if (ValueId input = state.graph.becomes[number]; input != kNone)
    return stored(input);
  Layout layout = stored(state.graph.outputs[number]).joined();
  for (auto &dim : layout.dims) {
    const AxisRef *part = llvm::find_if_not(dim, [&](const AxisRef &axis) {
      return state.graph.mesh.isWhole(axis);
    });
    dim.truncate(part - dim.begin());
  }
  return layout;
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

llvm::ArrayRef<Step> Plan::atDefinition(ValueId value) const {
  auto found = definitions.find(value);
  return found == definitions.end() ? llvm::ArrayRef<Step>()
                                    : llvm::ArrayRef<Step>(found->second);
}

llvm::ArrayRef<Step> Plan::atUse(const Use &use) const {
  auto found = uses.find({use.node, use.operand});
  return found == uses.end() ? llvm::ArrayRef<Step>()
                             : llvm::ArrayRef<Step>(found->second);
}

const Hoist *Plan::hoistAt(const Use &use) const {
  auto found = hoisted.find({use.node, use.operand});
  return found == hoisted.end() ? nullptr : &hoists[found->second];
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
        required(use.node, i) == required(use.node, use.operand) &&
        haveSameStretches(atUse({use.node, i}), atUse(use)))
      return i;
  return use.operand;
}

const SumTree *Plan::sumAt(NodeId root) const {
  auto found = sums.find(root);
  return found == sums.end() ? nullptr : &found->second;
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
