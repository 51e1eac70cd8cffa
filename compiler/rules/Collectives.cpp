//===- Collectives.cpp - Collectives as XLA takes them --------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds the StableHLO of a collective over named mesh axes.
//
//===----------------------------------------------------------------------===//

#include "compiler/rules/Collectives.h"

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Chunks.h"
#include "compiler/rules/Monoid.h"
#include "compiler/rules/Rules.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace partir;

//===----------------------------------------------------------------------===//
// Attributes and regions
//===----------------------------------------------------------------------===//

static DenseIntElementsAttr getMatrix(OpBuilder &builder, int64_t rows,
                                      int64_t columns,
                                      ArrayRef<int64_t> elements) {
  auto type = RankedTensorType::get({rows, columns}, builder.getI64Type());
  return DenseIntElementsAttr::get(type, elements);
}

/// The groups list their devices by position, which is the order in which a
/// collective concatenates and scatters.
static DenseIntElementsAttr getReplicaGroups(OpBuilder &builder, MeshAttr mesh,
                                             ArrayRef<AxisAttr> axes) {
  SmallVector<SmallVector<int64_t>> groups = mesh.getGroups(axes);
  SmallVector<int64_t> devices;
  devices.reserve(mesh.getNumDevices());
  for (ArrayRef<int64_t> group : groups)
    llvm::append_range(devices, group);
  return getMatrix(builder, groups.size(), groups.front().size(), devices);
}

static stablehlo::ChannelHandleAttr getChannel(OpBuilder &builder,
                                               int64_t handle) {
  constexpr int64_t kDeviceToDevice = 1;
  return stablehlo::ChannelHandleAttr::get(builder.getContext(), handle,
                                           kDeviceToDevice);
}

/// Fills the region of a reduction of tensors of that element type.
static void buildReduction(OpBuilder &builder, Location loc, Region &region,
                           ReduceKind kind, Type elementType) {
  OpBuilder::InsertionGuard guard(builder);
  Type scalar = RankedTensorType::get({}, elementType);
  Block *block = builder.createBlock(&region, {}, {scalar, scalar}, {loc, loc});
  Value result =
      combine(builder, loc, kind, block->getArgument(0), block->getArgument(1));
  stablehlo::ReturnOp::create(builder, loc, result);
}

static RankedTensorType getTensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// The type with the size of one dim changed.
static RankedTensorType withDim(RankedTensorType type, int64_t dim,
                                int64_t size) {
  SmallVector<int64_t> shape(type.getShape());
  shape[dim] = size;
  return type.clone(shape);
}

//===----------------------------------------------------------------------===//
// Position of the device
//===----------------------------------------------------------------------===//

void CollectiveLowering::enterFunction(Block &block) {
  entry = &block;
  prologue = nullptr;
  device = {};
  positions.clear();
}

Value CollectiveLowering::getDevice(OpBuilder &builder, Location loc) {
  if (!device) {
    auto type =
        RankedTensorType::get({}, builder.getIntegerType(32, /*signed=*/false));
    device = stablehlo::PartitionIdOp::create(builder, loc, type);
  }
  return device;
}

namespace {
/// Some consecutive digits of a device's number.
struct Digits {
  int64_t stride, size;
};
} // namespace

/// The digits of a position, major first; axes that lie in a row in the mesh
/// are read at once.
static SmallVector<Digits> getDigits(MeshAttr mesh, ArrayRef<AxisAttr> axes) {
  SmallVector<Digits> digits;
  for (AxisAttr axis : axes) {
    int64_t stride = mesh.getStride(axis), size = mesh.getSize(axis);
    if (size == 1)
      continue;
    if (!digits.empty() && digits.back().stride == stride * size)
      digits.back() = {stride, digits.back().size * size};
    else
      digits.push_back({stride, size});
  }
  return digits;
}

