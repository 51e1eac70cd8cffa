//===- Chlo.cpp - The chlo dialect, its attributes and ops ----------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Chlo.h"

#include "compiler/dialect/stablehlo/Fields.h"
#include "compiler/dialect/stablehlo/StrictOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace partir::chlo;
using partir::stablehlo::detail::FieldReader;
using partir::stablehlo::detail::FieldWriter;

#include "compiler/dialect/stablehlo/ChloDialect.cpp.inc"

#include "compiler/dialect/stablehlo/ChloEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "compiler/dialect/stablehlo/ChloAttrs.cpp.inc"

#define GET_OP_CLASSES
#include "compiler/dialect/stablehlo/Chlo.cpp.inc"

void ChloDialect::initialize() {
  registerAttributes();
  registerOps();
}

void ChloDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "compiler/dialect/stablehlo/ChloAttrs.cpp.inc"
      >();
}

void ChloDialect::registerOps() {
  stablehlo::detail::registerStrictOps<
#define GET_OP_LIST
#include "compiler/dialect/stablehlo/Chlo.cpp.inc"
      >(this);
}

Operation *ChloDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                            Type type, Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, elements);
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

Attribute RaggedDotDimensionNumbersAttr::parse(AsmParser &parser, Type) {
  FieldReader fields(parser);
  SmallVector<int64_t> dims[6];
  fields.add("lhs_batching_dimensions", dims[0]);
  fields.add("rhs_batching_dimensions", dims[1]);
  fields.add("lhs_contracting_dimensions", dims[2]);
  fields.add("rhs_contracting_dimensions", dims[3]);
  fields.add("lhs_ragged_dimensions", dims[4]);
  fields.add("rhs_group_dimensions", dims[5]);
  if (fields.parse())
    return {};
  return get(parser.getContext(), dims[0], dims[1], dims[2], dims[3], dims[4],
             dims[5]);
}

void RaggedDotDimensionNumbersAttr::print(AsmPrinter &printer) const {
  FieldWriter(printer)
      .optional("lhs_batching_dimensions", getLhsBatchingDimensions())
      .optional("rhs_batching_dimensions", getRhsBatchingDimensions())
      .optional("lhs_contracting_dimensions", getLhsContractingDimensions())
      .optional("rhs_contracting_dimensions", getRhsContractingDimensions())
      .optional("lhs_ragged_dimensions", getLhsRaggedDimensions())
      .optional("rhs_group_dimensions", getRhsGroupDimensions());
}
