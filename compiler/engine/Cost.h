//===- Cost.h - What running an op takes ------------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Facts of an op, whatever it runs on: `rules` states them, the estimates of
// time and memory read them.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_COST_H
#define PARTIR_ENGINE_COST_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>

namespace partir::engine {

/// How an op is run.
enum class Work : uint8_t {
  /// Not at all: its result is its operand under another name or shape.
  None,
  /// Element by element: in one loop with its neighbours.
  Elements,
  /// Elements come to lie elsewhere: in one loop with what uses them, but what
  /// makes them has written them to memory.
  Move,
  /// Ends such a loop: many elements become one.
  Reduce,
  /// Products of matrices, on the unit that there is for them.
  Matrix,
  /// By code of its own.
  Apart,
};

llvm::StringRef stringify(Work work);

struct Cost {
  Work work = Work::Elements;
  /// Operations on numbers of the whole op, a fused multiply-add being two.
  double flops = 0;
  /// Of exponentials, roots and the like, which are counted apart.
  double transcendentals = 0;
  /// Operands of which the op reads no more than it writes.
  llvm::SmallVector<int, 0> partlyRead;
  /// The first results overwrite as many first operands, in part: what is read
  /// and written is as large as the operands after these.
  int overwritten = 0;
  /// Of an op that runs apart because a row of its result may take several
  /// updates, how many. With one it compares positions, element by element.
  int64_t updatesPerRow = 1;

  /// `matrix, 4096 flops`.
  std::string str() const;
  bool operator==(const Cost &other) const {
    return work == other.work && flops == other.flops &&
           transcendentals == other.transcendentals &&
           partlyRead == other.partlyRead && overwritten == other.overwritten &&
           updatesPerRow == other.updatesPerRow;
  }
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_COST_H
