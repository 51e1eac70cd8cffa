//===- Pointwise.cpp - Rules of ops that work element by element ----------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every dim of a pointwise op is parallel. The ops differ in what they are
// linear in, which decides where a partial sum may pass.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Monoid.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using namespace partir::stablehlo;
using engine::Rule;
using engine::RuleBuilder;

/// Linear in operand 0 for reals and integers.
template <typename OpT> static Rule pointwiseLinear(OpT op) {
  RuleBuilder builder = builderFor(op);
  builder.addPointwise();
  if (isArithmetic(elementTypeOf(op->getOperand(0))))
    builder.linearIn({0});
  return builder.build();
}

static Rule addRule(AddOp op) {
  RuleBuilder builder = builderFor(op);
  builder.addPointwise();
  builder.rule.isSum = isArithmetic(elementTypeOf(op->getResult(0)));
  return builder.build();
}

/// Moves elements to another format. A narrower float rounds, which is what a
/// sum in that type does as well. An integer that takes part may wrap or lose
/// its fraction.
static Rule convertRule(ConvertOp op) {
  RuleBuilder builder = builderFor(op);
  builder.addPointwise();
  builder.rule.cost.flops = 0;
  if (isa<FloatType>(elementTypeOf(op->getOperand(0))) &&
      isReal(elementTypeOf(op->getResult(0))))
    builder.linearIn({0});
  return builder.build();
}

/// Integer division truncates.
static Rule divideRule(DivOp op) {
  RuleBuilder builder = builderFor(op);
  builder.addPointwise();
  if (isReal(elementTypeOf(op->getResult(0))))
    builder.linearIn({0});
  return builder.build();
}

static Rule multiplyRule(MulOp op) {
  RuleBuilder builder = builderFor(op);
  builder.addPointwise();
  if (isArithmetic(elementTypeOf(op->getResult(0))))
    builder.linearIn({0, 1});
  return builder.build();
}

/// A mask: linear in one branch if the other is zero.
static Rule selectRule(SelectOp op) {
  RuleBuilder builder = builderFor(op);
  builder.addPointwise();
  if (op->getNumOperands() == 3 &&
      isArithmetic(elementTypeOf(op->getResult(0)))) {
    if (isZero(op->getOperand(2)))
      builder.linearIn({1});
    if (isZero(op->getOperand(1)))
      builder.linearIn({2});
  }
  return builder.build();
}

/// A change of the element's width adds or takes a minor dim, which holds the
/// pieces of an element.
static Rule bitcastConvertRule(BitcastConvertOp op) {
  ArrayRef<int64_t> from = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> to = shapeOf(op->getResult(0));
  if (from.size() == to.size())
    return pointwise(op);
  RuleBuilder builder = builderFor(op);
  for (int dim = 0, end = std::min(from.size(), to.size()); dim < end; ++dim)
    if (from[dim] == to[dim])
      builder.add(from[dim], {dim}, {dim});
  return builder.build("holds the pieces of an element");
}

void rules::attachPointwiseRules(MLIRContext *context) {
  attachPointwise<
      AbsOp, AndOp, CeilOp, ClampOp, ClzOp, CompareOp, ComplexOp, FloorOp,
      IsFiniteOp, MapOp, MaxOp, MinOp, NotOp, OrOp, PopulationCountOp,
      ReducePrecisionOp, RemOp, RoundNearestEvenOp, RoundOp, ShiftLeftOp,
      ShiftRightArithmeticOp, ShiftRightLogicalOp, SignOp, SubtractOp, XorOp>(
      context);
  attachTranscendental<Atan2Op, CbrtOp, CosineOp, ExpOp, Expm1Op, Log1pOp,
                       LogOp, LogisticOp, PowOp, RsqrtOp, SineOp, SqrtOp, TanOp,
                       TanhOp>(context);
  attach<AddOp, addRule>(context);
  attach<BitcastConvertOp, bitcastConvertRule>(context);
  attach<ConvertOp, convertRule>(context);
  attach<DivOp, divideRule>(context);
  attach<ImagOp, pointwiseLinear<ImagOp>>(context);
  attach<MulOp, multiplyRule>(context);
  attach<NegOp, pointwiseLinear<NegOp>>(context);
  attach<RealOp, pointwiseLinear<RealOp>>(context);
  attach<SelectOp, selectRule>(context);
}
