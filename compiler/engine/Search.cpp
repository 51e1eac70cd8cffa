//===- Search.cpp - Schedules found by search -----------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Descents from the best first decisions, each of which takes what improves the
// program until nothing does; then, from the best of those, some decisions are
// taken back at random and others taken, until that leads to nothing new.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Search.h"

#include "compiler/engine/Parallel.h"

#include "llvm/ADT/STLExtras.h"

#include <atomic>
#include <limits>
#include <random>

using namespace partir::engine;

/// What makes a program so much worse is not tried again on the same way.
static constexpr double kHopeless = 1.1;

namespace {

/// A state on the way, and how it was reached.
struct Point {
  std::shared_ptr<const Trial> trial;
  std::vector<Decision> decisions;
  StateCost cost;
};

/// What one job found.
struct Found {
  std::vector<Decision> decisions;
  StateCost cost;
};

class Searcher {
public:
  Searcher(const State &state, llvm::ArrayRef<Target> targets,
           const Device &device, llvm::ArrayRef<int> aliases,
           const SearchOptions &options, SearchObserver observe)
      : device(device), options(options), goal(options.goal), observe(observe),
        pricer(state.graph, device, aliases), base(state),
        space(base, targets, options.axes),
        start{std::make_shared<Trial>(base), {}, pricer.price(base)} {
    best = {{}, start.cost};
  }

  SearchResult run();

  /// Whether all states may be few enough to try each.
  bool isSmall() const {
    constexpr size_t kFewMoves = 48;
    return !isStopped && moves.size() <= kFewMoves;
  }

private:
  /// Runs jobs, and keeps what is best of all that they found.
  std::vector<Found>
  runJobs(int count, llvm::function_ref<Found(int job, Found &best)> run);

  std::vector<Found> tryAll();
  void rankMoves(llvm::ArrayRef<Found> tried);
  std::vector<Found> findStarts(std::vector<Found> tried) const;
  std::optional<Point> tryMove(const Point &from, const Decision &move,
                               Found &best);
  Point replay(llvm::ArrayRef<Decision> decisions, Found &best);
  void descend(Point &point, llvm::ArrayRef<const Decision *> order,
               int64_t &quota, Found &best);
  void descendAlongConflicts(Point &point, int64_t &quota, Found &best);
  void perturb(Point &point, std::mt19937_64 &random, int64_t quota,
               Found &best);
  void improve(std::vector<Found> found);
  void prune();
  std::vector<Tactic> makeTactics();

  bool isBetter(const StateCost &one, const StateCost &other) const {
    return goal.score(one) < goal.score(other) * (1 - 1e-9);
  }

  const Device &device;
  const SearchOptions &options;
  const Goal &goal;
  SearchObserver observe;
  Pricer pricer;
  Trial base;
  Space space;
  const std::vector<Decision> &moves = space.getMoves();
  Point start;
  /// The moves, those first that gain most by themselves.
  std::vector<const Decision *> ranked;
  Found best;
  std::atomic<int64_t> tried = 0;
  std::atomic<bool> isStopped = false;
};

} // namespace

std::vector<Found>
Searcher::runJobs(int count,
                  llvm::function_ref<Found(int job, Found &best)> run) {
  std::vector<Found> found(count), bests(count, best);
  parallelFor(
      count, options.threads,
      [&](int job, int) { found[job] = run(job, bests[job]); },
      [&] {
        if (!observe({tried, best.cost}))
          isStopped = true;
      });
  // In the order of the jobs, whichever was ready first.
  for (const Found &one : bests)
    if (goal.isBetter(one.cost, best.cost))
      best = one;
  return found;
}

/// The point that a move leads to, if it is possible and changes anything.
std::optional<Point> Searcher::tryMove(const Point &from, const Decision &move,
                                       Found &best) {
  if (isStopped || !from.trial->allows(move))
    return std::nullopt;
  auto trial = std::make_shared<Trial>(*from.trial);
  trial->apply(move);
  Point to{trial, from.decisions, pricer.price(*trial)};
  to.decisions.push_back(move);
  ++tried;
  if (goal.isBetter(to.cost, best.cost))
    best = {to.decisions, to.cost};
  return to;
}

