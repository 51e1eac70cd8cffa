//===- Heap.cpp - Where buffers lie ---------------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Heap.h"

#include <algorithm>
#include <iterator>

using namespace partir::engine;

void Heap::addHole(int64_t offset, int64_t bytes) {
  if (bytes == 0)
    return;
  holes.emplace(offset, bytes);
  bySize.emplace(bytes, offset);
}

void Heap::removeHole(int64_t offset, int64_t bytes) {
  holes.erase(offset);
  bySize.erase({bytes, offset});
}

int64_t Heap::place(int64_t bytes) {
  auto hole = bySize.lower_bound({bytes, 0});
  if (hole == bySize.end()) {
    int64_t offset = top;
    top += bytes;
    highest = std::max(highest, top);
    return offset;
  }
  auto [size, offset] = *hole;
  removeHole(offset, size);
  addHole(offset + bytes, size - bytes);
  return offset;
}

void Heap::release(int64_t offset, int64_t bytes) {
  auto next = holes.lower_bound(offset);
  if (next != holes.begin()) {
    auto [before, size] = *std::prev(next);
    if (before + size == offset) {
      removeHole(before, size);
      offset = before;
      bytes += size;
    }
  }
  if (next != holes.end() && offset + bytes == next->first) {
    auto [after, size] = *next;
    removeHole(after, size);
    bytes += size;
  }
  if (offset + bytes == top)
    top = offset;
  else
    addHole(offset, bytes);
}
