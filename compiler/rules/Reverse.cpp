//===- Reverse.cpp - The rule of reverse ----------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reversed dim would change its device.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

static Rule reverseRule(stablehlo::ReverseOp op) {
  ArrayRef<int64_t> reversed = op.getDimensions();
  Rule rule = elementwiseExcept(
      op, [&](int dim) { return indexOf(reversed, dim) < 0; }, "is reversed");
  if (isArithmetic(elementTypeOf(op->getResult(0))))
    rule.linear.push_back(0);
  return rule;
}

void rules::attachReverseRules(MLIRContext *context) {
  attach<stablehlo::ReverseOp, reverseRule>(context);
}
