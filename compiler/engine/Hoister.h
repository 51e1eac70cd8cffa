//===- Hoister.h - What leaves loops ----------------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A value that is the same on every trip of a loop, but needed in another
// layout there, changes its layout once, before all loops in which it is the
// same. Gathers stay at their use, with what follows them: outside, what they
// gather would live as long as the loop runs. So does what an op in the loop
// makes of such a value. Nothing leaves a branch, which may not be taken.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_HOISTER_H
#define PARTIR_ENGINE_HOISTER_H

#include "compiler/engine/Plan.h"

#include <optional>
#include <tuple>

namespace partir::engine {

class Hoister {
public:
  Hoister(Plan &plan, Forms &forms);
  /// Takes from the steps at a use those that leave a loop. Returns the number
  /// of their hoist, or none.
  int hoist(const Use &use, llvm::ArrayRef<Step> &steps);

private:
  /// What the steps begin with and where they happen. Of hoists of one origin,
  /// those with the same steps are one.
  struct Origin {
    ValueId value;
    NodeId tie = kNone;
    RegionId loop = kNone;
  };

  /// What is outside of the loop and in it this value: itself, or what the loop
  /// hands to every trip as this value, with its tie.
  std::optional<Origin> findOutside(ValueId value, RegionId loop) const;
  /// From where a use may take its operand in the layout without a gather. No
  /// loop if it cannot from outside of one.
  Origin findOrigin(const Use &use, const Layout *target) const;
  const Steps &convertFrom(const Origin &origin, const Layout *target) const;
  int addHoist(const Origin &origin, const Use &use, Steps steps);

  Plan &plan;
  Forms &forms;
  const Graph &graph;
  std::map<std::tuple<ValueId, NodeId, RegionId>, llvm::SmallVector<int, 1>>
      byOrigin;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_HOISTER_H
