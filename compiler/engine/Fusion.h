//===- Fusion.h - Which ops run as one --------------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// XLA runs a chain of ops on elements as one kernel, which reads and writes
// memory once. A value inside such a kernel is never in memory.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_FUSION_H
#define PARTIR_ENGINE_FUSION_H

#include "compiler/engine/Device.h"
#include "compiler/engine/LocalProgram.h"

#include "llvm/ADT/BitVector.h"

namespace partir::engine {

/// One kernel, or one collective.
struct Kernel {
  /// The op whose results it writes: the last of its ops.
  int root = kNone;
  /// The root of the kernel with which it runs: an earlier one, or its own.
  int anchor = kNone;
  /// Where what it reads begins in the list of all inputs.
  int firstInput = 0, numInputs = 0;
  double flops = 0, transcendentals = 0;
  /// The part of `flops` that is in `matrix`, the op that is a product.
  int matrix = kNone;
  /// What it reads and writes of the memory.
  double bytes = 0;
};

struct Kernels {
  /// In the order in which they run, which is that of their anchors.
  std::vector<Kernel> all;
  /// The values in memory that kernels read, each once for a kernel.
  std::vector<LocalId> inputs;
  /// Per input how much of it the kernel reads.
  std::vector<int64_t> inputBytes;
  /// Per value that stands for the same memory as another, that one; else
  /// itself.
  std::vector<LocalId> base;
  /// Per value whether it is ever in memory.
  llvm::BitVector isInMemory;

  llvm::ArrayRef<LocalId> inputsOf(const Kernel &kernel) const {
    return llvm::ArrayRef(inputs).slice(kernel.firstInput, kernel.numInputs);
  }
  llvm::ArrayRef<int64_t> bytesOfInputs(const Kernel &kernel) const {
    return llvm::ArrayRef(inputBytes)
        .slice(kernel.firstInput, kernel.numInputs);
  }
};

Kernels fuse(const LocalProgram &program, const Device &device);

} // namespace partir::engine

#endif // PARTIR_ENGINE_FUSION_H
