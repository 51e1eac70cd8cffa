//===- Monoid.cpp - Reductions and their neutral elements -----------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Monoids of regions, neutral elements, and values that enter once.
//
//===----------------------------------------------------------------------===//

#include "compiler/rules/Monoid.h"

#include "compiler/dialect/stablehlo/Stablehlo.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;

std::optional<engine::ReduceKind> rules::recogniseMonoid(Region &region) {
  if (!region.hasOneBlock())
    return std::nullopt;
  Block &block = region.front();
  if (block.getNumArguments() != 2 || !llvm::hasNItems(block, 2))
    return std::nullopt;
  Operation *op = &block.front();
  Operation *end = &block.back();
  if (op->getNumOperands() != 2 || op->getNumResults() != 1 ||
      end->getNumOperands() != 1 || end->getOperand(0) != op->getResult(0))
    return std::nullopt;
  Value a = block.getArgument(0), b = block.getArgument(1);
  bool isOnBoth = (op->getOperand(0) == a && op->getOperand(1) == b) ||
                  (op->getOperand(0) == b && op->getOperand(1) == a);
  if (!isOnBoth)
    return std::nullopt;

  Type type = elementTypeOf(op->getResult(0));
  if (elementTypeOf(a) != type)
    return std::nullopt;
  bool isBool = type.isInteger(1);
  using Kind = std::optional<engine::ReduceKind>;
  return TypeSwitch<Operation *, Kind>(op)
      .Case([&](stablehlo::AddOp) {
        return isBool ? engine::ReduceKind::Or : engine::ReduceKind::Add;
      })
      .Case([&](stablehlo::AndOp) -> Kind {
        return isBool ? Kind(engine::ReduceKind::And) : std::nullopt;
      })
      .Case([&](stablehlo::MaxOp) -> Kind {
        if (isa<ComplexType>(type))
          return std::nullopt;
        return isBool ? engine::ReduceKind::Or : engine::ReduceKind::Max;
      })
      .Case([&](stablehlo::MinOp) -> Kind {
        if (isa<ComplexType>(type))
          return std::nullopt;
        return isBool ? engine::ReduceKind::And : engine::ReduceKind::Min;
      })
      .Case([&](stablehlo::MulOp) {
        return isBool ? engine::ReduceKind::And : engine::ReduceKind::Mul;
      })
      .Case([&](stablehlo::OrOp) -> Kind {
        return isBool ? Kind(engine::ReduceKind::Or) : std::nullopt;
      })
      .Default([](Operation *) -> Kind { return std::nullopt; });
}

//===----------------------------------------------------------------------===//
// Neutral elements
//===----------------------------------------------------------------------===//

static APFloat extreme(const llvm::fltSemantics &semantics, bool isNegative) {
  if (APFloat::semanticsHasInf(semantics))
    return APFloat::getInf(semantics, isNegative);
  return APFloat::getLargest(semantics, isNegative);
}

static std::optional<APFloat> neutralFloat(engine::ReduceKind kind,
                                           FloatType type) {
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  switch (kind) {
  case engine::ReduceKind::Add:
    if (!APFloat::semanticsHasZero(semantics))
      return std::nullopt;
    return APFloat::getZero(semantics);
  case engine::ReduceKind::Mul:
    return APFloat::getOne(semantics);
  case engine::ReduceKind::Max:
    return extreme(semantics, /*isNegative=*/true);
  case engine::ReduceKind::Min:
    return extreme(semantics, /*isNegative=*/false);
  case engine::ReduceKind::And:
  case engine::ReduceKind::Or:
  case engine::ReduceKind::Joint:
    return std::nullopt;
  }
  return std::nullopt;
}

static APInt neutralInteger(engine::ReduceKind kind, IntegerType type) {
  unsigned width = type.getWidth();
  // Booleans are unsigned whatever their type says.
  bool isUnsigned = type.isUnsigned() || width == 1;
  switch (kind) {
  case engine::ReduceKind::Add:
  case engine::ReduceKind::Or:
    return APInt::getZero(width);
  case engine::ReduceKind::Mul:
    return APInt(width, 1);
  case engine::ReduceKind::Max:
    return isUnsigned ? APInt::getMinValue(width)
                      : APInt::getSignedMinValue(width);
  case engine::ReduceKind::Min:
    return isUnsigned ? APInt::getMaxValue(width)
                      : APInt::getSignedMaxValue(width);
  case engine::ReduceKind::And:
    return APInt::getAllOnes(width);
  case engine::ReduceKind::Joint:
    break;
  }
  return APInt::getZero(width);
}

DenseElementsAttr rules::neutralSplat(engine::ReduceKind kind,
                                      RankedTensorType type) {
  if (kind == engine::ReduceKind::Joint)
    return {};
  Type elementType = type.getElementType();
  if (auto integer = dyn_cast<IntegerType>(elementType))
    return DenseElementsAttr::get(type, neutralInteger(kind, integer));
  if (auto floating = dyn_cast<FloatType>(elementType)) {
    std::optional<APFloat> neutral = neutralFloat(kind, floating);
    return neutral ? DenseElementsAttr::get(type, *neutral)
                   : DenseElementsAttr();
  }
  if (auto complex = dyn_cast<ComplexType>(elementType)) {
    auto part = dyn_cast<FloatType>(complex.getElementType());
    if (!part ||
        (kind != engine::ReduceKind::Add && kind != engine::ReduceKind::Mul))
      return {};
    return DenseElementsAttr::get(
        type,
        std::complex<APFloat>(*neutralFloat(kind, part),
                              APFloat::getZero(part.getFloatSemantics())));
  }
  return {};
}

