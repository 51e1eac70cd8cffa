//===- ProgramGraph.cpp - A function as the engine sees it ----------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One walk in program order. An op that has a rule becomes a node; an op that
// ties becomes one node for each tie, which stands before the nodes of its
// regions and gets the values that they yield when the walk meets them.
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/ProgramGraph.h"

#include "compiler/rules/RuleInterfaces.h"

using namespace mlir;
using namespace partir;
using engine::NodeId;
using engine::RegionId;
using engine::ValueId;

namespace partir {

class GraphBuilder {
public:
  explicit GraphBuilder(ProgramGraph &program)
      : program(program), graph(program.graph) {}

  LogicalResult run() {
    for (auto [name, size] :
         llvm::zip_equal(program.mesh.getNames(), program.mesh.getSizes()))
      graph.mesh.axes.push_back({name.str(), size});
    Block &body = program.func.getBody().front();
    for (BlockArgument argument : body.getArguments()) {
      ValueId id = addValue(argument);
      graph.inputs.push_back(id);
    }
    if (failed(visitBlock(body, /*region=*/0)))
      return failure();
    return failure(hasOtherTypes);
  }

private:
  ValueId addValue(Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    bool isTensor = type && type.hasStaticShape() && getElementBytes(type) > 0;
    if (!isTensor) {
      hasOtherTypes = true;
      emitError(value.getLoc())
          << "a value is of type " << value.getType()
          << ", and must be a tensor of numbers without dynamic dims";
    }
    ArrayRef<int64_t> shape = isTensor ? type.getShape() : ArrayRef<int64_t>();
    ValueId id = graph.addValue(shape, isTensor ? getElementBytes(type) : 0);
    program.ids[value] = id;
    program.values.push_back(value);
    return id;
  }

  NodeId addNode(engine::Node node, Operation *op, RegionId region) {
    node.region = region;
    program.ops.push_back(op);
    return graph.addNode(std::move(node));
  }

  LogicalResult visitBlock(Block &block, RegionId region) {
    for (Operation &op : block) {
      if (auto ties = dyn_cast<TieInterface>(op)) {
        if (failed(visitTies(ties, region)))
          return failure();
      } else if (op.hasTrait<OpTrait::IsTerminator>()) {
        if (failed(visitTerminator(op, region)))
          return failure();
      } else if (auto rule = dyn_cast<PartitionRuleInterface>(op)) {
        if (failed(rule.verifyPartitionRule()))
          return failure();
        visitRule(rule, region);
      } else {
        return op.emitError() << "'" << op.getName()
                              << "' has no partition rule; run "
                                 "partir-normalize first";
      }
    }
    return success();
  }

  void visitRule(PartitionRuleInterface op, RegionId region) {
    engine::Node node(graph.addRule(op.getPartitionRule()));
    for (Value operand : op->getOperands())
      node.operands.push_back(program.idOf(operand));
    for (Value result : op->getResults())
      node.results.push_back(addValue(result));
    if (auto tag = dyn_cast<TagOp>(op.getOperation()))
      program.tags[tag.getName()].push_back(node.results.front());
    program.nodes[op] = addNode(std::move(node), op, region);
  }

  /// One parallel factor per dim, the same on all values of the tie.
  static engine::Rule ruleOf(const Tie &tie) {
    auto type = dyn_cast<RankedTensorType>(tie.targets.front().getType());
    ArrayRef<int64_t> shape = type ? type.getShape() : ArrayRef<int64_t>();
    engine::Rule rule;
    engine::ValueFactors factors(shape.size());
    for (auto [dim, size] : llvm::enumerate(shape)) {
      if (size <= 1)
        continue;
      factors[dim].push_back(rule.factors.size());
      rule.factors.emplace_back().size = size;
    }
    rule.operands.assign(tie.sources.size(), factors);
    rule.results.assign(tie.targets.size(), factors);
    // From one value to one, in one place: it is handed on once.
    if (tie.sources.size() == 1 && tie.targets.size() == 1 &&
        tie.sources.front()->getOwner() == tie.targets.front().getDefiningOp())
      rule.linear.push_back(0);
    return rule;
  }

  LogicalResult visitTies(TieInterface op, RegionId region) {
    DenseMap<Region *, RegionId> regions = addRegions(op, region);
    for (const Tie &tie : op.getTies()) {
      engine::Node node(graph.addRule(ruleOf(tie)));
      node.isTie = true;
      for (Value target : tie.targets) {
        node.results.push_back(addValue(target));
        auto inner = regions.find(target.getParentRegion());
        node.resultRegions.push_back(inner == regions.end() ? region
                                                            : inner->second);
      }
      NodeId id = addNode(std::move(node), op, region);
      for (OpOperand *source : tie.sources) {
        if (source->getOwner() == op)
          addSource(source, id, region);
        else
          awaited[source] = id;
      }
    }
    for (OpOperand &operand : op->getOpOperands())
      if (!program.tiedUses.count(&operand))
        addSink(operand, region);
    for (Region &inner : op->getRegions())
      if (!inner.empty() &&
          failed(visitBlock(inner.front(), regions.lookup(&inner))))
        return failure();
    return success();
  }

  DenseMap<Region *, RegionId> addRegions(TieInterface op, RegionId parent) {
    SmallVector<engine::Region> made = makeRegions(op, parent);
    DenseMap<Region *, RegionId> ids;
    for (Region &region : op->getRegions()) {
      if (region.empty())
        continue;
      ids[&region] = graph.regions.size();
      graph.regions.push_back(made[region.getRegionNumber()]);
    }
    return ids;
  }

