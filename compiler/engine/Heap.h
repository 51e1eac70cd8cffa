//===- Heap.h - Where buffers lie -------------------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A heap that is filled in the order of the program: a buffer takes the
// smallest hole that it fits in, or lies on top.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_HEAP_H
#define PARTIR_ENGINE_HEAP_H

#include <cstdint>
#include <map>
#include <set>

namespace partir::engine {

class Heap {
public:
  /// Returns where a buffer of some bytes lies now.
  int64_t place(int64_t bytes);
  /// Frees what lies there.
  void release(int64_t offset, int64_t bytes);
  /// The most bytes from the bottom to the top so far.
  int64_t size() const { return highest; }

private:
  void addHole(int64_t offset, int64_t bytes);
  void removeHole(int64_t offset, int64_t bytes);

  /// The holes below the top: by their place, and by their size.
  std::map<int64_t, int64_t> holes;
  std::set<std::pair<int64_t, int64_t>> bySize;
  int64_t top = 0, highest = 0;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_HEAP_H
