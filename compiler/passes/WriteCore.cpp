//===- WriteCore.cpp - From the engine's state to loops -------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each op with axes goes into a nest of loops, the first axis outermost; each
// value with tiles of its own gets a nest that is an identity. The values of a
// tie have such nests in place of loops around the op.
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/CoreState.h"
#include "compiler/rules/RuleInterfaces.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace partir;
using engine::dimOf;
using engine::NodeTile;
using engine::ValueId;

namespace {

/// One level of a nest on a value: a tile, or whole (dim -1).
struct Level {
  AxisAttr axis;
  int dim;
  Location loc;
};

class CoreWriter {
public:
  CoreWriter(const ProgramGraph &program, const engine::State &state)
      : program(program), state(state) {}

  LogicalResult run() {
    // The nests on values come first: they go before the uses, wherever the
    // ops end up. From the last to the first: each goes to the start of the
    // block that has the value as an argument.
    for (ValueId id = static_cast<ValueId>(state.values.size()) - 1; id >= 0;
         --id)
      writeValue(id);
    for (auto [id, tiles] : llvm::enumerate(state.nodes))
      if (!tiles.empty() && !program.graph.nodes[id].isTie &&
          failed(writeNode(id)))
        return failure();
    return success();
  }

private:
  Location locOf(Location loc, int cause) const {
    const engine::Cause &c = state.causes[cause];
    return withCause(
        loc, CauseAttr::get(loc.getContext(), c.tactic, cause, c.parent));
  }

  /// The nest of tiles on a value.
  Value createNest(OpBuilder &builder, Value value, ArrayRef<Level> levels) {
    if (levels.empty())
      return value;
    const Level &level = levels.front();
    int64_t size = program.mesh.getSize(level.axis);
    auto loop = LoopOp::create(
        builder, level.loc, value.getType(), level.axis, size,
        {ActionAttr(TileAttr::get(builder.getContext(), level.dim))},
        [&](OpBuilder &inner, Location loc, BlockArgument range) {
          Value chunk = SliceOp::create(inner, loc, value, level.dim, range);
          Value result = createNest(inner, chunk, levels.drop_front());
          YieldOp::create(inner, loc, result);
        });
    return loop.getResult(0);
  }

  void writeValue(ValueId id) {
    Value value = program.valueOf(id);
    SmallVector<Level> levels;
    engine::NodeId producer = program.graph.values[id].producer;
    if (producer != engine::kNone && program.graph.nodes[producer].isTie) {
      const engine::Node &node = program.graph.nodes[producer];
      for (const NodeTile &tile : state.nodes[producer])
        levels.push_back({program.axisAttr(tile.axis),
                          dimOf(node.rule.results.front(), tile.factor),
                          locOf(value.getLoc(), tile.cause)});
    }
    for (const engine::ValueTile &tile : state.values[id])
      levels.push_back({program.axisAttr(tile.axis), tile.dim,
                        locOf(value.getLoc(), tile.cause)});
    if (levels.empty() && state.atomics[id].empty())
      return;

    OpBuilder builder(value.getContext());
    builder.setInsertionPointAfterValue(value);
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : value.getUses())
      uses.push_back(&use);
    Value nest = createNest(builder, value, levels);
    for (const engine::AtomicMark &mark : state.atomics[id]) {
      AxisAttr axis = program.axisAttr(mark.axis);
      nest = createAtomicLoop(builder, locOf(value.getLoc(), mark.cause), nest,
                              axis, program.mesh.getSize(axis))
                 .getResult(0);
    }
    for (OpOperand *use : uses)
      use->set(nest);
  }

  LogicalResult writeNode(engine::NodeId id);
  FailureOr<bool> createOnChunks(OpBuilder &builder, engine::NodeId id,
                                 ArrayRef<Value> operands,
                                 ArrayRef<Type> resultTypes,
                                 ArrayRef<Value> ranges,
                                 SmallVector<Value> &results);
  LogicalResult fillNest(OpBuilder &builder, engine::NodeId id,
                         SmallVector<Value> &operands,
                         SmallVector<Type> &resultTypes, ArrayRef<Value> ranges,
                         SmallVector<Value> &results);
  LogicalResult createReduced(OpBuilder &builder, engine::NodeId id,
                              ArrayRef<Value> ranges,
                              SmallVector<Value> &results);
  SmallVector<ActionAttr> actionsFor(const engine::Rule &rule, int factor,
                                     unsigned numResults) const;

