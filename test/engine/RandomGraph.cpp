//===- RandomGraph.cpp - Programs that nobody wrote -----------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each node takes values that are there, so that chains and several uses arise
// by themselves.
//
//===----------------------------------------------------------------------===//

#include "RandomGraph.h"

#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;

using Shape = llvm::SmallVector<int64_t, 4>;

Mesh partir::engine::makeRandomMesh(Random &random) {
  static const std::vector<Mesh> meshes = {
      {{{"B", 4}, {"M", 2}}},           {{{"B", 2}, {"M", 2}, {"P", 2}}},
      {{{"B", 4}, {"M", 3}}},           {{{"B", 6}, {"M", 2}}},
      {{{"B", 4}, {"M", 2}, {"P", 3}}},
  };
  return random.pick(meshes);
}

namespace {

class GraphMaker {
public:
  GraphMaker(Random &random, const Mesh &mesh) : random(random) {
    graph.mesh = mesh;
  }

  Graph run(int numNodes) {
    for (int i = 0; i < 3; ++i)
      live.push_back(addInput(randomShape()));
    fill(numNodes);
    // What nothing uses is a result, and some of the rest.
    for (ValueId id = 0, end = graph.values.size(); id < end; ++id)
      if (regionOf(id) == 0 &&
          (graph.values[id].uses.empty() || random.oneIn(8)))
        graph.addOutput(id);
    return std::move(graph);
  }

private:
  RegionId regionOf(ValueId id) const { return regions[id]; }

  ValueId addValue(llvm::ArrayRef<int64_t> shape) {
    regions.push_back(region);
    return graph.addValue(shape, random.oneIn(4) ? 2 : 4);
  }
  ValueId addInput(llvm::ArrayRef<int64_t> shape) {
    regions.push_back(0);
    ValueId id = graph.addValue(shape, 4);
    graph.inputs.push_back(id);
    return id;
  }

  Shape randomShape() {
    static const std::vector<int64_t> sizes = {1,  2,  3,  4, 6, 8,
                                               12, 16, 24, 8, 4};
    Shape shape;
    for (int i = 0, rank = 1 + random.below(3); i < rank; ++i)
      shape.push_back(random.pick(sizes));
    return shape;
  }

  const Shape &shapeOf(ValueId id) const { return graph.values[id].shape; }
  ValueId anyValue() { return random.pick(live); }
  /// A value of that shape, new if there is none or the dice say so.
  ValueId valueOf(llvm::ArrayRef<int64_t> shape) {
    llvm::SmallVector<ValueId, 4> found;
    for (ValueId id : live)
      if (llvm::ArrayRef<int64_t>(shapeOf(id)) == shape)
        found.push_back(id);
    if (found.empty() || random.oneIn(6)) {
      live.push_back(addInput(shape));
      return live.back();
    }
    return random.pick(found);
  }

  void addNode(Rule rule, llvm::ArrayRef<ValueId> operands,
               llvm::ArrayRef<Shape> resultShapes) {
    Node node(graph.addRule(std::move(rule)));
    node.region = region;
    node.operands.assign(operands.begin(), operands.end());
    for (const Shape &shape : resultShapes)
      node.results.push_back(addValue(shape));
    live.append(node.results.begin(), node.results.end());
    graph.addNode(std::move(node));
  }
  RuleBuilder builder(llvm::ArrayRef<ValueId> operands,
                      llvm::ArrayRef<Shape> resultShapes) {
    llvm::SmallVector<llvm::ArrayRef<int64_t>, 4> from, to;
    for (ValueId id : operands)
      from.push_back(shapeOf(id));
    for (const Shape &shape : resultShapes)
      to.push_back(shape);
    return RuleBuilder(from, to);
  }

  void fill(int numNodes) {
    for (int i = 0; i < numNodes; ++i)
      addRandom(numNodes);
  }

  void addRandom(int numNodes) {
    switch (random.below(16)) {
    case 0:
    case 1:
      return addUnary(anyValue());
    case 2:
    case 3:
    case 4:
      return addBinary();
    case 5:
      return addTranspose();
    case 6:
    case 7:
      return addDot();
    case 8:
      return addReduction();
    case 9:
      return addReshape();
    case 10:
      return addBroadcast();
    case 11:
      return addBlocked();
    case 12:
      return addTwoResults();
    case 13:
      return addSumOfDots();
    case 14:
      return addMove();
    case 15:
      return random.oneIn(2) ? addBarrier() : addLoop(numNodes / 4);
    }
  }

  void addUnary(ValueId x) {
    RuleBuilder b = builder({x}, {shapeOf(x)});
    b.addPointwise();
    b.rule.isIdentity = random.oneIn(4);
    if (b.rule.isIdentity || random.oneIn(2))
      b.linearIn({0});
    addNode(b.build(), {x}, {shapeOf(x)});
  }

