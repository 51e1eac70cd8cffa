//===- OneDevice.cpp - What one device makes of placement -----------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/rules/OneDevice.h"

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Placement.h"
#include "compiler/rules/Rules.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace partir;

//===----------------------------------------------------------------------===//
// Shardy, whose attributes are text
//===----------------------------------------------------------------------===//

/// An attribute in angle brackets, `<{...}>`, of an op that is not registered.
static Attribute getField(Operation *op, StringRef name) {
  auto fields =
      dyn_cast_or_null<DictionaryAttr>(op->getPropertiesAsAttribute());
  return fields ? fields.get(name) : op->getAttr(name);
}

static StringRef getText(Attribute attribute) {
  auto opaque = dyn_cast_or_null<OpaqueAttr>(attribute);
  return opaque ? opaque.getAttrData() : StringRef();
}

/// Whether `mesh<["x"=1, "y"=1]>` has axes of size 1 only.
static bool isMeshOfOneDevice(StringRef text) {
  if (!text.consume_front("mesh<["))
    return false;
  while (text.consume_front("\"")) {
    text = text.split('"').second;
    uint64_t size;
    if (!text.consume_front("=") || text.consumeInteger(10, size) || size != 1)
      return false;
    text.consume_front(", ");
  }
  return text.starts_with("]");
}

/// `sharding<@mesh, [{"x"}, {}]>`, or with the mesh itself in place of its
/// name.
bool OneDevice::isOnOneDevice(Attribute sharding) const {
  StringRef text = getText(sharding);
  if (!text.consume_front("sharding<"))
    return false;
  if (!text.consume_front("@"))
    return isMeshOfOneDevice(text);
  return meshes.contains(text.take_until([](char c) { return c == ','; }));
}

//===----------------------------------------------------------------------===//
// Collectives
//===----------------------------------------------------------------------===//

/// Whether groups of devices, one a row, hold one device each. No group is one
/// of all.
static bool areSingle(Attribute attribute, bool isWhole) {
  auto groups = dyn_cast<DenseIntElementsAttr>(attribute);
  if (!groups)
    return false;
  if (groups.getNumElements() == 0)
    return isWhole;
  ShapedType type = groups.getType();
  return type.getRank() == 2 && type.getDimSize(1) == 1;
}

static bool replaceByOperands(Operation *op) {
  if (op->getOperandTypes() != op->getResultTypes())
    return false;
  op->replaceAllUsesWith(op->getOperands());
  op->erase();
  return true;
}

static bool replaceByZero(Operation *op) {
  OpBuilder builder(op);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  auto zero = dyn_cast_or_null<DenseElementsAttr>(builder.getZeroAttr(type));
  if (!zero)
    return false;
  op->replaceAllUsesWith(
      ValueRange{rules::constant(builder, op->getLoc(), zero)});
  op->erase();
  return true;
}

/// From the only device to itself; if it is no target, it gets zeros.
static bool replacePermute(stablehlo::CollectivePermuteOp op) {
  DenseIntElementsAttr pairs = op.getSourceTargetPairs();
  if (pairs.getNumElements() == 0)
    return replaceByZero(op);
  return llvm::all_of(pairs,
                      [](const APInt &device) { return device.isZero(); }) &&
         replaceByOperands(op);
}

OneDevice::OneDevice(ModuleOp module) : isWhole(true) {
  for (NamedAttribute attribute : module->getDiscardableAttrs())
    if (isDeviceCount(attribute.getName()))
      if (auto count = dyn_cast<IntegerAttr>(attribute.getValue()))
        isWhole &= count.getValue() == 1;
  for (Operation &op : *module.getBody())
    if (isShardy(&op) && isMeshOfOneDevice(getText(getField(&op, "mesh"))))
      if (auto name = dyn_cast_or_null<StringAttr>(
              getField(&op, SymbolTable::getSymbolAttrName())))
        meshes.insert(name);
}

bool OneDevice::replace(Operation *op) const {
  if (isShardy(op))
    return op->getName().getStringRef() == "sdy.sharding_constraint" &&
           isOnOneDevice(getField(op, "sharding")) && replaceByOperands(op);
  return TypeSwitch<Operation *, bool>(op)
      .Case<stablehlo::AllGatherOp, stablehlo::AllReduceOp,
            stablehlo::AllToAllOp, stablehlo::CollectiveBroadcastOp,
            stablehlo::CrossReplicaSumOp, stablehlo::ReduceScatterOp>(
          [&](auto collective) {
            return areSingle(collective.getReplicaGroups(), isWhole) &&
                   replaceByOperands(op);
          })
      .Case<stablehlo::CollectivePermuteOp>(
          [&](auto permute) { return isWhole && replacePermute(permute); })
      .Case<stablehlo::PartitionIdOp, stablehlo::ReplicaIdOp>(
          [&](auto) { return isWhole && replaceByZero(op); })
      .Default(false);
}
