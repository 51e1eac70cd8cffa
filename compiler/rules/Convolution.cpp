//===- Convolution.cpp - The rule of convolution --------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Batch and output feature are parallel, the input feature is reduced. Groups
// are the major part of the dims that they divide. Spatial dims are blocked
// where windows overlap or are padded.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

/// The element for a spatial dim, one where there are none.
static int64_t elementOf(std::optional<ArrayRef<int64_t>> values,
                         size_t index) {
  return values && index < values->size() ? (*values)[index] : 1;
}

/// Whether a spatial dim is padded by so much, at both ends.
static bool isPadded(stablehlo::ConvolutionOp op, size_t index, int64_t size) {
  auto padding = op.getPadding();
  if (!padding)
    return size == 0;
  if (padding->getNumElements() <= static_cast<int64_t>(2 * index + 1))
    return false;
  auto values = padding->getValues<int64_t>();
  return values[2 * index] == size && values[2 * index + 1] == size;
}

/// Whether a window meets elements of the operand only, in their order.
static bool isDense(stablehlo::ConvolutionOp op, size_t index) {
  auto reversal = op.getWindowReversal();
  bool isReversed = reversal && index < reversal->size() && (*reversal)[index];
  return !isReversed && elementOf(op.getLhsDilation(), index) == 1 &&
         isPadded(op, index, 0);
}

/// Adds the factors of a spatial dim whose windows do not overlap: element o of
/// the result reads elements o * stride + k * dilation of the operand.
static void addSpatialDim(RuleBuilder &builder, stablehlo::ConvolutionOp op,
                          size_t index, int lhsDim, int rhsDim, int outDim) {
  constexpr int none = RuleBuilder::kNone;
  constexpr StringLiteral reason = "is the minor part of a spatial dim";
  int64_t in = shapeOf(op->getOperand(0))[lhsDim];
  int64_t window = shapeOf(op->getOperand(1))[rhsDim];
  int64_t out = shapeOf(op->getResult(0))[outDim];
  int64_t stride = elementOf(op.getWindowStrides(), index);
  int64_t dilation = elementOf(op.getRhsDilation(), index);
  // Each element of the operand, spread so that no window meets two.
  if (out == in * window && stride == 1 && dilation == 1 &&
      elementOf(op.getLhsDilation(), index) == window &&
      isPadded(op, index, window - 1)) {
    builder.add(in, {lhsDim, none}, {outDim});
    builder.addBlocked(window, {none, rhsDim}, {outDim}, reason);
    return;
  }
  if (in != out * window || !isDense(op, index))
    return;
  if (stride == window && dilation == 1) {
    // One window after another.
    builder.add(out, {lhsDim, none}, {outDim});
    builder.addBlocked(window, {lhsDim, rhsDim}, {}, reason);
  } else if (dilation == out && stride == 1) {
    // The elements of one window lie as far apart as there are windows.
    builder.addReduction(window, {lhsDim, rhsDim}, engine::ReduceKind::Add);
    builder.addBlocked(out, {lhsDim, none}, {outDim}, reason);
  } else if (out == 1 && dilation == 1) {
    // There is one window.
    builder.addReduction(window, {lhsDim, rhsDim}, engine::ReduceKind::Add);
  }
}

/// How many groups there are, which the shapes say: that holds for the op on
/// one device as well. `attribute` where they do not.
static int64_t groupsOf(int64_t dividend, int64_t divisor, int64_t attribute) {
  return divisor > 0 && dividend % divisor == 0 ? dividend / divisor
                                                : attribute;
}

