//===- LowerCore.cpp - From PartIR:Core to PartIR:HLO ---------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes out the collective plan: each op in its local form, before it the
// conversions of its operands, after it those of its results. What to emit is
// the plan's to say; nothing is decided here.
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/LowerCore.h"

#include "compiler/dialect/partir_hlo/PartirHlo.h"
#include "compiler/passes/CoreState.h"
#include "compiler/passes/Passes.h"
#include "compiler/rules/Chunks.h"
#include "compiler/rules/RuleInterfaces.h"

namespace partir {
#define GEN_PASS_DEF_LOWERCOREPASS
#include "compiler/passes/Passes.h.inc"
} // namespace partir

using namespace mlir;
using namespace partir;
using engine::Layout;
using engine::NodeId;
using engine::Step;
using engine::StepKind;
using engine::ValueId;

namespace {

class CoreLowering {
public:
  CoreLowering(const ProgramGraph &program, const engine::Plan &plan)
      : program(program), plan(plan), graph(program.graph),
        builder(program.getFunc().getContext()), local(graph.values.size()) {}

  FailureOr<func::FuncOp> run();

private:
  RankedTensorType localType(Value value, const Layout &layout) const {
    auto type = cast<RankedTensorType>(value.getType());
    return type.clone(
        engine::localShape(graph.values[program.idOf(value)], layout));
  }

  hlo::AxesAttr axesAttr(ArrayRef<engine::AxisRef> axes) const {
    SmallVector<AxisAttr> attrs;
    for (const engine::AxisRef &axis : axes)
      attrs.push_back(program.axisAttr(axis));
    return hlo::AxesAttr::get(builder.getContext(), attrs);
  }
  /// The axes on one dim of a value.
  hlo::DimAxesAttr onDim(Value value, int dim,
                         ArrayRef<engine::AxisRef> axes) const {
    SmallVector<hlo::AxesAttr> dims(
        cast<RankedTensorType>(value.getType()).getRank(), axesAttr({}));
    dims[dim] = axesAttr(axes);
    return hlo::DimAxesAttr::get(builder.getContext(), dims);
  }

  Value emit(const Step &step, Value value, Location loc);
  Value emitSlices(ArrayRef<Step> steps, Value value, Location loc);
  Value emit(ArrayRef<Step> steps, Value value, Location loc) {
    auto isSlice = [](const Step &step) {
      return step.kind == StepKind::Slice;
    };
    while (!steps.empty()) {
      ArrayRef<Step> slices = steps.take_while(isSlice);
      value = slices.empty() ? emit(steps.front(), value, loc)
                             : emitSlices(slices, value, loc);
      steps = steps.drop_front(std::max<size_t>(slices.size(), 1));
    }
    return value;
  }
  Value convertOperand(const engine::Use &use, Location loc) {
    const engine::Hoist *hoist = plan.hoistAt(use);
    Value value = hoist ? emitHoist(*hoist, use, loc)
                        : local[graph.nodes[use.node].operands[use.operand]];
    return emit(plan.atUse(use), value, loc);
  }
  Value emitHoist(const engine::Hoist &hoist, const engine::Use &use,
                  Location loc);
  /// Enters the values a node makes, once they are as they are kept.
  void define(NodeId node, ValueRange values, Location loc) {
    for (auto [id, value] : llvm::zip_equal(graph.nodes[node].results, values))
      local[id] =
          emit(plan.atDefinition(id).drop_while(isCombination), value, loc);
  }
  static bool isCombination(const Step &step) {
    return step.kind == StepKind::Combine;
  }

  LogicalResult lowerBlock(Block &block);
  LogicalResult lowerRule(PartitionRuleInterface op);
  FailureOr<SmallVector<Value>> createLocal(PartitionRuleInterface op,
                                            NodeId node,
                                            ArrayRef<engine::NodeTile> tiles,
                                            SmallVector<Value> operands);
  LogicalResult combine(PartitionRuleInterface op, NodeId node,
                        ValueRange operands, SmallVector<Value> &results);
  LogicalResult lowerSum(PartitionRuleInterface op, NodeId node,
                         const engine::SumTree &tree);
  LogicalResult lowerTies(TieInterface op);
  void lowerTerminator(Operation &op);

