//===- ReadCore.cpp - From loops to the engine's state --------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops are taken off in program order: a nest around an op leaves the op on
// the values from outside, a nest that is an identity leaves its value. What
// they said is entered into a state once the graph of the bare program is
// there, and compared with what the ops' rules would have written.
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/CoreState.h"
#include "compiler/rules/RuleInterfaces.h"

#include "mlir/IR/IRMapping.h"

#include <map>

using namespace mlir;
using namespace partir;
using engine::FactorKind;
using engine::NodeId;
using engine::Rule;
using engine::ValueId;

namespace {

/// One loop of a nest around an op: what it slices and how it joins.
struct OpLevel {
  AxisAttr axis;
  CauseAttr cause;
  Location loc;
  /// Per operand and result the dim that is sliced, or -1.
  SmallVector<int> operandDims, resultDims;
  SmallVector<ActionAttr> actions;
};

struct OpNest {
  Operation *op;
  SmallVector<OpLevel> levels;
  /// The operands that enter the reduction of the loops once.
  SmallVector<int> once;
};

/// One loop of a nest on a value: a tile, or whole (dim -1).
struct ValueLevel {
  AxisAttr axis;
  CauseAttr cause;
  Location loc;
  int dim;
};

class CoreReader {
public:
  CoreReader(func::FuncOp func, MeshAttr mesh) : func(func), mesh(mesh) {}

  FailureOr<Partitioned> run() {
    if (failed(stripBlock(func.getBody().front())))
      return failure();
    auto program = ProgramGraph::build(func, mesh);
    if (failed(program))
      return failure();
    result.program = std::move(*program);
    result.state = std::make_unique<engine::State>(result.program->graph);
    numberCauses();
    for (const OpNest &nest : opNests)
      if (failed(enter(nest)))
        return failure();
    for (auto &[value, levels] : valueNests)
      if (failed(enter(value, levels)))
        return failure();
    return std::move(result);
  }

private:
  LogicalResult stripBlock(Block &block);
  LogicalResult refuseLoops(Block &block);
  LogicalResult strip(LoopOp loop);
  LogicalResult stripIdentity(LoopOp loop, Value source);
  LogicalResult stripNest(LoopOp loop);
  LogicalResult readOnce(OpOperand &operand, ArrayRef<LoopOp> loops,
                         OpNest &nest);
  LogicalResult readResults(LoopOp outer, ArrayRef<LoopOp> loops, OpNest &nest);
  LogicalResult enter(const OpNest &nest);
  LogicalResult checkLocalForm(const OpNest &nest);
  LogicalResult enter(Value value, ArrayRef<ValueLevel> levels);
  LogicalResult enterTie(NodeId tie, Value value, ArrayRef<ValueLevel> levels);
  void numberCauses();
  int addCause(CauseAttr cause);

  func::FuncOp func;
  MeshAttr mesh;
  Partitioned result;
  /// The index of each cause by its number, in the order of the numbers.
  std::map<int64_t, int> causes;
  std::vector<OpNest> opNests;
  /// In program order of the values' nests.
  llvm::MapVector<Value, SmallVector<ValueLevel>> valueNests;
};

} // namespace

