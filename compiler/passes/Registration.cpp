//===- Registration.cpp - What a tool has to know -------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers the dialects with their rules, and the passes.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/partir/Partir.h"
#include "compiler/dialect/partir_hlo/PartirHlo.h"
#include "compiler/dialect/stablehlo/Chlo.h"
#include "compiler/dialect/stablehlo/Sdy.h"
#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/passes/Passes.h"
#include "compiler/rules/RuleInterfaces.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace partir;

void partir::registerPasses() { registerPartirPasses(); }

void partir::registerDialects(DialectRegistry &registry) {
  registry
      .insert<chlo::ChloDialect, func::FuncDialect, hlo::PartirHloDialect,
              PartirDialect, sdy::SdyDialect, stablehlo::StablehloDialect>();
  registerPartitionRules(registry);
}
