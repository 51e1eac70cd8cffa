//===- Stablehlo.h - Mirror of the StableHLO dialect ------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_STABLEHLO_STABLEHLO_H
#define PARTIR_DIALECT_STABLEHLO_STABLEHLO_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <string>
#include <utility>
#include <vector>

#include "compiler/dialect/stablehlo/StablehloDialect.h.inc"

#include "compiler/dialect/stablehlo/StablehloEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "compiler/dialect/stablehlo/StablehloAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "compiler/dialect/stablehlo/StablehloTypes.h.inc"

#define GET_OP_CLASSES
#include "compiler/dialect/stablehlo/Stablehlo.h.inc"

namespace partir::stablehlo {

/// The ops of the stablehlo and chlo dialects that are loaded in the context,
/// sorted by name, each with the names of its inherent attributes. A test
/// compares them with jaxlib's.
std::vector<std::pair<std::string, std::vector<std::string>>>
mirroredOps(mlir::MLIRContext *context);

} // namespace partir::stablehlo

#endif // PARTIR_DIALECT_STABLEHLO_STABLEHLO_H
