//===- Placement.cpp - Ops that say what runs where -----------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/rules/Placement.h"

#include "compiler/dialect/stablehlo/Stablehlo.h"

using namespace mlir;
using namespace partir;

bool partir::isShardy(Operation *op) {
  return op->getName().getDialectNamespace() == "sdy";
}

bool partir::isSharding(StringAttr attributeName) {
  return attributeName == "mhlo.sharding" || attributeName == "sdy.sharding";
}

StringRef partir::getAdviceName() { return "sdy.sharding_rule"; }

bool partir::isDeviceCount(StringAttr attributeName) {
  return attributeName == "mhlo.num_partitions" ||
         attributeName == "mhlo.num_replicas";
}

/// Calls that JAX makes for with_sharding_constraint and shard_map.
static bool isPlacingTarget(StringRef target) {
  return target == "Sharding" || target == "SPMDFullToShardShape" ||
         target == "SPMDShardToFullShape" || target.starts_with("xla.sdy.");
}

static LogicalResult emitPlaces(Operation *op, const Twine &how) {
  return op->emitOpError() << how
                           << ": the function itself places values on devices; "
                              "leave that to the schedule";
}

static LogicalResult emitHasEffect(Operation *op, const Twine &what) {
  return op->emitOpError() << what
                           << ", which each device would repeat; take it out "
                              "of the function";
}

LogicalResult partir::verifyLeavesPlacement(Operation *op) {
  if (isShardy(op))
    return emitPlaces(op, "is an op of Shardy");
  if (auto call = dyn_cast<stablehlo::CustomCallOp>(op)) {
    StringRef target = call.getCallTargetName();
    if (isPlacingTarget(target))
      return emitPlaces(op, "calls @" + target);
    if (call.getHasSideEffect())
      return emitHasEffect(op, "to @" + target + " has a side effect");
  }
  if (isa<stablehlo::AllGatherOp, stablehlo::AllReduceOp, stablehlo::AllToAllOp,
          stablehlo::CollectiveBroadcastOp, stablehlo::CollectivePermuteOp,
          stablehlo::CrossReplicaSumOp, stablehlo::ReduceScatterOp>(op))
    return emitPlaces(op, "exchanges values between devices");
  if (isa<stablehlo::PartitionIdOp, stablehlo::ReplicaIdOp>(op))
    return emitPlaces(op, "asks which device it runs on");
  if (isa<stablehlo::InfeedOp, stablehlo::OutfeedOp, stablehlo::RecvOp,
          stablehlo::SendOp>(op))
    return emitHasEffect(op, "has a side effect");
  if (isa<stablehlo::RngOp>(op))
    return op->emitOpError(
        "draws from a state that each device has for itself, so that devices "
        "would go on with different numbers; draw from a key (jax.random)");
  for (NamedAttribute attribute : op->getDiscardableAttrs())
    if (isSharding(attribute.getName()))
      return emitPlaces(op, "has '" + attribute.getName().strref() + "'");
  return success();
}
