//===- Ties.cpp - Ops that only hand values on ----------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The ties of loops, branches and barriers, and the trip counts of the loops
// to which JAX lowers scans.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;

namespace {

/// The block of a region and its terminator, if it has them.
Operation *terminatorOf(Region &region) {
  if (!region.hasOneBlock() || region.front().empty())
    return nullptr;
  return &region.front().back();
}

//===----------------------------------------------------------------------===//
// optimization_barrier
//===----------------------------------------------------------------------===//

struct BarrierTies
    : TieInterface::ExternalModel<BarrierTies,
                                  stablehlo::OptimizationBarrierOp> {
  SmallVector<Tie> getTies(Operation *op) const {
    SmallVector<Tie> ties;
    for (auto [operand, result] :
         llvm::zip(op->getOpOperands(), op->getResults())) {
      Tie &tie = ties.emplace_back();
      tie.sources.push_back(&operand);
      tie.targets.push_back(result);
    }
    return ties;
  }
  std::optional<int64_t> getTripCount(Operation *op) const { return 1; }
};

//===----------------------------------------------------------------------===//
// case, if
//===----------------------------------------------------------------------===//

/// A result is what the branch that is taken yields.
template <typename OpT>
struct BranchTies : TieInterface::ExternalModel<BranchTies<OpT>, OpT> {
  SmallVector<Tie> getTies(Operation *op) const {
    SmallVector<Tie> ties;
    for (OpResult result : op->getResults()) {
      Tie &tie = ties.emplace_back();
      tie.targets.push_back(result);
      for (Region &region : op->getRegions()) {
        Operation *end = terminatorOf(region);
        if (end && result.getResultNumber() < end->getNumOperands())
          tie.sources.push_back(&end->getOpOperand(result.getResultNumber()));
      }
    }
    return ties;
  }
  std::optional<int64_t> getTripCount(Operation *op) const { return 1; }
};

//===----------------------------------------------------------------------===//
// while
//===----------------------------------------------------------------------===//

/// Init, yield of the body, arguments of condition and body, result.
struct WhileTies : TieInterface::ExternalModel<WhileTies, stablehlo::WhileOp> {
  SmallVector<Tie> getTies(Operation *op) const {
    SmallVector<Tie> ties;
    auto loop = cast<stablehlo::WhileOp>(op);
    Operation *end = terminatorOf(loop.getBody());
    for (auto [index, operand] : llvm::enumerate(op->getOpOperands())) {
      Tie &tie = ties.emplace_back();
      tie.sources.push_back(&operand);
      if (end && index < end->getNumOperands())
        tie.sources.push_back(&end->getOpOperand(index));
      for (Region &region : op->getRegions())
        if (!region.empty() && index < region.getNumArguments())
          tie.targets.push_back(region.getArgument(index));
      if (index < op->getNumResults())
        tie.targets.push_back(op->getResult(index));
    }
    return ties;
  }

