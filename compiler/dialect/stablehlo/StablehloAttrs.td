//===- StablehloAttrs.td - Attributes of StableHLO ---------*- tablegen -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_STABLEHLO_STABLEHLOATTRS_TD
#define PARTIR_DIALECT_STABLEHLO_STABLEHLOATTRS_TD

include "compiler/dialect/stablehlo/StablehloBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/TensorEncoding.td"

//===----------------------------------------------------------------------===//
// Enums
//===----------------------------------------------------------------------===//

/// An enum and its attribute, printed `#stablehlo<name CASE>`.
class Stablehlo_Enum<string name, string text, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, text, cases> {
  let genSpecializedAttr = 0;
  let cppNamespace = "::partir::stablehlo";
}

class Stablehlo_EnumAttr<I32EnumAttr enum, string mnemonic>
    : EnumAttr<Stablehlo_Dialect, enum, mnemonic>;

def Stablehlo_ComparisonDirection : Stablehlo_Enum<
    "ComparisonDirection", "which comparison", [
      I32EnumAttrCase<"EQ", 0>, I32EnumAttrCase<"NE", 1>,
      I32EnumAttrCase<"GE", 2>, I32EnumAttrCase<"GT", 3>,
      I32EnumAttrCase<"LE", 4>, I32EnumAttrCase<"LT", 5>]>;
def Stablehlo_ComparisonDirectionAttr : Stablehlo_EnumAttr<
    Stablehlo_ComparisonDirection, "comparison_direction">;

def Stablehlo_ComparisonType : Stablehlo_Enum<
    "ComparisonType", "how elements are ordered", [
      I32EnumAttrCase<"NOTYPE", 0>, I32EnumAttrCase<"FLOAT", 1>,
      I32EnumAttrCase<"TOTALORDER", 2>, I32EnumAttrCase<"SIGNED", 3>,
      I32EnumAttrCase<"UNSIGNED", 4>]>;
def Stablehlo_ComparisonTypeAttr : Stablehlo_EnumAttr<
    Stablehlo_ComparisonType, "comparison_type">;

def Stablehlo_Precision : Stablehlo_Enum<
    "Precision", "precision of a contraction's operand", [
      I32EnumAttrCase<"DEFAULT", 0>, I32EnumAttrCase<"HIGH", 1>,
      I32EnumAttrCase<"HIGHEST", 2>]>;
def Stablehlo_PrecisionAttr : Stablehlo_EnumAttr<
    Stablehlo_Precision, "precision">;
def Stablehlo_PrecisionConfigAttr : TypedArrayAttrBase<
    Stablehlo_PrecisionAttr, "precision of each operand">;

def Stablehlo_FftType : Stablehlo_Enum<"FftType", "kind of transform", [
      I32EnumAttrCase<"FFT", 0>, I32EnumAttrCase<"IFFT", 1>,
      I32EnumAttrCase<"RFFT", 2>, I32EnumAttrCase<"IRFFT", 3>]>;
def Stablehlo_FftTypeAttr : Stablehlo_EnumAttr<Stablehlo_FftType, "fft_type">;

def Stablehlo_Transpose : Stablehlo_Enum<
    "Transpose", "how a matrix enters a solve", [
      I32EnumAttrCase<"TRANSPOSE_INVALID", 0>,
      I32EnumAttrCase<"NO_TRANSPOSE", 1>, I32EnumAttrCase<"TRANSPOSE", 2>,
      I32EnumAttrCase<"ADJOINT", 3>]>;
def Stablehlo_TransposeAttr : Stablehlo_EnumAttr<
    Stablehlo_Transpose, "transpose">;

def Stablehlo_RngDistribution : Stablehlo_Enum<
    "RngDistribution", "distribution of random values", [
      I32EnumAttrCase<"UNIFORM", 1>, I32EnumAttrCase<"NORMAL", 2>]>;
def Stablehlo_RngDistributionAttr : Stablehlo_EnumAttr<
    Stablehlo_RngDistribution, "rng_distribution">;

def Stablehlo_RngAlgorithm : Stablehlo_Enum<
    "RngAlgorithm", "generator of random bits", [
      I32EnumAttrCase<"DEFAULT", 0>, I32EnumAttrCase<"THREE_FRY", 1>,
      I32EnumAttrCase<"PHILOX", 2>]>;
def Stablehlo_RngAlgorithmAttr : Stablehlo_EnumAttr<
    Stablehlo_RngAlgorithm, "rng_algorithm">;

def Stablehlo_ResultAccuracyMode : Stablehlo_Enum<
    "ResultAccuracyMode", "how exact a result must be", [
      I32EnumAttrCase<"DEFAULT", 0>, I32EnumAttrCase<"HIGHEST", 1>,
      I32EnumAttrCase<"TOLERANCE", 2>]>;
def Stablehlo_ResultAccuracyModeAttr : Stablehlo_EnumAttr<
    Stablehlo_ResultAccuracyMode, "result_accuracy_mode"> {
  let assemblyFormat = "`<` $value `>`";
}

