//===- Indexed.cpp - Dims that indices point into -------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Factors of indexed dims, and indices as one device sees them.
//
//===----------------------------------------------------------------------===//

#include "compiler/rules/Indexed.h"

#include "compiler/rules/Monoid.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::RuleBuilder;

//===----------------------------------------------------------------------===//
// Factors
//===----------------------------------------------------------------------===//

/// What joins values that are zero on all devices but one; none for a type that
/// has no zero.
static std::optional<engine::ReduceKind> joiningKind(Type elementType) {
  if (!hasZero(elementType))
    return std::nullopt;
  return elementType.isInteger(1) ? engine::ReduceKind::Or
                                  : engine::ReduceKind::Add;
}

static double countElements(Value value) {
  double count = 1;
  for (int64_t size : shapeOf(value))
    count *= static_cast<double>(size);
  return count;
}

void rules::addIndexedRead(RuleBuilder &builder, Operation *op, int dim) {
  Value whole = op->getOperand(0), read = op->getResult(0);
  int64_t size = shapeOf(whole)[dim];
  auto kind = joiningKind(elementTypeOf(read));
  // An all_reduce sends about two bytes for each byte of the result, an
  // all_gather one for each byte of the operand.
  if (!kind)
    builder.addBlocked(size, {dim}, {}, "is indexed, and the type has no zero");
  else if (2 * countElements(read) >= countElements(whole))
    builder.addBlocked(size, {dim}, {},
                       "is indexed, and half of the operand or more is read");
  else if (size > 1)
    builder.addReduction(size, {dim}, *kind).rule.factors.back().isIndexed =
        true;
}

void rules::addIndexedWrite(RuleBuilder &builder, int64_t size,
                            ArrayRef<int> operandDims,
                            ArrayRef<int> resultDims) {
  if (size > 1)
    builder.add(size, operandDims, resultDims).rule.factors.back().isIndexed =
        true;
}

//===----------------------------------------------------------------------===//
// Local forms
//===----------------------------------------------------------------------===//

SmallVector<IndexedDim> rules::indexedDims(const LocalForm &form) {
  SmallVector<IndexedDim> dims;
  ArrayRef<int64_t> shape = shapeOf(form.operands.front());
  for (auto [dim, factors] : llvm::enumerate(form.rule.operands.front())) {
    SmallVector<AxisAttr> axes;
    for (int factor : factors)
      if (form.rule.factors[factor].isIndexed)
        axes.append(form.axesOf(factor));
    if (!axes.empty())
      dims.push_back({static_cast<int>(dim), axes, shape[dim]});
  }
  return dims;
}

SmallVector<IndexedDim> rules::indexedDimsToRead(Location loc,
                                                 LocalForm &form) {
  SmallVector<IndexedDim> dims = indexedDims(form);
  if (form.ranges.empty())
    return dims;
  Value &operand = form.operands.front();
  for (const IndexedDim &indexed : dims) {
    SmallVector<Value> ranges;
    for (auto [axis, range] : llvm::zip_equal(form.axes, form.ranges))
      if (llvm::is_contained(form.rule.operands.front()[indexed.dim],
                             axis.factor))
        ranges.push_back(range);
    operand = PlaceOp::create(form.builder, loc, operand, indexed.dim, ranges);
  }
  return {};
}

IntegerType rules::positionType(OpBuilder &builder, ArrayRef<int64_t> shape) {
  // Sums and differences of a few positions must fit.
  bool isLong =
      llvm::any_of(shape, [](int64_t size) { return size > INT32_MAX / 4; });
  return isLong ? builder.getI64Type() : builder.getI32Type();
}

/// The number that is nearest to `value` in an integer type.
static APInt nearest(IntegerType type, int64_t value) {
  unsigned width = type.getWidth();
  APInt wide(65, value, /*isSigned=*/true);
  return type.isUnsigned()
             ? wide.isNegative() ? APInt::getZero(width) : wide.truncUSat(width)
             : wide.truncSSat(width);
}

