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

#include <optional>

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
  /// Each device gets the stretch of `dim` that its chunk of the user's result
  /// needs, in rounds; see Exchange.h.
  Window,
};

/// Of a step that is a window.
struct Stretch {
  /// Where each device's begins, by its position along the step's axes.
  llvm::SmallVector<int64_t, 0> starts;
  /// Of the value on a device, after the step.
  llvm::SmallVector<int64_t, 4> shape;
  /// How often devices communicate, and the elements that one sends in all.
  int64_t rounds = 0;
  int64_t elementsSent = 0;

  bool operator==(const Stretch &other) const {
    return starts == other.starts && shape == other.shape;
  }
};

/// What the collective is called: `all_gather`, `collective_permute`, ...
llvm::StringRef stringify(StepKind kind);

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
  Stretch stretch = {};

  /// How many collectives it is.
  int64_t count() const {
    if (kind == StepKind::Window)
      return stretch.rounds;
    return kind == StepKind::Slice ? 0 : 1;
  }
  bool isCollective() const { return count() > 0; }
  bool isReduction() const {
    return kind == StepKind::AllReduce || kind == StepKind::Combine ||
           kind == StepKind::ReduceScatter;
  }
  /// Whether it takes apart a tiling that was there.
  bool isExchange() const {
    return kind == StepKind::AllGather || kind == StepKind::AllToAll ||
           kind == StepKind::Permute;
  }
};

/// The step from chunks of `dim` of an operand to the stretches that its window
/// makes of them. The operand is in `layout` and has this shape on a device,
/// the node's result is in chunks of `size`. None if the chunks are the
/// stretches.
std::optional<Step> makeWindow(const Window &window,
                               llvm::ArrayRef<int64_t> shape, int dim,
                               const Layout &layout, int64_t size);

/// Counts the rounds and the elements of a stretch, for which `starts` and
/// `shape` are known, of chunks of this shape.
void countRounds(Stretch &stretch, llvm::ArrayRef<int64_t> shape, int dim);

/// Empty for most values: no room is kept.
using Steps = llvm::SmallVector<Step, 0>;

/// The steps for a value that is in `from` and a partial result over
/// `pending`, to be whole in `to`.
Steps convert(const Value &value, const Layout &from,
              llvm::ArrayRef<Pending> pending, const Layout &to);

/// The bytes a device sends for a step in the ring model; for n devices in a
/// group and B bytes in a device's operand: all_reduce 2B(n-1)/n,
/// reduce_scatter B(n-1)/n, all_gather B(n-1), all_to_all B(n-1)/n, permute B,
/// window in each round as much as the longest message has.
int64_t bytesSent(const Value &value, const Step &step);
/// The same of a step that is no window, in a group of devices of which each
/// has an operand of so many bytes.
int64_t bytesSent(StepKind kind, int64_t bytes, int64_t group);
int64_t bytesSent(const Value &value, llvm::ArrayRef<Step> steps);

} // namespace partir::engine

#endif // PARTIR_ENGINE_CONVERSION_H
