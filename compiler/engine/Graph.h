//===- Graph.h - The program as a plain graph -------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the engine knows of a program: values with shapes, nodes with partition
// rules in program order, and regions with trip counts. Nothing here changes
// while a program is partitioned; see State.h for what does.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_GRAPH_H
#define PARTIR_ENGINE_GRAPH_H

#include "compiler/engine/Rule.h"

#include <deque>
#include <unordered_map>
#include <vector>

namespace partir::engine {

/// A mesh axis or a part of one: the axis viewed as [major, size, rest].
struct AxisRef {
  int axis = 0;
  int64_t major = 1;
  int64_t size = 1;

  bool operator==(const AxisRef &other) const {
    return axis == other.axis && major == other.major && size == other.size;
  }
  bool operator!=(const AxisRef &other) const { return !(*this == other); }
  bool operator<(const AxisRef &other) const;
  bool overlaps(const AxisRef &other) const;
  /// The part [offset, partSize] of this reference, in its own view.
  AxisRef part(int64_t offset, int64_t partSize) const {
    return {axis, major * offset, partSize};
  }
};

struct MeshAxis {
  std::string name;
  int64_t size;
};

struct Mesh {
  std::vector<MeshAxis> axes;

  /// The index of the axis of that name, or -1.
  int find(llvm::StringRef name) const;
  AxisRef whole(int axis) const { return {axis, 1, axes[axis].size}; }
  bool isWhole(const AxisRef &ref) const {
    return ref.size == axes[ref.axis].size;
  }
  std::string str(const AxisRef &ref) const;
};

using ValueId = int;
using NodeId = int;
using RegionId = int;
constexpr int kNone = -1;

struct Use {
  NodeId node;
  int operand;
};

struct Value {
  llvm::SmallVector<int64_t, 4> shape;
  int64_t elementBytes = 4;
  /// The node that makes the value; none for an input of the program.
  NodeId producer = kNone;
  int result = 0;
  llvm::SmallVector<Use, 2> uses;
  /// Whether it is a result of the program.
  bool isOutput = false;
};

/// An op, or one tie of an op that only hands values on.
struct Node {
  explicit Node(const Rule &rule) : rule(rule) {}

  /// The graph's: nodes that are alike share one.
  const Rule &rule;
  llvm::SmallVector<ValueId, 3> operands;
  llvm::SmallVector<ValueId, 1> results;
  RegionId region = 0;
  bool isTie = false;
  /// Of a tie: where each operand is handed on, and where each result is met.
  llvm::SmallVector<RegionId, 0> operandRegions, resultRegions;
};

struct Region {
  RegionId parent = kNone;
  /// How often the region runs each time its parent does.
  int64_t trips = 1;
  bool isLoop = false;
  /// Whether `trips` is exact: not for a branch, which may not run, nor for a
  /// loop of which it is not known.
  bool isCounted = true;
};

struct Graph {
  Graph() = default;
  Graph(Graph &&) = default;

  Mesh mesh;
  std::vector<Value> values;
  /// In program order; the ties of an op stand before the ops in its regions.
  std::vector<Node> nodes;
  std::vector<Region> regions = {Region()};
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  /// Per output the input that it becomes when the program runs again, or none:
  /// it leaves in the layout in which that enters.
  std::vector<ValueId> becomes;

  ValueId addValue(llvm::ArrayRef<int64_t> shape, int64_t elementBytes);
  void addOutput(ValueId value, ValueId input = kNone);
  /// Keeps a rule for nodes to refer to; equal ones are kept once.
  const Rule &addRule(Rule rule);
  /// Appends a node and enters it as producer and user of its values.
  NodeId addNode(Node node);
  /// Adds an operand, handed on in `region`, to a tie that is there: it meets
  /// the values that its regions yield late. Its rule has all operands.
  void addOperand(NodeId tie, ValueId value, RegionId region);

  /// The region in which a use happens.
  RegionId regionOf(const Use &use) const {
    const Node &node = nodes[use.node];
    return node.isTie ? node.operandRegions[use.operand] : node.region;
  }

  /// The region in which a value is met first.
  RegionId regionOf(ValueId value) const {
    const Value &v = values[value];
    if (v.producer == kNone)
      return 0;
    const Node &node = nodes[v.producer];
    return node.isTie ? node.resultRegions[v.result] : node.region;
  }

  /// How often a region runs when the program runs once; see `isCounted`.
  int64_t tripsOf(RegionId region) const;
  /// Whether that is exact: the region is in no branch, and in no loop that
  /// runs nobody knows how often.
  bool isCounted(RegionId region) const;
  bool isInLoop(RegionId region) const;

private:
  std::deque<Rule> rules;
  std::unordered_map<size_t, llvm::SmallVector<const Rule *, 1>> rulesByHash;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_GRAPH_H