/// One number per component, in the shape of the indices or, where all are
/// equal, as a scalar.
static Value limitOf(OpBuilder &builder, Location loc,
                     RankedTensorType indicesType, int64_t vectorDim,
                     ArrayRef<int64_t> values) {
  auto type = cast<IntegerType>(indicesType.getElementType());
  SmallVector<APInt> numbers;
  for (int64_t value : values)
    numbers.push_back(nearest(type, value));
  if (llvm::all_equal(numbers))
    return constant(builder, loc,
                    DenseElementsAttr::get(RankedTensorType::get({}, type),
                                           numbers.front()));
  int64_t size = numbers.size();
  Value limits = constant(
      builder, loc,
      DenseElementsAttr::get(RankedTensorType::get({size}, type), numbers));
  return stablehlo::BroadcastInDimOp::create(builder, loc, indicesType, limits,
                                             ArrayRef<int64_t>(vectorDim));
}

Value rules::limitIndices(OpBuilder &builder, Location loc, Value indices,
                          int64_t vectorDim, ArrayRef<int64_t> lower,
                          ArrayRef<int64_t> upper, IntegerType type) {
  auto indicesType = cast<RankedTensorType>(indices.getType());
  Value low = limitOf(builder, loc, indicesType, vectorDim, lower);
  Value high = limitOf(builder, loc, indicesType, vectorDim, upper);
  Value limited =
      stablehlo::ClampOp::create(builder, loc, indicesType, low, indices, high);
  auto wanted = RankedTensorType::get(indicesType.getShape(), type);
  if (wanted == indicesType)
    return limited;
  return stablehlo::ConvertOp::create(builder, loc, wanted, limited);
}

Value rules::indicesInChunk(LocalForm &form, Location loc, Value indices,
                            int64_t vectorDim, ArrayRef<int64_t> operandDims,
                            ArrayRef<IndexedDim> dims) {
  OpBuilder &builder = form.builder;
  auto type = cast<RankedTensorType>(indices.getType());
  auto integer = cast<IntegerType>(type.getElementType());
  auto scalarType = RankedTensorType::get({}, integer);
  auto startOf = [&](int64_t operandDim) -> Value {
    for (const IndexedDim &indexed : dims)
      if (indexed.dim == operandDim)
        return chunkStart(builder, loc, indexed.axes, indexed.chunk, integer);
    return integerSplat(builder, loc, scalarType, 0);
  };
  Value starts;
  SmallVector<int64_t> onDims;
  if (operandDims.size() == 1) {
    starts = startOf(operandDims.front());
  } else {
    SmallVector<Value> each;
    for (int64_t operandDim : operandDims)
      each.push_back(stablehlo::ReshapeOp::create(
          builder, loc, RankedTensorType::get({1}, integer),
          startOf(operandDim)));
    int64_t size = each.size();
    starts = stablehlo::ConcatenateOp::create(
        builder, loc, RankedTensorType::get({size}, integer), each, 0);
    onDims.push_back(vectorDim);
  }
  if (starts.getType() != type)
    starts =
        stablehlo::BroadcastInDimOp::create(builder, loc, type, starts, onDims);
  return stablehlo::SubtractOp::create(builder, loc, type, indices, starts);
}

Value rules::zeros(OpBuilder &builder, Location loc, RankedTensorType type) {
  return constant(builder, loc, neutralSplat(engine::ReduceKind::Add, type));
}

Value rules::compare(OpBuilder &builder, Location loc, Value a, Value b,
                     stablehlo::ComparisonDirection direction) {
  auto type = cast<RankedTensorType>(a.getType()).clone(builder.getI1Type());
  return stablehlo::CompareOp::create(builder, loc, type, a, b, direction);
}

Value rules::both(OpBuilder &builder, Location loc, Value a, Value b) {
  return a ? stablehlo::AndOp::create(builder, loc, a.getType(), a, b) : b;
}
