//===- Space.h - The decisions that a search may take -----------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_SPACE_H
#define PARTIR_ENGINE_SPACE_H

#include "compiler/engine/Trial.h"

namespace partir::engine {

class Inside;

class Space {
public:
  Space(const Trial &base, llvm::ArrayRef<Target> targets,
        llvm::ArrayRef<int> axes);

  /// Tiles and atomic marks on targets that play the same part, and in a small
  /// program on each target by itself as well.
  const std::vector<Decision> &getMoves() const { return moves; }

  /// The same on values inside the program at which propagation stopped at a
  /// conflict; and tiles on those that are partial results over an axis, which
  /// makes them be scattered, and on results of the program.
  std::vector<Decision> getInside(const State &state) const;
  /// Those, and in a small program tiles on what products of matrices give.
  std::vector<Decision> getMoreInside(const State &state) const;

  /// Whether there are few targets, so that the states that decisions lead to
  /// may each be tried.
  bool isSmall() const { return small; }

private:
  void addInside(const State &state, Inside &inside) const;
  void add(const Trial &base, Targets targets);

  const Graph &graph;
  llvm::SmallVector<int, 2> axes;
  std::vector<uint64_t> classes;
  std::vector<Decision> moves;
  bool small = false;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_SPACE_H
