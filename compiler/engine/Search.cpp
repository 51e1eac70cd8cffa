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
  std::vector<Found> pickDistinct(std::vector<Found> found, size_t count,
                                  bool isExact = false) const;
  std::vector<Found> findStarts(const std::vector<Found> &tried);
  std::vector<Found> goOn(const Found &from, size_t count);
  size_t mostDescents() const;
  std::vector<Found> descendFrom(llvm::ArrayRef<Found> starts);
  std::optional<Point> tryMove(const Point &from, const Decision &move,
                               Found &best);
  Point replay(llvm::ArrayRef<Decision> decisions, Found &best);
  using Order = std::vector<const Decision *>;
  Order rank(const Point &point, Order &moves,
             const std::optional<Decision> &refused, int64_t &quota,
             Found &best);
  void descend(Point &point, Order moves, int64_t &quota, Found &best,
               const std::optional<Decision> &refused = std::nullopt);
  void descendAlongConflicts(Point &point, int64_t &quota, Found &best);
  /// What to keep of what was decided, and what to try then.
  struct Change {
    std::vector<Decision> kept;
    Order order;
    std::optional<Decision> refused = std::nullopt;
  };
  using Random = std::mt19937_64;
  Change refuse(const Found &from, size_t index) const;
  Change replace(const Found &from, Random &random) const;
  Change renew(Random &random) const;
  std::vector<Change> makeChanges(llvm::ArrayRef<Found> found, bool isNew,
                                  Random &random) const;
  void improve(std::vector<Found> found);
  void prune();
  std::vector<Tactic> makeTactics();

  static bool isAlike(double one, double other) {
    constexpr double kAlike = 0.01;
    return std::abs(one - other) < kAlike * other;
  }
  bool isBetter(const StateCost &one, const StateCost &other) const {
    return aim.score(one) < aim.score(other) * (1 - 1e-9);
  }

  const Device &device;
  const SearchOptions &options;
  const Goal &goal;
  /// What is descended along now.
  Goal aim;
  SearchObserver observe;
  Pricer pricer;
  Trial base;
  Space space;
  const std::vector<Decision> &moves = space.getMoves();
  Point start;
  /// The moves, those first that gain most by themselves.
  Order ranked;
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

/// Each move by itself. A mark by itself changes nothing: it is for what is
/// decided after it.
std::vector<Found> Searcher::tryAll() {
  return runJobs(moves.size(), [&](int job, Found &best) {
    std::optional<Point> to;
    if (moves[job].kind == Decision::Tile)
      to = tryMove(start, moves[job], best);
    return to ? Found{to->decisions, to->cost} : Found{{}, start.cost};
  });
}

void Searcher::rankMoves(llvm::ArrayRef<Found> tried) {
  ranked.clear();
  for (const Decision &move : moves)
    ranked.push_back(&move);
  auto scoreOf = [&](const Decision *move) {
    return aim.score(tried[move - moves.data()].cost);
  };
  double most = kHopeless * aim.score(start.cost);
  llvm::erase_if(ranked, [&](const Decision *move) {
    return move->kind == Decision::Atomic || scoreOf(move) > most;
  });
  llvm::stable_sort(ranked, [&](const Decision *one, const Decision *other) {
    return scoreOf(one) < scoreOf(other);
  });
}

/// The best of what was found. Those that cost nearly the same count once, or
/// only those that cost exactly the same: they will differ in what is of no
/// importance.
std::vector<Found> Searcher::pickDistinct(std::vector<Found> found,
                                          size_t count, bool isExact) const {
  llvm::stable_sort(found, [&](const Found &one, const Found &other) {
    return aim.score(one.cost) < aim.score(other.cost);
  });
  auto isSame = [&](const StateCost &one, const StateCost &other) {
    return isExact ? one.seconds == other.seconds &&
                         one.peakBytes == other.peakBytes
                   : isAlike(aim.score(one), aim.score(other));
  };
  std::vector<Found> picked;
  for (Found &one : found) {
    if (picked.size() == count)
      break;
    if (picked.empty() || !isSame(one.cost, picked.back().cost))
      picked.push_back(std::move(one));
  }
  return picked;
}

