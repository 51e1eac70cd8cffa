//===- Concatenate.cpp - The rule of concatenate --------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The chunks of the dim that is concatenated lie across the operands.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

static Rule concatenateRule(stablehlo::ConcatenateOp op) {
  RuleBuilder builder = builderFor(op);
  int64_t concatenated = op.getDimension();
  for (auto [dim, size] : llvm::enumerate(shapeOf(op->getResult(0))))
    if (static_cast<int64_t>(dim) != concatenated)
      builder.add(size, sameDim(op->getNumOperands(), dim),
                  {static_cast<int>(dim)});
  if (op->getNumOperands() == 1 &&
      isArithmetic(elementTypeOf(op->getResult(0))))
    builder.linearIn({0});
  return builder.build("is concatenated");
}

void rules::attachConcatenateRules(MLIRContext *context) {
  attach<stablehlo::ConcatenateOp, concatenateRule>(context);
}
