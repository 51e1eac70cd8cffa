//===- Slice.cpp - The rule of slice --------------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dim that is taken whole is parallel.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

static Rule sliceRule(stablehlo::SliceOp op) {
  RuleBuilder builder = builderFor(op);
  ArrayRef<int64_t> from = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> to = shapeOf(op->getResult(0));
  ArrayRef<int64_t> strides = op.getStrides();
  // A dim that keeps its size without a stride is taken from its start. A
  // stride of a whole dim of size > 1 takes less than all.
  if (from.size() == to.size() && strides.size() == to.size())
    for (auto [index, size] : llvm::enumerate(to)) {
      int dim = index;
      if (from[dim] == size && strides[dim] == 1)
        builder.add(size, {dim}, {dim});
    }
  if (isArithmetic(elementTypeOf(op->getResult(0))))
    builder.linearIn({0});
  return builder.build("is sliced");
}

static LocalResults sliceLocal(stablehlo::SliceOp op, LocalForm &form) {
  LocalResults local = cloneLocal(op, form);
  if (failed(local))
    return failure();
  ArrayRef<int64_t> to = shapeOf(op->getResult(0));
  ArrayRef<int64_t> localTo = shapeOf(local->front());
  SmallVector<int64_t> limits(op.getLimitIndices());
  if (limits.size() == to.size() && localTo.size() == to.size())
    for (auto [limit, size, localSize] : llvm::zip_equal(limits, to, localTo))
      if (localSize != size)
        limit = localSize;
  local->front().getDefiningOp<stablehlo::SliceOp>().setLimitIndices(limits);
  return local;
}

void rules::attachSliceRules(MLIRContext *context) {
  attach<stablehlo::SliceOp, sliceRule, sliceLocal>(context);
}
