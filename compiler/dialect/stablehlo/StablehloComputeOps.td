//===- StablehloComputeOps.td - Contractions, reductions ---*- tablegen -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_STABLEHLO_STABLEHLOCOMPUTEOPS_TD
#define PARTIR_DIALECT_STABLEHLO_STABLEHLOCOMPUTEOPS_TD

include "compiler/dialect/stablehlo/StablehloAttrs.td"

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

def Stablehlo_DotGeneralOp : Stablehlo_PureOp<"dot_general"> {
  let summary = "contraction of two tensors";
  let description = [{
    Sums products over the contracting dims. The result's dims are the batching
    dims, then the free dims of the left operand, then those of the right.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$lhs,
    Stablehlo_Tensor:$rhs,
    Stablehlo_DotDimensionNumbers:$dot_dimension_numbers,
    OptionalAttr<Stablehlo_PrecisionConfigAttr>:$precision_config,
    OptionalAttr<Stablehlo_DotAlgorithm>:$algorithm);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_DotOp : Stablehlo_PureOp<"dot"> {
  let summary = "product of vectors and matrices";
  let description = [{
    Contracts the last dim of the left operand with the first of the right.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$lhs,
    Stablehlo_Tensor:$rhs,
    OptionalAttr<Stablehlo_PrecisionConfigAttr>:$precision_config);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_EinsumOp : Stablehlo_PureOp<"einsum"> {
  let summary = "contraction written as an einsum";
  let description = [{For example `"bij,bjk->bik"`.}];
  let arguments = (ins
    Stablehlo_Tensor:$lhs,
    Stablehlo_Tensor:$rhs,
    StrAttr:$einsum_config);
  let results = (outs Stablehlo_Tensor:$result);
}

def Stablehlo_UnaryEinsumOp : Stablehlo_PureOp<"unary_einsum"> {
  let summary = "einsum of one operand";
  let description = [{For example `"ij->i"`.}];
  let arguments = (ins Stablehlo_Tensor:$operand, StrAttr:$einsum_config);
  let results = (outs Stablehlo_Tensor:$result);
}

defvar convolutionArguments = (ins
    OptionalAttr<DenseI64ArrayAttr>:$lhs_dilation,
    OptionalAttr<DenseI64ArrayAttr>:$rhs_dilation,
    OptionalAttr<DenseBoolArrayAttr>:$window_reversal,
    Stablehlo_ConvDimensionNumbers:$dimension_numbers,
    I64Attr:$feature_group_count,
    I64Attr:$batch_group_count,
    OptionalAttr<Stablehlo_PrecisionConfigAttr>:$precision_config);

def Stablehlo_ConvolutionOp : Stablehlo_PureOp<"convolution"> {
  let summary = "convolution";
  let description = [{
    Slides the kernel over the spatial dims of the input and contracts input
    features, in groups of features or of batches. Strides, dilations, padding
    and reversal have one entry per spatial dim; an absent list means no
    stride, dilation, padding or reversal.
  }];
  let arguments = !con((ins
    Stablehlo_Tensor:$lhs,
    Stablehlo_Tensor:$rhs,
    OptionalAttr<DenseI64ArrayAttr>:$window_strides,
    OptionalAttr<I64ElementsAttr>:$padding), convolutionArguments);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_DynamicConvOp : Stablehlo_PureOp<"dynamic_conv"> {
  let summary = "convolution with padding known at run time";
  let description = [{Like `convolution`; the padding is an operand.}];
  let arguments = !con((ins
    Stablehlo_Tensor:$lhs,
    Stablehlo_Tensor:$rhs,
    Stablehlo_IntTensor:$padding,
    OptionalAttr<DenseI64ArrayAttr>:$window_strides), convolutionArguments);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Reductions and windows
//===----------------------------------------------------------------------===//

def Stablehlo_ReduceOp : Stablehlo_RegionOp<"reduce",
    [SameVariadicOperandSize, SingleBlock]> {
  let summary = "reduction over dims";
  let description = [{
    Combines the elements along `dimensions` with the body, which must be
    associative; several inputs are reduced together. Whether an init value
    enters once or often is not defined.
  }];
  let arguments = (ins
    Variadic<Stablehlo_Tensor>:$inputs,
    Variadic<Stablehlo_Tensor>:$init_values,
    DenseI64ArrayAttr:$dimensions);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Variadic<Stablehlo_Tensor>);
  let hasVerifier = 1;
}

def Stablehlo_ReduceWindowOp : Stablehlo_RegionOp<"reduce_window",
    [SameVariadicOperandSize, SingleBlock]> {
  let summary = "reduction in a sliding window";
  let description = [{
    Each result element is the reduction of one window. All lists have one
    entry per dim; an absent list means no stride, dilation or padding.
  }];
  let arguments = (ins
    Variadic<Stablehlo_Tensor>:$inputs,
    Variadic<Stablehlo_Tensor>:$init_values,
    DenseI64ArrayAttr:$window_dimensions,
    OptionalAttr<DenseI64ArrayAttr>:$window_strides,
    OptionalAttr<DenseI64ArrayAttr>:$base_dilations,
    OptionalAttr<DenseI64ArrayAttr>:$window_dilations,
    OptionalAttr<I64ElementsAttr>:$padding);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Variadic<Stablehlo_Tensor>);
  let hasVerifier = 1;
}

def Stablehlo_SelectAndScatterOp
    : Stablehlo_RegionOp<"select_and_scatter", [SingleBlock]> {
  let summary = "gradient of a pooling";
  let description = [{
    In each window of the operand `select` chooses an element; there the
    window's value of `source` is added by `scatter`.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    Stablehlo_Tensor:$source,
    Stablehlo_Tensor:$init_value,
    OptionalAttr<DenseI64ArrayAttr>:$window_dimensions,
    OptionalAttr<DenseI64ArrayAttr>:$window_strides,
    OptionalAttr<I64ElementsAttr>:$padding);
  let regions = (region SizedRegion<1>:$select, SizedRegion<1>:$scatter);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_SortOp : Stablehlo_RegionOp<"sort",
    [SameOperandsAndResultShape, SingleBlock]> {
  let summary = "sort along a dim";
  let description = [{
    Sorts all inputs together by the comparator, which sees two elements of
    each. A negative `dimension` counts from the last.
  }];
  let arguments = (ins
    Variadic<Stablehlo_Tensor>:$inputs,
    DefaultValuedOptionalAttr<I64Attr, "-1">:$dimension,
    Stablehlo_Flag<"false">:$is_stable);
  let regions = (region SizedRegion<1>:$comparator);
  let results = (outs Variadic<Stablehlo_Tensor>);
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Batch normalisation
//===----------------------------------------------------------------------===//

def Stablehlo_BatchNormTrainingOp : Stablehlo_PureOp<"batch_norm_training"> {
  let summary = "batch normalisation, with the batch's statistics";
  let description = [{
    Normalises over all dims but `feature_index`; returns mean and variance
    also.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    Stablehlo_Tensor:$scale,
    Stablehlo_Tensor:$offset,
    F32Attr:$epsilon,
    I64Attr:$feature_index);
  let results = (outs
    Stablehlo_Tensor:$output,
    Stablehlo_Tensor:$batch_mean,
    Stablehlo_Tensor:$batch_var);
  let hasVerifier = 1;
}

def Stablehlo_BatchNormInferenceOp : Stablehlo_PureOp<"batch_norm_inference"> {
  let summary = "batch normalisation, with given statistics";
  let description = [{Mean and variance are operands, one per feature.}];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    Stablehlo_Tensor:$scale,
    Stablehlo_Tensor:$offset,
    Stablehlo_Tensor:$mean,
    Stablehlo_Tensor:$variance,
    F32Attr:$epsilon,
    I64Attr:$feature_index);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_BatchNormGradOp : Stablehlo_PureOp<"batch_norm_grad"> {
  let summary = "gradients of a batch normalisation";
  let description = [{Of the operand, the scale and the offset.}];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    Stablehlo_Tensor:$scale,
    Stablehlo_Tensor:$mean,
    Stablehlo_Tensor:$variance,
    Stablehlo_Tensor:$grad_output,
    F32Attr:$epsilon,
    I64Attr:$feature_index);
  let results = (outs
    Stablehlo_Tensor:$grad_operand,
    Stablehlo_Tensor:$grad_scale,
    Stablehlo_Tensor:$grad_offset);
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Linear algebra, transforms, random numbers
//===----------------------------------------------------------------------===//

def Stablehlo_CholeskyOp : Stablehlo_PureOp<"cholesky",
    [SameOperandsAndResultShape]> {
  let summary = "Cholesky factor";
  let description = [{Of the matrices in the last two dims.}];
  let arguments = (ins Stablehlo_Tensor:$a, Stablehlo_Flag<"false">:$lower);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_TriangularSolveOp : Stablehlo_PureOp<"triangular_solve"> {
  let summary = "solve with a triangular matrix";
  let description = [{
    X in `op(a) X = b` (left side) or `X op(a) = b`, for the matrices in the
    last two dims. Only one triangle of `a` is read.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$a,
    Stablehlo_Tensor:$b,
    BoolAttr:$left_side,
    BoolAttr:$lower,
    BoolAttr:$unit_diagonal,
    Stablehlo_TransposeAttr:$transpose_a);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_FftOp : Stablehlo_PureOp<"fft"> {
  let summary = "discrete Fourier transform";
  let description = [{
    Over the last dims, as many as `fft_length` has entries.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    Stablehlo_FftTypeAttr:$fft_type,
    DenseI64ArrayAttr:$fft_length);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_RngOp : Stablehlo_DropOnlyOp<"rng"> {
  let summary = "random numbers from a hidden state";
  let description = [{
    Uniform between `a` and `b`, or normal with mean `a` and deviation `b`. Two
    of these ops never count as the same.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$a,
    Stablehlo_Tensor:$b,
    Stablehlo_IntVector:$shape,
    Stablehlo_RngDistributionAttr:$rng_distribution);
  let results = (outs Stablehlo_Tensor:$result);
}

def Stablehlo_RngBitGeneratorOp : Stablehlo_PureOp<"rng_bit_generator"> {
  let summary = "random bits from a state";
  let description = [{Returns the next state and bits of the result's shape.}];
  let arguments = (ins
    Stablehlo_Tensor:$initial_state,
    Stablehlo_RngAlgorithmAttr:$rng_algorithm);
  let results = (outs
    Stablehlo_Tensor:$output_state,
    Stablehlo_Tensor:$output);
}

#endif // PARTIR_DIALECT_STABLEHLO_STABLEHLOCOMPUTEOPS_TD