  void addSum(ValueId x, ValueId y) {
    RuleBuilder b = builder({x, y}, {shapeOf(x)});
    b.addPointwise();
    b.rule.isSum = true;
    addNode(b.build(), {x, y}, {shapeOf(x)});
  }

  void addBinary() {
    ValueId x = anyValue(), y = valueOf(shapeOf(x));
    if (!random.oneIn(3))
      return addSum(x, y);
    RuleBuilder b = builder({x, y}, {shapeOf(x)});
    b.addPointwise();
    b.linearIn({0, 1});
    addNode(b.build(), {x, y}, {shapeOf(x)});
  }

  void addTranspose() {
    ValueId x = anyValue();
    Shape from = shapeOf(x), to(from.rbegin(), from.rend());
    RuleBuilder b = builder({x}, {to});
    int rank = from.size();
    for (int dim = 0; dim < rank; ++dim)
      b.add(from[dim], {dim}, {rank - 1 - dim});
    b.linearIn({0});
    addNode(b.build(), {x}, {to});
  }

  void addDot() {
    ValueId x = anyValue();
    addDot(x, valueOf({shapeOf(x).back(), randomShape().front()}));
  }

  /// Contracts the last dim of x with the first of y.
  void addDot(ValueId x, ValueId y) {
    const Shape &left = shapeOf(x), &right = shapeOf(y);
    Shape to(left.begin(), left.end() - 1);
    to.push_back(right.back());
    RuleBuilder b = builder({x, y}, {to});
    int last = left.size() - 1;
    for (int dim = 0; dim < last; ++dim)
      b.add(left[dim], {dim, RuleBuilder::kNone}, {dim});
    b.add(right.back(), {RuleBuilder::kNone, 1}, {last});
    bool isMax = random.oneIn(8);
    b.addReduction(left.back(), {last, 0},
                   isMax ? ReduceKind::Max : ReduceKind::Add);
    if (!isMax)
      b.linearIn({0, 1});
    addNode(b.build(), {x, y}, {to});
  }

  /// Dots that are added up and used nowhere else, with linear ops between.
  void addSumOfDots() {
    size_t numLive = live.size();
    ValueId x = anyValue(), y = addInput({shapeOf(x).back(), 8});
    addDot(x, y);
    ValueId sum = live.back();
    for (int i = 0, end = 1 + random.below(3); i < end; ++i) {
      addDot(x, random.oneIn(3) ? y : addInput(shapeOf(y)));
      if (random.oneIn(3))
        addUnary(live.back());
      else if (random.oneIn(3))
        addReverse(live.back());
      addSum(sum, live.back());
      sum = live.back();
      if (random.oneIn(4)) {
        addUnary(sum);
        sum = live.back();
      }
    }
    live.truncate(numLive);
    live.push_back(sum);
  }

  void addReduction() {
    ValueId x = anyValue();
    Shape from = shapeOf(x), to = from;
    int gone = random.below(from.size());
    to.erase(to.begin() + gone);
    RuleBuilder b = builder({x}, {to});
    ReduceKind kind = ReduceKind::Add;
    if (random.oneIn(2))
      kind = random.oneIn(2) ? ReduceKind::Max : ReduceKind::Joint;
    for (int dim = 0, rank = from.size(); dim < rank; ++dim) {
      if (dim == gone)
        b.addReduction(from[dim], {dim}, kind);
      else
        b.add(from[dim], {dim}, {dim - (dim > gone)});
    }
    if (kind == ReduceKind::Add)
      b.linearIn({0});
    addNode(b.build(), {x}, {to});
    if (to.empty())
      live.pop_back();
  }

  /// Splits one dim in two, or merges two neighbours.
  void addReshape() {
    ValueId x = anyValue();
    Shape from = shapeOf(x), to;
    int rank = from.size();
    int at = random.below(rank);
    bool merges = at + 1 < rank && random.oneIn(2);
    int64_t major = 1;
    if (!merges)
      for (int64_t size : {2, 3, 4, 6})
        if (from[at] % size == 0 && (major == 1 || random.oneIn(2)))
          major = size;
    for (int dim = 0; dim < rank; ++dim) {
      if (dim != at) {
        to.push_back(from[dim]);
      } else if (merges) {
        to.push_back(from[dim] * from[dim + 1]);
        ++dim;
      } else {
        to.push_back(major);
        to.push_back(from[dim] / major);
      }
    }
    if (to.size() > 4)
      return;
    RuleBuilder b = builder({x}, {to});
    for (int dim = 0, into = 0; dim < rank; ++dim, ++into) {
      if (dim != at) {
        b.add(from[dim], {dim}, {into});
      } else if (merges) {
        b.add(from[dim], {dim}, {into});
        b.add(from[dim + 1], {dim + 1}, {into});
        ++dim;
      } else {
        b.add(major, {dim}, {into});
        b.add(from[dim] / major, {dim}, {into + 1});
        ++into;
      }
    }
    b.linearIn({0});
    addNode(b.build(), {x}, {to});
  }

