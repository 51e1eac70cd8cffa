//===- Constant.cpp - The rule of constants -------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A splat is retyped; of other constants each device takes its chunk.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

static bool isSplat(stablehlo::ConstantOp op) {
  auto elements = dyn_cast<DenseElementsAttr>(op.getValue());
  return elements && !elements.empty() && elements.isSplat();
}

static Rule constantRule(stablehlo::ConstantOp op) {
  RuleBuilder builder = builderFor(op);
  for (auto [dim, size] : llvm::enumerate(shapeOf(op->getResult(0))))
    builder.add(size, {}, {static_cast<int>(dim)});
  builder.rule.isCheap = isSplat(op);
  return builder.build();
}

static LocalResults constantLocal(stablehlo::ConstantOp op, LocalForm &form) {
  auto type = dyn_cast<RankedTensorType>(form.resultTypes.front());
  if (!type || type == op->getResult(0).getType())
    return cloneLocal(op, form);
  if (isSplat(op)) {
    auto whole = cast<DenseElementsAttr>(op.getValue());
    FailureOr<SmallVector<Value>> local = cloneLocal(op, form);
    if (succeeded(local))
      local->front().getDefiningOp<stablehlo::ConstantOp>().setValueAttr(
          whole.resizeSplat(type));
    return local;
  }
  Value whole = form.builder.clone(*op)->getResult(0);
  return SmallVector<Value>{sliceOnDevices(form, op->getLoc(), whole, type,
                                           form.rule.results.front())};
}

void rules::attachConstantRules(MLIRContext *context) {
  attach<stablehlo::ConstantOp, constantRule, constantLocal>(context);
}