  const ProgramGraph &program;
  const engine::State &state;
};

} // namespace

/// How each result comes out of a loop over an axis on the factor.
SmallVector<ActionAttr> CoreWriter::actionsFor(const engine::Rule &rule,
                                               int factor,
                                               unsigned numResults) const {
  MLIRContext *context = program.getFunc().getContext();
  SmallVector<ActionAttr> actions;
  for (unsigned i = 0; i < numResults; ++i) {
    int dim = dimOf(rule.results[i], factor);
    const engine::Factor &f = rule.factors[factor];
    if (dim >= 0)
      actions.push_back(TileAttr::get(context, dim));
    else if (f.kind == engine::FactorKind::Reduce)
      actions.push_back(ReduceAttr::get(context, toAttrKind(f.reduce)));
    else
      actions.push_back(AnyAttr::get(context));
  }
  return actions;
}

LogicalResult CoreWriter::writeNode(engine::NodeId id) {
  Operation *op = program.opOf(id);
  const engine::Node &node = program.graph.nodes[id];
  ArrayRef<NodeTile> tiles = state.nodes[id];

  SmallVector<Value> operands(op->getOperands()), ranges, results;
  SmallVector<Type> resultTypes(op->getResultTypes());
  SmallVector<LoopOp> loops;
  OpBuilder builder(op);
  for (const NodeTile &tile : tiles) {
    AxisAttr axis = program.axisAttr(tile.axis);
    int64_t size = program.mesh.getSize(axis);
    auto loop = LoopOp::create(
        builder, locOf(op->getLoc(), tile.cause), resultTypes, axis, size,
        actionsFor(node.rule, tile.factor, op->getNumResults()));
    loops.push_back(loop);
    ranges.push_back(loop.getRange());
    builder.setInsertionPointToStart(loop.getBody());
    for (auto [operand, factors] :
         llvm::zip_equal(operands, node.rule.operands))
      if (int dim = dimOf(factors, tile.factor); dim >= 0)
        operand = SliceOp::create(builder, op->getLoc(), operand, dim,
                                  loop.getRange());
    for (auto [type, factors] : llvm::zip_equal(resultTypes, node.rule.results))
      if (int dim = dimOf(factors, tile.factor); dim >= 0)
        type = getChunkType(cast<RankedTensorType>(type), dim, size);
  }
  if (failed(fillNest(builder, id, operands, resultTypes, ranges, results)))
    return failure();
  for (LoopOp loop : llvm::reverse(loops)) {
    builder.setInsertionPointToEnd(loop.getBody());
    YieldOp::create(builder, op->getLoc(), results);
    results.assign(loop.getResults().begin(), loop.getResults().end());
  }
  op->replaceAllUsesWith(loops.front());
  op->erase();
  return success();
}

/// Whether chunks of the dims on which a node reduces are chunks of the factor
/// that is reduced.
static bool reducesMajorFactors(const engine::Rule &rule,
                                ArrayRef<NodeTile> tiles) {
  return llvm::all_of(tiles, [&](const NodeTile &tile) {
    return rule.factors[tile.factor].kind != engine::FactorKind::Reduce ||
           llvm::all_of(rule.operands, [&](const engine::ValueFactors &value) {
             int dim = dimOf(value, tile.factor);
             return dim < 0 || value[dim].front() == tile.factor;
           });
  });
}

/// Creates the op on the chunks of the axes that it reduces over, and whole on
/// all others.
LogicalResult CoreWriter::createReduced(OpBuilder &builder, engine::NodeId id,
                                        ArrayRef<Value> ranges,
                                        SmallVector<Value> &results) {
  Operation *op = program.opOf(id);
  const engine::Rule &rule = program.graph.nodes[id].rule;
  LocalForm form{builder,
                 rule,
                 SmallVector<Value>(op->getOperands()),
                 SmallVector<Type>(op->getResultTypes()),
                 {}};
  for (auto [tile, range] : llvm::zip_equal(state.nodes[id], ranges)) {
    if (rule.factors[tile.factor].kind != engine::FactorKind::Reduce)
      continue;
    form.axes.push_back({program.axisAttr(tile.axis), tile.factor});
    form.ranges.push_back(range);
    for (auto [operand, factors] :
         llvm::zip_equal(form.operands, rule.operands))
      if (int dim = dimOf(factors, tile.factor); dim >= 0)
        operand = SliceOp::create(builder, op->getLoc(), operand, dim, range);
  }
  auto local = form.axes.empty()
                   ? cloneLocal(op, form)
                   : cast<PartitionRuleInterface>(op).createLocal(form);
  if (failed(local))
    return failure();
  results.assign(local->begin(), local->end());
  return success();
}

