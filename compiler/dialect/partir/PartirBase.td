//===- PartirBase.td - Types and attributes of PartIR:Core -*- tablegen -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_PARTIR_BASE_TD
#define PARTIR_DIALECT_PARTIR_BASE_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Partir_Dialect : Dialect {
  let name = "partir";
  let cppNamespace = "::partir";
  let summary = "PartIR:Core: parallel functional loops over mesh axes";
  let description = [{
    A partitioned program that still has global semantics. Ops of other
    dialects stand inside loops over the axes of a device mesh; inside a loop
    shapes are smaller, outside they are global.

    ```mlir
    module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
      func.func @main(%x: tensor<256x8xf32>, %w: tensor<8x16xf32>)
          -> tensor<256x16xf32> {
        %y = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>)
            -> tensor<256x16xf32> {
          %xs = partir.slice 0 %x[%rB] : tensor<256x8xf32> -> tensor<64x8xf32>
          %ys = "stablehlo.dot_general"(%xs, %w) ...
              : (tensor<64x8xf32>, tensor<8x16xf32>) -> tensor<64x16xf32>
          partir.yield %ys : tensor<64x16xf32>
        }
        return %y : tensor<256x16xf32>
      }
    }
    ```

    A loop has no order of iteration: its iterations run one after another
    (the reference semantics) or on devices in parallel (SPMD), with the same
    numbers. The loops are the state of partitioning, so the dialect has no
    pattern or folder that would dissolve one, an identity loop included.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let extraClassDeclaration = [{
    /// The attribute of a module that holds its mesh.
    static constexpr ::llvm::StringLiteral getMeshAttrName() {
      return ::llvm::StringLiteral("partir.mesh");
    }
    /// The attribute of an argument of the program that holds what a user
    /// calls it.
    static constexpr ::llvm::StringLiteral getNameAttrName() {
      return ::llvm::StringLiteral("partir.name");
    }
    /// The attribute of a result of the program that holds the number of the
    /// input that it becomes; see `partir.carry`.
    static constexpr ::llvm::StringLiteral getCarryAttrName() {
      return ::llvm::StringLiteral("partir.carry");
    }
    /// The attribute of a module that holds the partition rules of custom
    /// calls, as text by target.
    static constexpr ::llvm::StringLiteral getRulesAttrName() {
      return ::llvm::StringLiteral("partir.rules");
    }

  private:
    void registerAttributes();
    void registerTypes();
  }];
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

class Partir_Type<string name, string typeMnemonic, list<Trait> traits = []>
    : TypeDef<Partir_Dialect, name, traits> {
  let mnemonic = typeMnemonic;
}

def Partir_RangeType : Partir_Type<"Range", "range"> {
  let summary = "the iteration of a loop over a mesh axis";
  let description = [{
    The type of a loop's block argument: one of the numbers 0 to `size` - 1,
    where `size` is the size of the loop's axis. A `partir.slice` uses it.

    ```mlir
    !partir.range<4>
    ```
  }];
  let parameters = (ins "int64_t":$size);
  let assemblyFormat = "`<` $size `>`";
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

class Partir_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<Partir_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

def Partir_AxisAttr : Partir_Attr<"Axis", "axis"> {
  let summary = "a mesh axis or a part of one";
  let description = [{
    An axis of size n, or a part of it: the part `(m)k` of the axis is the
    middle of [m, k, n / (m * k)], as which the axis is viewed, major first.
    A whole axis has `majorSize` 1 and `size` 0. Inside ops and other
    attributes an axis is written bare.

    ```mlir
    #partir.axis<"B">        // bare: "B"
    #partir.axis<"B":(1)2>   // bare: "B":(1)2, the major half of B
    ```
  }];
  let parameters = (ins StringRefParameter<"the name in the mesh">:$name,
                        "int64_t":$majorSize, "int64_t":$size);
  let builders = [
    AttrBuilder<(ins "::llvm::StringRef":$name), [{
      return $_get($_ctxt, name, 1, 0);
    }]>,
  ];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    bool isWhole() const { return getSize() == 0; }
    /// The part ends before what comes after it begins: majorSize * size.
    /// Not for a whole axis, whose size is the mesh's.
    int64_t getMinorBound() const { return getMajorSize() * getSize(); }
    /// Whether the two have a part of an axis in common.
    bool overlaps(AxisAttr other) const;
    /// The bare spelling.
    std::string str() const;
  }];
}

def Partir_MeshAttr : Partir_Attr<"Mesh", "mesh"> {
  let summary = "the device mesh: ordered axes with their sizes";
  let description = [{
    The devices are numbered row-major: the last axis runs fastest. A module
    holds its mesh in the attribute `partir.mesh`.

    ```mlir
    module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {}
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::StringAttr">:$names,
                        ArrayRefParameter<"int64_t">:$sizes);
  let builders = [
    AttrBuilder<(ins
      "::llvm::ArrayRef<std::pair<::llvm::StringRef, int64_t>>":$axes)>,
  ];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The size of the axis of that name; 0 where the mesh has none.
    int64_t getAxisSize(::llvm::StringRef name) const;
    /// The number of iterations of a loop over the axis or part of one.
    int64_t getSize(AxisAttr axis) const;
    /// The product of the sizes of several axes.
    int64_t getSize(::llvm::ArrayRef<AxisAttr> axes) const;
    int64_t getNumDevices() const;
    /// How far apart in the device numbers two neighbours along `axis` are.
    int64_t getStride(AxisAttr axis) const;
    /// The coordinate of a device along `axis`.
    int64_t getCoordinate(int64_t device, AxisAttr axis) const;
    /// The position of a device along several axes, major first.
    int64_t getPosition(int64_t device, ::llvm::ArrayRef<AxisAttr> axes) const;
    /// The devices in groups that differ along `axes` only: each group in the
    /// order of the positions along `axes`, the groups by their first device.
    ::llvm::SmallVector<::llvm::SmallVector<int64_t>>
    getGroups(::llvm::ArrayRef<AxisAttr> axes) const;
    /// The part of an axis in its one spelling: the whole axis if it is that.
    AxisAttr getPart(::llvm::StringRef name, int64_t majorSize,
                     int64_t size) const;
    /// Says what is wrong with the axis if the mesh has no such axis or part.
    ::llvm::LogicalResult verifyAxis(
        AxisAttr axis,
        ::llvm::function_ref<::mlir::InFlightDiagnostic()> emitError) const;
  }];
}

def Partir_TileAttr : Partir_Attr<"Tile", "tile"> {
  let summary = "action: the iterations' values are concatenated on a dim";
  let description = [{
    ```mlir
    #partir.tile<0>
    ```
  }];
  let parameters = (ins "int64_t":$dim);
  let assemblyFormat = "`<` $dim `>`";
  let genVerifyDecl = 1;
}

def Partir_ReduceKind : I32Enum<"ReduceKind", "the monoid of a reduction", [
  I32EnumCase<"Add", 0, "add">, I32EnumCase<"Max", 1, "max">,
  I32EnumCase<"Min", 2, "min">, I32EnumCase<"Mul", 3, "mul">,
  I32EnumCase<"And", 4, "and">, I32EnumCase<"Or", 5, "or">,
  I32EnumCase<"Joint", 6, "joint">,
]> {
  let cppNamespace = "::partir";
}

def Partir_ReduceAttr : Partir_Attr<"Reduce", "reduce"> {
  let summary = "action: the iterations' values are reduced";
  let description = [{
    One of add, max, min, mul; and, or of booleans; joint: the op in the loop
    reduces all the loop's results together, as for the largest element and its
    index. It computes them from the iterations' values once more.

    ```mlir
    #partir.reduce<add>
    ```
  }];
  let parameters = (ins EnumParameter<Partir_ReduceKind>:$kind);
  let assemblyFormat = "`<` $kind `>`";
  let extraClassDeclaration = [{
    /// And and or, which are for booleans.
    bool isLogical() const {
      return getKind() == ReduceKind::And || getKind() == ReduceKind::Or;
    }
  }];
}

def Partir_AnyAttr : Partir_Attr<"Any", "any"> {
  let summary = "action: the iterations' values are equal; any may be taken";
  let description = [{
    A loop with this action keeps its value whole: the value is atomic on the
    loop's axis, and no op may slice it there.

    ```mlir
    #partir.any
    ```
  }];
}

def Partir_ActionAttr
    : AnyAttrOf<[Partir_TileAttr, Partir_ReduceAttr, Partir_AnyAttr],
                "an action (#partir.tile, #partir.reduce or #partir.any)",
                "::partir::ActionAttr">;

def Partir_CauseAttr : Partir_Attr<"Cause", "cause"> {
  let summary = "why a loop exists";
  let description = [{
    The tactic, the number of the decision, and the number of the decision that
    led to it (-1 if a user's action did). It is the metadata of a fused location
    on the loop that was decided, so that every pass can print the chain back to
    the action.

    ```mlir
    loc(fused<#partir.cause<"BP", 3, 1>>["model.py":12:3])
    ```
  }];
  let parameters = (ins StringRefParameter<"the tactic's name">:$tactic,
                        "int64_t":$number, "int64_t":$parent);
  let assemblyFormat = "`<` $tactic `,` $number `,` $parent `>`";
  let genVerifyDecl = 1;
}

#endif // PARTIR_DIALECT_PARTIR_BASE_TD
