//===- Propagate.cpp - Propagates the tiles on one axis -----------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Propagation.h"
#include "compiler/passes/Explain.h"
#include "compiler/passes/Passes.h"
#include "compiler/passes/Tactic.h"

namespace partir {
#define GEN_PASS_DEF_PROPAGATEPASS
#include "compiler/passes/Passes.h.inc"
} // namespace partir

using namespace mlir;
using namespace partir;

namespace {
struct Propagate : partir::impl::PropagatePassBase<Propagate> {
  using PropagatePassBase::PropagatePassBase;

  void runOnOperation() override {
    if (failed(changeCore(getOperation(), [&](Partitioned &core) {
          FailureOr<int> index = findAxis(*core.program, axis, tactic);
          if (failed(index))
            return failure();
          engine::Propagation(*core.state, *index, tactic).run();
          Explainer(*core.program, *core.state)
              .emitConflicts(engine::findConflicts(*core.state, *index));
          return success();
        })))
      signalPassFailure();
  }
};
} // namespace
