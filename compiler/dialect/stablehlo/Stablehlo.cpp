//===- Stablehlo.cpp - The StableHLO dialect and its types ----------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"

#include "compiler/dialect/stablehlo/Sdy.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace partir::stablehlo;

#include "compiler/dialect/stablehlo/StablehloDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "compiler/dialect/stablehlo/StablehloTypes.cpp.inc"

void StablehloDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "compiler/dialect/stablehlo/StablehloTypes.cpp.inc"
      >();
  registerAttributes();
  registerOps();
}

Operation *StablehloDialect::materializeConstant(OpBuilder &builder,
                                                 Attribute value, Type type,
                                                 Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, elements);
}

std::vector<std::pair<std::string, std::vector<std::string>>>
partir::stablehlo::mirroredOps(MLIRContext *context) {
  std::vector<std::pair<std::string, std::vector<std::string>>> ops;
  for (RegisteredOperationName name : context->getRegisteredOperations()) {
    StringRef dialect = name.getDialectNamespace();
    if (dialect != "stablehlo" && dialect != "chlo")
      continue;
    std::vector<std::string> attributes;
    for (StringAttr attribute : name.getAttributeNames())
      attributes.push_back(attribute.str());
    ops.emplace_back(name.getStringRef().str(), std::move(attributes));
  }
  llvm::sort(ops);
  return ops;
}
