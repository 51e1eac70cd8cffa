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

#include "compiler/engine/Device.h"
#include "compiler/engine/Forms.h"

#include "llvm/ADT/BitVector.h"

namespace partir::engine {

class OwnCosts {
public:
  OwnCosts(const State &state, const Device &device,
           const std::shared_ptr<Forms> &forms);

  /// Of steps that a value goes through, once.
  double secondsOf(const Value &value, llvm::ArrayRef<Step> steps) const;
  /// Of the node in the kernel in which it runs, once it has this form.
  double secondsOf(NodeId node, const Form &form) const;

private:
  const Graph &graph;
  const Device &device;
  std::shared_ptr<Forms> forms;
  /// Per value whether it is in memory or stays inside a kernel, in the program
  /// as it is at first.
  llvm::BitVector isInMemory;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_OWNCOSTS_H
