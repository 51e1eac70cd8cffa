//===- SumMerger.h - Sums are added before they are reduced -----*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two partial sums over the same axes that are added up need one reduction,
// not two: the gradients of a tied embedding, the input gradients of q, k and
// v. They are found at the leaves of trees of sums, seen through ops that are
// linear in their one operand that is no scalar, and have no other use. So are
// those that a loop adds to a value that it carries.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_SUMMERGER_H
#define PARTIR_ENGINE_SUMMERGER_H

#include "compiler/engine/CarriedSum.h"
#include "compiler/engine/Plan.h"

#include "llvm/ADT/BitVector.h"

namespace partir::engine {

class SumMerger {
public:
  SumMerger(Plan &plan, Forms &forms);
  void run();

private:
  using Axes = llvm::SmallVector<AxisRef, 2>;

  /// What reaches the one use of a value unreduced.
  struct Delivery {
    Axes axes;
    /// The layout in which it arrives.
    const Layout *form;
    /// How many reductions it stands for, and what they would send.
    int sources;
    int64_t bytes;
    /// The operands of the value's producer that deliver it; none where the
    /// producer itself reduces.
    llvm::SmallVector<int, 2> operands = {};
  };

  std::optional<Delivery> deliver(NodeId node) const;
  void add(ValueId value, Delivery delivery);
  const Delivery *find(ValueId value) const {
    int number = deliveryOf[value];
    return number == kNone ? nullptr : &deliveries[number];
  }
  /// The delivery of an operand, if the node can take it as it is.
  const Delivery *findFor(NodeId node, int operand) const;
  llvm::SmallVector<Use, 4> findLeaves(NodeId root,
                                       llvm::SmallVectorImpl<NodeId> &inner);
  void mergeAt(NodeId root);
  bool isInner(ValueId value, NodeId root) const;
  /// The layouts of a state in which the plan has withheld nothing yet, without
  /// some axes.
  const Layout *required(const Use &use, const Axes &axes) const {
    return forms.layouts.without(&plan.required(use.node, use.operand), axes);
  }
  const Layout *produced(ValueId value, const Axes &axes) const {
    return forms.layouts.without(&plan.produced(value), axes);
  }
  const Layout *layout(ValueId value, const Axes &axes) const {
    return forms.layouts.without(&plan.stored(value), axes);
  }
  const Steps &reduce(ValueId value, const Layout *form, const Axes &axes,
                      const Layout *to) const {
    return forms.convert(value, form, forms.layouts.add(pendingSums(axes)), to);
  }
  /// Carries a sum as a partial result if the last node of the loop's body that
  /// adds to it has been visited, and nothing more is sent then.
  void carryInto(ValueId next);
  bool canCarry(const CarriedSum &sum, const Axes &axes) const;
  bool canStart(const CarriedSum &sum, const Axes &axes) const;
  void carry(const CarriedSum &sum, const Axes &axes);
  /// Keeps a leaf, and what it is made of, as a partial result.
  void withhold(ValueId leaf, const Axes &axes);

  Plan &plan;
  Forms &forms;
  const State &state;
  const Graph &graph;
  std::deque<Delivery> deliveries;
  /// Per value the number of its delivery, or none.
  std::vector<int> deliveryOf;
  /// Values that are delivered, and sums of trees to which something is.
  llvm::BitVector reached;
  llvm::BitVector visited;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_SUMMERGER_H