  void addSource(OpOperand *source, NodeId node, RegionId region) {
    program.tiedUses[source] = {
        node, static_cast<int>(graph.nodes[node].operands.size())};
    graph.addOperand(node, program.idOf(source->get()), region);
  }

  LogicalResult visitTerminator(Operation &op, RegionId region) {
    for (OpOperand &operand : op.getOpOperands()) {
      if (region == 0) {
        if (failed(visitOutput(operand.get())))
          return failure();
        continue;
      }
      auto found = awaited.find(&operand);
      if (found != awaited.end())
        addSource(&operand, found->second, region);
      else
        addSink(operand, region);
    }
    return success();
  }

  LogicalResult visitOutput(Value value) {
    ValueId input = engine::kNone;
    if (auto carry = value.getDefiningOp<CarryOp>()) {
      auto argument = dyn_cast<BlockArgument>(carry.getInput());
      if (!argument || argument.getOwner() != &program.func.getBody().front())
        return carry.emitOpError("becomes a value that is no input of the "
                                 "program");
      input = program.idOf(argument);
      value = carry.getNext();
    }
    graph.addOutput(program.idOf(value), input);
    return success();
  }

  /// An operand that every device needs whole.
  void addSink(OpOperand &operand, RegionId region) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    ArrayRef<int64_t> shape = type ? type.getShape() : ArrayRef<int64_t>();
    engine::Node node(graph.addRule(
        engine::RuleBuilder({shape}, {}).build("decides what runs")));
    node.operands.push_back(program.idOf(operand.get()));
    NodeId id = addNode(std::move(node), operand.getOwner(), region);
    program.tiedUses[&operand] = {id, 0};
  }

  ProgramGraph &program;
  engine::Graph &graph;
  bool hasOtherTypes = false;
  /// The ties of the values that regions yield.
  DenseMap<OpOperand *, NodeId> awaited;
};

} // namespace partir

FailureOr<std::unique_ptr<ProgramGraph>> ProgramGraph::build(func::FuncOp func,
                                                             MeshAttr mesh) {
  auto program = std::make_unique<ProgramGraph>();
  program->func = func;
  program->mesh = mesh;
  program->nameInputs();
  if (failed(GraphBuilder(*program).run()))
    return failure();
  return program;
}

int64_t partir::getElementBytes(RankedTensorType type) {
  Type element = type.getElementType();
  int64_t parts = 1;
  if (auto complex = dyn_cast<ComplexType>(element)) {
    element = complex.getElementType();
    parts = 2;
  }
  if (!element.isIntOrFloat())
    return 0;
  return parts * llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

SmallVector<engine::Region> partir::makeRegions(TieInterface op,
                                                RegionId parent) {
  std::optional<int64_t> trips = op.getTripCount();
  bool isLoop = llvm::any_of(op.getTies(), [](const Tie &tie) {
    return llvm::any_of(tie.targets, llvm::IsaPred<BlockArgument>);
  });
  engine::Region region = {parent, trips.value_or(1), isLoop,
                           /*isCounted=*/isLoop && trips.has_value()};
  return SmallVector<engine::Region>(op->getNumRegions(), region);
}

engine::AxisRef ProgramGraph::axisRef(AxisAttr axis) const {
  int index = graph.mesh.find(axis.getName());
  return {index, axis.getMajorSize(), mesh.getSize(axis)};
}

AxisAttr ProgramGraph::axisAttr(const engine::AxisRef &axis) const {
  return mesh.getPart(graph.mesh.axes[axis.axis].name, axis.major, axis.size);
}

std::string partir::getInputName(func::FuncOp func, unsigned number) {
  if (auto attr = func.getArgAttrOfType<StringAttr>(
          number, PartirDialect::getNameAttrName()))
    return attr.str();
  if (auto named = dyn_cast<NameLoc>(func.getArgument(number).getLoc()))
    return named.getName().str();
  return std::to_string(number);
}

void ProgramGraph::nameInputs() {
  for (unsigned i = 0, end = func.getNumArguments(); i < end; ++i) {
    StringRef name = inputNames.emplace_back(getInputName(func, i));
    inputsByPath[name].push_back(i);
    for (size_t dot = name.find('.'); dot != StringRef::npos;
         dot = name.find('.', dot + 1))
      inputsByPath[name.take_front(dot)].push_back(i);
  }
}

ArrayRef<int> ProgramGraph::inputsNamed(StringRef path) const {
  auto found = inputsByPath.find(path);
  return found == inputsByPath.end() ? ArrayRef<int>()
                                     : ArrayRef<int>(found->second);
}

FailureOr<func::FuncOp> partir::getProgram(ModuleOp module) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (main && main.getBody().hasOneBlock())
    return main;

  InFlightDiagnostic diag =
      emitError(module.getLoc(),
                "needs a function 'main' with a body of one block, and has ");
  if (main)
    return diag << "one with " << main.getBody().getBlocks().size()
                << " block(s)";
  auto functions = module.getOps<func::FuncOp>();
  if (functions.empty())
    return diag << "no function";
  diag << "the functions ";
  llvm::interleaveComma(functions, diag, [&](func::FuncOp function) {
    diag << '\'' << function.getName() << '\'';
  });
  return diag;
}

FailureOr<MeshAttr> partir::getProgramMesh(ModuleOp module) {
  auto mesh = module->getAttrOfType<MeshAttr>(PartirDialect::getMeshAttrName());
  if (!mesh)
    return emitError(module.getLoc(),
                     "the module has no mesh; give it the attribute ")
           << PartirDialect::getMeshAttrName()
           << " = #partir.mesh<[\"B\"=4, \"M\"=2]>";
  return mesh;
}
