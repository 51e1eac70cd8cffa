//===- CustomCall.cpp - The rule of custom calls --------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The user's rule for the target, else the known one. Of a target without one
// nothing is known: it sees whole operands.
//
//===----------------------------------------------------------------------===//

#include "compiler/rules/CustomCalls.h"
#include "compiler/rules/RuleText.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using stablehlo::CustomCallOp;

/// The user's text for the target; null where there is none.
static StringAttr getUserRule(CustomCallOp op) {
  auto module = op->getParentOfType<ModuleOp>();
  if (!module)
    return {};
  auto rules = dyn_cast_or_null<DictionaryAttr>(
      module->getDiscardableAttr(PartirDialect::getRulesAttrName()));
  return rules ? rules.getAs<StringAttr>(op.getCallTargetName()) : StringAttr();
}

static Rule getRule(CustomCallOp op) {
  if (StringAttr text = getUserRule(op)) {
    std::string error;
    FailureOr<Rule> rule = applyRuleText(text, op, error);
    // The error is told when the rule is verified.
    return succeeded(rule) ? *rule : blocked(op, "has a rule that is wrong");
  }
  if (std::optional<Rule> known = getKnownRule(op))
    return *known;
  return blocked(op, "belongs to a custom call without a rule, which sees "
                     "whole operands; partir.register_rule gives its target "
                     "one");
}

namespace {
struct CustomCallModel
    : PartitionRuleInterface::ExternalModel<CustomCallModel, CustomCallOp> {
  Rule getPartitionRule(Operation *op) const {
    Rule rule = getRule(cast<CustomCallOp>(op));
    // What it computes nobody knows.
    rule.cost = {engine::Work::Apart};
    return rule;
  }

  LogicalResult verifyPartitionRule(Operation *op) const {
    auto call = cast<CustomCallOp>(op);
    StringAttr text = getUserRule(call);
    std::string error;
    if (!text || succeeded(applyRuleText(text, op, error)))
      return success();
    return op->emitOpError("to @")
           << call.getCallTargetName() << " does not fit its rule: " << error;
  }

  std::string getLabel(Operation *op) const {
    return (op->getName().getStringRef() + " @" +
            cast<CustomCallOp>(op).getCallTargetName())
        .str();
  }
};
} // namespace

LogicalResult partir::verifyCallRules(ModuleOp module) {
  auto rules = dyn_cast_or_null<DictionaryAttr>(
      module->getDiscardableAttr(PartirDialect::getRulesAttrName()));
  if (!rules)
    return success();
  for (NamedAttribute rule : rules) {
    std::string error;
    if (failed(parseRuleText(cast<StringAttr>(rule.getValue()), error)))
      return emitError(module.getLoc(), "attribute 'partir.rules' of the "
                                        "module, target \"")
             << rule.getName().strref() << "\": " << error;
  }
  return success();
}

void rules::attachCustomCallRules(MLIRContext *context) {
  CustomCallOp::attachInterface<CustomCallModel>(*context);
}
