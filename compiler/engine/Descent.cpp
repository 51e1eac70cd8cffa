//===- Descent.cpp - From one state to better ones ------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Descent.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;

void Descent::note(const Point &point, Progress &progress) {
  ++tried;
  --progress.left;
  if (goal.isBetter(point.cost, progress.best.cost))
    progress.best = point.getFound();
}

std::optional<Point> Descent::tryMove(const Point &from, const Decision &move,
                                      Progress &progress) {
  if (isStopped || progress.left <= 0 || !from.trial->allows(move))
    return std::nullopt;
  auto trial = std::make_shared<Trial>(*from.trial);
  trial->apply(move);
  Point to{trial, from.decisions, pricer.price(*trial)};
  to.decisions.push_back(move);
  note(to, progress);
  return to;
}

Point Descent::replay(llvm::ArrayRef<Decision> decisions, Progress &progress) {
  auto trial = std::make_shared<Trial>(base);
  std::vector<Decision> applied;
  for (const Decision &decision : decisions)
    llvm::append_range(applied, trial->apply(decision));
  Point point{trial, std::move(applied), pricer.price(*trial)};
  note(point, progress);
  return point;
}

void Descent::kick(Point &point, Random &random, Progress &progress) {
  std::vector<Decision> all = space.getMoreInside(point.trial->getState());
  llvm::append_range(all, space.getMoves());
  if (all.empty())
    return;
  if (auto to = tryMove(point, all[random() % all.size()], progress))
    point = std::move(*to);
}

/// Those of the moves that improve the point, those first that gain most there.
/// Leaves those that do not make it much worse.
Moves Descent::rank(const Point &point, Moves &moves,
                    const std::optional<Decision> &refused,
                    Progress &progress) {
  struct Scored {
    double score;
    const Decision *move;
  };
  std::vector<Scored> scored;
  for (const Decision *move : moves)
    if (auto to = tryMove(point, *move, progress))
      scored.push_back({score(to->cost), move});
  if (auto to = refused ? tryMove(point, *refused, progress) : std::nullopt) {
    double same = score(to->cost);
    llvm::erase_if(
        scored, [&](const Scored &one) { return areAlike(one.score, same); });
  }
  llvm::stable_sort(scored, [](const Scored &one, const Scored &other) {
    return one.score < other.score;
  });
  Moves improving;
  moves.clear();
  double now = score(point.cost);
  for (const Scored &one : scored) {
    if (isBetter(one.score, now))
      improving.push_back(one.move);
    if (one.score <= kHopeless * now)
      moves.push_back(one.move);
  }
  return improving;
}

void Descent::takeAll(Point &point, const Moves &moves, Progress &progress) {
  for (const Decision *move : moves)
    if (auto to = tryMove(point, *move, progress);
        to && isBetter(score(to->cost), score(point.cost)))
      point = std::move(*to);
}

/// Moves on values inside the program are looked for anew each time where there
/// are few moves, else when no others are left.
void Descent::descend(Point &point, Moves moves, Progress &progress,
                      const std::optional<Decision> &refused) {
  std::optional<Decision> first = refused;
  bool isInside = space.isSmall();
  while (true) {
    std::vector<Decision> inside;
    if (isInside)
      inside = space.getMoreInside(point.trial->getState());
    Moves all = moves;
    for (const Decision &move : inside)
      all.push_back(&move);
    Moves improving = rank(point, all, first, progress);
    first = std::nullopt;
    if (improving.empty() && isInside)
      return;
    takeAll(point, improving, progress);
    isInside = space.isSmall() || improving.empty();
    llvm::DenseSet<const Decision *> left(all.begin(), all.end());
    llvm::erase_if(moves,
                   [&](const Decision *move) { return !left.contains(move); });
  }
}
