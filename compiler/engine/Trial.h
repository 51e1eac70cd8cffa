//===- Trial.h - A state that a search tries --------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A copy of a state to which decisions are applied, each propagated as the
// tactic that it would be. What a decision costs depends on what it changes,
// not on the size of the program: it is remembered what has changed since each
// axis was propagated last.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_TRIAL_H
#define PARTIR_ENGINE_TRIAL_H

#include "compiler/engine/Propagation.h"

#include <memory>

namespace partir::engine {

/// Values that a schedule addresses by one name: an input, all that have one
/// tag, or one inside the program.
using Target = llvm::SmallVector<ValueId, 1>;
using Targets = std::vector<Target>;

/// An action on targets that are decided together, over a whole axis.
struct Decision {
  enum Kind { Tile, Atomic };

  Kind kind;
  /// Of a tile.
  int dim;
  int axis;
  std::shared_ptr<const Targets> targets;

  /// Whether both decide the same, on some target that they have in common.
  bool overlaps(const Decision &other) const;
};

class Trial {
public:
  explicit Trial(const State &state);

  /// Whether the decision is possible on any of its targets.
  bool allows(const Decision &decision) const;

  /// Applies decisions on one axis where they are possible, then propagates
  /// them. Returns those that were possible, on the targets where they were.
  std::vector<Decision> apply(llvm::ArrayRef<Decision> round);

  const State &getState() const { return state; }

  /// The same for states that partition the program alike.
  uint64_t hash() const;

private:
  bool allows(const Decision &decision, const Target &target) const;
  std::optional<Decision> act(const Decision &decision);
  void propagate(int axis);
  bool isSettled(int axis) const;

  State state;
  /// All that has changed, and per axis how much of it the axis has seen; of
  /// one that has to see the whole program first, nothing.
  Changes journal;
  struct Seen {
    size_t nodes, values;
  };
  llvm::SmallVector<std::optional<Seen>, 3> seen;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_TRIAL_H