  const ProgramGraph &program;
  const engine::Plan &plan;
  const engine::Graph &graph;
  OpBuilder builder;
  /// Per value what stands for it on a device.
  std::vector<Value> local;
  /// What is handed to the ops that tie, by the ties.
  DenseMap<NodeId, Value> handedOn;
  /// What has been converted before a loop.
  DenseMap<const engine::Hoist *, Value> hoisted;
};

} // namespace

FailureOr<func::FuncOp> CoreLowering::run() {
  func::FuncOp func = program.getFunc();
  Block &body = func.getBody().front();
  SmallVector<Type> inputs, outputs;
  for (BlockArgument argument : body.getArguments())
    inputs.push_back(localType(argument, plan.stored(program.idOf(argument))));
  Operation *end = body.getTerminator();
  for (auto [number, output] : llvm::enumerate(end->getOperands()))
    outputs.push_back(localType(output, plan.output(number)));

  builder.setInsertionPoint(func);
  auto lowered = cast<func::FuncOp>(builder.cloneWithoutRegions(*func));
  lowered.setFunctionType(builder.getFunctionType(inputs, outputs));
  Block *block = builder.createBlock(&lowered.getBody());
  for (BlockArgument argument : body.getArguments())
    local[program.idOf(argument)] =
        block->addArgument(inputs[argument.getArgNumber()], argument.getLoc());
  if (failed(lowerBlock(body))) {
    lowered.erase();
    return failure();
  }
  return lowered;
}

Value CoreLowering::emit(const Step &step, Value value, Location loc) {
  MeshAttr mesh = program.mesh;
  auto reduce = ReduceAttr::get(builder.getContext(), toAttrKind(step.reduce));
  switch (step.kind) {
  case StepKind::Slice:
    return emitSlices(step, value, loc);
  case StepKind::AllReduce:
    return hlo::AllReduceOp::create(builder, loc, reduce, axesAttr(step.axes),
                                    value);
  case StepKind::Combine:
    llvm_unreachable("is lowered with the op that reduces");
  case StepKind::ReduceScatter:
    return hlo::ReduceScatterOp::create(
        builder, loc, reduce, value, onDim(value, step.dim, step.axes), mesh);
  case StepKind::AllGather:
    return hlo::AllGatherOp::create(builder, loc, value,
                                    onDim(value, step.dim, step.axes), mesh);
  case StepKind::AllToAll:
    return hlo::AllToAllOp::create(builder, loc, value, axesAttr(step.axes),
                                   step.dim, step.toDim, mesh);
  case StepKind::Permute:
    return hlo::CollectivePermuteOp::create(
        builder, loc, onDim(value, step.dim, step.from.dims[step.dim]),
        onDim(value, step.dim, step.to.dims[step.dim]), value);
  case StepKind::Window:
    return hlo::WindowOp::create(builder, loc, value, axesAttr(step.axes),
                                 step.dim, step.stretch.starts,
                                 step.stretch.shape[step.dim]);
  }
  llvm_unreachable("unknown step");
}

/// Slices on several dims cost nothing and are one op.
Value CoreLowering::emitSlices(ArrayRef<Step> steps, Value value,
                               Location loc) {
  SmallVector<SmallVector<engine::AxisRef>> axes(
      cast<RankedTensorType>(value.getType()).getRank());
  for (const Step &step : steps)
    axes[step.dim].append(step.axes.begin(), step.axes.end());
  SmallVector<hlo::AxesAttr> dims;
  for (const auto &dim : axes)
    dims.push_back(axesAttr(dim));
  return hlo::AllSliceOp::create(
      builder, loc, value, hlo::DimAxesAttr::get(builder.getContext(), dims),
      program.mesh);
}

