//===- Chunks.h - Chunks of a tensor and what joins them --------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the iterations of a partir.loop take and give, as StableHLO.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_RULES_CHUNKS_H
#define PARTIR_RULES_CHUNKS_H

#include "compiler/dialect/partir/Partir.h"

#include "mlir/IR/Builders.h"

namespace partir {

/// Chunk `index` of the n equal ones of a tensor on `dim`, whose size n
/// divides.
mlir::Value createChunk(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value value, int64_t dim, int64_t index,
                        int64_t n);

/// A tensor of which `value` is chunk `index` of n equal ones on `dim`, and
/// that is zero elsewhere; null where the type has no zero.
mlir::Value createPlaced(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value value, int64_t dim, int64_t index,
                         int64_t n);

/// The chunks, one or more of one type, one after another on `dim`.
mlir::Value concatenate(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::ValueRange chunks, int64_t dim);

/// The tensor with a first dim of size 1 more: a row of many like it.
mlir::Value createRow(mlir::OpBuilder &builder, mlir::Location loc,
                      mlir::Value value);

/// Two tensors of one type combined element by element. Not jointly.
mlir::Value combine(mlir::OpBuilder &builder, mlir::Location loc,
                    ReduceKind kind, mlir::Value a, mlir::Value b);

/// The neutral elements of a reduction; null where the type has none.
mlir::Value createNeutral(mlir::OpBuilder &builder, mlir::Location loc,
                          ReduceKind kind, mlir::RankedTensorType type);

/// A `tensor<i32>`, the type of a position along axes.
mlir::Value createPosition(mlir::OpBuilder &builder, mlir::Location loc,
                           int64_t position);

} // namespace partir

#endif // PARTIR_RULES_CHUNKS_H
