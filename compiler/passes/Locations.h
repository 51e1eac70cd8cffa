//===- Locations.h - Locations that XLA reads -------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// XLA takes an op's name from the outermost name of its location, and the
// user's source lines from call sites of files right below that name. Every
// other nesting loses one of the two.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_LOCATIONS_H
#define PARTIR_PASSES_LOCATIONS_H

#include "mlir/IR/Location.h"
#include "mlir/IR/Operation.h"

namespace partir {

/// The location of an op of a function that is inlined at `call`: the name
/// `call/op`, as XLA names ops when it inlines, with the source lines of both.
mlir::Location getInlinedLoc(mlir::Location loc, mlir::Location call);

/// Takes the causes of decisions out of all locations at and inside `op`.
void dropCauses(mlir::Operation *op);

} // namespace partir

#endif // PARTIR_PASSES_LOCATIONS_H
