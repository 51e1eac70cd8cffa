//===- StablehloVerifyShape.cpp - Verifiers of ops that move elements -----===//
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
// Choice
//===----------------------------------------------------------------------===//

/// A value of the result's shape, or a scalar.
static LogicalResult verifyShapeOrScalar(Operation *op, StringRef what,
                                         Value value) {
  return rankOf(value) == 0
             ? success()
             : verifyShape(op, what, value, shapeOf(op->getResult(0)));
}

LogicalResult SelectOp::verify() {
  ArrayRef<int64_t> shape = shapeOf(getResult());
  if (failed(verifyShapeOrScalar(*this, "predicate", getPred())) ||
      failed(verifyShape(*this, "on_true", getOnTrue(), shape)))
    return failure();
  return verifyShape(*this, "on_false", getOnFalse(), shape);
}

LogicalResult ClampOp::verify() {
  if (failed(verifyShapeOrScalar(*this, "min", getMin())) ||
      failed(verifyShapeOrScalar(*this, "max", getMax())))
    return failure();
  return verifyShape(*this, "operand", getOperand(), shapeOf(getResult()));
}

//===----------------------------------------------------------------------===//
// Sources
//===----------------------------------------------------------------------===//

LogicalResult IotaOp::verify() {
  return verifyDim(*this, "iota_dimension", getIotaDimension(),
                   rankOf(getOutput()));
}

LogicalResult DynamicIotaOp::verify() {
  return verifyDim(*this, "iota_dimension", getIotaDimension(),
                   rankOf(getResult()));
}

//===----------------------------------------------------------------------===//
// Shape changes
//===----------------------------------------------------------------------===//

LogicalResult BitcastConvertOp::verify() {
  ArrayRef<int64_t> from = shapeOf(getOperand());
  ArrayRef<int64_t> to = shapeOf(getResult());
  size_t common = std::min(from.size(), to.size());
  if (std::max(from.size(), to.size()) > common + 1 ||
      !llvm::all_of_zip(from.take_front(common), to.take_front(common),
                        sameSize))
    return emitOpError() << "expects shapes that differ by a last dimension at "
                            "most, got "
                         << getOperand().getType() << " and " << getType();
  return success();
}

LogicalResult BroadcastOp::verify() {
  SmallVector<int64_t> expected(getBroadcastSizes());
  llvm::append_range(expected, shapeOf(getOperand()));
  return verifyShape(*this, "result", getResult(), expected);
}

static LogicalResult verifyBroadcastDims(Operation *op, Value operand,
                                         Value result, ArrayRef<int64_t> dims) {
  ArrayRef<int64_t> from = shapeOf(operand);
  ArrayRef<int64_t> to = shapeOf(result);
  if (failed(
          verifyCount(op, "broadcast_dimensions", dims.size(), from.size())) ||
      failed(verifyDims(op, "broadcast_dimensions", dims, to.size())))
    return failure();
  for (auto [index, dim] : llvm::enumerate(dims))
    if (from[index] != 1 && !sameSize(from[index], to[dim]))
      return op->emitOpError()
             << "cannot broadcast operand dimension " << index << " of size "
             << from[index] << " to result dimension " << dim << " of size "
             << to[dim];
  return success();
}

LogicalResult BroadcastInDimOp::verify() {
  return verifyBroadcastDims(*this, getOperand(), getResult(),
                             getBroadcastDimensions());
}

LogicalResult DynamicBroadcastInDimOp::verify() {
  return verifyBroadcastDims(*this, getOperand(), getResult(),
                             getBroadcastDimensions());
}

LogicalResult ReshapeOp::verify() {
  auto from = cast<RankedTensorType>(getOperand().getType());
  auto to = cast<RankedTensorType>(getType());
  if (from.hasStaticShape() && to.hasStaticShape() &&
      from.getNumElements() != to.getNumElements())
    return emitOpError() << "cannot reshape " << from.getNumElements()
                         << " elements to " << to.getNumElements();
  return success();
}

