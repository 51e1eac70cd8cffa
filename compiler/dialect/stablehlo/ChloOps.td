//===- ChloOps.td - The ops of chlo ------------------------*- tablegen -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Included by Chlo.td.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_STABLEHLO_CHLOOPS_TD
#define PARTIR_DIALECT_STABLEHLO_CHLOOPS_TD

//===----------------------------------------------------------------------===//
// Unary functions
//===----------------------------------------------------------------------===//

def Chlo_AcosOp : Chlo_UnaryOp<"acos", "inverse cosine"> {
  let description = [{The angle in [0, pi] with this cosine.}];
}

def Chlo_AcoshOp : Chlo_UnaryOp<"acosh", "inverse hyperbolic cosine"> {
  let description = [{NaN for reals below 1.}];
}

def Chlo_AsinOp : Chlo_UnaryOp<"asin", "inverse sine"> {
  let description = [{The angle in [-pi/2, pi/2] with this sine.}];
}

def Chlo_AsinhOp : Chlo_UnaryOp<"asinh", "inverse hyperbolic sine"> {
  let description = [{Defined for all reals.}];
}

def Chlo_AsinAcosKernelOp : Chlo_UnaryOp<
    "_asin_acos_kernel", "common part of complex asin and acos"> {
  let description = [{Made by jaxlib when it expands these two.}];
}

def Chlo_AtanOp : Chlo_UnaryOp<"atan", "inverse tangent"> {
  let description = [{The angle in (-pi/2, pi/2) with this tangent.}];
}

def Chlo_AtanhOp : Chlo_UnaryOp<"atanh", "inverse hyperbolic tangent"> {
  let description = [{NaN for reals outside [-1, 1].}];
}

def Chlo_BesselI1eOp : Chlo_UnaryOp<"bessel_i1e", "scaled Bessel function"> {
  let description = [{`exp(-|x|) I1(x)`, modified, first kind, order one.}];
}

def Chlo_ConjOp : Chlo_UnaryOp<"conj", "complex conjugate"> {
  let description = [{The imaginary part with its sign turned.}];
}

def Chlo_CoshOp : Chlo_UnaryOp<"cosh", "hyperbolic cosine"> {
  let description = [{`(exp(x) + exp(-x)) / 2`.}];
}

def Chlo_DigammaOp : Chlo_UnaryOp<"digamma", "derivative of lgamma"> {
  let description = [{NaN at zero and the negative whole numbers.}];
}

def Chlo_ErfOp : Chlo_UnaryOp<"erf", "error function"> {
  let description = [{Maps the reals onto (-1, 1).}];
}

def Chlo_ErfInvOp : Chlo_UnaryOp<"erf_inv", "inverse error function"> {
  let description = [{The number with this value of `erf`.}];
}

def Chlo_ErfcOp : Chlo_UnaryOp<"erfc", "complementary error function"> {
  let description = [{`1 - erf(x)`, exact for large x.}];
}

def Chlo_LgammaOp : Chlo_UnaryOp<"lgamma", "logarithm of the gamma function"> {
  let description = [{Of its absolute value.}];
}

def Chlo_SinhOp : Chlo_UnaryOp<"sinh", "hyperbolic sine"> {
  let description = [{`(exp(x) - exp(-x)) / 2`.}];
}

def Chlo_SquareOp : Chlo_UnaryOp<"square", "square"> {
  let description = [{The element times itself.}];
}

def Chlo_TanOp : Chlo_UnaryOp<"tan", "tangent"> {
  let description = [{Of an angle in radians.}];
}

def Chlo_IsInfOp : Chlo_PredicateOp<"is_inf", "test for an infinity"> {
  let description = [{Of either sign.}];
}

def Chlo_IsNegInfOp : Chlo_PredicateOp<"is_neg_inf", "test for -infinity"> {
  let description = [{False for the positive one.}];
}

def Chlo_IsPosInfOp : Chlo_PredicateOp<"is_pos_inf", "test for +infinity"> {
  let description = [{False for the negative one.}];
}

//===----------------------------------------------------------------------===//
// Functions of two numbers
//===----------------------------------------------------------------------===//

def Chlo_MulhiOp : Chlo_ElementwiseOp<"mulhi", "high half of a product"> {
  let description = [{The bits of an integer product that do not fit.}];
  let arguments = (ins Chlo_Tensor:$lhs, Chlo_Tensor:$rhs);
  let results = (outs Chlo_Tensor:$result);
}

