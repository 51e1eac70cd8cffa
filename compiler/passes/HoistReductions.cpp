//===- HoistReductions.cpp - What is the same on every trip ---------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/HoistReductions.h"

#include "compiler/rules/RuleInterfaces.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace partir;

namespace {

class LoopHoister {
public:
  explicit LoopHoister(TieInterface loop) : loop(loop), builder(loop) {}

  void run() {
    for (const Tie &tie : loop.getTies())
      noteInvariant(tie);
    if (!body)
      return;
    for (Operation &op : *body)
      visit(op);
    if (hoisted.empty())
      return;
    SmallVector<Value> outside;
    for (Value value : hoisted)
      outside.push_back(outer.lookup(value));
    SmallVector<Value> inside = loop.addInvariants(outside);
    for (auto [value, argument] : llvm::zip(hoisted, inside))
      value.replaceAllUsesWith(argument);
  }

private:
  /// A carried value that the body hands on as it came is what it began as.
  void noteInvariant(const Tie &tie) {
    Value init;
    bool isHandedOn = false;
    for (OpOperand *source : tie.sources) {
      if (source->getOwner() == loop) {
        init = source->get();
        continue;
      }
      body = source->getOwner()->getBlock();
      isHandedOn = llvm::is_contained(tie.targets, source->get());
    }
    if (!init || !isHandedOn)
      return;
    for (Value target : tie.targets)
      if (isa<BlockArgument>(target))
        outer.map(target, init);
  }

  bool isOutside(Value value) const {
    return !loop->isAncestor(value.getParentBlock()->getParentOp());
  }

  void visit(Operation &op) {
    auto rule = dyn_cast<PartitionRuleInterface>(op);
    if (!rule || !llvm::all_of(op.getOperands(), [&](Value operand) {
          return isOutside(operand) || outer.contains(operand) ||
                 invariant.contains(operand.getDefiningOp());
        }))
      return;
    invariant.insert(&op);
    engine::Rule dims = rule.getPartitionRule();
    if (llvm::none_of(dims.factors, [](const engine::Factor &factor) {
          return factor.kind == engine::FactorKind::Reduce;
        }))
      return;
    cloneOutside(&op);
    llvm::append_range(hoisted, op.getResults());
  }

  /// Clones the op before the loop, after what it is computed of.
  void cloneOutside(Operation *op) {
    SmallVector<Operation *> stack = {op};
    while (!stack.empty()) {
      Operation *next = stack.back();
      size_t size = stack.size();
      for (Value operand : next->getOperands())
        if (Operation *source = operand.getDefiningOp();
            source && invariant.contains(source) && !cloned.contains(source))
          stack.push_back(source);
      if (stack.size() > size)
        continue;
      stack.pop_back();
      if (cloned.insert(next).second)
        builder.clone(*next, outer);
    }
  }

  TieInterface loop;
  OpBuilder builder;
  /// What a trip runs.
  Block *body = nullptr;
  /// What stands outside for a value of the loop.
  IRMapping outer;
  DenseSet<Operation *> invariant, cloned;
  SmallVector<Value> hoisted;
};

} // namespace

void partir::hoistReductions(func::FuncOp function) {
  SmallVector<TieInterface> loops;
  function.walk([&](TieInterface op) {
    bool isLoop = llvm::any_of(op->getRegions(), [](Region &region) {
      return region.getNumArguments() > 0;
    });
    if (isLoop)
      loops.push_back(op);
  });
  for (TieInterface loop : loops)
    LoopHoister(loop).run();
}
