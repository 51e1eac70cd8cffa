//===- Composites.cpp - What a composite stands for -----------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/rules/Composites.h"

#include "compiler/dialect/stablehlo/Stablehlo.h"

using namespace mlir;
using namespace partir;

/// As the Python side calls it.
static constexpr StringLiteral kTag = "partir.tag";
/// The attribute of a tag with the name of the value.
static constexpr StringLiteral kTagName = "name";

bool partir::isTagComposite(Operation *op) {
  auto composite = dyn_cast<stablehlo::CompositeOp>(op);
  return composite && composite.getName() == kTag;
}

FailureOr<StringAttr> partir::getTagName(Operation *op) {
  auto composite = cast<stablehlo::CompositeOp>(op);
  DictionaryAttr attributes = composite.getCompositeAttributesAttr();
  auto name = attributes ? attributes.getAs<StringAttr>(kTagName) : nullptr;
  if (!name || name.empty())
    return composite.emitOpError()
           << "is a \"" << kTag
           << "\" without a name; its composite_attributes "
           << "must have a string \"" << kTagName << "\" that is not empty";
  if (op->getNumOperands() != 1 ||
      op->getOperandTypes() != op->getResultTypes())
    return composite.emitOpError()
           << "is a \"" << kTag << "\", which must have one operand and one "
           << "result of its type";
  return name;
}

FlatSymbolRefAttr partir::getDecomposition(Operation *op) {
  auto composite = dyn_cast<stablehlo::CompositeOp>(op);
  return composite ? composite.getDecompositionAttr() : FlatSymbolRefAttr();
}
