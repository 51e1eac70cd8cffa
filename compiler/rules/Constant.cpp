//===- Constant.cpp - The rule of constants -------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A splat is retyped; of other constants each device takes its chunk.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Chlo.h"
#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

template <typename OpT> static bool isSplat(OpT op) {
  auto elements = dyn_cast<DenseElementsAttr>(op.getValue());
  return elements && !elements.empty() && elements.isSplat();
}

/// Whether all elements are zero, of either sign.
template <typename OpT> static bool isZeroSplat(OpT op) {
  if (!isSplat(op))
    return false;
  auto elements = cast<DenseElementsAttr>(op.getValue());
  Type type = elements.getElementType();
  if (isa<IntegerType>(type))
    return elements.template getSplatValue<APInt>().isZero();
  if (isa<FloatType>(type))
    return elements.template getSplatValue<APFloat>().isZero();
  auto complex = dyn_cast<ComplexType>(type);
  if (!complex || !isa<FloatType>(complex.getElementType()))
    return false;
  auto value = elements.template getSplatValue<std::complex<APFloat>>();
  return value.real().isZero() && value.imag().isZero();
}

template <typename OpT> static Rule constantRule(OpT op) {
  RuleBuilder builder = builderFor(op);
  for (auto [dim, size] : llvm::enumerate(shapeOf(op->getResult(0))))
    builder.add(size, {}, {static_cast<int>(dim)});
  builder.rule.isCheap = isSplat(op);
  builder.rule.isZero = isZeroSplat(op);
  return builder.build();
}

template <typename OpT>
static LocalResults constantLocal(OpT op, LocalForm &form) {
  auto type = dyn_cast<RankedTensorType>(form.resultTypes.front());
  if (!type || type == op->getResult(0).getType())
    return cloneLocal(op, form);
  if (isSplat(op)) {
    auto whole = cast<DenseElementsAttr>(op.getValue());
    FailureOr<SmallVector<Value>> local = cloneLocal(op, form);
    if (succeeded(local))
      local->front().getDefiningOp<OpT>().setValueAttr(whole.resizeSplat(type));
    return local;
  }
  Value whole = form.builder.clone(*op)->getResult(0);
  return SmallVector<Value>{sliceOnDevices(form, op->getLoc(), whole, type,
                                           form.rule.results.front())};
}

template <typename OpT> static void attachConstant(MLIRContext *context) {
  attach<OpT, constantRule<OpT>, constantLocal<OpT>>(context);
}

void rules::attachConstantRules(MLIRContext *context) {
  attachConstant<stablehlo::ConstantOp>(context);
}

void rules::attachChloConstantRules(MLIRContext *context) {
  attachConstant<chlo::ConstantOp>(context);
}
