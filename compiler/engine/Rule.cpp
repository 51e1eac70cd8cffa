//===- Rule.cpp - How the dims of an op hang together ---------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rule builder, and rules as text.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Rule.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <numeric>

using namespace partir::engine;
using llvm::ArrayRef;

llvm::StringRef partir::engine::stringify(ReduceKind kind) {
  switch (kind) {
  case ReduceKind::Add:
    return "add";
  case ReduceKind::Max:
    return "max";
  case ReduceKind::Min:
    return "min";
  case ReduceKind::Mul:
    return "mul";
  case ReduceKind::And:
    return "and";
  case ReduceKind::Or:
    return "or";
  case ReduceKind::Joint:
    return "joint";
  }
  return "unknown";
}

bool Factor::operator==(const Factor &other) const {
  return size == other.size && kind == other.kind && reduce == other.reduce &&
         isIndexed == other.isIndexed && reason == other.reason;
}

bool Window::operator==(const Window &other) const {
  return operand == other.operand && factor == other.factor &&
         scale == other.scale && offset == other.offset &&
         extent == other.extent;
}

bool Rule::isWindowed(int factor) const {
  return llvm::any_of(
      windows, [&](const Window &window) { return window.factor == factor; });
}

const Window *Rule::findWindow(int operand, int factor) const {
  for (const Window &window : windows)
    if (window.operand == operand && window.factor == factor)
      return &window;
  return nullptr;
}

bool Rule::operator==(const Rule &other) const {
  return factors == other.factors && operands == other.operands &&
         results == other.results && windows == other.windows &&
         linear == other.linear && once == other.once && isSum == other.isSum &&
         unread == other.unread && isPointwise == other.isPointwise &&
         isIdentity == other.isIdentity && isCheap == other.isCheap &&
         isZero == other.isZero && cost == other.cost;
}

llvm::hash_code partir::engine::hash_value(const Rule &rule) {
  llvm::hash_code hash =
      llvm::hash_combine(rule.operands.size(), rule.results.size(), rule.isSum,
                         rule.isPointwise, rule.linear.size());
  for (const Factor &factor : rule.factors)
    hash = llvm::hash_combine(hash, factor.size,
                              static_cast<uint8_t>(factor.kind));
  for (const Window &window : rule.windows)
    hash = llvm::hash_combine(hash, window.operand, window.factor, window.scale,
                              window.offset, window.extent);
  auto addValues = [&](ArrayRef<ValueFactors> values) {
    for (const ValueFactors &value : values)
      for (const DimFactors &dim : value)
        hash = llvm::hash_combine(
            hash, llvm::hash_combine_range(dim.begin(), dim.end()));
  };
  addValues(rule.operands);
  addValues(rule.results);
  return hash;
}

