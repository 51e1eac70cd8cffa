//===- Normalize.cpp - A module as JAX prints it, made ready --------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function without calls and dead code, whose cheap values exist once per
// use, and in which every op can be partitioned.
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/HoistReductions.h"
#include "compiler/passes/Inline.h"
#include "compiler/passes/Passes.h"
#include "compiler/passes/ProgramGraph.h"
#include "compiler/rules/CustomCalls.h"
#include "compiler/rules/OneDevice.h"
#include "compiler/rules/Placement.h"
#include "compiler/rules/RuleInterfaces.h"

#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace partir {
#define GEN_PASS_DEF_NORMALIZEPASS
#include "compiler/passes/Passes.h.inc"
} // namespace partir

using namespace mlir;
using namespace partir;

//===----------------------------------------------------------------------===//
// The module
//===----------------------------------------------------------------------===//

static LogicalResult verifyHasFunctionsOnly(ModuleOp module) {
  for (Operation &op : *module.getBody())
    // What lays values out on a mesh is refused where it does.
    if (!isa<func::FuncOp>(op) && !isShardy(&op))
      return op.emitOpError("cannot stand in a module to be partitioned, which "
                            "has functions only");
  return success();
}

/// Erases the functions that nothing below `main` mentions. The others, such as
/// the comparator of a custom call, are its own.
static void eraseUnused(ModuleOp module, func::FuncOp main) {
  SymbolTable symbols(module);
  DenseSet<Operation *> used = {main};
  SmallVector<Operation *> worklist = {main};
  while (!worklist.empty()) {
    auto uses = SymbolTable::getSymbolUses(worklist.pop_back_val());
    if (!uses)
      return;
    for (SymbolTable::SymbolUse use : *uses) {
      Operation *symbol = symbols.lookup(use.getSymbolRef().getRootReference());
      if (symbol && used.insert(symbol).second)
        worklist.push_back(symbol);
    }
  }
  for (auto function :
       llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
    if (!used.contains(function))
      function.erase();
    else if (function != main)
      function.setPrivate();
  }
}

/// The attributes of all arguments, or all results, without shardings.
static ArrayAttr withoutShardings(ArrayAttr all) {
  if (!all)
    return {};
  SmallVector<Attribute> kept;
  for (auto attributes : all.getAsRange<DictionaryAttr>())
    kept.push_back(DictionaryAttr::get(
        all.getContext(),
        llvm::filter_to_vector(attributes, [](NamedAttribute attribute) {
          return !isSharding(attribute.getName());
        })));
  return ArrayAttr::get(all.getContext(), kept);
}

/// Replaces what speaks of devices and means one.
static void replacePlacement(ModuleOp module, func::FuncOp main) {
  OneDevice device(module);
  main.walk([&](Operation *op) { device.replace(op); });
}

/// Drops what tells of another placement than the one to come.
static void dropPlacement(ModuleOp module, func::FuncOp main) {
  for (Operation &op : llvm::make_early_inc_range(*module.getBody()))
    if (isShardy(&op))
      op.erase();
  for (NamedAttribute attribute :
       llvm::to_vector(module->getDiscardableAttrs()))
    if (isDeviceCount(attribute.getName()))
      module->removeDiscardableAttr(attribute.getName());
  main.walk([](Operation *op) { op->removeDiscardableAttr(getAdviceName()); });
  if (ArrayAttr kept = withoutShardings(main.getArgAttrsAttr()))
    main.setArgAttrsAttr(kept);
  if (ArrayAttr kept = withoutShardings(main.getResAttrsAttr()))
    main.setResAttrsAttr(kept);
}

//===----------------------------------------------------------------------===//
// State
//===----------------------------------------------------------------------===//

/// Ties the results that become inputs of the next step to those.
static LogicalResult tieState(func::FuncOp main) {
  Operation *end = main.getBody().front().getTerminator();
  OpBuilder builder(end);
  StringAttr name = builder.getStringAttr(PartirDialect::getCarryAttrName());
  for (OpOperand &result : end->getOpOperands()) {
    unsigned number = result.getOperandNumber(), count = main.getNumArguments();
    Attribute attribute = main.removeResultAttr(number, name);
    if (!attribute)
      continue;
    auto input = dyn_cast<IntegerAttr>(attribute);
    if (!input || input.getValue().uge(count))
      return main.emitError()
             << "attribute " << name << " of result " << number << " is "
             << attribute << "; it must be the number of an input, below "
             << count;
    Value argument = main.getArgument(input.getValue().getZExtValue());
    if (argument.getType() != result.get().getType())
      return main.emitError()
             << "result " << number << " of type " << result.get().getType()
             << " cannot become input " << attribute << " of type "
             << argument.getType();
    result.set(CarryOp::create(builder, result.get().getLoc(), result.get(),
                               argument));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Dead code
//===----------------------------------------------------------------------===//

/// Erases dead ops, users before what they use.
static void eraseDead(Region &region) {
  for (Block &block : llvm::reverse(region))
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
      if (isOpTriviallyDead(&op)) {
        op.erase();
        continue;
      }
      for (Region &inner : op.getRegions())
        eraseDead(inner);
    }
}

//===----------------------------------------------------------------------===//
// Cheap values
//===----------------------------------------------------------------------===//

namespace {
/// Gives each use of a cheap value its own copy. The first use keeps the
/// original, and a copy of an op that uses another cheap value has its own copy
/// of that too.
class CheapCopies {
public:
  void run(func::FuncOp main) {
    main.walk<WalkOrder::PreOrder>([this](Operation *op) {
      for (OpOperand &use : op->getOpOperands())
        visit(use);
      return isa<PartitionRuleInterface>(op) ? WalkResult::skip()
                                             : WalkResult::advance();
    });
  }

private:
  void visit(OpOperand &use);
  bool isWorthCopying(Operation *op);

  DenseSet<Value> used;
  DenseMap<Operation *, bool> known;
};
} // namespace

/// Scalars have nothing to tile and may be shared.
bool CheapCopies::isWorthCopying(Operation *op) {
  auto [entry, isNew] = known.try_emplace(op, false);
  if (isNew && op->getNumResults() == 1)
    if (auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType()))
      if (auto rule = dyn_cast<PartitionRuleInterface>(op))
        entry->second = type.getRank() > 0 && rule.getPartitionRule().isCheap;
  return entry->second;
}

