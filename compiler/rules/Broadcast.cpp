//===- Broadcast.cpp - Rules of broadcasts --------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dim is that of the operand, or new and parallel.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

static Rule broadcastRule(stablehlo::BroadcastInDimOp op) {
  RuleBuilder builder = builderFor(op);
  ArrayRef<int64_t> from = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> to = shapeOf(op->getResult(0));
  ArrayRef<int64_t> dims = op.getBroadcastDimensions();
  for (auto [dim, size] : llvm::enumerate(to)) {
    int source = indexOf(dims, dim);
    bool isShared = source >= 0 && source < static_cast<int>(from.size()) &&
                    from[source] == size;
    builder.add(size, {isShared ? source : RuleBuilder::kNone},
                {static_cast<int>(dim)});
  }
  if (isArithmetic(elementTypeOf(op->getResult(0))))
    builder.linearIn({0});
  builder.rule.isCheap = from.empty();
  return builder.build();
}

/// The new dims come first.
static Rule leadingBroadcastRule(stablehlo::BroadcastOp op) {
  RuleBuilder builder = builderFor(op);
  int numNew = op.getBroadcastSizes().size();
  for (auto [index, size] : llvm::enumerate(shapeOf(op->getResult(0)))) {
    int dim = index;
    builder.add(size, {dim < numNew ? RuleBuilder::kNone : dim - numNew},
                {dim});
  }
  if (isArithmetic(elementTypeOf(op->getResult(0))))
    builder.linearIn({0});
  builder.rule.isCheap = shapeOf(op->getOperand(0)).empty();
  return builder.build();
}

static LocalResults leadingBroadcastLocal(stablehlo::BroadcastOp op,
                                          LocalForm &form) {
  LocalResults local = cloneLocal(op, form);
  if (failed(local))
    return failure();
  size_t numNew = op.getBroadcastSizes().size();
  local->front().getDefiningOp<stablehlo::BroadcastOp>().setBroadcastSizes(
      shapeOf(local->front()).take_front(numNew));
  return local;
}

void rules::attachBroadcastRules(MLIRContext *context) {
  attach<stablehlo::BroadcastOp, leadingBroadcastRule, leadingBroadcastLocal>(
      context);
  attach<stablehlo::BroadcastInDimOp, broadcastRule>(context);
}
