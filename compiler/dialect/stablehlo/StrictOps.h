//===- StrictOps.h - Ops that refuse unknown properties ---------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code generated from ODS reads the properties that it knows and drops the
// rest. A mirror must not drop: an attribute of a newer jaxlib is an error.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_STABLEHLO_STRICTOPS_H
#define PARTIR_DIALECT_STABLEHLO_STRICTOPS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/OperationSupport.h"
#include "llvm/ADT/STLExtras.h"

#include <memory>

namespace partir::stablehlo::detail {

template <typename OpT> struct StrictOp : OpT {
  using OpT::OpT;

  template <typename Properties>
  static llvm::LogicalResult setPropertiesFromAttr(
      Properties &properties, mlir::Attribute attr,
      llvm::function_ref<mlir::InFlightDiagnostic()> emitError) {
    if (auto dictionary = llvm::dyn_cast<mlir::DictionaryAttr>(attr))
      for (mlir::NamedAttribute entry : dictionary)
        if (!isKnown(entry.getName())) {
          if (emitError)
            emitError() << "'" << OpT::getOperationName()
                        << "' has no attribute '" << entry.getName().getValue()
                        << "'";
          return llvm::failure();
        }
    return OpT::setPropertiesFromAttr(properties, attr, emitError);
  }

private:
  static bool isKnown(llvm::StringRef name) {
    return llvm::is_contained(OpT::getAttributeNames(), name) ||
           name == "operandSegmentSizes" || name == "resultSegmentSizes";
  }
};

/// The model of StrictOp under the identity of the op itself, so that `isa`
/// and interfaces find it.
template <typename OpT>
struct StrictModel : mlir::RegisteredOperationName::Model<StrictOp<OpT>> {
  explicit StrictModel(mlir::Dialect *dialect)
      : mlir::RegisteredOperationName::Model<StrictOp<OpT>>(dialect) {
    this->typeID = mlir::TypeID::get<OpT>();
  }
};

template <typename... OpTs> void registerStrictOps(mlir::Dialect *dialect) {
  (mlir::RegisteredOperationName::insert(
       std::make_unique<StrictModel<OpTs>>(dialect), OpTs::getAttributeNames()),
   ...);
}

} // namespace partir::stablehlo::detail

#endif // PARTIR_DIALECT_STABLEHLO_STRICTOPS_H
