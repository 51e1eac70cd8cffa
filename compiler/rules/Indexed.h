//===- Indexed.h - Dims that indices point into -----------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which element of such a dim an op touches is known at run time only. Each
// device takes the global indices and looks whether they fall into its chunk:
// what it reads elsewhere is zero, and what it would write elsewhere is
// dropped.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_RULES_INDEXED_H
#define PARTIR_RULES_INDEXED_H

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

namespace partir::rules {

/// Adds the factor of a dim of operand 0 in which the op, of one result, reads
/// at indices: reduced where adding up what the devices read moves fewer bytes
/// than gathering the operand, else blocked.
void addIndexedRead(engine::RuleBuilder &builder, mlir::Operation *op, int dim);

/// Adds the factor of a dim in which an op writes at indices: parallel, on the
/// values that have it.
void addIndexedWrite(engine::RuleBuilder &builder, int64_t size,
                     llvm::ArrayRef<int> operandDims,
                     llvm::ArrayRef<int> resultDims);

/// A dim of operand 0 that is indexed, and tiled in a local form.
struct IndexedDim {
  int dim;
  llvm::SmallVector<AxisAttr> axes;
  /// The size of the device's chunk.
  int64_t chunk;
};
llvm::SmallVector<IndexedDim> indexedDims(const LocalForm &form);

/// Those of an op that reads: none in a loop nest. There operand 0, a chunk, is
/// put in its place in the whole, and the op is what it is without the loops.
llvm::SmallVector<IndexedDim> indexedDimsToRead(mlir::Location loc,
                                                LocalForm &form);

/// The integer type for computing with positions in a tensor of this shape.
mlir::IntegerType positionType(mlir::OpBuilder &builder,
                               llvm::ArrayRef<int64_t> shape);

/// `indices` limited to [lower, upper], then converted to `type`. The limits
/// are per component, which run along dim `vectorDim` of the indices; of a
/// scalar, and where that is the rank, there is one.
mlir::Value limitIndices(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value indices, int64_t vectorDim,
                         llvm::ArrayRef<int64_t> lower,
                         llvm::ArrayRef<int64_t> upper, mlir::IntegerType type);

/// The indices as they count from the start of the device's chunks.
/// `operandDim` is the dim of operand 0 into which each component points.
mlir::Value indicesInChunk(LocalForm &form, mlir::Location loc,
                           mlir::Value indices, int64_t vectorDim,
                           llvm::ArrayRef<int64_t> operandDims,
                           llvm::ArrayRef<IndexedDim> dims);

/// Zeros of a type that an indexed read may have.
mlir::Value zeros(mlir::OpBuilder &builder, mlir::Location loc,
                  mlir::RankedTensorType type);

mlir::Value compare(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value a,
                    mlir::Value b, stablehlo::ComparisonDirection direction);
/// `a` and `b`, of which the first may be null for none.
mlir::Value both(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value a,
                 mlir::Value b);

} // namespace partir::rules

#endif // PARTIR_RULES_INDEXED_H
