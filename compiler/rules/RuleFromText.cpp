//===- RuleFromText.cpp - The rule of an op by its text -------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fits a text to an op: each name gets the size of the dims that bear it.
//
//===----------------------------------------------------------------------===//

#include "compiler/rules/RuleText.h"
#include "compiler/rules/Rules.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <optional>

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Factor;
using engine::FactorKind;
using engine::Rule;
using engine::RuleBuilder;
using llvm::formatv;

namespace {

/// What dims of one name have in common.
struct Name {
  std::string text;
  std::optional<int64_t> size;
  /// The dim that told the size.
  std::string source;
  bool isOperands = false, isResults = false;
};

/// A dim of the op and its names, major first.
struct Dim {
  int64_t size;
  std::string text;
  SmallVector<int, 1> names;
};

class Fitting {
public:
  Fitting(const RuleText &text, Operation *op, std::string &error)
      : text(text), op(op), error(error) {}

  FailureOr<Rule> run();

private:
  LogicalResult fail(const Twine &what) {
    error = what.str();
    return failure();
  }

  LogicalResult matchValues(ArrayRef<RuleTextValue> texts, ValueRange values,
                            StringRef what, bool isOperands);
  LogicalResult matchValue(const RuleTextValue &text, Value value,
                           const std::string &what, bool isOperands);
  LogicalResult setNumLeading(int64_t count, const std::string &what);
  int getName(const std::string &name);
  LogicalResult inferSizes();
  LogicalResult checkSize(const Dim &dim);
  LogicalResult checkSizes() {
    for (const SmallVector<Dim> &dims : values)
      for (const Dim &dim : dims)
        if (failed(checkSize(dim)))
          return failure();
    return success();
  }
  LogicalResult checkReductions();
  Factor factorOf(const Name &name) const;
  Rule build() const;

  const RuleText &text;
  Operation *op;
  std::string &error;
  SmallVector<Name> names;
  /// By value: first the operands, then the results.
  SmallVector<SmallVector<Dim>> values;
  /// How many dims "..." stands for, and in which value.
  int64_t numLeading = -1;
  std::string leadingSource;
};

} // namespace

FailureOr<Rule> Fitting::run() {
  if (failed(matchValues(text.operands, op->getOperands(), "operand",
                         /*isOperands=*/true)) ||
      failed(matchValues(text.results, op->getResults(), "result",
                         /*isOperands=*/false)) ||
      failed(inferSizes()) || failed(checkSizes()) || failed(checkReductions()))
    return failure();
  return build();
}

LogicalResult Fitting::matchValues(ArrayRef<RuleTextValue> texts,
                                   ValueRange found, StringRef what,
                                   bool isOperands) {
  // Nothing is written like one scalar.
  bool isNothing = texts.size() == 1 && texts.front().dims.empty() &&
                   !texts.front().hasLeading;
  if (found.empty() && isNothing)
    return success();
  if (texts.size() != found.size())
    return fail(formatv("the rule has {0} {1}(s), and the op {2}", texts.size(),
                        what, found.size()));
  for (auto [number, pair] : llvm::enumerate(llvm::zip_equal(texts, found))) {
    auto [text, value] = pair;
    if (failed(matchValue(text, value, formatv("{0} {1}", what, number),
                          isOperands)))
      return failure();
  }
  return success();
}

LogicalResult Fitting::matchValue(const RuleTextValue &text, Value value,
                                  const std::string &what, bool isOperands) {
  ArrayRef<int64_t> shape = shapeOf(value);
  int64_t extra = static_cast<int64_t>(shape.size()) -
                  static_cast<int64_t>(text.dims.size());
  if (extra < 0 || (extra > 0 && !text.hasLeading))
    return fail(formatv("{0} has {1} dim(s), and the rule gives it {2}{3}",
                        what, shape.size(), text.hasLeading ? "at least " : "",
                        text.dims.size()));
  if (text.hasLeading && failed(setNumLeading(extra, what)))
    return failure();
  SmallVector<Dim> &dims = values.emplace_back();
  for (auto [number, size] : llvm::enumerate(shape)) {
    Dim &dim = dims.emplace_back(
        Dim{size, formatv("dim {0} of {1}", number, what), {}});
    int64_t named = static_cast<int64_t>(number) - extra;
    if (named < 0)
      dim.names.push_back(getName(formatv("...[{0}]", number)));
    else
      for (StringRef name : text.dims[named])
        dim.names.push_back(getName(name.str()));
    for (int name : dim.names)
      (isOperands ? names[name].isOperands : names[name].isResults) = true;
  }
  return success();
}

