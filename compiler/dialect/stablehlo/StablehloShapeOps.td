//===- StablehloShapeOps.td - Ops that move elements -------*- tablegen -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_STABLEHLO_STABLEHLOSHAPEOPS_TD
#define PARTIR_DIALECT_STABLEHLO_STABLEHLOSHAPEOPS_TD

include "compiler/dialect/stablehlo/StablehloAttrs.td"

//===----------------------------------------------------------------------===//
// Sources
//===----------------------------------------------------------------------===//

def Stablehlo_ConstantOp : Stablehlo_PureOp<"constant",
    [ConstantLike, AllTypesMatch<["value", "output"]>]> {
  let summary = "a constant tensor";
  let description = [{The elements are in the attribute.}];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Stablehlo_Tensor:$output);
  let builders = [OpBuilder<(ins "::mlir::ElementsAttr":$value), [{
    build($_builder, $_state, value.getType(), value);
  }]>];
  let hasFolder = 1;
}

def Stablehlo_IotaOp : Stablehlo_PureOp<"iota"> {
  let summary = "positions along a dim";
  let description = [{0, 1, 2, ... along `iota_dimension`, equal elsewhere.}];
  let arguments = (ins I64Attr:$iota_dimension);
  let results = (outs Stablehlo_Tensor:$output);
  let hasVerifier = 1;
}

