//===- StripLoops.cpp - Loops taken off a program -------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/StripLoops.h"

#include "compiler/rules/RuleInterfaces.h"

using namespace mlir;
using namespace partir;

namespace {

class LoopStripper {
public:
  LogicalResult stripBlock(Block &block);
  LoopNests takeNests() { return std::move(nests); }

private:
  LogicalResult refuseLoops(Block &block);
  LogicalResult strip(LoopOp loop);
  LogicalResult stripIdentity(LoopOp loop, Value source);
  LogicalResult stripNest(LoopOp loop);
  FailureOr<Value> readOperand(OpOperand &operand, ArrayRef<LoopOp> loops,
                               OpNest &nest);
  LogicalResult readOnce(OnceOp once, OpOperand &operand,
                         ArrayRef<LoopOp> loops, OpNest &nest);
  LogicalResult checkPlace(PlaceOp place, ArrayRef<LoopOp> loops,
                           ArrayRef<int> dims);
  LogicalResult readResults(LoopOp outer, ArrayRef<LoopOp> loops, OpNest &nest);

  LoopNests nests;
};

} // namespace

LogicalResult LoopStripper::stripBlock(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (auto loop = dyn_cast<LoopOp>(op)) {
      if (failed(strip(loop)))
        return failure();
      continue;
    }
    for (Region &region : op.getRegions())
      for (Block &inner : region)
        if (failed(isa<TieInterface>(op) ? stripBlock(inner)
                                         : refuseLoops(inner)))
          return failure();
  }
  return success();
}

