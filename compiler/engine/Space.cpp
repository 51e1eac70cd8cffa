//===- Space.cpp - The decisions that a search may take -------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Space.h"

#include "compiler/engine/Candidates.h"
#include "compiler/engine/Classes.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"

#include <map>
#include <set>

using namespace partir::engine;

/// So far does one look to tell parts apart: what uses a parameter, and what
/// uses that; not into the next layer.
static constexpr int kSteps = 2;

Space::Space(const Trial &base, llvm::ArrayRef<Target> targets,
             llvm::ArrayRef<int> axes)
    : graph(base.getState().graph), axes(axes),
      classes(classify(graph, kSteps)) {
  llvm::MapVector<uint64_t, Targets> parts;
  for (const Target &target : targets) {
    add(base, {target});
    parts[classes[target.front()]].push_back(target);
  }
  constexpr size_t kFewMoves = 48;
  small = moves.size() <= kFewMoves;
  if (!small)
    moves.clear();
  for (auto &[part, together] : parts)
    if (!small || together.size() > 1)
      add(base, std::move(together));
}

void Space::add(const Trial &base, Targets targets) {
  auto shared = std::make_shared<const Targets>(std::move(targets));
  int rank = graph.values[shared->front().front()].shape.size();
  auto addIfPossible = [&](Decision decision) {
    if (base.allows(decision))
      moves.push_back(std::move(decision));
  };
  for (int axis : axes) {
    for (int dim = 0; dim < rank; ++dim)
      addIfPossible({Decision::Tile, dim, axis, shared});
    // A scalar is whole as it is.
    if (rank > 0)
      addIfPossible({Decision::Atomic, kNone, axis, shared});
  }
}

/// Decisions on values inside a program, those on values that play the same
/// part together, in the order in which they were found.
class partir::engine::Inside {
public:
  Inside(const State &state, llvm::ArrayRef<uint64_t> classes)
      : state(state), graph(state.graph), classes(classes) {}

  void addConflict(const Conflict &conflict) {
    const Node &node = graph.nodes[conflict.node];
    addConflict(conflict, node.results, node.rule.results);
    addConflict(conflict, node.operands, node.rule.operands);
  }
  void addTiles(ValueId value, int axis) {
    for (int dim = 0, end = graph.values[value].shape.size(); dim < end; ++dim)
      add(value, dim, axis);
  }
  std::vector<Decision> take(bool alsoSingly);

private:
  /// What is decided, and the part that the value plays.
  using Key = std::tuple<uint64_t, int, int>;

  void add(ValueId value, int dim, int axis) {
    NodeId producer = graph.values[value].producer;
    if (producer == kNone || graph.nodes[producer].isTie)
      return;
    if (seen.insert({value, dim, axis}).second)
      found[{classes[value], dim, axis}].push_back({value});
  }
  void addConflict(const Conflict &conflict, llvm::ArrayRef<ValueId> values,
                   llvm::ArrayRef<ValueFactors> factors) {
    for (auto [value, valueFactors] : llvm::zip_equal(values, factors)) {
      for (const Candidate &candidate : conflict.candidates)
        for (const FactorTile &tile : candidate.tiles)
          if (int dim = dimOf(valueFactors, tile.factor); dim >= 0)
            add(value, dim, conflict.axis);
      add(value, kNone, conflict.axis);
    }
  }

  const State &state;
  const Graph &graph;
  llvm::ArrayRef<uint64_t> classes;
  llvm::MapVector<Key, Targets, std::map<Key, unsigned>> found;
  std::set<std::tuple<ValueId, int, int>> seen;
};

std::vector<Decision> Inside::take(bool alsoSingly) {
  std::vector<Decision> decisions;
  auto push = [&](const Key &key, Targets targets) {
    auto [part, dim, axis] = key;
    decisions.push_back({dim == kNone ? Decision::Atomic : Decision::Tile, dim,
                         axis,
                         std::make_shared<const Targets>(std::move(targets))});
  };
  for (auto &[key, targets] : found) {
    if (alsoSingly && targets.size() > 1)
      for (const Target &target : targets)
        push(key, {target});
    push(key, std::move(targets));
  }
  return decisions;
}

void Space::addInside(const State &state, Inside &inside) const {
  for (int axis : axes) {
    for (const Conflict &conflict : findConflicts(state, axis))
      inside.addConflict(conflict);
    for (auto [node, tiles] : llvm::zip_equal(graph.nodes, state.nodes)) {
      bool isPartial =
          llvm::any_of(tiles, [&, &rule = node.rule](const NodeTile &tile) {
            return tile.axis.axis == axis &&
                   rule.factors[tile.factor].kind == FactorKind::Reduce;
          });
      if (isPartial)
        for (ValueId result : node.results)
          inside.addTiles(result, axis);
    }
    for (auto [output, input] : llvm::zip_equal(graph.outputs, graph.becomes))
      if (input == kNone)
        inside.addTiles(output, axis);
  }
}

std::vector<Decision> Space::getInside(const State &state) const {
  Inside inside(state, classes);
  addInside(state, inside);
  return inside.take(small);
}

std::vector<Decision> Space::getMoreInside(const State &state) const {
  Inside inside(state, classes);
  addInside(state, inside);
  if (small)
    for (int axis : axes)
      for (const Node &node : graph.nodes)
        if (node.rule.cost.work == Work::Matrix)
          inside.addTiles(node.results.front(), axis);
  return inside.take(small);
}
