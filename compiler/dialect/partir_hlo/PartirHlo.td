//===- PartirHlo.td - PartIR:HLO, the partir_hlo dialect ---*- tablegen -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_PARTIR_HLO_TD
#define PARTIR_DIALECT_PARTIR_HLO_TD

// In the examples below the lists end in `} ]`, with a space that the printer
// does not print: without it they would end the TableGen block.

include "compiler/dialect/partir/PartirBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def PartirHlo_Dialect : Dialect {
  let name = "partir_hlo";
  let cppNamespace = "::partir::hlo";
  let summary = "PartIR:HLO: collectives over named mesh axes";
  let description = [{
    A device-local program: shapes are those of one device, and devices
    exchange values by collectives that name mesh axes. A value that is tiled
    on a dim by the axes [a, b] is in chunks along a, each of them in chunks
    along b: of several axes on one dim the last is minor. The sizes of the
    axes come from the module's `partir.mesh`, which must be there.

    ```mlir
    module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
      func.func @f(%x: tensor<64x16xf32>, %w: tensor<2x16xf32>) -> ... {
        %0 = partir_hlo.all_gather [{"B"}, {} ] %w
            : tensor<2x16xf32> -> tensor<8x16xf32>
        ...
        %2 = partir_hlo.all_reduce add {"M"} %1 : tensor<64x8xf32>
      }
    }
    ```
  }];
  let dependentDialects = ["::partir::PartirDialect"];
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = [{
  private:
    void registerAttributes();
  }];
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

class PartirHlo_Attr<string name, string attrMnemonic>
    : AttrDef<PartirHlo_Dialect, name> {
  let mnemonic = attrMnemonic;
  let hasCustomAssemblyFormat = 1;
}

