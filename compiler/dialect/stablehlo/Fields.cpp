//===- Fields.cpp - `<name = value, ...>` of attributes -------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Fields.h"

using namespace mlir;
using namespace partir::stablehlo::detail;

void FieldReader::add(StringRef name, SmallVectorImpl<int64_t> &dims) {
  add(name, [this, &dims] { return parseDims(parser, dims); });
}

void FieldReader::add(StringRef name, Read read) {
  fields.push_back({name, /*required=*/false, std::move(read)});
}

void FieldReader::require(StringRef name, Read read) {
  fields.push_back({name, /*required=*/true, std::move(read)});
}

ParseResult FieldReader::parse() {
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater,
                                     [&] { return parseField(); }))
    return failure();
  for (const Field &field : fields)
    if (field.required && !field.seen)
      return parser.emitError(loc) << "missing field '" << field.name << "'";
  return success();
}

ParseResult FieldReader::parseField() {
  SMLoc loc = parser.getCurrentLocation();
  StringRef name;
  if (parser.parseKeyword(&name))
    return failure();
  for (Field &field : fields) {
    if (field.name != name)
      continue;
    if (field.seen)
      return parser.emitError(loc) << "field '" << name << "' occurs twice";
    field.seen = true;
    return failure(parser.parseEqual() || field.read());
  }
  InFlightDiagnostic diag = parser.emitError(loc) << "unknown field '" << name
                                                  << "', expected one of ";
  llvm::interleaveComma(fields, diag, [&](const Field &field) {
    diag << "'" << field.name << "'";
  });
  return diag;
}

AsmPrinter &FieldWriter::field(StringRef name) {
  if (!first)
    printer << ", ";
  first = false;
  return printer << name << " = ";
}

FieldWriter &FieldWriter::dims(StringRef name, ArrayRef<int64_t> dims) {
  printDims(field(name), dims);
  return *this;
}

FieldWriter &FieldWriter::optional(StringRef name, ArrayRef<int64_t> dims) {
  return dims.empty() ? *this : this->dims(name, dims);
}

FieldWriter &FieldWriter::optional(StringRef name, int64_t value) {
  return value == 0 ? *this : this->value(name, value);
}

ParseResult
partir::stablehlo::detail::parseDims(AsmParser &parser,
                                     SmallVectorImpl<int64_t> &dims) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
    return parser.parseInteger(dims.emplace_back());
  });
}

void partir::stablehlo::detail::printDims(AsmPrinter &printer,
                                          ArrayRef<int64_t> dims) {
  printer << '[';
  llvm::interleaveComma(dims, printer);
  printer << ']';
}
