//===- ReadCore.cpp - From loops to the engine's state --------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Once the loops are off, and the graph of the bare program is there, what they
// said is entered into a state, and compared with what the ops' rules would
// have written.
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/CoreState.h"
#include "compiler/passes/StripLoops.h"
#include "compiler/rules/RuleInterfaces.h"

#include <map>

using namespace mlir;
using namespace partir;
using engine::dimOf;
using engine::FactorKind;
using engine::NodeId;
using engine::Rule;
using engine::ValueId;

namespace {

class CoreReader {
public:
  CoreReader(func::FuncOp func, MeshAttr mesh) : func(func), mesh(mesh) {}

  FailureOr<Partitioned> run() {
    FailureOr<LoopNests> stripped = stripLoops(func);
    if (failed(stripped))
      return failure();
    nests = std::move(*stripped);
    auto program = ProgramGraph::build(func, mesh);
    if (failed(program))
      return failure();
    result.program = std::move(*program);
    result.state = std::make_unique<engine::State>(result.program->graph);
    numberCauses();
    for (const OpNest &nest : nests.ops)
      if (failed(enter(nest)))
        return failure();
    for (auto &[value, levels] : nests.values)
      if (failed(enter(value, levels)))
        return failure();
    return std::move(result);
  }

private:
  LogicalResult enter(const OpNest &nest);
  LogicalResult checkLocalForm(const OpNest &nest, bool whole);
  LogicalResult enter(Value value, ArrayRef<ValueLevel> levels);
  LogicalResult enterTie(NodeId tie, Value value, ArrayRef<ValueLevel> levels);
  void numberCauses();
  int addCause(CauseAttr cause);

  func::FuncOp func;
  MeshAttr mesh;
  Partitioned result;
  /// The index of each cause by its number, in the order of the numbers.
  std::map<int64_t, int> causes;
  LoopNests nests;
};

} // namespace

/// Enters the causes of all loops, in the order of their numbers.
void CoreReader::numberCauses() {
  std::map<int64_t, CauseAttr> found;
  auto note = [&](CauseAttr cause) {
    if (cause)
      found[cause.getNumber()] = cause;
  };
  for (const OpNest &nest : nests.ops)
    for (const OpLevel &level : nest.levels)
      note(level.cause);
  for (auto &[value, levels] : nests.values)
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

/// Whether the op of a nest is computed whole, and its results are sliced: on
/// all axes but those that it reduces over.
static bool isWhole(const OpNest &nest) {
  return llvm::any_of(nest.levels, [](const OpLevel &level) {
    return llvm::any_of(level.resultDims, [](int dim) { return dim >= 0; });
  });
}

/// Whether the loop slices and joins as a tile on the factor does, around an op
/// that is computed whole or on chunks.
static bool isTiling(const Rule &rule, int factor, const OpLevel &level,
                     bool whole) {
  bool onChunks =
      !whole || rule.factors[factor].kind == engine::FactorKind::Reduce;
  for (auto [value, dim] : llvm::zip_equal(rule.operands, level.operandDims))
    if (dim != (onChunks ? dimOf(value, factor) : -1))
      return false;
  for (auto [value, dim, action] :
       llvm::zip_equal(rule.results, level.resultDims, level.actions)) {
    int wanted = dimOf(value, factor);
    if (dim != (whole ? wanted : -1))
      return false;
    auto tile = dyn_cast<TileAttr>(action);
    auto reduce = dyn_cast<ReduceAttr>(action);
    const engine::Factor &f = rule.factors[factor];
    bool reduces = wanted < 0 && f.kind == FactorKind::Reduce;
    if (tile ? tile.getDim() != wanted : wanted >= 0)
      return false;
    if (reduce ? !reduces || reduce.getKind() != toAttrKind(f.reduce) : reduces)
      return false;
  }
  return true;
}

LogicalResult CoreReader::enter(const OpNest &nest) {
  engine::State &state = *result.state;
  NodeId node = result.program->nodeOf(nest.op);
  const Rule &rule = state.graph.nodes[node].rule;
  bool whole = isWhole(nest), reduces = false;
  for (const OpLevel &level : nest.levels) {
    engine::AxisRef axis = result.program->axisRef(level.axis);
    int factor = factorOf(state, node, level);
    if (factor == engine::kNone || !isTiling(rule, factor, level, whole) ||
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
  return checkLocalForm(nest, whole);
}

/// Checks that the op on chunks is what its rule makes of it: an iota, for one,
/// counts from the chunk's place. If it is computed whole, that is on the
/// chunks of the axes that it reduces over.
LogicalResult CoreReader::checkLocalForm(const OpNest &nest, bool whole) {
  engine::State &state = *result.state;
  NodeId node = result.program->nodeOf(nest.op);
  const Rule &rule = state.graph.nodes[node].rule;
  SmallVector<engine::NodeTile> tiles;
  for (const engine::NodeTile &tile : state.nodes[node])
    if (!whole || rule.factors[tile.factor].kind == FactorKind::Reduce)
      tiles.push_back(tile);
  auto emitNotOnChunks = [&] {
    return nest.op->emitError() << "'" << nest.op->getName()
                                << "' is not this op on chunks: compute it "
                                   "whole in the loop and slice the result";
  };
  if (!whole && state.takesStretches(node))
    return emitNotOnChunks();
  auto localType = [&](Value value, const engine::ValueFactors &factors) {
    engine::Layout layout = engine::layoutOf(tiles, factors);
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
  for (const engine::NodeTile &tile : tiles) {
    form.axes.push_back({result.program->axisAttr(tile.axis), tile.factor});
    form.ranges.push_back(scratch.addArgument(
        RangeType::get(builder.getContext(), tile.axis.size),
        nest.op->getLoc()));
  }
  if (failed(cast<PartitionRuleInterface>(nest.op).createLocal(form)))
    return failure();
  if (isPlainForm(nest.op, scratch.begin(), scratch.end())) {
    if (nest.placed == getPlacedDims(&scratch.back()))
      return success();
    return nest.op->emitError("other operands are placed in the whole than its "
                              "rule says");
  }
  return emitNotOnChunks();
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
  for (const ValueLevel &level : tiles) {
    engine::AxisRef axis = result.program->axisRef(level.axis);
    state.values[id].push_back({axis, level.dim, addCause(level.cause)});
    // Each loop fits by itself, but its chunks are chunks of the producer's.
    int64_t size = state.graph.values[id].shape[level.dim];
    if (int64_t tiles = state.layout(id).tilesOf(level.dim); size % tiles != 0)
      return emitError(level.loc, "the loop over ")
             << level.axis.str() << " and what tiles the value already make "
             << tiles << " chunks of dim " << level.dim << " of size " << size;
  }
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
  return CoreReader(*func, *mesh).run();
}
