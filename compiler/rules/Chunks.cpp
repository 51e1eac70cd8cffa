//===- Chunks.cpp - Chunks of a tensor and what joins them ----------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/rules/Chunks.h"

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Monoid.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;

Value partir::createChunk(OpBuilder &builder, Location loc, Value value,
                          int64_t dim, int64_t index, int64_t n) {
  if (n == 1)
    return value;
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> starts(type.getRank(), 0), limits(type.getShape());
  int64_t size = type.getDimSize(dim) / n;
  starts[dim] = index * size;
  limits[dim] = starts[dim] + size;
  return stablehlo::SliceOp::create(builder, loc, getChunkType(type, dim, n),
                                    value, starts, limits,
                                    SmallVector<int64_t>(type.getRank(), 1));
}

Value partir::createPlaced(OpBuilder &builder, Location loc, Value value,
                           int64_t dim, int64_t index, int64_t n) {
  auto type = cast<RankedTensorType>(value.getType());
  Value zero = createNeutral(builder, loc, ReduceKind::Add,
                             RankedTensorType::get({}, type.getElementType()));
  if (!zero)
    return {};
  SmallVector<int64_t> none(type.getRank(), 0), low(none), high(none);
  SmallVector<int64_t> shape(type.getShape());
  low[dim] = index * shape[dim];
  high[dim] = (n - 1 - index) * shape[dim];
  shape[dim] *= n;
  return stablehlo::PadOp::create(builder, loc, type.clone(shape), value, zero,
                                  low, high, none);
}

Value partir::concatenate(OpBuilder &builder, Location loc, ValueRange chunks,
                          int64_t dim) {
  if (chunks.size() == 1)
    return chunks.front();
  auto type = cast<RankedTensorType>(chunks.front().getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[dim] *= chunks.size();
  return stablehlo::ConcatenateOp::create(builder, loc, type.clone(shape),
                                          chunks, dim);
}

Value partir::createRow(OpBuilder &builder, Location loc, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape = {1};
  llvm::append_range(shape, type.getShape());
  return stablehlo::ReshapeOp::create(builder, loc, type.clone(shape), value);
}

Value partir::combine(OpBuilder &builder, Location loc, ReduceKind kind,
                      Value a, Value b) {
  Type type = a.getType();
  switch (kind) {
  case ReduceKind::Add:
    return stablehlo::AddOp::create(builder, loc, type, a, b);
  case ReduceKind::Max:
    return stablehlo::MaxOp::create(builder, loc, type, a, b);
  case ReduceKind::Min:
    return stablehlo::MinOp::create(builder, loc, type, a, b);
  case ReduceKind::Mul:
    return stablehlo::MulOp::create(builder, loc, type, a, b);
  case ReduceKind::And:
    return stablehlo::AndOp::create(builder, loc, type, a, b);
  case ReduceKind::Or:
    return stablehlo::OrOp::create(builder, loc, type, a, b);
  case ReduceKind::Joint:
    break;
  }
  llvm_unreachable("a joint reduction is the op's own");
}

Value partir::createNeutral(OpBuilder &builder, Location loc, ReduceKind kind,
                            RankedTensorType type) {
  DenseElementsAttr neutral = rules::neutralSplat(toEngineKind(kind), type);
  return neutral ? rules::constant(builder, loc, neutral) : Value();
}

Value partir::createPosition(OpBuilder &builder, Location loc,
                             int64_t position) {
  return rules::integerSplat(
      builder, loc, RankedTensorType::get({}, builder.getI32Type()), position);
}
