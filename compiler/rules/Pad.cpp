//===- Pad.cpp - The rule of pad ------------------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dim that is padded moves elements between devices.
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

static Rule padRule(stablehlo::PadOp op) {
  RuleBuilder builder = builderFor(op);
  ArrayRef<int64_t> low = op.getEdgePaddingLow();
  ArrayRef<int64_t> high = op.getEdgePaddingHigh();
  ArrayRef<int64_t> interior = op.getInteriorPadding();
  ArrayRef<int64_t> shape = shapeOf(op->getResult(0));
  if (low.size() == shape.size() && high.size() == shape.size() &&
      interior.size() == shape.size()) {
    for (auto [index, size] : llvm::enumerate(shape)) {
      int dim = index;
      if (low[dim] == 0 && high[dim] == 0 && interior[dim] == 0)
        builder.add(size, {dim}, {dim});
    }
  }
  if (isArithmetic(elementTypeOf(op->getResult(0))) &&
      isZero(op->getOperand(1)))
    builder.linearIn({0});
  return builder.build("is padded");
}

void rules::attachPadRules(MLIRContext *context) {
  attach<stablehlo::PadOp, padRule>(context);
}