def PartirHlo_AxesAttr : PartirHlo_Attr<"Axes", "axes"> {
  let summary = "an ordered list of axes, major first";
  let description = [{
    ```mlir
    #partir_hlo.axes<{"B", "M"}>   // in ops: {"B", "M"}
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::partir::AxisAttr">:$axes);
  let extraClassDeclaration = [{
    auto begin() const { return getAxes().begin(); }
    auto end() const { return getAxes().end(); }
    bool empty() const { return getAxes().empty(); }
  }];
}

def PartirHlo_DimAxesAttr : PartirHlo_Attr<"DimAxes", "dim_axes"> {
  let summary = "for each dim of a value the axes on it";
  let description = [{
    ```mlir
    #partir_hlo.dim_axes<[{"B", "M"}, {} ]>   // in ops: [{"B", "M"}, {} ]
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::partir::hlo::AxesAttr">:$dims);
  let builders = [
    AttrBuilder<(ins "::llvm::ArrayRef<::partir::hlo::AxisList>":$dims)>,
  ];
  let extraClassDeclaration = [{
    auto begin() const { return getDims().begin(); }
    auto end() const { return getDims().end(); }
    int64_t getRank() const { return getDims().size(); }
    ::llvm::ArrayRef<::partir::AxisAttr> operator[](int64_t dim) const {
      return getDims()[dim].getAxes();
    }
    /// Whether there is no axis on any dim.
    bool empty() const;
    /// The axes of all dims, in order.
    AxisList getFlatAxes() const;
  }];
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

class PartirHlo_Op<string mnemonic, list<Trait> traits = []>
    : Op<PartirHlo_Dialect, mnemonic, traits> {
  let hasVerifier = 1;
}

def PartirHlo_AllSliceOp : PartirHlo_Op<"all_slice", [Pure]> {
  let summary = "each device keeps its chunk";
  let description = [{
    The operand is the same on all devices along the axes; each keeps the
    chunk at its position. No communication.

    ```mlir
    %y = partir_hlo.all_slice [{"B"}, {} ] %x
        : tensor<256x8xf32> -> tensor<64x8xf32>
    ```
  }];
  let arguments = (ins PartirHlo_DimAxesAttr:$axes,
                       AnyStaticShapeTensor:$operand);
  let results = (outs AnyStaticShapeTensor:$result);
  let builders = [
    OpBuilder<(ins "::mlir::Value":$operand, "::partir::hlo::DimAxesAttr":$axes,
                   "::partir::MeshAttr":$mesh)>,
  ];
  let assemblyFormat = [{
    custom<DimAxes>($axes) $operand attr-dict
    `:` type($operand) `->` type($result)
  }];
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def PartirHlo_AllGatherOp : PartirHlo_Op<"all_gather"> {
  let summary = "joins the chunks of all devices along the axes";
  let description = [{
    The inverse of `all_slice`: the axes are the minor end of those that tile
    each dim of the operand.

    ```mlir
    %y = partir_hlo.all_gather [{"B"}, {} ] %x
        : tensor<64x8xf32> -> tensor<256x8xf32>
    ```

    Two gathers of one value are never merged, for each use of a gathered value
    has its own: between the uses nothing but the chunks is kept, which is how
    ZeRO-3 saves memory. To this end the op allocates its result (a memory
    effect): CSE leaves it alone and it is not hoisted out of loops, but it
    is erased where nothing uses it.
  }];
  let arguments = (ins PartirHlo_DimAxesAttr:$axes,
                       AnyStaticShapeTensor:$operand);
  let results = (outs Res<AnyStaticShapeTensor, "", [MemAlloc]>:$result);
  let builders = [
    OpBuilder<(ins "::mlir::Value":$operand, "::partir::hlo::DimAxesAttr":$axes,
                   "::partir::MeshAttr":$mesh)>,
  ];
  let assemblyFormat = [{
    custom<DimAxes>($axes) $operand attr-dict
    `:` type($operand) `->` type($result)
  }];
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def PartirHlo_AllReduceOp
    : PartirHlo_Op<"all_reduce", [Pure, SameOperandsAndResultType]> {
  let summary = "reduces over all devices along the axes";
  let description = [{
    ```mlir
    %y = partir_hlo.all_reduce add {"M"} %x : tensor<64x8xf32>
    ```
  }];
  let arguments = (ins Partir_ReduceAttr:$reduction, PartirHlo_AxesAttr:$axes,
                       AnyStaticShapeTensor:$operand);
  let results = (outs AnyStaticShapeTensor:$result);
  let assemblyFormat = [{
    custom<Reduction>($reduction) custom<Axes>($axes) $operand attr-dict
    `:` type($result)
  }];
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def PartirHlo_ReduceScatterOp : PartirHlo_Op<"reduce_scatter", [Pure]> {
  let summary = "reduces over the axes; each device keeps its chunk";
  let description = [{
    An `all_reduce` over the axes of all dims, then an `all_slice`.

    ```mlir
    %y = partir_hlo.reduce_scatter add [{}, {"M"} ] %x
        : tensor<64x8xf32> -> tensor<64x4xf32>
    ```
  }];
  let arguments = (ins Partir_ReduceAttr:$reduction,
                       PartirHlo_DimAxesAttr:$axes,
                       AnyStaticShapeTensor:$operand);
  let results = (outs AnyStaticShapeTensor:$result);
  let builders = [
    OpBuilder<(ins "::partir::ReduceAttr":$reduction, "::mlir::Value":$operand,
                   "::partir::hlo::DimAxesAttr":$axes,
                   "::partir::MeshAttr":$mesh)>,
  ];
  let assemblyFormat = [{
    custom<Reduction>($reduction) custom<DimAxes>($axes) $operand attr-dict
    `:` type($operand) `->` type($result)
  }];
  let hasFolder = 1;
}

def PartirHlo_AllToAllOp : PartirHlo_Op<"all_to_all", [Pure]> {
  let summary = "moves axes from one dim to another";
  let description = [{
    An `all_gather` on dim `src`, then an `all_slice` on dim `dst`. The axes
    are the minor end of those that tile `src`, and become that of `dst`.

    ```mlir
    %y = partir_hlo.all_to_all {"M"} dim 0 to 1 %x
        : tensor<64x8xf32> -> tensor<128x4xf32>
    ```
  }];
  let arguments = (ins PartirHlo_AxesAttr:$axes, I64Attr:$src, I64Attr:$dst,
                       AnyStaticShapeTensor:$operand);
  let results = (outs AnyStaticShapeTensor:$result);
  let builders = [
    OpBuilder<(ins "::mlir::Value":$operand, "::partir::hlo::AxesAttr":$axes,
                   "int64_t":$src, "int64_t":$dst, "::partir::MeshAttr":$mesh)>,
  ];
  let assemblyFormat = [{
    custom<Axes>($axes) `dim` $src `to` $dst $operand attr-dict
    `:` type($operand) `->` type($result)
  }];
  let hasFolder = 1;
}

def PartirHlo_CollectivePermuteOp
    : PartirHlo_Op<"collective_permute", [Pure, SameOperandsAndResultType]> {
  let summary = "permutes the axes that tile a value";
  let description = [{
    The operand is tiled as `from` says, the result as `to` says; both have the
    same axes in all, and on each dim the same number of chunks. Each device
    sends its operand to one device and receives from one.

    ```mlir
    %y = partir_hlo.collective_permute [{"B", "M"}, {} ] to [{"M", "B"}, {} ] %x
        : tensor<32x8xf32>
    ```
  }];
  let arguments = (ins PartirHlo_DimAxesAttr:$from, PartirHlo_DimAxesAttr:$to,
                       AnyStaticShapeTensor:$operand);
  let results = (outs AnyStaticShapeTensor:$result);
  let assemblyFormat = [{
    custom<DimAxes>($from) `to` custom<DimAxes>($to) $operand attr-dict
    `:` type($result)
  }];
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// For every device of the mesh as the target, the device that sends to it:
    /// (source, target), by target.
    ::llvm::SmallVector<std::pair<int64_t, int64_t>>
    getSourceTargetPairs(::partir::MeshAttr mesh);
  }];
}

def PartirHlo_WindowOp : PartirHlo_Op<"window", [Pure]> {
  let summary = "each device gets a stretch of a dim that is in chunks";
  let description = [{
    The operand is the device's chunk of a dim that is tiled by the axes. The
    device at position p along them gets the elements [starts[p], starts[p] + L)
    of the dim of the whole value, where L is the size of the dim in the result,
    and zero (or false) where a stretch reaches beyond the dim. What lies on
    other devices is sent: a halo exchange, generalised.

    Here four devices have two rows each, and each gets one more on either side:

    ```mlir
    %y = partir_hlo.window {"B"} dim 0 starts [-1, 1, 3, 5] %x
        : tensor<2x8xf32> -> tensor<4x8xf32>
    ```
  }];
  let arguments = (ins PartirHlo_AxesAttr:$axes, I64Attr:$dim,
                       DenseI64ArrayAttr:$starts,
                       AnyStaticShapeTensor:$operand);
  let results = (outs AnyStaticShapeTensor:$result);
  let builders = [
    OpBuilder<(ins "::mlir::Value":$operand, "::partir::hlo::AxesAttr":$axes,
                   "int64_t":$dim, "::llvm::ArrayRef<int64_t>":$starts,
                   "int64_t":$length)>,
  ];
  let assemblyFormat = [{
    custom<Axes>($axes) `dim` $dim `starts` $starts $operand attr-dict
    `:` type($operand) `->` type($result)
  }];
}

def PartirHlo_AxisIndexOp : PartirHlo_Op<"axis_index", [Pure]> {
  let summary = "the device's position along axes";
  let description = [{
    The number of the device along the listed axes, the first of them major.

    ```mlir
    %i = partir_hlo.axis_index {"B", "M"} : tensor<i32>
    ```
  }];
  let arguments = (ins PartirHlo_AxesAttr:$axes);
  let results = (outs 0DTensorOf<[I32]>:$result);
  let builders = [OpBuilder<(ins "::partir::hlo::AxesAttr":$axes)>];
  let assemblyFormat = "custom<Axes>($axes) attr-dict `:` type($result)";
}

#endif // PARTIR_DIALECT_PARTIR_HLO_TD
