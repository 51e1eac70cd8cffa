//===- Memory.h - What is in memory at once ---------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arguments and results are there all the time, as in XLA, but a result that
// takes the place of a donated argument costs nothing. All else is there from
// the kernel that writes it to the last that reads it.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_MEMORY_H
#define PARTIR_ENGINE_MEMORY_H

#include "compiler/engine/Fusion.h"

namespace partir::engine {

enum class BufferKind : uint8_t { Argument, Result, Temporary };

llvm::StringRef stringify(BufferKind kind);

struct LiveBuffer {
  LocalId value;
  BufferKind kind;
  int64_t bytes;
};

struct Memory {
  /// Bytes of one device; `aliased` is the part of `results` that takes the
  /// place of arguments.
  int64_t arguments = 0, results = 0, aliased = 0;
  /// The most that all else takes, with what the heap loses, and at which
  /// kernel, or none.
  int64_t temporaries = 0;
  int peakKernel = kNone;
  int64_t peak() const { return arguments + results - aliased + temporaries; }
};

struct MemoryProfile {
  Memory total;
  /// All that is there at the peak, but the results that take the place of
  /// arguments.
  std::vector<LiveBuffer> alive;
  /// Per kernel the bytes of temporaries, with a share of what the heap loses.
  std::vector<int64_t> overTime;
};

/// The bytes that a device has for an array.
int64_t bytesOn(const Device &device, const LocalType &type);

/// `aliases` has per result the number of the argument whose place it takes,
/// or `kNone`; it may be empty.
Memory measureMemory(const LocalProgram &program, const Kernels &kernels,
                     const Device &device, llvm::ArrayRef<int> aliases);
/// The same, and what is there when.
MemoryProfile profileMemory(const LocalProgram &program, const Kernels &kernels,
                            const Device &device, llvm::ArrayRef<int> aliases);

} // namespace partir::engine

#endif // PARTIR_ENGINE_MEMORY_H
