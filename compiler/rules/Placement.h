//===- Placement.h - Ops that say what runs where ---------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where values lie is the schedule's business. This is how a program that
// meddles with it is recognised.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_RULES_PLACEMENT_H
#define PARTIR_RULES_PLACEMENT_H

#include "mlir/IR/Operation.h"

namespace partir {

/// Emits an error at an op that places values on devices, talks to other
/// devices, has an effect that each device would repeat, or a state of which
/// each device has its own.
llvm::LogicalResult verifyLeavesPlacement(mlir::Operation *op);

/// Whether an op is one of Shardy: a mesh, or what lays a value out on one.
bool isShardy(mlir::Operation *op);

/// Whether an attribute of an input, a result or an op gives it a sharding.
bool isSharding(mlir::StringAttr attributeName);

/// The attribute of a custom call that advises Shardy how it may be tiled; it
/// holds the sizes of the dims.
llvm::StringRef getAdviceName();

/// Whether an attribute of the module counts its devices.
bool isDeviceCount(mlir::StringAttr attributeName);

} // namespace partir

#endif // PARTIR_RULES_PLACEMENT_H
