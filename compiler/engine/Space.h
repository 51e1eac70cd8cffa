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

  /// Tiles and atomic marks on targets that play the same part, and in a small
  /// program on each target by itself as well.
  const std::vector<Decision> &getMoves() const { return moves; }

  /// The same on values inside the program at which propagation stopped at a
  /// conflict.
  std::vector<Decision> atConflicts(const State &state) const;

private:
  void add(const Trial &base, Targets targets);

  const Graph &graph;
  llvm::SmallVector<int, 2> axes;
  std::vector<uint64_t> classes;
  std::vector<Decision> moves;
  bool isSmall = false;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_SPACE_H
