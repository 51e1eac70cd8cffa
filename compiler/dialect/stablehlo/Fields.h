//===- Fields.h - `<name = value, ...>` of attributes -----------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_STABLEHLO_FIELDS_H
#define PARTIR_DIALECT_STABLEHLO_FIELDS_H

#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/SmallVector.h"

#include <functional>

namespace partir::stablehlo::detail {

/// Reads `<name = value, ...>` in any order, a name at most once.
class FieldReader {
public:
  using Read = std::function<mlir::ParseResult()>;

  explicit FieldReader(mlir::AsmParser &parser) : parser(parser) {}

  void add(llvm::StringRef name, llvm::SmallVectorImpl<int64_t> &dims);
  void add(llvm::StringRef name, Read read);
  /// A field that must be there.
  void require(llvm::StringRef name, Read read);

  mlir::ParseResult parse();

private:
  struct Field {
    llvm::StringRef name;
    bool required;
    Read read;
    bool seen = false;
  };

  mlir::ParseResult parseField();

  mlir::AsmParser &parser;
  llvm::SmallVector<Field> fields;
};

/// Writes `<name = value, ...>`; closes it when destroyed.
class FieldWriter {
public:
  explicit FieldWriter(mlir::AsmPrinter &printer) : printer(printer) {
    printer << '<';
  }
  ~FieldWriter() { printer << '>'; }
  FieldWriter(const FieldWriter &) = delete;

  /// The stream, after the field's name.
  mlir::AsmPrinter &field(llvm::StringRef name);

  FieldWriter &dims(llvm::StringRef name, llvm::ArrayRef<int64_t> dims);
  template <typename T> FieldWriter &value(llvm::StringRef name, T value) {
    field(name) << value;
    return *this;
  }
  /// Nothing for an empty list or a zero.
  FieldWriter &optional(llvm::StringRef name, llvm::ArrayRef<int64_t> dims);
  FieldWriter &optional(llvm::StringRef name, int64_t value);

private:
  mlir::AsmPrinter &printer;
  bool first = true;
};

/// `[0, 1]`
mlir::ParseResult parseDims(mlir::AsmParser &parser,
                            llvm::SmallVectorImpl<int64_t> &dims);
void printDims(mlir::AsmPrinter &printer, llvm::ArrayRef<int64_t> dims);

} // namespace partir::stablehlo::detail

#endif // PARTIR_DIALECT_STABLEHLO_FIELDS_H
