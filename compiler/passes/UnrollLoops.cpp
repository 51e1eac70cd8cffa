//===- UnrollLoops.cpp - Runs the iterations one after another ------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The reference semantics of PartIR:Core, as plain StableHLO.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/partir/Partir.h"
#include "compiler/dialect/partir_hlo/PartirHlo.h"
#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/passes/CloneOp.h"
#include "compiler/passes/Locations.h"
#include "compiler/passes/Passes.h"
#include "compiler/rules/Chunks.h"
#include "compiler/rules/RuleInterfaces.h"

#include "llvm/ADT/TypeSwitch.h"

namespace partir {
#define GEN_PASS_DEF_UNROLLLOOPSPASS
#include "compiler/passes/Passes.h.inc"
} // namespace partir

using namespace mlir;
using namespace partir;

/// Whether an op is one of those that this pass replaces.
static bool isOurs(Operation *op) {
  return isa_and_nonnull<PartirDialect, hlo::PartirHloDialect>(
      op->getDialect());
}

/// Whether the op in the loop reduces the iterations' values.
static bool isJoint(LoopOp loop) {
  auto reduce = dyn_cast<ReduceAttr>(loop.getAction(0));
  return reduce && reduce.getKind() == ReduceKind::Joint;
}

namespace {
/// Builds the StableHLO of one op of Core and of all that is in it.
class Unroller {
public:
  Unroller(Operation *root, MeshAttr mesh) : builder(root), mesh(mesh) {}

  /// Builds the op, at the insertion point. Its results enter the mapping.
  LogicalResult build(Operation &op);
  Value getBuilt(Value value) { return mapping.lookupOrDefault(value); }

private:
  LogicalResult build(CarryOp carry);
  LogicalResult build(LoopOp loop);
  LogicalResult build(SliceOp slice);
  LogicalResult build(OnceOp once);
  LogicalResult build(PlaceOp place);
  LogicalResult build(TagOp tag);
  LogicalResult build(hlo::AllSliceOp slice);
  LogicalResult build(hlo::AxisIndexOp index);
  Value join(Location loc, ActionAttr action, ArrayRef<Value> values);
  LogicalResult joinJointly(LoopOp loop, ArrayRef<SmallVector<Value>> values);

  /// The position along axes, major first, in the current iterations.
  FailureOr<int64_t> getPosition(Operation *op, ArrayRef<AxisAttr> axes);
  std::optional<int64_t> getCoordinate(AxisAttr part);

  /// A loop around what is being built, and which of its iterations runs.
  struct Iteration {
    LoopOp loop;
    int64_t index;
  };

  OpBuilder builder;
  MeshAttr mesh;
  IRMapping mapping;
  SmallVector<Iteration> iterations;
};
} // namespace

LogicalResult Unroller::build(Operation &op) {
  if (!isOurs(&op))
    return cloneOp(
        builder, op, mapping, [](Location loc) { return loc; },
        [&](Operation &inner) { return build(inner); });
  return TypeSwitch<Operation *, LogicalResult>(&op)
      .Case<CarryOp, LoopOp, SliceOp, OnceOp, PlaceOp, TagOp, hlo::AllSliceOp,
            hlo::AxisIndexOp>([&](auto op) { return build(op); })
      .Default([](Operation *op) {
        return op->emitOpError(
            "cannot be unrolled: of the ops that depend on the device only "
            "partir_hlo.all_slice and partir_hlo.axis_index may stand in a "
            "partir.loop");
      });
}

LogicalResult Unroller::build(LoopOp loop) {
  SmallVector<SmallVector<Value>> yielded(loop.getNumResults());
  iterations.push_back({loop, 0});
  for (int64_t n = loop.getSize(); iterations.back().index < n;
       ++iterations.back().index) {
    for (Operation &op : loop.getBody()->without_terminator())
      if (failed(build(op)))
        return failure();
    for (auto [values, value] :
         llvm::zip_equal(yielded, loop.getYield().getValues()))
      values.push_back(getBuilt(value));
  }
  iterations.pop_back();
  if (isJoint(loop))
    return joinJointly(loop, yielded);
  for (auto [index, result] : llvm::enumerate(loop.getResults()))
    mapping.map(result,
                join(loop.getLoc(), loop.getAction(index), yielded[index]));
  return success();
}

/// The op that computes what a loop yields.
static Operation *findYielded(LoopOp loop) {
  Value value = loop.getYield().getOperand(0);
  while (auto inner = value.getDefiningOp<LoopOp>())
    value =
        inner.getYield().getOperand(cast<OpResult>(value).getResultNumber());
  return value.getDefiningOp();
}

LogicalResult Unroller::joinJointly(LoopOp loop,
                                    ArrayRef<SmallVector<Value>> values) {
  auto op = dyn_cast_or_null<PartitionRuleInterface>(findYielded(loop));
  if (!op || op->getNumResults() != loop.getNumResults())
    return loop.emitOpError("yields no op that could reduce its results");
  SmallVector<Value> operands, partial;
  for (Value operand : op->getOperands())
    operands.push_back(getBuilt(operand));
  for (ArrayRef<Value> iterated : values) {
    SmallVector<Value> rows;
    for (Value value : iterated)
      rows.push_back(createRow(builder, loop.getLoc(), value));
    partial.push_back(concatenate(builder, loop.getLoc(), rows, /*dim=*/0));
  }
  auto combined = op.createCombined(builder, operands, partial);
  if (failed(combined))
    return failure();
  mapping.map(loop.getResults(), *combined);
  return success();
}

