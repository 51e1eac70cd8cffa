//===- Dot.cpp - Rules of dots --------------------------------------------===//
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

/// The kind of a sum of products.
static engine::ReduceKind sumKind(Operation *op) {
  return isArithmetic(elementTypeOf(op->getResult(0))) ? engine::ReduceKind::Add
                                                       : engine::ReduceKind::Or;
}

/// Linear in each operand. A partial sum of a narrower integer type may have
/// wrapped.
static void addLinear(RuleBuilder &builder, Operation *op) {
  Type resultType = elementTypeOf(op->getResult(0));
  if (!isArithmetic(resultType))
    return;
  for (int operand : {0, 1}) {
    Type type = elementTypeOf(op->getOperand(operand));
    if (isReal(type) || type == resultType)
      builder.linearIn({operand});
  }
}

/// A product and a sum for each combination of indices.
static Rule finish(Operation *op, RuleBuilder &builder, StringLiteral reason) {
  engine::Cost &cost = builder.rule.cost;
  cost.work = engine::Work::Matrix;
  // A dim of size 0 is no factor.
  bool isEmpty = llvm::any_of(op->getOperands(), [](Value operand) {
    return elementsOf(operand) == 0;
  });
  cost.flops = isEmpty ? 0 : 2;
  for (const engine::Factor &factor : builder.rule.factors)
    cost.flops *= static_cast<double>(factor.size);
  return builder.build(reason);
}

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

  for (auto [lhsDim, rhsDim] : llvm::zip(lhsContracting, rhsContracting))
    builder.addReduction(lhs[lhsDim],
                         {static_cast<int>(lhsDim), static_cast<int>(rhsDim)},
                         sumKind(op));
  addLinear(builder, op);
  return finish(op, builder, reason);
}

/// Of vectors and matrices: the last dim of lhs with the first of rhs.
static Rule dotRule(stablehlo::DotOp op) {
  constexpr int none = RuleBuilder::kNone;
  RuleBuilder builder = builderFor(op);
  ArrayRef<int64_t> lhs = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> rhs = shapeOf(op->getOperand(1));
  if (lhs.empty() || rhs.empty())
    return builder.build();
  int resultDim = 0;
  if (lhs.size() == 2)
    builder.add(lhs[0], {0, none}, {resultDim++});
  if (rhs.size() == 2)
    builder.add(rhs[1], {none, 1}, {resultDim});
  builder.addReduction(lhs.back(), {static_cast<int>(lhs.size()) - 1, 0},
                       sumKind(op));
  addLinear(builder, op);
  return finish(op, builder, "has no place in the result");
}

void rules::attachDotRules(MLIRContext *context) {
  attach<stablehlo::DotOp, dotRule>(context);
  attach<stablehlo::DotGeneralOp, dotGeneralRule>(context);
}
