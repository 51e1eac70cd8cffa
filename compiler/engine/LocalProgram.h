//===- LocalProgram.h - What a device runs ----------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The device-local program as the estimates see it: values with local shapes,
// and what makes them, in program order. It is made of a plan, without IR, or
// read off PartIR:HLO; either way estimates are made of this.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_LOCALPROGRAM_H
#define PARTIR_ENGINE_LOCALPROGRAM_H

#include "compiler/engine/Plan.h"

#include "llvm/ADT/Sequence.h"

namespace partir::engine {

using LocalId = int;

struct LocalValue {
  const LocalType *type;
  /// What it stands for: a value of the graph, or of the IR.
  int origin;
};

struct LocalCollective {
  StepKind kind;
  llvm::SmallVector<AxisRef, 2> axes;
  /// How many of them it is, and what a device sends for all.
  int64_t count = 1;
  int64_t bytesSent = 0;
};

/// What a step that is no slice does with a value.
LocalCollective makeCollective(const Value &value, const Step &step);

struct LocalOp {
  const LocalCost *cost = nullptr;
  /// Where its operands begin in the program's list of them.
  int firstOperand = 0, numOperands = 0;
  LocalId firstResult = 0;
  int numResults = 0;
  RegionId region = 0;
  /// Index in `collectives`, or none.
  int collective = kNone;
  /// What it comes from: a node of the graph, or an op of the IR.
  int origin = kNone;

  /// Its results follow each other.
  auto results() const {
    return llvm::seq<LocalId>(firstResult, firstResult + numResults);
  }
};

/// Values that share one buffer because an op hands one on as the other.
struct LocalTie {
  /// Each with the region in which it is handed on.
  llvm::SmallVector<LocalId, 2> sources;
  llvm::SmallVector<RegionId, 2> sourceRegions;
  llvm::SmallVector<LocalId, 3> targets;
  llvm::SmallVector<RegionId, 3> targetRegions;
  /// The region of the op that ties.
  RegionId region = 0;
  /// The first op after those that stand before the op that ties.
  int position = 0;
};

struct LocalProgram {
  explicit LocalProgram(std::shared_ptr<LocalTypes> types)
      : types(std::move(types)) {}

  Mesh mesh;
  std::shared_ptr<LocalTypes> types;
  std::vector<LocalValue> values;
  /// In program order: those of a region stand together.
  std::vector<LocalOp> ops;
  /// Of one op after another.
  std::vector<LocalId> operands;
  std::vector<LocalCollective> collectives;
  std::vector<LocalTie> ties;
  std::vector<Region> regions = {Region()};
  std::vector<LocalId> inputs, outputs;

  const LocalType &typeOf(LocalId value) const { return *values[value].type; }
  int64_t bytesOf(LocalId value) const { return typeOf(value).bytes(); }
  llvm::ArrayRef<LocalId> operandsOf(const LocalOp &op) const {
    return llvm::ArrayRef(operands).slice(op.firstOperand, op.numOperands);
  }

  LocalId addValue(const LocalType *type, int origin) {
    values.push_back({type, origin});
    return static_cast<LocalId>(values.size()) - 1;
  }
  /// Adds an op without results.
  LocalOp &addOp(const LocalCost *cost, llvm::ArrayRef<LocalId> opOperands,
                 RegionId region, int origin);
  /// Adds a result to the last op.
  LocalId addResult(const LocalType *type, int origin) {
    ++ops.back().numResults;
    return addValue(type, origin);
  }
};

/// What a device runs by the plan.
LocalProgram makeLocalProgram(const Plan &plan);

} // namespace partir::engine

#endif // PARTIR_ENGINE_LOCALPROGRAM_H
