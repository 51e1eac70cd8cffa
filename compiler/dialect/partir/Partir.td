//===- Partir.td - Ops of PartIR:Core ----------------------*- tablegen -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_PARTIR_TD
#define PARTIR_DIALECT_PARTIR_TD

include "compiler/dialect/partir/PartirBase.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Partir_Op<string mnemonic, list<Trait> traits = []>
    : Op<Partir_Dialect, mnemonic, traits>;

def Partir_LoopOp : Partir_Op<"loop", [
    RecursiveMemoryEffects, RecursivelySpeculatable,
    SingleBlockImplicitTerminator<"YieldOp">,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>,
  ]> {
  let summary = "parallel functional loop over a mesh axis";
  let description = [{
    Runs its body once for each number in the range of the axis and joins the
    yielded values, each by its action, to the results. There is no order of
    iteration. The body uses values from outside freely.

    ```mlir
    %y = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>)
        -> tensor<256x16xf32> {
      %xs = partir.slice 0 %x[%rB] : tensor<256x16xf32> -> tensor<64x16xf32>
      partir.yield %xs : tensor<64x16xf32>
    }
    ```

    This one is an identity loop: it says that `%x` is tiled. An axis does not
    nest in itself; of two axes that tile one dim the inner one is minor.
  }];
  let arguments = (ins Partir_AxisAttr:$axis,
                       TypedArrayAttrBase<Partir_ActionAttr,
                                          "an array of actions">:$actions);
  let results = (outs Variadic<AnyStaticShapeTensor>:$results);
  let regions = (region SizedRegion<1>:$region);
  let skipDefaultBuilders = 1;
  let builders = [
    OpBuilder<(ins "::mlir::TypeRange":$resultTypes, "::partir::AxisAttr":$axis,
                   "int64_t":$size,
                   "::llvm::ArrayRef<::partir::ActionAttr>":$actions,
                   CArg<"::llvm::function_ref<void(::mlir::OpBuilder &, "
                        "::mlir::Location, ::mlir::BlockArgument)>",
                        "nullptr">:$buildBody)>,
  ];
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::BlockArgument getRange() { return getBody()->getArgument(0); }
    /// The number of iterations.
    int64_t getSize() {
      return ::llvm::cast<RangeType>(getRange().getType()).getSize();
    }
    ActionAttr getAction(unsigned result) {
      return ::llvm::cast<ActionAttr>(getActions()[result]);
    }
    YieldOp getYield();
    /// The value from outside that an identity loop yields again, tiled or
    /// whole; null for every other loop. Looks through a nest.
    ::mlir::Value getIdentitySource();
  }];
}

def Partir_SliceOp : Partir_Op<"slice", [Pure]> {
  let summary = "one of n equal chunks of a tensor";
  let description = [{
    The `r`-th of the n equal chunks of a value on a dim, where `r` is the
    range of the enclosing loop over an axis of size n.

    ```mlir
    %xs = partir.slice 0 %x[%rB] : tensor<256x8xf32> -> tensor<64x8xf32>
    ```
  }];
  let arguments = (ins I64Attr:$dim, AnyStaticShapeTensor:$operand,
                       Partir_RangeType:$index);
  let results = (outs AnyStaticShapeTensor:$result);
  let builders = [
    OpBuilder<(ins "::mlir::Value":$operand, "int64_t":$dim,
                   "::mlir::Value":$index)>,
  ];
  let assemblyFormat = [{
    $dim $operand `[` $index `]` attr-dict `:`
    custom<SliceTypes>(type($operand), type($index), type($result), ref($dim))
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The loop whose range is the index.
    LoopOp getLoop();
    AxisAttr getAxis();
  }];
}

