//===- RuleText.cpp - Reads partition rules as users write them -----------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/rules/RuleText.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"

#include <optional>

using namespace mlir;
using namespace partir;
using engine::ReduceKind;
using llvm::formatv;

static bool isNameStart(char c) { return llvm::isAlpha(c) || c == '_'; }
static bool isNamePart(char c) { return llvm::isAlnum(c) || c == '_'; }

namespace {
class Parser {
public:
  Parser(StringRef text, std::string &error) : text(text), error(error) {
    advance();
  }

  FailureOr<RuleText> parse();

private:
  /// Goes to the next token: a name, a mark, or at the end an empty one.
  void advance();
  bool isAt(StringRef mark) const { return token == mark; }
  bool isAtName() const {
    return !token.empty() && isNameStart(token.front()) && !isAt("_");
  }
  bool consume(StringRef mark) {
    if (!isAt(mark))
      return false;
    advance();
    return true;
  }

  LogicalResult fail(StringRef at, const Twine &what);
  LogicalResult expected(const Twine &what) {
    return fail(token, "expected " + what);
  }

  LogicalResult parseValues(SmallVectorImpl<RuleTextValue> &values);
  LogicalResult parseValue(RuleTextValue &value);
  LogicalResult parseGroup(SmallVectorImpl<StringRef> &names);
  LogicalResult parseName(SmallVectorImpl<StringRef> &names);
  LogicalResult parseReduction(RuleText &rule);

  StringRef text;
  std::string &error;
  StringRef token;
  /// The names of the value that is being read.
  SmallVector<StringRef> valueNames;
};
} // namespace

void Parser::advance() {
  StringRef rest =
      text.drop_front(token.empty() ? 0 : token.end() - text.begin());
  rest = rest.ltrim();
  if (rest.empty())
    token = rest;
  else if (isNameStart(rest.front()))
    token = rest.take_while(isNamePart);
  else if (rest.starts_with("..."))
    token = rest.take_front(3);
  else
    token = rest.take_front(rest.starts_with("->") ? 2 : 1);
}

LogicalResult Parser::fail(StringRef at, const Twine &what) {
  std::string where = at.empty() ? std::string("its end")
                                 : formatv("character {0}, \"{1}\"",
                                           at.begin() - text.begin() + 1, at)
                                       .str();
  error = formatv("the rule \"{0}\" is wrong at {1}: {2}", text, where, what);
  return failure();
}

FailureOr<RuleText> Parser::parse() {
  RuleText rule;
  if (failed(parseValues(rule.operands)))
    return failure();
  if (!consume("->"))
    return expected("a dim (a name, \"_\" or names in parentheses), \",\" or "
                    "\"->\"");
  if (failed(parseValues(rule.results)))
    return failure();
  if (consume("|")) {
    do
      if (failed(parseReduction(rule)))
        return failure();
    while (consume(","));
    if (!token.empty())
      return expected("\",\" or the end");
  }
  if (!token.empty())
    return expected("a dim (a name, \"_\" or names in parentheses), \",\", "
                    "\"|\" or the end");
  return rule;
}

LogicalResult Parser::parseValues(SmallVectorImpl<RuleTextValue> &values) {
  do
    if (failed(parseValue(values.emplace_back())))
      return failure();
  while (consume(","));
  return success();
}

LogicalResult Parser::parseValue(RuleTextValue &value) {
  valueNames.clear();
  value.hasLeading = consume("...");
  while (isAt("_") || isAt("(") || isAtName()) {
    auto &names = value.dims.emplace_back();
    if (consume("_"))
      continue;
    if (failed(isAt("(") ? parseGroup(names) : parseName(names)))
      return failure();
  }
  if (isAt("..."))
    return fail(token, "\"...\" can only be the first of a value's dims");
  return success();
}

/// `(h d)`.
LogicalResult Parser::parseGroup(SmallVectorImpl<StringRef> &names) {
  advance();
  do {
    if (!isAtName())
      return expected("a name");
    if (failed(parseName(names)))
      return failure();
  } while (isAtName());
  if (!consume(")"))
    return expected("a name or \")\"");
  return success();
}

LogicalResult Parser::parseName(SmallVectorImpl<StringRef> &names) {
  if (llvm::is_contained(valueNames, token))
    return fail(token, "a value has this name already; each of its dims needs "
                       "a name of its own");
  valueNames.push_back(token);
  names.push_back(token);
  advance();
  return success();
}

static bool has(ArrayRef<RuleTextValue> values, StringRef name) {
  return llvm::any_of(values, [&](const RuleTextValue &value) {
    return llvm::any_of(value.dims, [&](const auto &names) {
      return llvm::is_contained(names, name);
    });
  });
}

/// `k: add`.
LogicalResult Parser::parseReduction(RuleText &rule) {
  if (!isAtName())
    return expected("the name of a dim that is reduced");
  StringRef name = token;
  if (!has(rule.operands, name) || has(rule.results, name))
    return fail(name, "a dim that is reduced must be one of an operand, and of "
                      "no result");
  if (llvm::is_contained(llvm::make_first_range(rule.reductions), name))
    return fail(name, "it is reduced already");
  advance();
  if (!consume(":"))
    return expected("\":\"");
  auto kind = llvm::StringSwitch<std::optional<ReduceKind>>(token)
                  .Case("add", ReduceKind::Add)
                  .Case("max", ReduceKind::Max)
                  .Case("min", ReduceKind::Min)
                  .Case("mul", ReduceKind::Mul)
                  .Case("and", ReduceKind::And)
                  .Case("or", ReduceKind::Or)
                  .Default(std::nullopt);
  if (!kind)
    return expected("one of add, max, min, mul, and, or");
  rule.reductions.push_back({name, *kind});
  advance();
  return success();
}

FailureOr<RuleText> partir::parseRuleText(StringRef text, std::string &error) {
  return Parser(text, error).parse();
}
