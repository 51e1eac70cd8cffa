//===- CustomCall.cpp - The rule of custom calls --------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nothing is known of the target: it sees whole operands.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

static Rule customCallRule(stablehlo::CustomCallOp op) {
  return blocked(op, "belongs to a custom call");
}

void rules::attachCustomCallRules(MLIRContext *context) {
  attach<stablehlo::CustomCallOp, customCallRule>(context);
}
