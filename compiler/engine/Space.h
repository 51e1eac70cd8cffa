//===- Space.h - The decisions that a search may take ------------*- C++
//-*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_SPACE_H
#define PARTIR_ENGINE_SPACE_H

#include "compiler/engine/Trial.h"

namespace partir::engine {

class Space {
public:
  Space(const Trial &base, llvm::ArrayRef<Target> targets,
        llvm::ArrayRef<int> axes);

  /// Tiles and atomic marks on targets one by one.
  const std::vector<Decision> &getSingle() const { return single; }
  /// The same on targets that play the same part; those that play a part of
  /// their own among them.
  const std::vector<Decision> &getGrouped() const { return grouped; }

  /// Decisions on the values inside the program at which propagation stopped at
  /// a conflict; `isGrouped`: on all together that play the same part.
  std::vector<Decision> atConflicts(const State &state, bool isGrouped) const;

private:
  void add(std::vector<Decision> &decisions, const Trial &base,
           Targets targets) const;

  const Graph &graph;
  llvm::SmallVector<int, 2> axes;
  std::vector<uint64_t> classes;
  std::vector<Decision> single, grouped;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_SPACE_H
