//===- ReadLocal.cpp - What a device runs, off PartIR:HLO -----------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/ReadLocal.h"

#include "compiler/dialect/partir_hlo/PartirHlo.h"
#include "compiler/passes/ProgramGraph.h"
#include "compiler/rules/RuleInterfaces.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace partir;
using engine::LocalId;
using engine::LocalOp;
using engine::RegionId;
using engine::StepKind;

namespace {

class LocalReader {
public:
  explicit LocalReader(MeshAttr mesh) : mesh(mesh) {
    for (auto [name, size] : llvm::zip_equal(mesh.getNames(), mesh.getSizes()))
      program.mesh.axes.push_back({name.str(), size});
  }

  FailureOr<LocalFunction> run(func::FuncOp function) {
    if (failed(checkTypes(function)))
      return failure();
    Block &body = function.getBody().front();
    for (BlockArgument argument : body.getArguments())
      program.inputs.push_back(addValue(argument));
    if (failed(visitBlock(body, 0)))
      return failure();
    for (Value output : body.getTerminator()->getOperands())
      program.outputs.push_back(ids.lookup(output));
    return std::move(result);
  }

private:
  /// Fails where a value is no tensor of numbers, or has dynamic dims.
  static LogicalResult checkTypes(func::FuncOp function) {
    auto check = [](Value value) -> WalkResult {
      auto type = dyn_cast<RankedTensorType>(value.getType());
      if (type && type.hasStaticShape() && getElementBytes(type) > 0)
        return WalkResult::advance();
      return emitError(value.getLoc())
             << "a value is of type " << value.getType()
             << ", and must be a tensor of numbers without dynamic dims";
    };
    for (Value argument : function.getArguments())
      if (check(argument).wasInterrupted())
        return failure();
    WalkResult walk = function.getBody().walk<WalkOrder::PreOrder>(
        [&](Operation *op) -> WalkResult {
          for (Value result : op->getResults())
            if (check(result).wasInterrupted())
              return WalkResult::interrupt();
          // What is inside (the function of a reduction) is not read.
          return isa<PartitionRuleInterface>(op) ? WalkResult::skip()
                                                 : WalkResult::advance();
        });
    return failure(walk.wasInterrupted());
  }

  const engine::LocalType *typeOf(Value value) const {
    auto type = cast<RankedTensorType>(value.getType());
    return program.types->get(type.getShape(), getElementBytes(type));
  }
  /// Numbers a value, for an origin.
  int number(Value value) {
    result.values.push_back(value);
    return static_cast<int>(result.values.size()) - 1;
  }
  LocalId addValue(Value value) {
    return ids[value] = program.addValue(typeOf(value), number(value));
  }

  LocalOp &addOp(Operation *op, RegionId region,
                 const engine::LocalCost *cost) {
    SmallVector<LocalId> operands;
    for (Value operand : op->getOperands())
      operands.push_back(ids.lookup(operand));
    LocalOp &local = program.addOp(cost, operands, region,
                                   static_cast<int>(result.ops.size()));
    for (Value value : op->getResults())
      ids[value] = program.addResult(typeOf(value), number(value));
    result.ops.push_back(op);
    return local;
  }

  LogicalResult visitBlock(Block &block, RegionId region) {
    for (Operation &op : block) {
      if (op.hasTrait<OpTrait::IsTerminator>())
        continue;
      if (auto ties = dyn_cast<TieInterface>(op)) {
        if (failed(visitTies(ties, region)))
          return failure();
      } else if (isa<hlo::AllSliceOp>(op)) {
        addOp(&op, region, program.types->ofSlice());
      } else if (isa<hlo::AxisIndexOp>(op)) {
        addOp(&op, region, program.types->add(engine::LocalCost()));
      } else if (isa<hlo::PartirHloDialect>(op.getDialect())) {
        visitCollective(&op, region);
      } else if (auto rule = dyn_cast<PartitionRuleInterface>(op)) {
        int64_t elements =
            op.getNumResults() == 0 ? 0 : typeOf(op.getResult(0))->elements;
        addOp(&op, region,
              program.types->add(
                  engine::localCost(rule.getPartitionRule(), {}, elements)));
      } else {
        return op.emitError() << "'" << op.getName()
                              << "' is not an op of which the cost is known";
      }
    }
    return success();
  }

