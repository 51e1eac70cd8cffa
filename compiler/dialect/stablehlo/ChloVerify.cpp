//===- ChloVerify.cpp - Verifiers of chlo ops -----------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Chlo.h"
#include "compiler/dialect/stablehlo/VerifyUtils.h"

using namespace mlir;
using namespace partir::chlo;
using namespace partir::stablehlo::detail;

LogicalResult TopKOp::verify() {
  SmallVector<int64_t> expected(shapeOf(getOperand()));
  if (expected.empty())
    return emitOpError()
           << "expects an operand with a dimension to choose from";
  int64_t k = getK();
  if (k < 0 || (!ShapedType::isDynamic(expected.back()) && k > expected.back()))
    return emitOpError() << "cannot choose " << k << " of " << expected.back();
  expected.back() = k;
  if (failed(verifyShape(*this, "values", getValues(), expected)))
    return failure();
  return verifyShape(*this, "indices", getIndices(), expected);
}

LogicalResult RaggedDotOp::verify() {
  RaggedDotDimensionNumbersAttr dims = getRaggedDotDimensionNumbers();
  auto verifySide = [&](StringRef what, Value operand,
                        ArrayRef<int64_t> batching,
                        ArrayRef<int64_t> contracting) {
    SmallVector<int64_t> used(batching);
    llvm::append_range(used, contracting);
    return verifyDims(*this, what, used, rankOf(operand));
  };
  if (failed(verifyCount(*this, "rhs_batching_dimensions",
                         dims.getRhsBatchingDimensions().size(),
                         dims.getLhsBatchingDimensions().size())) ||
      failed(verifyCount(*this, "rhs_contracting_dimensions",
                         dims.getRhsContractingDimensions().size(),
                         dims.getLhsContractingDimensions().size())) ||
      failed(verifySide("dimension of lhs", getLhs(),
                        dims.getLhsBatchingDimensions(),
                        dims.getLhsContractingDimensions())) ||
      failed(verifySide("dimension of rhs", getRhs(),
                        dims.getRhsBatchingDimensions(),
                        dims.getRhsContractingDimensions())) ||
      failed(verifyDims(*this, "lhs_ragged_dimensions",
                        dims.getLhsRaggedDimensions(), rankOf(getLhs()))))
    return failure();
  return verifyDims(*this, "rhs_group_dimensions", dims.getRhsGroupDimensions(),
                    rankOf(getRhs()));
}

LogicalResult ScanOp::verify() {
  int64_t dim = getDimension();
  for (Value value : getInputs())
    if (failed(verifyDim(*this, "dimension", dim, rankOf(value))))
      return failure();
  for (Value value : getOutputs())
    if (failed(verifyDim(*this, "dimension", dim, rankOf(value))))
      return failure();
  if (failed(verifyTypes(*this, "carries", getCarries().getTypes(),
                         getInits().getTypes())))
    return failure();
  return verifyRegion(*this, "body", getBody(), getNumOperands(),
                      getNumResults());
}

//===----------------------------------------------------------------------===//
// Binary ops that broadcast
//===----------------------------------------------------------------------===//

/// The operand of lower rank has its dims where `broadcast_dimensions` says.
template <typename BroadcastOp>
static LogicalResult verifyBroadcast(BroadcastOp op) {
  int64_t lhs = rankOf(op.getLhs());
  int64_t rhs = rankOf(op.getRhs());
  int64_t rank = std::max(lhs, rhs);
  if (failed(verifyRank(op, "result", op.getResult(), rank)))
    return failure();
  std::optional<ArrayRef<int64_t>> dims = op.getBroadcastDimensions();
  if (!dims)
    return success();
  if (failed(verifyCount(op, "broadcast_dimensions", dims->size(),
                         std::min(lhs, rhs))))
    return failure();
  return verifyDims(op, "broadcast_dimensions", *dims, rank);
}

LogicalResult BroadcastAddOp::verify() { return verifyBroadcast(*this); }
LogicalResult BroadcastAndOp::verify() { return verifyBroadcast(*this); }
LogicalResult BroadcastAtan2Op::verify() { return verifyBroadcast(*this); }
LogicalResult BroadcastCompareOp::verify() { return verifyBroadcast(*this); }
LogicalResult BroadcastComplexOp::verify() { return verifyBroadcast(*this); }
LogicalResult BroadcastDivOp::verify() { return verifyBroadcast(*this); }
LogicalResult BroadcastMaxOp::verify() { return verifyBroadcast(*this); }
LogicalResult BroadcastMinOp::verify() { return verifyBroadcast(*this); }
LogicalResult BroadcastMulOp::verify() { return verifyBroadcast(*this); }
LogicalResult BroadcastNextAfterOp::verify() { return verifyBroadcast(*this); }
LogicalResult BroadcastOrOp::verify() { return verifyBroadcast(*this); }
LogicalResult BroadcastPolygammaOp::verify() { return verifyBroadcast(*this); }
LogicalResult BroadcastPowOp::verify() { return verifyBroadcast(*this); }
LogicalResult BroadcastRemOp::verify() { return verifyBroadcast(*this); }
LogicalResult BroadcastShiftLeftOp::verify() { return verifyBroadcast(*this); }
LogicalResult BroadcastShiftRightArithmeticOp::verify() {
  return verifyBroadcast(*this);
}
LogicalResult BroadcastShiftRightLogicalOp::verify() {
  return verifyBroadcast(*this);
}
LogicalResult BroadcastSubOp::verify() { return verifyBroadcast(*this); }
LogicalResult BroadcastXorOp::verify() { return verifyBroadcast(*this); }
LogicalResult BroadcastZetaOp::verify() { return verifyBroadcast(*this); }
