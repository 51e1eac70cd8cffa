//===- Sdy.td - Attributes of Shardy on StableHLO ops ------*- tablegen -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_STABLEHLO_SDY_TD
#define PARTIR_DIALECT_STABLEHLO_SDY_TD

include "mlir/IR/DialectBase.td"

def Sdy_Dialect : Dialect {
  let name = "sdy";
  let summary = "Attributes of Shardy, kept as text";
  let description = [{
    JAX puts a rule for Shardy on custom calls (`#sdy.op_sharding_rule<...>`).
    Such attributes pass through as text. Its ops are read without being known.
    A program with meshes of one device only moves nothing: `partir-normalize`
    takes its constraints out. One with larger meshes is sharded already, and is
    refused there, at the op.
  }];
  let cppNamespace = "::partir::sdy";
  let extraClassDeclaration = [{
    ::mlir::Attribute parseAttribute(::mlir::DialectAsmParser &parser,
                                     ::mlir::Type type) const override;
  }];
}

#endif // PARTIR_DIALECT_STABLEHLO_SDY_TD
