//===- Pricer.h - What states cost, and which is best -----------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_PRICER_H
#define PARTIR_ENGINE_PRICER_H

#include "compiler/engine/Estimator.h"
#include "compiler/engine/Trial.h"

#include <mutex>
#include <unordered_map>

namespace partir::engine {

/// What a search wants: the shortest step that fits.
struct Goal {
  /// Bytes of a device for the peak.
  std::optional<int64_t> memory;

  bool fits(const StateCost &cost) const {
    return !memory || cost.peakBytes <= *memory;
  }
  /// Whether `one` is to be returned rather than `other`: it fits and the other
  /// does not; of two that fit the faster one, of others the smaller one.
  bool isBetter(const StateCost &one, const StateCost &other) const;
  /// Seconds, made more where the memory is exceeded: what a search descends
  /// along. Less and less so the nearer the limit.
  double score(const StateCost &cost) const;
};

/// Remembers what states cost, for several threads.
class Pricer {
public:
  Pricer(const Graph &graph, const Device &device, llvm::ArrayRef<int> aliases)
      : graph(graph), device(device), aliases(aliases) {}

  StateCost price(const Trial &trial);

private:
  std::unique_ptr<Estimator> takeEstimator();

  const Graph &graph;
  const Device &device;
  llvm::ArrayRef<int> aliases;
  std::mutex mutex;
  /// Those that no thread uses now.
  std::vector<std::unique_ptr<Estimator>> estimators;
  std::unordered_map<uint64_t, StateCost> known;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_PRICER_H
