//===- Exhaust.cpp - Every state that decisions lead to -------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// States that partition the program alike are one, whatever led to them.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Search.h"

#include "llvm/ADT/STLExtras.h"

#include <deque>
#include <unordered_set>

using namespace partir::engine;

SearchResult
partir::engine::exhaust(const State &state, llvm::ArrayRef<Target> targets,
                        const Device &device, llvm::ArrayRef<int> aliases,
                        const SearchOptions &options, SearchObserver observe) {
  struct Reached {
    Trial trial;
    std::vector<Tactic> tactics;
  };
  Pricer pricer(state.graph, device, aliases);
  SearchResult result;
  Trial start(state);
  Space space(start, targets, options.axes);
  result.before = result.after = pricer.price(start);
  result.lowerBound = lowerBoundOf(state, options.axes, device);
  std::unordered_set<uint64_t> seen = {start.hash()};
  std::deque<Reached> open;
  open.push_back({std::move(start), {}});
  while (!open.empty()) {
    result.isCut = !observe({result.tried, result.after});
    if (result.isCut)
      return result;
    Reached from = std::move(open.front());
    open.pop_front();
    std::vector<Decision> moves = space.getMoves();
    llvm::append_range(moves, space.getInside(from.trial.getState()));
    for (const Decision &move : moves) {
      if (!from.trial.allows(move))
        continue;
      Trial trial = from.trial;
      std::vector<Decision> done = trial.apply(move);
      if (!seen.insert(trial.hash()).second)
        continue;
      if (result.tried == options.budget)
        return result;
      ++result.tried;
      StateCost cost = pricer.price(trial);
      std::vector<Tactic> tactics = from.tactics;
      tactics.push_back({std::move(done), {cost}});
      if (options.goal.isBetter(cost, result.after)) {
        result.after = cost;
        result.tactics = tactics;
      }
      open.push_back({std::move(trial), std::move(tactics)});
    }
  }
  result.isExhaustive = true;
  return result;
}
