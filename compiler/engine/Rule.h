//===- Rule.h - How the dims of an op hang together -------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A partition rule maps the dims of an op's operands and results to factors,
// like an einsum: dot_general is ([b,i,k],[b,k,j]) -> [b,i,j]. It is plain
// data: `rules` makes it from an op, the engine reads it.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_RULE_H
#define PARTIR_ENGINE_RULE_H

#include "compiler/engine/Cost.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>

namespace partir::engine {

/// The monoid of a reduction. `Joint` is what the op itself computes, of all
/// its results at once: the partial ones are gathered and the op reduces them.
enum class ReduceKind : uint8_t { Add, Max, Min, Mul, And, Or, Joint };

llvm::StringRef stringify(ReduceKind kind);

enum class FactorKind : uint8_t {
  /// Chunks of the factor are independent of each other.
  Parallel,
  /// In no result; chunks give partial results that a reduction combines.
  Reduce,
  /// The op needs the whole factor on every device.
  Blocked,
};

struct Factor {
  int64_t size = 1;
  FactorKind kind = FactorKind::Parallel;
  ReduceKind reduce = ReduceKind::Add;
  /// Which of its chunks the op reads or writes is known at run time only: all
  /// devices look for theirs.
  bool isIndexed = false;
  /// For a blocked factor: why ("is sliced", "is indexed", ...). A literal.
  llvm::StringLiteral reason = llvm::StringLiteral("");

  bool operator==(const Factor &other) const;
};

/// The factors of one dim, major first. A dim of size 1 may have none.
using DimFactors = llvm::SmallVector<int, 1>;
/// The factors of all dims of one value.
using ValueFactors = llvm::SmallVector<DimFactors, 4>;

/// The dim of a value that has the factor, or -1.
int dimOf(const ValueFactors &value, int factor);

/// What an op that moves elements along a dim reads for its result. Element r
/// of the result's dim that has the factor comes from the elements
/// scale * r + offset + e, 0 <= e < extent, of the operand's dim that has it.
/// Some may lie outside the dim: the op says what stands there.
struct Window {
  int operand;
  int factor;
  int64_t scale, offset, extent;

  /// Where what a chunk of the result reads begins, if the chunk has `size`
  /// elements of which `first` is the first.
  int64_t startOf(int64_t first, int64_t size) const {
    return scale * (scale < 0 ? first + size - 1 : first) + offset;
  }
  /// How many elements a chunk of `size` reads, those in between included.
  int64_t lengthOf(int64_t size) const {
    return (size - 1) * (scale < 0 ? -scale : scale) + extent;
  }
  bool operator==(const Window &other) const;
};

struct Rule {
  llvm::SmallVector<Factor, 4> factors;
  llvm::SmallVector<ValueFactors, 2> operands;
  llvm::SmallVector<ValueFactors, 1> results;
  /// The size of a factor that is in one divides the dims that have it.
  llvm::SmallVector<Window, 0> windows;
  /// Operands in which the op is linear while the others are held: a partial
  /// sum may pass through one of them at a time.
  llvm::SmallVector<int, 2> linear;
  /// Operands that enter a reduction once, however often it is cut, and are not
  /// neutral in it.
  llvm::SmallVector<int, 1> once;
  /// Operands of which the op reads nothing: they only hand tilings on.
  llvm::SmallVector<int, 0> unread;
  /// The result is the sum of the operands (partial sums may be merged).
  bool isSum = false;
  /// The op works element by element.
  bool isPointwise = false;
  /// The result is the operand: a name, which costs nothing on any chunk.
  bool isIdentity = false;
  /// Cheap enough to exist once per use (constants, iota, scalar broadcasts).
  bool isCheap = false;
  /// All elements of the results are zero, and zero is what sums begin with.
  bool isZero = false;
  /// What the op takes on one device, if it is not tiled at all.
  Cost cost;

  bool isWindowed(int factor) const;
  const Window *findWindow(int operand, int factor) const;

  /// `([b, i, k], [b, k, j]) -> ([b, i, j]) {b=4, i=8} reduction={k:add}`.
  std::string str() const;

  bool operator==(const Rule &other) const;
};

llvm::hash_code hash_value(const Rule &rule);

/// Builds a rule one factor at a time; the common rules are one call.
class RuleBuilder {
public:
  /// A rule over values of these shapes whose dims have no factor yet.
  RuleBuilder(llvm::ArrayRef<llvm::ArrayRef<int64_t>> operandShapes,
              llvm::ArrayRef<llvm::ArrayRef<int64_t>> resultShapes);

  static constexpr int kNone = -1;

  /// Adds a factor that stands on one dim (or `kNone`) of each operand and of
  /// each result. Factors of one dim are added major first.
  RuleBuilder &add(int64_t size, llvm::ArrayRef<int> operandDims,
                   llvm::ArrayRef<int> resultDims,
                   FactorKind kind = FactorKind::Parallel,
                   ReduceKind reduce = ReduceKind::Add);
  RuleBuilder &addReduction(int64_t size, llvm::ArrayRef<int> operandDims,
                            ReduceKind reduce);
  RuleBuilder &addBlocked(int64_t size, llvm::ArrayRef<int> operandDims,
                          llvm::ArrayRef<int> resultDims,
                          llvm::StringLiteral reason);
  /// Adds a parallel factor on `dim` of the first `count` operands, all read by
  /// the same window, and of the results: as large a one as divides both.
  RuleBuilder &addWindow(int count, int dim, int64_t scale, int64_t offset,
                         int64_t extent);
  /// One parallel factor per dim, the same on all operands and results;
  /// operands of rank 0 take no part. An operation per element.
  RuleBuilder &addPointwise();
  RuleBuilder &linearIn(llvm::ArrayRef<int> operands);

  /// Finishes: every dim of size > 1 without a factor gets a blocked one.
  Rule build(llvm::StringLiteral reason = "is not partitioned by its rule");

  Rule rule;

private:
  llvm::SmallVector<llvm::SmallVector<int64_t, 4>, 2> operandShapes;
  llvm::SmallVector<llvm::SmallVector<int64_t, 4>, 1> resultShapes;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_RULE_H