Value CollectiveLowering::getPosition(Location loc, ArrayRef<AxisAttr> axes) {
  Value &position = positions[hlo::AxesAttr::get(mesh.getContext(), axes)];
  if (position)
    return position;
  OpBuilder builder = OpBuilder::atBlockBegin(entry);
  if (prologue)
    builder.setInsertionPointAfter(prologue);

  auto resultType = RankedTensorType::get({}, builder.getI32Type());
  SmallVector<Digits> digits = getDigits(mesh, axes);
  if (digits.empty()) {
    position = rules::integerSplat(builder, loc, resultType, 0);
  } else {
    // Unsigned, so that divisions by powers of two become shifts.
    Value number = getDevice(builder, loc);
    RankedTensorType type = getTensorType(number);
    auto apply = [&](auto op, Value value, int64_t amount) -> Value {
      if (amount == 1)
        return value;
      return decltype(op)::create(
          builder, loc, type, value,
          rules::integerSplat(builder, loc, type, amount));
    };
    for (auto [stride, size] : digits) {
      Value digit = apply(stablehlo::DivOp(), number, stride);
      if (stride * size != mesh.getNumDevices())
        digit = apply(stablehlo::RemOp(), digit, size);
      if (position)
        digit = stablehlo::AddOp::create(
            builder, loc, type, apply(stablehlo::MulOp(), position, size),
            digit);
      position = digit;
    }
    position = stablehlo::ConvertOp::create(builder, loc, resultType, position);
  }
  prologue = position.getDefiningOp();
  return position;
}

Value CollectiveLowering::lowerOp(OpBuilder &, hlo::AxisIndexOp op) {
  return getPosition(op.getLoc(), op.getAxes().getAxes());
}

Value partir::keepClampApart(OpBuilder &builder, Location loc, Value value) {
  Operation *op = value.getDefiningOp();
  if (!isa_and_nonnull<stablehlo::DynamicSliceOp, stablehlo::GatherOp>(op))
    return value;
  return createBarrier(builder, loc, value).front();
}

Value CollectiveLowering::lowerOp(OpBuilder &builder, hlo::AllSliceOp op) {
  Location loc = op.getLoc();
  RankedTensorType type = getTensorType(op.getResult());
  bool isLong = llvm::any_of(getTensorType(op.getOperand()).getShape(),
                             [](int64_t size) { return size > INT32_MAX; });
  auto startType = RankedTensorType::get({}, isLong ? builder.getI64Type()
                                                    : builder.getI32Type());
  SmallVector<Value> starts;
  for (auto [size, axes] : llvm::zip_equal(type.getShape(), op.getAxes())) {
    bool isWhole = mesh.getSize(axes.getAxes()) == 1;
    Value start =
        getPosition(loc, isWhole ? ArrayRef<AxisAttr>() : axes.getAxes());
    if (isLong)
      start = stablehlo::ConvertOp::create(builder, loc, startType, start);
    if (!isWhole && size != 1)
      start = stablehlo::MulOp::create(
          builder, loc, startType, start,
          rules::integerSplat(builder, loc, startType, size));
    starts.push_back(start);
  }
  Value operand = keepClampApart(builder, loc, op.getOperand());
  return stablehlo::DynamicSliceOp::create(builder, loc, type, operand, starts,
                                           type.getShape());
}

//===----------------------------------------------------------------------===//
// Collectives on one dim
//===----------------------------------------------------------------------===//

Value CollectiveLowering::createAllGather(OpBuilder &builder, Location loc,
                                          Value value, int64_t dim,
                                          ArrayRef<AxisAttr> axes) {
  RankedTensorType type = getTensorType(value);
  Type resultType =
      withDim(type, dim, type.getDimSize(dim) * mesh.getSize(axes));
  return stablehlo::AllGatherOp::create(
             builder, loc, TypeRange(resultType), ValueRange(value), dim,
             getReplicaGroups(builder, mesh, axes),
             getChannel(builder, ++numChannels), /*use_global_device_ids=*/true)
      ->getResult(0);
}

Value CollectiveLowering::createAllToAll(OpBuilder &builder, Location loc,
                                         Value value, int64_t src, int64_t dst,
                                         ArrayRef<AxisAttr> axes) {
  RankedTensorType type = getTensorType(value);
  int64_t n = mesh.getSize(axes);
  type = withDim(type, src, type.getDimSize(src) * n);
  Type resultType = withDim(type, dst, type.getDimSize(dst) / n);
  return stablehlo::AllToAllOp::create(
             builder, loc, TypeRange(resultType), ValueRange(value),
             /*split_dimension=*/dst, /*concat_dimension=*/src,
             /*split_count=*/n, getReplicaGroups(builder, mesh, axes),
             getChannel(builder, ++numChannels))
      ->getResult(0);
}

Value CollectiveLowering::createReduceScatter(OpBuilder &builder, Location loc,
                                              ReduceKind kind, Value value,
                                              int64_t dim,
                                              ArrayRef<AxisAttr> axes) {
  RankedTensorType type = getTensorType(value);
  auto scatter = stablehlo::ReduceScatterOp::create(
      builder, loc,
      withDim(type, dim, type.getDimSize(dim) / mesh.getSize(axes)), value, dim,
      getReplicaGroups(builder, mesh, axes), getChannel(builder, ++numChannels),
      /*use_global_device_ids=*/true);
  buildReduction(builder, loc, scatter.getComputation(), kind,
                 type.getElementType());
  return scatter.getResult();
}

