//===- BatchNorm.cpp - Rules of batch normalisation -----------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The feature dim is parallel. The others are where the statistics are given,
// and blocked where they are formed.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

template <typename OpT> static Rule batchNormRule(OpT op) {
  constexpr StringLiteral reason = "is normalised over";
  constexpr bool formsStatistics =
      !std::is_same_v<OpT, stablehlo::BatchNormInferenceOp>;
  RuleBuilder builder = builderFor(op);
  builder.rule.cost.work = engine::Work::Apart;
  builder.rule.cost.flops = 4 * elementsOf(op->getOperand(0));
  ArrayRef<int64_t> shape = shapeOf(op->getOperand(0));
  int featureDim = op.getFeatureIndex();
  // Values with one dim hold a number per feature.
  auto dimsFor = [&](auto values, int dim) {
    Dims dims;
    for (Value value : values) {
      if (shapeOf(value).size() == shape.size())
        dims.push_back(dim);
      else
        dims.push_back(dim == featureDim ? 0 : RuleBuilder::kNone);
    }
    return dims;
  };
  for (auto [index, size] : llvm::enumerate(shape)) {
    int dim = index;
    Dims operandDims = dimsFor(op->getOperands(), dim);
    Dims resultDims = dimsFor(op->getResults(), dim);
    if (dim == featureDim || !formsStatistics)
      builder.add(size, operandDims, resultDims);
    else
      builder.addBlocked(size, operandDims, resultDims, reason);
  }
  return builder.build(reason);
}

template <typename... OpT> static void attachAll(MLIRContext *context) {
  (attach<OpT, batchNormRule<OpT>>(context), ...);
}

void rules::attachBatchNormRules(MLIRContext *context) {
  attachAll<stablehlo::BatchNormGradOp, stablehlo::BatchNormInferenceOp,
            stablehlo::BatchNormTrainingOp>(context);
}
