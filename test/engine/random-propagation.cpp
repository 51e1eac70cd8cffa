//===- random-propagation.cpp - The engine on random programs -------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   random-propagation first-seed number-of-seeds [number-of-nodes]
//
// Partitions random programs by random tactics. Propagation must end in the
// state of full sweeps; a tactic must leave what earlier ones did; a state must
// be one that can run; the plan must take every value from where it is to where
// it is needed; and an estimator that has seen other states must find what a
// new one does.
//
//===----------------------------------------------------------------------===//

#include "DeviceData.h"
#include "PlanTest.h"
#include "RandomGraph.h"

#include "compiler/engine/Actions.h"
#include "compiler/engine/Candidates.h"
#include "compiler/engine/Estimator.h"
#include "compiler/engine/Propagation.h"
#include "compiler/engine/Strategies.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <map>

using namespace partir::engine;
using llvm::ArrayRef;

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

static bool same(const NodeTile &a, const NodeTile &b) {
  return a.axis == b.axis && a.factor == b.factor && a.cause == b.cause;
}
static bool same(const ValueTile &a, const ValueTile &b) {
  return a.axis == b.axis && a.dim == b.dim && a.cause == b.cause;
}

/// Whether the state has what the earlier one has, at the same places.
static bool extends(const State &state, const State &earlier) {
  auto startsWith = [](const auto &list, const auto &start) {
    return list.size() >= start.size() &&
           llvm::all_of(llvm::zip(list, start), [](auto pair) {
             return same(std::get<0>(pair), std::get<1>(pair));
           });
  };
  auto allStartWith = [&](const auto &lists, const auto &starts) {
    return llvm::all_of(llvm::zip(lists, starts), [&](auto pair) {
      return startsWith(std::get<0>(pair), std::get<1>(pair));
    });
  };
  return allStartWith(state.nodes, earlier.nodes) &&
         allStartWith(state.values, earlier.values);
}

static bool equal(const State &a, const State &b) {
  auto sameCause = [](const Cause &x, const Cause &y) {
    return x.tactic == y.tactic && x.parent == y.parent;
  };
  return extends(a, b) && extends(b, a) &&
         llvm::equal(a.causes, b.causes, sameCause);
}

static void assign(State &to, const State &from) {
  to.nodes = from.nodes;
  to.values = from.values;
  to.atomics = from.atomics;
  to.causes = from.causes;
}

static State copy(const State &state) {
  State result(state.graph);
  assign(result, state);
  return result;
}

/// Propagation as it is defined.
static void propagateBySweeps(State &state, int axis, llvm::StringRef tactic) {
  Propagation propagation(state, axis, tactic);
  int numNodes = state.nodes.size(), numValues = state.values.size();
  bool changed = true;
  while (changed) {
    changed = false;
    for (NodeId node = 0; node < numNodes; ++node)
      changed |= propagation.visit(node);
    for (NodeId node = numNodes - 1; node >= 0; --node)
      changed |= propagation.visit(node);
    for (ValueId value = 0; value < numValues; ++value)
      changed |= propagation.tileReduced(value);
  }
}

/// A machine on which all that an estimate counts takes time.
static Device makeDevice() {
  Device device;
  device.bandwidth = device.vectorFlops = device.transcendentals = 1e3;
  device.matrixFlops = {1e4, 1e4, 1e4, 1e4};
  device.overhead = 1e-3;
  device.fusesMatrix = true;
  device.links.push_back({"near", 2, 1e3, 1e-3});
  device.links.push_back({"far", 64, 1e2, 1e-2});
  return device;
}

//===----------------------------------------------------------------------===//
// One program
//===----------------------------------------------------------------------===//

namespace {

class ProgramTest {
public:
  ProgramTest(uint64_t seed, int numNodes, Counts &counts)
      : seed(seed), counts(counts), random(seed),
        graph(makeRandomGraph(random, makeRandomMesh(random),
                              numNodes / 2 + random.below(numNodes))),
        indexed(graph), state(graph), estimator(graph, makeDevice()) {}

