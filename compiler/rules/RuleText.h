//===- RuleText.h - Partition rules as users write them ---------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A rule as one line of text, like an einsum:
//
//     rule       ::= values "->" values ("|" reduction ("," reduction)*)?
//     values     ::= value ("," value)*
//     value      ::= "..."? dim*
//     dim        ::= "_" | name | "(" name+ ")"
//     reduction  ::= name ":" ("add" | "max" | "min" | "mul" | "and" | "or")
//
// The values are the operands and the results of an op; a scalar is the value
// without dims. Dims of one name are tiled together: `b i, b j -> b k`. A name
// on both sides is parallel; one on operands only is reduced where the rule
// says so; every other one is needed whole, and so is `_`. `(h d)` is one dim,
// major first, and `...` stands for leading dims, as many and of the same
// sizes in all values that have it.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_RULES_RULETEXT_H
#define PARTIR_RULES_RULETEXT_H

#include "compiler/engine/Rule.h"

#include "mlir/IR/Operation.h"

namespace partir {

/// What a rule says of one operand or result.
struct RuleTextValue {
  /// Whether it begins with "...".
  bool hasLeading = false;
  /// Per dim its names, major first; none for "_".
  llvm::SmallVector<llvm::SmallVector<llvm::StringRef, 1>, 4> dims;
};

/// A rule that has been read. Its names point into the text.
struct RuleText {
  llvm::SmallVector<RuleTextValue, 2> operands, results;
  llvm::SmallVector<std::pair<llvm::StringRef, engine::ReduceKind>, 1>
      reductions;
};

/// Reads a rule. Where the text is none, says in `error` what is wrong with it
/// at which character, and what would have been valid.
mlir::FailureOr<RuleText> parseRuleText(llvm::StringRef text,
                                        std::string &error);

/// The rule of an op by its text. Where the op's operands and results are
/// others than those of the text, says so in `error`.
mlir::FailureOr<engine::Rule>
applyRuleText(llvm::StringRef text, mlir::Operation *op, std::string &error);

} // namespace partir

#endif // PARTIR_RULES_RULETEXT_H