int partir::engine::dimOf(const ValueFactors &value, int factor) {
  for (auto [dim, factors] : llvm::enumerate(value))
    if (llvm::is_contained(factors, factor))
      return static_cast<int>(dim);
  return -1;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

/// i, j, ..., z, a, ..., h, then the same with a number.
static void printFactorName(llvm::raw_ostream &os, int factor) {
  os << static_cast<char>('a' + (factor + ('i' - 'a')) % 26);
  if (factor >= 26)
    os << factor / 26;
}

static void printValues(llvm::raw_ostream &os, ArrayRef<ValueFactors> values) {
  os << '(';
  llvm::interleaveComma(values, os, [&](const ValueFactors &value) {
    os << '[';
    llvm::interleaveComma(value, os, [&](const DimFactors &dim) {
      if (dim.empty())
        os << '1';
      for (int factor : dim)
        printFactorName(os, factor);
    });
    os << ']';
  });
  os << ')';
}

/// `i=2r-1+[0,3)`.
static void printWindow(llvm::raw_ostream &os, const Window &window) {
  printFactorName(os, window.factor);
  os << '=';
  if (window.scale == -1)
    os << '-';
  else if (window.scale != 1)
    os << window.scale;
  os << 'r';
  if (window.offset > 0)
    os << '+';
  if (window.offset != 0)
    os << window.offset;
  if (window.extent != 1)
    os << "+[0," << window.extent << ')';
}

std::string Rule::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  printValues(os, operands);
  os << " -> ";
  printValues(os, results);

  auto printFactors = [&](llvm::StringRef label, auto included, auto print) {
    bool first = true;
    for (auto [i, factor] : llvm::enumerate(factors)) {
      if (!included(factor))
        continue;
      os << (first ? label : llvm::StringRef(", "));
      first = false;
      printFactorName(os, i);
      print(factor);
    }
    if (!first)
      os << '}';
  };
  printFactors(
      " {", [](const Factor &) { return true; },
      [&](const Factor &factor) { os << '=' << factor.size; });
  printFactors(
      " reduction={",
      [](const Factor &factor) { return factor.kind == FactorKind::Reduce; },
      [&](const Factor &factor) { os << ':' << stringify(factor.reduce); });
  printFactors(
      " blocked={",
      [](const Factor &factor) { return factor.kind == FactorKind::Blocked; },
      [&](const Factor &factor) { os << ": " << factor.reason; });
  printFactors(
      " indexed={", [](const Factor &factor) { return factor.isIndexed; },
      [](const Factor &) {});
  // The operands of an op are all read by the same windows.
  auto isFirst = [](const Window &window) { return window.operand == 0; };
  if (!windows.empty()) {
    os << " window={";
    llvm::interleaveComma(
        llvm::make_filter_range(windows, isFirst), os,
        [&](const Window &window) { printWindow(os, window); });
    os << '}';
  }
  if (!linear.empty()) {
    os << " linear=[";
    llvm::interleave(linear, os, ",");
    os << ']';
  }
  if (!once.empty()) {
    os << " once=[";
    llvm::interleave(once, os, ",");
    os << ']';
  }
  if (!unread.empty()) {
    os << " unread=[";
    llvm::interleave(unread, os, ",");
    os << ']';
  }
  if (isSum)
    os << " sum";
  if (isPointwise)
    os << " pointwise";
  if (isIdentity)
    os << " identity";
  if (isCheap)
    os << " cheap";
  if (isZero)
    os << " zero";
  return text;
}

//===----------------------------------------------------------------------===//
// Builder
//===----------------------------------------------------------------------===//

RuleBuilder::RuleBuilder(ArrayRef<ArrayRef<int64_t>> operandShapes,
                         ArrayRef<ArrayRef<int64_t>> resultShapes) {
  rule.operands.resize(operandShapes.size());
  for (auto [shape, factors] : llvm::zip_equal(operandShapes, rule.operands)) {
    this->operandShapes.emplace_back(shape);
    factors.resize(shape.size());
  }
  rule.results.resize(resultShapes.size());
  for (auto [shape, factors] : llvm::zip_equal(resultShapes, rule.results)) {
    this->resultShapes.emplace_back(shape);
    factors.resize(shape.size());
  }
}

/// Puts `factor` on the given dim of each value. Dims a value does not have
/// are passed over: an op that its verifier let through must not crash a rule.
static void place(int factor, ArrayRef<int> dims,
                  llvm::MutableArrayRef<ValueFactors> values) {
  for (auto [dim, value] : llvm::zip(dims, values))
    if (dim >= 0 && dim < static_cast<int>(value.size()))
      value[dim].push_back(factor);
}

RuleBuilder &RuleBuilder::add(int64_t size, ArrayRef<int> operandDims,
                              ArrayRef<int> resultDims, FactorKind kind,
                              ReduceKind reduce) {
  // A factor of size 1 cannot be tiled and would only clutter the rule.
  if (size <= 1)
    return *this;
  int index = rule.factors.size();
  Factor factor;
  factor.size = size;
  factor.kind = kind;
  factor.reduce = reduce;
  rule.factors.push_back(factor);
  place(index, operandDims, rule.operands);
  place(index, resultDims, rule.results);
  return *this;
}

