//===- State.h - What has been decided so far -------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The state of a partitioned program: per node the axes it runs over, each on
// a factor; per value the identity loops placed on it, and the axes on which
// it is atomic. All lists keep the order in which they were made. The layout
// of every value follows from them.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_STATE_H
#define PARTIR_ENGINE_STATE_H

#include "compiler/engine/Graph.h"

namespace partir::engine {

/// A decision: which tactic it belongs to and which decision led to it. What
/// was decided is told by the loop that carries it.
struct Cause {
  std::string tactic;
  /// Index of the decision that led here, or `kNone` for an action.
  int parent = kNone;
};

struct NodeTile {
  AxisRef axis;
  int factor;
  int cause;
};

struct ValueTile {
  AxisRef axis;
  int dim;
  int cause;
};

struct AtomicMark {
  AxisRef axis;
  int cause;
};

/// The axes on each dim of a value, major first.
struct Layout {
  llvm::SmallVector<llvm::SmallVector<AxisRef, 2>, 4> dims;

  bool operator==(const Layout &other) const { return dims == other.dims; }
  bool operator!=(const Layout &other) const { return !(*this == other); }
  /// The product of the sizes of the axes on a dim.
  int64_t tilesOf(int dim) const;
  bool contains(const AxisRef &axis) const;
  Layout without(llvm::ArrayRef<AxisRef> axes) const;
  /// The same layout with neighbouring parts of an axis joined.
  Layout joined() const;
};

/// Joins neighbours that are consecutive parts of one axis.
void joinParts(llvm::SmallVectorImpl<AxisRef> &axes);

/// An axis over which a value is still a partial result.
struct Pending {
  AxisRef axis;
  ReduceKind kind;

  bool operator==(const Pending &other) const {
    return axis == other.axis && kind == other.kind;
  }
};

/// Brings a layout in which a value is produced to the one that its loops make
/// of it.
void applyTiles(Layout &layout, llvm::ArrayRef<ValueTile> tiles);

/// The layout of a value of a node that runs over these axes.
Layout layoutOf(llvm::ArrayRef<NodeTile> tiles, const ValueFactors &factors);

/// The axes over which a node that runs over these axes leaves its results
/// partial, sorted.
llvm::SmallVector<Pending, 2> pendingOf(llvm::ArrayRef<NodeTile> tiles,
                                        const Rule &rule);

class State {
public:
  explicit State(const Graph &graph);

  const Graph &graph;
  std::vector<llvm::SmallVector<NodeTile, 2>> nodes;
  std::vector<llvm::SmallVector<ValueTile, 1>> values;
  std::vector<llvm::SmallVector<AtomicMark, 0>> atomics;
  std::vector<Cause> causes;

  int addCause(llvm::StringRef tactic, int parent);

  /// The layout in which a node needs an operand.
  Layout required(NodeId node, int operand) const;
  /// The layout in which a value's producer leaves it.
  Layout produced(ValueId value) const;
  /// The layout a value has for its uses: as produced, then its own loops.
  Layout layout(ValueId value) const;
  /// The axes over which a value's producer leaves it a partial result,
  /// sorted.
  llvm::SmallVector<Pending, 2> pending(ValueId value) const;

  /// Whether the node runs over an axis along which it moves elements.
  bool takesStretches(NodeId node) const;

  /// The mark that keeps the value whole on (a part of) the axis, if any.
  const AtomicMark *findAtomic(ValueId value, const AxisRef &axis) const;
  /// What the tiles of a value leave of a dim.
  int64_t dimLeft(ValueId value, int dim) const;
  /// Whether the value may be tiled by `axis` on `dim`, inside its other tiles.
  /// An empty dim has no chunks.
  bool divides(ValueId value, int dim, const AxisRef &axis) const;
  /// How much of a factor is left once the axes on it have taken their part.
  int64_t factorLeft(NodeId node, int factor) const;

  /// A dim of a value that holds (a part of) an axis.
  struct Place {
    AxisRef axis;
    int dim;
    int cause;
  };
  using Places = llvm::SmallVector<Place, 2>;
  /// Where a value's layout holds `axis`.
  void placesInLayout(ValueId value, int axis, Places &places) const;
  /// Where a use slices its operand over `axis`.
  void placesInUse(const Use &use, int axis, Places &places) const;
};

/// The local shape of a value in a layout.
llvm::SmallVector<int64_t, 4> localShape(const Value &value,
                                         const Layout &layout);

} // namespace partir::engine

#endif // PARTIR_ENGINE_STATE_H
