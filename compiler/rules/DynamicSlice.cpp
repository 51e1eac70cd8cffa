//===- DynamicSlice.cpp - Rules of dynamic slices -------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dim that is taken or written whole is parallel: its index is clamped to
// zero. The others are indexed. A slice may lie across several chunks: each
// device reads and writes the part of it that is in its own. For that it moves
// a window as large as the slice, or as the chunk if that is smaller, to where
// it holds that part.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Indexed.h"
#include "compiler/rules/Monoid.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

/// The dims in which the slice is as large as the whole, on the result and on
/// as many operands.
static void addWholeDims(RuleBuilder &builder, ArrayRef<int64_t> whole,
                         ArrayRef<int64_t> slice, int numOperands) {
  if (whole.size() != slice.size())
    return;
  for (auto [index, size] : llvm::enumerate(whole)) {
    int dim = index;
    if (slice[dim] == size)
      builder.add(size, sameDim(numOperands, dim), {dim});
  }
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

namespace {
/// The window of a device in its chunk of an operand.
struct Window {
  SmallVector<IndexedDim> dims;
  IntegerType type;
  /// Where it begins in the chunk, and how large it is.
  SmallVector<Value> starts;
  SmallVector<int64_t> sizes;
  /// Per indexed dim, where the slice begins, counted from the chunk.
  SmallVector<Value> sliceStarts;
};
} // namespace

static Value scalar(OpBuilder &builder, Location loc, IntegerType type,
                    int64_t value) {
  return integerSplat(builder, loc, RankedTensorType::get({}, type), value);
}

/// Finds the window of a slice of these sizes in the whole and in the chunk,
/// whose starts are the operands from `first` on.
static Window findWindow(Operation *op, LocalForm &form,
                         ArrayRef<IndexedDim> dims, ArrayRef<int64_t> slice,
                         ArrayRef<int64_t> localSlice, unsigned first) {
  OpBuilder &builder = form.builder;
  Location loc = op->getLoc();
  ArrayRef<int64_t> whole = shapeOf(op->getOperand(0));
  Window window{SmallVector<IndexedDim>(dims),
                positionType(builder, whole),
                {},
                SmallVector<int64_t>(localSlice),
                {}};
  for (auto [dim, size] : llvm::enumerate(whole))
    window.starts.push_back(
        slice[dim] == size
            ? scalar(builder, loc, window.type, 0)
            : limitIndices(builder, loc, form.operands[first + dim], 0, {0},
                           {size - slice[dim]}, window.type));
  for (const IndexedDim &indexed : dims) {
    Value &start = window.starts[indexed.dim];
    int64_t &size = window.sizes[indexed.dim];
    size = std::min(size, indexed.chunk);
    Value sliceStart = indicesInChunk(form, loc, start, 0, {indexed.dim}, dims);
    window.sliceStarts.push_back(sliceStart);
    start = limitIndices(builder, loc, sliceStart, 0, {0},
                         {indexed.chunk - size}, window.type);
  }
  return window;
}

static Value readWindow(LocalForm &form, Location loc, const Window &window) {
  Value chunk = form.operands.front();
  auto type = cast<RankedTensorType>(chunk.getType());
  return stablehlo::DynamicSliceOp::create(form.builder, loc,
                                           type.clone(window.sizes), chunk,
                                           window.starts, window.sizes);
}

/// `value` as it is seen through a window of `sizes` that begins at `starts`,
/// counted from its start, on those of the indexed dims where either has more
/// than one element. Around it is what is neutral in the monoid `around`.
static Value lookThrough(OpBuilder &builder, Location loc, Value value,
                         engine::ReduceKind around, const Window &window,
                         ArrayRef<Value> starts, ArrayRef<int64_t> sizes) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> edges(type.getRank(), 0), none(edges);
  SmallVector<int64_t> padded(type.getShape()), to(padded);
  SmallVector<Value> from(type.getRank());
  for (auto [indexed, start] : llvm::zip_equal(window.dims, starts)) {
    int64_t size = sizes[indexed.dim];
    if (size == 1 && padded[indexed.dim] == 1)
      continue;
    edges[indexed.dim] = to[indexed.dim] = size;
    padded[indexed.dim] += 2 * size;
    from[indexed.dim] =
        stablehlo::AddOp::create(builder, loc, start.getType(), start,
                                 scalar(builder, loc, window.type, size));
  }
  if (edges == none)
    return value;
  for (Value &start : from)
    if (!start)
      start = scalar(builder, loc, window.type, 0);
  Value neutral = constant(
      builder, loc,
      neutralSplat(around, RankedTensorType::get({}, type.getElementType())));
  Value wide = stablehlo::PadOp::create(builder, loc, type.clone(padded), value,
                                        neutral, edges, edges, none);
  return stablehlo::DynamicSliceOp::create(builder, loc, type.clone(to), wide,
                                           from, to);
}

