//===- StablehloAttrs.cpp - Attributes and enums of StableHLO -------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The text must be what jaxlib prints and reads.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Fields.h"
#include "compiler/dialect/stablehlo/Stablehlo.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace partir::stablehlo;
using partir::stablehlo::detail::FieldReader;
using partir::stablehlo::detail::FieldWriter;

#include "compiler/dialect/stablehlo/StablehloEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "compiler/dialect/stablehlo/StablehloAttrs.cpp.inc"

void StablehloDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "compiler/dialect/stablehlo/StablehloAttrs.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Dot, gather, scatter
//===----------------------------------------------------------------------===//

Attribute DotDimensionNumbersAttr::parse(AsmParser &parser, Type) {
  FieldReader fields(parser);
  SmallVector<int64_t> lhsBatching, rhsBatching, lhsContracting, rhsContracting;
  fields.add("lhs_batching_dimensions", lhsBatching);
  fields.add("rhs_batching_dimensions", rhsBatching);
  fields.add("lhs_contracting_dimensions", lhsContracting);
  fields.add("rhs_contracting_dimensions", rhsContracting);
  if (fields.parse())
    return {};
  return get(parser.getContext(), lhsBatching, rhsBatching, lhsContracting,
             rhsContracting);
}

void DotDimensionNumbersAttr::print(AsmPrinter &printer) const {
  FieldWriter(printer)
      .optional("lhs_batching_dimensions", getLhsBatchingDimensions())
      .optional("rhs_batching_dimensions", getRhsBatchingDimensions())
      .optional("lhs_contracting_dimensions", getLhsContractingDimensions())
      .optional("rhs_contracting_dimensions", getRhsContractingDimensions());
}

Attribute GatherDimensionNumbersAttr::parse(AsmParser &parser, Type) {
  FieldReader fields(parser);
  SmallVector<int64_t> offset, collapsed, operandBatching, indicesBatching, map;
  int64_t indexVectorDim = 0;
  fields.add("offset_dims", offset);
  fields.add("collapsed_slice_dims", collapsed);
  fields.add("operand_batching_dims", operandBatching);
  fields.add("start_indices_batching_dims", indicesBatching);
  fields.add("start_index_map", map);
  fields.add("index_vector_dim",
             [&] { return parser.parseInteger(indexVectorDim); });
  if (fields.parse())
    return {};
  return get(parser.getContext(), offset, collapsed, operandBatching,
             indicesBatching, map, indexVectorDim);
}

void GatherDimensionNumbersAttr::print(AsmPrinter &printer) const {
  FieldWriter(printer)
      .optional("offset_dims", getOffsetDims())
      .optional("collapsed_slice_dims", getCollapsedSliceDims())
      .optional("operand_batching_dims", getOperandBatchingDims())
      .optional("start_indices_batching_dims", getStartIndicesBatchingDims())
      .optional("start_index_map", getStartIndexMap())
      .optional("index_vector_dim", getIndexVectorDim());
}

Attribute ScatterDimensionNumbersAttr::parse(AsmParser &parser, Type) {
  FieldReader fields(parser);
  SmallVector<int64_t> window, inserted, inputBatching, indicesBatching, map;
  int64_t indexVectorDim = 0;
  fields.add("update_window_dims", window);
  fields.add("inserted_window_dims", inserted);
  fields.add("input_batching_dims", inputBatching);
  fields.add("scatter_indices_batching_dims", indicesBatching);
  fields.add("scatter_dims_to_operand_dims", map);
  fields.add("index_vector_dim",
             [&] { return parser.parseInteger(indexVectorDim); });
  if (fields.parse())
    return {};
  return get(parser.getContext(), window, inserted, inputBatching,
             indicesBatching, map, indexVectorDim);
}

void ScatterDimensionNumbersAttr::print(AsmPrinter &printer) const {
  FieldWriter(printer)
      .optional("update_window_dims", getUpdateWindowDims())
      .optional("inserted_window_dims", getInsertedWindowDims())
      .optional("input_batching_dims", getInputBatchingDims())
      .optional("scatter_indices_batching_dims",
                getScatterIndicesBatchingDims())
      .optional("scatter_dims_to_operand_dims", getScatterDimsToOperandDims())
      .optional("index_vector_dim", getIndexVectorDim());
}

//===----------------------------------------------------------------------===//
// Convolution
//===----------------------------------------------------------------------===//

/// The dims of input, kernel or output: `[b, 0, 1, f]`.
namespace {
struct ConvList {
  int64_t first = -1;
  int64_t second = -1;
  SmallVector<int64_t> spatial;
};
} // namespace