Value Unroller::join(Location loc, ActionAttr action, ArrayRef<Value> values) {
  if (auto tile = dyn_cast<TileAttr>(action))
    return concatenate(builder, loc, values, tile.getDim());
  Value joined = values.front();
  if (auto reduce = dyn_cast<ReduceAttr>(action))
    for (Value value : values.drop_front())
      joined = combine(builder, loc, reduce.getKind(), joined, value);
  return joined;
}

LogicalResult Unroller::build(SliceOp slice) {
  LoopOp loop = slice.getLoop();
  for (Iteration &iteration : iterations)
    if (iteration.loop == loop)
      mapping.map(slice.getResult(),
                  createChunk(builder, slice.getLoc(),
                              getBuilt(slice.getOperand()), slice.getDim(),
                              iteration.index, loop.getSize()));
  return success();
}

LogicalResult Unroller::build(OnceOp once) {
  bool isFirst = llvm::all_of(iterations, [&](Iteration &iteration) {
    return iteration.index == 0 ||
           !llvm::is_contained(once.getIndices(), iteration.loop.getRange());
  });
  Value value = getBuilt(once.getOperand());
  if (!isFirst)
    value = createNeutral(builder, once.getLoc(), once.getReduction().getKind(),
                          cast<RankedTensorType>(value.getType()));
  if (!value)
    return once.emitOpError("is of a type that has no neutral element");
  mapping.map(once.getResult(), value);
  return success();
}

LogicalResult Unroller::build(PlaceOp place) {
  int64_t position = 0;
  for (Value index : place.getIndices())
    for (Iteration &iteration : iterations)
      if (iteration.loop.getRange() == index)
        position = position * iteration.loop.getSize() + iteration.index;
  Value value =
      createPlaced(builder, place.getLoc(), getBuilt(place.getOperand()),
                   place.getDim(), position, place.getNumChunks());
  if (!value)
    return place.emitOpError("is of a type that has no zero");
  mapping.map(place.getResult(), value);
  return success();
}

LogicalResult Unroller::build(CarryOp carry) {
  mapping.map(carry.getResult(), getBuilt(carry.getNext()));
  return success();
}

LogicalResult Unroller::build(TagOp tag) {
  mapping.map(tag.getResult(), getBuilt(tag.getOperand()));
  return success();
}

LogicalResult Unroller::build(hlo::AllSliceOp slice) {
  Value value = getBuilt(slice.getOperand());
  for (auto [dim, axes] : llvm::enumerate(slice.getAxes())) {
    FailureOr<int64_t> position = getPosition(slice, axes.getAxes());
    if (failed(position))
      return failure();
    value = createChunk(builder, slice.getLoc(), value, dim, *position,
                        mesh.getSize(axes.getAxes()));
  }
  mapping.map(slice.getResult(), value);
  return success();
}

LogicalResult Unroller::build(hlo::AxisIndexOp index) {
  FailureOr<int64_t> position = getPosition(index, index.getAxes().getAxes());
  if (failed(position))
    return failure();
  mapping.map(index.getResult(),
              createPosition(builder, index.getLoc(), *position));
  return success();
}

FailureOr<int64_t> Unroller::getPosition(Operation *op,
                                         ArrayRef<AxisAttr> axes) {
  hlo::AxisList wanted(axes), running;
  for (Iteration &iteration : iterations)
    running.push_back(iteration.loop.getAxis());
  // Cut where the loops are cut: an axis may be run by loops over its parts.
  if (failed(hlo::refine(mesh, {&wanted, &running})))
    wanted.assign(axes.begin(), axes.end());
  int64_t position = 0;
  for (AxisAttr part : wanted) {
    std::optional<int64_t> coordinate = getCoordinate(part);
    if (!coordinate)
      return op->emitOpError()
             << "depends on the position along axis " << part.str()
             << ", and is in no partir.loop over it";
    position = position * mesh.getSize(part) + *coordinate;
  }
  return position;
}

std::optional<int64_t> Unroller::getCoordinate(AxisAttr part) {
  auto getBound = [&](AxisAttr axis) {
    return axis.isWhole() ? mesh.getAxisSize(axis.getName())
                          : axis.getMinorBound();
  };
  for (Iteration &iteration : iterations) {
    AxisAttr axis = iteration.loop.getAxis();
    if (axis.getName() == part.getName() &&
        axis.getMajorSize() <= part.getMajorSize() &&
        getBound(part) <= getBound(axis))
      return iteration.index / (getBound(axis) / getBound(part)) %
             mesh.getSize(part);
  }
  return std::nullopt;
}

/// Replaces an op that is in no loop.
static LogicalResult unroll(Operation *op, MeshAttr mesh) {
  Unroller unroller(op, mesh);
  if (failed(unroller.build(*op)))
    return failure();
  for (Value result : op->getResults())
    result.replaceAllUsesWith(unroller.getBuilt(result));
  op->erase();
  return success();
}

namespace {
struct UnrollLoops : partir::impl::UnrollLoopsPassBase<UnrollLoops> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<Operation *> ops;
    module.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (!isOurs(op))
        return WalkResult::advance();
      ops.push_back(op);
      return WalkResult::skip();
    });
    MeshAttr mesh = getMesh(module);
    for (Operation *op : ops)
      if (failed(unroll(op, mesh)))
        return signalPassFailure();
    dropProgramAttributes(module);
    dropCauses(module);
  }
};
} // namespace
