//===- Linalg.cpp - Rules of transforms and solvers -----------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Batch dims are parallel, and the right-hand sides of a system too. The
// matrices themselves are blocked.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

#include <cmath>

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

static Rule choleskyRule(stablehlo::CholeskyOp op) {
  int batchDims = rankOf(op->getResult(0)) - 2;
  Rule rule = elementwiseExcept(
      op, [&](int dim) { return dim < batchDims; }, "is factorised");
  rule.cost.work = engine::Work::Apart;
  if (batchDims >= 0)
    rule.cost.flops =
        elementsOf(op->getResult(0)) * shapeOf(op->getResult(0)).back() / 3;
  return rule;
}

static Rule fftRule(stablehlo::FftOp op) {
  RuleBuilder builder = builderFor(op);
  builder.rule.cost.work = engine::Work::Apart;
  for (int64_t length : op.getFftLength())
    builder.rule.cost.flops += 5 * elementsOf(op->getResult(0)) *
                               std::log2(std::max<double>(length, 1));
  ArrayRef<int64_t> shape = shapeOf(op->getOperand(0));
  int batchDims = static_cast<int>(shape.size()) -
                  static_cast<int>(op.getFftLength().size());
  for (int dim = 0; dim < batchDims; ++dim)
    builder.add(shape[dim], {dim}, {dim});
  return builder.linearIn({0}).build("is transformed");
}

static Rule triangularSolveRule(stablehlo::TriangularSolveOp op) {
  constexpr StringLiteral reason = "is solved in order";
  RuleBuilder builder = builderFor(op);
  ArrayRef<int64_t> shape = shapeOf(op->getOperand(1));
  int rank = shape.size();
  if (rank < 2)
    return builder.build(reason);
  builder.rule.cost.work = engine::Work::Apart;
  builder.rule.cost.flops =
      elementsOf(op->getOperand(1)) * shapeOf(op->getOperand(0)).back();
  for (int dim = 0; dim < rank - 2; ++dim)
    builder.add(shape[dim], {dim, dim}, {dim});
  int freeDim = op.getLeftSide() ? rank - 1 : rank - 2;
  builder.add(shape[freeDim], {RuleBuilder::kNone, freeDim}, {freeDim});
  return builder.linearIn({1}).build(reason);
}

void rules::attachLinalgRules(MLIRContext *context) {
  attach<stablehlo::CholeskyOp, choleskyRule>(context);
  attach<stablehlo::FftOp, fftRule>(context);
  attach<stablehlo::TriangularSolveOp, triangularSolveRule>(context);
}