static ParseResult parseConvList(AsmParser &parser, StringRef first,
                                 StringRef second, ConvList &list) {
  SMLoc loc = parser.getCurrentLocation();
  // Which position a spatial dim has, by its number.
  SmallVector<std::pair<int64_t, int64_t>> spatial;
  int64_t position = 0;
  auto parseEntry = [&]() -> ParseResult {
    SMLoc entryLoc = parser.getCurrentLocation();
    int64_t number;
    OptionalParseResult isNumber = parser.parseOptionalInteger(number);
    if (isNumber.has_value()) {
      spatial.emplace_back(number, position++);
      return *isNumber;
    }
    StringRef name;
    if (parser.parseOptionalKeyword(&name))
      return parser.emitError(entryLoc)
             << "expected '" << first << "', '" << second
             << "' or the number of a spatial dimension";
    int64_t *slot = name == first    ? &list.first
                    : name == second ? &list.second
                                     : nullptr;
    if (!slot || *slot >= 0)
      return parser.emitError(entryLoc)
             << (slot ? "dimension '" : "unknown dimension '") << name
             << (slot ? "' occurs twice" : "'");
    *slot = position++;
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseEntry))
    return failure();

  llvm::sort(spatial);
  for (auto [index, entry] : llvm::enumerate(spatial)) {
    if (entry.first != static_cast<int64_t>(index))
      return parser.emitError(loc)
             << "spatial dimensions are not numbered from 0, each once";
    list.spatial.push_back(entry.second);
  }
  if (list.first < 0 || list.second < 0)
    return parser.emitError(loc)
           << "missing dimension '" << (list.first < 0 ? first : second) << "'";
  return success();
}

Attribute ConvDimensionNumbersAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  ConvList input, kernel, output;
  if (parser.parseLess() || parseConvList(parser, "b", "f", input) ||
      parser.parseKeyword("x") || parseConvList(parser, "i", "o", kernel) ||
      parser.parseArrow() || parseConvList(parser, "b", "f", output) ||
      parser.parseGreater())
    return {};
  return parser.getChecked<ConvDimensionNumbersAttr>(
      loc, parser.getContext(), input.first, input.second, input.spatial,
      kernel.first, kernel.second, kernel.spatial, output.first, output.second,
      output.spatial);
}

static void printConvList(AsmPrinter &printer, StringRef firstName,
                          int64_t first, StringRef secondName, int64_t second,
                          ArrayRef<int64_t> spatial) {
  SmallVector<std::string> entries(spatial.size() + 2);
  entries[first] = firstName.str();
  entries[second] = secondName.str();
  for (auto [number, position] : llvm::enumerate(spatial))
    entries[position] = std::to_string(number);
  printer << '[';
  llvm::interleaveComma(entries, printer);
  printer << ']';
}

void ConvDimensionNumbersAttr::print(AsmPrinter &printer) const {
  printer << '<';
  printConvList(printer, "b", getInputBatchDimension(), "f",
                getInputFeatureDimension(), getInputSpatialDimensions());
  printer << 'x';
  printConvList(printer, "i", getKernelInputFeatureDimension(), "o",
                getKernelOutputFeatureDimension(),
                getKernelSpatialDimensions());
  printer << "->";
  printConvList(printer, "b", getOutputBatchDimension(), "f",
                getOutputFeatureDimension(), getOutputSpatialDimensions());
  printer << '>';
}

static bool isPermutation(int64_t first, int64_t second,
                          ArrayRef<int64_t> spatial) {
  SmallVector<int64_t> dims = {first, second};
  llvm::append_range(dims, spatial);
  llvm::SmallBitVector seen(dims.size());
  for (int64_t dim : dims) {
    if (dim < 0 || dim >= static_cast<int64_t>(dims.size()) || seen.test(dim))
      return false;
    seen.set(dim);
  }
  return true;
}

LogicalResult ConvDimensionNumbersAttr::verify(
    function_ref<InFlightDiagnostic()> emitError, int64_t inputBatch,
    int64_t inputFeature, ArrayRef<int64_t> inputSpatial,
    int64_t kernelInputFeature, int64_t kernelOutputFeature,
    ArrayRef<int64_t> kernelSpatial, int64_t outputBatch, int64_t outputFeature,
    ArrayRef<int64_t> outputSpatial) {
  if (!isPermutation(inputBatch, inputFeature, inputSpatial) ||
      !isPermutation(kernelInputFeature, kernelOutputFeature, kernelSpatial) ||
      !isPermutation(outputBatch, outputFeature, outputSpatial))
    return emitError() << "convolution dimensions must name each dimension of "
                          "input, kernel and output once";
  if (inputSpatial.size() != kernelSpatial.size() ||
      inputSpatial.size() != outputSpatial.size())
    return emitError() << "input, kernel and output must have the same number "
                          "of spatial dimensions, got "
                       << inputSpatial.size() << ", " << kernelSpatial.size()
                       << " and " << outputSpatial.size();
  return success();
}