  void run() {
    counts.nodes += graph.nodes.size();
    // Of another state, with other tiles at the same places.
    State empty = copy(state);
    applyTactic("T");
    State other = copy(state);
    StateCost before = estimator.costOf(other);
    assign(state, empty);
    propagated.clear();
    for (int i = 0, end = 1 + random.below(4); i < end; ++i) {
      applyTactic("T" + std::to_string(i));
      checkCost(state, Estimator(graph, makeDevice()).costOf(state));
    }
    checkCost(other, before);
    for (int axis = 0, end = graph.mesh.axes.size(); axis < end; ++axis)
      counts.conflicts += findConflicts(state, axis).size();
    checkState();
    PlanTest plan(state, counts,
                  [this](const std::string &what) { fail(what); });
    plan.run();
    checkRandomConversions(plan);
    chooseStrategies();
    checkState();
    // The counts tell what propagation leads to.
    Counts others;
    PlanTest(state, others, [this](const std::string &what) {
      fail(what);
    }).run();
  }

  void print() const;

private:
  void fail(const std::string &what) {
    ++counts.wrong;
    llvm::errs() << "seed " << seed << ": " << what << "\n";
  }
  std::string str(NodeId node) const { return describe(graph, node); }

  /// Actions on one or two axes, then propagation axis by axis.
  void applyTactic(const std::string &name) {
    llvm::SmallVector<int, 2> axes;
    for (int i = 0, end = 1 + random.oneIn(3); i < end; ++i)
      axes.push_back(random.below(graph.mesh.axes.size()));
    for (int axis : axes)
      for (int i = 0, end = 1 + random.below(3); i < end; ++i)
        act(axis, name);
    for (int axis : axes)
      propagate(axis, name);
    for (int axis : axes)
      counts.inferred += inferInputs(state, axis, name).size();
  }

  void act(int axis, const std::string &name) {
    AxisRef ref = graph.mesh.whole(axis);
    // Inputs mostly; an inner value is one that has a tag.
    ValueId value = random.pick(graph.inputs);
    if (random.oneIn(3))
      value = random.below(graph.values.size());
    NodeId producer = graph.values[value].producer;
    if (producer != kNone && graph.nodes[producer].isTie)
      return;
    int rank = graph.values[value].shape.size();
    if (random.oneIn(8))
      makeAtomic(state, value, ref, name);
    else if (random.oneIn(3))
      tileFirstDivisible(state, indexed, value, 0, ref, name);
    else if (rank > 0)
      tile(state, value, random.below(rank), ref, name);
  }

  void propagate(int axis, const std::string &name) {
    State before = copy(state), swept = copy(state);
    Propagation(state, axis, name).run();
    propagateBySweeps(swept, axis, name);
    if (!equal(state, swept))
      fail("the state is not that of full sweeps over axis " +
           graph.mesh.axes[axis].name);
    if (!extends(state, before))
      fail("a tactic undoes an earlier one");
    checkFromChanges(axis, name, before);
    propagated.erase(axis);
    propagated.emplace(axis, copy(state));
    counts.decisions += state.causes.size() - before.causes.size();
  }

  void checkCost(const State &state, StateCost expected) {
    StateCost cost = estimator.costOf(state);
    if (cost.seconds != expected.seconds ||
        cost.peakBytes != expected.peakBytes)
      fail("the cost depends on the states that were estimated before");
  }
  /// Propagation from no more than what has changed since the axis was
  /// propagated last.
  void checkFromChanges(int axis, const std::string &name,
                        const State &before) {
    auto last = propagated.find(axis);
    if (last == propagated.end())
      return;
    auto sizesDiffer = [](const auto &one, const auto &other) {
      return one.size() != other.size();
    };
    const State &earlier = last->second;
    Changes changes;
    for (NodeId node = 0, end = graph.nodes.size(); node < end; ++node)
      if (sizesDiffer(before.nodes[node], earlier.nodes[node]))
        changes.nodes.push_back(node);
    for (ValueId value = 0, end = graph.values.size(); value < end; ++value)
      if (sizesDiffer(before.values[value], earlier.values[value]) ||
          sizesDiffer(before.atomics[value], earlier.atomics[value]))
        changes.values.push_back(value);
    State incremental = copy(before);
    Propagation(incremental, axis, name).run(changes.nodes, changes.values);
    ++counts.incremental;
    if (!equal(incremental, state))
      fail("the state is not that of looking at all nodes of axis " +
           graph.mesh.axes[axis].name);
  }

  void checkState();
  void checkNode(NodeId node);
  void checkRandomConversions(PlanTest &plan);
  Layout randomLayout(const Value &value, ArrayRef<AxisRef> axes);
  void chooseStrategies();

