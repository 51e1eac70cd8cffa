//===- Chlo.h - Mirror of the chlo dialect ----------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_STABLEHLO_CHLO_H
#define PARTIR_DIALECT_STABLEHLO_CHLO_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "compiler/dialect/stablehlo/ChloDialect.h.inc"

#include "compiler/dialect/stablehlo/ChloEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "compiler/dialect/stablehlo/ChloAttrs.h.inc"

#define GET_OP_CLASSES
#include "compiler/dialect/stablehlo/Chlo.h.inc"

#endif // PARTIR_DIALECT_STABLEHLO_CHLO_H