  void addReverse(ValueId x) {
    const Shape &shape = shapeOf(x);
    RuleBuilder b = builder({x}, {shape});
    int rank = shape.size(), reversed = random.below(rank);
    for (int dim = 0; dim < rank; ++dim)
      if (dim != reversed)
        b.add(shape[dim], {dim}, {dim});
    b.addWindow(1, reversed, -1, shape[reversed] - 1, 1);
    b.linearIn({0});
    addNode(b.build(), {x}, {shape});
  }

  /// Moves elements of two operands, perhaps one value twice, along a dim.
  void addMove() {
    ValueId x = anyValue();
    Shape from = shapeOf(x), to = from;
    int moved = random.below(from.size());
    int64_t size = from[moved];
    ValueId y = random.oneIn(2) ? x : addInput(from);
    if (random.oneIn(3))
      to[moved] = random.oneIn(2) ? 2 * size : (size + 1) / 2;
    RuleBuilder b = builder({x, y}, {to});
    for (int dim = 0, rank = from.size(); dim < rank; ++dim)
      if (dim != moved)
        b.add(from[dim], {dim, dim}, {dim});
    bool isReversed = random.oneIn(4);
    int64_t scale = isReversed ? -1 : 1 + random.below(2);
    int64_t offset = isReversed ? size - 1 : random.below(5) - 2;
    b.addWindow(2, moved, scale, offset, 1 + random.below(3));
    if (!b.rule.windows.empty() && random.oneIn(2))
      ++b.rule.windows.back().offset;
    b.linearIn({0, 1});
    addNode(b.build(), {x, y}, {to});
  }

  void addBroadcast() {
    ValueId x = anyValue();
    if (shapeOf(x).size() > 2)
      return;
    Shape from = shapeOf(x), to = {randomShape().front()};
    to.append(from.begin(), from.end());
    RuleBuilder b = builder({x}, {to});
    b.add(to.front(), {RuleBuilder::kNone}, {0});
    for (int dim = 0, rank = from.size(); dim < rank; ++dim)
      b.add(from[dim], {dim}, {dim + 1});
    b.linearIn({0});
    addNode(b.build(), {x}, {to});
  }

  /// An op that needs one dim whole, of one size or of two.
  void addBlocked() {
    ValueId x = anyValue();
    Shape from = shapeOf(x), to = from;
    int whole = random.below(from.size());
    if (random.oneIn(2))
      to[whole] = randomShape().front();
    RuleBuilder b = builder({x}, {to});
    for (int dim = 0, rank = from.size(); dim < rank; ++dim)
      if (dim != whole)
        b.add(from[dim], {dim}, {dim});
    b.linearIn({0});
    addNode(b.build(), {x}, {to});
  }

  /// A result of the operand's shape and one without its last dim.
  void addTwoResults() {
    ValueId x = anyValue();
    Shape from = shapeOf(x), to(from.begin(), from.end() - 1);
    if (to.empty())
      return;
    RuleBuilder b = builder({x}, {from, to});
    int last = to.size();
    for (int dim = 0; dim < last; ++dim)
      b.add(from[dim], {dim}, {dim, dim});
    addNode(b.build(), {x}, {from, to});
  }

  NodeId addTie(ValueId source, int numOperands, int numTargets) {
    Rule rule;
    ValueFactors factors(shapeOf(source).size());
    for (auto [dim, size] : llvm::enumerate(shapeOf(source))) {
      if (size <= 1)
        continue;
      factors[dim].push_back(rule.factors.size());
      rule.factors.emplace_back().size = size;
    }
    rule.operands.assign(numOperands, factors);
    rule.results.assign(numTargets, factors);
    if (numOperands == 1)
      rule.linear.push_back(0);
    Node node(graph.addRule(std::move(rule)));
    node.isTie = true;
    node.region = region;
    for (int i = 0; i < numTargets; ++i)
      node.results.push_back(addValue(Shape(shapeOf(source))));
    node.resultRegions.assign(numTargets, region);
    NodeId id = graph.addNode(std::move(node));
    graph.addOperand(id, source, region);
    return id;
  }

  void addBarrier() {
    for (int i = 0, count = 1 + random.below(2); i < count; ++i) {
      NodeId tie = addTie(anyValue(), 1, 1);
      live.push_back(graph.nodes[tie].results.front());
    }
  }

