//===- Tag.cpp - The rule of partir.tag -----------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A name changes nothing.
//
//===----------------------------------------------------------------------===//

#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;

static Rule tagRule(TagOp op) {
  auto builder = builderFor(op).addPointwise().linearIn({0});
  builder.rule.isIdentity = true;
  builder.rule.cost = {engine::Work::None};
  return builder.build();
}

void rules::attachTagRules(MLIRContext *context) {
  attach<TagOp, tagRule>(context);
}
