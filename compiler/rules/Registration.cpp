//===- Registration.cpp - The rules of every op ---------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Attaches the rules and ties of this directory to the ops of each dialect.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/partir/Partir.h"
#include "compiler/dialect/stablehlo/Chlo.h"
#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;

void partir::registerPartitionRules(DialectRegistry &registry) {
  registry.addExtension(
      +[](MLIRContext *context, stablehlo::StablehloDialect *) {
        attachBatchNormRules(context);
        attachBroadcastRules(context);
        attachConcatenateRules(context);
        attachConstantRules(context);
        attachConvolutionRules(context);
        attachCustomCallRules(context);
        attachDotRules(context);
        attachDynamicSliceRules(context);
        attachEinsumRules(context);
        attachGatherRules(context);
        attachIotaRules(context);
        attachLinalgRules(context);
        attachPadRules(context);
        attachPointwiseRules(context);
        attachReduceRules(context);
        attachReshapeRules(context);
        attachReverseRules(context);
        attachRngRules(context);
        attachScatterRules(context);
        attachSliceRules(context);
        attachSortRules(context);
        attachTies(context);
        attachTorchIndexSelectRules(context);
        attachTransposeRules(context);
        attachWindowRules(context);
      });
  registry.addExtension(+[](MLIRContext *context, chlo::ChloDialect *) {
    attachChloConstantRules(context);
    attachChloRules(context);
  });
  registry.addExtension(+[](MLIRContext *context, PartirDialect *) {
    attachCarryRules(context);
    attachTagRules(context);
  });
}