static Rule convolutionRule(stablehlo::ConvolutionOp op) {
  constexpr StringLiteral reason = "has a sliding window";
  constexpr int none = RuleBuilder::kNone;
  RuleBuilder builder = builderFor(op);
  ArrayRef<int64_t> lhs = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> rhs = shapeOf(op->getOperand(1));
  ArrayRef<int64_t> result = shapeOf(op->getResult(0));
  auto numbers = op.getDimensionNumbers();
  int lhsBatch = numbers.getInputBatchDimension();
  int lhsFeature = numbers.getInputFeatureDimension();
  int rhsIn = numbers.getKernelInputFeatureDimension();
  int rhsOut = numbers.getKernelOutputFeatureDimension();
  int outBatch = numbers.getOutputBatchDimension();
  int outFeature = numbers.getOutputFeatureDimension();
  if (!areDims({lhsBatch, lhsFeature}, lhs.size()) ||
      !areDims({rhsIn, rhsOut}, rhs.size()) ||
      !areDims({outBatch, outFeature}, result.size()))
    return builder.build(reason);
  int64_t featureGroups =
      groupsOf(lhs[lhsFeature], rhs[rhsIn], op.getFeatureGroupCount());
  int64_t batchGroups =
      groupsOf(lhs[lhsBatch], result[outBatch], op.getBatchGroupCount());
  if (featureGroups < 1 || batchGroups < 1)
    return builder.build(reason);

  // Each element of the result is a sum over what the kernel has for it.
  builder.rule.cost.work = engine::Work::Matrix;
  builder.rule.cost.flops = 2 * elementsOf(op->getResult(0)) *
                            elementsOf(op->getOperand(1)) /
                            std::max<double>(rhs[rhsOut], 1);

  // The dims that groups divide have the group as their major factor; the
  // other kind of group then has one.
  builder.add(featureGroups, {lhsFeature, rhsOut}, {outFeature});
  builder.add(batchGroups, {lhsBatch, rhsOut}, {outFeature});
  builder.add(result[outBatch], {lhsBatch, none}, {outBatch});
  builder.add(result[outFeature] / (featureGroups * batchGroups),
              {none, rhsOut}, {outFeature});
  builder.addReduction(rhs[rhsIn], {lhsFeature, rhsIn},
                       engine::ReduceKind::Add);

  ArrayRef<int64_t> lhsSpatial = numbers.getInputSpatialDimensions();
  ArrayRef<int64_t> rhsSpatial = numbers.getKernelSpatialDimensions();
  ArrayRef<int64_t> outSpatial = numbers.getOutputSpatialDimensions();
  if (areDims(lhsSpatial, lhs.size()) && areDims(rhsSpatial, rhs.size()) &&
      areDims(outSpatial, result.size()))
    for (auto [index, dims] :
         llvm::enumerate(llvm::zip(lhsSpatial, rhsSpatial, outSpatial))) {
      auto [lhsDim, rhsDim, outDim] = dims;
      addSpatialDim(builder, op, index, lhsDim, rhsDim, outDim);
    }
  if (isReal(elementTypeOf(op->getResult(0))))
    builder.linearIn({0, 1});
  return builder.build(reason);
}

static LocalResults convolutionLocal(stablehlo::ConvolutionOp op,
                                     LocalForm &form) {
  LocalResults results = cloneLocal(op, form);
  if (failed(results))
    return failure();
  auto local = results->front().getDefiningOp<stablehlo::ConvolutionOp>();
  auto numbers = op.getDimensionNumbers();
  ArrayRef<int64_t> lhs = shapeOf(local->getOperand(0));
  ArrayRef<int64_t> rhs = shapeOf(local->getOperand(1));
  ArrayRef<int64_t> result = shapeOf(local->getResult(0));
  local.setFeatureGroupCount(
      groupsOf(lhs[numbers.getInputFeatureDimension()],
               rhs[numbers.getKernelInputFeatureDimension()],
               op.getFeatureGroupCount()));
  local.setBatchGroupCount(groupsOf(lhs[numbers.getInputBatchDimension()],
                                    result[numbers.getOutputBatchDimension()],
                                    op.getBatchGroupCount()));
  return results;
}

void rules::attachConvolutionRules(MLIRContext *context) {
  attach<stablehlo::ConvolutionOp, convolutionRule, convolutionLocal>(context);
}
