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

/// The numbers are the last result; before it the next state.
template <typename OpT> static Rule rngRule(OpT op) {
  RuleBuilder builder = builderFor(op);
  int last = op->getNumResults() - 1;
  for (auto [dim, size] : llvm::enumerate(shapeOf(op->getResult(last)))) {
    Dims results(op->getNumResults(), RuleBuilder::kNone);
    results[last] = dim;
    builder.add(size, {}, results);
  }
  return builder.build("is that of all numbers");
}

template <typename OpT> static LocalResults rngLocal(OpT op, LocalForm &form) {
  SmallVector<Type> localTypes(op->getResultTypes());
  localTypes.swap(form.resultTypes);
  LocalResults results = cloneLocal(op, form);
  if (failed(results) || localTypes == form.resultTypes)
    return results;
  results->back() = sliceOnDevices(form, op->getLoc(), results->back(),
                                   localTypes.back(), form.rule.results.back());
  return results;
}

template <typename... OpT> static void attachRng(MLIRContext *context) {
  (attach<OpT, rngRule<OpT>, rngLocal<OpT>>(context), ...);
}

void rules::attachRngRules(MLIRContext *context) {
  attachRng<stablehlo::RngBitGeneratorOp, stablehlo::RngOp>(context);
}