//===----------------------------------------------------------------------===//
// Channels, aliases, precision
//===----------------------------------------------------------------------===//

Attribute ChannelHandleAttr::parse(AsmParser &parser, Type) {
  FieldReader fields(parser);
  int64_t handle = 0, type = 0;
  fields.require("handle", [&] { return parser.parseInteger(handle); });
  fields.require("type", [&] { return parser.parseInteger(type); });
  if (fields.parse())
    return {};
  return get(parser.getContext(), handle, type);
}

void ChannelHandleAttr::print(AsmPrinter &printer) const {
  FieldWriter(printer).value("handle", getHandle()).value("type", getType());
}

Attribute OutputOperandAliasAttr::parse(AsmParser &parser, Type) {
  FieldReader fields(parser);
  SmallVector<int64_t> outputIndices, operandIndices;
  int64_t operandIndex = 0;
  fields.add("output_tuple_indices", outputIndices);
  fields.require("operand_index",
                 [&] { return parser.parseInteger(operandIndex); });
  fields.add("operand_tuple_indices", operandIndices);
  if (fields.parse())
    return {};
  return get(parser.getContext(), outputIndices, operandIndex, operandIndices);
}

void OutputOperandAliasAttr::print(AsmPrinter &printer) const {
  FieldWriter(printer)
      .dims("output_tuple_indices", getOutputTupleIndices())
      .value("operand_index", getOperandIndex())
      .dims("operand_tuple_indices", getOperandTupleIndices());
}

static ParseResult parseBool(AsmParser &parser, bool &value) {
  value = succeeded(parser.parseOptionalKeyword("true"));
  return value ? ParseResult::success() : parser.parseKeyword("false");
}

Attribute DotAlgorithmAttr::parse(AsmParser &parser, Type) {
  FieldReader fields(parser);
  Type lhsType, rhsType, accumulationType;
  int64_t lhsCount = 0, rhsCount = 0, operations = 0;
  bool allowImprecise = false;
  fields.require("lhs_precision_type",
                 [&] { return parser.parseType(lhsType); });
  fields.require("rhs_precision_type",
                 [&] { return parser.parseType(rhsType); });
  fields.require("accumulation_type",
                 [&] { return parser.parseType(accumulationType); });
  fields.require("lhs_component_count",
                 [&] { return parser.parseInteger(lhsCount); });
  fields.require("rhs_component_count",
                 [&] { return parser.parseInteger(rhsCount); });
  fields.require("num_primitive_operations",
                 [&] { return parser.parseInteger(operations); });
  fields.require("allow_imprecise_accumulation",
                 [&] { return parseBool(parser, allowImprecise); });
  if (fields.parse())
    return {};
  return get(parser.getContext(), lhsType, rhsType, accumulationType, lhsCount,
             rhsCount, operations, allowImprecise);
}

void DotAlgorithmAttr::print(AsmPrinter &printer) const {
  FieldWriter(printer)
      .value("lhs_precision_type", getLhsPrecisionType())
      .value("rhs_precision_type", getRhsPrecisionType())
      .value("accumulation_type", getAccumulationType())
      .value("lhs_component_count", getLhsComponentCount())
      .value("rhs_component_count", getRhsComponentCount())
      .value("num_primitive_operations", getNumPrimitiveOperations())
      .value("allow_imprecise_accumulation",
             getAllowImpreciseAccumulation() ? "true" : "false");
}

Attribute ResultAccuracyAttr::parse(AsmParser &parser, Type) {
  FieldReader fields(parser);
  APFloat atol(0.0), rtol(0.0);
  int64_t ulps = 0;
  ResultAccuracyModeAttr mode;
  auto readFloat = [&](APFloat &value) {
    return parser.parseFloat(value.getSemantics(), value);
  };
  fields.add("atol", [&] { return readFloat(atol); });
  fields.add("rtol", [&] { return readFloat(rtol); });
  fields.add("ulps", [&] { return parser.parseInteger(ulps); });
  fields.require("mode", [&] { return parser.parseAttribute(mode); });
  if (fields.parse())
    return {};
  return get(parser.getContext(), atol, rtol, ulps, mode);
}

