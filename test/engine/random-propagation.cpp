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
// be one that can run; and the plan must take every value from where it is to
// where it is needed.
//
//===----------------------------------------------------------------------===//

#include "DeviceData.h"
#include "RandomGraph.h"

#include "compiler/engine/Actions.h"
#include "compiler/engine/Candidates.h"
#include "compiler/engine/CarriedSum.h"
#include "compiler/engine/Causes.h"
#include "compiler/engine/Plan.h"
#include "compiler/engine/Propagation.h"
#include "compiler/engine/Stops.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace partir::engine;
using llvm::ArrayRef;

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

static bool isLoopTie(const Node &node) {
  return node.isTie && node.operands.size() == 2;
}

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

static State copy(const State &state) {
  State result(state.graph);
  result.nodes = state.nodes;
  result.values = state.values;
  result.atomics = state.atomics;
  result.causes = state.causes;
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

//===----------------------------------------------------------------------===//
// One program
//===----------------------------------------------------------------------===//

namespace {

struct Counts {
  int nodes = 0, decisions = 0, conflicts = 0, inferred = 0, parts = 0;
  int conversions = 0, merged = 0, carried = 0, hoisted = 0, stops = 0;
  int steps[8] = {};
  /// Gathers of an axis that comes back as a slice, for want of room.
  int detours = 0;
  int wrong = 0;
};

class ProgramTest {
public:
  ProgramTest(uint64_t seed, int numNodes, Counts &counts)
      : seed(seed), counts(counts), random(seed),
        graph(makeRandomGraph(random, makeRandomMesh(random),
                              numNodes / 2 + random.below(numNodes))),
        indexed(graph), state(graph) {}

  void run() {
    counts.nodes += graph.nodes.size();
    for (int i = 0, end = 1 + random.below(4); i < end; ++i)
      applyTactic("T" + std::to_string(i));
    for (int axis = 0, end = graph.mesh.axes.size(); axis < end; ++axis)
      counts.conflicts += findConflicts(state, axis).size();
    checkState();
    checkPlan();
    checkRandomConversions();
  }

  void print() const;

private:
  void fail(const std::string &what) {
    ++counts.wrong;
    llvm::errs() << "seed " << seed << ": " << what << "\n";
  }
  std::string str(NodeId node) const {
    return "node " + std::to_string(node) + " " + graph.nodes[node].rule.str();
  }

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
    counts.decisions += state.causes.size() - before.causes.size();
  }

  void checkState();
  void checkNode(NodeId node);
  void checkPlan();
  void checkCarried(const Plan &plan, NodeId tie,
                    ArrayRef<Pending> partialInit);
  void checkCauses(const Plan &plan);
  void checkStretches(const Plan &plan, const Use &use);
  std::optional<std::pair<ValueId, NodeId>> findInit(ValueId value) const;
  void checkHoist(const Plan &plan, const Use &use);
  void checkConversion(const Value &value, const Layout &from,
                       ArrayRef<Pending> pending, const Layout &to,
                       ArrayRef<Step> steps, const std::string &where);
  void checkRandomConversions();
  Layout randomLayout(const Value &value, ArrayRef<AxisRef> axes);

  uint64_t seed;
  Counts &counts;
  Random random;
  Graph graph;
  LoopBlockedDims indexed;
  State state;
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

/// Whether some of the axes are in the layout.
static bool hasAny(const Layout &layout, ArrayRef<AxisRef> axes) {
  return llvm::any_of(layout.dims, [&](const auto &dim) {
    return llvm::any_of(dim, [&](const AxisRef &one) {
      return llvm::any_of(
          axes, [&](const AxisRef &other) { return one.overlaps(other); });
    });
  });
}

/// Whether each dim has room for the axes of both layouts at once, so that they
/// can be exchanged in any order.
static bool hasRoom(const Value &value, const Layout &from, const Layout &to) {
  for (int dim = 0, rank = value.shape.size(); dim < rank; ++dim)
    if (value.shape[dim] % (from.tilesOf(dim) * to.tilesOf(dim)) != 0)
      return false;
  return true;
}

/// Runs the steps from one layout and compares with the other.
void ProgramTest::checkConversion(const Value &value, const Layout &from,
                                  ArrayRef<Pending> pending, const Layout &to,
                                  ArrayRef<Step> steps,
                                  const std::string &where) {
  if (steps.empty() && from == to && pending.empty())
    return;
  ++counts.conversions;
  DeviceData data(graph.mesh, value, from, pending);
  for (const Step &step : steps) {
    if (auto wrong = data.run(step))
      return fail(where + " " + *wrong);
    ++counts.steps[static_cast<int>(step.kind)];
    if (auto wrong = checkLayout(value, step.to))
      return fail(where + " has " + *wrong);
    if (!(data == DeviceData(graph.mesh, value, step.to, {})))
      return fail(where + " is not in the layout that a step says");
    if (step.kind == StepKind::AllGather && hasAny(to, step.axes)) {
      ++counts.detours;
      if (hasRoom(value, from, to))
        fail(where + " gathers an axis that is wanted elsewhere");
    }
  }
  if (data.isPartial())
    fail(where + " leaves a partial result");
  if (!(data == DeviceData(graph.mesh, value, to, {})))
    fail(where + " does not end where it should");
}

/// All that happens to a value between its layout and a use.
static Steps stepsTo(const Plan &plan, const Use &use) {
  Steps steps;
  if (const Hoist *hoist = plan.hoistAt(use))
    steps = hoist->steps;
  llvm::append_range(steps, plan.atUse({use.node, plan.sharedOperand(use)}));
  return steps;
}

/// What a node reads by a window is where the result of it is made.
void ProgramTest::checkStretches(const Plan &plan, const Use &use) {
  const Node &n = graph.nodes[use.node];
  Layout layout = plan.required(use.node, use.operand);
  Steps steps = stepsTo(plan, use);
  for (const Window &window : n.rule.windows) {
    int dim = dimOf(n.rule.operands[use.operand], window.factor);
    if (window.operand != use.operand || layout.dims[dim].empty())
      continue;
    const Stretch *stretch = nullptr;
    for (const Step &step : steps)
      if (step.kind == StepKind::Window && step.dim == dim)
        stretch = &step.stretch;
    int64_t tiles = layout.tilesOf(dim);
    int resultDim = dimOf(n.rule.results.front(), window.factor);
    int64_t size = graph.values[n.results.front()].shape[resultDim] / tiles;
    int64_t chunk = graph.values[n.operands[use.operand]].shape[dim] / tiles;
    for (int64_t r = 0; r < tiles * size; ++r) {
      int64_t begin = stretch ? stretch->starts[r / size] : r / size * chunk;
      int64_t end = begin + (stretch ? stretch->shape[dim] : chunk);
      int64_t first = window.scale * r + window.offset;
      if (first < begin || first + window.extent > end)
        return fail("element " + std::to_string(r) + " of " + str(use.node) +
                    " is made without what it reads");
    }
  }
}

/// The value that a loop hands to each trip as this one, with its tie.
std::optional<std::pair<ValueId, NodeId>>
ProgramTest::findInit(ValueId value) const {
  NodeId tie = graph.values[value].producer;
  if (tie == kNone || !isLoopTie(graph.nodes[tie]) ||
      graph.nodes[tie].region == graph.regionOf(value) ||
      !llvm::is_contained(graph.nodes[tie].results,
                          graph.nodes[tie].operands.back()))
    return std::nullopt;
  return std::pair(graph.nodes[tie].operands.front(), tie);
}

/// Nothing but gathers stays in a loop around which it could be done, and what
/// leaves a loop is a value that is the same on every trip.
void ProgramTest::checkHoist(const Plan &plan, const Use &use) {
  std::string where = str(use.node);
  ValueId value = graph.nodes[use.node].operands[use.operand];
  NodeId tie = kNone;
  RegionId region = graph.regionOf(use);
  const Hoist *hoist = plan.hoistAt(use);
  if (!hoist) {
    ArrayRef<Step> steps = plan.atUse(use);
    bool exchanges =
        llvm::any_of(steps.take_until([](const Step &step) {
          return step.kind == StepKind::AllGather;
        }),
                     [](const Step &step) { return step.isCollective(); });
    if (exchanges && region != 0 &&
        (graph.regionOf(value) != region || findInit(value)))
      fail("an exchange could leave its loop: " + where);
    return;
  }
  ++counts.hoisted;
  for (RegionId end = graph.regions[hoist->loop].parent; region != end;
       region = graph.regions[region].parent) {
    if (region == 0)
      return fail("what leaves a loop was not in it: " + where);
    if (graph.regionOf(value) != region) {
      tie = kNone;
      continue;
    }
    auto init = findInit(value);
    if (!init)
      return fail("what leaves a loop is made in it: " + where);
    std::tie(value, tie) = *init;
  }
  if (hoist->value != value || (hoist->tie != kNone && hoist->tie != tie))
    fail("another value leaves the loop: " + where);
  if (hoist->tie == kNone && region != 0 &&
      (graph.regionOf(value) != region || findInit(value)))
    fail("what leaves a loop could leave another: " + where);
  if (llvm::any_of(hoist->steps, [](const Step &step) {
        return step.kind == StepKind::AllGather;
      }))
    fail("a gather leaves its loop: " + where);
}

/// A sum that a loop carries as a partial result begins as one, or with zeros.
void ProgramTest::checkCarried(const Plan &plan, NodeId tie,
                               ArrayRef<Pending> partialInit) {
  ++counts.carried;
  const Node &n = graph.nodes[tie];
  if (partialInit.empty() && !isZero(graph, n.operands.front()))
    fail("a partial sum begins with a value that is whole: " + str(tie));
  if (!partialInit.empty() &&
      partialInit != ArrayRef<Pending>(plan.pending(n.results.front())))
    fail("a partial sum begins with one over other axes: " + str(tie));
  for (int operand : {0, 1})
    if (plan.stored(n.operands[operand]) != plan.required(tie, operand))
      fail("a partial sum changes its layout: " + str(tie));
}

/// Follows every value through the plan: where it is, over what it is partial.
void ProgramTest::checkPlan() {
  Plan plan(state);
  std::vector<llvm::SmallVector<Pending, 2>> partial(graph.values.size());

  auto convertUse = [&](const Use &use) {
    checkStretches(plan, use);
    checkHoist(plan, use);
    ValueId id = graph.nodes[use.node].operands[use.operand];
    std::string where =
        "operand " + std::to_string(use.operand) + " of " + str(use.node);
    Layout from = plan.stored(id), to = plan.required(use.node, use.operand);
    if (!partial[id].empty()) {
      if (from != to || !stepsTo(plan, use).empty())
        fail(where + " is partial and in another layout");
      return;
    }
    if (const Hoist *hoist = plan.hoistAt(use))
      from = hoist->tie == kNone ? plan.stored(hoist->value)
                                 : plan.required(hoist->tie, 0);
    checkConversion(graph.values[id], from, {}, to, stepsTo(plan, use), where);
  };

  NodeId end = static_cast<NodeId>(graph.nodes.size());
  for (NodeId node = 0; node < end; ++node) {
    if (plan.isDissolved(node))
      continue;
    const Node &n = graph.nodes[node];
    if (n.rule.isIdentity &&
        plan.required(node, 0) != plan.produced(n.results.front()))
      fail("a value leaves its name in another layout: " + str(node));
    llvm::SmallVector<Pending, 2> pending;
    bool isWholeSum = false;
    bool isCarried = isLoopTie(n) && !plan.pending(n.results.front()).empty();
    if (isCarried) {
      pending = plan.pending(n.results.front());
      checkCarried(plan, node, partial[n.operands.front()]);
    } else if (const SumTree *tree = plan.sumAt(node)) {
      ValueId sum = n.results.front();
      // Without a rest to be added to it, the one group is the sum.
      isWholeSum = tree->rest.empty() && tree->groups.size() == 1;
      Layout made = isWholeSum ? plan.stored(sum) : plan.produced(sum);
      for (const Use &use : tree->rest)
        convertUse(use);
      for (const SumGroup &group : tree->groups) {
        ++counts.merged;
        llvm::SmallVector<Pending, 2> axes;
        for (const AxisRef &axis : group.axes)
          axes.push_back({axis, ReduceKind::Add});
        for (const Use &use : group.leaves) {
          ValueId leaf = graph.nodes[use.node].operands[use.operand];
          if (partial[leaf] != axes)
            fail("a leaf is not partial over the axes of its group at " +
                 str(node));
          if (plan.stored(leaf) != group.form)
            fail("a leaf is not in the layout of its group at " + str(node));
        }
        checkConversion(graph.values[sum], group.form, axes, made, group.steps,
                        "the sum of a group at " + str(node));
      }
    } else {
      int passing = 0;
      for (int i = 0, e = n.operands.size(); i < e; ++i) {
        convertUse({node, i});
        if (partial[n.operands[i]].empty())
          continue;
        ++passing;
        pending = partial[n.operands[i]];
        bool isOnly = llvm::count(n.operands, n.operands[i]) == 1;
        if (!n.rule.isSum &&
            (!llvm::is_contained(n.rule.linear, i) || !isOnly || passing > 1))
          fail("a partial result passes what is not linear: " + str(node));
        if (n.rule.isSum && partial[n.operands[i]] != partial[n.operands[0]])
          fail("partial results of several axes are added: " + str(node));
      }
      if (passing > 0 && n.rule.isSum &&
          passing != static_cast<int>(n.operands.size()))
        fail("a partial result is added to a whole one: " + str(node));
    }
    // The axes of reduced factors, and those that an operand is partial over.
    for (const NodeTile &tile : plan.tiles(node)) {
      const Factor &factor = n.rule.factors[tile.factor];
      if (factor.kind == FactorKind::Reduce)
        pending.push_back({tile.axis, factor.reduce});
      for (size_t i = 0; i < pending.size(); ++i)
        if (factor.kind != FactorKind::Reduce &&
            pending[i].axis.overlaps(tile.axis))
          fail("a node runs over an axis on which it is partial: " + str(node));
    }
    llvm::sort(pending, [](const Pending &a, const Pending &b) {
      return a.axis < b.axis;
    });
    for (ValueId result : n.results) {
      ArrayRef<Step> steps = plan.atDefinition(result);
      bool reduces = llvm::any_of(
          steps, [](const Step &step) { return step.isReduction(); });
      if (!pending.empty() && !reduces) {
        partial[result] = pending;
        if (isCarried && graph.values[result].uses.empty())
          continue;
        if (!steps.empty() || graph.values[result].uses.size() != 1 ||
            llvm::is_contained(graph.outputs, result))
          fail("a partial result is not used once: " + str(node));
        continue;
      }
      checkConversion(graph.values[result],
                      isWholeSum ? plan.stored(result) : plan.produced(result),
                      pending, plan.stored(result), steps,
                      "the definition by " + str(node));
    }
  }
  for (NodeId node = 0; node < end; ++node)
    if (const Node &n = graph.nodes[node]; isLoopTie(n))
      if (partial[n.operands.back()] != plan.pending(n.results.front()))
        fail("what a loop hands on is not partial as what it carries: " +
             str(node));
  for (auto [number, value] : llvm::enumerate(graph.outputs)) {
    if (!partial[value].empty())
      fail("an output is partial");
    Layout to = plan.output(number);
    for (const auto &dim : to.dims)
      for (const AxisRef &axis : dim)
        if (!graph.mesh.isWhole(axis))
          fail("an output is tiled by a part of an axis");
    checkConversion(graph.values[value], plan.stored(value), {}, to,
                    plan.atOutput(number), "output " + std::to_string(number));
  }
  for (int axis = 0, e = graph.mesh.axes.size(); axis < e; ++axis)
    counts.stops += findStops(plan, axis).size();
  checkCauses(plan);
}

/// Every axis of a collective, and every axis that a value has, goes back to a
/// decision.
void ProgramTest::checkCauses(const Plan &plan) {
  plan.forEachStep([&](const Step &step, const Site &site) {
    if (!step.isCollective())
      return;
    for (const AxisRef &axis : step.axes)
      if (causeOf(plan, site, step, axis) == kNone)
        fail("a collective of value " + std::to_string(site.value) +
             " has no cause");
  });
  for (ValueId value = 0, end = graph.values.size(); value < end; ++value)
    for (const auto &dim : plan.stored(value).dims)
      for (const AxisRef &axis : dim)
        if (causeOfAxis(plan, value, axis) == kNone)
          fail("value " + std::to_string(value) + " has an axis without cause");
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
void ProgramTest::checkRandomConversions() {
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
    checkConversion(value, from, pending, to, convert(value, from, pending, to),
                    "random conversion " + std::to_string(i));
  }
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
               << "\ninferred inputs: " << counts.inferred
               << "\nmerged sums: " << counts.merged
               << "\ncarried sums: " << counts.carried
               << "\nhoisted: " << counts.hoisted << "\nstops: " << counts.stops
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
