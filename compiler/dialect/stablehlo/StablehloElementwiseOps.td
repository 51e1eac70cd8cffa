//===- StablehloElementwiseOps.td - Ops on each element ----*- tablegen -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_STABLEHLO_STABLEHLOELEMENTWISEOPS_TD
#define PARTIR_DIALECT_STABLEHLO_STABLEHLOELEMENTWISEOPS_TD

include "compiler/dialect/stablehlo/StablehloAttrs.td"

//===----------------------------------------------------------------------===//
// Classes
//===----------------------------------------------------------------------===//

/// An op whose operands and results have one shape.
class Stablehlo_ElementwiseOp<string mnemonic, string text>
    : Stablehlo_PureOp<mnemonic, [SameOperandsAndResultShape]> {
  let summary = text;
}

class Stablehlo_UnaryOp<string mnemonic, string text>
    : Stablehlo_ElementwiseOp<mnemonic, text> {
  let arguments = (ins Stablehlo_Tensor:$operand);
  let results = (outs Stablehlo_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$operand), [{
    build($_builder, $_state, operand.getType(), operand);
  }]>];
}

/// A transcendental function: one may ask for a bound on its error.
class Stablehlo_AccuracyOp<string mnemonic, string text>
    : Stablehlo_ElementwiseOp<mnemonic, text> {
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    OptionalAttr<Stablehlo_ResultAccuracyAttr>:$result_accuracy);
  let results = (outs Stablehlo_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$operand), [{
    build($_builder, $_state, operand.getType(), operand,
          ResultAccuracyAttr());
  }]>];
}

/// A function that changes the element type.
class Stablehlo_ConversionOp<string mnemonic, string text>
    : Stablehlo_ElementwiseOp<mnemonic, text> {
  let arguments = (ins Stablehlo_Tensor:$operand);
  let results = (outs Stablehlo_Tensor:$result);
}

class Stablehlo_BinaryOp<string mnemonic, string text>
    : Stablehlo_ElementwiseOp<mnemonic, text> {
  let arguments = (ins Stablehlo_Tensor:$lhs, Stablehlo_Tensor:$rhs);
  let results = (outs Stablehlo_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$lhs, "::mlir::Value":$rhs), [{
    build($_builder, $_state, lhs.getType(), lhs, rhs);
  }]>];
}

//===----------------------------------------------------------------------===//
// Unary ops
//===----------------------------------------------------------------------===//

def Stablehlo_AbsOp : Stablehlo_ElementwiseOp<"abs", "absolute value"> {
  let description = [{The magnitude; of complex elements a real result.}];
  let arguments = (ins Stablehlo_Tensor:$operand);
  let results = (outs Stablehlo_Tensor:$result);
}

def Stablehlo_CbrtOp : Stablehlo_AccuracyOp<"cbrt", "cube root"> {
  let description = [{The real cube root, also of negative elements.}];
}

def Stablehlo_CeilOp : Stablehlo_UnaryOp<"ceil", "round up"> {
  let description = [{The smallest whole number that is not less.}];
}

def Stablehlo_ClzOp : Stablehlo_UnaryOp<
    "count_leading_zeros", "count of leading zero bits"> {
  let description = [{How many zero bits precede the highest set bit.}];
}

def Stablehlo_CosineOp : Stablehlo_AccuracyOp<"cosine", "cosine"> {
  let description = [{The cosine of an angle in radians.}];
}

def Stablehlo_ExpOp : Stablehlo_AccuracyOp<"exponential", "e to the power"> {
  let description = [{The exponential function.}];
}

def Stablehlo_Expm1Op : Stablehlo_AccuracyOp<
    "exponential_minus_one", "e to the power, less one"> {
  let description = [{Exact near zero, where `exp(x) - 1` would cancel.}];
}

def Stablehlo_FloorOp : Stablehlo_UnaryOp<"floor", "round down"> {
  let description = [{The largest whole number that is not greater.}];
}

def Stablehlo_LogOp : Stablehlo_AccuracyOp<"log", "natural logarithm"> {
  let description = [{The logarithm to base e.}];
}

def Stablehlo_Log1pOp : Stablehlo_AccuracyOp<
    "log_plus_one", "natural logarithm of one more"> {
  let description = [{`log(1 + x)`, exact near zero.}];
}

def Stablehlo_LogisticOp : Stablehlo_AccuracyOp<"logistic", "sigmoid"> {
  let description = [{`1 / (1 + exp(-x))`.}];
}

