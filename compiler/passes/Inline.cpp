//===- Inline.cpp - One function in place of many -------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MLIR's inliner is not used: it does not know composites, it may decide
// against a call, and its locations lose the names that XLA shows. Bodies are
// cloned from the outside in, so that each op is made once, where it stays.
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Inline.h"

#include "compiler/dialect/partir/Partir.h"
#include "compiler/passes/CloneOp.h"
#include "compiler/passes/Locations.h"
#include "compiler/rules/Composites.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace partir;

/// The function that a call or a composite stands for; null for other ops.
static FlatSymbolRefAttr getCallee(Operation *op) {
  if (auto call = dyn_cast<func::CallOp>(op))
    return call.getCalleeAttr();
  return getDecomposition(op);
}

namespace {
class Inliner {
public:
  explicit Inliner(ModuleOp module)
      : symbols(module), builder(module.getContext()) {}

  LogicalResult run(func::FuncOp main);

private:
  /// Puts a body, or a tag, at the place of an op of `main`.
  LogicalResult replace(Operation *call);
  /// Builds what a call computes from its operands under `mapping`, at a
  /// location as seen from `main`; its results enter the mapping.
  LogicalResult expand(Operation &call, IRMapping &mapping, Location loc);
  LogicalResult expandTag(Operation &tag, IRMapping &mapping, Location loc);
  LogicalResult cloneBody(Operation &op, IRMapping &mapping, Location callLoc);

  FailureOr<func::FuncOp> findCallee(Operation &call);

  SymbolTable symbols;
  OpBuilder builder;
  /// The functions around what is being built, outermost first.
  llvm::SetVector<Operation *> active;
};
} // namespace

LogicalResult Inliner::run(func::FuncOp main) {
  SmallVector<Operation *> calls;
  main.walk([&](Operation *op) {
    if (getCallee(op))
      calls.push_back(op);
  });
  active.insert(main);
  for (Operation *call : calls)
    if (failed(replace(call)))
      return failure();
  return success();
}

LogicalResult Inliner::replace(Operation *call) {
  IRMapping mapping;
  builder.setInsertionPoint(call);
  if (failed(expand(*call, mapping, call->getLoc())))
    return failure();
  for (Value result : call->getResults())
    result.replaceAllUsesWith(mapping.lookup(result));
  call->erase();
  return success();
}

LogicalResult Inliner::expand(Operation &call, IRMapping &mapping,
                              Location loc) {
  if (isTagComposite(&call))
    return expandTag(call, mapping, loc);
  FailureOr<func::FuncOp> callee = findCallee(call);
  if (failed(callee))
    return failure();
  Block &body = callee->getBody().front();
  active.insert(*callee);

  IRMapping inner;
  for (auto [argument, operand] :
       llvm::zip_equal(body.getArguments(), call.getOperands()))
    inner.map(argument, mapping.lookupOrDefault(operand));
  for (Operation &op : body.without_terminator())
    if (failed(cloneBody(op, inner, loc)))
      return failure();
  for (auto [result, value] :
       llvm::zip_equal(call.getResults(), body.getTerminator()->getOperands()))
    mapping.map(result, inner.lookup(value));
  active.pop_back();
  return success();
}

LogicalResult Inliner::expandTag(Operation &tag, IRMapping &mapping,
                                 Location loc) {
  FailureOr<StringAttr> name = getTagName(&tag);
  if (failed(name))
    return failure();
  Value operand = mapping.lookupOrDefault(tag.getOperand(0));
  auto named = TagOp::create(builder, loc, operand.getType(), *name, operand);
  mapping.map(tag.getResult(0), named.getResult());
  return success();
}

LogicalResult Inliner::cloneBody(Operation &op, IRMapping &mapping,
                                 Location callLoc) {
  auto mapLoc = [&](Location loc) { return getInlinedLoc(loc, callLoc); };
  if (getCallee(&op))
    return expand(op, mapping, mapLoc(op.getLoc()));
  return cloneOp(builder, op, mapping, mapLoc, [&](Operation &inner) {
    return cloneBody(inner, mapping, callLoc);
  });
}

FailureOr<func::FuncOp> Inliner::findCallee(Operation &call) {
  FlatSymbolRefAttr name = getCallee(&call);
  auto callee = symbols.lookup<func::FuncOp>(name.getAttr());
  if (!callee)
    return call.emitOpError()
           << "calls " << name << ", which is no function of the module";
  if (callee.isExternal())
    return call.emitOpError() << "calls " << name << ", which has no body";
  if (!callee.getBody().hasOneBlock() ||
      !isa<func::ReturnOp>(callee.getBody().front().back()))
    return call.emitOpError()
           << "calls " << name << ", whose body must be one block that returns";
  // Of a func.call MLIR has checked this, of a composite nobody has.
  if (TypeRange(callee.getArgumentTypes()) != call.getOperandTypes() ||
      TypeRange(callee.getResultTypes()) != call.getResultTypes())
    return call.emitOpError()
           << "calls " << name << " of type " << callee.getFunctionType()
           << " with operands and results of other types";
  if (active.contains(callee)) {
    InFlightDiagnostic diag = call.emitOpError()
                              << "calls " << name
                              << " again while it runs: a recursive function "
                                 "cannot be partitioned; use a loop";
    diag.attachNote(callee.getLoc()) << "the function";
    return diag;
  }
  return callee;
}

LogicalResult partir::inlineCalls(ModuleOp module, func::FuncOp main) {
  return Inliner(module).run(main);
}
