//===- Rules.cpp - Tools for writing rules --------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the rules of several ops have in common.
//
//===----------------------------------------------------------------------===//

#include "compiler/rules/Rules.h"

#include "compiler/dialect/partir_hlo/PartirHlo.h"
#include "compiler/dialect/stablehlo/Stablehlo.h"

using namespace mlir;
using namespace partir;
using engine::Rule;
using engine::RuleBuilder;

RuleBuilder rules::builderFor(Operation *op) {
  SmallVector<ArrayRef<int64_t>, 4> operands, results;
  for (Value operand : op->getOperands())
    operands.push_back(shapeOf(operand));
  for (Value result : op->getResults())
    results.push_back(shapeOf(result));
  return RuleBuilder(operands, results);
}

Rule rules::elementwiseExcept(Operation *op, function_ref<bool(int)> isFree,
                              StringLiteral reason) {
  RuleBuilder builder = builderFor(op);
  if (op->getNumResults() == 0)
    return builder.build(reason);
  ArrayRef<int64_t> shape = shapeOf(op->getResult(0));
  auto dimsFor = [&](auto values, int dim) {
    Dims dims;
    for (Value value : values) {
      ArrayRef<int64_t> other = shapeOf(value);
      bool same = other.size() == shape.size() && other[dim] == shape[dim];
      dims.push_back(same ? dim : RuleBuilder::kNone);
    }
    return dims;
  };
  for (auto [dim, size] : llvm::enumerate(shape)) {
    if (isFree(dim))
      builder.add(size, dimsFor(op->getOperands(), dim),
                  dimsFor(op->getResults(), dim));
    else
      builder.addBlocked(size, dimsFor(op->getOperands(), dim),
                         dimsFor(op->getResults(), dim), reason);
  }
  return builder.build(reason);
}

Rule rules::blocked(Operation *op, StringLiteral reason) {
  return builderFor(op).build(reason);
}

bool rules::isArithmetic(Type elementType) {
  return isReal(elementType) ||
         (isa<IntegerType>(elementType) && !elementType.isInteger(1));
}

bool rules::hasZero(Type elementType) {
  if (auto type = dyn_cast<FloatType>(elementType))
    return APFloat::semanticsHasZero(type.getFloatSemantics());
  return isa<IntegerType, ComplexType>(elementType);
}

bool rules::isReal(Type elementType) {
  return isa<FloatType, ComplexType>(elementType);
}

Value rules::devicePosition(OpBuilder &builder, Location loc,
                            ArrayRef<AxisAttr> axes) {
  return hlo::AxisIndexOp::create(
      builder, loc, hlo::AxesAttr::get(builder.getContext(), axes));
}

Value rules::chunkStart(OpBuilder &builder, Location loc,
                        ArrayRef<AxisAttr> axes, int64_t chunk,
                        IntegerType type) {
  Value position = devicePosition(builder, loc, axes);
  auto scalarType = RankedTensorType::get({}, type);
  if (position.getType() != scalarType)
    position = stablehlo::ConvertOp::create(builder, loc, scalarType, position);
  return stablehlo::MulOp::create(
      builder, loc, scalarType, position,
      integerSplat(builder, loc, scalarType, chunk));
}

Value rules::sliceOnDevices(LocalForm &form, Location loc, Value whole,
                            Type localType,
                            const engine::ValueFactors &factors) {
  MLIRContext *context = form.builder.getContext();
  SmallVector<hlo::AxesAttr> dims;
  for (const engine::DimFactors &dim : factors)
    dims.push_back(hlo::AxesAttr::get(context, form.axesOf(dim)));
  return hlo::AllSliceOp::create(form.builder, loc, localType,
                                 hlo::DimAxesAttr::get(context, dims), whole);
}

Value rules::constant(OpBuilder &builder, Location loc,
                      DenseElementsAttr value) {
  return stablehlo::ConstantOp::create(builder, loc, value.getType(), value);
}

Value rules::integerSplat(OpBuilder &builder, Location loc,
                          RankedTensorType type, int64_t value) {
  Attribute element = builder.getIntegerAttr(type.getElementType(), value);
  return constant(builder, loc, DenseElementsAttr::get(type, element));
}
