//===- Candidates.cpp - What a node could do with an axis -----------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From places to factors, and which of the outcomes exclude each other.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Candidates.h"

#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;

/// What is left of a factor after the node's tiles and those of `before`.
static int64_t leftAfter(const State &state, NodeId node, int factor,
                         llvm::ArrayRef<FactorTile> before) {
  int64_t left = state.factorLeft(node, factor);
  for (const FactorTile &tile : before)
    if (tile.factor == factor)
      left /= tile.axis.size;
  return left;
}

/// Whether all factors that are major to `factor` on one of the dims are used
/// up.
static bool majorsUsedUp(const State &state, NodeId node, int factor,
                         const ValueFactors &value,
                         llvm::ArrayRef<FactorTile> before) {
  for (const DimFactors &dim : value) {
    if (!llvm::is_contained(dim, factor))
      continue;
    for (int major : dim) {
      if (major == factor)
        break;
      if (leftAfter(state, node, major, before) > 1)
        return false;
    }
  }
  return true;
}

/// What a result's own loops leave of a dim that has the factor, if the axis
/// does not divide that. An axis that they have there already takes nothing
/// more.
static std::optional<int64_t>
findUnevenResult(const State &state, NodeId node, const FactorTile &tile,
                 llvm::ArrayRef<FactorTile> before) {
  const Node &n = state.graph.nodes[node];
  for (auto [value, factors] : llvm::zip_equal(n.results, n.rule.results)) {
    if (state.values[value].empty())
      continue;
    Layout layout = state.layout(value);
    for (auto [dim, dimFactors] : llvm::enumerate(factors)) {
      if (!llvm::is_contained(dimFactors, tile.factor) ||
          llvm::is_contained(layout.dims[dim], tile.axis))
        continue;
      int64_t tiles = layout.tilesOf(static_cast<int>(dim));
      for (const FactorTile &other : before)
        if (llvm::is_contained(dimFactors, other.factor) &&
            !llvm::is_contained(layout.dims[dim], other.axis))
          tiles *= other.axis.size;
      int64_t left = state.graph.values[value].shape[dim] / tiles;
      if (left % tile.axis.size != 0)
        return left;
    }
  }
  return std::nullopt;
}

/// Checks one (axis, factor) on top of the node's tiles and `before`.
static Refusal check(const State &state, NodeId node, const FactorTile &tile,
                     llvm::ArrayRef<FactorTile> before) {
  const Node &n = state.graph.nodes[node];
  Refusal refusal;
  refusal.factor = tile.factor;
  auto refuse = [&](Refusal::Kind kind) {
    refusal.kind = kind;
    return refusal;
  };
  if (n.rule.factors[tile.factor].kind == FactorKind::Blocked)
    return refuse(Refusal::Blocked);
  refusal.left = leftAfter(state, node, tile.factor, before);
  if (refusal.left % tile.axis.size != 0)
    return refuse(Refusal::DoesNotDivide);
  if (auto left = findUnevenResult(state, node, tile, before)) {
    refusal.left = *left;
    return refuse(Refusal::DoesNotDivide);
  }

  auto checkValues = [&](llvm::ArrayRef<ValueId> values,
                         llvm::ArrayRef<ValueFactors> factors) {
    for (auto [value, valueFactors] : llvm::zip_equal(values, factors)) {
      if (refusal)
        return;
      if (!majorsUsedUp(state, node, tile.factor, valueFactors, before)) {
        refusal.kind = Refusal::Minor;
      } else if (!state.atomics[value].empty() &&
                 dimOf(valueFactors, tile.factor) >= 0) {
        if (const AtomicMark *mark = state.findAtomic(value, tile.axis)) {
          refusal.kind = Refusal::Atomic;
          refusal.cause = mark->cause;
        }
      }
    }
  };
  checkValues(n.operands, n.rule.operands);
  checkValues(n.results, n.rule.results);
  return refusal;
}