LogicalResult TransposeOp::verify() {
  ArrayRef<int64_t> permutation = getPermutation();
  ArrayRef<int64_t> from = shapeOf(getOperand());
  if (failed(verifyCount(*this, "permutation entries", permutation.size(),
                         from.size())) ||
      failed(verifyDims(*this, "permutation", permutation, from.size())))
    return failure();
  SmallVector<int64_t> expected;
  for (int64_t dim : permutation)
    expected.push_back(from[dim]);
  return verifyShape(*this, "result", getResult(), expected);
}

LogicalResult ReverseOp::verify() {
  return verifyDims(*this, "dimensions", getDimensions(), rankOf(getOperand()));
}

LogicalResult ConcatenateOp::verify() {
  if (getInputs().empty())
    return emitOpError() << "expects at least one input";
  ArrayRef<int64_t> first = shapeOf(getInputs().front());
  int64_t dim = getDimension();
  if (failed(verifyDim(*this, "dimension", dim, first.size())))
    return failure();
  int64_t size = 0;
  for (auto [index, input] : llvm::enumerate(getInputs())) {
    SmallVector<int64_t> expected(first);
    if (rankOf(input) == static_cast<int64_t>(first.size()))
      expected[dim] = shapeOf(input)[dim];
    if (failed(verifyShape(*this, ("input #" + Twine(index)).str(), input,
                           expected)))
      return failure();
    bool known =
        !ShapedType::isDynamic(size) && !ShapedType::isDynamic(expected[dim]);
    size = known ? size + expected[dim] : ShapedType::kDynamic;
  }
  SmallVector<int64_t> expected(first);
  expected[dim] = size;
  return verifyShape(*this, "result", getResult(), expected);
}

LogicalResult PadOp::verify() {
  ArrayRef<int64_t> from = shapeOf(getOperand());
  int64_t rank = from.size();
  ArrayRef<int64_t> low = getEdgePaddingLow();
  ArrayRef<int64_t> high = getEdgePaddingHigh();
  ArrayRef<int64_t> interior = getInteriorPadding();
  if (failed(verifyRank(*this, "padding value", getPaddingValue(), 0)) ||
      failed(
          verifyCount(*this, "edge_padding_low entries", low.size(), rank)) ||
      failed(
          verifyCount(*this, "edge_padding_high entries", high.size(), rank)) ||
      failed(verifyCount(*this, "interior_padding entries", interior.size(),
                         rank)))
    return failure();
  SmallVector<int64_t> expected(rank, ShapedType::kDynamic);
  for (int64_t dim = 0; dim < rank; ++dim) {
    if (interior[dim] < 0)
      return emitOpError() << "interior padding must not be negative, got "
                           << interior[dim];
    if (!ShapedType::isDynamic(from[dim]))
      expected[dim] = low[dim] + high[dim] + from[dim] +
                      std::max<int64_t>(from[dim] - 1, 0) * interior[dim];
  }
  return verifyShape(*this, "result", getResult(), expected);
}

LogicalResult DynamicPadOp::verify() {
  return verifyRank(*this, "result", getResult(), rankOf(getOperand()));
}

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

LogicalResult SliceOp::verify() {
  ArrayRef<int64_t> from = shapeOf(getOperand());
  int64_t rank = from.size();
  ArrayRef<int64_t> starts = getStartIndices();
  ArrayRef<int64_t> limits = getLimitIndices();
  ArrayRef<int64_t> strides = getStrides();
  if (failed(verifyCount(*this, "start_indices", starts.size(), rank)) ||
      failed(verifyCount(*this, "limit_indices", limits.size(), rank)) ||
      failed(verifyCount(*this, "strides", strides.size(), rank)) ||
      failed(verifyPositive(*this, "strides", strides)))
    return failure();
  SmallVector<int64_t> expected;
  for (int64_t dim = 0; dim < rank; ++dim) {
    if (starts[dim] < 0 || starts[dim] > limits[dim] ||
        (!ShapedType::isDynamic(from[dim]) && limits[dim] > from[dim]))
      return emitOpError() << "cannot slice [" << starts[dim] << ", "
                           << limits[dim] << ") of dimension " << dim << " of "
                           << getOperand().getType();
    expected.push_back(
        llvm::divideCeil(limits[dim] - starts[dim], strides[dim]));
  }
  return verifyShape(*this, "result", getResult(), expected);
}