def Stablehlo_NegOp : Stablehlo_UnaryOp<"negate", "negation"> {
  let description = [{The element with its sign turned.}];
}

def Stablehlo_NotOp : Stablehlo_UnaryOp<"not", "complement"> {
  let description = [{Logical for booleans, bitwise for integers.}];
}

def Stablehlo_PopulationCountOp : Stablehlo_UnaryOp<
    "popcnt", "count of set bits"> {
  let description = [{How many bits of an integer are one.}];
}

def Stablehlo_RoundOp : Stablehlo_UnaryOp<
    "round_nearest_afz", "round, halves away from zero"> {
  let description = [{The nearest whole number; a half moves outwards.}];
}

def Stablehlo_RoundNearestEvenOp : Stablehlo_UnaryOp<
    "round_nearest_even", "round, halves to even"> {
  let description = [{The nearest whole number; a half goes to the even one.}];
}

def Stablehlo_RsqrtOp : Stablehlo_AccuracyOp<
    "rsqrt", "reciprocal of the square root"> {
  let description = [{`1 / sqrt(x)`.}];
}

def Stablehlo_SignOp : Stablehlo_UnaryOp<"sign", "sign"> {
  let description = [{-1, 0 or 1; a complex element over its magnitude.}];
}

def Stablehlo_SineOp : Stablehlo_AccuracyOp<"sine", "sine"> {
  let description = [{The sine of an angle in radians.}];
}

def Stablehlo_SqrtOp : Stablehlo_AccuracyOp<"sqrt", "square root"> {
  let description = [{The principal square root.}];
}

def Stablehlo_TanOp : Stablehlo_AccuracyOp<"tan", "tangent"> {
  let description = [{The tangent of an angle in radians.}];
}

def Stablehlo_TanhOp : Stablehlo_AccuracyOp<"tanh", "hyperbolic tangent"> {
  let description = [{Maps the reals onto (-1, 1).}];
}

//===----------------------------------------------------------------------===//
// Ops that change the element type
//===----------------------------------------------------------------------===//

def Stablehlo_ConvertOp : Stablehlo_ConversionOp<
    "convert", "conversion of the element type"> {
  let description = [{The same numbers in another type, rounded if needed.}];
}

def Stablehlo_ImagOp : Stablehlo_ConversionOp<"imag", "imaginary part"> {
  let description = [{Zero for real elements.}];
}

def Stablehlo_RealOp : Stablehlo_ConversionOp<"real", "real part"> {
  let description = [{Real elements are their own real part.}];
}

def Stablehlo_IsFiniteOp : Stablehlo_ElementwiseOp<
    "is_finite", "test for finite numbers"> {
  let description = [{False for infinities and NaN.}];
  let arguments = (ins Stablehlo_Tensor:$x);
  let results = (outs Stablehlo_PredTensor:$y);
}

