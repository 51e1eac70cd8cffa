//===- RandomGraph.h - Programs that nobody wrote ---------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small random graphs with all that rules can say: factors that are parallel,
// reduced or blocked, dims of several factors, sums, linear ops, several
// results, ties with and without regions.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_TEST_ENGINE_RANDOMGRAPH_H
#define PARTIR_TEST_ENGINE_RANDOMGRAPH_H

#include "compiler/engine/Graph.h"

#include <random>

namespace partir::engine {

/// Random numbers that are the same with every standard library.
class Random {
public:
  explicit Random(uint64_t seed) : generator(seed) {}

  /// A number from 0 to n - 1.
  int below(int n) { return static_cast<int>(generator() % n); }
  /// True once in n times.
  bool oneIn(int n) { return below(n) == 0; }
  template <typename ListT> auto &pick(ListT &list) {
    return list[below(static_cast<int>(list.size()))];
  }

private:
  std::mt19937_64 generator;
};

/// A mesh of two or three axes.
Mesh makeRandomMesh(Random &random);

/// A program of about that many nodes.
Graph makeRandomGraph(Random &random, const Mesh &mesh, int numNodes);

} // namespace partir::engine

#endif // PARTIR_TEST_ENGINE_RANDOMGRAPH_H
