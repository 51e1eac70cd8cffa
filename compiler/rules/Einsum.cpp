//===- Einsum.cpp - Rules of einsums --------------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A letter of the result is parallel; the others are summed over.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

/// Whether the letters are those of the dims, each once.
static bool areLetters(StringRef letters, Value value) {
  if (static_cast<int>(letters.size()) != rankOf(value) ||
      !llvm::all_of(letters, llvm::isAlpha))
    return false;
  return llvm::all_of(letters,
                      [&](char letter) { return letters.count(letter) == 1; });
}

static int dimOfLetter(StringRef letters, char letter) {
  size_t found = letters.find(letter);
  return found == StringRef::npos ? RuleBuilder::kNone
                                  : static_cast<int>(found);
}

template <typename OpT> static Rule einsumRule(OpT op) {
  constexpr StringLiteral reason = "has no letter of its own";
  RuleBuilder builder = builderFor(op);
  auto [left, result] = op.getEinsumConfig().split("->");
  SmallVector<StringRef, 2> operands;
  left.split(operands, ',');
  if (operands.size() != op->getNumOperands() ||
      !areLetters(result, op->getResult(0)))
    return builder.build(reason);
  for (auto [letters, operand] : llvm::zip_equal(operands, op->getOperands()))
    if (!areLetters(letters, operand))
      return builder.build(reason);

  std::string seen;
  double flops = static_cast<double>(operands.size());
  for (auto [letters, operand] : llvm::zip_equal(operands, op->getOperands()))
    for (auto [letter, size] : llvm::zip_equal(letters, shapeOf(operand))) {
      if (StringRef(seen).contains(letter))
        continue;
      seen.push_back(letter);
      Dims dims;
      for (StringRef others : operands)
        dims.push_back(dimOfLetter(others, letter));
      int resultDim = dimOfLetter(result, letter);
      if (resultDim >= 0)
        builder.add(size, dims, {resultDim});
      else if (isArithmetic(elementTypeOf(op->getResult(0))))
        builder.addReduction(size, dims, engine::ReduceKind::Add);
      flops *= static_cast<double>(size);
    }
  builder.rule.cost.work =
      operands.size() == 2 ? engine::Work::Matrix : engine::Work::Reduce;
  builder.rule.cost.flops = flops;
  return builder.build(reason);
}

template <typename... OpT> static void attachAll(MLIRContext *context) {
  (attach<OpT, einsumRule<OpT>>(context), ...);
}

void rules::attachEinsumRules(MLIRContext *context) {
  attachAll<stablehlo::EinsumOp, stablehlo::UnaryEinsumOp>(context);
}
