//===- InnerNames.h - What values inside a program are called ---*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A schedule can address the result of an op by the op's name, its place in
// the source, and which of those that have both it is, in program order:
// `stablehlo.dot_general@model.py:12:9#0`. Several results have their number
// behind that: `...#0.1`.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_INNERNAMES_H
#define PARTIR_PASSES_INNERNAMES_H

#include "compiler/passes/ProgramGraph.h"

namespace partir {

class InnerNames {
public:
  explicit InnerNames(const ProgramGraph &program);

  /// Empty for a value that has no such name: one that is only handed on.
  llvm::StringRef nameOf(engine::ValueId value) const { return names[value]; }
  std::optional<engine::ValueId> find(llvm::StringRef name) const;

private:
  std::vector<std::string> names;
  llvm::StringMap<engine::ValueId> values;
};

} // namespace partir

#endif // PARTIR_PASSES_INNERNAMES_H
