//===- Rng.cpp - Rules of random numbers ----------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every device draws the whole from the one state and keeps its chunk: what a
// generator gives for a smaller shape are other numbers.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

static Rule rngRule(stablehlo::RngBitGeneratorOp op) {
  RuleBuilder builder = builderFor(op);
  builder.rule.cost.work = engine::Work::Apart;
  builder.rule.cost.transcendentals = elementsOf(op.getOutput());
  for (auto [dim, size] : llvm::enumerate(shapeOf(op.getOutput())))
    builder.add(size, {}, {RuleBuilder::kNone, static_cast<int>(dim)});
  return builder.build("is the generator's state");
}

static LocalResults rngLocal(stablehlo::RngBitGeneratorOp op, LocalForm &form) {
  Type localType = form.resultTypes.back();
  Type wholeType = op.getOutput().getType();
  form.resultTypes.back() = wholeType;
  LocalResults results = cloneLocal(op, form);
  if (succeeded(results) && localType != wholeType)
    results->back() = sliceOnDevices(form, op->getLoc(), results->back(),
                                     localType, form.rule.results.back());
  return results;
}

void rules::attachRngRules(MLIRContext *context) {
  attach<stablehlo::RngBitGeneratorOp, rngRule, rngLocal>(context);
}
