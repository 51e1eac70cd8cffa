//===- Chlo.td - Mirror of the chlo dialect ----------------*- tablegen -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_STABLEHLO_CHLO_TD
#define PARTIR_DIALECT_STABLEHLO_CHLO_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/DialectBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

//===----------------------------------------------------------------------===//
// Dialect and attributes
//===----------------------------------------------------------------------===//

def Chlo_Dialect : Dialect {
  let name = "chlo";
  let summary = "Mirror of the chlo dialect";
  let description = [{
    Functions that StableHLO does not have and that jaxlib expands: JAX keeps
    some of them until XLA. The rules of the `stablehlo` mirror hold.
  }];
  let cppNamespace = "::partir::chlo";
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
    void registerOps();
  }];
}

class Chlo_Enum<string name, string text, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, text, cases> {
  let genSpecializedAttr = 0;
  let cppNamespace = "::partir::chlo";
}

class Chlo_EnumAttr<I32EnumAttr enum, string mnemonic>
    : EnumAttr<Chlo_Dialect, enum, mnemonic>;

def Chlo_ComparisonDirection : Chlo_Enum<
    "ComparisonDirection", "which comparison", [
      I32EnumAttrCase<"EQ", 0>, I32EnumAttrCase<"NE", 1>,
      I32EnumAttrCase<"GE", 2>, I32EnumAttrCase<"GT", 3>,
      I32EnumAttrCase<"LE", 4>, I32EnumAttrCase<"LT", 5>]>;
def Chlo_ComparisonDirectionAttr : Chlo_EnumAttr<
    Chlo_ComparisonDirection, "comparison_direction">;

def Chlo_ComparisonType : Chlo_Enum<
    "ComparisonType", "how elements are ordered", [
      I32EnumAttrCase<"NOTYPE", 0>, I32EnumAttrCase<"FLOAT", 1>,
      I32EnumAttrCase<"TOTALORDER", 2>, I32EnumAttrCase<"SIGNED", 3>,
      I32EnumAttrCase<"UNSIGNED", 4>]>;
def Chlo_ComparisonTypeAttr : Chlo_EnumAttr<
    Chlo_ComparisonType, "comparison_type">;

def Chlo_Precision : Chlo_Enum<
    "Precision", "precision of a contraction's operand", [
      I32EnumAttrCase<"DEFAULT", 0>, I32EnumAttrCase<"HIGH", 1>,
      I32EnumAttrCase<"HIGHEST", 2>]>;
def Chlo_PrecisionAttr : Chlo_EnumAttr<Chlo_Precision, "precision">;
def Chlo_PrecisionConfigAttr : TypedArrayAttrBase<
    Chlo_PrecisionAttr, "precision of each operand">;

def Chlo_Dims : ArrayRefParameter<"int64_t", "dims">;

def Chlo_RaggedDotDimensionNumbers
    : AttrDef<Chlo_Dialect, "RaggedDotDimensionNumbers"> {
  let summary = "dims of a ragged_dot";
  let description = [{
    Those of a `dot_general`, the left dim that groups cut into unequal parts,
    and the right dims that count the groups. Empty lists are not printed.
  }];
  let mnemonic = "ragged_dot";
  let parameters = (ins
    Chlo_Dims:$lhsBatchingDimensions,
    Chlo_Dims:$rhsBatchingDimensions,
    Chlo_Dims:$lhsContractingDimensions,
    Chlo_Dims:$rhsContractingDimensions,
    Chlo_Dims:$lhsRaggedDimensions,
    Chlo_Dims:$rhsGroupDimensions);
  let hasCustomAssemblyFormat = 1;
}

//===----------------------------------------------------------------------===//
// Op classes
//===----------------------------------------------------------------------===//

def Chlo_Tensor : RankedTensorOf<[AnyType]>;
def Chlo_PredTensor : RankedTensorOf<[I1]>;
def Chlo_IntTensor : RankedTensorOf<[AnyInteger]>;

class Chlo_Op<string mnemonic, list<Trait> traits = []>
    : Op<Chlo_Dialect, mnemonic, traits>;

/// An op whose operands and results have one shape.
class Chlo_ElementwiseOp<string mnemonic, string text>
    : Chlo_Op<mnemonic, [Pure, SameOperandsAndResultShape]> {
  let summary = text;
}

class Chlo_UnaryOp<string mnemonic, string text>
    : Chlo_ElementwiseOp<mnemonic, text> {
  let arguments = (ins Chlo_Tensor:$operand);
  let results = (outs Chlo_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$operand), [{
    build($_builder, $_state, operand.getType(), operand);
  }]>];
}

class Chlo_PredicateOp<string mnemonic, string text>
    : Chlo_ElementwiseOp<mnemonic, text> {
  let arguments = (ins Chlo_Tensor:$operand);
  let results = (outs Chlo_PredTensor:$result);
}

/// A binary op that brings its operands to one shape. Dim i of the operand of
/// lower rank is result dim `broadcast_dimensions[i]`; by default the last dims
/// are aligned.
class Chlo_BroadcastOp<string mnemonic, string text>
    : Chlo_Op<mnemonic, [Pure]> {
  let summary = text;
  let arguments = (ins
    Chlo_Tensor:$lhs,
    Chlo_Tensor:$rhs,
    OptionalAttr<DenseI64ArrayAttr>:$broadcast_dimensions);
  let results = (outs Chlo_Tensor:$result);
  let hasVerifier = 1;
}

include "compiler/dialect/stablehlo/ChloOps.td"

#endif // PARTIR_DIALECT_STABLEHLO_CHLO_TD