RuleBuilder &RuleBuilder::addReduction(int64_t size, ArrayRef<int> operandDims,
                                       ReduceKind reduce) {
  return add(size, operandDims, {}, FactorKind::Reduce, reduce);
}

RuleBuilder &RuleBuilder::addBlocked(int64_t size, ArrayRef<int> operandDims,
                                     ArrayRef<int> resultDims,
                                     llvm::StringLiteral reason) {
  if (size <= 1)
    return *this;
  add(size, operandDims, resultDims, FactorKind::Blocked);
  rule.factors.back().reason = reason;
  return *this;
}

RuleBuilder &RuleBuilder::addWindow(int count, int dim, int64_t scale,
                                    int64_t offset, int64_t extent) {
  int64_t from = operandShapes.front()[dim], to = resultShapes.front()[dim];
  int64_t size = std::gcd(from, to);
  llvm::SmallVector<int, 4> operandDims(count, dim);
  llvm::SmallVector<int, 4> resultDims(resultShapes.size(), dim);
  if (size <= 1) {
    addBlocked(from, operandDims, {},
               "has no divisor in common with the result's");
    return addBlocked(to, {}, resultDims,
                      "has no divisor in common with the operand's");
  }
  int factor = rule.factors.size();
  add(size, operandDims, resultDims);
  for (int operand = 0; operand < count; ++operand)
    rule.windows.push_back({operand, factor, scale, offset, extent});
  return *this;
}

RuleBuilder &RuleBuilder::addPointwise() {
  rule.isPointwise = true;
  ArrayRef<int64_t> shape;
  if (!resultShapes.empty())
    shape = resultShapes.front();
  else if (!operandShapes.empty())
    shape = operandShapes.front();
  rule.cost.flops = 1;
  for (auto [dim, size] : llvm::enumerate(shape)) {
    rule.cost.flops *= static_cast<double>(size);
    if (size <= 1)
      continue;
    int index = rule.factors.size();
    rule.factors.emplace_back().size = size;
    auto placeIn = [&, dim = dim, size = size](auto &shapes, auto &values) {
      for (auto [valueShape, value] : llvm::zip_equal(shapes, values))
        if (valueShape.size() == shape.size() && valueShape[dim] == size)
          value[dim].push_back(index);
    };
    placeIn(operandShapes, rule.operands);
    placeIn(resultShapes, rule.results);
  }
  return *this;
}

RuleBuilder &RuleBuilder::linearIn(ArrayRef<int> operands) {
  rule.linear.append(operands.begin(), operands.end());
  return *this;
}

Rule RuleBuilder::build(llvm::StringLiteral reason) {
  auto finish = [&](auto &shapes, auto &values) {
    for (auto [shape, value] : llvm::zip_equal(shapes, values)) {
      for (auto [size, dim] : llvm::zip_equal(shape, value)) {
        if (dim.empty()) {
          if (size <= 1)
            continue;
          dim.push_back(rule.factors.size());
          Factor &factor = rule.factors.emplace_back();
          factor.size = size;
          factor.kind = FactorKind::Blocked;
          factor.reason = reason;
          continue;
        }
        int64_t product = 1;
        for (int factor : dim)
          product *= rule.factors[factor].size;
        // A window moves elements: only chunks of its factor are to divide.
        bool isWindowed = llvm::any_of(
            dim, [&](int factor) { return rule.isWindowed(factor); });
        if (isWindowed ? size % product == 0 : product == size)
          continue;
        for (int index : dim) {
          Factor &factor = rule.factors[index];
          factor.kind = FactorKind::Blocked;
          factor.reason = llvm::StringLiteral("differs between its values");
        }
      }
    }
  };
  finish(operandShapes, rule.operands);
  finish(resultShapes, rule.results);
  return std::move(rule);
}
