//===- Pad.cpp - The rule of pad ------------------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of a dim that is padded, or cut, at its ends a device gets the stretch that
// its chunk of the result covers, and puts the padding value where that reaches
// beyond the operand. Padding between the elements needs the whole.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Monoid.h"
#include "compiler/rules/Rules.h"
#include "compiler/rules/Stretches.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

static Rule padRule(stablehlo::PadOp op) {
  RuleBuilder builder = builderFor(op);
  builder.rule.cost.work = engine::Work::Move;
  ArrayRef<int64_t> low = op.getEdgePaddingLow();
  ArrayRef<int64_t> high = op.getEdgePaddingHigh();
  ArrayRef<int64_t> interior = op.getInteriorPadding();
  ArrayRef<int64_t> shape = shapeOf(op->getResult(0));
  if (low.size() == shape.size() && high.size() == shape.size() &&
      interior.size() == shape.size()) {
    for (auto [index, size] : llvm::enumerate(shape)) {
      int dim = index;
      if (interior[dim] != 0)
        continue;
      if (low[dim] == 0 && high[dim] == 0)
        builder.add(size, {dim}, {dim});
      else
        addStretch(builder, op, 1, dim, /*scale=*/1, /*offset=*/-low[dim],
                   /*extent=*/1);
    }
  }
  if (isArithmetic(elementTypeOf(op->getResult(0))) &&
      isZero(op->getOperand(1)))
    builder.linearIn({0});
  return builder.build("is padded");
}

static LocalResults padLocal(stablehlo::PadOp op, LocalForm &form) {
  fillOutside(op, form, /*operand=*/0, /*outside=*/1);
  SmallVector<int64_t> low(op.getEdgePaddingLow());
  SmallVector<int64_t> high(op.getEdgePaddingHigh());
  ArrayRef<int64_t> interior = op.getInteriorPadding();
  bool isStretched = false, isRest = false;
  for (int dim = 0, rank = low.size(); dim < rank; ++dim)
    if (findStretch(form, 0, dim)) {
      low[dim] = high[dim] = 0;
      isStretched = true;
    } else if (low[dim] != 0 || high[dim] != 0 || interior[dim] != 0) {
      isRest = true;
    }
  if (!isStretched)
    return cloneLocal(op, form);
  if (!isRest)
    return SmallVector<Value>{form.operands.front()};
  LocalResults local = cloneLocal(op, form);
  if (failed(local))
    return failure();
  auto pad = local->front().getDefiningOp<stablehlo::PadOp>();
  pad.setEdgePaddingLow(low);
  pad.setEdgePaddingHigh(high);
  return local;
}

void rules::attachPadRules(MLIRContext *context) {
  attach<stablehlo::PadOp, padRule, padLocal>(context);
}
