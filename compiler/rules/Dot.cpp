//===- Dot.cpp - The rule of dot_general ----------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Batch dims, contracting dims (reduced), and the free dims of each side.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

static Rule dotGeneralRule(stablehlo::DotGeneralOp op) {
  constexpr StringLiteral reason = "has no place in the result";
  RuleBuilder builder = builderFor(op);
  ArrayRef<int64_t> lhs = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> rhs = shapeOf(op->getOperand(1));
  auto numbers = op.getDotDimensionNumbers();
  ArrayRef<int64_t> lhsBatch = numbers.getLhsBatchingDimensions();
  ArrayRef<int64_t> rhsBatch = numbers.getRhsBatchingDimensions();
  ArrayRef<int64_t> lhsContracting = numbers.getLhsContractingDimensions();
  ArrayRef<int64_t> rhsContracting = numbers.getRhsContractingDimensions();
  if (!areDims(lhsBatch, lhs.size()) || !areDims(lhsContracting, lhs.size()) ||
      !areDims(rhsBatch, rhs.size()) || !areDims(rhsContracting, rhs.size()))
    return builder.build(reason);

  // The result has the batch dims, then the free dims of lhs, then of rhs.
  int resultDim = 0;
  for (auto [lhsDim, rhsDim] : llvm::zip(lhsBatch, rhsBatch))
    builder.add(lhs[lhsDim],
                {static_cast<int>(lhsDim), static_cast<int>(rhsDim)},
                {resultDim++});
  auto addFree = [&](ArrayRef<int64_t> shape, ArrayRef<int64_t> batch,
                     ArrayRef<int64_t> contracting, int operand) {
    for (auto [index, size] : llvm::enumerate(shape)) {
      int dim = index;
      if (indexOf(batch, dim) >= 0 || indexOf(contracting, dim) >= 0)
        continue;
      int dims[] = {RuleBuilder::kNone, RuleBuilder::kNone};
      dims[operand] = dim;
      builder.add(size, dims, {resultDim++});
    }
  };
  addFree(lhs, lhsBatch, lhsContracting, 0);
  addFree(rhs, rhsBatch, rhsContracting, 1);

  bool isSumOfProducts = isArithmetic(elementTypeOf(op->getResult(0)));
  for (auto [lhsDim, rhsDim] : llvm::zip(lhsContracting, rhsContracting))
    builder.addReduction(
        lhs[lhsDim], {static_cast<int>(lhsDim), static_cast<int>(rhsDim)},
        isSumOfProducts ? engine::ReduceKind::Add : engine::ReduceKind::Or);
  // A partial sum of a narrower integer type may have wrapped.
  for (int operand : {0, 1}) {
    Type type = elementTypeOf(op->getOperand(operand));
    if (isSumOfProducts &&
        (isReal(type) || type == elementTypeOf(op->getResult(0))))
      builder.linearIn({operand});
  }
  return builder.build(reason);
}

void rules::attachDotRules(MLIRContext *context) {
  attach<stablehlo::DotGeneralOp, dotGeneralRule>(context);
}
