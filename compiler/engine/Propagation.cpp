//===- Propagation.cpp - From a few decisions to many ---------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sweeps over the nodes that see something new.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Propagation.h"

#include "compiler/engine/Candidates.h"

#include "llvm/ADT/STLExtras.h"

#include <numeric>

using namespace partir::engine;

void Propagation::run() {
  dirty.resize(state.nodes.size(), true);
  touched.resize(state.values.size());
  std::iota(touched.begin(), touched.end(), 0);
  runRounds();
}

void Propagation::run(llvm::ArrayRef<NodeId> changedNodes,
                      llvm::ArrayRef<ValueId> changedValues) {
  dirty.resize(state.nodes.size());
  for (NodeId node : changedNodes) {
    // Another axis leaves less of its factors.
    dirty.set(node);
    markNeighbours(node);
  }
  for (ValueId value : changedValues) {
    touched.push_back(value);
    markAround(value);
  }
  runRounds();
}

void Propagation::runRounds() {
  while (runRound())
    ;
}

bool Propagation::runRound() {
  bool changed = false;
  auto visitDirty = [&](NodeId node) {
    dirty.reset(node);
    if (!visit(node))
      return;
    changed = true;
    changes.nodes.push_back(node);
    markNeighbours(node);
  };
  for (int node = dirty.find_first(); node >= 0; node = dirty.find_next(node))
    visitDirty(node);
  for (int node = dirty.find_last(); node >= 0; node = dirty.find_prev(node))
    visitDirty(node);

  llvm::sort(touched);
  touched.erase(llvm::unique(touched), touched.end());
  for (ValueId value : std::exchange(touched, {}))
    if (tileReduced(value)) {
      changed = true;
      changes.values.push_back(value);
      markAround(value);
    }
  return changed;
}

void Propagation::markNeighbours(NodeId node) {
  const Node &n = state.graph.nodes[node];
  for (ValueId operand : n.operands) {
    touched.push_back(operand);
    if (NodeId producer = state.graph.values[operand].producer;
        producer != kNone)
      dirty.set(producer);
  }
  for (ValueId result : n.results) {
    touched.push_back(result);
    for (const Use &use : state.graph.values[result].uses)
      dirty.set(use.node);
  }
}

void Propagation::markAround(ValueId value) {
  const Value &v = state.graph.values[value];
  if (v.producer != kNone)
    dirty.set(v.producer);
  for (const Use &use : v.uses)
    dirty.set(use.node);
}

bool Propagation::visit(NodeId node) {
  if (hasAxis(state, node, axis))
    return false;
  auto candidates = findCandidates(state, node, axis);
  if (candidates.size() != 1)
    return false;
  int cause = state.addCause(tactic, candidates.front().cause);
  for (const FactorTile &tile : candidates.front().tiles)
    state.nodes[node].push_back({tile.axis, tile.factor, cause});
  return true;
}

/// The one place at which the uses of a value slice it over the axis; none if
/// there is no such place, or several. `all`: every use must slice it there.
static std::optional<State::Place> onlySlice(const State &state, ValueId value,
                                             int axis, bool all) {
  std::optional<State::Place> found;
  State::Places places;
  for (const Use &use : state.graph.values[value].uses) {
    places.clear();
    state.placesInUse(use, axis, places);
    if (places.size() > 1 || (all && places.empty()))
      return std::nullopt;
    for (const State::Place &place : places) {
      if (found && (found->axis != place.axis || found->dim != place.dim))
        return std::nullopt;
      if (!found)
        found = place;
    }
  }
  return found;
}

bool Propagation::tileReduced(ValueId value) {
  auto hasPart = [&](const auto &tile) { return tile.axis.axis == axis; };
  auto pending = state.pending(value);
  if (llvm::none_of(pending, hasPart) ||
      llvm::any_of(state.values[value], hasPart))
    return false;
  std::optional<State::Place> place = onlySlice(state, value, axis, false);
  if (!place || llvm::none_of(pending, [&](const Pending &partial) {
        return partial.axis == place->axis;
      }))
    return false;
  if (state.findAtomic(value, place->axis) ||
      !state.divides(value, place->dim, place->axis))
    return false;
  int cause = state.addCause(tactic, place->cause);
  state.values[value].push_back({place->axis, place->dim, cause});
  return true;
}

std::vector<Inferred> partir::engine::inferInputs(State &state, int axis,
                                                  llvm::StringRef tactic) {
  std::vector<Inferred> inferred;
  for (ValueId input : state.graph.inputs) {
    std::optional<State::Place> place = onlySlice(state, input, axis, true);
    if (!place || !state.graph.mesh.isWhole(place->axis) ||
        state.layout(input).contains(place->axis) ||
        state.findAtomic(input, place->axis) ||
        !state.divides(input, place->dim, place->axis))
      continue;
    int cause = state.addCause(tactic, place->cause);
    state.values[input].push_back({place->axis, place->dim, cause});
    inferred.push_back({input, place->dim});
  }
  return inferred;
}
