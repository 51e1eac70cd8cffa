//===- StablehloOps.cpp - The StableHLO ops: folding and effects ----------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/dialect/stablehlo/StrictOps.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace partir::stablehlo;

using Effects = SmallVectorImpl<MemoryEffects::EffectInstance>;

namespace partir::stablehlo {
/// An allocation of the results: MLIR drops an op that only allocates when its
/// results are unused, but never merges or moves it.
static void addDropOnlyEffects(Operation *op, Effects &effects) {
  for (OpResult result : op->getOpResults())
    effects.emplace_back(MemoryEffects::Allocate::get(), result);
}
} // namespace partir::stablehlo

#define GET_OP_CLASSES
#include "compiler/dialect/stablehlo/Stablehlo.cpp.inc"

void StablehloDialect::registerOps() {
  detail::registerStrictOps<
#define GET_OP_LIST
#include "compiler/dialect/stablehlo/Stablehlo.cpp.inc"
      >(this);
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

void CustomCallOp::getEffects(Effects &effects) {
  if (!getHasSideEffect())
    return;
  effects.emplace_back(MemoryEffects::Read::get());
  effects.emplace_back(MemoryEffects::Write::get());
}