/// Before the loop that it leaves, at the first use in it.
Value CoreLowering::emitHoist(const engine::Hoist &hoist,
                              const engine::Use &use, Location loc) {
  Value &value = hoisted[&hoist];
  if (value)
    return value;
  Operation *loop = builder.getInsertionBlock()->getParentOp();
  for (engine::RegionId region = graph.regionOf(use); region != hoist.loop;
       region = graph.regions[region].parent)
    loop = loop->getParentOp();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(loop);
  Value outside = hoist.tie == engine::kNone ? local[hoist.value]
                                             : handedOn.lookup(hoist.tie);
  return value = emit(hoist.steps, outside, loc);
}

LogicalResult CoreLowering::lowerBlock(Block &block) {
  for (Operation &op : block) {
    if (auto ties = dyn_cast<TieInterface>(op)) {
      if (failed(lowerTies(ties)))
        return failure();
    } else if (op.hasTrait<OpTrait::IsTerminator>()) {
      lowerTerminator(op);
    } else if (failed(lowerRule(cast<PartitionRuleInterface>(op)))) {
      return failure();
    }
  }
  return success();
}

LogicalResult CoreLowering::lowerRule(PartitionRuleInterface op) {
  NodeId node = program.nodeOf(op);
  if (plan.isDissolved(node))
    return success();
  if (const engine::SumTree *tree = plan.sumAt(node))
    return lowerSum(op, node, *tree);

  // Identities that have served their purpose.
  if (isa<CarryOp, TagOp>(op)) {
    define(node, convertOperand({node, 0}, op->getLoc()), op->getLoc());
    return success();
  }
  SmallVector<Value> operands;
  for (int i = 0, end = op->getNumOperands(); i < end; ++i) {
    int shared = plan.sharedOperand({node, i});
    operands.push_back(shared < i ? operands[shared]
                                  : convertOperand({node, i}, op->getLoc()));
  }
  auto results = createLocal(op, node, plan.tiles(node), operands);
  if (failed(results) || failed(combine(op, node, operands, *results)))
    return failure();
  define(node, *results, op->getLoc());
  return success();
}

FailureOr<SmallVector<Value>>
CoreLowering::createLocal(PartitionRuleInterface op, NodeId node,
                          ArrayRef<engine::NodeTile> tiles,
                          SmallVector<Value> operands) {
  LocalForm form{builder, graph.nodes[node].rule, std::move(operands), {}, {}};
  for (Value result : op->getResults())
    form.resultTypes.push_back(localType(
        result,
        engine::layoutOf(
            tiles,
            graph.nodes[node]
                .rule.results[cast<OpResult>(result).getResultNumber()])));
  for (const engine::NodeTile &tile : tiles)
    form.axes.push_back({program.axisAttr(tile.axis), tile.factor});
  return op.createLocal(form);
}

/// Lets the op reduce what the devices have reduced of their chunks, if it
/// reduces jointly.
LogicalResult CoreLowering::combine(PartitionRuleInterface op, NodeId node,
                                    ValueRange operands,
                                    SmallVector<Value> &results) {
  SmallVector<Value> gathered;
  for (auto [id, value] : llvm::zip_equal(graph.nodes[node].results, results)) {
    auto steps = plan.atDefinition(id).take_while(isCombination);
    if (steps.empty())
      return success();
    Value row = createRow(builder, op->getLoc(), value);
    gathered.push_back(hlo::AllGatherOp::create(
        builder, op->getLoc(), row, onDim(row, 0, steps.front().axes),
        program.mesh));
  }
  FailureOr<SmallVector<Value>> combined =
      op.createCombined(builder, operands, gathered);
  if (failed(combined))
    return failure();
  results = std::move(*combined);
  return success();
}

