//===- Perturbation.h - Other ways than the one found -----------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where a descent ends depends on what it took first. From what was found other
// descents are begun: some decisions are refused, some are taken back.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_PERTURBATION_H
#define PARTIR_ENGINE_PERTURBATION_H

#include "compiler/engine/Descent.h"

namespace partir::engine {

/// What is kept of decisions, and what is tried then.
struct Change {
  std::vector<Decision> kept;
  Moves moves;
  std::optional<Decision> refused = std::nullopt;
  /// Moves at random before that, and their seed.
  size_t kicks = 0;
  uint64_t seed = 0;
};

class Perturbation {
public:
  /// `ranked` are the moves that may improve a program, the best first.
  Perturbation(const Space &space, const Moves &ranked, uint64_t seed)
      : space(space), ranked(ranked), random(seed) {}

  /// Each decision of the best refused in turn, and the first ones of others.
  std::vector<Change> refuseEach(const Found &best,
                                 llvm::ArrayRef<Found> others) const;
  /// This and that, of the best mostly.
  std::vector<Change> change(const Found &best, llvm::ArrayRef<Found> found);

private:
  size_t below(size_t end) { return static_cast<size_t>(random() % end); }
  Change refuse(const Found &from, size_t index) const;
  Change replace(const Found &from);
  Change renew();

  const Space &space;
  const Moves &ranked;
  Random random;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_PERTURBATION_H