  void addAxes(hlo::AxesAttr axes, engine::LocalCollective &collective) {
    for (AxisAttr axis : axes.getAxes())
      collective.axes.push_back({program.mesh.find(axis.getName()),
                                 axis.getMajorSize(), mesh.getSize(axis)});
  }
  void addAxes(hlo::DimAxesAttr dims, engine::LocalCollective &collective) {
    for (hlo::AxesAttr axes : dims.getDims())
      addAxes(axes, collective);
  }

  void visitCollective(Operation *op, RegionId region) {
    engine::LocalCollective collective{};
    llvm::TypeSwitch<Operation *>(op)
        .Case([&](hlo::AllGatherOp gather) {
          collective.kind = StepKind::AllGather;
          addAxes(gather.getAxes(), collective);
        })
        .Case([&](hlo::AllReduceOp reduce) {
          collective.kind = StepKind::AllReduce;
          addAxes(reduce.getAxes(), collective);
        })
        .Case([&](hlo::ReduceScatterOp scatter) {
          collective.kind = StepKind::ReduceScatter;
          addAxes(scatter.getAxes(), collective);
        })
        .Case([&](hlo::AllToAllOp exchange) {
          collective.kind = StepKind::AllToAll;
          addAxes(exchange.getAxes(), collective);
        })
        .Case([&](hlo::CollectivePermuteOp permute) {
          collective.kind = StepKind::Permute;
          addAxes(permute.getFrom(), collective);
        })
        .Case([&](hlo::WindowOp window) {
          collective.kind = StepKind::Window;
          addAxes(window.getAxes(), collective);
        });
    LocalOp &local = addOp(op, region, program.types->ofCollective());
    const engine::LocalType &operand =
        program.typeOf(program.operandsOf(local).front());
    int64_t group = 1;
    for (const engine::AxisRef &axis : collective.axes)
      group *= axis.size;
    collective.bytesSent =
        engine::bytesSent(collective.kind, operand.bytes(), group);
    if (auto window = dyn_cast<hlo::WindowOp>(op)) {
      engine::Stretch stretch;
      llvm::append_range(stretch.starts, window.getStarts());
      llvm::append_range(stretch.shape,
                         program.typeOf(local.firstResult).shape);
      engine::countRounds(stretch, operand.shape, window.getDim());
      collective.count = stretch.rounds;
      collective.bytesSent = stretch.elementsSent * operand.elementBytes;
    }
    local.collective = program.collectives.size();
    program.collectives.push_back(std::move(collective));
  }

  LogicalResult visitTies(TieInterface op, RegionId region) {
    SmallVector<engine::Region> made = makeRegions(op, region);
    DenseMap<Region *, RegionId> inner;
    for (Region &one : op->getRegions())
      if (!one.empty()) {
        inner[&one] = program.regions.size();
        program.regions.push_back(made[one.getRegionNumber()]);
      }
    size_t first = program.ties.size();
    SmallVector<Tie> ties = op.getTies();
    for (const Tie &tie : ties) {
      engine::LocalTie &local = program.ties.emplace_back();
      local.region = region;
      local.position = program.ops.size();
      for (Value target : tie.targets) {
        local.targets.push_back(addValue(target));
        auto found = inner.find(target.getParentRegion());
        local.targetRegions.push_back(found == inner.end() ? region
                                                           : found->second);
      }
    }
    for (Region &one : op->getRegions())
      if (!one.empty() && failed(visitBlock(one.front(), inner[&one])))
        return failure();
    for (auto [index, tie] : llvm::enumerate(ties)) {
      engine::LocalTie &local = program.ties[first + index];
      for (OpOperand *source : tie.sources) {
        local.sources.push_back(ids.lookup(source->get()));
        auto found = inner.find(source->getOwner()->getParentRegion());
        local.sourceRegions.push_back(found == inner.end() ? region
                                                           : found->second);
      }
    }
    return success();
  }

  MeshAttr mesh;
  LocalFunction result;
  engine::LocalProgram &program = result.program;
  DenseMap<Value, LocalId> ids;
};

} // namespace

FailureOr<LocalFunction> partir::readLocal(func::FuncOp function,
                                           MeshAttr mesh) {
  return LocalReader(mesh).run(function);
}
