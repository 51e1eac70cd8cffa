//===- Actions.cpp - What a tactic decides by itself ----------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Actions.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using namespace partir::engine;
using llvm::Twine;

static std::string shapeText(const Value &value) {
  std::string text = "[";
  for (auto [dim, size] : llvm::enumerate(value.shape))
    text += (dim ? ", " : "") + std::to_string(size);
  return text + "]";
}

/// Says where the value has (a part of) the axis already.
static std::optional<std::string> findUsed(const State &state, ValueId value,
                                           const AxisRef &axis) {
  State::Places places;
  state.placesInLayout(value, axis.axis, places);
  for (const State::Place &place : places)
    if (place.axis.overlaps(axis))
      return (Twine("axis ") + state.graph.mesh.str(axis) + " is on dim " +
              Twine(place.dim) + " of it already (tactic \"" +
              state.causes[place.cause].tactic + "\")")
          .str();
  return std::nullopt;
}

static std::optional<std::string>
explainAtomic(const State &state, ValueId value, const AxisRef &axis) {
  const AtomicMark *mark = state.findAtomic(value, axis);
  if (!mark)
    return std::nullopt;
  return "it is kept whole on axis " + state.graph.mesh.str(axis) +
         " (tactic \"" + state.causes[mark->cause].tactic + "\")";
}

std::optional<std::string> partir::engine::tile(State &state, ValueId value,
                                                int dim, const AxisRef &axis,
                                                llvm::StringRef tactic) {
  const Value &v = state.graph.values[value];
  int rank = static_cast<int>(v.shape.size());
  if (dim < 0 || dim >= rank)
    return (Twine("dim ") + Twine(dim) + " is out of range for shape " +
            shapeText(v) + "; valid dims: " +
            (rank ? "0 to " + std::to_string(rank - 1)
                  : std::string("none: it is a scalar")))
        .str();
  if (auto used = findUsed(state, value, axis))
    return used;
  if (auto atomic = explainAtomic(state, value, axis))
    return atomic;
  if (!state.divides(value, dim, axis)) {
    int64_t left = state.dimLeft(value, dim);
    std::string valid;
    for (int other = 0; other < rank; ++other)
      if (state.divides(value, other, axis))
        valid += (valid.empty() ? "" : ", ") + std::to_string(other);
    std::string tiled;
    if (left != v.shape[dim])
      tiled = (Twine(", of which earlier tiles leave ") + Twine(left)).str();
    return (Twine("dim ") + Twine(dim) + " of shape " + shapeText(v) +
            " has size " + Twine(v.shape[dim]) + tiled + ", which axis " +
            state.graph.mesh.str(axis) + " of size " + Twine(axis.size) +
            " does not divide; dims that it divides: " +
            (valid.empty() ? "none" : valid))
        .str();
  }
  state.values[value].push_back({axis, dim, state.addCause(tactic, kNone)});
  return std::nullopt;
}

std::optional<std::string> partir::engine::makeAtomic(State &state,
                                                      ValueId value,
                                                      const AxisRef &axis,
                                                      llvm::StringRef tactic) {
  if (auto used = findUsed(state, value, axis))
    return used;
  if (state.findAtomic(value, axis))
    return std::nullopt;
  state.atomics[value].push_back({axis, state.addCause(tactic, kNone)});
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Which dims are worth tiling
//===----------------------------------------------------------------------===//

LoopBlockedDims::LoopBlockedDims(const Graph &graph) {
  int total = 0;
  for (const Value &value : graph.values) {
    offsets.push_back(total);
    total += static_cast<int>(value.shape.size());
  }
  for (int dim = 0; dim < total; ++dim)
    parents.push_back(dim);
  blocked.resize(total);

  auto forEachDim = [&](const Node &node, auto visit) {
    auto over = [&](llvm::ArrayRef<ValueId> values,
                    llvm::ArrayRef<ValueFactors> factors) {
      for (auto [value, valueFactors] : llvm::zip_equal(values, factors))
        for (auto [dim, dimFactors] : llvm::enumerate(valueFactors))
          if (!dimFactors.empty())
            visit(offsets[value] + static_cast<int>(dim), dimFactors.front());
    };
    over(node.operands, node.rule.operands);
    over(node.results, node.rule.results);
  };
  for (const Node &node : graph.nodes) {
    if (!node.isTie && !node.rule.isPointwise)
      continue;
    llvm::SmallVector<int, 4> first(node.rule.factors.size(), kNone);
    forEachDim(node, [&](int dim, int factor) {
      if (first[factor] == kNone)
        first[factor] = dim;
      else
        parents[leader(dim)] = leader(first[factor]);
    });
  }
  for (const Node &node : graph.nodes)
    if (graph.isInLoop(node.region))
      forEachDim(node, [&](int dim, int factor) {
        const Factor &f = node.rule.factors[factor];
        if (f.kind == FactorKind::Blocked || f.isIndexed)
          blocked[leader(dim)] = true;
      });
}

int LoopBlockedDims::leader(int dim) const {
  while (parents[dim] != dim) {
    parents[dim] = parents[parents[dim]];
    dim = parents[dim];
  }
  return dim;
}

bool LoopBlockedDims::contains(ValueId value, int dim) const {
  return blocked[leader(offsets[value] + dim)];
}

/// Whether every use of the value needs the dim whole.
static bool isBlockedAtUses(const Graph &graph, ValueId value, int dim) {
  const Value &v = graph.values[value];
  return !v.uses.empty() && llvm::all_of(v.uses, [&](const Use &use) {
    const Rule &rule = graph.nodes[use.node].rule;
    return llvm::any_of(rule.operands[use.operand][dim], [&](int factor) {
      return rule.factors[factor].kind == FactorKind::Blocked;
    });
  });
}

FirstDivisibleResult partir::engine::tileFirstDivisible(
    State &state, const LoopBlockedDims &dims, ValueId value, int start,
    const AxisRef &axis, llvm::StringRef tactic) {
  const Value &v = state.graph.values[value];
  if (v.shape.empty())
    return {kNone, "a scalar"};
  if (auto used = findUsed(state, value, axis))
    return {kNone, *used};
  if (auto atomic = explainAtomic(state, value, axis))
    return {kNone, *atomic};
  for (int dim = start, rank = static_cast<int>(v.shape.size()); dim < rank;
       ++dim) {
    if (!state.divides(value, dim, axis) ||
        isBlockedAtUses(state.graph, value, dim) || dims.contains(value, dim))
      continue;
    state.values[value].push_back({axis, dim, state.addCause(tactic, kNone)});
    return {dim, ""};
  }
  std::string from =
      start ? " from " + std::to_string(start) + " on" : std::string();
  return {kNone, "no dim of shape " + shapeText(v) + from +
                     " can be tiled by an axis of size " +
                     std::to_string(axis.size)};
}