//===----------------------------------------------------------------------===//
// dynamic_slice
//===----------------------------------------------------------------------===//

static Rule dynamicSliceRule(stablehlo::DynamicSliceOp op) {
  RuleBuilder builder = builderFor(op);
  builder.rule.cost.partlyRead = {0};
  ArrayRef<int64_t> whole = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> slice = shapeOf(op->getResult(0));
  addWholeDims(builder, whole, slice, 1);
  if (whole.size() == slice.size())
    for (auto [dim, size] : llvm::enumerate(whole))
      if (slice[dim] < size)
        addIndexedRead(builder, op, dim);
  if (isArithmetic(elementTypeOf(op->getResult(0))))
    builder.linearIn({0});
  return builder.build("is indexed");
}

static LocalResults sliceOnChunks(stablehlo::DynamicSliceOp op,
                                  LocalForm &form) {
  LocalResults local = cloneLocal(op, form);
  if (failed(local))
    return failure();
  local->front().getDefiningOp<stablehlo::DynamicSliceOp>().setSliceSizes(
      shapeOf(local->front()));
  return local;
}

static LocalResults dynamicSliceLocal(stablehlo::DynamicSliceOp op,
                                      LocalForm &form) {
  SmallVector<IndexedDim> dims = indexedDimsToRead(op->getLoc(), form);
  if (dims.empty())
    return sliceOnChunks(op, form);
  OpBuilder &builder = form.builder;
  Location loc = op->getLoc();
  auto type = cast<RankedTensorType>(form.resultTypes.front());
  Window window = findWindow(op, form, dims, shapeOf(op->getResult(0)),
                             type.getShape(), /*first=*/1);
  Value read = readWindow(form, loc, window);
  // The slice in the window; where it is one element, there or not.
  SmallVector<Value> offsets;
  Value isThere;
  for (auto [indexed, start] : llvm::zip_equal(dims, window.sliceStarts)) {
    Value offset = stablehlo::SubtractOp::create(
        builder, loc, start.getType(), start, window.starts[indexed.dim]);
    offsets.push_back(offset);
    if (type.getDimSize(indexed.dim) == 1)
      isThere = both(builder, loc, isThere,
                     compare(builder, loc, offset,
                             scalar(builder, loc, window.type, 0),
                             stablehlo::ComparisonDirection::EQ));
  }
  Value slice = lookThrough(builder, loc, read, engine::ReduceKind::Add, window,
                            offsets, type.getShape());
  if (isThere)
    slice = stablehlo::SelectOp::create(builder, loc, type, isThere, slice,
                                        zeros(builder, loc, type));
  return SmallVector<Value>{slice};
}

//===----------------------------------------------------------------------===//
// dynamic_update_slice
//===----------------------------------------------------------------------===//

