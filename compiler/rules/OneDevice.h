//===- OneDevice.h - What one device makes of placement ---------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function can speak of devices and mean one: `shard_map` over a mesh of one
// device, a sharding of typed PRNG keys on the empty mesh. That moves nothing
// and has a plain meaning.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_RULES_ONEDEVICE_H
#define PARTIR_RULES_ONEDEVICE_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringSet.h"

namespace partir {

/// Replaces what speaks of one device in a module.
class OneDevice {
public:
  /// Reads off the module what its meshes are, and for how many devices it is.
  explicit OneDevice(mlir::ModuleOp module);

  /// Whether the op is replaced by its meaning, and gone: a collective among
  /// groups of one device is its operand, the number of the only device is 0,
  /// a constraint to a mesh of one device holds.
  bool replace(mlir::Operation *op) const;

private:
  bool isOnOneDevice(mlir::Attribute sharding) const;

  /// Whether the module runs on one device.
  bool isWhole;
  /// The names of the meshes of one device.
  llvm::StringSet<> meshes;
};

} // namespace partir

#endif // PARTIR_RULES_ONEDEVICE_H
