//===- LargestBuffers.h - What takes most of the memory ---------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_LARGESTBUFFERS_H
#define PARTIR_PASSES_LARGESTBUFFERS_H

#include "compiler/passes/EstimateReport.h"

namespace partir {

/// Groups buffers that are alike: of one kind, type, shape on a device and
/// name, made at one line; or inputs, of one type and shape. Returns the ten
/// groups that take most.
std::vector<BufferReport>
largestBuffers(mlir::func::FuncOp func, const engine::LocalProgram &local,
               llvm::ArrayRef<engine::LiveBuffer> buffers,
               const Origins &origins);

} // namespace partir

#endif // PARTIR_PASSES_LARGESTBUFFERS_H