/// Linear in the update where it is written into zeros.
static Rule dynamicUpdateSliceRule(stablehlo::DynamicUpdateSliceOp op) {
  RuleBuilder builder = builderFor(op);
  builder.rule.cost.overwritten = 1;
  ArrayRef<int64_t> whole = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> slice = shapeOf(op->getOperand(1));
  addWholeDims(builder, whole, slice, 2);
  if (whole.size() == slice.size())
    for (auto [index, size] : llvm::enumerate(whole)) {
      int dim = index;
      if (slice[dim] < size)
        addIndexedWrite(builder, size, {dim, RuleBuilder::kNone}, {dim});
    }
  if (isArithmetic(elementTypeOf(op->getResult(0)))) {
    if (isZero(op->getOperand(0)))
      builder.linearIn({1});
    else if (isZero(op->getOperand(1)))
      builder.linearIn({0});
  }
  return builder.build("is indexed");
}

/// Which elements of the window are in the slice on one dim; `offset` is where
/// the window begins in it.
static Value isInSlice(OpBuilder &builder, Location loc, RankedTensorType type,
                       int64_t dim, Value offset, int64_t slice) {
  using stablehlo::ComparisonDirection;
  auto spread = [&](Value value) -> Value {
    auto wanted = type.clone(getElementTypeOrSelf(value.getType()));
    return stablehlo::BroadcastInDimOp::create(builder, loc, wanted, value,
                                               ArrayRef<int64_t>());
  };
  auto scalarType = cast<RankedTensorType>(offset.getType());
  if (slice == 1 && type.getDimSize(dim) == 1)
    return spread(compare(builder, loc, offset,
                          integerSplat(builder, loc, scalarType, 0),
                          ComparisonDirection::EQ));
  Value place = stablehlo::IotaOp::create(builder, loc, type, dim);
  place = stablehlo::AddOp::create(builder, loc, type, place, spread(offset));
  Value isAfter =
      compare(builder, loc, place, integerSplat(builder, loc, type, 0),
              ComparisonDirection::GE);
  Value isBefore =
      compare(builder, loc, place, integerSplat(builder, loc, type, slice),
              ComparisonDirection::LT);
  return both(builder, loc, isAfter, isBefore);
}

static LocalResults dynamicUpdateSliceLocal(stablehlo::DynamicUpdateSliceOp op,
                                            LocalForm &form) {
  SmallVector<IndexedDim> dims = indexedDims(form);
  if (dims.empty())
    return cloneLocal(op, form);
  OpBuilder &builder = form.builder;
  Location loc = op->getLoc();
  Value update = form.operands[1];
  auto type = cast<RankedTensorType>(update.getType());
  Window window = findWindow(op, form, dims, shapeOf(op->getOperand(1)),
                             type.getShape(), /*first=*/2);
  Value old = readWindow(form, loc, window);
  // The window in the slice.
  SmallVector<Value> offsets;
  for (auto [indexed, start] : llvm::zip_equal(dims, window.sliceStarts))
    offsets.push_back(stablehlo::SubtractOp::create(
        builder, loc, start.getType(), window.starts[indexed.dim], start));
  // Nothing around it is taken: any value will do, and all types have a one.
  Value written = lookThrough(builder, loc, update, engine::ReduceKind::Mul,
                              window, offsets, window.sizes);
  auto windowType = RankedTensorType::get(window.sizes, window.type);
  Value isNew;
  for (auto [indexed, offset] : llvm::zip_equal(dims, offsets))
    isNew = both(builder, loc, isNew,
                 isInSlice(builder, loc, windowType, indexed.dim, offset,
                           type.getDimSize(indexed.dim)));
  form.operands[1] = stablehlo::SelectOp::create(builder, loc, old.getType(),
                                                 isNew, written, old);
  for (auto [dim, start] : llvm::enumerate(window.starts))
    form.operands[2 + dim] = start;
  return cloneLocal(op, form);
}

void rules::attachDynamicSliceRules(MLIRContext *context) {
  attach<stablehlo::DynamicSliceOp, dynamicSliceRule, dynamicSliceLocal>(
      context);
  attach<stablehlo::DynamicUpdateSliceOp, dynamicUpdateSliceRule,
         dynamicUpdateSliceLocal>(context);
}