Value CollectiveLowering::createPermute(OpBuilder &builder, Location loc,
                                        Value value,
                                        ArrayRef<int64_t> devices) {
  return stablehlo::CollectivePermuteOp::create(
      builder, loc, value.getType(), value,
      getMatrix(builder, devices.size() / 2, 2, devices),
      getChannel(builder, ++numChannels));
}

//===----------------------------------------------------------------------===//
// The ops of partir_hlo
//===----------------------------------------------------------------------===//

// Over several dims, a ring sends as much in one order as in another: the whole
// but one's own chunk. But a dim that is not the first is gathered into strided
// places, which takes a copy of the result. So the first dim comes last, when
// the value is large: the copies are made while it is small. A scatter is the
// same backwards.

Value CollectiveLowering::lowerOp(OpBuilder &builder, hlo::AllGatherOp op) {
  Value value = op.getOperand();
  for (int64_t dim = op.getAxes().getRank() - 1; dim >= 0; --dim)
    if (ArrayRef<AxisAttr> axes = op.getAxes()[dim]; mesh.getSize(axes) != 1)
      value = createAllGather(builder, op.getLoc(), value, dim, axes);
  return value;
}

Value CollectiveLowering::lowerOp(OpBuilder &builder, hlo::ReduceScatterOp op) {
  Value value = op.getOperand();
  ReduceKind kind = op.getReduction().getKind();
  for (auto [dim, axes] : llvm::enumerate(op.getAxes()))
    if (mesh.getSize(axes.getAxes()) != 1)
      value = createReduceScatter(builder, op.getLoc(), kind, value, dim,
                                  axes.getAxes());
  return value;
}

Value CollectiveLowering::lowerOp(OpBuilder &builder, hlo::AllReduceOp op) {
  Location loc = op.getLoc();
  Value value = op.getOperand();
  ArrayRef<AxisAttr> axes = op.getAxes().getAxes();
  ReduceKind kind = op.getReduction().getKind();
  if (mesh.getSize(axes) == 1)
    return value;
  auto reduce = stablehlo::AllReduceOp::create(
      builder, loc, TypeRange(op.getType()), ValueRange(value),
      getReplicaGroups(builder, mesh, axes), getChannel(builder, ++numChannels),
      /*use_global_device_ids=*/true);
  buildReduction(builder, loc, reduce.getComputation(), kind,
                 getTensorType(value).getElementType());
  return reduce->getResult(0);
}

Value CollectiveLowering::lowerOp(OpBuilder &builder, hlo::AllToAllOp op) {
  ArrayRef<AxisAttr> axes = op.getAxes().getAxes();
  if (mesh.getSize(axes) == 1)
    return op.getOperand();
  return createAllToAll(builder, op.getLoc(), op.getOperand(), op.getSrc(),
                        op.getDst(), axes);
}

Value CollectiveLowering::lowerOp(OpBuilder &builder,
                                  hlo::CollectivePermuteOp op) {
  SmallVector<std::pair<int64_t, int64_t>> pairs =
      op.getSourceTargetPairs(mesh);
  if (llvm::all_of(pairs, [](auto pair) { return pair.first == pair.second; }))
    return op.getOperand();
  // Who is no target gets zeros, so those that send to themselves are listed.
  SmallVector<int64_t> devices;
  for (auto [source, target] : pairs)
    devices.append({source, target});
  return createPermute(builder, op.getLoc(), op.getOperand(), devices);
}

FailureOr<Value> CollectiveLowering::lower(OpBuilder &builder, Operation *op) {
  return TypeSwitch<Operation *, FailureOr<Value>>(op)
      .Case<hlo::AllGatherOp, hlo::AllReduceOp, hlo::AllSliceOp,
            hlo::AllToAllOp, hlo::AxisIndexOp, hlo::CollectivePermuteOp,
            hlo::ReduceScatterOp, hlo::WindowOp>(
          [&](auto collective) -> FailureOr<Value> {
            return lowerOp(builder, collective);
          })
      .Default([](Operation *other) -> FailureOr<Value> {
        return other->emitOpError("is not a collective of partir_hlo");
      });
}

ValueRange partir::createBarrier(OpBuilder &builder, Location loc,
                                 ValueRange values) {
  return stablehlo::OptimizationBarrierOp::create(builder, loc,
                                                  values.getTypes(), values)
      ->getResults();
}
