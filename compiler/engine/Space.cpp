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

/// So far does one look to tell parts apart: past the reshape or the bias
/// behind a parameter, and not into the next layer.
static constexpr int kSteps = 4;

Space::Space(const Trial &base, llvm::ArrayRef<Target> targets,
             llvm::ArrayRef<int> axes)
    : graph(base.getState().graph), axes(axes),
      classes(classify(graph, kSteps)) {
  llvm::MapVector<uint64_t, Targets> parts;
  for (const Target &target : targets)
    parts[classes[target.front()]].push_back(target);
  constexpr size_t kFewTargets = 16;
  isSmall = targets.size() <= kFewTargets;
  for (auto &[part, together] : parts) {
    if (isSmall && together.size() > 1)
      for (const Target &target : together)
        add(base, {target});
    add(base, std::move(together));
  }
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

std::vector<Decision> Space::atConflicts(const State &state) const {
  // By what is decided and the part that the value plays, in program order.
  using Key = std::tuple<uint64_t, int, int>;
  llvm::MapVector<Key, Targets, std::map<Key, unsigned>> found;
  std::set<std::tuple<ValueId, int, int>> seen;
  auto add = [&](ValueId value, int dim, int axis) {
    if (seen.insert({value, dim, axis}).second)
      found[{classes[value], dim, axis}].push_back({value});
  };
  auto addAll = [&](const Conflict &conflict, llvm::ArrayRef<ValueId> values,
                    llvm::ArrayRef<ValueFactors> factors) {
    for (auto [value, valueFactors] : llvm::zip_equal(values, factors)) {
      NodeId producer = graph.values[value].producer;
      if (producer == kNone || graph.nodes[producer].isTie)
        continue;
      for (const Candidate &candidate : conflict.candidates)
        for (const FactorTile &tile : candidate.tiles)
          if (int dim = dimOf(valueFactors, tile.factor); dim >= 0)
            add(value, dim, conflict.axis);
      add(value, kNone, conflict.axis);
    }
  };
  for (int axis : axes)
    for (const Conflict &conflict : findConflicts(state, axis)) {
      const Node &node = graph.nodes[conflict.node];
      addAll(conflict, node.results, node.rule.results);
      addAll(conflict, node.operands, node.rule.operands);
    }
  std::vector<Decision> decisions;
  auto push = [&](const Key &key, Targets targets) {
    auto [part, dim, axis] = key;
    decisions.push_back({dim == kNone ? Decision::Atomic : Decision::Tile, dim,
                         axis,
                         std::make_shared<const Targets>(std::move(targets))});
  };
  for (auto &[key, targets] : found) {
    if (isSmall && targets.size() > 1)
      for (const Target &target : targets)
        push(key, {target});
    push(key, std::move(targets));
  }
  return decisions;
}