  uint64_t seed;
  Counts &counts;
  Random random;
  Graph graph;
  LoopBlockedDims indexed;
  State state;
  /// Per axis the state in which its propagation ended last.
  std::map<int, State> propagated;
  Estimator estimator;
};

} // namespace

/// Whether the node can run over its axes.
void ProgramTest::checkNode(NodeId node) {
  const Node &n = graph.nodes[node];
  llvm::SmallVector<NodeTile, 4> before;
  auto left = [&](int factor) {
    int64_t size = n.rule.factors[factor].size;
    for (const NodeTile &tile : before)
      if (tile.factor == factor)
        size /= tile.axis.size;
    return size;
  };
  for (const NodeTile &tile : state.nodes[node]) {
    const Factor &factor = n.rule.factors[tile.factor];
    if (!graph.mesh.isWhole(tile.axis))
      ++counts.parts;
    if (factor.kind == FactorKind::Blocked)
      fail("a blocked factor is tiled: " + str(node));
    if (left(tile.factor) % tile.axis.size != 0)
      fail("a tile does not divide its factor: " + str(node));
    if (llvm::any_of(before, [&](const NodeTile &other) {
          return other.axis.overlaps(tile.axis);
        }))
      fail("a node has an axis twice: " + str(node));
    auto checkValues = [&](ArrayRef<ValueId> values,
                           ArrayRef<ValueFactors> factors) {
      for (auto [value, valueFactors] : llvm::zip_equal(values, factors))
        for (const DimFactors &dim : valueFactors) {
          const int *found = llvm::find(dim, tile.factor);
          if (found == dim.end())
            continue;
          if (llvm::any_of(llvm::make_range(dim.begin(), found),
                           [&](int major) { return left(major) > 1; }))
            fail("a minor factor is tiled before its major: " + str(node));
          for (const AtomicMark &mark : state.atomics[value])
            if (mark.axis.overlaps(tile.axis) && mark.cause < tile.cause)
              fail("an atomic value is sliced: " + str(node));
        }
    };
    checkValues(n.operands, n.rule.operands);
    checkValues(n.results, n.rule.results);
    before.push_back(tile);
  }
}

void ProgramTest::checkState() {
  for (NodeId node = 0, end = graph.nodes.size(); node < end; ++node)
    checkNode(node);
  for (ValueId value = 0, end = graph.values.size(); value < end; ++value) {
    if (auto wrong = checkLayout(graph.values[value], state.layout(value)))
      fail("value " + std::to_string(value) + " has " + *wrong);
  }
  for (ValueId input : graph.inputs)
    for (const auto &dim : state.layout(input).dims)
      if (!llvm::all_of(dim, [&](const AxisRef &axis) {
            return graph.mesh.isWhole(axis);
          }))
        fail("an input is tiled by a part of an axis");
}

/// Some of the axes, in any order on any dims that they divide.
Layout ProgramTest::randomLayout(const Value &value, ArrayRef<AxisRef> axes) {
  Layout layout;
  layout.dims.resize(value.shape.size());
  llvm::SmallVector<AxisRef, 6> left(axes.begin(), axes.end());
  while (!left.empty()) {
    int index = random.below(left.size());
    AxisRef axis = left[index];
    left.erase(left.begin() + index);
    int dim = random.below(value.shape.size() + 1);
    if (dim < static_cast<int>(value.shape.size()) &&
        value.shape[dim] % (layout.tilesOf(dim) * axis.size) == 0)
      layout.dims[dim].push_back(axis);
  }
  return layout;
}

/// Conversions between layouts that need not arise in a program.
void ProgramTest::checkRandomConversions(PlanTest &plan) {
  for (int i = 0; i < 10; ++i) {
    Value value;
    for (int dim = 0, rank = 1 + random.below(3); dim < rank; ++dim)
      value.shape.push_back(4 << random.below(3));
    if (random.oneIn(2))
      value.shape.front() *= 3;
    // Some axes in two parts.
    llvm::SmallVector<AxisRef, 6> axes;
    for (int axis = 0, end = graph.mesh.axes.size(); axis < end; ++axis) {
      AxisRef whole = graph.mesh.whole(axis);
      if (whole.size == 4 && random.oneIn(3)) {
        axes.push_back(whole.part(1, 2));
        axes.push_back(whole.part(2, 2));
      } else {
        axes.push_back(whole);
      }
    }
    Layout from = randomLayout(value, axes), to = randomLayout(value, axes);
    llvm::SmallVector<Pending, 2> pending;
    for (const AxisRef &axis : axes)
      if (!from.contains(axis) && random.oneIn(3))
        pending.push_back(
            {axis, random.oneIn(4) ? ReduceKind::Max : ReduceKind::Add});
    plan.checkConversion(value, from, pending, to,
                         convert(value, from, pending, to),
                         "random conversion " + std::to_string(i));
  }
}

