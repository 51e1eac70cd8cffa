//===- Search.cpp - Schedules found by search -----------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Descents from the best first decisions; then, from where they ended, others
// that refuse what those took or take some of it back, until that leads to
// nothing new.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Search.h"

#include "compiler/engine/Descent.h"
#include "compiler/engine/Parallel.h"
#include "compiler/engine/Perturbation.h"

#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;

namespace {

class Searcher {
public:
  Searcher(const State &state, llvm::ArrayRef<Target> targets,
           const Device &device, llvm::ArrayRef<int> aliases,
           const SearchOptions &options, SearchObserver observe)
      : device(device), options(options), observe(observe),
        pricer(state.graph, device, aliases), base(state),
        space(base, targets, options.axes),
        descent(base, space, pricer, options.goal) {
    before = best.cost = pricer.price(base);
  }

  SearchResult run();

  /// Whether the space is so small that all of it may be tried.
  bool mayExhaust() const { return space.isSmall() && !descent.isStopped; }

private:
  /// Runs jobs, each for so many states at most, and keeps what is best of all
  /// that they came by.
  std::vector<Found>
  runJobs(int count, int64_t states,
          llvm::function_ref<Found(int job, Progress &progress)> run);

  std::vector<Found> tryAll();
  void rankMoves(llvm::ArrayRef<Found> tried);
  std::vector<Found> pickDistinct(std::vector<Found> found, size_t count,
                                  bool isExact = false) const;
  std::vector<Found> findFirst(llvm::ArrayRef<Found> tried) const;
  std::vector<Found> findStarts(llvm::ArrayRef<Found> tried);
  std::vector<Found> goOn(const Found &from, size_t count);
  size_t mostDescents() const;
  std::vector<Found> descendFrom(llvm::ArrayRef<Found> starts);
  std::vector<Found> descendAfter(std::vector<Change> changes);
  void improve(std::vector<Found> found);
  void prune();
  std::vector<Tactic> makeTactics();

  int64_t budgetLeft() const { return options.budget - descent.tried; }

  const Device &device;
  const SearchOptions &options;
  SearchObserver observe;
  Pricer pricer;
  Trial base;
  Space space;
  Descent descent;
  /// The tiles that may improve the program, those first that gain most by
  /// themselves.
  Moves ranked;
  StateCost before;
  Found best;
};

} // namespace

std::vector<Found>
Searcher::runJobs(int count, int64_t states,
                  llvm::function_ref<Found(int job, Progress &progress)> run) {
  std::vector<Found> found(count);
  std::vector<Progress> progress(count, {best, states});
  parallelFor(
      count, options.threads,
      [&](int job, int) { found[job] = run(job, progress[job]); },
      [&] {
        if (!observe({descent.tried, best.cost}))
          descent.isStopped = true;
      });
  // In the order of the jobs, whichever was ready first.
  for (const Progress &one : progress)
    if (options.goal.isBetter(one.best.cost, best.cost))
      best = one.best;
  return found;
}

/// Each tile by itself. A mark by itself changes nothing: it is for what is
/// decided after it.
std::vector<Found> Searcher::tryAll() {
  const std::vector<Decision> &moves = space.getMoves();
  Point start{std::make_shared<Trial>(base), {}, before};
  return runJobs(moves.size(), 1, [&](int job, Progress &progress) {
    std::optional<Point> to;
    if (moves[job].kind == Decision::Tile)
      to = descent.tryMove(start, moves[job], progress);
    return to ? to->getFound() : start.getFound();
  });
}

void Searcher::rankMoves(llvm::ArrayRef<Found> tried) {
  const std::vector<Decision> &moves = space.getMoves();
  auto scoreOf = [&](const Decision *move) {
    return descent.score(tried[move - moves.data()].cost);
  };
  double most = kHopeless * descent.score(before);
  ranked.clear();
  for (const Decision &move : moves)
    if (move.kind == Decision::Tile && scoreOf(&move) <= most)
      ranked.push_back(&move);
  llvm::stable_sort(ranked, [&](const Decision *one, const Decision *other) {
    return scoreOf(one) < scoreOf(other);
  });
}