LogicalResult DynamicSliceOp::verify() {
  ArrayRef<int64_t> from = shapeOf(getOperand());
  ArrayRef<int64_t> sizes = getSliceSizes();
  if (failed(verifyCount(*this, "start_indices", getStartIndices().size(),
                         from.size())) ||
      failed(verifyCount(*this, "slice_sizes", sizes.size(), from.size())))
    return failure();
  for (auto [dim, size] : llvm::enumerate(sizes))
    if (size < 0 || (!ShapedType::isDynamic(from[dim]) && size > from[dim]))
      return emitOpError() << "cannot slice " << size << " of dimension " << dim
                           << " of " << getOperand().getType();
  return verifyShape(*this, "result", getResult(), sizes);
}

LogicalResult DynamicUpdateSliceOp::verify() {
  ArrayRef<int64_t> shape = shapeOf(getOperand());
  ArrayRef<int64_t> update = shapeOf(getUpdate());
  if (failed(verifyCount(*this, "start_indices", getStartIndices().size(),
                         shape.size())) ||
      failed(verifyRank(*this, "update", getUpdate(), shape.size())))
    return failure();
  for (auto [dim, size] : llvm::enumerate(update))
    if (!ShapedType::isDynamic(size) && !ShapedType::isDynamic(shape[dim]) &&
        size > shape[dim])
      return emitOpError() << "update is larger than the operand: "
                           << getUpdate().getType() << " against "
                           << getOperand().getType();
  return verifyShape(*this, "result", getResult(), shape);
}

LogicalResult RealDynamicSliceOp::verify() {
  return verifyRank(*this, "result", getResult(), rankOf(getOperand()));
}

//===----------------------------------------------------------------------===//
// Indexing
//===----------------------------------------------------------------------===//

/// What gather and scatter have in common: how an index addresses the operand.
namespace {
struct Indexing {
  Value indices;
  int64_t indexVectorDim;
  ArrayRef<int64_t> indicesBatching;
  ArrayRef<int64_t> map;
  /// Operand dims that do not appear in a window.
  ArrayRef<int64_t> collapsed;
  ArrayRef<int64_t> operandBatching;
  /// Dims of the result or the updates that do.
  ArrayRef<int64_t> window;
};
} // namespace

static LogicalResult verifyIndexing(Operation *op, const Indexing &indexing,
                                    int64_t operandRank, int64_t windowedRank) {
  ArrayRef<int64_t> shape = shapeOf(indexing.indices);
  int64_t rank = shape.size();
  int64_t vectorDim = indexing.indexVectorDim;
  bool implicit = vectorDim == rank;
  if (!implicit &&
      failed(verifyDim(op, "index_vector_dim", vectorDim, rank + 1)))
    return failure();

  SmallVector<int64_t> absent(indexing.collapsed);
  llvm::append_range(absent, indexing.operandBatching);
  if (failed(
          verifyDims(op, "dimension without a window", absent, operandRank)) ||
      failed(verifyDims(op, "index map", indexing.map, operandRank)) ||
      failed(verifyDims(op, "batching dimension of indices",
                        indexing.indicesBatching, rank)) ||
      failed(verifyCount(op, "batching dimensions of indices",
                         indexing.indicesBatching.size(),
                         indexing.operandBatching.size())))
    return failure();
  if (llvm::is_contained(indexing.indicesBatching, vectorDim))
    return op->emitOpError() << "index_vector_dim " << vectorDim
                             << " is a batching dimension as well";

  int64_t components = implicit ? 1 : shape[vectorDim];
  if (!sameSize(components, indexing.map.size()))
    return op->emitOpError()
           << "index map has " << indexing.map.size() << " entries for "
           << components << " components of an index";

  int64_t batchRank = implicit ? rank : rank - 1;
  int64_t windowRank = indexing.window.size();
  if (failed(verifyCount(op, "window dimensions", windowRank,
                         operandRank - absent.size())) ||
      failed(verifyDims(op, "window dimension", indexing.window, windowedRank)))
    return failure();
  if (windowedRank != batchRank + windowRank)
    return op->emitOpError()
           << "expects rank " << batchRank + windowRank
           << " for index batches and windows, got " << windowedRank;
  return success();
}