Point Searcher::replay(llvm::ArrayRef<Decision> decisions, Found &best) {
  auto trial = std::make_shared<Trial>(base);
  std::vector<Decision> applied;
  for (const Decision &decision : decisions)
    llvm::append_range(applied, trial->apply(decision));
  Point point{trial, std::move(applied), pricer.price(*trial)};
  ++tried;
  if (goal.isBetter(point.cost, best.cost))
    best = {point.decisions, point.cost};
  return point;
}

/// Each move by itself.
std::vector<Found> Searcher::tryAll() {
  return runJobs(moves.size(), [&](int job, Found &best) {
    auto to = tryMove(start, moves[job], best);
    return to ? Found{to->decisions, to->cost} : Found{{}, start.cost};
  });
}

void Searcher::rankMoves(llvm::ArrayRef<Found> tried) {
  for (const Decision &move : moves)
    ranked.push_back(&move);
  auto scoreOf = [&](const Decision *move) {
    return goal.score(tried[move - moves.data()].cost);
  };
  // A mark by itself changes nothing: it is for what is decided after it.
  double most = kHopeless * goal.score(start.cost);
  llvm::erase_if(ranked, [&](const Decision *move) {
    return move->kind == Decision::Atomic || scoreOf(move) > most;
  });
  llvm::stable_sort(ranked, [&](const Decision *one, const Decision *other) {
    return scoreOf(one) < scoreOf(other);
  });
}

/// The best of what was found, of those that cost the same the first.
std::vector<Found> Searcher::findStarts(std::vector<Found> found) const {
  constexpr size_t kStarts = 8;
  llvm::stable_sort(found, [&](const Found &one, const Found &other) {
    return goal.score(one.cost) < goal.score(other.cost);
  });
  auto costsTheSame = [](const Found &one, const Found &other) {
    return one.cost.seconds == other.cost.seconds &&
           one.cost.peakBytes == other.cost.peakBytes;
  };
  found.erase(std::unique(found.begin(), found.end(), costsTheSame),
              found.end());
  if (found.size() > kStarts)
    found.resize(kStarts);
  return found;
}

/// Takes moves that improve the program, until none of them does.
void Searcher::descend(Point &point, llvm::ArrayRef<const Decision *> order,
                       int64_t &quota, Found &best) {
  std::vector<const Decision *> next(order);
  for (bool improves = true; improves;) {
    improves = false;
    std::vector<const Decision *> left;
    for (const Decision *move : next) {
      if (quota <= 0)
        return;
      auto to = tryMove(point, *move, best);
      if (!to)
        continue;
      --quota;
      if (isBetter(to->cost, point.cost)) {
        point = std::move(*to);
        improves = true;
      } else if (goal.score(to->cost) < kHopeless * goal.score(point.cost)) {
        left.push_back(move);
      }
    }
    next = std::move(left);
  }
}

void Searcher::descendAlongConflicts(Point &point, int64_t &quota,
                                     Found &best) {
  std::vector<Decision> there = space.atConflicts(point.trial->getState());
  std::vector<const Decision *> order;
  for (const Decision &move : there)
    order.push_back(&move);
  descend(point, order, quota, best);
}

/// Takes some decisions back, decides something else, and descends again.
void Searcher::perturb(Point &point, std::mt19937_64 &random, int64_t quota,
                       Found &best) {
  auto below = [&](size_t end) { return static_cast<size_t>(random() % end); };
  constexpr size_t kLooked = 48;
  while (quota > 0 && !isStopped) {
    std::vector<Decision> decisions = point.decisions;
    size_t removed = decisions.empty() ? 0 : 1 + below(decisions.size());
    // A few of them mostly.
    removed = std::min(removed, 1 + below(3));
    for (size_t i = 0; i < removed; ++i)
      decisions.erase(decisions.begin() + below(decisions.size()));
    if (!decisions.empty() && below(2) == 0)
      std::swap(decisions[below(decisions.size())], decisions.front());
    if (!moves.empty() && below(2) == 0)
      decisions.insert(decisions.begin() + below(decisions.size() + 1),
                       moves[below(moves.size())]);
    Point other = replay(decisions, best);
    --quota;
    std::vector<const Decision *> order = ranked;
    if (below(2) == 0)
      std::shuffle(order.begin(), order.end(), random);
    if (order.size() > kLooked) {
      // The best of them keep their place in the order.
      std::shuffle(order.begin() + kLooked / 2, order.end(), random);
      order.resize(kLooked);
    }
    descend(other, order, quota, best);
    if (below(4) == 0)
      descendAlongConflicts(other, quota, best);
    if (isBetter(other.cost, point.cost))
      point = std::move(other);
  }
}

