//===- Strategies.cpp - One sharding per op, each with its cost -----------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each strategy is tried on a copy of the state, so that layouts and
// conversions are those of a plan.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Strategies.h"

#include "compiler/engine/OwnCosts.h"
#include "compiler/engine/Plan.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/STLFunctionalExtras.h"

using namespace partir::engine;
using llvm::ArrayRef;

namespace {

/// Enumerates the strategies of one node or input after another.
class StrategyFinder {
public:
  StrategyFinder(const State &state, ArrayRef<int> axes, const Device &device)
      : graph(state.graph), axes(axes), costs(state, device), base(state),
        trial(state) {}

  Strategies run();

private:
  void addInput(ValueId input);
  void addNode(NodeId node);
  /// Goes on with the axes from `index`.
  void extendInput(StrategySet &set, size_t index);
  void extendNode(StrategySet &set, size_t index, const FactorTiles &tiles);
  /// Goes on with the tiles from `index`: those that leave partial results.
  void scatter(StrategySet &set, size_t index, const FactorTiles &tiles);
  void add(StrategySet &set, Strategy strategy);
  Strategy makeStrategy(NodeId node, const FactorTiles &tiles) const;
  double secondsOf(NodeId node) const;

  int setOfNode(NodeId node) const {
    return static_cast<int>(graph.inputs.size()) + node;
  }
  void addEdges(NodeId node);
  /// Of a value, which strategies of the set `to` need in a layout each.
  void addEdge(ValueId value, int to,
               llvm::function_ref<Layout(const Strategy &)> layoutIn,
               RegionId region);

  const Graph &graph;
  ArrayRef<int> axes;
  OwnCosts costs;
  const State &base;
  State trial;
  Strategies found;
  /// Per value the set that decides how it is kept.
  std::vector<int> setOf;
};

} // namespace

Strategies StrategyFinder::run() {
  setOf.assign(graph.values.size(), kNone);
  for (ValueId input : graph.inputs)
    addInput(input);
  NodeId end = static_cast<NodeId>(graph.nodes.size());
  for (NodeId node = 0; node < end; ++node)
    addNode(node);
  for (NodeId node = 0; node < end; ++node)
    addEdges(node);
  // A result that is an input of the next step leaves as that enters.
  for (auto [output, input] : llvm::zip_equal(graph.outputs, graph.becomes))
    if (input != kNone)
      addEdge(
          output, setOf[input],
          [](const Strategy &entry) { return entry.stored.front(); }, 0);
  return std::move(found);
}

void StrategyFinder::addInput(ValueId input) {
  setOf[input] = static_cast<int>(found.sets.size());
  StrategySet set;
  set.input = input;
  extendInput(set, 0);
  found.sets.push_back(std::move(set));
}

void StrategyFinder::extendInput(StrategySet &set, size_t index) {
  ValueId input = set.input;
  if (index == axes.size()) {
    Strategy strategy;
    ArrayRef<ValueTile> loops = trial.values[input];
    loops = loops.drop_front(base.values[input].size());
    strategy.loops.assign(loops.begin(), loops.end());
    strategy.stored = {trial.layout(input)};
    return add(set, std::move(strategy));
  }
  extendInput(set, index + 1);
  AxisRef axis = graph.mesh.whole(axes[index]);
  State::Places places;
  base.placesInLayout(input, axis.axis, places);
  if (!places.empty() || base.findAtomic(input, axis))
    return;
  for (int dim = 0, rank = graph.values[input].shape.size(); dim < rank; ++dim)
    if (trial.divides(input, dim, axis)) {
      trial.values[input].push_back({axis, dim, kNone});
      extendInput(set, index + 1);
      trial.values[input].pop_back();
    }
}

void StrategyFinder::addNode(NodeId node) {
  for (ValueId result : graph.nodes[node].results)
    setOf[result] = static_cast<int>(found.sets.size());
  StrategySet set;
  set.node = node;
  extendNode(set, 0, {});
  trial.nodes[node] = base.nodes[node];
  found.sets.push_back(std::move(set));
}

void StrategyFinder::extendNode(StrategySet &set, size_t index,
                                const FactorTiles &tiles) {
  if (index == axes.size()) {
    trial.nodes[set.node] = base.nodes[set.node];
    for (const FactorTile &tile : tiles)
      trial.nodes[set.node].push_back({tile.axis, tile.factor, kNone});
    return scatter(set, 0, tiles);
  }
  extendNode(set, index + 1, tiles);
  if (hasAxis(base, set.node, axes[index]))
    return;
  AxisRef axis = graph.mesh.whole(axes[index]);
  const Rule &rule = graph.nodes[set.node].rule;
  llvm::SmallVector<FactorTiles, 4> seen = {tiles};
  for (const ValueFactors &value :
       llvm::concat<const ValueFactors>(rule.operands, rule.results))
    for (const DimFactors &dim : value) {
      FactorTiles more = tiles;
      if (mapToFactors(base, set.node, dim, axis, more) ||
          llvm::is_contained(seen, more))
        continue;
      seen.push_back(more);
      extendNode(set, index + 1, more);
    }
}

void StrategyFinder::scatter(StrategySet &set, size_t index,
                             const FactorTiles &tiles) {
  if (index == tiles.size())
    return add(set, makeStrategy(set.node, tiles));
  scatter(set, index + 1, tiles);
  const Node &node = graph.nodes[set.node];
  const Factor &factor = node.rule.factors[tiles[index].factor];
  if (factor.kind != FactorKind::Reduce || factor.reduce == ReduceKind::Joint ||
      node.results.size() != 1)
    return;
  ValueId value = node.results.front();
  AxisRef axis = tiles[index].axis;
  if (trial.findAtomic(value, axis))
    return;
  for (int dim = 0, rank = graph.values[value].shape.size(); dim < rank; ++dim)
    if (trial.divides(value, dim, axis)) {
      trial.values[value].push_back({axis, dim, kNone});
      scatter(set, index + 1, tiles);
      trial.values[value].pop_back();
    }
}

