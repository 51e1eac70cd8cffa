//===- Conversion.h - From one layout to another ----------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The collectives that take a value from the layout in which it is to the one
// in which it is needed. The longest common prefix of each dim stays; the rest
// is exchanged where the axis is needed elsewhere, and gathered where not.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_CONVERSION_H
#define PARTIR_ENGINE_CONVERSION_H

#include "compiler/engine/State.h"

namespace partir::engine {

enum class StepKind : uint8_t {
  /// Each device keeps its chunk on `dim`; no communication.
  Slice,
  AllReduce,
  /// The partial results of a joint reduction, gathered and reduced once more;
  /// the same step for all results of the op.
  Combine,
  /// A reduction over `axes`, of which each device keeps its chunk on `dim`.
  ReduceScatter,
  AllGather,
  /// `axes` go from `dim` to `toDim`.
  AllToAll,
  /// The axes on `dim` get the order that they have in `to`.
  Permute,
};

struct Step {
  StepKind kind;
  /// The axes it runs over, major first; of a permute all those on `dim`.
  llvm::SmallVector<AxisRef, 2> axes;
  int dim = kNone;
  int toDim = kNone;
  /// Of reductions.
  ReduceKind reduce = ReduceKind::Add;
  /// The layout before and after.
  Layout from, to;

  bool isCollective() const { return kind != StepKind::Slice; }
  /// Whether it takes apart a tiling that was there.
  bool isExchange() const {
    return kind == StepKind::AllGather || kind == StepKind::AllToAll ||
           kind == StepKind::Permute;
  }
};

/// Empty for most values: no room is kept.
using Steps = llvm::SmallVector<Step, 0>;

/// The steps for a value that is in `from` and a partial result over
/// `pending`, to be whole in `to`.
Steps convert(const Value &value, const Layout &from,
              llvm::ArrayRef<Pending> pending, const Layout &to);

/// The bytes a device sends for a step in the ring model; for n devices in a
/// group and B bytes in a device's operand: all_reduce 2B(n-1)/n,
/// reduce_scatter B(n-1)/n, all_gather B(n-1), all_to_all B(n-1)/n, permute B.
int64_t bytesSent(const Value &value, const Step &step);
int64_t bytesSent(const Value &value, llvm::ArrayRef<Step> steps);

} // namespace partir::engine

#endif // PARTIR_ENGINE_CONVERSION_H
