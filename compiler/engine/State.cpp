//===- State.cpp - What has been decided so far ---------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/State.h"

#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;

int64_t Layout::tilesOf(int dim) const {
  int64_t tiles = 1;
  for (const AxisRef &axis : dims[dim])
    tiles *= axis.size;
  return tiles;
}

bool Layout::contains(const AxisRef &axis) const {
  return llvm::any_of(
      dims, [&](const auto &dim) { return llvm::is_contained(dim, axis); });
}

Layout Layout::without(llvm::ArrayRef<AxisRef> axes) const {
  Layout rest = *this;
  for (auto &dim : rest.dims)
    llvm::erase_if(dim, [&](const AxisRef &axis) {
      return llvm::is_contained(axes, axis);
    });
  return rest;
}

void partir::engine::joinParts(llvm::SmallVectorImpl<AxisRef> &axes) {
  size_t end = 0;
  for (const AxisRef &axis :
       llvm::SmallVector<AxisRef, 4>(axes.begin(), axes.end())) {
    if (end > 0 && axes[end - 1].axis == axis.axis &&
        axes[end - 1].major * axes[end - 1].size == axis.major)
      axes[end - 1].size *= axis.size;
    else
      axes[end++] = axis;
  }
  axes.truncate(end);
}

Layout Layout::joined() const {
  Layout layout = *this;
  for (auto &dim : layout.dims)
    joinParts(dim);
  return layout;
}

State::State(const Graph &graph)
    : graph(graph), nodes(graph.nodes.size()), values(graph.values.size()),
      atomics(graph.values.size()) {}

int State::addCause(llvm::StringRef tactic, int parent) {
  causes.push_back({tactic.str(), parent});
  return static_cast<int>(causes.size()) - 1;
}

/// Puts each axis of a node on the dim of one of its values.
Layout partir::engine::layoutOf(llvm::ArrayRef<NodeTile> tiles,
                                const ValueFactors &factors) {
  Layout layout;
  layout.dims.resize(factors.size());
  for (const NodeTile &tile : tiles)
    for (auto [dim, dimFactors] : llvm::enumerate(factors))
      if (llvm::is_contained(dimFactors, tile.factor))
        layout.dims[dim].push_back(tile.axis);
  return layout;
}

void partir::engine::applyTiles(Layout &layout,
                                llvm::ArrayRef<ValueTile> tiles) {
  for (const ValueTile &tile : tiles) {
    auto &dim = layout.dims[tile.dim];
    if (llvm::is_contained(dim, tile.axis))
      continue;
    // A loop on the value overrules the dim that its producer chose.
    for (auto &other : layout.dims)
      llvm::erase_if(
          other, [&](const AxisRef &axis) { return axis.overlaps(tile.axis); });
    dim.push_back(tile.axis);
  }
}

Layout State::required(NodeId node, int operand) const {
  return layoutOf(nodes[node], graph.nodes[node].rule.operands[operand]);
}

Layout State::produced(ValueId value) const {
  const Value &v = graph.values[value];
  if (v.producer == kNone) {
    Layout layout;
    layout.dims.resize(v.shape.size());
    return layout;
  }
  return layoutOf(nodes[v.producer],
                  graph.nodes[v.producer].rule.results[v.result]);
}

Layout State::layout(ValueId value) const {
  Layout layout = produced(value);
  applyTiles(layout, values[value]);
  return layout;
}

llvm::SmallVector<Pending, 2>
partir::engine::pendingOf(llvm::ArrayRef<NodeTile> tiles, const Rule &rule) {
  llvm::SmallVector<Pending, 2> pending;
  for (const NodeTile &tile : tiles) {
    const Factor &factor = rule.factors[tile.factor];
    if (factor.kind == FactorKind::Reduce)
      pending.push_back({tile.axis, factor.reduce});
  }
  llvm::sort(pending, [](const Pending &a, const Pending &b) {
    return a.axis < b.axis;
  });
  return pending;
}

llvm::SmallVector<Pending, 2> State::pending(ValueId value) const {
  NodeId producer = graph.values[value].producer;
  if (producer == kNone)
    return {};
  return pendingOf(nodes[producer], graph.nodes[producer].rule);
}

bool State::takesStretches(NodeId node) const {
  const Rule &rule = graph.nodes[node].rule;
  return llvm::any_of(nodes[node], [&](const NodeTile &tile) {
    return rule.isWindowed(tile.factor);
  });
}

const AtomicMark *State::findAtomic(ValueId value, const AxisRef &axis) const {
  for (const AtomicMark &mark : atomics[value])
    if (mark.axis.overlaps(axis))
      return &mark;
  return nullptr;
}

int64_t State::dimLeft(ValueId value, int dim) const {
  return graph.values[value].shape[dim] / layout(value).tilesOf(dim);
}

bool State::divides(ValueId value, int dim, const AxisRef &axis) const {
  int64_t left = dimLeft(value, dim);
  return left > 0 && left % axis.size == 0;
}

int64_t State::factorLeft(NodeId node, int factor) const {
  int64_t left = graph.nodes[node].rule.factors[factor].size;
  for (const NodeTile &tile : nodes[node])
    if (tile.factor == factor)
      left /= tile.axis.size;
  return left;
}

static void placesOn(const llvm::SmallVector<NodeTile, 2> &tiles,
                     const ValueFactors &factors, int axis,
                     State::Places &places) {
  for (const NodeTile &tile : tiles) {
    if (tile.axis.axis != axis)
      continue;
    for (auto [dim, dimFactors] : llvm::enumerate(factors))
      if (llvm::is_contained(dimFactors, tile.factor))
        places.push_back({tile.axis, static_cast<int>(dim), tile.cause});
  }
}

void State::placesInLayout(ValueId value, int axis, Places &places) const {
  for (const ValueTile &tile : values[value])
    if (tile.axis.axis == axis)
      places.push_back({tile.axis, tile.dim, tile.cause});
  const Value &v = graph.values[value];
  // A loop on the value overrules the dim that its producer chose.
  if (v.producer != kNone && places.empty())
    placesOn(nodes[v.producer], graph.nodes[v.producer].rule.results[v.result],
             axis, places);
}

void State::placesInUse(const Use &use, int axis, Places &places) const {
  placesOn(nodes[use.node], graph.nodes[use.node].rule.operands[use.operand],
           axis, places);
}

llvm::SmallVector<int64_t, 4> partir::engine::localShape(const Value &value,
                                                         const Layout &layout) {
  llvm::SmallVector<int64_t, 4> shape = value.shape;
  for (size_t dim = 0; dim < shape.size(); ++dim)
    shape[dim] /= layout.tilesOf(static_cast<int>(dim));
  return shape;
}
