//===- Plan.h - Which collectives a state needs, and where ------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Made once for a state: lowering writes it out, reports and estimates read
// it. A value is kept in its layout, reduced where it is made; each use takes
// it from there to the layout that the user needs, or before the loop in which
// the value is the same on every trip.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_PLAN_H
#define PARTIR_ENGINE_PLAN_H

#include "compiler/engine/Conversion.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <map>
#include <optional>

namespace partir::engine {

/// Leaves of a tree of sums that are partial over the same axes: added up
/// first, then reduced once.
struct SumGroup {
  llvm::SmallVector<Use, 4> leaves;
  /// The axes over which they are partial, sorted.
  llvm::SmallVector<AxisRef, 2> axes;
  /// The layout in which they are added.
  Layout form;
  /// From there to the layout of the sum.
  Steps steps;
};

/// Sums that are partial over these axes.
llvm::SmallVector<Pending, 2> pendingSums(llvm::ArrayRef<AxisRef> axes);

/// A tree of sums, of which only the root is left.
struct SumTree {
  NodeId root;
  std::vector<SumGroup> groups;
  /// The other leaves, each converted like any operand.
  llvm::SmallVector<Use, 4> rest;
};

/// The steps that give the chunks of an operand, which is in the layout that
/// its node needs, the stretches that the node reads: one per dim along which
/// it moves elements between devices.
Steps windowSteps(const Graph &graph, const Use &use, const Layout &layout);

/// Steps of values that are the same on every trip of a loop, before the loop.
struct Hoist {
  /// What they begin with: the value as it is kept, or as a tie of the loop
  /// takes it.
  ValueId value;
  NodeId tie;
  RegionId loop;
  Steps steps;
  /// The first of the uses that take it from there.
  Use first;
};

/// Where a step happens.
struct Site {
  enum Kind { AtUse, AtSum, AtDefinition, AtOutput } kind;
  ValueId value;
  /// The node of the use, the root of the sum, or the producer.
  NodeId node = kNone;
  /// The operand of the use, or the number of the output.
  int operand = kNone;
  /// Around the loop, if the step has left one.
  RegionId region = 0;
};

class Hoister;

class Plan {
public:
  explicit Plan(const State &state);

  const State &state;

  /// The axes a node runs over: all but those on which its sums stay partial.
  llvm::SmallVector<NodeTile, 2> tiles(NodeId node) const;
  Layout required(NodeId node, int operand) const;
  Layout produced(ValueId value) const;
  /// The axes over which a value is left a partial result, to be reduced where
  /// it is made unless it is kept as one. Those of a sum that a loop carries
  /// are left by the loop.
  llvm::SmallVector<Pending, 2> pending(ValueId value) const;
  /// The layout in which a value is kept.
  Layout stored(ValueId value) const;
  Layout output(int number) const;

  llvm::ArrayRef<Step> atDefinition(ValueId value) const;
  /// Those that are left at a use, after what has left a loop.
  llvm::ArrayRef<Step> atUse(const Use &use) const;
  /// What leads to those at a use, if anything happens before a loop.
  const Hoist *hoistAt(const Use &use) const;
  llvm::ArrayRef<Step> atOutput(int number) const;
  /// An earlier operand of the same node that is converted alike, or this one.
  int sharedOperand(const Use &use) const;

  const SumTree *sumAt(NodeId root) const;
  /// Whether the value is kept as a partial result.
  bool isKeptPartial(ValueId value) const { return isPartial[value]; }
  /// The axes over which a value that is kept as a partial result is one.
  llvm::SmallVector<AxisRef, 2> partialAxes(ValueId value) const;
  /// Whether the node is a sum that its tree's root stands for.
  bool isDissolved(NodeId node) const { return dissolved[node]; }

  /// Visits all steps in program order, those that have left a loop where the
  /// first use is. A step that uses share is visited once.
  void
  forEachStep(llvm::function_ref<void(const Step &, const Site &)> visit) const;

private:
  friend class Hoister;
  friend class SumMerger;
  void placeNames();
  void extendLayouts();
  void extendLayout(ValueId value, llvm::ArrayRef<AxisRef> reduced);
  /// The layout in which all uses need a value, if it only slices further than
  /// the one that the value has.
  std::optional<Layout> findFinerLayout(ValueId value) const;
  /// The group that all leaves of the tree under a value are in, if they are.
  SumGroup *wholeSum(ValueId value);
  void addUse(const Use &use, Hoister &hoister);
  void addDefinition(ValueId value);

  /// Of identities the layout that they take from their uses.
  llvm::DenseMap<NodeId, Layout> placed;
  /// Per node the axes withheld from it, sorted.
  llvm::DenseMap<NodeId, llvm::SmallVector<AxisRef, 2>> withheld;
  /// Values that are kept as partial results.
  std::vector<bool> isPartial;
  /// Values that are scattered where they are reduced, as all uses want them.
  llvm::DenseMap<ValueId, Layout> scattered;
  std::vector<bool> dissolved;
  std::map<NodeId, SumTree> sums;
  llvm::DenseMap<ValueId, Steps> definitions;
  llvm::DenseMap<std::pair<int, int>, Steps> uses;
  std::vector<Hoist> hoists;
  /// Per use the number of its hoist.
  llvm::DenseMap<std::pair<int, int>, int> hoisted;
  std::vector<Steps> outputs;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_PLAN_H
