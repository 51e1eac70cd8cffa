//===- Stablehlo.td - The whole StableHLO mirror -----------*- tablegen -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_STABLEHLO_STABLEHLO_TD
#define PARTIR_DIALECT_STABLEHLO_STABLEHLO_TD

include "compiler/dialect/stablehlo/StablehloElementwiseOps.td"
include "compiler/dialect/stablehlo/StablehloShapeOps.td"
include "compiler/dialect/stablehlo/StablehloComputeOps.td"
include "compiler/dialect/stablehlo/StablehloControlOps.td"

#endif // PARTIR_DIALECT_STABLEHLO_STABLEHLO_TD