/// Creates the op on its local operands if it is then the same op with the same
/// attributes; returns whether it did. An op that moves elements along a dim
/// that is tiled needs other elements than its chunks.
FailureOr<bool> CoreWriter::createOnChunks(OpBuilder &builder,
                                           engine::NodeId id,
                                           ArrayRef<Value> operands,
                                           ArrayRef<Type> resultTypes,
                                           ArrayRef<Value> ranges,
                                           SmallVector<Value> &results) {
  if (state.takesStretches(id))
    return false;
  Operation *op = program.opOf(id);
  const engine::Rule &rule = program.graph.nodes[id].rule;
  ArrayRef<NodeTile> tiles = state.nodes[id];
  LocalForm form{builder,
                 rule,
                 SmallVector<Value>(operands),
                 SmallVector<Type>(resultTypes),
                 {}};
  for (const NodeTile &tile : tiles)
    form.axes.push_back({program.axisAttr(tile.axis), tile.factor});
  form.ranges.assign(ranges.begin(), ranges.end());

  Block *block = builder.getInsertionBlock();
  Operation *before = block->empty() ? nullptr : &block->back();
  auto local = cast<PartitionRuleInterface>(op).createLocal(form);
  if (failed(local))
    return failure();
  auto first = before ? std::next(before->getIterator()) : block->begin();
  bool hasReduction = llvm::any_of(tiles, [&](const NodeTile &tile) {
    return rule.factors[tile.factor].kind == engine::FactorKind::Reduce;
  });
  if (isPlainForm(op, first, block->end()) ||
      (hasReduction && !reducesMajorFactors(rule, tiles))) {
    results.assign(local->begin(), local->end());
    return true;
  }
  while (!block->empty() && &block->back() != before)
    block->back().erase();
  return false;
}

/// Puts the op into the innermost loop: on its local operands, else computed
/// whole and sliced.
LogicalResult CoreWriter::fillNest(OpBuilder &builder, engine::NodeId id,
                                   SmallVector<Value> &operands,
                                   SmallVector<Type> &resultTypes,
                                   ArrayRef<Value> ranges,
                                   SmallVector<Value> &results) {
  Operation *op = program.opOf(id);
  const engine::Rule &rule = program.graph.nodes[id].rule;
  ArrayRef<NodeTile> tiles = state.nodes[id];
  FailureOr<bool> isOnChunks =
      createOnChunks(builder, id, operands, resultTypes, ranges, results);
  if (failed(isOnChunks) || *isOnChunks)
    return success(succeeded(isOnChunks));

  Block *block = builder.getInsertionBlock();
  for (Value operand : llvm::reverse(operands))
    while (auto slice = operand.getDefiningOp<SliceOp>()) {
      if (!slice->use_empty())
        break;
      operand = slice.getOperand();
      slice.erase();
    }
  builder.setInsertionPointToEnd(block);
  if (failed(createReduced(builder, id, ranges, results)))
    return failure();
  for (auto [tile, range] : llvm::zip_equal(tiles, ranges))
    for (auto [result, factors] : llvm::zip_equal(results, rule.results))
      if (int dim = dimOf(factors, tile.factor); dim >= 0)
        result = SliceOp::create(builder, op->getLoc(), result, dim, range);
  return success();
}

LogicalResult partir::writeCore(const ProgramGraph &program,
                                const engine::State &state) {
  return CoreWriter(program, state).run();
}

LogicalResult
partir::changeCore(ModuleOp module,
                   function_ref<LogicalResult(Partitioned &)> change) {
  FailureOr<Partitioned> core = readCore(module);
  if (failed(core) || failed(change(*core)))
    return failure();
  return writeCore(*core->program, *core->state);
}
