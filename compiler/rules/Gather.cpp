//===- Gather.cpp - The rule of gather ------------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dims of the operand that every slice takes whole are parallel, and so are the
// dims of the indices. Dims that the indices point into are blocked.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

static Rule gatherRule(stablehlo::GatherOp op) {
  constexpr StringLiteral reason = "is indexed";
  RuleBuilder builder = builderFor(op);
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
  if (isArithmetic(elementTypeOf(op->getResult(0))))
    builder.linearIn({0});
  return builder.build(reason);
}

static LocalResults gatherLocal(stablehlo::GatherOp op, LocalForm &form) {
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

void rules::attachGatherRules(MLIRContext *context) {
  attach<stablehlo::GatherOp, gatherRule, gatherLocal>(context);
}
