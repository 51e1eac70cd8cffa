//===- PlanTest.h - What a collective plan must be --------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Follows every value through a plan, from where it is to where it is needed,
// and runs the steps on data.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_TEST_ENGINE_PLANTEST_H
#define PARTIR_TEST_ENGINE_PLANTEST_H

#include "compiler/engine/Plan.h"

#include <functional>
#include <optional>
#include <string>

namespace partir::engine {

struct Counts {
  int nodes = 0, decisions = 0, conflicts = 0, inferred = 0, parts = 0,
      incremental = 0;
  int conversions = 0, merged = 0, carried = 0, hoisted = 0, stops = 0,
      strategies = 0;
  int steps[8] = {};
  /// Gathers of an axis that comes back as a slice, for want of room.
  int detours = 0;
  int wrong = 0;
};

/// A node of a graph, for messages.
std::string describe(const Graph &graph, NodeId node);

class PlanTest {
public:
  /// `fail` is told what is wrong.
  PlanTest(const State &state, Counts &counts,
           std::function<void(const std::string &)> fail)
      : graph(state.graph), plan(state), counts(counts), fail(std::move(fail)) {
  }

  void run();
  /// Runs steps from one layout and compares with another.
  void checkConversion(const Value &value, const Layout &from,
                       llvm::ArrayRef<Pending> pending, const Layout &to,
                       llvm::ArrayRef<Step> steps, const std::string &where);

private:
  using Partial = llvm::SmallVector<Pending, 2>;

  std::string str(NodeId node) const { return describe(graph, node); }
  Steps stepsTo(const Use &use) const;
  bool isCarriedSum(NodeId node) const;
  std::optional<std::pair<ValueId, NodeId>> findInit(ValueId value) const;
  void convertUse(const Use &use);
  void checkNode(NodeId node);
  Partial checkSum(NodeId node, const SumTree &tree);
  Partial checkOperands(NodeId node);
  void addReduced(NodeId node, Partial &pending);
  void checkResult(NodeId node, ValueId result, const Partial &pending);
  void checkOutputs();
  void checkStretches(const Use &use);
  void checkHoist(const Use &use);
  void checkCarried(NodeId tie);
  void checkCauses();

  const Graph &graph;
  Plan plan;
  Counts &counts;
  std::function<void(const std::string &)> fail;
  /// Per value over what it is partial.
  std::vector<Partial> partial;
};

} // namespace partir::engine

#endif // PARTIR_TEST_ENGINE_PLANTEST_H
