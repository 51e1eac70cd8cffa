//===- Sdy.cpp - Attributes of Shardy on StableHLO ops --------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Sdy.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectImplementation.h"

using namespace mlir;
using namespace partir::sdy;

#include "compiler/dialect/stablehlo/SdyDialect.cpp.inc"

void SdyDialect::initialize() { allowUnknownOperations(); }

Attribute SdyDialect::parseAttribute(DialectAsmParser &parser, Type) const {
  // MLIR has found where the attribute ends and goes on from there.
  return OpaqueAttr::get(StringAttr::get(getContext(), getNamespace()),
                         parser.getFullSymbolSpec(),
                         NoneType::get(getContext()));
}
