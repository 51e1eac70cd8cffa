//===- Reduce.cpp - The rule of reduce ------------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dims that a monoid reduces give partial results, into which the initial
// value enters once. Dims that another function reduces are blocked.
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

static Rule reduceRule(stablehlo::ReduceOp op) {
  constexpr StringLiteral reason = "is reduced in order";
  RuleBuilder builder = builderFor(op);
  int numInputs = op->getNumResults();
  if (numInputs == 0 ||
      op->getNumOperands() != 2 * static_cast<unsigned>(numInputs))
    return builder.build(reason);
  std::optional<engine::ReduceKind> kind;
  if (numInputs == 1)
    kind = recogniseMonoid(op.getBody());

  int resultDim = 0;
  for (auto [index, size] : llvm::enumerate(shapeOf(op->getOperand(0)))) {
    Dims dims = sameDim(numInputs, index);
    if (indexOf(op.getDimensions(), index) < 0)
      builder.add(size, dims, sameDim(numInputs, resultDim++));
    else if (kind)
      builder.addReduction(size, dims, *kind);
    else
      builder.addBlocked(size, dims, {}, reason);
  }
  if (kind && !mayRepeat(op->getOperand(1), *kind))
    builder.rule.once.push_back(1);
  if (kind == engine::ReduceKind::Add &&
      isArithmetic(elementTypeOf(op->getResult(0))) &&
      isZero(op->getOperand(1)))
    builder.linearIn({0});
  return builder.build(reason);
}

/// XLA takes the initial value for neutral: it may ignore it where the dims
/// that it reduces are of size 1, as they may be on one device. Another one is
/// thus combined with the partial result.
static LocalResults reduceLocal(stablehlo::ReduceOp op, LocalForm &form) {
  std::optional<engine::ReduceKind> kind;
  if (op->getNumResults() == 1)
    kind = recogniseMonoid(op.getBody());
  if (!kind || reducedAxes(form).empty() || isNeutral(op->getOperand(1), *kind))
    return cloneLocal(op, form);
  auto initType = dyn_cast<RankedTensorType>(form.operands[1].getType());
  DenseElementsAttr neutral =
      initType ? neutralSplat(*kind, initType) : DenseElementsAttr();
  FailureOr<Value> init = enterOnce(op, form, 1, *kind);
  if (succeeded(init) && !form.ranges.empty()) {
    form.operands[1] = *init;
    return cloneLocal(op, form);
  }
  if (!neutral || failed(init))
    return op->emitOpError("has no neutral initial value");

  OpBuilder &builder = form.builder;
  Location loc = op->getLoc();
  form.operands[1] = constant(builder, loc, neutral);
  LocalResults partial = cloneLocal(op, form);
  if (failed(partial))
    return failure();
  Type type = form.resultTypes.front();
  Value spread = stablehlo::BroadcastInDimOp::create(builder, loc, type, *init,
                                                     ArrayRef<int64_t>());
  OperationState combine(loc, op.getBody().front().front().getName());
  combine.addOperands({partial->front(), spread});
  combine.addTypes(type);
  return SmallVector<Value>{builder.create(combine)->getResult(0)};
}

void rules::attachReduceRules(MLIRContext *context) {
  attach<stablehlo::ReduceOp, reduceRule, reduceLocal>(context);
}