def Chlo_NextAfterOp : Chlo_ElementwiseOp<"next_after", "neighbouring float"> {
  let description = [{The float after x on the way to y.}];
  let arguments = (ins Chlo_Tensor:$x, Chlo_Tensor:$y);
  let results = (outs Chlo_Tensor:$result);
}

def Chlo_PolygammaOp : Chlo_ElementwiseOp<
    "polygamma", "derivatives of digamma"> {
  let description = [{The n-th at x.}];
  let arguments = (ins Chlo_Tensor:$n, Chlo_Tensor:$x);
  let results = (outs Chlo_Tensor:$result);
}

def Chlo_ZetaOp : Chlo_ElementwiseOp<"zeta", "Hurwitz zeta function"> {
  let description = [{The sum of `(k + q)^-x` over k from 0.}];
  let arguments = (ins Chlo_Tensor:$x, Chlo_Tensor:$q);
  let results = (outs Chlo_Tensor:$result);
}

//===----------------------------------------------------------------------===//
// Binary ops that broadcast
//===----------------------------------------------------------------------===//

def Chlo_BroadcastAddOp : Chlo_BroadcastOp<"broadcast_add", "sum"> {
  let description = [{`stablehlo.add` after broadcasting.}];
}

def Chlo_BroadcastAndOp : Chlo_BroadcastOp<"broadcast_and", "and"> {
  let description = [{`stablehlo.and` after broadcasting.}];
}

def Chlo_BroadcastAtan2Op : Chlo_BroadcastOp<
    "broadcast_atan2", "angle of a point"> {
  let description = [{`stablehlo.atan2` after broadcasting.}];
}

def Chlo_BroadcastCompareOp : Chlo_BroadcastOp<
    "broadcast_compare", "comparison"> {
  let description = [{`stablehlo.compare` after broadcasting.}];
  let arguments = (ins
    Chlo_Tensor:$lhs,
    Chlo_Tensor:$rhs,
    OptionalAttr<DenseI64ArrayAttr>:$broadcast_dimensions,
    Chlo_ComparisonDirectionAttr:$comparison_direction,
    OptionalAttr<Chlo_ComparisonTypeAttr>:$compare_type);
}

def Chlo_BroadcastComplexOp : Chlo_BroadcastOp<
    "broadcast_complex", "complex number from its parts"> {
  let description = [{`stablehlo.complex` after broadcasting.}];
}

def Chlo_BroadcastDivOp : Chlo_BroadcastOp<"broadcast_divide", "quotient"> {
  let description = [{`stablehlo.divide` after broadcasting.}];
}

def Chlo_BroadcastMaxOp : Chlo_BroadcastOp<
    "broadcast_maximum", "greater of two"> {
  let description = [{`stablehlo.maximum` after broadcasting.}];
}

def Chlo_BroadcastMinOp : Chlo_BroadcastOp<
    "broadcast_minimum", "lesser of two"> {
  let description = [{`stablehlo.minimum` after broadcasting.}];
}

def Chlo_BroadcastMulOp : Chlo_BroadcastOp<"broadcast_multiply", "product"> {
  let description = [{`stablehlo.multiply` after broadcasting.}];
}

def Chlo_BroadcastNextAfterOp : Chlo_BroadcastOp<
    "broadcast_next_after", "neighbouring float"> {
  let description = [{`chlo.next_after` after broadcasting.}];
}

def Chlo_BroadcastOrOp : Chlo_BroadcastOp<"broadcast_or", "or"> {
  let description = [{`stablehlo.or` after broadcasting.}];
}

def Chlo_BroadcastPolygammaOp : Chlo_BroadcastOp<
    "broadcast_polygamma", "derivatives of digamma"> {
  let description = [{`chlo.polygamma` after broadcasting.}];
}

def Chlo_BroadcastPowOp : Chlo_BroadcastOp<"broadcast_power", "power"> {
  let description = [{`stablehlo.power` after broadcasting.}];
}

def Chlo_BroadcastRemOp : Chlo_BroadcastOp<"broadcast_remainder", "remainder"> {
  let description = [{`stablehlo.remainder` after broadcasting.}];
}

def Chlo_BroadcastSelectOp : Chlo_Op<"broadcast_select", [Pure]> {
  let summary = "choice between two tensors";
  let description = [{
    `stablehlo.select` after broadcasting all three operands, last dims
    aligned.
  }];
  let arguments = (ins
    Chlo_PredTensor:$pred,
    Chlo_Tensor:$on_true,
    Chlo_Tensor:$on_false);
  let results = (outs Chlo_Tensor:$result);
}

