//===- OwnCosts.h - What nodes cost by themselves ---------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a node adds to a step, as far as the node alone tells: kernels stay what
// they are in the program at first, however it is tiled.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_OWNCOSTS_H
#define PARTIR_ENGINE_OWNCOSTS_H

#include "compiler/engine/Conversion.h"
#include "compiler/engine/Device.h"

namespace partir::engine {

class OwnCosts {
public:
  OwnCosts(const State &state, const Device &device);

  /// Of steps that a value goes through, once.
  double secondsOf(const Value &value, llvm::ArrayRef<Step> steps) const;
  /// Of the node in the kernel in which it runs, once.
  double secondsOf(const State &state, NodeId node) const;

private:
  const Graph &graph;
  const Device &device;
  /// Per value whether it is in memory or stays inside a kernel, in the program
  /// as it is at first.
  std::vector<bool> isInMemory;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_OWNCOSTS_H
