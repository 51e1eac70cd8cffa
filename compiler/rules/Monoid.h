//===- Monoid.h - Reductions and their neutral elements ---------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which monoid a region computes, whether a value is its neutral element, and
// what to do with a value that must enter a reduction over devices only once.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_RULES_MONOID_H
#define PARTIR_RULES_MONOID_H

#include "compiler/rules/Rules.h"

#include <optional>

namespace partir::rules {

/// The monoid that a region of two scalars computes; none where the region is
/// anything but one op on both of them whose result it returns.
std::optional<engine::ReduceKind> recogniseMonoid(mlir::Region &region);

/// A tensor of neutral elements; null where the element type has none.
mlir::DenseElementsAttr neutralSplat(engine::ReduceKind kind,
                                     mlir::RankedTensorType type);

/// Whether every element of `value` is known to be zero.
bool isZero(mlir::Value value);

/// Whether every element of `value` is known to be neutral.
bool isNeutral(mlir::Value value, engine::ReduceKind kind);

/// Whether a value makes no difference in a reduction that it enters any number
/// of times: it is neutral, or the reduction is idempotent.
bool mayRepeat(mlir::Value value, engine::ReduceKind kind);

/// The axes of a local form on factors that it reduces over.
llvm::SmallVector<AxisAttr> reducedAxes(const LocalForm &form);

/// Operand `index` of a local form for an op in whose reduction it enters once:
/// on all devices but those at the origin of the reduced axes it becomes the
/// neutral element. Nothing is done where it may repeat.
mlir::FailureOr<mlir::Value> enterOnce(mlir::Operation *op, LocalForm &form,
                                       unsigned index, engine::ReduceKind kind);

} // namespace partir::rules

#endif // PARTIR_RULES_MONOID_H