def Chlo_BroadcastShiftLeftOp : Chlo_BroadcastOp<
    "broadcast_shift_left", "left shift"> {
  let description = [{`stablehlo.shift_left` after broadcasting.}];
}

def Chlo_BroadcastShiftRightArithmeticOp : Chlo_BroadcastOp<
    "broadcast_shift_right_arithmetic", "right shift that keeps the sign"> {
  let description = [{`stablehlo.shift_right_arithmetic` after broadcasting.}];
}

def Chlo_BroadcastShiftRightLogicalOp : Chlo_BroadcastOp<
    "broadcast_shift_right_logical", "right shift that brings in zeros"> {
  let description = [{`stablehlo.shift_right_logical` after broadcasting.}];
}

def Chlo_BroadcastSubOp : Chlo_BroadcastOp<"broadcast_subtract", "difference"> {
  let description = [{`stablehlo.subtract` after broadcasting.}];
}

def Chlo_BroadcastXorOp : Chlo_BroadcastOp<"broadcast_xor", "exclusive or"> {
  let description = [{`stablehlo.xor` after broadcasting.}];
}

def Chlo_BroadcastZetaOp : Chlo_BroadcastOp<
    "broadcast_zeta", "Hurwitz zeta function"> {
  let description = [{`chlo.zeta` after broadcasting.}];
}

//===----------------------------------------------------------------------===//
// Other ops
//===----------------------------------------------------------------------===//

def Chlo_ConstantOp : Chlo_Op<"constant",
    [Pure, ConstantLike, AllTypesMatch<["value", "output"]>]> {
  let summary = "a constant tensor";
  let description = [{The elements are in the attribute.}];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Chlo_Tensor:$output);
  let builders = [OpBuilder<(ins "::mlir::ElementsAttr":$value), [{
    build($_builder, $_state, value.getType(), value);
  }]>];
  let hasFolder = 1;
}

def Chlo_ConstantLikeOp : Chlo_ElementwiseOp<
    "constant_like", "a constant in the shape of a tensor"> {
  let description = [{Every element is the attribute's number.}];
  let arguments = (ins TypedAttrInterface:$value, Chlo_Tensor:$operand);
  let results = (outs Chlo_Tensor:$result);
}

def Chlo_TopKOp : Chlo_Op<"top_k", [Pure]> {
  let summary = "greatest elements of the last dim";
  let description = [{The k greatest, in falling order, and their positions.}];
  let arguments = (ins Chlo_Tensor:$operand, I64Attr:$k);
  let results = (outs Chlo_Tensor:$values, Chlo_Tensor:$indices);
  let hasVerifier = 1;
}

def Chlo_RaggedDotOp : Chlo_Op<"ragged_dot", [Pure]> {
  let summary = "contraction of groups of unequal size";
  let description = [{
    `group_sizes` cuts the ragged dim of the left operand into groups, each
    with its own part of the contraction or its own matrix on the right.
  }];
  let arguments = (ins
    Chlo_Tensor:$lhs,
    Chlo_Tensor:$rhs,
    Chlo_IntTensor:$group_sizes,
    Chlo_RaggedDotDimensionNumbers:$ragged_dot_dimension_numbers,
    OptionalAttr<Chlo_PrecisionConfigAttr>:$precision_config);
  let results = (outs Chlo_Tensor:$result);
  let hasVerifier = 1;
}

def Chlo_ScanOp : Chlo_Op<"scan",
    [AttrSizedOperandSegments, AttrSizedResultSegments, SingleBlock,
     RecursiveMemoryEffects, RecursivelySpeculatable]> {
  let summary = "loop over the slices of a dim";
  let description = [{
    The body takes one slice of each input and the carried values, and returns
    one slice of each output and the next carried values.
  }];
  let arguments = (ins
    Variadic<Chlo_Tensor>:$inputs,
    Variadic<Chlo_Tensor>:$inits,
    I64Attr:$dimension,
    OptionalAttr<I64Attr>:$scan_dim_size,
    DefaultValuedOptionalAttr<BoolAttr, "false">:$is_reverse,
    OptionalAttr<BoolAttr>:$is_associative);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs
    Variadic<Chlo_Tensor>:$outputs,
    Variadic<Chlo_Tensor>:$carries);
  let hasVerifier = 1;
}

#endif // PARTIR_DIALECT_STABLEHLO_CHLOOPS_TD
