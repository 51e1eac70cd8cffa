//===- Descent.h - From one state to better ones ----------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The steps of which a search is made, for several jobs at once.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_DESCENT_H
#define PARTIR_ENGINE_DESCENT_H

#include "compiler/engine/Pricer.h"
#include "compiler/engine/Space.h"

#include <atomic>
#include <random>

namespace partir::engine {

/// What makes a program so much worse is not tried again on the same way.
constexpr double kHopeless = 1.1;

/// Whether scores are so near each other that decisions will differ in what is
/// of no importance: those on a parameter, and on what belongs to it in the
/// optimiser's state.
inline bool areAlike(double one, double other) {
  constexpr double kAlike = 0.01;
  return std::abs(one - other) < kAlike * other;
}

/// Decisions, and what the program costs after them.
struct Found {
  std::vector<Decision> decisions;
  StateCost cost;
};

/// The state that they lead to as well.
struct Point {
  std::shared_ptr<const Trial> trial;
  std::vector<Decision> decisions;
  StateCost cost;

  Found getFound() const { return {decisions, cost}; }
};

using Moves = std::vector<const Decision *>;
using Random = std::mt19937_64;

/// The best that a job has come by, whatever it was looking for, and how many
/// states more it may try.
struct Progress {
  Found best;
  int64_t left;
};

class Descent {
public:
  Descent(const Trial &base, const Space &space, Pricer &pricer,
          const Goal &goal)
      : base(base), space(space), pricer(pricer), goal(goal) {}

  /// What is descended along: the goal, or one without its limit.
  Goal aim;
  /// How many states were tried, and whether no more are to be.
  std::atomic<int64_t> tried = 0;
  std::atomic<bool> isStopped = false;

  double score(const StateCost &cost) const { return aim.score(cost); }

  /// The point that a move leads to, if it is possible.
  std::optional<Point> tryMove(const Point &from, const Decision &move,
                               Progress &progress);
  /// The point that decisions lead to, those that are possible.
  Point replay(llvm::ArrayRef<Decision> decisions, Progress &progress);
  /// A move, whatever it leads to.
  void kick(Point &point, Random &random, Progress &progress);
  /// Takes moves that improve the program, the best first, until none does;
  /// first none that comes to the same as the refused one.
  void descend(Point &point, Moves moves, Progress &progress,
               const std::optional<Decision> &refused = std::nullopt);

private:
  static bool isBetter(double one, double other) {
    return one < other * (1 - 1e-9);
  }
  void note(const Point &point, Progress &progress);
  Moves rank(const Point &point, Moves &moves,
             const std::optional<Decision> &refused, Progress &progress);
  void takeAll(Point &point, const Moves &moves, Progress &progress);

  const Trial &base;
  const Space &space;
  Pricer &pricer;
  const Goal &goal;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_DESCENT_H