void CheapCopies::visit(OpOperand &use) {
  Operation *source = use.get().getDefiningOp();
  if (!source || used.insert(use.get()).second || !isWorthCopying(source))
    return;
  Operation *copy = OpBuilder(use.getOwner()).clone(*source);
  use.set(copy->getResult(0));
  for (OpOperand &inner : copy->getOpOperands())
    visit(inner);
}

//===----------------------------------------------------------------------===//
// What can be partitioned
//===----------------------------------------------------------------------===//

static bool isStaticTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape();
}

static LogicalResult verifyTypes(Operation *op, TypeRange types,
                                 StringRef what) {
  for (auto [index, type] : llvm::enumerate(types))
    if (!isStaticTensor(type))
      // Not at the op itself: what it prints can be the whole program.
      return emitError(op->getLoc())
             << "'" << op->getName() << "' op has " << what << " #" << index
             << " of type " << type
             << "; it must be a tensor without dynamic dims";
  return success();
}

/// The regions of an op with a rule are part of what it computes.
static LogicalResult verifyPayload(Operation *op) {
  OpOperand *captured = nullptr;
  visitUsedValuesDefinedAbove(op->getRegions(),
                              [&](OpOperand *use) { captured = use; });
  if (!captured)
    return success();
  return captured->getOwner()->emitOpError()
         << "uses a value from outside the region of '" << op->getName()
         << "', which can be partitioned only if its regions use nothing but "
            "their arguments";
}

static LogicalResult verifyOp(Operation &op) {
  if (failed(verifyTypes(&op, op.getResultTypes(), "result")))
    return failure();
  if (op.hasTrait<OpTrait::IsTerminator>())
    return success();
  if (isa<PartitionRuleInterface>(op))
    return op.getNumRegions() == 0 ? success() : verifyPayload(&op);
  if (!isa<TieInterface>(op))
    return op.emitOpError("has no partition rule, so it cannot be partitioned; "
                          "write the function without it");
  for (Region &region : op.getRegions()) {
    if (failed(verifyTypes(&op, region.getArgumentTypes(), "region argument")))
      return failure();
    for (Operation &inner : region.getOps())
      if (failed(verifyOp(inner)))
        return failure();
  }
  return success();
}

static LogicalResult verifyCanBePartitioned(func::FuncOp main) {
  // First of all, because it explains the tokens that come with effects.
  WalkResult placement = main.walk<WalkOrder::PreOrder>([&](Operation *op) {
    return WalkResult(op == main ? success() : verifyLeavesPlacement(op));
  });
  if (placement.wasInterrupted())
    return failure();
  if (failed(verifyTypes(main, main.getArgumentTypes(), "argument")) ||
      failed(verifyTypes(main, main.getResultTypes(), "result")))
    return failure();
  for (Operation &op : main.getOps())
    if (failed(verifyOp(op)))
      return failure();
  return success();
}

LogicalResult partir::normalize(ModuleOp module) {
  if (failed(verifyHasFunctionsOnly(module)) || failed(verifyCallRules(module)))
    return failure();
  FailureOr<func::FuncOp> main = getProgram(module);
  if (failed(main) || failed(inlineCalls(module, *main)))
    return failure();
  eraseUnused(module, *main);
  replacePlacement(module, *main);
  dropPlacement(module, *main);
  eraseDead(main->getBody());
  if (failed(verifyCanBePartitioned(*main)) || failed(tieState(*main)))
    return failure();
  hoistReductions(*main);
  // What only they needed.
  eraseDead(main->getBody());
  CheapCopies().run(*main);
  return success();
}

namespace {
struct Normalize : partir::impl::NormalizePassBase<Normalize> {
  void runOnOperation() override {
    if (failed(normalize(getOperation())))
      signalPassFailure();
  }
};
} // namespace
