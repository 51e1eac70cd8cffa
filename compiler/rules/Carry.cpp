//===- Carry.cpp - The rule of partir.carry -------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A result and the input that it becomes are tiled alike, whichever of them
// was tiled first. Where they are not, the result is taken from the one tiling
// to the other as it leaves the program.
//
//===----------------------------------------------------------------------===//

#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;

static Rule carryRule(CarryOp op) {
  Rule rule = builderFor(op).addPointwise().build();
  rule.unread = {0, 1};
  rule.cost = {engine::Work::None};
  return rule;
}

void rules::attachCarryRules(MLIRContext *context) {
  attach<CarryOp, carryRule>(context);
}
