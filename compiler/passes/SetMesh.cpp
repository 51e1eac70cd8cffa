//===- SetMesh.cpp - Gives a module its mesh ----------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Passes.h"
#include "compiler/passes/Schedule.h"

namespace partir {
#define GEN_PASS_DEF_SETMESHPASS
#include "compiler/passes/Passes.h.inc"
} // namespace partir

using namespace mlir;
using namespace partir;

namespace {
struct SetMesh : partir::impl::SetMeshPassBase<SetMesh> {
  using SetMeshPassBase::SetMeshPassBase;

  void runOnOperation() override {
    FailureOr<MeshAttr> attr = parseMesh(mesh, getOperation().getLoc());
    if (failed(attr))
      return signalPassFailure();
    getOperation()->setAttr(PartirDialect::getMeshAttrName(), *attr);
  }
};
} // namespace
