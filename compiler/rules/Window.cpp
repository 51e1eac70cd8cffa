//===- Window.cpp - Rules of ops on sliding windows -----------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dim over which the window does not slide (size 1, no stride, dilation or
// padding) is parallel. Of another dim of a reduce_window a device gets the
// stretch that the windows of its results cover, and puts the initial value
// where that reaches beyond the operand; a dilated base needs the whole.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Monoid.h"
#include "compiler/rules/Rules.h"
#include "compiler/rules/Stretches.h"

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

  /// How many elements it sees at once.
  double area() const {
    double area = 1;
    for (int64_t size : sizes)
      area *= static_cast<double>(size);
    return area;
  }
  /// The padding before the dim.
  int64_t low(size_t dim) const {
    return padding ? padding->getValues<int64_t>()[2 * dim] : 0;
  }
  static int64_t valueOf(std::optional<ArrayRef<int64_t>> values, size_t dim) {
    return values ? (*values)[dim] : 1;
  }

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

static Window windowOf(stablehlo::ReduceWindowOp op) {
  return {op.getWindowDimensions(), op.getWindowStrides(),
          op.getBaseDilations(), op.getWindowDilations(), op.getPadding()};
}

/// Whether it makes a difference if padding adds the initial value once more:
/// by the words of StableHLO it does, but XLA passes padding over.
static bool countsPadding(stablehlo::ReduceWindowOp op) {
  if (op->getNumResults() != 1)
    return false;
  auto kind = recogniseMonoid(op.getBody());
  return kind && !mayRepeat(op->getOperand(1), *kind);
}

static Rule reduceWindowRule(stablehlo::ReduceWindowOp op) {
  Window window = windowOf(op);
  RuleBuilder builder = builderFor(op);
  int count = op->getNumResults();
  builder.rule.cost.work = engine::Work::Reduce;
  builder.rule.cost.flops =
      count * elementsOf(op->getResult(0)) * window.area();
  bool mayPad = !countsPadding(op);
  for (auto [index, size] : llvm::enumerate(shapeOf(op->getResult(0)))) {
    int dim = index;
    if (window.isTrivial(dim))
      builder.add(size, sameDim(count, dim), sameDim(count, dim));
    else if (Window::valueOf(window.baseDilations, dim) == 1 &&
             (mayPad || !window.isPadded(dim)))
      addStretch(
          builder, op, count, dim, Window::valueOf(window.strides, dim),
          -window.low(dim),
          (window.sizes[dim] - 1) * Window::valueOf(window.dilations, dim) + 1);
  }
  if (count == 1 && recogniseMonoid(op.getBody()) == engine::ReduceKind::Add &&
      isArithmetic(elementTypeOf(op->getResult(0))) &&
      isZero(op->getOperand(1)))
    builder.linearIn({0});
  return builder.build("has a sliding window");
}

/// The windows of a stretch lie in it: what pads the whole operand is there.
static LocalResults reduceWindowLocal(stablehlo::ReduceWindowOp op,
                                      LocalForm &form) {
  int count = op->getNumResults();
  for (int operand = 0; operand < count; ++operand)
    fillOutside(op, form, operand, /*outside=*/count + operand);
  LocalResults local = cloneLocal(op, form);
  auto padding = op.getPadding();
  if (failed(local) || !padding)
    return local;
  SmallVector<int64_t> values(padding->getValues<int64_t>());
  for (int dim = 0, rank = values.size() / 2; dim < rank; ++dim)
    if (findStretch(form, 0, dim))
      values[2 * dim] = values[2 * dim + 1] = 0;
  local->front().getDefiningOp<stablehlo::ReduceWindowOp>().setPaddingAttr(
      DenseIntElementsAttr::get(cast<ShapedType>(padding->getType()), values));
  return local;
}

/// Linear in what is scattered, where it is added to zero.
static Rule selectAndScatterRule(stablehlo::SelectAndScatterOp op) {
  Window window{};
  if (auto sizes = op.getWindowDimensions())
    window.sizes = *sizes;
  window.strides = op.getWindowStrides();
  window.padding = op.getPadding();
  Rule rule = elementwiseExcept(
      op, [&](int dim) { return window.isTrivial(dim); },
      "has a sliding window");
  rule.cost.work = engine::Work::Apart;
  rule.cost.flops = elementsOf(op->getOperand(1)) * window.area();
  if (op->getNumOperands() == 3 &&
      recogniseMonoid(op.getScatter()) == engine::ReduceKind::Add &&
      isArithmetic(elementTypeOf(op->getResult(0))) &&
      isZero(op->getOperand(2)))
    rule.linear.push_back(1);
  return rule;
}

void rules::attachWindowRules(MLIRContext *context) {
  attach<stablehlo::ReduceWindowOp, reduceWindowRule, reduceWindowLocal>(
      context);
  attach<stablehlo::SelectAndScatterOp, selectAndScatterRule>(context);
}
