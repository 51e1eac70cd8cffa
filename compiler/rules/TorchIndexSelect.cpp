//===- TorchIndexSelect.cpp - The rule of torch_index_select --------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One dim of the operand is indexed; the dims of the index take its place.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

static Rule torchIndexSelectRule(stablehlo::TorchIndexSelectOp op) {
  constexpr StringLiteral reason = "is indexed";
  constexpr int none = RuleBuilder::kNone;
  RuleBuilder builder = builderFor(op);
  builder.rule.cost.work = engine::Work::Apart;
  builder.rule.cost.partlyRead = {0};
  ArrayRef<int64_t> operand = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> index = shapeOf(op->getOperand(1));
  int numOperandDims = operand.size(), numIndexDims = index.size();
  int indexed = op.getDim(), numBatch = op.getBatchDims();
  if (indexed < 0 || indexed >= numOperandDims || numBatch < 0 ||
      numBatch > indexed || numBatch > numIndexDims)
    return builder.build(reason);
  for (int dim = 0; dim < indexed; ++dim)
    builder.add(operand[dim], {dim, dim < numBatch ? dim : none}, {dim});
  int resultDim = indexed;
  for (int dim = numBatch; dim < numIndexDims; ++dim)
    builder.add(index[dim], {none, dim}, {resultDim++});
  for (int dim = indexed + 1; dim < numOperandDims; ++dim)
    builder.add(operand[dim], {dim, none}, {resultDim++});
  if (isArithmetic(elementTypeOf(op->getResult(0))))
    builder.linearIn({0});
  return builder.build(reason);
}

void rules::attachTorchIndexSelectRules(MLIRContext *context) {
  attach<stablehlo::TorchIndexSelectOp, torchIndexSelectRule>(context);
}