/// What an op does with single elements is not partitioned.
LogicalResult LoopStripper::refuseLoops(Block &block) {
  WalkResult walk = block.walk([](LoopOp loop) {
    loop.emitError("a loop cannot be in a region of '")
        << loop->getParentOp()->getName() << "'";
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

LogicalResult LoopStripper::strip(LoopOp loop) {
  if (Value source = loop.getIdentitySource())
    return stripIdentity(loop, source);
  return stripNest(loop);
}

LogicalResult LoopStripper::stripIdentity(LoopOp loop, Value source) {
  SmallVectorImpl<ValueLevel> &levels = nests.values[source];
  for (LoopOp level = loop; level;) {
    for (Operation &op : *level.getBody())
      if (!isa<LoopOp, SliceOp, YieldOp>(op))
        return op.emitError("this loop yields a value as it came, and holds "
                            "an op beside it");
    auto tile = dyn_cast<TileAttr>(level.getAction(0));
    levels.push_back({level.getAxis(), getCause(level.getLoc()), level.getLoc(),
                      tile ? static_cast<int>(tile.getDim()) : -1});
    Value yielded = level.getYield().getValues().front();
    level = yielded.getDefiningOp<LoopOp>();
    if (level && !loop->isProperAncestor(level))
      level = LoopOp();
  }
  loop.getResult(0).replaceAllUsesWith(source);
  loop.erase();
  return success();
}

/// The dim of each slice on a value, by the loop over whose range it slices;
/// returns what is sliced. Of the slices of one dim the outer loop's must come
/// first, since chunks are joined in the order of the loops.
static FailureOr<Value> readSlices(Value value, ArrayRef<LoopOp> loops,
                                   MutableArrayRef<int> dims) {
  while (auto slice = value.getDefiningOp<SliceOp>()) {
    const LoopOp *loop = llvm::find(loops, slice.getLoop());
    if (loop == loops.end())
      break;
    size_t level = loop - loops.begin();
    int dim = slice.getDim();
    if (dims[level] >= 0)
      return slice.emitError("the value is sliced over this range twice");
    if (llvm::is_contained(dims.take_front(level), dim))
      return slice.emitError("dim ")
             << dim << " is sliced by an inner loop first, then by an outer "
             << "one, and joined the other way around";
    dims[level] = dim;
    value = slice.getOperand();
  }
  return value;
}

/// The op in a nest of loops, and the loops, down to the one that holds it.
static FailureOr<Operation *> findOp(LoopOp outer,
                                     SmallVectorImpl<LoopOp> &loops) {
  Operation *op = nullptr;
  for (LoopOp loop = outer; loop;) {
    loops.push_back(loop);
    LoopOp next;
    for (Operation &inner : loop.getBody()->without_terminator()) {
      if (isa<SliceOp, OnceOp, PlaceOp>(inner))
        continue;
      if (next || op)
        return inner.emitError(
            "this loop holds several ops; a loop nest holds one op, the "
            "slices of its operands and the slices of its results");
      next = dyn_cast<LoopOp>(inner);
      if (!next)
        op = &inner;
    }
    loop = next;
  }
  if (!op)
    return outer.emitError("this loop nest holds no op, and its results are "
                           "not one value that is yielded as it came");
  if (!isa<PartitionRuleInterface>(op))
    return op->emitError() << "'" << op->getName()
                           << "' cannot be in a loop: it has no partition rule";
  return op;
}

LogicalResult LoopStripper::stripNest(LoopOp outer) {
  SmallVector<LoopOp> loops;
  FailureOr<Operation *> op = findOp(outer, loops);
  if (failed(op))
    return failure();
  OpNest nest;
  nest.op = *op;
  nest.placed = getPlacedDims(nest.op);
  for (LoopOp loop : loops) {
    OpLevel level{loop.getAxis(),
                  getCause(loop.getLoc()),
                  loop.getLoc(),
                  SmallVector<int>(nest.op->getNumOperands(), -1),
                  SmallVector<int>(nest.op->getNumResults(), -1),
                  {}};
    for (Attribute action : loop.getActions())
      level.actions.push_back(cast<ActionAttr>(action));
    nest.levels.push_back(std::move(level));
  }
  SmallVector<Value> operands;
  for (OpOperand &operand : nest.op->getOpOperands()) {
    FailureOr<Value> source = readOperand(operand, loops, nest);
    if (failed(source))
      return failure();
    operands.push_back(*source);
  }
  if (failed(readResults(outer, loops, nest)))
    return failure();

  Operation *bare = OpBuilder(outer).clone(*nest.op);
  bare->setOperands(operands);
  for (auto [to, from] :
       llvm::zip_equal(bare->getResults(), outer->getResults())) {
    to.setType(from.getType());
    from.replaceAllUsesWith(to);
  }
  nest.op = bare;
  nests.ops.push_back(std::move(nest));
  outer.erase();
  return success();
}

/// Enters how the loops slice an operand; returns the value from outside.
FailureOr<Value> LoopStripper::readOperand(OpOperand &operand,
                                           ArrayRef<LoopOp> loops,
                                           OpNest &nest) {
  Value local = operand.get();
  SmallVector<PlaceOp, 1> places;
  while (auto place = local.getDefiningOp<PlaceOp>()) {
    places.push_back(place);
    local = place.getOperand();
  }
  if (auto once = local.getDefiningOp<OnceOp>()) {
    if (failed(readOnce(once, operand, loops, nest)))
      return failure();
    local = once.getOperand();
  }
  SmallVector<int> dims(loops.size(), -1);
  FailureOr<Value> source = readSlices(local, loops, dims);
  if (failed(source))
    return failure();
  LoopOp outer = loops.front();
  if (outer.getRegion().isAncestor(source->getParentRegion()))
    return nest.op->emitError("uses a value of the loop that is no slice");
  for (auto [level, dim] : llvm::zip_equal(nest.levels, dims))
    level.operandDims[operand.getOperandNumber()] = dim;
  for (PlaceOp place : places)
    if (failed(checkPlace(place, loops, dims)))
      return failure();
  return source;
}

/// Checks that a chunk is put back where exactly the loops that slice the value
/// cut it off.
LogicalResult LoopStripper::checkPlace(PlaceOp place, ArrayRef<LoopOp> loops,
                                       ArrayRef<int> dims) {
  SmallVector<Value> ranges;
  for (auto [loop, dim] : llvm::zip_equal(loops, dims))
    if (dim == static_cast<int64_t>(place.getDim()))
      ranges.push_back(LoopOp(loop).getRange());
  if (llvm::equal(ranges, place.getIndices()))
    return success();
  return place.emitError("has other indices than the slices of the value on "
                         "dim ")
         << place.getDim();
}

/// Checks that an operand enters once the reduction of exactly the loops that
/// reduce.
LogicalResult LoopStripper::readOnce(OnceOp once, OpOperand &operand,
                                     ArrayRef<LoopOp> loops, OpNest &nest) {
  SmallVector<Value> reduced;
  for (LoopOp loop : loops)
    if (loop.getAction(0) == once.getReduction())
      reduced.push_back(loop.getRange());
  if (!llvm::equal(reduced, once.getIndices()))
    return once.emitError(
        "has other indices than the loops that reduce the op's result");
  nest.once.push_back(operand.getOperandNumber());
  return success();
}

/// Checks that each loop yields the results of the one inside it, and the
/// innermost those of the op, sliced or not.
LogicalResult LoopStripper::readResults(LoopOp outer, ArrayRef<LoopOp> loops,
                                        OpNest &nest) {
  for (auto [index, constLoop] : llvm::enumerate(loops)) {
    LoopOp loop = constLoop;
    OperandRange yielded = loop.getYield().getValues();
    bool isLast = index + 1 == loops.size();
    LoopOp next = isLast ? LoopOp() : loops[index + 1];
    Operation *inner = isLast ? nest.op : next.getOperation();
    if (yielded.size() != inner->getNumResults())
      return loop.emitError("this loop does not yield what is in it");
    for (auto [number, value] : llvm::enumerate(yielded)) {
      SmallVector<int> dims(loops.size(), -1);
      FailureOr<Value> source =
          isLast ? readSlices(value, loops, dims) : FailureOr<Value>(value);
      if (failed(source))
        return failure();
      if (*source != inner->getResult(number))
        return loop.emitError("this loop does not yield what is in it");
      for (auto [level, dim] : llvm::zip_equal(nest.levels, dims))
        if (dim >= 0)
          level.resultDims[number] = dim;
    }
  }
  return success();
}

FailureOr<LoopNests> partir::stripLoops(func::FuncOp func) {
  LoopStripper stripper;
  if (failed(stripper.stripBlock(func.getBody().front())))
    return failure();
  return stripper.takeNests();
}