/// Decisions to begin with, one more than there are axes: of what was found by
/// one move the best, each with the best to follow it, and so on. So many as
/// the budget lasts for.
std::vector<Found> Searcher::findStarts(const std::vector<Found> &tried) {
  constexpr size_t kFirst = 3;
  std::vector<Found> starts = pickDistinct(tried, kFirst);
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
  Point point = replay(from.decisions, best);
  std::vector<Found> next = runJobs(ranked.size(), [&](int job, Found &best) {
    auto to = tryMove(point, *ranked[job], best);
    return to ? Found{to->decisions, to->cost} : from;
  });
  next.push_back(from);
  return pickDistinct(std::move(next), count);
}

/// A descent looks at all moves a few times; half of the budget is for others.
size_t Searcher::mostDescents() const {
  constexpr size_t kLooks = 8, kMost = 12;
  size_t count = options.budget / (kLooks * (ranked.size() + 1));
  return std::clamp<size_t>(count, 2, kMost);
}

std::vector<Found> Searcher::descendFrom(llvm::ArrayRef<Found> starts) {
  return runJobs(starts.size(), [&](int job, Found &best) {
    int64_t left = options.budget / 2 / static_cast<int64_t>(starts.size());
    Point point = replay(starts[job].decisions, best);
    descend(point, ranked, left, best);
    descendAlongConflicts(point, left, best);
    return Found{point.decisions, point.cost};
  });
}

/// Those of the moves that improve the point, those first that gain most there.
/// Leaves those that do not make it much worse; refused is what comes to the
/// same.
Searcher::Order Searcher::rank(const Point &point, Order &moves,
                               const std::optional<Decision> &refused,
                               int64_t &quota, Found &best) {
  struct Scored {
    double score;
    const Decision *move;
  };
  std::vector<Scored> scored;
  for (const Decision *move : moves) {
    if (quota <= 0)
      break;
    auto to = tryMove(point, *move, best);
    if (!to)
      continue;
    --quota;
    scored.push_back({aim.score(to->cost), move});
  }
  if (auto to = refused ? tryMove(point, *refused, best) : std::nullopt) {
    // Of a parameter and of what belongs to it in the optimiser's state.
    double score = aim.score(to->cost);
    llvm::erase_if(
        scored, [&](const Scored &one) { return isAlike(one.score, score); });
  }
  llvm::stable_sort(scored, [](const Scored &one, const Scored &other) {
    return one.score < other.score;
  });
  Order improving;
  moves.clear();
  double now = aim.score(point.cost);
  for (const Scored &one : scored) {
    if (one.score < now)
      improving.push_back(one.move);
    if (one.score <= kHopeless * now)
      moves.push_back(one.move);
  }
  return improving;
}

/// Takes moves that improve the program, the best first, until none does.
void Searcher::descend(Point &point, Order moves, int64_t &quota, Found &best,
                       const std::optional<Decision> &refused) {
  Order improving = rank(point, moves, refused, quota, best);
  while (!improving.empty()) {
    for (const Decision *move : improving) {
      auto to = quota > 0 ? tryMove(point, *move, best) : std::nullopt;
      if (!to)
        continue;
      --quota;
      if (isBetter(to->cost, point.cost))
        point = std::move(*to);
    }
    improving = rank(point, moves, std::nullopt, quota, best);
  }
}

void Searcher::descendAlongConflicts(Point &point, int64_t &quota,
                                     Found &best) {
  std::vector<Decision> there = space.atConflicts(point.trial->getState());
  Order order;
  for (const Decision &move : there)
    order.push_back(&move);
  descend(point, order, quota, best);
}

/// What was decided up to there, and then other moves than the one that was
/// taken there.
Searcher::Change Searcher::refuse(const Found &from, size_t index) const {
  auto first = from.decisions.begin();
  return {{first, first + index}, ranked, from.decisions[index]};
}

