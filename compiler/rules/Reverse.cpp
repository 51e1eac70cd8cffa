//===- Reverse.cpp - The rule of reverse ----------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A device gets the chunk of the one that is as far from the other end, and
// reverses it.
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

static Rule reverseRule(stablehlo::ReverseOp op) {
  RuleBuilder builder = builderFor(op);
  ArrayRef<int64_t> reversed = op.getDimensions();
  for (auto [index, size] : llvm::enumerate(shapeOf(op->getResult(0)))) {
    int dim = index;
    if (indexOf(reversed, dim) < 0)
      builder.add(size, {dim}, {dim});
    else
      addStretch(builder, op, 1, dim, /*scale=*/-1, /*offset=*/size - 1,
                 /*extent=*/1);
  }
  if (isArithmetic(elementTypeOf(op->getResult(0))))
    builder.linearIn({0});
  return builder.build("is reversed");
}

void rules::attachReverseRules(MLIRContext *context) {
  attach<stablehlo::ReverseOp, reverseRule>(context);
}
