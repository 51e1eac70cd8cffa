//===- LowerCollectives.cpp - From PartIR:HLO to StableHLO ----------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Replaces collectives over named mesh axes by those that XLA takes, and keeps
// XLA from merging the gathers of one value.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/passes/Passes.h"
#include "compiler/passes/ProgramGraph.h"
#include "compiler/rules/Collectives.h"
#include "compiler/rules/RuleInterfaces.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace partir {
#define GEN_PASS_DEF_LOWERCOLLECTIVESPASS
#include "compiler/passes/Passes.h.inc"
} // namespace partir

using namespace mlir;
using namespace partir;

//===----------------------------------------------------------------------===//
// Gathers of one value
//===----------------------------------------------------------------------===//

/// Whether `value` is there at a certain time only: it is the work of this
/// block, or an argument that a region gets anew whenever it runs. Not what
/// could be had at any time: an argument of the function, a constant, something
/// small made of constants.
static bool hasItsTime(Block *block, Value value) {
  if (isa<BlockArgument>(value))
    return value.getParentBlock() == block &&
           !isa<FunctionOpInterface>(block->getParentOp());
  Operation *op = value.getDefiningOp();
  return op->getBlock() == block &&
         llvm::any_of(op->getOperands(), [](Value operand) {
           Operation *source = operand.getDefiningOp();
           return !source || source->getNumOperands() > 0;
         });
}

/// The first op of the block that uses `value`, itself or inside.
static Operation *findFirstUser(Block *block, Value value) {
  Operation *first = nullptr;
  for (Operation *user : value.getUsers()) {
    user = block->findAncestorOpInBlock(*user);
    if (user && (!first || user->isBeforeInBlock(first)))
      first = user;
  }
  return first;
}

/// Of two values that have their time in one block.
static bool isBefore(Value a, Value b) {
  Operation *first = a.getDefiningOp(), *second = b.getDefiningOp();
  return second && (!first || first->isBeforeInBlock(second));
}

/// A value that exists by the time the gather's result is needed but not much
/// before: the one computed last of those that meet the result in an op. Null
/// if none is found. What only changes the result is looked through.
static Value findCompanion(hlo::AllGatherOp gather) {
  // Further away, a value says little about when the gather is needed.
  constexpr int maxDistance = 8;
  Block *block = gather->getBlock();
  Value value = gather.getResult();
  for (int distance = 0; distance < maxDistance; ++distance) {
    Operation *user = findFirstUser(block, value);
    // What a terminator hands on together need not exist together.
    if (!user || user->hasTrait<OpTrait::IsTerminator>())
      return {};
    Value latest;
    for (Value operand : user->getOperands())
      if (hasItsTime(block, operand) && isBefore(operand, gather.getResult()) &&
          (!latest || isBefore(latest, operand)))
        latest = operand;
    if (latest)
      return latest;
    if (user->getNumResults() != 1 || user->getNumRegions() != 0)
      return {};
    value = user->getResult(0);
  }
  return {};
}

/// Whether the op is linear in its one operand and gives as many elements: such
/// an op XLA drops where it changes nothing, like a reverse of dims of size 1,
/// or moves to the other side of a gather.
static bool mayVanish(Operation *op) {
  auto rule = dyn_cast<PartitionRuleInterface>(op);
  if (!rule || op->getNumOperands() != 1 || op->getNumResults() != 1)
    return false;
  auto from = dyn_cast<RankedTensorType>(op->getOperand(0).getType());
  auto to = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  return from && to && from.hasStaticShape() && to.hasStaticShape() &&
         from.getNumElements() == to.getNumElements() &&
         llvm::is_contained(rule.getPartitionRule().linear, 0);
}

/// The value of which `value` is made by ops that may vanish. `roots` holds
/// what is known, so that no op is looked at twice.
static Value findRoot(Value value, DenseMap<Value, Value> &roots) {
  SmallVector<Value> passed;
  Value root;
  while (!(root = roots.lookup(value))) {
    passed.push_back(value);
    Operation *op = value.getDefiningOp();
    if (!op || !mayVanish(op)) {
      root = value;
      break;
    }
    value = op->getOperand(0);
  }
  for (Value each : passed)
    roots[each] = root;
  return root;
}

namespace {
/// A gathered value, and the same as the barrier before its gather left it.
struct Gathered {
  Value value;
  Value kept;
};
} // namespace

/// XLA merges gathers of one value, and what is gathered then lives from the
/// first use to the last. So all but the first take it through a barrier,
/// together with a value that is not there yet when the one before is used: a
/// gradient, where the one before is in the forward pass. Values of one root
/// may be one value to XLA.
static void keepGathersApart(func::FuncOp function, MeshAttr mesh) {
  // Per root what was gathered last. Each barrier takes what the one before
  // left, since equal barriers are merged like equal gathers. By the root
  // alone, for gathers over some of the same axes could be merged in part.
  DenseMap<Value, SmallVector<Gathered, 2>> chains;
  DenseMap<Value, Value> roots;
  function.walk([&](hlo::AllGatherOp gather) {
    if (mesh.getSize(gather.getAxes().getFlatAxes()) == 1)
      return;
    Value operand = gather.getOperand();
    Value root = findRoot(operand, roots);
    SmallVector<Gathered, 2> &chain = chains[root];
    if (chain.empty()) {
      chain.push_back({root, root});
      return;
    }
    while (!chain.back().kept.getParentRegion()->isAncestor(
        gather->getParentRegion()))
      chain.pop_back();
    auto [value, kept] = chain.back();
    SmallVector<Value, 3> values = {value == operand ? kept : operand};
    if (Value companion = findCompanion(gather))
      values.push_back(companion);
    if (value != operand && kept != root)
      values.push_back(kept);
    OpBuilder builder(gather);
    Value barrier = createBarrier(builder, gather.getLoc(), values).front();
    chain.push_back({operand, barrier});
    gather.getOperandMutable().assign(barrier);
  });
}

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

static LogicalResult lowerFunction(func::FuncOp function,
                                   CollectiveLowering &lowering) {
  lowering.enterFunction(function.getBody().front());
  WalkResult result = function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    Dialect *dialect = op->getDialect();
    if (isa_and_nonnull<PartirDialect>(dialect)) {
      op->emitOpError("has to be lowered to PartIR:HLO first");
      return WalkResult::interrupt();
    }
    if (!isa_and_nonnull<hlo::PartirHloDialect>(dialect))
      return WalkResult::advance();
    OpBuilder builder(op);
    FailureOr<Value> value = lowering.lower(builder, op);
    if (failed(value))
      return WalkResult::interrupt();
    op->getResult(0).replaceAllUsesWith(*value);
    op->erase();
    return WalkResult::skip();
  });
  return failure(result.wasInterrupted());
}

LogicalResult partir::lowerCollectives(ModuleOp module) {
  FailureOr<MeshAttr> mesh = getProgramMesh(module);
  if (failed(mesh))
    return failure();
  CollectiveLowering lowering(*mesh);
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isExternal())
      continue;
    keepGathersApart(function, *mesh);
    if (failed(lowerFunction(function, lowering)))
      return failure();
    for (unsigned i = 0, end = function.getNumArguments(); i < end; ++i)
      function.removeArgAttr(i, PartirDialect::getNameAttrName());
  }
  dropProgramAttributes(module);
  return success();
}

namespace {
struct LowerCollectives
    : partir::impl::LowerCollectivesPassBase<LowerCollectives> {
  void runOnOperation() override {
    if (failed(lowerCollectives(getOperation())))
      signalPassFailure();
  }
};
} // namespace
