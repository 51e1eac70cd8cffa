//===- Propagation.h - From a few decisions to many -------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The propagation of one axis. A round visits the nodes in program order and
// then in reverse, and ends with the values that a reduction leaves; rounds go
// on until nothing changes. A node is visited again only if something that it
// sees has changed, which ends in the state of visiting all of them.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_PROPAGATION_H
#define PARTIR_ENGINE_PROPAGATION_H

#include "compiler/engine/State.h"

#include "llvm/ADT/BitVector.h"

namespace partir::engine {

/// What has been decided, node by node and value by value.
struct Changes {
  std::vector<NodeId> nodes;
  std::vector<ValueId> values;
};

class Propagation {
public:
  Propagation(State &state, int axis, llvm::StringRef tactic)
      : state(state), axis(axis), tactic(tactic) {}

  /// Runs rounds until nothing changes.
  void run();
  /// The same, if since the axis was propagated last no more than this has
  /// changed.
  void run(llvm::ArrayRef<NodeId> changedNodes,
           llvm::ArrayRef<ValueId> changedValues);

  /// What this propagation has decided.
  const Changes &getChanges() const { return changes; }

  /// Gives the node the axis if it has one thing to do with it. Returns
  /// whether it did.
  bool visit(NodeId node);

  /// Tiles a value that is a partial result over the axis where its uses slice
  /// it over the axis on exactly one dim. Returns whether it did.
  bool tileReduced(ValueId value);

private:
  void runRounds();
  bool runRound();
  void markNeighbours(NodeId node);
  void markAround(ValueId value);

  State &state;
  int axis;
  std::string tactic;
  /// The nodes that see something new.
  llvm::BitVector dirty;
  /// The values that may have come to satisfy `tileReduced`.
  std::vector<ValueId> touched;
  Changes changes;
};

/// An input that was found to be sliced alike by all its uses.
struct Inferred {
  ValueId value;
  int dim;
};

/// Gives the inputs that all uses slice over the whole axis on one dim that
/// tile as their own.
std::vector<Inferred> inferInputs(State &state, int axis,
                                  llvm::StringRef tactic);

} // namespace partir::engine

#endif // PARTIR_ENGINE_PROPAGATION_H
