//===- CloneOp.cpp - Cloning with a say in what is inside -----------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/CloneOp.h"

using namespace mlir;
using namespace partir;

LogicalResult
partir::cloneOp(OpBuilder &builder, Operation &op, IRMapping &mapping,
                function_ref<Location(Location)> mapLoc,
                function_ref<LogicalResult(Operation &)> cloneInner) {
  Operation *clone = builder.insert(op.cloneWithoutRegions(mapping));
  clone->setLoc(mapLoc(op.getLoc()));
  OpBuilder::InsertionGuard guard(builder);
  for (auto [from, to] : llvm::zip_equal(op.getRegions(), clone->getRegions()))
    for (Block &block : from) {
      Block &copy = to.emplaceBlock();
      for (BlockArgument argument : block.getArguments())
        mapping.map(argument, copy.addArgument(argument.getType(),
                                               mapLoc(argument.getLoc())));
      builder.setInsertionPointToEnd(&copy);
      for (Operation &inner : block)
        if (failed(cloneInner(inner)))
          return failure();
    }
  return success();
}