/// The best of what was found, so many at most. Of those that cost nearly the
/// same there is one, or of those that cost exactly the same.
std::vector<Found> Searcher::pickDistinct(std::vector<Found> found,
                                          size_t count, bool isExact) const {
  auto scoreOf = [&](const Found &one) { return descent.score(one.cost); };
  llvm::stable_sort(found, [&](const Found &one, const Found &other) {
    return scoreOf(one) < scoreOf(other);
  });
  auto isSame = [&](const Found &one, const Found &other) {
    return isExact ? one.cost.seconds == other.cost.seconds &&
                         one.cost.peakBytes == other.cost.peakBytes
                   : areAlike(scoreOf(one), scoreOf(other));
  };
  std::vector<Found> picked;
  for (Found &one : found) {
    if (picked.size() == count)
      break;
    if (picked.empty() || !isSame(one, picked.back()))
      picked.push_back(std::move(one));
  }
  return picked;
}

/// The best first decisions of each axis: the largest axis gains most at first,
/// and need not be the first to decide on.
std::vector<Found> Searcher::findFirst(llvm::ArrayRef<Found> tried) const {
  constexpr size_t kOfAxis = 2;
  std::vector<Found> first;
  for (int axis : options.axes) {
    std::vector<Found> onAxis;
    llvm::copy_if(tried, std::back_inserter(onAxis), [&](const Found &one) {
      return !one.decisions.empty() && one.decisions.front().axis == axis;
    });
    llvm::append_range(first, pickDistinct(std::move(onAxis), kOfAxis));
  }
  if (first.empty())
    first.push_back({{}, before});
  size_t count = first.size();
  return pickDistinct(std::move(first), count, /*isExact=*/true);
}

/// Decisions to begin with, one more than there are axes: the best first ones,
/// each with the best to follow it, and so on.
std::vector<Found> Searcher::findStarts(llvm::ArrayRef<Found> tried) {
  std::vector<Found> starts = findFirst(tried);
  for (size_t axis = 0; axis < options.axes.size(); ++axis) {
    // Of each how many to go on from, the best first.
    constexpr size_t kNext[] = {6, 3, 2, 2, 1, 1};
    std::vector<Found> longer;
    for (auto [one, count] : llvm::zip(starts, kNext))
      llvm::append_range(longer, goOn(one, count));
    starts = pickDistinct(std::move(longer), mostDescents(), /*isExact=*/true);
  }
  return starts;
}

/// The best moves to follow what was found, so many at most; or itself.
std::vector<Found> Searcher::goOn(const Found &from, size_t count) {
  Progress progress{best, 1};
  Point point = descent.replay(from.decisions, progress);
  std::vector<Found> next =
      runJobs(ranked.size(), 1, [&](int job, Progress &progress) {
        auto to = descent.tryMove(point, *ranked[job], progress);
        return to ? to->getFound() : from;
      });
  next.push_back(from);
  return pickDistinct(std::move(next), count);
}

/// A descent looks at all moves a few times; some of the budget is for others.
size_t Searcher::mostDescents() const {
  constexpr size_t kLooks = 8, kMost = 12;
  size_t count = options.budget / (kLooks * (ranked.size() + 1));
  return std::clamp<size_t>(count, 2, kMost);
}

std::vector<Found> Searcher::descendFrom(llvm::ArrayRef<Found> starts) {
  std::vector<Change> changes;
  for (const Found &one : starts)
    changes.push_back({one.decisions, ranked});
  return descendAfter(std::move(changes));
}

/// Half of the budget that is left is for these, and as much for each as for
/// looking at all moves twice.
std::vector<Found> Searcher::descendAfter(std::vector<Change> changes) {
  if (changes.empty())
    return {};
  constexpr int64_t kLooks = 2, kLeast = 32;
  int64_t least = std::max<int64_t>(kLooks * space.getMoves().size(), kLeast);
  int64_t affordable = std::max<int64_t>(budgetLeft() / 2 / least, 1);
  if (affordable < static_cast<int64_t>(changes.size()))
    changes.resize(affordable);
  int64_t each = budgetLeft() / 2 / static_cast<int64_t>(changes.size());
  return runJobs(changes.size(), std::max<int64_t>(each, 1),
                 [&](int job, Progress &progress) {
                   const Change &change = changes[job];
                   Point point = descent.replay(change.kept, progress);
                   Random random(change.seed);
                   for (size_t kick = 0; kick < change.kicks; ++kick)
                     descent.kick(point, random, progress);
                   descent.descend(point, change.moves, progress,
                                   change.refused);
                   return point.getFound();
                 });
}