def Partir_OnceOp : Partir_Op<"once", [
    Pure, AllTypesMatch<["operand", "result"]>]> {
  let summary = "a value that enters a reduction over loops once";
  let description = [{
    The value in the first iteration of the enclosing loops whose ranges are
    listed, and the neutral element of the reduction in all others: where these
    loops reduce what is made of it, it takes part once.

    ```mlir
    %y = partir.loop "B" [#partir.reduce<add>] (%rB: !partir.range<4>)
        -> tensor<8xf32> {
      %us = partir.slice 0 %updates[%rB] : tensor<16xf32> -> tensor<4xf32>
      %is = partir.slice 0 %indices[%rB] : tensor<16x1xi32> -> tensor<4x1xi32>
      %x1 = partir.once <add> %x[%rB] : tensor<8xf32>, !partir.range<4>
      %ys = "stablehlo.scatter"(%x1, %is, %us) ...
      partir.yield %ys : tensor<8xf32>
    }
    ```
  }];
  let arguments = (ins Partir_ReduceAttr:$reduction,
                       AnyStaticShapeTensor:$operand,
                       Variadic<Partir_RangeType>:$indices);
  let results = (outs AnyStaticShapeTensor:$result);
  let assemblyFormat = [{
    $reduction $operand `[` $indices `]` attr-dict
    `:` type($operand) `,` type($indices)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The loop over whose range index `number` runs.
    LoopOp getLoop(unsigned number);
  }];
}

def Partir_PlaceOp : Partir_Op<"place", [Pure]> {
  let summary = "a chunk at its place in the whole, zero elsewhere";
  let description = [{
    The counterpart of `partir.slice`: a tensor that holds the chunk where the
    enclosing loops cut it off, and zero (false) in the place of all others. The
    ranges of the loops that cut the dim are listed, major first. An op that is
    linear in what is placed reads a part of it in each iteration, and the
    parts add up to what it reads of the whole.

    ```mlir
    %y = partir.loop "B" [#partir.reduce<add>] (%rB: !partir.range<4>)
        -> tensor<16x8xf32> {
      %xs = partir.slice 0 %x[%rB] : tensor<256x8xf32> -> tensor<64x8xf32>
      %xp = partir.place 0 %xs[%rB]
          : tensor<64x8xf32>, !partir.range<4> -> tensor<256x8xf32>
      %ys = "stablehlo.gather"(%xp, %indices) ...
      partir.yield %ys : tensor<16x8xf32>
    }
    ```
  }];
  let arguments = (ins I64Attr:$dim, AnyStaticShapeTensor:$operand,
                       Variadic<Partir_RangeType>:$indices);
  let results = (outs AnyStaticShapeTensor:$result);
  let builders = [
    OpBuilder<(ins "::mlir::Value":$operand, "int64_t":$dim,
                   "::mlir::ValueRange":$indices)>,
  ];
  let assemblyFormat = [{
    $dim $operand `[` $indices `]` attr-dict
    `:` type($operand) `,` type($indices) `->` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// How many chunks of the operand's size make the whole.
    int64_t getNumChunks();
  }];
}

def Partir_YieldOp : Partir_Op<"yield", [
    Pure, Terminator, HasParent<"LoopOp">]> {
  let summary = "ends the body of a loop with its values";
  let description = [{
    ```mlir
    partir.yield %a, %b : tensor<64x16xf32>, tensor<8xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyStaticShapeTensor>:$values);
  let builders = [OpBuilder<(ins), [{}]>];
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

def Partir_CarryOp : Partir_Op<"carry", [Pure, SameOperandsAndResultType]> {
  let summary = "says which input a result of the program becomes";
  let description = [{
    The identity on `next`. The program is a step that is run again and again:
    the value is a result of it, and the next step gets it as `input`, so it
    leaves the program in the tiling in which the input enters.

    ```mlir
    %r = partir.carry %next as %input : tensor<256x16xf32>
    ```
  }];
  let arguments = (ins AnyStaticShapeTensor:$next, AnyStaticShapeTensor:$input);
  let results = (outs AnyStaticShapeTensor:$result);
  let assemblyFormat = "$next `as` $input attr-dict `:` type($result)";
}

def Partir_TagOp : Partir_Op<"tag", [Pure, SameOperandsAndResultType]> {
  let summary = "names an internal value";
  let description = [{
    The identity. A tactic addresses the value by the name; a name that occurs
    several times addresses all of them.

    ```mlir
    %y = partir.tag "hidden" %x : tensor<256x16xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name, AnyStaticShapeTensor:$operand);
  let results = (outs AnyStaticShapeTensor:$result);
  let assemblyFormat = "$name $operand attr-dict `:` type($result)";
  let hasVerifier = 1;
}

#endif // PARTIR_DIALECT_PARTIR_TD
