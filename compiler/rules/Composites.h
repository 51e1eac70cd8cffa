//===- Composites.h - What a composite stands for ---------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A composite is a call with a name of its own. `partir.tag` of the Python API
// is one; every other one is the function that it is made of.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_RULES_COMPOSITES_H
#define PARTIR_RULES_COMPOSITES_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"

namespace partir {

/// Whether an op is the tag of a value.
bool isTagComposite(mlir::Operation *op);

/// The name that a tag gives its value. An error where it gives none, or is no
/// identity of one value.
mlir::FailureOr<mlir::StringAttr> getTagName(mlir::Operation *op);

/// The function whose body may take the place of a composite; null for every
/// other op.
mlir::FlatSymbolRefAttr getDecomposition(mlir::Operation *op);

} // namespace partir

#endif // PARTIR_RULES_COMPOSITES_H