/// Some decisions taken back, or moved to the front, and others taken.
Searcher::Change Searcher::replace(const Found &from, Random &random) const {
  auto below = [&](size_t end) { return static_cast<size_t>(random() % end); };
  Change change{from.decisions, ranked};
  std::vector<Decision> &kept = change.kept;
  for (size_t count = 1 + below(3); count > 0 && !kept.empty(); --count) {
    size_t index = below(kept.size());
    llvm::erase_if(change.order, [&](const Decision *move) {
      return move->overlaps(kept[index]);
    });
    kept.erase(kept.begin() + index);
  }
  if (!kept.empty() && below(2) == 0)
    std::swap(kept[below(kept.size())], kept.front());
  if (!moves.empty() && below(2) == 0)
    kept.insert(kept.begin() + below(kept.size() + 1),
                moves[below(moves.size())]);
  // The best keep their place in the order.
  constexpr size_t kLooked = 48;
  size_t fixed = std::min(change.order.size(), kLooked / 2);
  std::shuffle(change.order.begin() + fixed, change.order.end(), random);
  change.order.resize(std::min(change.order.size(), kLooked));
  return change;
}

/// From the beginning, in another order.
Searcher::Change Searcher::renew(Random &random) const {
  Change change{{}, ranked};
  std::shuffle(change.order.begin(), change.order.end(), random);
  return change;
}

/// What to change in a round: each of the decisions that are the best so far
/// since the last round; else this and that of what was found.
std::vector<Searcher::Change> Searcher::makeChanges(llvm::ArrayRef<Found> found,
                                                    bool isNew,
                                                    Random &random) const {
  // What was decided early weighs most.
  constexpr size_t kEarly = 3;
  std::vector<Change> changes;
  if (isNew) {
    for (size_t index = 0; index < best.decisions.size(); ++index)
      changes.push_back(refuse(best, index));
    for (const Found &other : found.drop_front())
      for (size_t index = 0; index < std::min(other.decisions.size(), kEarly);
           ++index)
        changes.push_back(refuse(other, index));
    return changes;
  }
  constexpr int kChanges = 8;
  for (int i = 0; i < kChanges; ++i) {
    const Found &from = i % 2 ? found[random() % found.size()] : best;
    if (i == kChanges - 1)
      changes.push_back(renew(random));
    else if (i % 4 == 3 && !from.decisions.empty())
      changes.push_back(refuse(from, random() % from.decisions.size()));
    else
      changes.push_back(replace(from, random));
  }
  return changes;
}

void Searcher::improve(std::vector<Found> found) {
  constexpr int kPatience = 16;
  Random random(options.seed);
  int inVain = 0;
  bool isNew = true;
  while (inVain < kPatience && !isStopped && tried < options.budget) {
    StateCost before = best.cost;
    found.push_back(best);
    constexpr size_t kPool = 6;
    found = pickDistinct(std::move(found), kPool);
    std::vector<Change> changes = makeChanges(found, isNew, random);
    // As much as looking at each move twice.
    int64_t most = std::max<int64_t>(2 * moves.size(), 32);
    std::vector<Found> next =
        runJobs(changes.size(), [&](int job, Found &best) {
          int64_t quota = most;
          const Change &change = changes[job];
          Point point = replay(change.kept, best);
          descend(point, change.order, quota, best, change.refused);
          if (job % 4 == 0)
            descendAlongConflicts(point, quota, best);
          return Found{point.decisions, point.cost};
        });
    llvm::append_range(found, next);
    isNew = goal.isBetter(best.cost, before);
    inVain = isNew ? 0 : inVain + 1;
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
  std::vector<Tactic> tactics;
  auto after = [](const Trial &trial, llvm::ArrayRef<Decision> decisions) {
    auto next = std::make_unique<Trial>(trial);
    next->apply(decisions);
    return next;
  };
  // Before the last tactic, and after it.
  auto before = std::make_unique<Trial>(base), now = after(base, {});
  for (const Decision &decision : best.decisions) {
    auto next = after(*now, decision);
    if (!tactics.empty()) {
      std::vector<Decision> together = tactics.back().decisions;
      together.push_back(decision);
      if (decision.axis == together.front().axis &&
          after(*before, together)->hash() == next->hash()) {
        tactics.back() = {std::move(together), pricer.price(*next)};
        now = std::move(next);
        continue;
      }
    }
    tactics.push_back({{decision}, pricer.price(*next)});
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
  if (goal.memory) {
    aim = goal;
    rankMoves(tried);
    constexpr size_t kMadeSmaller = 3;
    llvm::append_range(found, descendFrom(pickDistinct(found, kMadeSmaller)));
  }
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
