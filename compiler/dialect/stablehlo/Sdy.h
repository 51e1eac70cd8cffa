//===- Sdy.h - Attributes of Shardy on StableHLO ops ------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_STABLEHLO_SDY_H
#define PARTIR_DIALECT_STABLEHLO_SDY_H

#include "mlir/IR/Dialect.h"

#include "compiler/dialect/stablehlo/SdyDialect.h.inc"

#endif // PARTIR_DIALECT_STABLEHLO_SDY_H
