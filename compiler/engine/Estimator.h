//===- Estimator.h - Time and memory of many states -------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a search compares. States of one graph have most of their nodes and
// conversions in common: what is known of them is kept from one to the next.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_ESTIMATOR_H
#define PARTIR_ENGINE_ESTIMATOR_H

#include "compiler/engine/Device.h"
#include "compiler/engine/Forms.h"

namespace partir::engine {

struct StateCost {
  double seconds;
  int64_t peakBytes;
};

/// Of one thread: threads that search have one each.
class Estimator {
public:
  /// `aliases` has per result of the program the number of the argument whose
  /// place it takes, or `kNone`; it may be empty. The graph must outlive this.
  Estimator(const Graph &graph, Device device, llvm::ArrayRef<int> aliases = {})
      : device(std::move(device)), aliases(aliases),
        forms(std::make_shared<Forms>(graph)) {}

  /// Plans a state of the graph and estimates it, nothing overlapping.
  StateCost costOf(const State &state);

private:
  Device device;
  llvm::SmallVector<int, 0> aliases;
  std::shared_ptr<Forms> forms;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_ESTIMATOR_H
