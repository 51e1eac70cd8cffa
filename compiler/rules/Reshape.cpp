//===- Reshape.cpp - The rule of reshape ----------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dims that are split and merged have the factors that they have in common.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

#include <numeric>

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

namespace {
/// Takes factors from the dims of a shape, major first.
struct Cursor {
  explicit Cursor(ArrayRef<int64_t> shape) : shape(shape) { settle(); }

  ArrayRef<int64_t> shape;
  int dim = -1;
  /// What is left of `dim`.
  int64_t left = 1;

  bool atEnd() const { return dim >= static_cast<int>(shape.size()); }
  void take(int64_t size) {
    left /= size;
    settle();
  }

private:
  /// Moves on to a dim of which something is left.
  void settle() {
    while (left == 1 && !atEnd())
      if (++dim < static_cast<int>(shape.size()))
        left = shape[dim];
  }
};
} // namespace

static Rule reshapeRule(stablehlo::ReshapeOp op) {
  RuleBuilder builder = builderFor(op);
  builder.rule.cost.work = engine::Work::None;
  ArrayRef<int64_t> fromShape = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> toShape = shapeOf(op->getResult(0));
  constexpr StringLiteral reason = "is split and merged unevenly";
  auto isEmpty = [](int64_t size) { return size <= 0; };
  if (llvm::any_of(fromShape, isEmpty) || llvm::any_of(toShape, isEmpty))
    return builder.build(reason);

  Cursor from(fromShape), to(toShape);
  while (!from.atEnd() && !to.atEnd()) {
    int64_t size = std::gcd(from.left, to.left);
    if (size > 1) {
      builder.add(size, {from.dim}, {to.dim});
      from.take(size);
      to.take(size);
      continue;
    }
    // What is left of the two dims has nothing in common: block dims on both
    // sides until the rests are of one size again.
    int64_t fromSize = 1, toSize = 1;
    do {
      if (fromSize <= toSize && !from.atEnd()) {
        fromSize *= from.left;
        builder.addBlocked(from.left, {from.dim}, {}, reason);
        from.take(from.left);
      } else if (!to.atEnd()) {
        toSize *= to.left;
        builder.addBlocked(to.left, {}, {to.dim}, reason);
        to.take(to.left);
      } else {
        break;
      }
    } while (fromSize != toSize);
  }
  if (isArithmetic(elementTypeOf(op->getResult(0))))
    builder.linearIn({0});
  return builder.build(reason);
}

void rules::attachReshapeRules(MLIRContext *context) {
  attach<stablehlo::ReshapeOp, reshapeRule>(context);
}