void Searcher::improve(std::vector<Found> found) {
  constexpr int kJobs = 4, kPatience = 16;
  // What is worth a job: as much as looking at each move.
  int64_t quota = std::max<int64_t>(moves.size(), 32);
  int inVain = 0;
  for (uint64_t round = 0;
       inVain < kPatience && !isStopped && tried < options.budget; ++round) {
    StateCost before = best.cost;
    found.push_back(best);
    found = findStarts(std::move(found));
    std::vector<Found> next = runJobs(kJobs, [&](int job, Found &best) {
      std::seed_seq seed{options.seed, round, static_cast<uint64_t>(job)};
      std::mt19937_64 random(seed);
      // Some go on from the best, some from others, some begin anew.
      size_t from = job % 2 ? 1 + random() % found.size() : 0;
      Point point = from < found.size() ? replay(found[from].decisions, best)
                                        : start;
      perturb(point, random, quota, best);
      return Found{point.decisions, point.cost};
    });
    llvm::append_range(found, next);
    inVain = goal.isBetter(best.cost, before) ? 0 : inVain + 1;
  }
}

/// Takes back what gains nothing, the last decisions first.
void Searcher::prune() {
  for (size_t i = best.decisions.size(); i-- > 0 && !isStopped;) {
    std::vector<Decision> fewer = best.decisions;
    fewer.erase(fewer.begin() + i);
    Found ignored = best;
    Point point = replay(fewer, ignored);
    if (!goal.isBetter(best.cost, point.cost))
      best = {point.decisions, point.cost};
    i = std::min(i, best.decisions.size());
  }
}

/// Decisions that lead to the same when they are propagated together are one
/// tactic.
std::vector<Tactic> Searcher::makeTactics() {
  std::vector<std::vector<Decision>> tactics;
  auto hashOf = [&](llvm::ArrayRef<std::vector<Decision>> tactics) {
    Trial trial = base;
    for (const std::vector<Decision> &round : tactics)
      trial.apply(round);
    return trial.hash();
  };
  for (const Decision &decision : best.decisions) {
    auto apart = tactics;
    apart.push_back({decision});
    if (!tactics.empty() && tactics.back().front().axis == decision.axis) {
      tactics.back().push_back(decision);
      if (hashOf(tactics) == hashOf(apart))
        continue;
    }
    tactics = std::move(apart);
  }
  std::vector<Tactic> priced;
  Trial trial = base;
  for (std::vector<Decision> &round : tactics) {
    std::vector<Decision> done = trial.apply(round);
    priced.push_back({std::move(done), pricer.price(trial)});
  }
  return priced;
}

SearchResult Searcher::run() {
  std::vector<Found> tried = tryAll();
  rankMoves(tried);
  std::vector<Found> starts = findStarts(std::move(tried));
  int64_t quota = options.budget / 2 / static_cast<int64_t>(starts.size());
  std::vector<Found> found = runJobs(starts.size(), [&](int job, Found &best) {
    int64_t left = quota;
    Point point = replay(starts[job].decisions, best);
    descend(point, ranked, left, best);
    descendAlongConflicts(point, left, best);
    return Found{point.decisions, point.cost};
  });
  improve(std::move(found));
  prune();
  SearchResult result;
  result.before = start.cost;
  result.after = result.byDescent = best.cost;
  result.tactics = makeTactics();
  result.tried = this->tried;
  result.lowerBound = lowerBoundOf(base.getState(), options.axes, device);
  return result;
}

SearchResult
partir::engine::search(const State &state, llvm::ArrayRef<Target> targets,
                       const Device &device, llvm::ArrayRef<int> aliases,
                       const SearchOptions &options, SearchObserver observe) {
  Searcher searcher(state, targets, device, aliases, options, observe);
  SearchResult result = searcher.run();
  if (!searcher.isSmall())
    return result;
  SearchOptions rest = options;
  rest.budget = std::max<int64_t>(options.budget - result.tried, 0);
  SearchResult all = exhaust(state, targets, device, aliases, rest, observe);
  result.tried += all.tried;
  result.isExhaustive = all.isExhaustive;
  if (options.goal.isBetter(all.after, result.after)) {
    result.tactics = std::move(all.tactics);
    result.after = all.after;
  }
  return result;
}