/// A plain i32 attribute in the text, unlike the enums above.
def Stablehlo_CustomCallApiVersionAttr : I32EnumAttr<
    "CustomCallApiVersion", "calling convention of a custom call", [
      I32EnumAttrCase<"API_VERSION_UNSPECIFIED", 0>,
      I32EnumAttrCase<"API_VERSION_ORIGINAL", 1>,
      I32EnumAttrCase<"API_VERSION_STATUS_RETURNING", 2>,
      I32EnumAttrCase<"API_VERSION_STATUS_RETURNING_UNIFIED", 3>,
      I32EnumAttrCase<"API_VERSION_TYPED_FFI", 4>]> {
  let cppNamespace = "::partir::stablehlo";
}

//===----------------------------------------------------------------------===//
// Dimension numbers
//===----------------------------------------------------------------------===//

class Stablehlo_Attr<string name, string attrMnemonic>
    : AttrDef<Stablehlo_Dialect, name> {
  let mnemonic = attrMnemonic;
  let hasCustomAssemblyFormat = 1;
}

def Stablehlo_Dims : ArrayRefParameter<"int64_t", "dims">;

def Stablehlo_DotDimensionNumbers
    : Stablehlo_Attr<"DotDimensionNumbers", "dot"> {
  let summary = "batching and contracting dims of a dot_general";
  let description = [{
    Pairs of dims, the i-th of the left operand with the i-th of the right.
    Empty lists are not printed.

        #stablehlo.dot<lhs_contracting_dimensions = [1],
                       rhs_contracting_dimensions = [0]>
  }];
  let parameters = (ins
    Stablehlo_Dims:$lhsBatchingDimensions,
    Stablehlo_Dims:$rhsBatchingDimensions,
    Stablehlo_Dims:$lhsContractingDimensions,
    Stablehlo_Dims:$rhsContractingDimensions);
}

def Stablehlo_GatherDimensionNumbers
    : Stablehlo_Attr<"GatherDimensionNumbers", "gather"> {
  let summary = "how a gather maps dims of indices, operand and result";
  let description = [{
    `offset_dims` are the result dims that run over a slice of the operand;
    `collapsed_slice_dims` and `operand_batching_dims` are the operand dims that
    do not appear there. `start_index_map` says which operand dim each
    component of an index addresses, and `index_vector_dim` which dim of the
    indices holds the components.
  }];
  let parameters = (ins
    Stablehlo_Dims:$offsetDims,
    Stablehlo_Dims:$collapsedSliceDims,
    Stablehlo_Dims:$operandBatchingDims,
    Stablehlo_Dims:$startIndicesBatchingDims,
    Stablehlo_Dims:$startIndexMap,
    "int64_t":$indexVectorDim);
}

def Stablehlo_ScatterDimensionNumbers
    : Stablehlo_Attr<"ScatterDimensionNumbers", "scatter"> {
  let summary = "how a scatter maps dims of indices, updates and inputs";
  let description = [{
    The counterpart of `#stablehlo.gather`: `update_window_dims` are the update
    dims that run over a window of the input, and the other lists name input
    dims that do not appear there and input dims that an index addresses.
  }];
  let parameters = (ins
    Stablehlo_Dims:$updateWindowDims,
    Stablehlo_Dims:$insertedWindowDims,
    Stablehlo_Dims:$inputBatchingDims,
    Stablehlo_Dims:$scatterIndicesBatchingDims,
    Stablehlo_Dims:$scatterDimsToOperandDims,
    "int64_t":$indexVectorDim);
}

