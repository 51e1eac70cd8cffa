//===- PrintRules.cpp - Shows the rule of each op -------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints the partition rule of each op, and the ties of the ops that only hand
// values on, as remarks.
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Passes.h"
#include "compiler/rules/RuleInterfaces.h"

#include "llvm/Support/raw_ostream.h"

namespace partir {
#define GEN_PASS_DEF_PRINTRULESPASS
#include "compiler/passes/Passes.h.inc"
} // namespace partir

using namespace mlir;
using namespace partir;

/// `operand 0` of `op` itself, `region 1 yield 0` of a terminator inside.
static void printSource(llvm::raw_ostream &os, Operation *op,
                        OpOperand *source) {
  if (source->getOwner() != op)
    os << "region " << source->getOwner()->getParentRegion()->getRegionNumber()
       << " yield ";
  else
    os << "operand ";
  os << source->getOperandNumber();
}

/// `result 0`, or `region 1 argument 0`.
static void printTarget(llvm::raw_ostream &os, Value target) {
  if (auto argument = dyn_cast<BlockArgument>(target))
    os << "region " << argument.getOwner()->getParent()->getRegionNumber()
       << " argument " << argument.getArgNumber();
  else
    os << "result " << cast<OpResult>(target).getResultNumber();
}

static std::string describe(TieInterface op) {
  std::string text;
  llvm::raw_string_ostream os(text);
  std::optional<int64_t> trips = op.getTripCount();
  os << "ties, trips=";
  if (trips)
    os << *trips;
  else
    os << "unknown";
  for (const Tie &tie : op.getTies()) {
    os << "; (";
    llvm::interleaveComma(tie.sources, os, [&](OpOperand *source) {
      printSource(os, op, source);
    });
    os << ") -> (";
    llvm::interleaveComma(tie.targets, os,
                          [&](Value target) { printTarget(os, target); });
    os << ')';
  }
  return text;
}

namespace {
struct PrintRules : partir::impl::PrintRulesPassBase<PrintRules> {
  using PrintRulesPassBase::PrintRulesPassBase;

  void runOnOperation() override {
    WalkResult walk =
        getOperation()->walk<WalkOrder::PreOrder>([this](Operation *op) {
          if (auto ties = dyn_cast<TieInterface>(op))
            op->emitRemark(describe(ties));
          auto rule = dyn_cast<PartitionRuleInterface>(op);
          if (!rule)
            return WalkResult::advance();
          if (failed(rule.verifyPartitionRule()))
            return WalkResult::interrupt();
          engine::Rule dims = rule.getPartitionRule();
          op->emitRemark(dims.str());
          if (costs)
            op->emitRemark("cost: ") << dims.cost.str();
          // What is inside (the function of a reduction) is not partitioned.
          return WalkResult::skip();
        });
    if (walk.wasInterrupted())
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
