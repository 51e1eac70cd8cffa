//===- Gather.cpp - The rule of gather ------------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dims of the operand that every slice takes whole are parallel, and so are the
// dims of the indices. In dims of which a slice takes one element each device
// reads what it has, and the results are added.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Indexed.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

static Rule gatherRule(stablehlo::GatherOp op) {
  constexpr StringLiteral reason = "is indexed";
  RuleBuilder builder = builderFor(op);
  builder.rule.cost.work = engine::Work::Apart;
  builder.rule.cost.partlyRead = {0};
  ArrayRef<int64_t> operand = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> indices = shapeOf(op->getOperand(1));
  auto numbers = op.getDimensionNumbers();
  ArrayRef<int64_t> offsetDims = numbers.getOffsetDims();
  ArrayRef<int64_t> operandBatching = numbers.getOperandBatchingDims();
  ArrayRef<int64_t> indicesBatching = numbers.getStartIndicesBatchingDims();
  ArrayRef<int64_t> sliceSizes = op.getSliceSizes();
  if (sliceSizes.size() != operand.size() ||
      operandBatching.size() != indicesBatching.size())
    return builder.build(reason);

  // The offset dims of the result are the operand's dims that are neither
  // collapsed nor batching, in order.
  const int64_t *offsetDim = offsetDims.begin();
  for (auto [index, size] : llvm::enumerate(operand)) {
    int dim = index;
    if (indexOf(numbers.getCollapsedSliceDims(), dim) >= 0 ||
        indexOf(operandBatching, dim) >= 0)
      continue;
    if (offsetDim == offsetDims.end())
      break;
    int resultDim = *offsetDim++;
    // A slice as large as the dim begins at its start, whatever its index.
    if (sliceSizes[dim] == size)
      builder.add(size, {dim, RuleBuilder::kNone}, {resultDim});
  }

  // Its other dims are those of the indices, in order.
  int resultDim = 0;
  for (auto [index, size] : llvm::enumerate(indices)) {
    int dim = index;
    if (dim == numbers.getIndexVectorDim())
      continue;
    while (indexOf(offsetDims, resultDim) >= 0)
      ++resultDim;
    int batching = indexOf(indicesBatching, dim);
    int operandDim = batching < 0 ? RuleBuilder::kNone
                                  : static_cast<int>(operandBatching[batching]);
    builder.add(size, {operandDim, dim}, {resultDim++});
  }

  for (int64_t dim : numbers.getStartIndexMap())
    if (sliceSizes[dim] == 1 && builder.rule.operands[0][dim].empty())
      addIndexedRead(builder, op, dim);
  if (isArithmetic(elementTypeOf(op->getResult(0))))
    builder.linearIn({0});
  return builder.build(reason);
}

/// On chunks that need no mask.
static LocalResults gatherOnChunks(stablehlo::GatherOp op, LocalForm &form) {
  ArrayRef<int64_t> operand = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> localOperand = shapeOf(form.operands.front());
  SmallVector<int64_t> sliceSizes(op.getSliceSizes());
  LocalResults local = cloneLocal(op, form);
  if (failed(local))
    return failure();
  if (sliceSizes.size() == operand.size() &&
      localOperand.size() == operand.size())
    for (auto [slice, size, localSize] :
         llvm::zip_equal(sliceSizes, operand, localOperand))
      if (slice == size)
        slice = localSize;
  local->front().getDefiningOp<stablehlo::GatherOp>().setSliceSizes(sliceSizes);
  return local;
}

/// One component of index vectors that run along `vectorDim`.
static Value sliceComponent(OpBuilder &builder, Location loc, Value indices,
                            int64_t vectorDim, int64_t component) {
  auto type = cast<RankedTensorType>(indices.getType());
  SmallVector<int64_t> starts(type.getRank(), 0), limits(type.getShape());
  starts[vectorDim] = component;
  limits[vectorDim] = component + 1;
  SmallVector<int64_t> shape(type.getShape());
  shape[vectorDim] = 1;
  return stablehlo::SliceOp::create(builder, loc, type.clone(shape), indices,
                                    starts, limits,
                                    SmallVector<int64_t>(type.getRank(), 1));
}