  ValueId addZeros(const Shape &shape) {
    RuleBuilder b = builder({}, {shape});
    for (int dim = 0, rank = shape.size(); dim < rank; ++dim)
      b.add(shape[dim], {}, {dim});
    b.rule.isZero = b.rule.isCheap = true;
    addNode(b.build(), {}, {shape});
    return live.pop_back_val();
  }

  /// A sum that a loop carries: what it begins with, and of what dots are
  /// added.
  struct Accumulator {
    NodeId tie;
    ValueId x;
    Shape of;
  };
  Accumulator addAccumulator() {
    ValueId x = anyValue();
    Shape of = {shapeOf(x).back(), 8},
          shape(shapeOf(x).begin(), shapeOf(x).end() - 1);
    shape.push_back(8);
    ValueId init = addZeros(shape);
    if (random.oneIn(4))
      init = valueOf(shape);
    return {addTie(init, 2, 3), x, of};
  }

  /// What the body of the loop yields for the sum.
  ValueId accumulate(const Accumulator &accumulator) {
    size_t numLive = live.size();
    ValueId sum = graph.nodes[accumulator.tie].results[1];
    for (int i = 0, end = 1 + random.below(2); i < end; ++i) {
      if (depth < 2 && random.oneIn(3)) {
        sum = accumulateInLoop(accumulator, sum);
        continue;
      }
      addDot(accumulator.x, addInput(accumulator.of));
      if (random.oneIn(3))
        addUnary(live.back());
      addSum(sum, live.back());
      if (random.oneIn(5))
        addUnary(live.back());
      sum = live.back();
    }
    live.truncate(numLive);
    return sum;
  }

  /// Hands the sum to another loop, which adds to it and hands it back.
  ValueId accumulateInLoop(const Accumulator &accumulator, ValueId sum) {
    RegionId outer = region;
    RegionId inner = graph.regions.size();
    graph.regions.push_back({outer, 1 + random.below(3), true});
    NodeId tie = addTie(sum, 2, 3);
    graph.nodes[tie].resultRegions = {inner, inner, outer};
    regions[graph.nodes[tie].results[0]] = inner;
    regions[graph.nodes[tie].results[1]] = inner;
    region = inner;
    ++depth;
    graph.addOperand(tie, accumulate({tie, accumulator.x, accumulator.of}),
                     inner);
    region = outer;
    --depth;
    return graph.nodes[tie].results[2];
  }

  /// A loop that carries values and uses others from outside.
  void addLoop(int numNodes) {
    if (depth == 2 || numNodes < 2)
      return;
    llvm::SmallVector<NodeId, 2> ties;
    RegionId outer = region;
    RegionId inner = graph.regions.size();
    graph.regions.push_back({outer, 1 + random.below(5), true});
    for (int i = 0, count = 1 + random.below(2); i < count; ++i) {
      ties.push_back(addTie(anyValue(), 2, 3));
    }
    std::optional<Accumulator> accumulator;
    if (random.oneIn(2)) {
      accumulator = addAccumulator();
      const Node &tie = graph.nodes[accumulator->tie];
      regions[tie.results[0]] = regions[tie.results[1]] = inner;
    }
    llvm::SmallVector<ValueId, 32> outside = live;
    region = inner;
    ++depth;
    for (NodeId tie : ties) {
      graph.nodes[tie].resultRegions = {inner, inner, outer};
      regions[graph.nodes[tie].results[0]] = inner;
      regions[graph.nodes[tie].results[1]] = inner;
      live.push_back(graph.nodes[tie].results[1]);
    }
    fill(numNodes);
    for (NodeId tie : ties) {
      ValueId carried = graph.nodes[tie].results[1];
      llvm::SmallVector<ValueId, 4> found;
      for (ValueId id : live)
        if (shapeOf(id) == shapeOf(carried))
          found.push_back(id);
      graph.addOperand(tie, random.pick(found), inner);
    }
    if (accumulator) {
      graph.nodes[accumulator->tie].resultRegions = {inner, inner, outer};
      graph.addOperand(accumulator->tie, accumulate(*accumulator), inner);
      ties.push_back(accumulator->tie);
    }
    // An iteration's values cannot be used outside; inputs that it made can.
    for (ValueId id : llvm::ArrayRef<ValueId>(live).drop_front(outside.size()))
      if (regionOf(id) == 0)
        outside.push_back(id);
    live = std::move(outside);
    region = outer;
    --depth;
    for (NodeId tie : ties)
      live.push_back(graph.nodes[tie].results[2]);
  }

  Random &random;
  Graph graph;
  RegionId region = 0;
  int depth = 0;
  /// Per value the region in which it is made.
  std::vector<RegionId> regions;
  /// The values that can be used.
  llvm::SmallVector<ValueId, 32> live;
};

} // namespace

Graph partir::engine::makeRandomGraph(Random &random, const Mesh &mesh,
                                      int numNodes) {
  return GraphMaker(random, mesh).run(numNodes);
}
