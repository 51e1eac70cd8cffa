//===- Collectives.h - Collectives as XLA takes them ------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds the StableHLO of a collective over named mesh axes. XLA knows devices
// by number: their positions in the mesh, row-major.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_RULES_COLLECTIVES_H
#define PARTIR_RULES_COLLECTIVES_H

#include "compiler/dialect/partir_hlo/PartirHlo.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"

namespace partir {

/// Lowers the ops of partir_hlo, one after another. Every collective gets a
/// channel of its own: 1, 2, 3, ... in the order in which they are built.
class CollectiveLowering {
public:
  explicit CollectiveLowering(MeshAttr mesh) : mesh(mesh) {}

  /// The ops to come are in a function with this entry block: what they need to
  /// know of the device is computed at its start, once.
  void enterFunction(mlir::Block &entry);

  /// Builds what takes the place of a partir_hlo op and returns its result. The
  /// op itself stays. An error for an op of another dialect.
  mlir::FailureOr<mlir::Value> lower(mlir::OpBuilder &builder,
                                     mlir::Operation *op);

private:
  mlir::Value lowerOp(mlir::OpBuilder &builder, hlo::AllGatherOp op);
  mlir::Value lowerOp(mlir::OpBuilder &builder, hlo::AllReduceOp op);
  mlir::Value lowerOp(mlir::OpBuilder &builder, hlo::AllSliceOp op);
  mlir::Value lowerOp(mlir::OpBuilder &builder, hlo::AllToAllOp op);
  mlir::Value lowerOp(mlir::OpBuilder &builder, hlo::AxisIndexOp op);
  mlir::Value lowerOp(mlir::OpBuilder &builder, hlo::CollectivePermuteOp op);
  mlir::Value lowerOp(mlir::OpBuilder &builder, hlo::ReduceScatterOp op);
  mlir::FailureOr<mlir::Value> lowerOp(mlir::OpBuilder &builder,
                                       hlo::WindowOp op);

  /// A collective on one dim, of more than one device.
  mlir::Value createAllGather(mlir::OpBuilder &builder, mlir::Location loc,
                              mlir::Value value, int64_t dim,
                              llvm::ArrayRef<AxisAttr> axes);
  mlir::Value createAllToAll(mlir::OpBuilder &builder, mlir::Location loc,
                             mlir::Value value, int64_t src, int64_t dst,
                             llvm::ArrayRef<AxisAttr> axes);
  mlir::Value createReduceScatter(mlir::OpBuilder &builder, mlir::Location loc,
                                  ReduceKind kind, mlir::Value value,
                                  int64_t dim, llvm::ArrayRef<AxisAttr> axes);
  /// `devices` are pairs of a source and a target.
  mlir::Value createPermute(mlir::OpBuilder &builder, mlir::Location loc,
                            mlir::Value value, llvm::ArrayRef<int64_t> devices);

  /// The position of the device along `axes`, a `tensor<i32>`. Computed at the
  /// start of the function.
  mlir::Value getPosition(mlir::Location loc, llvm::ArrayRef<AxisAttr> axes);
  /// The number of the device, a `tensor<ui32>`.
  mlir::Value getDevice(mlir::OpBuilder &builder, mlir::Location loc);

  MeshAttr mesh;
  int64_t numChannels = 0;

  /// The rest is about the current function. `prologue` is the last op of those
  /// at its start.
  mlir::Block *entry = nullptr;
  mlir::Operation *prologue = nullptr;
  mlir::Value device;
  llvm::DenseMap<hlo::AxesAttr, mlir::Value> positions;
};

/// The value as one that may be sliced: XLA makes one slice of two, without
/// clamping the start of the first, so what may have been clamped is kept apart
/// from the slice to come.
mlir::Value keepClampApart(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::Value value);

/// The values again, as ones of which XLA knows nothing but that they exist
/// once all of `values` do.
mlir::ValueRange createBarrier(mlir::OpBuilder &builder, mlir::Location loc,
                               mlir::ValueRange values);

} // namespace partir

#endif // PARTIR_RULES_COLLECTIVES_H
