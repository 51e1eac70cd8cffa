//===- StablehloVerifyRegions.cpp - Verifiers of ops with regions ---------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reductions, control flow, and collectives with or without a region.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/dialect/stablehlo/VerifyUtils.h"

using namespace mlir;
using namespace partir::stablehlo;
using namespace partir::stablehlo::detail;

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

LogicalResult MapOp::verify() {
  if (failed(verifyCount(*this, "dimensions", getDimensions().size(),
                         rankOf(getResult()))))
    return failure();
  return verifyRegion(*this, "computation", getComputation(),
                      getInputs().size(), 1);
}

/// The init values are scalars, one for each input; inputs have one shape; the
/// body combines two elements of each.
template <typename ReduceLikeOp>
static LogicalResult verifyReduction(ReduceLikeOp op) {
  size_t count = op.getInputs().size();
  if (op->getNumOperands() % 2 != 0)
    return op.emitOpError() << "expects as many init values as inputs";
  if (count == 0)
    return op.emitOpError() << "expects at least one input";
  if (failed(verifyCount(op, "results", op->getNumResults(), count)))
    return failure();
  ArrayRef<int64_t> shape = shapeOf(op.getInputs().front());
  for (Value input : op.getInputs())
    if (failed(verifyShape(op, "input", input, shape)))
      return failure();
  for (Value init : op.getInitValues())
    if (failed(verifyRank(op, "init value", init, 0)))
      return failure();
  return verifyRegion(op, "body", op.getBody(), 2 * count, count);
}

LogicalResult ReduceOp::verify() {
  if (failed(verifyReduction(*this)))
    return failure();
  ArrayRef<int64_t> shape = shapeOf(getInputs().front());
  if (failed(verifyDims(*this, "dimensions", getDimensions(), shape.size())))
    return failure();
  SmallVector<int64_t> expected;
  for (auto [dim, size] : llvm::enumerate(shape))
    if (!llvm::is_contained(getDimensions(), dim))
      expected.push_back(size);
  for (Value result : getResults())
    if (failed(verifyShape(*this, "result", result, expected)))
      return failure();
  return success();
}

LogicalResult ReduceWindowOp::verify() {
  if (failed(verifyReduction(*this)))
    return failure();
  int64_t rank = rankOf(getInputs().front());
  if (failed(verifyCount(*this, "window_dimensions",
                         getWindowDimensions().size(), rank)) ||
      failed(
          verifyPositive(*this, "window_dimensions", getWindowDimensions())) ||
      failed(verifyCount(*this, "window_strides", getWindowStrides(), rank)) ||
      failed(verifyCount(*this, "base_dilations", getBaseDilations(), rank)) ||
      failed(
          verifyCount(*this, "window_dilations", getWindowDilations(), rank)) ||
      failed(verifyPadding(*this, getPadding(), rank)))
    return failure();
  for (Value result : getResults())
    if (failed(verifyRank(*this, "result", result, rank)))
      return failure();
  return success();
}

LogicalResult SelectAndScatterOp::verify() {
  ArrayRef<int64_t> shape = shapeOf(getOperand());
  int64_t rank = shape.size();
  if (failed(verifyRank(*this, "source", getSource(), rank)) ||
      failed(verifyRank(*this, "init value", getInitValue(), 0)) ||
      failed(verifyShape(*this, "result", getResult(), shape)) ||
      failed(verifyCount(*this, "window_dimensions", getWindowDimensions(),
                         rank)) ||
      failed(verifyCount(*this, "window_strides", getWindowStrides(), rank)) ||
      failed(verifyPadding(*this, getPadding(), rank)) ||
      failed(verifyRegion(*this, "select", getSelect(), 2, 1)))
    return failure();
  return verifyRegion(*this, "scatter", getScatter(), 2, 1);
}

