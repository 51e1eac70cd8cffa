//===- Simplify.h - What XLA rewrites before it fuses -----------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_SIMPLIFY_H
#define PARTIR_ENGINE_SIMPLIFY_H

#include "compiler/engine/Device.h"
#include "compiler/engine/LocalProgram.h"

namespace partir::engine {

/// Makes the changes by which XLA keeps less in memory: what loops carry and
/// nobody reads is dropped, elements are converted to a narrower type before
/// they are moved, and operands of products are rounded before they are
/// repeated.
void simplify(LocalProgram &program, const Device &device);

} // namespace partir::engine

#endif // PARTIR_ENGINE_SIMPLIFY_H
