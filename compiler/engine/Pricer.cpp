//===- Pricer.cpp - What states cost, and which is best -------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Pricer.h"

using namespace partir::engine;

bool Goal::isBetter(const StateCost &one, const StateCost &other) const {
  bool oneFits = fits(one), otherFits = fits(other);
  if (oneFits != otherFits)
    return oneFits;
  if (oneFits)
    return one.seconds < other.seconds;
  return one.peakBytes < other.peakBytes;
}

double Goal::score(const StateCost &cost) const {
  if (fits(cost))
    return cost.seconds;
  // One per cent of the memory is worth a fifth of the time.
  constexpr double kWorth = 20;
  double over = static_cast<double>(cost.peakBytes) /
                    static_cast<double>(std::max<int64_t>(*memory, 1)) -
                1;
  return cost.seconds * (1 + kWorth * over);
}

std::unique_ptr<Estimator> Pricer::takeEstimator() {
  std::lock_guard<std::mutex> lock(mutex);
  if (estimators.empty())
    return std::make_unique<Estimator>(graph, device, aliases);
  std::unique_ptr<Estimator> estimator = std::move(estimators.back());
  estimators.pop_back();
  return estimator;
}

StateCost Pricer::price(const Trial &trial) {
  uint64_t hash = trial.hash();
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (auto found = known.find(hash); found != known.end())
      return found->second;
  }
  std::unique_ptr<Estimator> estimator = takeEstimator();
  StateCost cost = estimator->costOf(trial.getState());
  std::lock_guard<std::mutex> lock(mutex);
  known.emplace(hash, cost);
  estimators.push_back(std::move(estimator));
  return cost;
}
