//===- Strategies.cpp - One sharding per op, each with its cost -----------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each strategy is tried on a copy of the state. Its layouts and conversions
// are those that a plan would find.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Strategies.h"

#include "compiler/engine/OwnCosts.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/STLFunctionalExtras.h"

using namespace partir::engine;
using llvm::ArrayRef;

namespace {

/// Enumerates the strategies of one node or input after another.
class StrategyFinder {
public:
  StrategyFinder(const State &state, ArrayRef<int> axes, const Device &device,
                 std::shared_ptr<Forms> shared)
      : graph(state.graph), axes(axes), forms(*shared),
        costs(state, device, shared), base(state), trial(state) {
    found.forms = std::move(shared);
  }

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
  Strategy makeStrategy(NodeId node, const FactorTiles &tiles);
  double secondsOf(NodeId node, const Form &form, const Strategy &strategy);

  int setOfNode(NodeId node) const {
    return static_cast<int>(graph.inputs.size()) + node;
  }
  void addEdges(NodeId node);
  /// Of a value, which strategies of the set `to` need in a layout each.
  void addEdge(ValueId value, int to,
               llvm::function_ref<const Layout *(const Strategy &)> layoutIn,
               RegionId region);

  const Graph &graph;
  ArrayRef<int> axes;
  Forms &forms;
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
    const Layout *whole = forms.layouts.whole(graph.values[input].shape.size());
    strategy.stored = {forms.layoutOf(input, whole, trial.values[input])};
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

Strategy StrategyFinder::makeStrategy(NodeId node, const FactorTiles &tiles) {
  const Form &form = *forms.formOf(node, trial.nodes[node]);
  Strategy strategy;
  strategy.tiles = tiles;
  strategy.required = form.operands;
  for (auto [value, produced] :
       llvm::zip_equal(graph.nodes[node].results, form.results)) {
    ArrayRef<ValueTile> loops = trial.values[value];
    strategy.stored.push_back(forms.layoutOf(value, produced, loops));
    // Only an only result has loops of its own here.
    loops = loops.drop_front(base.values[value].size());
    strategy.loops.append(loops.begin(), loops.end());
  }
  strategy.seconds = secondsOf(node, form, strategy);
  return strategy;
}

double StrategyFinder::secondsOf(NodeId node, const Form &form,
                                 const Strategy &strategy) {
  const Node &n = graph.nodes[node];
  double seconds = costs.secondsOf(node, form) *
                   static_cast<double>(graph.tripsOf(n.region));
  auto add = [&](ValueId value, ArrayRef<Step> steps, RegionId region) {
    seconds += costs.secondsOf(graph.values[value], steps) *
               static_cast<double>(graph.tripsOf(region));
  };
  for (auto [value, made, kept] :
       llvm::zip_equal(n.results, form.results, strategy.stored))
    add(value, forms.convert(value, made, form.pending, kept),
        graph.regionOf(value));
  for (auto [index, windows] : llvm::enumerate(form.windows))
    add(n.operands[index], windows,
        graph.regionOf(Use{node, static_cast<int>(index)}));
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
static int numberOf(const Layout *layout, std::vector<const Layout *> &seen) {
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
    llvm::function_ref<const Layout *(const Strategy &)> layoutIn,
    RegionId region) {
  const Value &v = graph.values[value];
  StrategyEdge edge;
  edge.from = setOf[value];
  edge.to = to;
  std::vector<const Layout *> kept, needed;
  for (const Strategy &maker : found.sets[edge.from].strategies)
    edge.fromLayouts.push_back(numberOf(maker.stored[v.result], kept));
  for (const Strategy &user : found.sets[to].strategies)
    edge.toLayouts.push_back(numberOf(layoutIn(user), needed));
  double trips = static_cast<double>(graph.tripsOf(region));
  bool isFree = true;
  for (const Layout *from : kept) {
    edge.seconds.emplace_back();
    for (const Layout *layout : needed) {
      const Steps &steps =
          forms.convert(value, from, forms.noPartials(), layout);
      double seconds = trips * costs.secondsOf(v, steps);
      edge.seconds.back().push_back(seconds);
      isFree &= seconds == 0;
    }
  }
  if (!isFree)
    found.edges.push_back(std::move(edge));
}

Strategies partir::engine::findStrategies(const State &state,
                                          ArrayRef<int> axes,
                                          const Device &device,
                                          std::shared_ptr<Forms> forms) {
  return StrategyFinder(state, axes, device, std::move(forms)).run();
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
