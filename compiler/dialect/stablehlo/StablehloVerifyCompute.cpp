//===- StablehloVerifyCompute.cpp - Verifiers of contractions ... ---------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/dialect/stablehlo/VerifyUtils.h"

using namespace mlir;
using namespace partir::stablehlo;
using namespace partir::stablehlo::detail;

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

LogicalResult DotGeneralOp::verify() {
  DotDimensionNumbersAttr dims = getDotDimensionNumbers();
  ArrayRef<int64_t> lhs = shapeOf(getLhs());
  ArrayRef<int64_t> rhs = shapeOf(getRhs());
  ArrayRef<int64_t> lhsBatching = dims.getLhsBatchingDimensions();
  ArrayRef<int64_t> rhsBatching = dims.getRhsBatchingDimensions();
  ArrayRef<int64_t> lhsContracting = dims.getLhsContractingDimensions();
  ArrayRef<int64_t> rhsContracting = dims.getRhsContractingDimensions();
  if (failed(verifyCount(*this, "rhs_batching_dimensions", rhsBatching.size(),
                         lhsBatching.size())) ||
      failed(verifyCount(*this, "rhs_contracting_dimensions",
                         rhsContracting.size(), lhsContracting.size())))
    return failure();

  SmallVector<int64_t> lhsUsed(lhsBatching), rhsUsed(rhsBatching);
  llvm::append_range(lhsUsed, lhsContracting);
  llvm::append_range(rhsUsed, rhsContracting);
  if (failed(verifyDims(*this, "dimension of lhs", lhsUsed, lhs.size())) ||
      failed(verifyDims(*this, "dimension of rhs", rhsUsed, rhs.size())))
    return failure();
  for (auto [l, r] : llvm::zip_equal(lhsUsed, rhsUsed))
    if (!sameSize(lhs[l], rhs[r]))
      return emitOpError() << "dimension " << l << " of lhs and " << r
                           << " of rhs differ in size: " << lhs[l] << " and "
                           << rhs[r];

  SmallVector<int64_t> expected;
  for (int64_t dim : lhsBatching)
    expected.push_back(lhs[dim]);
  for (auto [dim, size] : llvm::enumerate(lhs))
    if (!llvm::is_contained(lhsUsed, dim))
      expected.push_back(size);
  for (auto [dim, size] : llvm::enumerate(rhs))
    if (!llvm::is_contained(rhsUsed, dim))
      expected.push_back(size);
  return verifyShape(*this, "result", getResult(), expected);
}

LogicalResult DotOp::verify() {
  ArrayRef<int64_t> lhs = shapeOf(getLhs());
  ArrayRef<int64_t> rhs = shapeOf(getRhs());
  if (lhs.empty() || lhs.size() > 2 || rhs.empty() || rhs.size() > 2 ||
      !sameSize(lhs.back(), rhs.front()))
    return emitOpError() << "expects vectors or matrices that can be "
                            "multiplied, got "
                         << getLhs().getType() << " and " << getRhs().getType();
  SmallVector<int64_t> expected(lhs.drop_back());
  llvm::append_range(expected, rhs.drop_front());
  return verifyShape(*this, "result", getResult(), expected);
}

template <typename ConvOp> static LogicalResult verifyConvolution(ConvOp op) {
  ConvDimensionNumbersAttr dims = op.getDimensionNumbers();
  int64_t spatial = dims.getInputSpatialDimensions().size();
  if (failed(verifyRank(op, "lhs", op.getLhs(), spatial + 2)) ||
      failed(verifyRank(op, "rhs", op.getRhs(), spatial + 2)) ||
      failed(verifyRank(op, "result", op.getResult(), spatial + 2)) ||
      failed(
          verifyCount(op, "window_strides", op.getWindowStrides(), spatial)) ||
      failed(verifyCount(op, "lhs_dilation entries", op.getLhsDilation(),
                         spatial)) ||
      failed(verifyCount(op, "rhs_dilation entries", op.getRhsDilation(),
                         spatial)))
    return failure();
  if (auto reversal = op.getWindowReversal())
    if (failed(verifyCount(op, "window_reversal entries", reversal->size(),
                           spatial)))
      return failure();
  return verifyPositive(op, "group counts",
                        {static_cast<int64_t>(op.getFeatureGroupCount()),
                         static_cast<int64_t>(op.getBatchGroupCount())});
}

LogicalResult ConvolutionOp::verify() {
  if (failed(verifyConvolution(*this)))
    return failure();
  return verifyPadding(*this, getPadding(), rankOf(getLhs()) - 2);
}

LogicalResult DynamicConvOp::verify() { return verifyConvolution(*this); }

//===----------------------------------------------------------------------===//
// Batch normalisation
//===----------------------------------------------------------------------===//

/// Tensors of the operand's shape, and vectors with one entry per feature.
static LogicalResult verifyBatchNorm(Operation *op, Value operand,
                                     uint64_t feature, ValueRange tensors,
                                     ValueRange vectors) {
  ArrayRef<int64_t> shape = shapeOf(operand);
  if (failed(verifyDim(op, "feature_index", feature, shape.size())))
    return failure();
  for (Value tensor : tensors)
    if (failed(verifyShape(op, "tensor", tensor, shape)))
      return failure();
  for (Value vector : vectors)
    if (failed(verifyShape(op, "per-feature vector", vector, shape[feature])))
      return failure();
  return success();
}

LogicalResult BatchNormTrainingOp::verify() {
  return verifyBatchNorm(
      *this, getOperand(), getFeatureIndex(), getOutput(),
      {getScale(), getOffset(), getBatchMean(), getBatchVar()});
}

LogicalResult BatchNormInferenceOp::verify() {
  return verifyBatchNorm(*this, getOperand(), getFeatureIndex(), getResult(),
                         {getScale(), getOffset(), getMean(), getVariance()});
}

LogicalResult BatchNormGradOp::verify() {
  return verifyBatchNorm(
      *this, getOperand(), getFeatureIndex(),
      {getGradOutput(), getGradOperand()},
      {getScale(), getMean(), getVariance(), getGradScale(), getGradOffset()});
}

//===----------------------------------------------------------------------===//
// Linear algebra and transforms
//===----------------------------------------------------------------------===//

static LogicalResult verifySquare(Operation *op, Value matrices) {
  ArrayRef<int64_t> shape = shapeOf(matrices);
  if (shape.size() < 2 || !sameSize(shape.back(), shape[shape.size() - 2]))
    return op->emitOpError()
           << "expects square matrices, got " << matrices.getType();
  return success();
}

LogicalResult CholeskyOp::verify() { return verifySquare(*this, getA()); }

LogicalResult TriangularSolveOp::verify() {
  ArrayRef<int64_t> a = shapeOf(getA());
  ArrayRef<int64_t> b = shapeOf(getB());
  if (failed(verifySquare(*this, getA())) ||
      failed(verifyRank(*this, "b", getB(), a.size())) ||
      failed(verifyShape(*this, "result", getResult(), b)))
    return failure();
  if (!llvm::all_of_zip(a.drop_back(2), b.drop_back(2), sameSize) ||
      !sameSize(a.back(), getLeftSide() ? b[b.size() - 2] : b.back()))
    return emitOpError() << "cannot solve " << getA().getType() << " with "
                         << getB().getType();
  return success();
}

LogicalResult FftOp::verify() {
  int64_t rank = rankOf(getOperand());
  int64_t transformed = getFftLength().size();
  if (transformed < 1 || transformed > rank)
    return emitOpError() << "expects 1 to " << rank << " entries of fft_length"
                         << ", got " << transformed;
  return verifyRank(*this, "result", getResult(), rank);
}
