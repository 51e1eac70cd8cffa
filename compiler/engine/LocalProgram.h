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

namespace partir::engine {

using LocalId = int;

struct LocalValue {
  LocalValue(llvm::ArrayRef<int64_t> shape, int64_t elementBytes, int origin)
      : shape(shape), elementBytes(elementBytes), origin(origin) {
    for (int64_t size : shape)
      elements *= size;
  }

  llvm::SmallVector<int64_t, 4> shape;
  int64_t elementBytes, elements = 1;
  /// What it stands for: a value of the graph, or of the IR.
  int origin;

  int64_t bytes() const { return elements * elementBytes; }
};

/// The sizes of a product of matrices: `batch` of [m, k] times [k, n].
struct MatrixSizes {
  double batch = 1, m = 1, n = 1, k = 1;
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
  Cost cost;
  llvm::SmallVector<LocalId, 3> operands;
  llvm::SmallVector<LocalId, 1> results;
  RegionId region = 0;
  /// Of a matrix product.
  MatrixSizes matrix = {};
  /// Index in `collectives`, or none.
  int collective = kNone;
  /// What it comes from: a node of the graph, or an op of the IR.
  int origin = kNone;
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
  Mesh mesh;
  std::vector<LocalValue> values;
  /// In program order: those of a region stand together.
  std::vector<LocalOp> ops;
  std::vector<LocalCollective> collectives;
  std::vector<LocalTie> ties;
  std::vector<Region> regions = {Region()};
  std::vector<LocalId> inputs, outputs;

  LocalId addValue(llvm::ArrayRef<int64_t> shape, int64_t elementBytes,
                   int origin) {
    values.emplace_back(shape, elementBytes, origin);
    return static_cast<LocalId>(values.size()) - 1;
  }
};

/// Gives an op, whose results are there, what its rule says of a device that
/// runs a chunk by these tiles.
void setCost(LocalProgram &program, LocalOp &op, const Rule &rule,
             llvm::ArrayRef<NodeTile> tiles);

/// What a device runs by the plan.
LocalProgram makeLocalProgram(const Plan &plan);

} // namespace partir::engine

#endif // PARTIR_ENGINE_LOCALPROGRAM_H
