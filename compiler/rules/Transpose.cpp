//===- Transpose.cpp - The rule of transpose ------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dims change their places.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

static Rule transposeRule(stablehlo::TransposeOp op) {
  RuleBuilder builder = builderFor(op);
  ArrayRef<int64_t> shape = shapeOf(op->getResult(0));
  ArrayRef<int64_t> permutation = op.getPermutation();
  for (auto [dim, pair] : llvm::enumerate(llvm::zip(shape, permutation)))
    builder.add(std::get<0>(pair), {static_cast<int>(std::get<1>(pair))},
                {static_cast<int>(dim)});
  if (isArithmetic(elementTypeOf(op->getResult(0))))
    builder.linearIn({0});
  return builder.build();
}

void rules::attachTransposeRules(MLIRContext *context) {
  attach<stablehlo::TransposeOp, transposeRule>(context);
}