/// The splat constant of which a value is made; null where it is not that or
/// the program does not say so. Looks through ops that only spread it and, if
/// wanted, those that change its type.
static DenseElementsAttr findSplat(Value value, bool throughConvert) {
  while (Operation *op = value.getDefiningOp()) {
    if (auto constant = dyn_cast<stablehlo::ConstantOp>(op)) {
      auto elements = dyn_cast<DenseElementsAttr>(constant.getValue());
      bool isSplat = elements && !elements.empty() && elements.isSplat();
      return isSplat ? elements : DenseElementsAttr();
    }
    if (auto loop = dyn_cast<LoopOp>(op)) {
      unsigned index = cast<OpResult>(value).getResultNumber();
      if (isa<ReduceAttr>(loop.getAction(index)))
        return {};
      value = loop.getYield().getOperand(index);
      continue;
    }
    if (isa<stablehlo::BroadcastInDimOp, stablehlo::ReshapeOp,
            stablehlo::SliceOp, stablehlo::TransposeOp, SliceOp, TagOp>(op) ||
        (throughConvert && isa<stablehlo::ConvertOp>(op))) {
      value = op->getOperand(0);
      continue;
    }
    return {};
  }
  return {};
}

/// Equal as elements of a monoid: zeros of both signs are one.
static bool areEqual(const APFloat &a, const APFloat &b) {
  return a.bitwiseIsEqual(b) || (a.isZero() && b.isZero());
}

/// Two splats of one element type.
static bool areEqual(DenseElementsAttr a, DenseElementsAttr b) {
  Type type = a.getElementType();
  if (b.getElementType() != type)
    return false;
  if (isa<IntegerType>(type))
    return a.getSplatValue<APInt>() == b.getSplatValue<APInt>();
  if (isa<FloatType>(type))
    return areEqual(a.getSplatValue<APFloat>(), b.getSplatValue<APFloat>());
  if (auto complex = dyn_cast<ComplexType>(type)) {
    if (!isa<FloatType>(complex.getElementType()))
      return false;
    auto x = a.getSplatValue<std::complex<APFloat>>();
    auto y = b.getSplatValue<std::complex<APFloat>>();
    return areEqual(x.real(), y.real()) && areEqual(x.imag(), y.imag());
  }
  return false;
}

static bool isSplatOfNeutral(DenseElementsAttr splat, engine::ReduceKind kind) {
  if (!splat)
    return false;
  DenseElementsAttr neutral =
      neutralSplat(kind, RankedTensorType::get({}, splat.getElementType()));
  return neutral && areEqual(splat, neutral);
}

bool rules::isZero(Value value) {
  return isSplatOfNeutral(findSplat(value, /*throughConvert=*/true),
                          engine::ReduceKind::Add);
}

bool rules::isNeutral(Value value, engine::ReduceKind kind) {
  if (kind == engine::ReduceKind::Add)
    return isZero(value);
  return isSplatOfNeutral(findSplat(value, /*throughConvert=*/false), kind);
}

//===----------------------------------------------------------------------===//
// Values that enter once
//===----------------------------------------------------------------------===//

SmallVector<AxisAttr> rules::reducedAxes(const LocalForm &form) {
  SmallVector<AxisAttr> axes;
  for (const LocalForm::Axis &axis : form.axes)
    if (form.rule.factors[axis.factor].kind == engine::FactorKind::Reduce)
      axes.push_back(axis.axis);
  return axes;
}

static bool isIdempotent(engine::ReduceKind kind) {
  return kind != engine::ReduceKind::Add && kind != engine::ReduceKind::Mul;
}

bool rules::mayRepeat(Value value, engine::ReduceKind kind) {
  return isIdempotent(kind) || isNeutral(value, kind);
}

/// The value as an op of a loop nest takes it.
static Value enterOnceInNest(OpBuilder &builder, Location loc,
                             const LocalForm &form, Value value,
                             engine::ReduceKind kind) {
  SmallVector<Value> ranges;
  for (auto [axis, range] : llvm::zip_equal(form.axes, form.ranges))
    if (form.rule.factors[axis.factor].kind == engine::FactorKind::Reduce)
      ranges.push_back(range);
  return OnceOp::create(builder, loc, value.getType(),
                        ReduceAttr::get(builder.getContext(), toAttrKind(kind)),
                        value, ranges);
}

FailureOr<Value> rules::enterOnce(Operation *op, LocalForm &form,
                                  unsigned index, engine::ReduceKind kind) {
  SmallVector<AxisAttr> axes = reducedAxes(form);
  Value value = form.operands[index];
  if (axes.empty() || mayRepeat(op->getOperand(index), kind))
    return value;
  auto type = dyn_cast<RankedTensorType>(value.getType());
  DenseElementsAttr neutral =
      type ? neutralSplat(kind, type) : DenseElementsAttr();
  if (!neutral)
    return op->emitOpError("reduces a type that has no neutral element for ")
           << engine::stringify(kind);

  OpBuilder &builder = form.builder;
  Location loc = op->getLoc();
  if (!form.ranges.empty())
    return enterOnceInNest(builder, loc, form, value, kind);
  Value position = devicePosition(builder, loc, axes);
  auto positionType = cast<RankedTensorType>(position.getType());
  Value isOrigin = stablehlo::CompareOp::create(
      builder, loc, RankedTensorType::get({}, builder.getI1Type()), position,
      integerSplat(builder, loc, positionType, 0),
      stablehlo::ComparisonDirection::EQ);
  return stablehlo::SelectOp::create(builder, loc, type, isOrigin, value,
                                     constant(builder, loc, neutral))
      .getResult();
}
