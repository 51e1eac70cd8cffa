//===- DynamicSlice.cpp - Rules of dynamic slices -------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dim that is taken or written whole is parallel: its index is clamped to
// zero. The others are indexed: which device has the element is known at run
// time only.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Monoid.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

/// The dims in which the slice is as large as the whole, on the result and on
/// as many operands.
static void addWholeDims(RuleBuilder &builder, ArrayRef<int64_t> whole,
                         ArrayRef<int64_t> slice, int numOperands) {
  if (whole.size() != slice.size())
    return;
  for (auto [index, size] : llvm::enumerate(whole)) {
    int dim = index;
    if (slice[dim] == size)
      builder.add(size, sameDim(numOperands, dim), {dim});
  }
}

static Rule dynamicSliceRule(stablehlo::DynamicSliceOp op) {
  RuleBuilder builder = builderFor(op);
  addWholeDims(builder, shapeOf(op->getOperand(0)), shapeOf(op->getResult(0)),
               1);
  if (isArithmetic(elementTypeOf(op->getResult(0))))
    builder.linearIn({0});
  return builder.build("is indexed");
}

static LocalResults dynamicSliceLocal(stablehlo::DynamicSliceOp op,
                                      LocalForm &form) {
  LocalResults local = cloneLocal(op, form);
  if (failed(local))
    return failure();
  local->front().getDefiningOp<stablehlo::DynamicSliceOp>().setSliceSizes(
      shapeOf(local->front()));
  return local;
}

/// Linear in the update where it is written into zeros.
static Rule dynamicUpdateSliceRule(stablehlo::DynamicUpdateSliceOp op) {
  RuleBuilder builder = builderFor(op);
  addWholeDims(builder, shapeOf(op->getOperand(0)), shapeOf(op->getOperand(1)),
               2);
  if (isArithmetic(elementTypeOf(op->getResult(0)))) {
    if (isZero(op->getOperand(0)))
      builder.linearIn({1});
    else if (isZero(op->getOperand(1)))
      builder.linearIn({0});
  }
  return builder.build("is indexed");
}

void rules::attachDynamicSliceRules(MLIRContext *context) {
  attach<stablehlo::DynamicSliceOp, dynamicSliceRule, dynamicSliceLocal>(
      context);
  attach<stablehlo::DynamicUpdateSliceOp, dynamicUpdateSliceRule>(context);
}