void Searcher::improve(std::vector<Found> found) {
  // So many states are tried after the last that was better.
  constexpr int64_t kPatience = 20000;
  constexpr size_t kPool = 6;
  Perturbation perturbation(space, ranked, options.seed);
  int64_t last = descent.tried;
  bool isNew = true;
  while (!space.getMoves().empty() && descent.tried - last < kPatience &&
         !descent.isStopped &&
         budgetLeft() > static_cast<int64_t>(ranked.size())) {
    StateCost before = best.cost;
    found.push_back(best);
    found = pickDistinct(std::move(found), kPool);
    llvm::append_range(
        found,
        descendAfter(isNew ? perturbation.refuseEach(
                                 best, llvm::ArrayRef(found).drop_front())
                           : perturbation.change(best, found)));
    isNew = options.goal.isBetter(best.cost, before);
    if (isNew)
      last = descent.tried;
  }
}

/// Takes back what gains nothing, the last decisions first.
void Searcher::prune() {
  for (size_t i = best.decisions.size(); i-- > 0 && !descent.isStopped;) {
    std::vector<Decision> fewer = best.decisions;
    fewer.erase(fewer.begin() + i);
    Progress progress{best, 1};
    Point point = descent.replay(fewer, progress);
    if (!options.goal.isBetter(best.cost, point.cost))
      best = point.getFound();
    i = std::min(i, best.decisions.size());
  }
}

/// The best decisions, on the targets on which they are possible. Those that
/// lead to the same when they are propagated together are one tactic.
std::vector<Tactic> Searcher::makeTactics() {
  std::vector<Tactic> tactics;
  // Before the last tactic, and after it.
  auto before = std::make_unique<Trial>(base);
  auto now = std::make_unique<Trial>(base);
  for (const Decision &decision : best.decisions) {
    auto next = std::make_unique<Trial>(*now);
    std::vector<Decision> done = next->apply(decision);
    if (done.empty())
      continue;
    StateCost cost = pricer.price(*next);
    if (!tactics.empty() &&
        decision.axis == tactics.back().decisions.front().axis) {
      Tactic &last = tactics.back();
      std::vector<Decision> together = last.decisions;
      llvm::append_range(together, done);
      Trial merged(*before);
      merged.apply(together);
      if (merged.hash() == next->hash()) {
        last.decisions = std::move(together);
        last.costs.push_back(cost);
        now = std::move(next);
        continue;
      }
    }
    tactics.push_back({std::move(done), {cost}});
    before = std::move(now);
    now = std::move(next);
  }
  return tactics;
}

/// Where there is a limit, first without it: what is fast and too large is made
/// smaller then.
SearchResult Searcher::run() {
  std::vector<Found> tried = tryAll();
  rankMoves(tried);
  std::vector<Found> found = descendFrom(findStarts(tried));
  if (options.goal.memory) {
    descent.aim = options.goal;
    rankMoves(tried);
    constexpr size_t kMadeSmaller = 3;
    llvm::append_range(found, descendFrom(pickDistinct(found, kMadeSmaller)));
  }
  improve(std::move(found));
  prune();
  SearchResult result;
  result.before = before;
  result.after = result.byDescent = best.cost;
  result.tactics = makeTactics();
  result.tried = descent.tried;
  result.isCut = descent.isStopped;
  result.lowerBound = lowerBoundOf(base.getState(), options.axes, device);
  return result;
}

SearchResult
partir::engine::search(const State &state, llvm::ArrayRef<Target> targets,
                       const Device &device, llvm::ArrayRef<int> aliases,
                       const SearchOptions &options, SearchObserver observe) {
  Searcher searcher(state, targets, device, aliases, options, observe);
  SearchResult result = searcher.run();
  if (!searcher.mayExhaust())
    return result;
  // The rest takes one thread.
  SearchOptions rest = options;
  rest.budget = std::max<int64_t>(options.budget - result.tried, 0) / 4;
  SearchResult all = exhaust(state, targets, device, aliases, rest, observe);
  result.tried += all.tried;
  result.isExhaustive = all.isExhaustive;
  // What the clock ended does not count: it would differ from run to run.
  if (!all.isCut && options.goal.isBetter(all.after, result.after)) {
    result.tactics = std::move(all.tactics);
    result.after = all.after;
  }
  return result;
}
