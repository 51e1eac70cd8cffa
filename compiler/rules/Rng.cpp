//===- Rng.cpp - Rules of random numbers ----------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every device draws the whole from the one state.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

template <typename OpT> static Rule rngRule(OpT op) {
  return blocked(op, "is drawn from one state");
}

void rules::attachRngRules(MLIRContext *context) {
  attach<stablehlo::RngBitGeneratorOp, rngRule<stablehlo::RngBitGeneratorOp>>(
      context);
  attach<stablehlo::RngOp, rngRule<stablehlo::RngOp>>(context);
}
