//===- Forms.cpp - What a node is once it is tiled ------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Forms.h"

#include "llvm/ADT/STLExtras.h"

#include <map>

using namespace partir::engine;
using llvm::ArrayRef;

/// Whether nodes run over the same axes on the same factors, whatever led to
/// it.
static bool areSame(ArrayRef<NodeTile> a, ArrayRef<NodeTile> b) {
  return llvm::equal(a, b, [](const NodeTile &one, const NodeTile &other) {
    return one.factor == other.factor && one.axis == other.axis;
  });
}

Forms::Forms(const Graph &graph)
    : graph(graph), types(std::make_shared<LocalTypes>()),
      none(layouts.add(Partials())), last(graph.nodes.size()),
      lastTiled(graph.values.size()), onlyYielded(graph.values.size()) {
  for (const Value &value : graph.values)
    valueTypes.push_back(types->get(value.shape, value.elementBytes));
  findClasses();
  findNames();
  findYielded();
}

/// Nodes are alike if they have one rule and values of the same types.
void Forms::findClasses() {
  using Class = std::pair<const Rule *, llvm::SmallVector<int, 4>>;
  std::map<Class, int> numbers;
  for (const Node &node : graph.nodes) {
    Class alike{&node.rule, {}};
    for (ValueId value :
         llvm::concat<const ValueId>(node.operands, node.results))
      alike.second.push_back(valueTypes[value]->number);
    classes.push_back(
        numbers.try_emplace(std::move(alike), numbers.size()).first->second);
  }
}

void Forms::findNames() {
  for (auto [node, n] : llvm::enumerate(graph.nodes))
    if (n.rule.isIdentity)
      nameNodes.push_back(static_cast<NodeId>(node));
}

void Forms::findYielded() {
  for (auto [value, v] : llvm::enumerate(graph.values)) {
    if (v.uses.size() != 1)
      continue;
    NodeId user = v.uses.front().node;
    if (user < v.producer && graph.nodes[user].isTie)
      onlyYielded.set(value);
  }
}

const Layout *Forms::withTiles(ValueId value, const Layout *produced,
                               ArrayRef<ValueTile> tiles) {
  Tiled &tiled = lastTiled[value];
  auto isSame = [](const ValueTile &one, const ValueTile &other) {
    return one.dim == other.dim && one.axis == other.axis;
  };
  if (tiled.from == produced && llvm::equal(tiled.tiles, tiles, isSame))
    return tiled.to;
  Layout layout = *produced;
  applyTiles(layout, tiles);
  tiled.from = produced;
  tiled.to = layouts.add(std::move(layout));
  tiled.tiles.assign(tiles.begin(), tiles.end());
  return tiled.to;
}

const LocalType *Forms::typeOf(ValueId value, const Layout *layout) {
  const LocalType *&found = chunkTypes[{typeOf(value), layout}];
  if (!found)
    found = types->get(typeOf(value), *layout);
  return found;
}

const Form *Forms::formOf(NodeId node, ArrayRef<NodeTile> tiles) {
  if (last[node] && areSame(last[node]->tiles, tiles))
    return last[node];
  llvm::hash_code hash = llvm::hash_combine(classes[node]);
  for (const NodeTile &tile : tiles)
    hash = llvm::hash_combine(hash, tile.axis, tile.factor);
  auto [begin, end] = byHash.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    auto [number, form] = it->second;
    if (number == classes[node] && areSame(form->tiles, tiles))
      return last[node] = form;
  }
  last[node] = &forms.emplace_back(make(node, tiles));
  byHash.emplace(hash, std::pair(classes[node], last[node]));
  return last[node];
}

Form Forms::make(NodeId node, ArrayRef<NodeTile> tiles) {
  const Node &n = graph.nodes[node];
  Form form;
  form.tiles.assign(tiles.begin(), tiles.end());
  for (const ValueFactors &factors : n.rule.operands)
    form.operands.push_back(layouts.add(engine::layoutOf(tiles, factors)));
  for (auto [factors, value] : llvm::zip_equal(n.rule.results, n.results)) {
    form.results.push_back(layouts.add(engine::layoutOf(tiles, factors)));
    form.types.push_back(typeOf(value, form.results.back()));
  }
  form.pending = layouts.add(pendingOf(tiles, n.rule));
  form.cost = types->add(localCost(
      n.rule, tiles, n.results.empty() ? 0 : form.types.front()->elements));
  if (!n.rule.windows.empty())
    for (int i = 0, end = n.operands.size(); i < end; ++i)
      form.windows.push_back(makeWindows(node, i, *form.operands[i]));
  return form;
}

/// Of each dim along which the node moves elements between devices, the
/// stretches of the operand that it reads.
Steps Forms::makeWindows(NodeId node, int operand, const Layout &layout) const {
  const Node &n = graph.nodes[node];
  Steps steps;
  llvm::SmallVector<int64_t, 4> shape =
      localShape(graph.values[n.operands[operand]], layout);
  for (const Window &window : n.rule.windows) {
    int dim = dimOf(n.rule.operands[operand], window.factor);
    if (window.operand != operand || layout.dims[dim].empty())
      continue;
    int resultDim = dimOf(n.rule.results.front(), window.factor);
    int64_t size =
        graph.values[n.results.front()].shape[resultDim] / layout.tilesOf(dim);
    if (auto step = makeWindow(window, shape, dim, layout, size)) {
      shape = step->stretch.shape;
      steps.push_back(std::move(*step));
    }
  }
  return steps;
}

const Steps &Forms::convert(ValueId value, const Layout *from,
                            const Partials *pending, const Layout *to) {
  auto [found, isNew] =
      conversions.try_emplace(Conversion{typeOf(value), from, to, pending});
  if (isNew)
    found->second = engine::convert(graph.values[value], *from, *pending, *to);
  return found->second;
}
