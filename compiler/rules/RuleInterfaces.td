//===- RuleInterfaces.td - What a pass may ask of an op ---------*- tablegen -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_RULES_RULEINTERFACES_TD
#define PARTIR_RULES_RULEINTERFACES_TD

include "mlir/IR/OpBase.td"

def PartitionRuleInterface : OpInterface<"PartitionRuleInterface"> {
  let cppNamespace = "::partir";
  let description = [{
    The tile-mapping registry entry of an op: how its dims may be tiled, and
    what the op is on one device. Implemented by external models in `rules`.
  }];
  let methods = [
    InterfaceMethod<[{
        The factors of the op's operands and results.
      }],
      "::partir::engine::Rule", "getPartitionRule", (ins)>,
    InterfaceMethod<[{
        Emits an error where the op has been given a rule that does not fit it.
      }],
      "::llvm::LogicalResult", "verifyPartitionRule", (ins), "", [{
        return ::llvm::success();
      }]>,
    InterfaceMethod<[{
        What messages call the op: its name, and what it calls.
      }],
      "std::string", "getLabel", (ins), "", [{
        return $_op->getName().getStringRef().str();
      }]>,
    InterfaceMethod<[{
        Creates the op on local shapes and returns its results. The default
        clones the op with the local operands and result types.
      }],
      "::mlir::FailureOr<::llvm::SmallVector<::mlir::Value>>", "createLocal",
      (ins "::partir::LocalForm &":$form), "", [{
        return ::partir::cloneLocal($_op, form);
      }]>,
    InterfaceMethod<[{
        The results of an op that reduces jointly, from the operands of its
        local form, or of one of them, and from its partial results, which come
        along a first dim that they have more. An error for other ops.
      }],
      "::mlir::FailureOr<::llvm::SmallVector<::mlir::Value>>", "createCombined",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::ValueRange":$operands,
           "::mlir::ValueRange":$partial), "", [{
        return ::partir::failToCombine($_op);
      }]>,
  ];
}

def TieInterface : OpInterface<"TieInterface"> {
  let cppNamespace = "::partir";
  let description = [{
    An op that only hands values on (loops, branches, barriers): a bundle of
    independent ties. The values of a tie have one shape and share one tiling.
  }];
  let methods = [
    InterfaceMethod<[{
        The ties of the op. An operand in no tie (a predicate) is needed whole.
      }],
      "::llvm::SmallVector<::partir::Tie>", "getTies", (ins)>,
    InterfaceMethod<[{
        How often the regions of the op run, where that is known.
      }],
      "::std::optional<int64_t>", "getTripCount", (ins)>,
    InterfaceMethod<[{
        Of a loop: creates it anew with more values that it hands to every trip
        as they are, and returns the arguments of the body for them. The op and
        its results are replaced. Empty for an op that is no loop.
      }],
      "::llvm::SmallVector<::mlir::Value>", "addInvariants",
      (ins "::mlir::ValueRange":$values), "", [{
        return {};
      }]>,
  ];
}

#endif // PARTIR_RULES_RULEINTERFACES_TD
