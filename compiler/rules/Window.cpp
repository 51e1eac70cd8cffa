//===- Window.cpp - Rules of ops on sliding windows -----------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dim over which the window does not slide (size 1, no stride, dilation or
// padding) is parallel.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Monoid.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

namespace {
/// The attributes of a window; those that are absent are the default.
struct Window {
  ArrayRef<int64_t> sizes;
  std::optional<ArrayRef<int64_t>> strides;
  std::optional<ArrayRef<int64_t>> baseDilations;
  std::optional<ArrayRef<int64_t>> dilations;
  std::optional<DenseIntElementsAttr> padding;

  bool isTrivial(size_t dim) const {
    auto isOne = [&](std::optional<ArrayRef<int64_t>> values) {
      return !values || (dim < values->size() && (*values)[dim] == 1);
    };
    return isOne(sizes) && isOne(strides) && isOne(baseDilations) &&
           isOne(dilations) && !isPadded(dim);
  }

private:
  bool isPadded(size_t dim) const {
    if (!padding)
      return false;
    if (padding->getNumElements() <= static_cast<int64_t>(2 * dim + 1))
      return true;
    auto values = padding->getValues<int64_t>();
    return values[2 * dim] != 0 || values[2 * dim + 1] != 0;
  }
};
} // namespace

static Rule windowRule(Operation *op, const Window &window) {
  return elementwiseExcept(
      op, [&](int dim) { return window.isTrivial(dim); },
      "has a sliding window");
}

static Rule reduceWindowRule(stablehlo::ReduceWindowOp op) {
  Window window{op.getWindowDimensions(), op.getWindowStrides(),
                op.getBaseDilations(), op.getWindowDilations(),
                op.getPadding()};
  Rule rule = windowRule(op, window);
  if (op->getNumOperands() == 2 && op->getNumResults() == 1 &&
      recogniseMonoid(op.getBody()) == engine::ReduceKind::Add &&
      isArithmetic(elementTypeOf(op->getResult(0))) &&
      isZero(op->getOperand(1)))
    rule.linear.push_back(0);
  return rule;
}

/// Linear in what is scattered, where it is added to zero.
static Rule selectAndScatterRule(stablehlo::SelectAndScatterOp op) {
  Window window{};
  if (auto sizes = op.getWindowDimensions())
    window.sizes = *sizes;
  window.strides = op.getWindowStrides();
  window.padding = op.getPadding();
  Rule rule = windowRule(op, window);
  if (op->getNumOperands() == 3 &&
      recogniseMonoid(op.getScatter()) == engine::ReduceKind::Add &&
      isArithmetic(elementTypeOf(op->getResult(0))) &&
      isZero(op->getOperand(2)))
    rule.linear.push_back(1);
  return rule;
}

void rules::attachWindowRules(MLIRContext *context) {
  attach<stablehlo::ReduceWindowOp, reduceWindowRule>(context);
  attach<stablehlo::SelectAndScatterOp, selectAndScatterRule>(context);
}
