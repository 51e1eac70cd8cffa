//===- ValueSites.h - Where a plan touches a value --------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a user calls a value is several values of the graph: a parameter is
// stacked with those of other layers, carried by a loop, cut out, cast and
// reshaped before it is used.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_VALUESITES_H
#define PARTIR_ENGINE_VALUESITES_H

#include "compiler/engine/Plan.h"

#include "llvm/ADT/DenseSet.h"

namespace partir::engine {

/// The sites at which a value is made, reduced, used or handed out, in any
/// form: a node makes another form of a value if it is linear in it, reduces
/// nothing and has no other operand but scalars, or if it ties it to nothing
/// else. A value that is kept as a partial result is followed to where that is
/// reduced.
class ValueSites {
public:
  ValueSites(const Plan &plan, ValueId value);
  bool contains(const Site &site) const;

private:
  bool makesForm(const Use &use) const;
  void addForms(ValueId value);
  void addOrigins(ValueId value);
  void followPartial(ValueId value);
  void followPartialInto(NodeId node);

  const Plan &plan;
  const Graph &graph;
  /// The forms that the value takes later; and those, with what it is a form
  /// of and the reduced results that it is a part of.
  llvm::DenseSet<ValueId> forms, made;
  llvm::DenseSet<std::pair<NodeId, int>> uses;
  /// The roots of the sums that it is a leaf of.
  llvm::DenseSet<NodeId> sums;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_VALUESITES_H