LogicalResult SortOp::verify() {
  int64_t rank = rankOf(getInputs().front());
  // As an unsigned number a negative dim looks huge.
  int64_t dim = static_cast<int64_t>(getDimension());
  if (failed(verifyDim(*this, "dimension", dim < 0 ? dim + rank : dim, rank)) ||
      failed(verifyTypes(*this, "results", getResultTypes(),
                         getInputs().getTypes())))
    return failure();
  return verifyRegion(*this, "comparator", getComparator(),
                      2 * getInputs().size(), 1);
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

static LogicalResult verifyReturnedTypes(Operation *op, StringRef what,
                                         Region &region, TypeRange expected) {
  return verifyTypes(op, what, region.front().back().getOperandTypes(),
                     expected);
}

LogicalResult WhileOp::verify() {
  TypeRange carried = getOperandTypes();
  if (failed(verifyTypes(*this, "results", getResultTypes(), carried)))
    return failure();
  unsigned count = carried.size();
  if (failed(verifyRegion(*this, "cond", getCond(), count, 1)) ||
      failed(verifyRegion(*this, "body", getBody(), count, count)) ||
      failed(verifyTypes(*this, "cond arguments", getCond().getArgumentTypes(),
                         carried)) ||
      failed(verifyTypes(*this, "body arguments", getBody().getArgumentTypes(),
                         carried)) ||
      failed(verifyReturnedTypes(*this, "body results", getBody(), carried)))
    return failure();
  Type predicate = RankedTensorType::get({}, IntegerType::get(getContext(), 1));
  return verifyReturnedTypes(*this, "cond results", getCond(), predicate);
}

static LogicalResult verifyBranch(Operation *op, Region &branch) {
  if (failed(verifyRegion(op, "branch", branch, 0, op->getNumResults())))
    return failure();
  return verifyReturnedTypes(op, "branch results", branch,
                             op->getResultTypes());
}

LogicalResult IfOp::verify() {
  if (failed(verifyRank(*this, "predicate", getPred(), 0)) ||
      failed(verifyBranch(*this, getTrueBranch())))
    return failure();
  return verifyBranch(*this, getFalseBranch());
}

LogicalResult CaseOp::verify() {
  if (getBranches().empty())
    return emitOpError() << "expects at least one branch";
  for (Region &branch : getBranches())
    if (failed(verifyBranch(*this, branch)))
      return failure();
  return success();
}

LogicalResult OptimizationBarrierOp::verify() {
  return verifyTypes(*this, "results", getResultTypes(), getOperandTypes());
}

//===----------------------------------------------------------------------===//
// Collectives
//===----------------------------------------------------------------------===//

LogicalResult AllGatherOp::verify() {
  if (failed(verifyCount(*this, "results", getNumResults(), getNumOperands())))
    return failure();
  for (auto [operand, result] : llvm::zip(getOperands(), getResults()))
    if (failed(verifyDim(*this, "all_gather_dim", getAllGatherDim(),
                         rankOf(operand))) ||
        failed(verifyRank(*this, "result", result, rankOf(operand))))
      return failure();
  return success();
}

LogicalResult AllReduceOp::verify() {
  if (failed(verifyCount(*this, "results", getNumResults(), getNumOperands())))
    return failure();
  for (auto [operand, result] : llvm::zip(getOperands(), getResults()))
    if (failed(verifyShape(*this, "result", result, shapeOf(operand))))
      return failure();
  return verifyRegion(*this, "computation", getComputation(), 2, 1);
}

LogicalResult ReduceScatterOp::verify() {
  int64_t rank = rankOf(getOperand());
  if (failed(
          verifyDim(*this, "scatter_dimension", getScatterDimension(), rank)) ||
      failed(verifyRank(*this, "result", getResult(), rank)))
    return failure();
  return verifyRegion(*this, "computation", getComputation(), 2, 1);
}

LogicalResult AllToAllOp::verify() {
  if (failed(verifyCount(*this, "results", getNumResults(), getNumOperands())))
    return failure();
  for (auto [operand, result] : llvm::zip(getOperands(), getResults())) {
    int64_t rank = rankOf(operand);
    if (failed(
            verifyDim(*this, "split_dimension", getSplitDimension(), rank)) ||
        failed(
            verifyDim(*this, "concat_dimension", getConcatDimension(), rank)) ||
        failed(verifyRank(*this, "result", result, rank)))
      return failure();
  }
  return success();
}