/// Whether the slice at each index vector is in the device's chunk, in the
/// shape of the result. `indices` count from its start.
static Value isInChunk(stablehlo::GatherOp op, LocalForm &form, Value indices,
                       ArrayRef<IndexedDim> dims) {
  OpBuilder &builder = form.builder;
  Location loc = op->getLoc();
  auto numbers = op.getDimensionNumbers();
  int64_t vectorDim = numbers.getIndexVectorDim();
  auto type = cast<RankedTensorType>(indices.getType());
  SmallVector<int64_t> batch(type.getShape());
  if (vectorDim < type.getRank())
    batch.erase(batch.begin() + vectorDim);
  auto batchType = type.clone(batch);

  Value inside;
  for (const IndexedDim &indexed : dims) {
    Value index = indices;
    if (numbers.getStartIndexMap().size() > 1)
      index = sliceComponent(builder, loc, index, vectorDim,
                             indexOf(numbers.getStartIndexMap(), indexed.dim));
    if (type != batchType)
      index = stablehlo::ReshapeOp::create(builder, loc, batchType, index);
    Value isAfter =
        compare(builder, loc, index, integerSplat(builder, loc, batchType, 0),
                stablehlo::ComparisonDirection::GE);
    Value isBefore =
        compare(builder, loc, index,
                integerSplat(builder, loc, batchType, indexed.chunk),
                stablehlo::ComparisonDirection::LT);
    inside = both(builder, loc, both(builder, loc, inside, isAfter), isBefore);
  }
  auto resultType = cast<RankedTensorType>(form.resultTypes.front());
  SmallVector<int64_t> batchDims;
  for (int64_t dim = 0; dim < resultType.getRank(); ++dim)
    if (indexOf(numbers.getOffsetDims(), dim) < 0)
      batchDims.push_back(dim);
  return stablehlo::BroadcastInDimOp::create(
      builder, loc, resultType.clone(builder.getI1Type()), inside, batchDims);
}

static LocalResults gatherLocal(stablehlo::GatherOp op, LocalForm &form) {
  SmallVector<IndexedDim> dims = indexedDimsToRead(op->getLoc(), form);
  if (dims.empty())
    return gatherOnChunks(op, form);
  OpBuilder &builder = form.builder;
  Location loc = op->getLoc();
  ArrayRef<int64_t> operand = shapeOf(op->getOperand(0));
  auto numbers = op.getDimensionNumbers();
  ArrayRef<int64_t> operandDims = numbers.getStartIndexMap();
  // Here all slices fit into the whole, as the op itself would move them.
  SmallVector<int64_t> lower(operandDims.size(), 0), upper;
  for (int64_t dim : operandDims)
    upper.push_back(operand[dim] - op.getSliceSizes()[dim]);
  Value indices =
      limitIndices(builder, loc, form.operands[1], numbers.getIndexVectorDim(),
                   lower, upper, positionType(builder, operand));
  indices = indicesInChunk(form, loc, indices, numbers.getIndexVectorDim(),
                           operandDims, dims);
  form.operands[1] = indices;
  LocalResults local = gatherOnChunks(op, form);
  if (failed(local))
    return failure();
  // Of several components the limits may have changed the order.
  if (operandDims.size() > 1)
    local->front().getDefiningOp<stablehlo::GatherOp>().setIndicesAreSorted(
        false);
  Value inside = isInChunk(op, form, indices, dims);
  auto type = cast<RankedTensorType>(form.resultTypes.front());
  return SmallVector<Value>{
      stablehlo::SelectOp::create(builder, loc, type, inside, local->front(),
                                  zeros(builder, loc, type))
          .getResult()};
}

void rules::attachGatherRules(MLIRContext *context) {
  attach<stablehlo::GatherOp, gatherRule, gatherLocal>(context);
}