  std::optional<int64_t> getTripCount(Operation *op) const;
  SmallVector<Value> addInvariants(Operation *op, ValueRange values) const;
};

SmallVector<Value> WhileTies::addInvariants(Operation *op,
                                            ValueRange values) const {
  SmallVector<Value> operands(op->getOperands());
  llvm::append_range(operands, values);
  OperationState state(op->getLoc(), op->getName(), operands,
                       ValueRange(operands).getTypes(), op->getAttrs());
  for (Region &region : op->getRegions())
    state.addRegion()->takeBody(region);
  auto loop = cast<stablehlo::WhileOp>(OpBuilder(op).create(state));
  SmallVector<Value> arguments;
  for (Value value : values) {
    loop.getCond().addArgument(value.getType(), value.getLoc());
    arguments.push_back(
        loop.getBody().addArgument(value.getType(), value.getLoc()));
  }
  Operation *end = terminatorOf(loop.getBody());
  end->insertOperands(end->getNumOperands(), arguments);
  op->replaceAllUsesWith(loop->getResults().take_front(op->getNumResults()));
  op->erase();
  return arguments;
}

/// The integer that a scalar is on every trip of the loops around it: a
/// constant, or a carried value that starts as one and that the body hands on
/// as it is.
std::optional<int64_t> invariantOf(Value value) {
  while (auto argument = dyn_cast<BlockArgument>(value)) {
    auto loop = dyn_cast_or_null<stablehlo::WhileOp>(
        argument.getOwner()->getParentOp());
    Operation *end = loop ? terminatorOf(loop.getBody()) : nullptr;
    unsigned index = argument.getArgNumber();
    if (!end || index >= loop->getNumOperands() ||
        index >= end->getNumOperands() ||
        index >= loop.getBody().getNumArguments() ||
        end->getOperand(index) != loop.getBody().getArgument(index))
      return std::nullopt;
    value = loop->getOperand(index);
  }
  auto constant = value.getDefiningOp<stablehlo::ConstantOp>();
  if (!constant)
    return std::nullopt;
  auto elements = dyn_cast<DenseIntElementsAttr>(constant.getValue());
  auto type = dyn_cast<IntegerType>(elementTypeOf(value));
  if (!elements || !type || elements.getNumElements() != 1)
    return std::nullopt;
  auto number = elements.getSplatValue<APInt>();
  return type.isUnsigned() ? number.zext(65).trySExtValue()
                           : number.trySExtValue();
}

/// Recognises a counter that starts at a constant, grows by a constant, and
/// runs as long as it is below a constant.
std::optional<int64_t> WhileTies::getTripCount(Operation *op) const {
  auto loop = cast<stablehlo::WhileOp>(op);
  Operation *test = terminatorOf(loop.getCond());
  Operation *end = terminatorOf(loop.getBody());
  if (!test || test->getNumOperands() != 1 || !end)
    return std::nullopt;
  auto compare = test->getOperand(0).getDefiningOp<stablehlo::CompareOp>();
  if (!compare)
    return std::nullopt;

  using Direction = stablehlo::ComparisonDirection;
  Direction direction = compare.getComparisonDirection();
  Value left = compare->getOperand(0), right = compare->getOperand(1);
  if (direction == Direction::GT || direction == Direction::GE) {
    std::swap(left, right);
    direction = direction == Direction::GT ? Direction::LT : Direction::LE;
  }
  if (direction != Direction::LT && direction != Direction::LE)
    return std::nullopt;
  auto counter = dyn_cast<BlockArgument>(left);
  if (!counter || counter.getOwner() != &loop.getCond().front())
    return std::nullopt;
  unsigned index = counter.getArgNumber();
  if (index >= end->getNumOperands() || index >= loop->getNumOperands() ||
      index >= loop.getBody().getNumArguments())
    return std::nullopt;

  auto next = end->getOperand(index).getDefiningOp<stablehlo::AddOp>();
  Value current = loop.getBody().getArgument(index);
  if (!next || next->getNumOperands() != 2)
    return std::nullopt;
  Value growth;
  if (next->getOperand(0) == current)
    growth = next->getOperand(1);
  else if (next->getOperand(1) == current)
    growth = next->getOperand(0);
  if (!growth)
    return std::nullopt;

  std::optional<int64_t> start = invariantOf(loop->getOperand(index));
  std::optional<int64_t> limit = invariantOf(right);
  std::optional<int64_t> step = invariantOf(growth);
  int64_t distance;
  if (!start || !limit || !step || *step <= 0 ||
      llvm::SubOverflow(*limit, *start, distance))
    return std::nullopt;
  if (direction == Direction::LE &&
      llvm::AddOverflow<int64_t>(distance, 1, distance))
    return std::nullopt;
  return distance <= 0 ? 0 : llvm::divideCeil(distance, *step);
}

} // namespace

void rules::attachTies(MLIRContext *context) {
  stablehlo::CaseOp::attachInterface<BranchTies<stablehlo::CaseOp>>(*context);
  stablehlo::IfOp::attachInterface<BranchTies<stablehlo::IfOp>>(*context);
  stablehlo::OptimizationBarrierOp::attachInterface<BarrierTies>(*context);
  stablehlo::WhileOp::attachInterface<WhileTies>(*context);
}