def Stablehlo_DynamicIotaOp : Stablehlo_PureOp<"dynamic_iota"> {
  let summary = "iota of a shape known at run time";
  let description = [{Like `iota`; the operand holds the sizes.}];
  let arguments = (ins
    Stablehlo_IntVector:$output_shape,
    I64Attr:$iota_dimension);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Shape changes
//===----------------------------------------------------------------------===//

def Stablehlo_BitcastConvertOp : Stablehlo_PureOp<"bitcast_convert"> {
  let summary = "the same bits in another type";
  let description = [{
    If the element types differ in width, a minor dim goes or comes that holds
    the parts of a wide element.
  }];
  let arguments = (ins Stablehlo_Tensor:$operand);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_BroadcastOp : Stablehlo_PureOp<"broadcast"> {
  let summary = "copies along new major dims";
  let description = [{`broadcast_sizes` are put before the operand's dims.}];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    DenseI64ArrayAttr:$broadcast_sizes);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_BroadcastInDimOp : Stablehlo_PureOp<"broadcast_in_dim"> {
  let summary = "copies along chosen dims";
  let description = [{
    Operand dim i becomes result dim `broadcast_dimensions[i]`; it is repeated
    there if its size is 1, as is everything along the other result dims.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    DenseI64ArrayAttr:$broadcast_dimensions);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_DynamicBroadcastInDimOp
    : Stablehlo_PureOp<"dynamic_broadcast_in_dim"> {
  let summary = "broadcast_in_dim to a shape known at run time";
  let description = [{
    `output_dimensions` holds the result's sizes; the lists of known dims say
    which operand dims are certain to be repeated, or certain not to be.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    Stablehlo_IntVector:$output_dimensions,
    DenseI64ArrayAttr:$broadcast_dimensions,
    OptionalAttr<DenseI64ArrayAttr>:$known_expanding_dimensions,
    OptionalAttr<DenseI64ArrayAttr>:$known_nonexpanding_dimensions);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_ReshapeOp : Stablehlo_PureOp<"reshape"> {
  let summary = "the same elements in another shape";
  let description = [{Row-major order of the elements stays.}];
  let arguments = (ins Stablehlo_Tensor:$operand);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_DynamicReshapeOp : Stablehlo_PureOp<"dynamic_reshape"> {
  let summary = "reshape to a shape known at run time";
  let description = [{`output_shape` holds the result's sizes.}];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    Stablehlo_IntVector:$output_shape);
  let results = (outs Stablehlo_Tensor:$result);
}

def Stablehlo_TransposeOp : Stablehlo_PureOp<"transpose"> {
  let summary = "reorder dims";
  let description = [{Result dim i is operand dim `permutation[i]`.}];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    DenseI64ArrayAttr:$permutation);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_ReverseOp : Stablehlo_PureOp<"reverse",
    [SameOperandsAndResultShape]> {
  let summary = "reverse the order along dims";
  let description = [{The last element along each named dim comes first.}];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    DenseI64ArrayAttr:$dimensions);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_ConcatenateOp : Stablehlo_PureOp<"concatenate"> {
  let summary = "put tensors one after another";
  let description = [{Along `dimension`; all other sizes are equal.}];
  let arguments = (ins
    Variadic<Stablehlo_Tensor>:$inputs,
    I64Attr:$dimension);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_PadOp : Stablehlo_PureOp<"pad"> {
  let summary = "padding around and between elements";
  let description = [{
    Per dim: so many padding values before, after, and between two neighbours.
    Negative edges cut elements off.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    Stablehlo_Tensor:$padding_value,
    DenseI64ArrayAttr:$edge_padding_low,
    DenseI64ArrayAttr:$edge_padding_high,
    DenseI64ArrayAttr:$interior_padding);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_DynamicPadOp : Stablehlo_PureOp<"dynamic_pad"> {
  let summary = "pad by amounts known at run time";
  let description = [{Like `pad`; the amounts are operands.}];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    Stablehlo_Tensor:$padding_value,
    Stablehlo_IntVector:$edge_padding_low,
    Stablehlo_IntVector:$edge_padding_high,
    Stablehlo_IntVector:$interior_padding);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

def Stablehlo_SliceOp : Stablehlo_PureOp<"slice"> {
  let summary = "part of a tensor, at a fixed place";
  let description = [{Per dim: from start, before limit, each stride-th.}];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    DenseI64ArrayAttr:$start_indices,
    DenseI64ArrayAttr:$limit_indices,
    DenseI64ArrayAttr:$strides);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_DynamicSliceOp : Stablehlo_PureOp<"dynamic_slice"> {
  let summary = "part of a tensor, at a computed place";
  let description = [{
    One scalar start per dim; a start is moved so that the slice fits.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    Variadic<Stablehlo_IntScalar>:$start_indices,
    DenseI64ArrayAttr:$slice_sizes);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_DynamicUpdateSliceOp : Stablehlo_PureOp<"dynamic_update_slice"> {
  let summary = "replace part of a tensor, at a computed place";
  let description = [{
    The operand with `update` written at the starts, which are moved so that it
    fits.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    Stablehlo_Tensor:$update,
    Variadic<Stablehlo_IntScalar>:$start_indices);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_RealDynamicSliceOp : Stablehlo_PureOp<"real_dynamic_slice"> {
  let summary = "slice with bounds known at run time";
  let description = [{Like `slice`; starts, limits and strides are operands.}];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    Stablehlo_IntVector:$start_indices,
    Stablehlo_IntVector:$limit_indices,
    Stablehlo_IntVector:$strides);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Indexing
//===----------------------------------------------------------------------===//

def Stablehlo_GatherOp : Stablehlo_PureOp<"gather"> {
  let summary = "slices at many places";
  let description = [{
    One slice of the operand per index vector; the dimension numbers place them
    in the result. Starts are moved so that slices fit.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    Stablehlo_IntTensor:$start_indices,
    Stablehlo_GatherDimensionNumbers:$dimension_numbers,
    DenseI64ArrayAttr:$slice_sizes,
    Stablehlo_Flag<"false">:$indices_are_sorted);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_DynamicGatherOp : Stablehlo_PureOp<"dynamic_gather"> {
  let summary = "gather with slice sizes known at run time";
  let description = [{Like `gather`; the sizes are an operand.}];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    Stablehlo_IntTensor:$start_indices,
    Stablehlo_IntVector:$slice_sizes,
    Stablehlo_GatherDimensionNumbers:$dimension_numbers,
    Stablehlo_Flag<"false">:$indices_are_sorted);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_ScatterOp : Stablehlo_RegionOp<"scatter",
    [SameVariadicOperandSize, SingleBlock]> {
  let summary = "combine updates into a tensor at many places";
  let description = [{
    One window of the inputs per index vector; its elements and those of the
    updates go through the computation. Updates that do not fit are dropped.
  }];
  let arguments = (ins
    Variadic<Stablehlo_Tensor>:$inputs,
    Stablehlo_IntTensor:$scatter_indices,
    Variadic<Stablehlo_Tensor>:$updates,
    Stablehlo_ScatterDimensionNumbers:$scatter_dimension_numbers,
    Stablehlo_Flag<"false">:$indices_are_sorted,
    Stablehlo_Flag<"false">:$unique_indices);
  let regions = (region SizedRegion<1>:$update_computation);
  let results = (outs Variadic<Stablehlo_Tensor>);
  let hasVerifier = 1;
}

def Stablehlo_TorchIndexSelectOp : Stablehlo_PureOp<"torch_index_select"> {
  let summary = "entries of a dim by their positions";
  let description = [{
    The entries of `dim` that `index` lists, separately for each position in
    the first `batch_dims` dims.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    Stablehlo_IntTensor:$index,
    I64Attr:$dim,
    I64Attr:$batch_dims);
  let results = (outs Stablehlo_Tensor:$result);
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

def Stablehlo_GetDimensionSizeOp : Stablehlo_PureOp<"get_dimension_size"> {
  let summary = "size of a dim";
  let description = [{A scalar, known at run time.}];
  let arguments = (ins Stablehlo_Tensor:$operand, I64Attr:$dimension);
  let results = (outs Stablehlo_IntScalar:$result);
  let hasVerifier = 1;
}

def Stablehlo_SetDimensionSizeOp : Stablehlo_PureOp<"set_dimension_size"> {
  let summary = "make a dim dynamic";
  let description = [{Only the first `size` entries of the dim count.}];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    Stablehlo_IntScalar:$size,
    I64Attr:$dimension);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

#endif // PARTIR_DIALECT_STABLEHLO_STABLEHLOSHAPEOPS_TD