LogicalResult Fitting::setNumLeading(int64_t count, const std::string &what) {
  if (numLeading >= 0 && numLeading != count)
    return fail(formatv("\"...\" stands for {0} dim(s) of {1} and for {2} of "
                        "{3}; it must be the same number everywhere",
                        numLeading, leadingSource, count, what));
  numLeading = count;
  leadingSource = what;
  return success();
}

int Fitting::getName(const std::string &text) {
  auto *found =
      llvm::find_if(names, [&](const Name &name) { return name.text == text; });
  if (found == names.end()) {
    names.emplace_back().text = text;
    return names.size() - 1;
  }
  return found - names.begin();
}

/// First from the dims of one name, then from those of which one is left.
LogicalResult Fitting::inferSizes() {
  bool isChanged = true;
  while (isChanged) {
    isChanged = false;
    for (SmallVector<Dim> &dims : values)
      for (const Dim &dim : dims) {
        int64_t known = 1;
        SmallVector<int> unknown;
        for (int name : dim.names)
          if (names[name].size)
            known *= *names[name].size;
          else
            unknown.push_back(name);
        if (unknown.size() != 1 || known == 0)
          continue;
        if (dim.size % known != 0)
          return fail(formatv("{0} is of size {1}, which {2}, the size of its "
                              "other names, does not divide",
                              dim.text, dim.size, known));
        names[unknown.front()].size = dim.size / known;
        names[unknown.front()].source = dim.text;
        isChanged = true;
      }
  }
  return success();
}

/// Checks that the sizes of a dim's names are known and make up its own.
LogicalResult Fitting::checkSize(const Dim &dim) {
  int64_t product = 1;
  for (int name : dim.names) {
    if (!names[name].size)
      return fail(formatv("nothing tells the size of \"{0}\" in {1}; it must "
                          "be that of a dim, or what the other names of a dim "
                          "leave",
                          names[name].text, dim.text));
    product *= *names[name].size;
  }
  if (product == dim.size || dim.names.empty())
    return success();
  const Name &name = names[dim.names.front()];
  if (dim.names.size() == 1)
    return fail(formatv("\"{0}\" is of size {1} in {2} and of size {3} in {4}; "
                        "dims of one name must be of one size",
                        name.text, *name.size, name.source, dim.size,
                        dim.text));
  return fail(formatv("{0} is of size {1}, and its names multiply to {2}",
                      dim.text, dim.size, product));
}

/// "and" and "or" are those of booleans.
LogicalResult Fitting::checkReductions() {
  for (auto [name, kind] : text.reductions)
    if (kind == engine::ReduceKind::And || kind == engine::ReduceKind::Or)
      for (auto [number, result] : llvm::enumerate(op->getResults()))
        if (!elementTypeOf(result).isInteger(1))
          return fail(
              formatv("\"{0}\" is reduced by \"{1}\", and result {2} is "
                      "not of booleans",
                      name, engine::stringify(kind), number));
  return success();
}

Factor Fitting::factorOf(const Name &name) const {
  Factor factor;
  factor.size = *name.size;
  if (name.isOperands && name.isResults)
    return factor;
  for (auto [reduced, kind] : text.reductions)
    if (reduced == name.text) {
      factor.kind = FactorKind::Reduce;
      factor.reduce = kind;
      return factor;
    }
  factor.kind = FactorKind::Blocked;
  factor.reason = "is needed whole";
  return factor;
}

Rule Fitting::build() const {
  RuleBuilder builder = builderFor(op);
  SmallVector<int> factors;
  for (const Name &name : names) {
    // A factor of size 1 cannot be tiled.
    factors.push_back(*name.size > 1
                          ? static_cast<int>(builder.rule.factors.size())
                          : RuleBuilder::kNone);
    if (*name.size > 1)
      builder.rule.factors.push_back(factorOf(name));
  }
  size_t numOperands = op->getNumOperands();
  for (auto [number, dims] : llvm::enumerate(values)) {
    engine::ValueFactors &value =
        number < numOperands ? builder.rule.operands[number]
                             : builder.rule.results[number - numOperands];
    for (auto [to, from] : llvm::zip_equal(value, dims))
      for (int name : from.names)
        if (factors[name] != RuleBuilder::kNone)
          to.push_back(factors[name]);
  }
  return builder.build("is needed whole");
}

FailureOr<Rule> partir::applyRuleText(StringRef text, Operation *op,
                                      std::string &error) {
  FailureOr<RuleText> parsed = parseRuleText(text, error);
  if (failed(parsed))
    return failure();
  FailureOr<Rule> rule = Fitting(*parsed, op, error).run();
  if (failed(rule))
    error = formatv("{0}, \"{1}\"", error, text).str();
  return rule;
}
