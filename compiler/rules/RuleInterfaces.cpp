//===- RuleInterfaces.cpp - What a pass may ask of an op ------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Local forms, and the kinds of reductions in the dialect and in the engine.
//
//===----------------------------------------------------------------------===//

#include "compiler/rules/RuleInterfaces.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace partir;

#include "compiler/rules/RuleInterfaces.cpp.inc"

std::string partir::getLabel(Operation *op) {
  if (auto rule = dyn_cast<PartitionRuleInterface>(op))
    return rule.getLabel();
  return op->getName().getStringRef().str();
}

SmallVector<AxisAttr> LocalForm::axesOf(int factor) const {
  SmallVector<AxisAttr> found;
  for (const Axis &axis : axes)
    if (axis.factor == factor)
      found.push_back(axis.axis);
  return found;
}

SmallVector<AxisAttr>
LocalForm::axesOf(const engine::DimFactors &factors) const {
  SmallVector<AxisAttr> found;
  for (int factor : factors)
    found.append(axesOf(factor));
  return found;
}

FailureOr<SmallVector<Value>> partir::cloneLocal(Operation *op,
                                                 LocalForm &form) {
  if (form.operands.size() != op->getNumOperands() ||
      form.resultTypes.size() != op->getNumResults())
    return op->emitOpError("has a local form of ")
           << form.operands.size() << " operands and "
           << form.resultTypes.size() << " results";
  Operation *local = form.builder.clone(*op);
  // Not by way of a mapping: one value may come as two different operands.
  local->setOperands(form.operands);
  for (auto [result, type] :
       llvm::zip_equal(local->getResults(), form.resultTypes))
    result.setType(type);
  return SmallVector<Value>(local->getResults());
}

FailureOr<SmallVector<Value>> partir::failToCombine(Operation *op) {
  return op->emitOpError("reduces nothing jointly");
}

bool partir::isPlainForm(Operation *op, Block::iterator first,
                         Block::iterator end) {
  while (first != end && isa<OnceOp, PlaceOp>(*first))
    ++first;
  return first != end && std::next(first) == end &&
         first->getName() == op->getName() &&
         first->getAttrDictionary() == op->getAttrDictionary();
}

SmallVector<std::pair<int, int64_t>> partir::getPlacedDims(Operation *op) {
  SmallVector<std::pair<int, int64_t>> placed;
  for (auto [number, operand] : llvm::enumerate(op->getOperands())) {
    auto place = operand.getDefiningOp<PlaceOp>();
    for (; place; place = place.getOperand().getDefiningOp<PlaceOp>())
      placed.push_back({static_cast<int>(number), place.getDim()});
  }
  llvm::sort(placed);
  return placed;
}

static constexpr bool areSame(ReduceKind a, engine::ReduceKind b) {
  return static_cast<int>(a) == static_cast<int>(b);
}
static_assert(areSame(ReduceKind::Add, engine::ReduceKind::Add) &&
              areSame(ReduceKind::Max, engine::ReduceKind::Max) &&
              areSame(ReduceKind::Min, engine::ReduceKind::Min) &&
              areSame(ReduceKind::Mul, engine::ReduceKind::Mul) &&
              areSame(ReduceKind::And, engine::ReduceKind::And) &&
              areSame(ReduceKind::Or, engine::ReduceKind::Or) &&
              areSame(ReduceKind::Joint, engine::ReduceKind::Joint));

ReduceKind partir::toAttrKind(engine::ReduceKind kind) {
  return static_cast<ReduceKind>(kind);
}

engine::ReduceKind partir::toEngineKind(ReduceKind kind) {
  return static_cast<engine::ReduceKind>(kind);
}
