//===- Reduce.cpp - The rule of reduce ------------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dims that are reduced give partial results. Where a known monoid reduces
// them, the initial value enters once. Any other function reduces all results
// together, once more from the partial ones: with its initial values it is a
// monoid too, so they may enter any number of times.
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

static std::optional<engine::ReduceKind> monoidOf(stablehlo::ReduceOp op) {
  if (op->getNumResults() != 1)
    return std::nullopt;
  return recogniseMonoid(op.getBody());
}

static Rule reduceRule(stablehlo::ReduceOp op) {
  RuleBuilder builder = builderFor(op);
  int numInputs = op->getNumResults();
  if (numInputs == 0 ||
      op->getNumOperands() != 2 * static_cast<unsigned>(numInputs))
    return builder.build();
  builder.rule.cost.work = engine::Work::Reduce;
  builder.rule.cost.flops = numInputs * elementsOf(op->getOperand(0));
  std::optional<engine::ReduceKind> kind = monoidOf(op);

  int resultDim = 0;
  for (auto [index, size] : llvm::enumerate(shapeOf(op->getOperand(0)))) {
    Dims dims = sameDim(numInputs, index);
    if (indexOf(op.getDimensions(), index) < 0)
      builder.add(size, dims, sameDim(numInputs, resultDim++));
    else
      builder.addReduction(size, dims,
                           kind.value_or(engine::ReduceKind::Joint));
  }
  if (kind && !mayRepeat(op->getOperand(1), *kind))
    builder.rule.once.push_back(1);
  if (kind == engine::ReduceKind::Add &&
      isArithmetic(elementTypeOf(op->getResult(0))) &&
      isZero(op->getOperand(1)))
    builder.linearIn({0});
  return builder.build();
}

/// XLA takes the initial value for neutral: it may ignore it where the dims
/// that it reduces are of size 1, as they may be on one device. Another one is
/// thus combined with the partial result.
static LocalResults reduceLocal(stablehlo::ReduceOp op, LocalForm &form) {
  std::optional<engine::ReduceKind> kind = monoidOf(op);
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

static LocalResults combineReduced(stablehlo::ReduceOp op, OpBuilder &builder,
                                   ValueRange operands, ValueRange partial) {
  auto combined = cast<stablehlo::ReduceOp>(builder.clone(*op));
  SmallVector<Value> inputs(partial);
  llvm::append_range(inputs, operands.drop_front(partial.size()));
  combined->setOperands(inputs);
  combined.setDimensions({0});
  for (auto [result, value] :
       llvm::zip_equal(combined->getResults(), partial)) {
    auto type = cast<RankedTensorType>(value.getType());
    result.setType(type.clone(type.getShape().drop_front()));
  }
  return SmallVector<Value>(combined->getResults());
}

void rules::attachReduceRules(MLIRContext *context) {
  attach<stablehlo::ReduceOp, reduceRule, reduceLocal, combineReduced>(context);
}
