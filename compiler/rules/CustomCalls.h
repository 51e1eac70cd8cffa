//===- CustomCalls.h - Rules of custom calls --------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of a custom call only its target is known. Its rule is the user's, in the
// attribute `partir.rules` of the module, or one that is built in.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_RULES_CUSTOMCALLS_H
#define PARTIR_RULES_CUSTOMCALLS_H

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/engine/Rule.h"

#include "mlir/IR/BuiltinOps.h"

#include <optional>

namespace partir {

/// Emits an error if a rule in the attribute `partir.rules` is none.
llvm::LogicalResult verifyCallRules(mlir::ModuleOp module);

namespace rules {

/// The rule of a target that JAX itself calls, as far as it fits the call.
std::optional<engine::Rule> getKnownRule(stablehlo::CustomCallOp op);

} // namespace rules
} // namespace partir

#endif // PARTIR_RULES_CUSTOMCALLS_H
