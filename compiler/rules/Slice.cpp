//===- Slice.cpp - The rule of slice --------------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dim that is taken whole is parallel. Of another a device gets the stretch
// from the first element that it takes to the last.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"
#include "compiler/rules/Stretches.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

static Rule sliceRule(stablehlo::SliceOp op) {
  RuleBuilder builder = builderFor(op);
  builder.rule.cost.partlyRead = {0};
  ArrayRef<int64_t> from = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> to = shapeOf(op->getResult(0));
  ArrayRef<int64_t> starts = op.getStartIndices();
  ArrayRef<int64_t> strides = op.getStrides();
  // A dim that keeps its size without a stride is taken from its start. A
  // stride of a whole dim of size > 1 takes less than all.
  if (from.size() == to.size() && strides.size() == to.size() &&
      starts.size() == to.size())
    for (auto [index, size] : llvm::enumerate(to)) {
      int dim = index;
      if (from[dim] == size && strides[dim] == 1)
        builder.add(size, {dim}, {dim});
      else
        addStretch(builder, op, 1, dim, strides[dim], starts[dim],
                   /*extent=*/1);
    }
  if (isArithmetic(elementTypeOf(op->getResult(0))))
    builder.linearIn({0});
  return builder.build("is sliced");
}

static LocalResults sliceLocal(stablehlo::SliceOp op, LocalForm &form) {
  SmallVector<int64_t> starts(op.getStartIndices());
  SmallVector<int64_t> limits(op.getLimitIndices());
  SmallVector<int64_t> localFrom(shapeOf(form.operands.front()));
  ArrayRef<int64_t> from = shapeOf(op->getOperand(0));
  for (int dim = 0, rank = from.size(); dim < rank; ++dim) {
    bool isStretch = findStretch(form, 0, dim) != nullptr;
    if (isStretch)
      starts[dim] = 0;
    if (isStretch || localFrom[dim] != from[dim])
      limits[dim] = localFrom[dim];
  }
  if (form.operands.front().getType() == form.resultTypes.front() &&
      form.resultTypes.front() != op.getType())
    return form.operands;
  LocalResults local = cloneLocal(op, form);
  if (failed(local))
    return failure();
  auto slice = local->front().getDefiningOp<stablehlo::SliceOp>();
  slice.setStartIndices(starts);
  slice.setLimitIndices(limits);
  return local;
}

void rules::attachSliceRules(MLIRContext *context) {
  attach<stablehlo::SliceOp, sliceRule, sliceLocal>(context);
}
