//===- Trial.cpp - A state that a search tries ----------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Trial.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/xxhash.h"

using namespace partir::engine;

bool Decision::overlaps(const Decision &other) const {
  return kind == other.kind && dim == other.dim && axis == other.axis &&
         llvm::any_of(*targets, [&](const Target &target) {
           return llvm::is_contained(*other.targets, target);
         });
}

Trial::Trial(const State &state) : state(state) {
  // Whose decision it was is of no interest here.
  this->state.causes.clear();
  for (int axis = 0, end = state.graph.mesh.axes.size(); axis < end; ++axis)
    seen.push_back(isSettled(axis) ? std::optional<Seen>(Seen{0, 0})
                                   : std::nullopt);
}

/// Whether propagating the axis as things are changes nothing.
bool Trial::isSettled(int axis) const {
  State copy = state;
  Propagation propagation(copy, axis, "");
  propagation.run();
  return propagation.getChanges().nodes.empty() &&
         propagation.getChanges().values.empty();
}

/// The values of a target, those that have one tag, may have different ranks.
bool Trial::allows(const Decision &decision, const Target &target) const {
  AxisRef axis = state.graph.mesh.whole(decision.axis);
  auto canTile = [&](ValueId value) {
    int rank = state.graph.values[value].shape.size();
    return decision.dim < rank && state.divides(value, decision.dim, axis);
  };
  State::Places places;
  return llvm::all_of(target, [&](ValueId value) {
    state.placesInLayout(value, decision.axis, places);
    return places.empty() && !state.findAtomic(value, axis) &&
           (decision.kind == Decision::Atomic || canTile(value));
  });
}

bool Trial::allows(const Decision &decision) const {
  return llvm::any_of(*decision.targets, [&](const Target &target) {
    return allows(decision, target);
  });
}

/// The decision on the targets on which it is possible.
std::optional<Decision> Trial::act(const Decision &decision) {
  AxisRef axis = state.graph.mesh.whole(decision.axis);
  auto possible = std::make_shared<Targets>();
  for (const Target &target : *decision.targets) {
    if (!allows(decision, target))
      continue;
    possible->push_back(target);
    for (ValueId value : target) {
      int cause = state.addCause("", kNone);
      if (decision.kind == Decision::Tile)
        state.values[value].push_back({axis, decision.dim, cause});
      else
        state.atomics[value].push_back({axis, cause});
      journal.values.push_back(value);
    }
  }
  if (possible->empty())
    return std::nullopt;
  Decision done = decision;
  if (possible->size() < decision.targets->size())
    done.targets = std::move(possible);
  return done;
}

void Trial::propagate(int axis) {
  Propagation propagation(state, axis, "");
  if (seen[axis])
    propagation.run(
        llvm::ArrayRef(journal.nodes).drop_front(seen[axis]->nodes),
        llvm::ArrayRef(journal.values).drop_front(seen[axis]->values));
  else
    propagation.run();
  llvm::append_range(journal.nodes, propagation.getChanges().nodes);
  llvm::append_range(journal.values, propagation.getChanges().values);
  seen[axis] = Seen{journal.nodes.size(), journal.values.size()};
  // The next tactic sees what is inferred.
  for (const Inferred &one : inferInputs(state, axis, ""))
    journal.values.push_back(one.value);
}

std::vector<Decision> Trial::apply(llvm::ArrayRef<Decision> round) {
  std::vector<Decision> done;
  for (const Decision &decision : round)
    if (std::optional<Decision> one = act(decision))
      done.push_back(std::move(*one));
  if (!done.empty())
    propagate(round.front().axis);
  return done;
}

uint64_t Trial::hash() const {
  std::vector<int32_t> text;
  text.reserve(4 * state.nodes.size());
  auto add = [&](size_t number, const AxisRef &axis, int place) {
    text.push_back(static_cast<int32_t>(number));
    text.push_back(axis.axis << 16 | place);
    text.push_back(static_cast<int32_t>(axis.major));
    text.push_back(static_cast<int32_t>(axis.size));
  };
  for (auto [number, tiles] : llvm::enumerate(state.nodes))
    for (const NodeTile &tile : tiles)
      add(number, tile.axis, tile.factor);
  text.push_back(-1);
  for (auto [number, tiles] : llvm::enumerate(state.values))
    for (const ValueTile &tile : tiles)
      add(number, tile.axis, tile.dim);
  text.push_back(-1);
  for (auto [number, marks] : llvm::enumerate(state.atomics))
    for (const AtomicMark &mark : marks)
      add(number, mark.axis, 0);
  return llvm::xxh3_64bits(
      llvm::ArrayRef(reinterpret_cast<const uint8_t *>(text.data()),
                     text.size() * sizeof(int32_t)));
}
