//===- Stretches.cpp - Local forms of ops that move elements --------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/rules/Stretches.h"

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Indexed.h"
#include "compiler/rules/Monoid.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using stablehlo::ComparisonDirection;

void rules::addStretch(engine::RuleBuilder &builder, Operation *op, int count,
                       int dim, int64_t scale, int64_t offset, int64_t extent) {
  constexpr StringLiteral reason = "moves elements, and the type has no zero";
  bool canFill =
      llvm::all_of(op->getOperands().take_front(count), [](Value operand) {
        return hasZero(elementTypeOf(operand));
      });
  if (canFill) {
    builder.addWindow(count, dim, scale, offset, extent);
    return;
  }
  int64_t from = shapeOf(op->getOperand(0))[dim];
  int64_t to = shapeOf(op->getResult(0))[dim];
  builder.addBlocked(from, sameDim(count, dim), {}, reason);
  builder.addBlocked(to, {}, sameDim(op->getNumResults(), dim), reason);
}

const engine::Window *rules::findStretch(const LocalForm &form, int operand,
                                         int dim) {
  for (const engine::Window &window : form.rule.windows)
    if (window.operand == operand &&
        llvm::is_contained(form.rule.operands[operand][dim], window.factor) &&
        !form.axesOf(window.factor).empty())
      return &window;
  return nullptr;
}

namespace {
/// A dim of an operand of which each device has a stretch.
struct StretchedDim {
  int dim;
  /// Of the whole operand, and of the stretch.
  int64_t size, length;
  /// Where the stretch of the first device begins, how much further on each of
  /// the others does, and how many there are.
  int64_t start, step, count;
  SmallVector<AxisAttr> axes;
  IntegerType type;

  bool reachesBelow() const {
    return start < 0 || start + (count - 1) * step < 0;
  }
  bool reachesAbove() const {
    return std::max(start, start + (count - 1) * step) + length > size;
  }
};
} // namespace

static StretchedDim describe(Operation *op, LocalForm &form,
                             const engine::Window &window, int dim) {
  int resultDim = engine::dimOf(form.rule.results.front(), window.factor);
  int64_t whole = shapeOf(op->getResult(0))[resultDim];
  int64_t local = shapeOf(form.resultTypes.front())[resultDim];
  int64_t size = shapeOf(op->getOperand(window.operand))[dim];
  return {dim,
          size,
          window.lengthOf(local),
          window.startOf(0, local),
          window.scale * local,
          whole / local,
          form.axesOf(window.factor),
          positionType(form.builder,
                       {size, whole, window.extent, std::abs(window.offset),
                        std::abs(window.scale) * whole})};
}

/// Which elements along the dim are elements of the operand; null for all.
static Value createIsInside(OpBuilder &builder, Location loc,
                            const StretchedDim &dim) {
  if (!dim.reachesBelow() && !dim.reachesAbove())
    return {};
  auto scalarType = RankedTensorType::get({}, dim.type);
  auto type = RankedTensorType::get({dim.length}, dim.type);
  Value start = chunkStart(builder, loc, dim.axes, dim.step, dim.type);
  start = stablehlo::AddOp::create(
      builder, loc, scalarType, start,
      integerSplat(builder, loc, scalarType, dim.start));
  Value starts = stablehlo::BroadcastInDimOp::create(builder, loc, type, start,
                                                     ArrayRef<int64_t>());
  Value place = stablehlo::IotaOp::create(builder, loc, type, 0);
  place = stablehlo::AddOp::create(builder, loc, type, place, starts);
  Value isInside;
  if (dim.reachesBelow())
    isInside = compare(builder, loc, place, integerSplat(builder, loc, type, 0),
                       ComparisonDirection::GE);
  if (!dim.reachesAbove())
    return isInside;
  Value isBelow =
      compare(builder, loc, place, integerSplat(builder, loc, type, dim.size),
              ComparisonDirection::LT);
  return both(builder, loc, isInside, isBelow);
}

void rules::fillOutside(Operation *op, LocalForm &form, int operand,
                        int outside) {
  if (isZero(op->getOperand(outside)))
    return;
  OpBuilder &builder = form.builder;
  Location loc = op->getLoc();
  Value &local = form.operands[operand];
  auto type = cast<RankedTensorType>(local.getType());
  Value filling;
  for (int dim = 0, rank = type.getRank(); dim < rank; ++dim) {
    const engine::Window *window = findStretch(form, operand, dim);
    if (!window)
      continue;
    Value isInside =
        createIsInside(builder, loc, describe(op, form, *window, dim));
    if (!isInside)
      continue;
    if (!filling)
      filling = stablehlo::BroadcastInDimOp::create(
          builder, loc, type, form.operands[outside], ArrayRef<int64_t>());
    isInside = stablehlo::BroadcastInDimOp::create(
        builder, loc, type.clone(builder.getI1Type()), isInside,
        ArrayRef<int64_t>(dim));
    local = stablehlo::SelectOp::create(builder, loc, type, isInside, local,
                                        filling);
  }
}
