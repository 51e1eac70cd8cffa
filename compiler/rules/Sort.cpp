//===- Sort.cpp - The rule of sort ----------------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All dims but the one that is sorted are parallel.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

#include <cmath>

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

static Rule sortRule(stablehlo::SortOp op) {
  int64_t sorted = op.getDimension();
  if (sorted < 0 && op->getNumResults() != 0)
    sorted += rankOf(op->getResult(0));
  Rule rule = elementwiseExcept(
      op, [&](int dim) { return dim != sorted; }, "is sorted");
  rule.cost.work = engine::Work::Apart;
  if (op->getNumResults() == 0)
    return rule;
  double length = std::max<double>(shapeOf(op->getResult(0))[sorted], 2);
  for (Value result : op->getResults())
    rule.cost.flops += elementsOf(result) * std::log2(length);
  return rule;
}

void rules::attachSortRules(MLIRContext *context) {
  attach<stablehlo::SortOp, sortRule>(context);
}
