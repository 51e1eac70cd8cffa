//===- Scatter.cpp - The rule of scatter ----------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dims of the operand that every update covers are parallel. The dims of the
// indices are not in the result: over them the updates are reduced, if their
// computation is a monoid; the operand then enters once.
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

static Rule scatterRule(stablehlo::ScatterOp op) {
  constexpr StringLiteral reason = "is indexed";
  RuleBuilder builder = builderFor(op);
  int numInputs = op->getNumResults();
  if (numInputs == 0 ||
      op->getNumOperands() != 2 * static_cast<unsigned>(numInputs) + 1)
    return builder.build(reason);
  ArrayRef<int64_t> operand = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> indices = shapeOf(op->getOperand(numInputs));
  ArrayRef<int64_t> updates = shapeOf(op->getOperand(numInputs + 1));
  auto numbers = op.getScatterDimensionNumbers();
  ArrayRef<int64_t> windowDims = numbers.getUpdateWindowDims();
  ArrayRef<int64_t> operandBatching = numbers.getInputBatchingDims();
  ArrayRef<int64_t> indicesBatching = numbers.getScatterIndicesBatchingDims();
  if (!areDims(windowDims, updates.size()) ||
      operandBatching.size() != indicesBatching.size())
    return builder.build(reason);

  auto dims = [&](int operandDim, int indicesDim, int updatesDim) {
    Dims dims = sameDim(numInputs, operandDim);
    dims.push_back(indicesDim);
    dims.append(numInputs, updatesDim);
    return dims;
  };
  constexpr int none = RuleBuilder::kNone;

  // The window dims of the updates are the operand's dims that are neither
  // inserted nor batching, in order.
  const int64_t *windowDim = windowDims.begin();
  for (auto [index, size] : llvm::enumerate(operand)) {
    int dim = index;
    if (indexOf(numbers.getInsertedWindowDims(), dim) >= 0 ||
        indexOf(operandBatching, dim) >= 0)
      continue;
    if (windowDim == windowDims.end())
      break;
    int updatesDim = *windowDim++;
    // A window as large as the dim fits at its start only, on each chunk too.
    if (updates[updatesDim] == size)
      builder.add(size, dims(dim, none, updatesDim), sameDim(numInputs, dim));
  }

  // Their other dims are those of the indices, in order.
  std::optional<engine::ReduceKind> kind;
  if (numInputs == 1)
    kind = recogniseMonoid(op.getUpdateComputation());
  int updatesDim = 0;
  for (auto [index, size] : llvm::enumerate(indices)) {
    int dim = index;
    if (dim == numbers.getIndexVectorDim())
      continue;
    while (indexOf(windowDims, updatesDim) >= 0)
      ++updatesDim;
    int batching = indexOf(indicesBatching, dim);
    if (batching >= 0) {
      int operandDim = operandBatching[batching];
      builder.add(size, dims(operandDim, dim, updatesDim),
                  sameDim(numInputs, operandDim));
    } else if (kind) {
      builder.addReduction(size, dims(none, dim, updatesDim), *kind);
    } else {
      builder.addBlocked(size, dims(none, dim, updatesDim), {},
                         "is scattered in order");
    }
    ++updatesDim;
  }
  if (kind && !mayRepeat(op->getOperand(0), *kind))
    builder.rule.once.push_back(0);
  if (kind == engine::ReduceKind::Add &&
      isArithmetic(elementTypeOf(op->getResult(0))) &&
      isZero(op->getOperand(0)))
    builder.linearIn({2});
  return builder.build(reason);
}

static LocalResults scatterLocal(stablehlo::ScatterOp op, LocalForm &form) {
  if (op->getNumResults() == 1)
    if (auto kind = recogniseMonoid(op.getUpdateComputation())) {
      FailureOr<Value> operand = enterOnce(op, form, 0, *kind);
      if (failed(operand))
        return failure();
      form.operands[0] = *operand;
    }
  return cloneLocal(op, form);
}

void rules::attachScatterRules(MLIRContext *context) {
  attach<stablehlo::ScatterOp, scatterRule, scatterLocal>(context);
}
