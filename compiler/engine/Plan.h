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

#include "compiler/engine/Forms.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <map>
#include <memory>

namespace partir::engine {

/// Leaves of a tree of sums that are partial over the same axes: added up
/// first, then reduced once.
struct SumGroup {
  llvm::SmallVector<Use, 4> leaves;
  /// The axes over which they are partial, sorted.
  llvm::SmallVector<AxisRef, 2> axes;
  /// The layout in which they are added.
  const Layout *form;
  /// From there to the layout of the sum.
  llvm::ArrayRef<Step> steps;
};

/// A tree of sums, of which only the root is left.
struct SumTree {
  NodeId root;
  std::vector<SumGroup> groups;
  /// The other leaves, each converted like any operand.
  llvm::SmallVector<Use, 4> rest;
};

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
  explicit Plan(const State &state)
      : Plan(state, std::make_shared<Forms>(state.graph)) {}
  /// With the forms that plans of other states of the graph have left.
  Plan(const State &state, std::shared_ptr<Forms> forms);

  const State &state;

  /// The axes a node runs over: all but those on which its sums stay partial.
  llvm::SmallVector<NodeTile, 2> tiles(NodeId node) const;
  /// What follows from them.
  const Form &formOf(NodeId node) const { return *nodeForms[node]; }
  const Layout &required(NodeId node, int operand) const {
    return *nodeForms[node]->operands[operand];
  }
  const Layout &produced(ValueId value) const { return *producedAs(value); }
  /// The axes over which a value is left a partial result, to be reduced where
  /// it is made unless it is kept as one. Those of a sum that a loop carries
  /// are left by the loop.
  const Partials &pending(ValueId value) const;
  /// The layout in which a value is kept.
  const Layout &stored(ValueId value) const { return *kept[value]; }
  const Layout &output(int number) const { return *outputAs(number); }

  /// Where arrays on a device have their types.
  const std::shared_ptr<LocalTypes> &localTypes() const { return forms->types; }
  /// The type on a device of a value as it is kept.
  const LocalType *storedType(ValueId value) const {
    return forms->typeOf(value, kept[value]);
  }
  const LocalType *wholeType(ValueId value) const {
    return forms->typeOf(value);
  }

  llvm::ArrayRef<Step> atDefinition(ValueId value) const {
    return isConverted[value] ? definitions.lookup(value)
                              : llvm::ArrayRef<Step>();
  }
  /// Those that are left at a use, after what has left a loop.
  llvm::ArrayRef<Step> atUse(const Use &use) const;
  /// What leads to those at a use, if anything happens before a loop.
  const Hoist *hoistAt(const Use &use) const;
  /// Whether there are steps at a use of the node, or before a loop for it.
  bool convertsOperands(NodeId node) const {
    return firstConverted[node] != kNone;
  }
  llvm::ArrayRef<Step> atOutput(int number) const;
  /// An earlier operand of the same node that is converted alike, or this one.
  int sharedOperand(const Use &use) const;

  const SumTree *sumAt(NodeId root) const {
    return isSumRoot[root] ? &sums.find(root)->second : nullptr;
  }
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
  /// An operand that is not used as it is kept.
  struct Converted {
    int operand;
    llvm::ArrayRef<Step> steps;
    /// Number in `hoists`, or none.
    int hoist;
    /// The next of the node, or none.
    int next;
  };

  const Layout *producedAs(ValueId value) const;
  const Layout *outputAs(int number) const;
  void findLayouts();
  void withhold();
  void placeNames();
  void place(NodeId node, const Layout *layout);
  void extendLayouts();
  void extendLayout(ValueId value, llvm::ArrayRef<AxisRef> reduced);
  /// The layout in which all uses need a value, if it only slices further than
  /// the one that the value has.
  const Layout *findFinerLayout(ValueId value) const;
  /// The group that all leaves of the tree under a root are in, if they are.
  SumGroup *wholeSum(NodeId root);
  void addSteps();
  void addUse(const Use &use, Hoister &hoister);
  void addDefinition(NodeId node, int result);
  const Converted *findConverted(const Use &use) const;

  std::shared_ptr<Forms> forms;
  /// Per node the form that it has, and those that only this plan knows.
  std::vector<const Form *> nodeForms;
  std::deque<Form> ownForms;
  /// Per value the layout in which it is kept.
  std::vector<const Layout *> kept;
  /// Per node the axes withheld from it, sorted.
  llvm::DenseMap<NodeId, llvm::SmallVector<AxisRef, 2>> withheld;
  /// Values that are kept as partial results.
  llvm::BitVector isPartial;
  llvm::BitVector dissolved;
  llvm::BitVector isSumRoot;
  std::map<NodeId, SumTree> sums;
  llvm::DenseMap<ValueId, llvm::ArrayRef<Step>> definitions;
  /// Values that have a definition: few have.
  llvm::BitVector isConverted;
  std::vector<Converted> converted;
  /// Per node the first of its operands in `converted`, or none.
  std::vector<int> firstConverted;
  std::vector<Hoist> hoists;
  std::vector<llvm::ArrayRef<Step>> outputs;
  /// Steps that only this plan knows.
  std::deque<Steps> ownSteps;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_PLAN_H
