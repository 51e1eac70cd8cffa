//===- StablehloBase.td - Dialect, types and op classes ----*- tablegen -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_STABLEHLO_STABLEHLOBASE_TD
#define PARTIR_DIALECT_STABLEHLO_STABLEHLOBASE_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/DialectBase.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

//===----------------------------------------------------------------------===//
// Dialect
//===----------------------------------------------------------------------===//

def Stablehlo_Dialect : Dialect {
  let name = "stablehlo";
  let summary = "Mirror of the StableHLO dialect";
  let description = [{
    The ops, attributes and types of StableHLO, under the names and with the
    attributes that jaxlib prints, so that a module can be read from jaxlib,
    rewritten and handed back. There is no pretty syntax for ops.

    The verifiers check what partition rules index by: ranks, dims, and how
    many operands, results and block arguments go together. All further
    constraints of StableHLO are left to jaxlib, which verifies what it reads.
  }];
  let cppNamespace = "::partir::stablehlo";
  let dependentDialects = ["::partir::sdy::SdyDialect"];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
    void registerOps();
  }];
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

class Stablehlo_Type<string name, string typeMnemonic>
    : TypeDef<Stablehlo_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def Stablehlo_Token : Stablehlo_Type<"Token", "token"> {
  let summary = "orders side effects";
  let description = [{
    A value without contents. An op that takes a token runs after the op that
    made it.
  }];
}

def Stablehlo_Future : Stablehlo_Type<"Future", "future"> {
  let summary = "results of an asynchronous op";
  let description = [{
    What `async_start` returns and `async_done` waits for: the types are those
    of the results to come.
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::Type">:$types);
  let assemblyFormat = "`<` $types `>`";
}

def Stablehlo_Tensor : RankedTensorOf<[AnyType]>;
def Stablehlo_PredTensor : RankedTensorOf<[I1]>;
def Stablehlo_IntTensor : RankedTensorOf<[AnyInteger, Index]>;
def Stablehlo_IntScalar : TensorRankOf<[AnyInteger, Index], [0]>;
def Stablehlo_IntVector : TensorRankOf<[AnyInteger, Index], [1]>;

//===----------------------------------------------------------------------===//
// Attribute constraints
//===----------------------------------------------------------------------===//

class Stablehlo_Flag<string default>
    : DefaultValuedOptionalAttr<BoolAttr, default>;

def Stablehlo_SymbolArrayAttr : TypedArrayAttrBase<
    FlatSymbolRefAttr, "array of function symbols">;
def Stablehlo_LayoutArrayAttr : TypedArrayAttrBase<
    IndexElementsAttr, "array of minor-to-major layouts">;

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

class Stablehlo_Op<string mnemonic, list<Trait> traits = []>
    : Op<Stablehlo_Dialect, mnemonic, traits>;

class Stablehlo_PureOp<string mnemonic, list<Trait> traits = []>
    : Stablehlo_Op<mnemonic, !listconcat([Pure], traits)>;

/// An op that may be dropped when unused, but that is never merged with its
/// like and never moved.
class Stablehlo_DropOnlyOp<string mnemonic, list<Trait> traits = []>
    : Stablehlo_Op<mnemonic, !listconcat([
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>], traits)> {
  let extraClassDefinition = [{
    void $cppClass::getEffects(::llvm::SmallVectorImpl<
        ::mlir::MemoryEffects::EffectInstance> &effects) {
      ::partir::stablehlo::addDropOnlyEffects(getOperation(), effects);
    }
  }];
}

/// An op with regions: it has the effects of what is inside.
class Stablehlo_RegionOp<string mnemonic, list<Trait> traits = []>
    : Stablehlo_Op<mnemonic, !listconcat([
        RecursiveMemoryEffects, RecursivelySpeculatable], traits)>;

#endif // PARTIR_DIALECT_STABLEHLO_STABLEHLOBASE_TD