/// Does with an axis or two what propagation need not arrive at.
void ProgramTest::chooseStrategies() {
  llvm::SmallVector<int, 2> axes = {random.below(graph.mesh.axes.size())};
  if (graph.mesh.axes.size() > 1)
    axes.push_back((axes[0] + 1) % graph.mesh.axes.size());
  Strategies strategies =
      findStrategies(state, axes, makeDevice(), std::make_shared<Forms>(graph));
  std::vector<int> choice;
  for (const StrategySet &set : strategies.sets) {
    choice.push_back(random.below(set.strategies.size()));
    counts.strategies += set.strategies.size();
  }
  State chosen = applyStrategies(state, strategies, choice, "chosen");
  if (!extends(chosen, state))
    fail("a choice undoes an earlier tactic");
  assign(state, chosen);
  checkCost(state, Estimator(graph, makeDevice()).costOf(state));
}

void ProgramTest::print() const {
  auto printValue = [&](ValueId value) {
    llvm::outs() << '%' << value << '[';
    llvm::interleave(graph.values[value].shape, llvm::outs(), "x");
    llvm::outs() << ']';
    for (const ValueTile &tile : state.values[value])
      llvm::outs() << " tile " << tile.dim << " on "
                   << graph.mesh.str(tile.axis) << " by "
                   << state.causes[tile.cause].tactic;
    for (const AtomicMark &mark : state.atomics[value])
      llvm::outs() << " whole on " << graph.mesh.str(mark.axis) << " by "
                   << state.causes[mark.cause].tactic;
  };
  for (ValueId input : graph.inputs) {
    llvm::outs() << "input ";
    printValue(input);
    llvm::outs() << "\n";
  }
  for (NodeId node = 0, end = graph.nodes.size(); node < end; ++node) {
    const Node &n = graph.nodes[node];
    llvm::outs() << node << (n.isTie ? " tie" : "") << " region " << n.region
                 << ": ";
    llvm::interleave(n.results, printValue, [] { llvm::outs() << ", "; });
    llvm::outs() << " = (";
    llvm::interleave(n.operands, llvm::outs(), ", ");
    llvm::outs() << ") " << n.rule.str();
    for (const NodeTile &tile : state.nodes[node])
      llvm::outs() << "; factor " << tile.factor << " on "
                   << graph.mesh.str(tile.axis) << " by "
                   << state.causes[tile.cause].tactic;
    llvm::outs() << "\n";
  }
  llvm::outs() << "outputs ";
  llvm::interleave(graph.outputs, llvm::outs(), ", ");
  llvm::outs() << "\n";
}

int main(int argc, char **argv) {
  uint64_t first = argc > 1 ? std::stoull(argv[1]) : 0;
  uint64_t count = argc > 2 ? std::stoull(argv[2]) : 100;
  int numNodes = argc > 3 ? std::stoi(argv[3]) : 30;
  Counts counts;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    ProgramTest test(seed, numNodes, counts);
    test.run();
    if (count == 1)
      test.print();
  }
  llvm::outs() << "nodes: " << counts.nodes
               << "\ndecisions: " << counts.decisions
               << "\nparts of axes: " << counts.parts
               << "\nconflicts: " << counts.conflicts
               << "\npropagated from changes: " << counts.incremental
               << "\ninferred inputs: " << counts.inferred
               << "\nmerged sums: " << counts.merged
               << "\ncarried sums: " << counts.carried
               << "\nhoisted: " << counts.hoisted
               << "\nstrategies: " << counts.strategies
               << "\nstops: " << counts.stops
               << "\nconversions: " << counts.conversions;
  static const char *const names[] = {
      "all_slice",          "all_reduce", "combine",
      "reduce_scatter",     "all_gather", "all_to_all",
      "collective_permute", "window"};
  for (auto [name, number] : llvm::zip_equal(names, counts.steps))
    llvm::outs() << "\n  " << name << ": " << number;
  llvm::outs() << "\n  gathered and sliced again: " << counts.detours
               << "\nwrong: " << counts.wrong << "\n";
  return counts.wrong != 0;
}
