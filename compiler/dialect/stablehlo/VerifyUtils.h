//===- VerifyUtils.h - Checks that verifiers share --------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each check reports what it finds wrong on the op.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_STABLEHLO_VERIFYUTILS_H
#define PARTIR_DIALECT_STABLEHLO_VERIFYUTILS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"

#include <optional>

namespace partir::stablehlo::detail {

/// Shape of a value whose type ODS has checked to be a ranked tensor.
llvm::ArrayRef<int64_t> shapeOf(mlir::Value value);
int64_t rankOf(mlir::Value value);

/// Equal sizes, or one of them unknown.
bool sameSize(int64_t a, int64_t b);

llvm::LogicalResult verifyDim(mlir::Operation *op, llvm::StringRef what,
                              int64_t dim, int64_t rank);
/// In range, none twice.
llvm::LogicalResult verifyDims(mlir::Operation *op, llvm::StringRef what,
                               llvm::ArrayRef<int64_t> dims, int64_t rank);
llvm::LogicalResult verifyCount(mlir::Operation *op, llvm::StringRef what,
                                int64_t count, int64_t expected);
/// An absent list is right.
llvm::LogicalResult verifyCount(mlir::Operation *op, llvm::StringRef what,
                                std::optional<llvm::ArrayRef<int64_t>> list,
                                int64_t expected);
llvm::LogicalResult verifyPositive(mlir::Operation *op, llvm::StringRef what,
                                   llvm::ArrayRef<int64_t> list);
llvm::LogicalResult verifyRank(mlir::Operation *op, llvm::StringRef what,
                               mlir::Value value, int64_t rank);
llvm::LogicalResult verifyShape(mlir::Operation *op, llvm::StringRef what,
                                mlir::Value value,
                                llvm::ArrayRef<int64_t> expected);
/// Window padding of shape `count` x 2, or none.
llvm::LogicalResult
verifyPadding(mlir::Operation *op,
              std::optional<mlir::DenseIntElementsAttr> padding, int64_t count);

/// Equal types, up to sizes that are not known.
bool compatible(mlir::Type a, mlir::Type b);
llvm::LogicalResult verifyTypes(mlir::Operation *op, llvm::StringRef what,
                                mlir::TypeRange types,
                                mlir::TypeRange expected);

/// How many arguments the region takes, and how many values it returns.
llvm::LogicalResult verifyRegion(mlir::Operation *op, llvm::StringRef what,
                                 mlir::Region &region, unsigned arguments,
                                 unsigned results);

} // namespace partir::stablehlo::detail

#endif // PARTIR_DIALECT_STABLEHLO_VERIFYUTILS_H