Strategy StrategyFinder::makeStrategy(NodeId node,
                                      const FactorTiles &tiles) const {
  const Node &n = graph.nodes[node];
  Strategy strategy;
  strategy.tiles = tiles;
  for (int operand = 0, end = n.operands.size(); operand < end; ++operand)
    strategy.required.push_back(trial.required(node, operand));
  for (ValueId value : n.results) {
    strategy.stored.push_back(trial.layout(value));
    ArrayRef<ValueTile> loops = trial.values[value];
    // Only an only result has loops of its own here.
    loops = loops.drop_front(base.values[value].size());
    strategy.loops.append(loops.begin(), loops.end());
  }
  strategy.seconds = secondsOf(node);
  return strategy;
}

double StrategyFinder::secondsOf(NodeId node) const {
  const Node &n = graph.nodes[node];
  double seconds = costs.secondsOf(trial, node) *
                   static_cast<double>(graph.tripsOf(n.region));
  auto add = [&](ValueId value, ArrayRef<Step> steps, RegionId region) {
    seconds += costs.secondsOf(graph.values[value], steps) *
               static_cast<double>(graph.tripsOf(region));
  };
  for (ValueId value : n.results)
    add(value,
        convert(graph.values[value], trial.produced(value),
                trial.pending(value), trial.layout(value)),
        graph.regionOf(value));
  for (auto [index, value] : llvm::enumerate(n.operands)) {
    Use use{node, static_cast<int>(index)};
    add(value, windowSteps(graph, use, trial.required(node, use.operand)),
        graph.regionOf(use));
  }
  return seconds;
}

/// Strategies that nobody can tell apart are one.
void StrategyFinder::add(StrategySet &set, Strategy strategy) {
  if (llvm::none_of(set.strategies, [&](const Strategy &other) {
        return other.seconds == strategy.seconds &&
               other.required == strategy.required &&
               other.stored == strategy.stored;
      }))
    set.strategies.push_back(std::move(strategy));
}

//===----------------------------------------------------------------------===//
// Edges
//===----------------------------------------------------------------------===//

/// The number of a layout among those that were seen.
static int numberOf(const Layout &layout, std::vector<Layout> &seen) {
  auto found = llvm::find(seen, layout);
  int number = static_cast<int>(found - seen.begin());
  if (found == seen.end())
    seen.push_back(layout);
  return number;
}

void StrategyFinder::addEdges(NodeId node) {
  const Node &n = graph.nodes[node];
  for (int operand = 0, end = n.operands.size(); operand < end; ++operand) {
    // An operand that is needed twice alike is converted once.
    bool isShared = false;
    for (int other = 0; other < operand && !n.isTie; ++other)
      isShared |= n.operands[other] == n.operands[operand] &&
                  n.rule.operands[other] == n.rule.operands[operand];
    if (isShared || llvm::is_contained(n.rule.unread, operand))
      continue;
    addEdge(
        n.operands[operand], setOfNode(node),
        [&](const Strategy &user) { return user.required[operand]; },
        graph.regionOf(Use{node, operand}));
  }
}

void StrategyFinder::addEdge(
    ValueId value, int to,
    llvm::function_ref<Layout(const Strategy &)> layoutIn, RegionId region) {
  const Value &v = graph.values[value];
  StrategyEdge edge;
  edge.from = setOf[value];
  edge.to = to;
  std::vector<Layout> kept, needed;
  for (const Strategy &maker : found.sets[edge.from].strategies)
    edge.fromLayouts.push_back(numberOf(maker.stored[v.result], kept));
  for (const Strategy &user : found.sets[to].strategies)
    edge.toLayouts.push_back(numberOf(layoutIn(user), needed));
  double trips = static_cast<double>(graph.tripsOf(region));
  bool isFree = true;
  for (const Layout &from : kept) {
    edge.seconds.emplace_back();
    for (const Layout &layout : needed) {
      double seconds = trips * costs.secondsOf(v, convert(v, from, {}, layout));
      edge.seconds.back().push_back(seconds);
      isFree &= seconds == 0;
    }
  }
  if (!isFree)
    found.edges.push_back(std::move(edge));
}

Strategies partir::engine::findStrategies(const State &state,
                                          ArrayRef<int> axes,
                                          const Device &device) {
  return StrategyFinder(state, axes, device).run();
}

//===----------------------------------------------------------------------===//
// The way back
//===----------------------------------------------------------------------===//

State partir::engine::applyStrategies(const State &state,
                                      const Strategies &strategies,
                                      ArrayRef<int> choice,
                                      llvm::StringRef tactic) {
  State result = state;
  for (auto [set, chosen] : llvm::zip_equal(strategies.sets, choice)) {
    const Strategy &strategy = set.strategies[chosen];
    for (const FactorTile &tile : strategy.tiles)
      result.nodes[set.node].push_back(
          {tile.axis, tile.factor, result.addCause(tactic, kNone)});
    ValueId value = set.input;
    if (value == kNone && !strategy.loops.empty())
      value = state.graph.nodes[set.node].results.front();
    for (ValueTile loop : strategy.loops) {
      loop.cause = result.addCause(tactic, kNone);
      result.values[value].push_back(loop);
    }
  }
  return result;
}