def Stablehlo_ReducePrecisionOp : Stablehlo_ElementwiseOp<
    "reduce_precision", "rounding to a smaller format"> {
  let description = [{
    Rounds as if to a float of so many exponent and mantissa bits; the element
    type stays.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    I32Attr:$exponent_bits,
    I32Attr:$mantissa_bits);
  let results = (outs Stablehlo_Tensor:$output);
}

def Stablehlo_UniformQuantizeOp : Stablehlo_ConversionOp<
    "uniform_quantize", "conversion to a quantized type"> {
  let description = [{Scale and zero point are in the result's type.}];
}

def Stablehlo_UniformDequantizeOp : Stablehlo_ConversionOp<
    "uniform_dequantize", "conversion from a quantized type"> {
  let description = [{Scale and zero point are in the operand's type.}];
}

//===----------------------------------------------------------------------===//
// Binary ops
//===----------------------------------------------------------------------===//

def Stablehlo_AddOp : Stablehlo_BinaryOp<"add", "sum"> {
  let description = [{Logical or for booleans.}];
}

def Stablehlo_AndOp : Stablehlo_BinaryOp<"and", "and"> {
  let description = [{Logical for booleans, bitwise for integers.}];
}

def Stablehlo_Atan2Op : Stablehlo_BinaryOp<"atan2", "angle of a point"> {
  let description = [{The angle of (rhs, lhs) to the first axis.}];
}

def Stablehlo_ComplexOp : Stablehlo_ElementwiseOp<
    "complex", "complex number from its parts"> {
  let description = [{Left is the real part, right the imaginary.}];
  let arguments = (ins Stablehlo_Tensor:$lhs, Stablehlo_Tensor:$rhs);
  let results = (outs Stablehlo_Tensor:$result);
}

def Stablehlo_DivOp : Stablehlo_BinaryOp<"divide", "quotient"> {
  let description = [{Rounded towards zero for integers.}];
}

def Stablehlo_MaxOp : Stablehlo_BinaryOp<"maximum", "greater of two"> {
  let description = [{Logical or for booleans; NaN wins.}];
}

def Stablehlo_MinOp : Stablehlo_BinaryOp<"minimum", "lesser of two"> {
  let description = [{Logical and for booleans; NaN wins.}];
}

def Stablehlo_MulOp : Stablehlo_BinaryOp<"multiply", "product"> {
  let description = [{Logical and for booleans.}];
}

def Stablehlo_OrOp : Stablehlo_BinaryOp<"or", "or"> {
  let description = [{Logical for booleans, bitwise for integers.}];
}

def Stablehlo_PowOp : Stablehlo_BinaryOp<"power", "power"> {
  let description = [{Left to the power of right.}];
}

def Stablehlo_RemOp : Stablehlo_BinaryOp<"remainder", "remainder"> {
  let description = [{Of the division that rounds to zero: sign of the left.}];
}

def Stablehlo_ShiftLeftOp : Stablehlo_BinaryOp<"shift_left", "left shift"> {
  let description = [{Left is shifted by right bits.}];
}

def Stablehlo_ShiftRightArithmeticOp : Stablehlo_BinaryOp<
    "shift_right_arithmetic", "right shift that keeps the sign"> {
  let description = [{The sign bit fills the bits that become free.}];
}

def Stablehlo_ShiftRightLogicalOp : Stablehlo_BinaryOp<
    "shift_right_logical", "right shift that brings in zeros"> {
  let description = [{Zeros fill the bits that become free.}];
}

def Stablehlo_SubtractOp : Stablehlo_BinaryOp<"subtract", "difference"> {
  let description = [{Left less right.}];
}

def Stablehlo_XorOp : Stablehlo_BinaryOp<"xor", "exclusive or"> {
  let description = [{Logical for booleans, bitwise for integers.}];
}

//===----------------------------------------------------------------------===//
// Comparison and choice
//===----------------------------------------------------------------------===//

def Stablehlo_CompareOp : Stablehlo_ElementwiseOp<"compare", "comparison"> {
  let description = [{
    True where the relation holds. The comparison type tells signed from
    unsigned integers, and IEEE order from total order for floats.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$lhs,
    Stablehlo_Tensor:$rhs,
    Stablehlo_ComparisonDirectionAttr:$comparison_direction,
    OptionalAttr<Stablehlo_ComparisonTypeAttr>:$compare_type);
  let results = (outs Stablehlo_PredTensor:$result);
  let builders = [OpBuilder<(ins
      "::mlir::Type":$type, "::mlir::Value":$lhs, "::mlir::Value":$rhs,
      "ComparisonDirection":$direction), [{
    build($_builder, $_state, type, lhs, rhs, direction, ComparisonTypeAttr());
  }]>];
}

def Stablehlo_SelectOp : Stablehlo_PureOp<"select"> {
  let summary = "choice between two tensors";
  let description = [{
    Each element from `on_true` where the predicate holds, else from
    `on_false`. A scalar predicate chooses for all elements.
  }];
  let arguments = (ins
    Stablehlo_PredTensor:$pred,
    Stablehlo_Tensor:$on_true,
    Stablehlo_Tensor:$on_false);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_ClampOp : Stablehlo_PureOp<"clamp"> {
  let summary = "limit to an interval";
  let description = [{
    `min(max(operand, min), max)`. A scalar limit holds for all elements.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$min,
    Stablehlo_Tensor:$operand,
    Stablehlo_Tensor:$max);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_MapOp : Stablehlo_RegionOp<"map",
    [SameOperandsAndResultShape, SingleBlock]> {
  let summary = "a function on each element";
  let description = [{
    Applies the computation to the elements at each position. `dimensions` are
    all dims in order.
  }];
  let arguments = (ins
    Variadic<Stablehlo_Tensor>:$inputs,
    DenseI64ArrayAttr:$dimensions);
  let regions = (region SizedRegion<1>:$computation);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

#endif // PARTIR_DIALECT_STABLEHLO_STABLEHLOELEMENTWISEOPS_TD