def Stablehlo_ConvDimensionNumbers
    : Stablehlo_Attr<"ConvDimensionNumbers", "conv"> {
  let summary = "which dims of a convolution are batch, feature and spatial";
  let description = [{
    Printed as one list for each of input, kernel and output: `b` batch, `f`
    feature, `i` and `o` input and output feature of the kernel, and the number
    of each spatial dim.

        #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>
  }];
  let parameters = (ins
    "int64_t":$inputBatchDimension,
    "int64_t":$inputFeatureDimension,
    Stablehlo_Dims:$inputSpatialDimensions,
    "int64_t":$kernelInputFeatureDimension,
    "int64_t":$kernelOutputFeatureDimension,
    Stablehlo_Dims:$kernelSpatialDimensions,
    "int64_t":$outputBatchDimension,
    "int64_t":$outputFeatureDimension,
    Stablehlo_Dims:$outputSpatialDimensions);
  // The printer fills a list by these positions.
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Other attributes of ops
//===----------------------------------------------------------------------===//

def Stablehlo_ChannelHandle
    : Stablehlo_Attr<"ChannelHandle", "channel_handle"> {
  let summary = "identifies a communication channel";
  let description = [{
    Type 1 is device to device, 2 device to host, 3 host to device. Handle 0
    means that the channel has no identity of its own.
  }];
  let parameters = (ins "int64_t":$handle, "int64_t":$type);
}

def Stablehlo_OutputOperandAlias
    : Stablehlo_Attr<"OutputOperandAlias", "output_operand_alias"> {
  let summary = "a result that shares an operand's buffer";
  let description = [{
    The indices are paths into tuples; an empty path is the value itself.
  }];
  let parameters = (ins
    Stablehlo_Dims:$outputTupleIndices,
    "int64_t":$operandIndex,
    Stablehlo_Dims:$operandTupleIndices);
}

def Stablehlo_DotAlgorithm : Stablehlo_Attr<"DotAlgorithm", "dot_algorithm"> {
  let summary = "number formats and passes of a dot_general";
  let description = [{
    An operand is split into components of its precision type; products of
    components are accumulated in the accumulation type.
  }];
  let parameters = (ins
    "::mlir::Type":$lhsPrecisionType,
    "::mlir::Type":$rhsPrecisionType,
    "::mlir::Type":$accumulationType,
    "int64_t":$lhsComponentCount,
    "int64_t":$rhsComponentCount,
    "int64_t":$numPrimitiveOperations,
    "bool":$allowImpreciseAccumulation);
}

def Stablehlo_ResultAccuracyAttr
    : Stablehlo_Attr<"ResultAccuracy", "result_accuracy"> {
  let summary = "error that a transcendental op may make";
  let description = [{
    Absolute and relative tolerance and units in the last place, read when the
    mode is `TOLERANCE`. Zeros are not printed.
  }];
  let parameters = (ins
    APFloatParameter<"absolute tolerance">:$atol,
    APFloatParameter<"relative tolerance">:$rtol,
    "int64_t":$ulps,
    "::partir::stablehlo::ResultAccuracyModeAttr":$mode);
}

def Stablehlo_TypeExtensions : AttrDef<Stablehlo_Dialect, "TypeExtensions",
    [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let summary = "upper bounds of dynamic dims, as a tensor's encoding";
  let description = [{
    One bound per dim, `?` where there is none.

        tensor<?x8xf32, #stablehlo.bounds<16, ?>>
  }];
  let mnemonic = "bounds";
  let parameters = (ins Stablehlo_Dims:$bounds);
  let hasCustomAssemblyFormat = 1;
}

//===----------------------------------------------------------------------===//
// Replica groups by mesh axes
//===----------------------------------------------------------------------===//

def Stablehlo_MeshAxisAttr : Stablehlo_Attr<"MeshAxis", "mesh_axis"> {
  let summary = "a named axis of a device mesh";
  let description = [{Its name and how many devices lie along it.}];
  let parameters = (ins StringRefParameter<>:$name, "int64_t":$size);
}

def Stablehlo_MeshAttr : Stablehlo_Attr<"Mesh", "mesh"> {
  let summary = "a device mesh";
  let description = [{
    Axes, major first, and the device at each position where that is not the
    position's own number.
  }];
  let parameters = (ins
    ArrayRefParameter<"::partir::stablehlo::MeshAxisAttr">:$axes,
    OptionalParameter<"::mlir::Attribute">:$deviceIds);
}

/// The one attribute without angle brackets of its own: the dialect's hooks
/// give it its text, `#stablehlo<sub_axis_info(1)2>`.
def Stablehlo_SubAxisInfoAttr
    : AttrDef<Stablehlo_Dialect, "SubAxisInfo"> {
  let summary = "a part of a mesh axis";
  let description = [{
    The axis is seen as `[pre_size, size, rest]`; the part is the middle.
  }];
  let parameters = (ins "int64_t":$preSize, "int64_t":$size);
  let mnemonic = "sub_axis_info";
  let assemblyFormat = "`(` $preSize `)` `` $size";
}

def Stablehlo_AxisRefAttr : Stablehlo_Attr<"AxisRef", "axis_ref"> {
  let summary = "a mesh axis or a part of one";
  let description = [{The axis by its name, and which part is meant.}];
  let parameters = (ins
    StringRefParameter<>:$name,
    OptionalParameter<"::partir::stablehlo::SubAxisInfoAttr">:$subAxisInfo);
}

def Stablehlo_ReplicaGroupMeshAxesAttr
    : Stablehlo_Attr<"ReplicaGroupMeshAxes", "replica_group_mesh_axes"> {
  let summary = "replica groups along mesh axes";
  let description = [{
    Devices that differ only in their position on these axes form a group. The
    mesh is a `#stablehlo.mesh` or the symbol of one.
  }];
  let parameters = (ins
    "::mlir::Attribute":$mesh,
    "::mlir::ArrayAttr":$axes);
}

//===----------------------------------------------------------------------===//
// Constraints built on these attributes
//===----------------------------------------------------------------------===//

def Stablehlo_ReplicaGroupsAttr
    : AnyAttrOf<[I64ElementsAttr, Stablehlo_ReplicaGroupMeshAxesAttr],
                "replica groups">;

def Stablehlo_AliasArrayAttr : TypedArrayAttrBase<
    Stablehlo_OutputOperandAlias, "array of output-operand aliases">;

#endif // PARTIR_DIALECT_STABLEHLO_STABLEHLOATTRS_TD