static Indexing indexingOf(Value indices, GatherDimensionNumbersAttr dims) {
  return {indices,
          dims.getIndexVectorDim(),
          dims.getStartIndicesBatchingDims(),
          dims.getStartIndexMap(),
          dims.getCollapsedSliceDims(),
          dims.getOperandBatchingDims(),
          dims.getOffsetDims()};
}

LogicalResult GatherOp::verify() {
  ArrayRef<int64_t> from = shapeOf(getOperand());
  ArrayRef<int64_t> sizes = getSliceSizes();
  GatherDimensionNumbersAttr dims = getDimensionNumbers();
  if (failed(verifyIndexing(*this, indexingOf(getStartIndices(), dims),
                            from.size(), rankOf(getResult()))) ||
      failed(verifyCount(*this, "slice_sizes", sizes.size(), from.size())))
    return failure();
  for (auto [dim, size] : llvm::enumerate(sizes))
    if (size < 0 || (!ShapedType::isDynamic(from[dim]) && size > from[dim]))
      return emitOpError() << "cannot gather " << size << " of dimension "
                           << dim << " of " << getOperand().getType();

  // Index batches and slice dims, each in order, make up the result.
  SmallVector<int64_t> batch(shapeOf(getStartIndices()));
  if (dims.getIndexVectorDim() < static_cast<int64_t>(batch.size()))
    batch.erase(batch.begin() + dims.getIndexVectorDim());
  SmallVector<int64_t> window;
  for (auto [dim, size] : llvm::enumerate(sizes))
    if (!llvm::is_contained(dims.getCollapsedSliceDims(), dim) &&
        !llvm::is_contained(dims.getOperandBatchingDims(), dim))
      window.push_back(size);
  SmallVector<int64_t> expected;
  auto nextBatch = batch.begin();
  auto nextWindow = window.begin();
  for (int64_t dim = 0, rank = rankOf(getResult()); dim < rank; ++dim)
    expected.push_back(llvm::is_contained(dims.getOffsetDims(), dim)
                           ? *nextWindow++
                           : *nextBatch++);
  return verifyShape(*this, "result", getResult(), expected);
}

LogicalResult DynamicGatherOp::verify() {
  return verifyIndexing(*this,
                        indexingOf(getStartIndices(), getDimensionNumbers()),
                        rankOf(getOperand()), rankOf(getResult()));
}

LogicalResult ScatterOp::verify() {
  size_t inputs = getInputs().size();
  if (getNumOperands() % 2 == 0)
    return emitOpError() << "expects as many updates as inputs";
  if (inputs == 0)
    return emitOpError() << "expects at least one input";
  if (failed(verifyTypes(*this, "results", getResultTypes(),
                         getInputs().getTypes())))
    return failure();
  ScatterDimensionNumbersAttr dims = getScatterDimensionNumbers();
  Indexing indexing = {getScatterIndices(),
                       dims.getIndexVectorDim(),
                       dims.getScatterIndicesBatchingDims(),
                       dims.getScatterDimsToOperandDims(),
                       dims.getInsertedWindowDims(),
                       dims.getInputBatchingDims(),
                       dims.getUpdateWindowDims()};
  for (auto [input, update] : llvm::zip(getInputs(), getUpdates()))
    if (failed(verifyIndexing(*this, indexing, rankOf(input), rankOf(update))))
      return failure();
  return verifyRegion(*this, "update_computation", getUpdateComputation(),
                      2 * inputs, inputs);
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

LogicalResult GetDimensionSizeOp::verify() {
  return verifyDim(*this, "dimension", getDimension(), rankOf(getOperand()));
}

LogicalResult SetDimensionSizeOp::verify() {
  int64_t rank = rankOf(getOperand());
  if (failed(verifyRank(*this, "result", getResult(), rank)))
    return failure();
  return verifyDim(*this, "dimension", getDimension(), rank);
}
