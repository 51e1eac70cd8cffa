//===- Perturbation.cpp - Other ways than the one found -------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Perturbation.h"

#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;

/// What was decided up to there, and then other moves than the one that was
/// taken there.
Change Perturbation::refuse(const Found &from, size_t index) const {
  auto first = from.decisions.begin();
  return {{first, first + index}, ranked, from.decisions[index]};
}

/// Some decisions taken back, or moved to the front, and others taken.
Change Perturbation::replace(const Found &from) {
  Change change{from.decisions, ranked};
  std::vector<Decision> &kept = change.kept;
  for (size_t count = 1 + below(3); count > 0 && !kept.empty(); --count) {
    size_t index = below(kept.size());
    llvm::erase_if(change.moves, [&](const Decision *move) {
      return move->overlaps(kept[index]);
    });
    kept.erase(kept.begin() + index);
  }
  if (!kept.empty() && below(2) == 0)
    std::swap(kept[below(kept.size())], kept.front());
  const std::vector<Decision> &all = space.getMoves();
  if (!all.empty() && below(2) == 0)
    kept.insert(kept.begin() + below(kept.size() + 1), all[below(all.size())]);
  change.kicks = below(3);
  change.seed = random();
  // The best keep their place in the order.
  constexpr size_t kLooked = 48;
  Moves &moves = change.moves;
  size_t fixed = std::min(moves.size(), kLooked / 2);
  std::shuffle(moves.begin() + fixed, moves.end(), random);
  moves.resize(std::min(moves.size(), kLooked));
  return change;
}

/// From the beginning, after some moves at random.
Change Perturbation::renew() {
  Change change{{}, ranked};
  change.kicks = 1 + below(2);
  change.seed = random();
  return change;
}

std::vector<Change>
Perturbation::refuseEach(const Found &best,
                         llvm::ArrayRef<Found> others) const {
  std::vector<Change> changes;
  for (size_t index = 0; index < best.decisions.size(); ++index)
    changes.push_back(refuse(best, index));
  // What was decided early weighs most.
  constexpr size_t kEarly = 3;
  for (const Found &other : others)
    for (size_t index = 0, end = std::min(other.decisions.size(), kEarly);
         index < end; ++index)
      changes.push_back(refuse(other, index));
  return changes;
}

std::vector<Change> Perturbation::change(const Found &best,
                                         llvm::ArrayRef<Found> found) {
  constexpr int kChanges = 8;
  std::vector<Change> changes;
  for (int i = 0; i < kChanges; ++i) {
    const Found &from = i % 2 ? found[below(found.size())] : best;
    if (i == kChanges - 1)
      changes.push_back(renew());
    else if (i % 4 == 3 && !from.decisions.empty())
      changes.push_back(refuse(from, below(from.decisions.size())));
    else
      changes.push_back(replace(from));
  }
  return changes;
}