void ResultAccuracyAttr::print(AsmPrinter &printer) const {
  FieldWriter fields(printer);
  if (!getAtol().isZero()) {
    fields.field("atol");
    printer.printFloat(getAtol());
  }
  if (!getRtol().isZero()) {
    fields.field("rtol");
    printer.printFloat(getRtol());
  }
  fields.optional("ulps", getUlps());
  fields.value("mode", getMode());
}

//===----------------------------------------------------------------------===//
// Bounds
//===----------------------------------------------------------------------===//

Attribute TypeExtensionsAttr::parse(AsmParser &parser, Type) {
  SmallVector<int64_t> bounds;
  auto parseBound = [&]() -> ParseResult {
    if (succeeded(parser.parseOptionalQuestion())) {
      bounds.push_back(ShapedType::kDynamic);
      return success();
    }
    return parser.parseInteger(bounds.emplace_back());
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater,
                                     parseBound))
    return {};
  return get(parser.getContext(), bounds);
}

void TypeExtensionsAttr::print(AsmPrinter &printer) const {
  printer << '<';
  llvm::interleaveComma(getBounds(), printer, [&](int64_t bound) {
    if (ShapedType::isDynamic(bound))
      printer << '?';
    else
      printer << bound;
  });
  printer << '>';
}

LogicalResult TypeExtensionsAttr::verifyEncoding(
    ArrayRef<int64_t> shape, Type,
    function_ref<InFlightDiagnostic()> emitError) const {
  if (getBounds().size() != shape.size())
    return emitError() << getBounds().size() << " bounds for a tensor of rank "
                       << shape.size();
  return success();
}

//===----------------------------------------------------------------------===//
// Meshes
//===----------------------------------------------------------------------===//

Attribute MeshAxisAttr::parse(AsmParser &parser, Type) {
  FieldReader fields(parser);
  std::string name;
  int64_t size = 0;
  fields.require("name", [&] { return parser.parseString(&name); });
  fields.require("size", [&] { return parser.parseInteger(size); });
  if (fields.parse())
    return {};
  return get(parser.getContext(), name, size);
}

void MeshAxisAttr::print(AsmPrinter &printer) const {
  FieldWriter fields(printer);
  fields.field("name");
  printer.printString(getName());
  fields.value("size", getSize());
}

Attribute MeshAttr::parse(AsmParser &parser, Type) {
  FieldReader fields(parser);
  SmallVector<MeshAxisAttr> axes;
  Attribute deviceIds;
  auto parseAxis = [&]() -> ParseResult {
    auto axis = llvm::dyn_cast_if_present<MeshAxisAttr>(
        MeshAxisAttr::parse(parser, {}));
    axes.push_back(axis);
    return success(static_cast<bool>(axis));
  };
  fields.require("axes", [&] {
    return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square,
                                          parseAxis);
  });
  fields.add("device_ids", [&] { return parser.parseAttribute(deviceIds); });
  if (fields.parse())
    return {};
  return get(parser.getContext(), axes, deviceIds);
}

void MeshAttr::print(AsmPrinter &printer) const {
  printer << "<axes=[";
  llvm::interleaveComma(getAxes(), printer,
                        [&](MeshAxisAttr axis) { axis.print(printer); });
  printer << ']';
  if (getDeviceIds())
    printer << ", device_ids=" << getDeviceIds();
  printer << '>';
}

Attribute AxisRefAttr::parse(AsmParser &parser, Type) {
  FieldReader fields(parser);
  std::string name;
  SubAxisInfoAttr part;
  fields.require("name", [&] { return parser.parseString(&name); });
  fields.add("sub_axis_info", [&] {
    part = llvm::dyn_cast_if_present<SubAxisInfoAttr>(
        SubAxisInfoAttr::parse(parser, {}));
    return success(static_cast<bool>(part));
  });
  if (fields.parse())
    return {};
  return get(parser.getContext(), name, part);
}

void AxisRefAttr::print(AsmPrinter &printer) const {
  FieldWriter fields(printer);
  fields.field("name");
  printer.printString(getName());
  if (getSubAxisInfo()) {
    fields.field("sub_axis_info");
    getSubAxisInfo().print(printer);
  }
}

Attribute ReplicaGroupMeshAxesAttr::parse(AsmParser &parser, Type) {
  FieldReader fields(parser);
  Attribute mesh;
  ArrayAttr axes;
  fields.require("mesh", [&] { return parser.parseAttribute(mesh); });
  fields.require("axes", [&] { return parser.parseAttribute(axes); });
  if (fields.parse())
    return {};
  return get(parser.getContext(), mesh, axes);
}

void ReplicaGroupMeshAxesAttr::print(AsmPrinter &printer) const {
  FieldWriter(printer).value("mesh", getMesh()).value("axes", getAxes());
}