LogicalResult CoreReader::stripBlock(Block &block) {
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
LogicalResult CoreReader::refuseLoops(Block &block) {
  WalkResult walk = block.walk([](LoopOp loop) {
    loop.emitError("a loop cannot be in a region of '")
        << loop->getParentOp()->getName() << "'";
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

LogicalResult CoreReader::strip(LoopOp loop) {
  if (Value source = loop.getIdentitySource())
    return stripIdentity(loop, source);
  return stripNest(loop);
}

LogicalResult CoreReader::stripIdentity(LoopOp loop, Value source) {
  SmallVectorImpl<ValueLevel> &levels = valueNests[source];
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
/// returns what is sliced.
static Value readSlices(Value value, ArrayRef<LoopOp> loops,
                        MutableArrayRef<int> dims) {
  while (auto slice = value.getDefiningOp<SliceOp>()) {
    const LoopOp *loop = llvm::find(loops, slice.getLoop());
    if (loop == loops.end())
      break;
    dims[loop - loops.begin()] = slice.getDim();
    value = slice.getOperand();
  }
  return value;
}

LogicalResult CoreReader::stripNest(LoopOp outer) {
  // The loops, down to the one that holds something else.
  SmallVector<LoopOp> loops;
  Operation *op = nullptr;
  for (LoopOp loop = outer; loop;) {
    loops.push_back(loop);
    LoopOp next;
    for (Operation &inner : loop.getBody()->without_terminator()) {
      if (isa<SliceOp, OnceOp>(inner))
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

  OpNest nest;
  for (LoopOp loop : loops) {
    OpLevel level{loop.getAxis(),
                  getCause(loop.getLoc()),
                  loop.getLoc(),
                  SmallVector<int>(op->getNumOperands(), -1),
                  SmallVector<int>(op->getNumResults(), -1),
                  {}};
    for (Attribute action : loop.getActions())
      level.actions.push_back(cast<ActionAttr>(action));
    nest.levels.push_back(std::move(level));
  }
  SmallVector<Value> operands;
  for (OpOperand &operand : op->getOpOperands()) {
    SmallVector<int> dims(loops.size(), -1);
    Value local = operand.get();
    if (auto once = local.getDefiningOp<OnceOp>()) {
      if (failed(readOnce(operand, loops, nest)))
        return failure();
      local = once.getOperand();
    }
    Value source = readSlices(local, loops, dims);
    if (outer->isProperAncestor(source.getParentRegion()->getParentOp()) ||
        source.getParentRegion() == &outer.getRegion())
      return op->emitError("uses a value of the loop that is no slice");
    operands.push_back(source);
    for (auto [level, dim] : llvm::zip_equal(nest.levels, dims))
      level.operandDims[operand.getOperandNumber()] = dim;
  }
  nest.op = op;
  if (failed(readResults(outer, loops, nest)))
    return failure();

  OpBuilder builder(outer);
  Operation *bare = builder.clone(*op);
  bare->setOperands(operands);
  for (auto [to, from] :
       llvm::zip_equal(bare->getResults(), outer->getResults())) {
    to.setType(from.getType());
    from.replaceAllUsesWith(to);
  }
  nest.op = bare;
  opNests.push_back(std::move(nest));
  outer.erase();
  return success();
}

/// Checks that an operand enters once the reduction of exactly the loops that
/// reduce.
LogicalResult CoreReader::readOnce(OpOperand &operand, ArrayRef<LoopOp> loops,
                                   OpNest &nest) {
  auto once = operand.get().getDefiningOp<OnceOp>();
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
LogicalResult CoreReader::readResults(LoopOp outer, ArrayRef<LoopOp> loops,
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
      Value source = isLast ? readSlices(value, loops, dims) : value;
      if (source != inner->getResult(number))
        return loop.emitError("this loop does not yield what is in it");
      for (auto [level, dim] : llvm::zip_equal(nest.levels, dims))
        if (dim >= 0)
          level.resultDims[number] = dim;
    }
  }
  return success();
}

/// Enters the causes of all loops, in the order of their numbers.
void CoreReader::numberCauses() {
  std::map<int64_t, CauseAttr> found;
  auto note = [&](CauseAttr cause) {
    if (cause)
      found[cause.getNumber()] = cause;
  };
  for (const OpNest &nest : opNests)
    for (const OpLevel &level : nest.levels)
      note(level.cause);
  for (auto &[value, levels] : valueNests)
    for (const ValueLevel &level : levels)
      note(level.cause);
  for (auto &[number, cause] : found) {
    // A decision of which no loop is left ends the chain.
    auto parent = causes.find(cause.getParent());
    causes[number] = result.state->addCause(
        cause.getTactic(),
        parent == causes.end() ? engine::kNone : parent->second);
  }
}

int CoreReader::addCause(CauseAttr cause) {
  return cause ? causes.at(cause.getNumber())
               : result.state->addCause("", engine::kNone);
}

static int dimOf(const engine::ValueFactors &factors, int factor) {
  for (auto [dim, dimFactors] : llvm::enumerate(factors))
    if (llvm::is_contained(dimFactors, factor))
      return dim;
  return -1;
}

/// The factor on which a loop runs: by a dim that it slices or joins, the
/// first factor of it that is not used up.
static int factorOf(const engine::State &state, NodeId node,
                    const OpLevel &level) {
  const Rule &rule = state.graph.nodes[node].rule;
  auto onDim = [&](const engine::ValueFactors &value, int dim) -> int {
    if (dim < 0 || dim >= static_cast<int>(value.size()))
      return engine::kNone;
    for (int factor : value[dim])
      if (state.factorLeft(node, factor) > 1)
        return factor;
    return engine::kNone;
  };
  for (auto [value, dim] : llvm::zip_equal(rule.operands, level.operandDims))
    if (int factor = onDim(value, dim); factor != engine::kNone)
      return factor;
  for (auto [value, action] : llvm::zip_equal(rule.results, level.actions))
    if (auto tile = dyn_cast<TileAttr>(action))
      if (int factor = onDim(value, tile.getDim()); factor != engine::kNone)
        return factor;
  return engine::kNone;
}

/// Whether the loop slices and joins as a tile on the factor does.
static bool isTiling(const Rule &rule, int factor, const OpLevel &level) {
  bool isWhole =
      llvm::any_of(level.resultDims, [](int dim) { return dim >= 0; });
  for (auto [value, dim] : llvm::zip_equal(rule.operands, level.operandDims))
    if (dim != (isWhole ? -1 : dimOf(value, factor)))
      return false;
  for (auto [value, dim, action] :
       llvm::zip_equal(rule.results, level.resultDims, level.actions)) {
    int wanted = dimOf(value, factor);
    if (dim != (isWhole ? wanted : -1))
      return false;
    auto tile = dyn_cast<TileAttr>(action);
    auto reduce = dyn_cast<ReduceAttr>(action);
    const engine::Factor &f = rule.factors[factor];
    bool reduces = wanted < 0 && f.kind == FactorKind::Reduce;
    if (tile ? tile.getDim() != wanted : wanted >= 0)
      return false;
    if (reduce
            ? !reduces || reduce.getKind() != static_cast<ReduceKind>(f.reduce)
            : reduces)
      return false;
  }
  return true;
}

LogicalResult CoreReader::enter(const OpNest &nest) {
  engine::State &state = *result.state;
  NodeId node = result.program->nodeOf(nest.op);
  const Rule &rule = state.graph.nodes[node].rule;
  bool reduces = false;
  for (const OpLevel &level : nest.levels) {
    engine::AxisRef axis = result.program->axisRef(level.axis);
    int factor = factorOf(state, node, level);
    if (factor == engine::kNone || !isTiling(rule, factor, level) ||
        rule.factors[factor].kind == FactorKind::Blocked ||
        state.factorLeft(node, factor) % axis.size != 0) {
      InFlightDiagnostic diag = emitError(level.loc, "the loop over ")
                                << level.axis.str() << " is not a tiling of '"
                                << nest.op->getName() << "'";
      diag.attachNote(nest.op->getLoc()) << "its rule is " << rule.str();
      return diag;
    }
    state.nodes[node].push_back({axis, factor, addCause(level.cause)});
    reduces |= rule.factors[factor].kind == FactorKind::Reduce;
  }
  if (!llvm::equal(nest.once,
                   reduces ? ArrayRef<int>(rule.once) : ArrayRef<int>()))
    return nest.op->emitError(
        "other operands enter the reduction once than its rule says");
  bool isWhole = llvm::any_of(nest.levels.front().resultDims,
                              [](int dim) { return dim >= 0; });
  return isWhole ? success() : checkLocalForm(nest);
}

/// Checks that the op on chunks is what its rule makes of it: an iota, for one,
/// counts from the chunk's place.
LogicalResult CoreReader::checkLocalForm(const OpNest &nest) {
  engine::State &state = *result.state;
  NodeId node = result.program->nodeOf(nest.op);
  const Rule &rule = state.graph.nodes[node].rule;
  auto localType = [&](Value value, const engine::ValueFactors &factors) {
    engine::Layout layout = engine::layoutOf(state.nodes[node], factors);
    ValueId id = result.program->idOf(value);
    return cast<RankedTensorType>(value.getType())
        .clone(engine::localShape(state.graph.values[id], layout));
  };
  Block scratch;
  OpBuilder builder(nest.op->getContext());
  builder.setInsertionPointToStart(&scratch);
  LocalForm form{builder, rule, {}, {}, {}};
  for (auto [operand, factors] :
       llvm::zip_equal(nest.op->getOperands(), rule.operands))
    form.operands.push_back(
        scratch.addArgument(localType(operand, factors), nest.op->getLoc()));
  for (auto [value, factors] :
       llvm::zip_equal(nest.op->getResults(), rule.results))
    form.resultTypes.push_back(localType(value, factors));
  for (const engine::NodeTile &tile : state.nodes[node]) {
    form.axes.push_back({result.program->axisAttr(tile.axis), tile.factor});
    form.ranges.push_back(scratch.addArgument(
        RangeType::get(builder.getContext(), tile.axis.size),
        nest.op->getLoc()));
  }
  if (failed(cast<PartitionRuleInterface>(nest.op).createLocal(form)))
    return failure();
  Operation *local = scratch.empty() ? nullptr : &scratch.back();
  bool isPlain = local && local->getName() == nest.op->getName() &&
                 local->getAttrDictionary() == nest.op->getAttrDictionary() &&
                 llvm::all_of(llvm::drop_end(scratch),
                              [](Operation &op) { return isa<OnceOp>(op); });
  if (isPlain)
    return success();
  return nest.op->emitError() << "'" << nest.op->getName()
                              << "' is not this op on chunks: compute it "
                                 "whole in the loop and slice the result";
}

LogicalResult CoreReader::enter(Value value, ArrayRef<ValueLevel> levels) {
  engine::State &state = *result.state;
  ValueId id = result.program->idOf(value);
  SmallVector<engine::AxisRef> seen;
  for (const ValueLevel &level : levels) {
    engine::AxisRef axis = result.program->axisRef(level.axis);
    if (llvm::any_of(seen, [&](const engine::AxisRef &other) {
          return other.overlaps(axis);
        }))
      return emitError(level.loc, "the value is in a loop over ")
             << level.axis.str() << " already";
    seen.push_back(axis);
  }
  NodeId producer = state.graph.values[id].producer;
  SmallVector<ValueLevel> tiles;
  for (const ValueLevel &level : levels) {
    if (level.dim >= 0) {
      tiles.push_back(level);
      continue;
    }
    state.atomics[id].push_back(
        {result.program->axisRef(level.axis), addCause(level.cause)});
  }
  if (producer != engine::kNone && state.graph.nodes[producer].isTie)
    return enterTie(producer, value, tiles);
  for (const ValueLevel &level : tiles)
    state.values[id].push_back({result.program->axisRef(level.axis), level.dim,
                                addCause(level.cause)});
  return success();
}

/// A nest on one value of a tie is one on all of them; where there are several
/// they agree.
LogicalResult CoreReader::enterTie(NodeId tie, Value value,
                                   ArrayRef<ValueLevel> levels) {
  engine::State &state = *result.state;
  const engine::Node &node = state.graph.nodes[tie];
  SmallVector<engine::NodeTile> tiles;
  for (const ValueLevel &level : levels) {
    const engine::DimFactors &factors = node.rule.results.front()[level.dim];
    if (factors.empty())
      return emitError(level.loc, "a dim of size 1 has no chunks");
    tiles.push_back({result.program->axisRef(level.axis), factors.front(),
                     addCause(level.cause)});
  }
  if (state.nodes[tie].empty()) {
    state.nodes[tie].assign(tiles.begin(), tiles.end());
    return success();
  }
  auto same = [](const engine::NodeTile &a, const engine::NodeTile &b) {
    return a.axis == b.axis && a.factor == b.factor;
  };
  if (!llvm::equal(state.nodes[tie], tiles, same))
    return emitError(value.getLoc(),
                     "the values that this op ties are tiled differently");
  return success();
}

FailureOr<Partitioned> partir::readCore(ModuleOp module) {
  auto mesh = getProgramMesh(module);
  auto func = getProgram(module);
  if (failed(mesh) || failed(func))
    return failure();
  if (!func->getBody().hasOneBlock())
    return func->emitError("the program must have one block");
  return CoreReader(*func, *mesh).run();
}