/// Adds up the leaves of a tree of sums: of each group first among themselves,
/// then reduced, then with the rest.
LogicalResult CoreLowering::lowerSum(PartitionRuleInterface op, NodeId node,
                                     const engine::SumTree &tree) {
  auto add = [&](Value &sum, Value term,
                 ArrayRef<engine::NodeTile> tiles) -> LogicalResult {
    if (!sum) {
      sum = term;
      return success();
    }
    auto results = createLocal(op, node, tiles, {sum, term});
    if (failed(results))
      return failure();
    sum = results->front();
    return success();
  };
  SmallVector<engine::NodeTile> tiles = plan.tiles(node);
  Value total;
  for (const engine::Use &use : tree.rest)
    if (failed(add(total, convertOperand(use, op->getLoc()), tiles)))
      return failure();
  for (const engine::SumGroup &group : tree.groups) {
    SmallVector<engine::NodeTile> groupTiles;
    for (const engine::NodeTile &tile : tiles)
      if (!llvm::is_contained(group.axes, tile.axis))
        groupTiles.push_back(tile);
    Value sum;
    for (const engine::Use &use : group.leaves)
      if (failed(add(sum, convertOperand(use, op->getLoc()), groupTiles)))
        return failure();
    sum = emit(group.steps, sum, op->getLoc());
    if (failed(add(total, sum, tiles)))
      return failure();
  }
  define(node, total, op->getLoc());
  return success();
}

LogicalResult CoreLowering::lowerTies(TieInterface op) {
  SmallVector<Value> operands;
  for (OpOperand &operand : op->getOpOperands()) {
    engine::Use use = program.useOf(operand);
    operands.push_back(convertOperand(use, op->getLoc()));
    handedOn[use.node] = operands.back();
  }
  Operation *lowered = builder.cloneWithoutRegions(*op);
  lowered->setOperands(operands);
  for (auto [to, from] :
       llvm::zip_equal(lowered->getResults(), op->getResults()))
    to.setType(localType(from, plan.produced(program.idOf(from))));

  for (auto [to, from] :
       llvm::zip_equal(lowered->getRegions(), op->getRegions())) {
    if (from.empty())
      continue;
    OpBuilder::InsertionGuard guard(builder);
    Block *block = builder.createBlock(&to);
    for (BlockArgument argument : from.getArguments()) {
      ValueId id = program.idOf(argument);
      Value value = block->addArgument(localType(argument, plan.produced(id)),
                                       argument.getLoc());
      local[id] = emit(plan.atDefinition(id), value, argument.getLoc());
    }
    if (failed(lowerBlock(from.front())))
      return failure();
  }
  for (auto [to, from] :
       llvm::zip_equal(lowered->getResults(), op->getResults())) {
    ValueId id = program.idOf(from);
    local[id] = emit(plan.atDefinition(id), to, op->getLoc());
  }
  return success();
}

void CoreLowering::lowerTerminator(Operation &op) {
  SmallVector<Value> operands;
  bool isReturn = op.getParentOp() == program.getFunc();
  for (OpOperand &operand : op.getOpOperands())
    operands.push_back(
        isReturn ? emit(plan.atOutput(operand.getOperandNumber()),
                        local[program.idOf(operand.get())], op.getLoc())
                 : convertOperand(program.useOf(operand), op.getLoc()));
  builder.clone(op)->setOperands(operands);
}

FailureOr<func::FuncOp> partir::lowerCore(const ProgramGraph &program,
                                          const engine::Plan &plan) {
  return CoreLowering(program, plan).run();
}

namespace {
struct LowerCore : partir::impl::LowerCorePassBase<LowerCore> {
  using LowerCorePassBase::LowerCorePassBase;

  void runOnOperation() override {
    FailureOr<Partitioned> core = readCore(getOperation());
    if (failed(core))
      return signalPassFailure();
    engine::Plan plan(*core->state);
    if (failed(lowerCore(*core->program, plan)))
      return signalPassFailure();
    core->program->getFunc().erase();
  }
};
} // namespace