Refusal partir::engine::mapToFactors(const State &state, NodeId node,
                                     const DimFactors &dim, const AxisRef &axis,
                                     FactorTiles &tiles) {
  const Rule &rule = state.graph.nodes[node].rule;
  int64_t offset = 1, need = axis.size;
  Refusal last;
  last.kind = Refusal::DoesNotDivide;
  last.left = 1;
  for (int factor : dim)
    last.left *= leftAfter(state, node, factor, tiles);
  last.factor = dim.empty() ? 0 : dim.front();
  for (int factor : dim) {
    int64_t left = leftAfter(state, node, factor, tiles);
    if (left == 1)
      continue;
    // A part of the axis uses the factor up; the rest goes on.
    int64_t size = left % need == 0 ? need : left;
    if (rule.factors[factor].kind != FactorKind::Blocked && need % size != 0)
      return last;
    FactorTile tile = {axis.part(offset, size), factor};
    if (Refusal refusal = check(state, node, tile, tiles))
      return refusal;
    tiles.push_back(tile);
    offset *= size;
    need /= size;
    if (need == 1)
      return Refusal();
  }
  return need == 1 ? Refusal() : last;
}

bool partir::engine::hasAxis(const State &state, NodeId node, int axis) {
  return llvm::any_of(state.nodes[node], [&](const NodeTile &tile) {
    return tile.axis.axis == axis;
  });
}

namespace {

/// Gathers the candidates of one node from the places it sees.
class CandidateSearch {
public:
  CandidateSearch(const State &state, NodeId node, int axis)
      : state(state), node(node), axis(axis) {}

  llvm::SmallVector<Candidate, 1> run() {
    const Node &n = state.graph.nodes[node];
    State::Places places;
    for (auto [value, factors] : llvm::zip_equal(n.operands, n.rule.operands)) {
      places.clear();
      state.placesInLayout(value, axis, places);
      add(places, factors);
    }
    for (auto [value, factors] : llvm::zip_equal(n.results, n.rule.results)) {
      places.clear();
      state.placesInLayout(value, axis, places);
      add(places, factors);
      for (const Use &use : state.graph.values[value].uses) {
        places.clear();
        state.placesInUse(use, axis, places);
        add(places, factors);
      }
    }
    return std::move(candidates);
  }

private:
  /// Enters what one value asks for.
  void add(const State::Places &places, const ValueFactors &factors) {
    if (places.empty())
      return;
    FactorTiles tiles;
    int cause = kNone;
    for (const State::Place &place : places) {
      FactorTiles more = tiles;
      if (mapToFactors(state, node, factors[place.dim], place.axis, more))
        continue;
      tiles = std::move(more);
      if (cause == kNone)
        cause = place.cause;
    }
    if (tiles.empty())
      return;
    for (Candidate &candidate : candidates)
      if (extend(candidate, tiles))
        return;
    candidates.push_back({std::move(tiles), cause});
  }

  /// Adds the tiles to the candidate if the two agree.
  bool extend(Candidate &candidate, const FactorTiles &tiles) {
    FactorTiles joined = candidate.tiles;
    for (const FactorTile &tile : tiles) {
      if (llvm::is_contained(joined, tile))
        continue;
      if (llvm::any_of(joined,
                       [&](const FactorTile &other) {
                         return other.axis.overlaps(tile.axis);
                       }) ||
          check(state, node, tile, joined))
        return false;
      joined.push_back(tile);
    }
    candidate.tiles = std::move(joined);
    return true;
  }

  const State &state;
  NodeId node;
  int axis;
  llvm::SmallVector<Candidate, 1> candidates;
};

} // namespace

llvm::SmallVector<Candidate, 1>
partir::engine::findCandidates(const State &state, NodeId node, int axis) {
  return CandidateSearch(state, node, axis).run();
}

std::vector<Conflict> partir::engine::findConflicts(const State &state,
                                                    int axis) {
  std::vector<Conflict> conflicts;
  for (NodeId node = 0, end = static_cast<NodeId>(state.nodes.size());
       node < end; ++node) {
    const Node &n = state.graph.nodes[node];
    bool readsNothing =
        !n.rule.unread.empty() && n.rule.unread.size() == n.operands.size();
    if (readsNothing || hasAxis(state, node, axis))
      continue;
    auto candidates = findCandidates(state, node, axis);
    if (candidates.size() > 1)
      conflicts.push_back({node, axis, std::move(candidates)});
  }
  return conflicts;
}
