//===- InnerNames.cpp - What values inside a program are called -----------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/InnerNames.h"

#include "compiler/passes/Explain.h"

using namespace mlir;
using namespace partir;

InnerNames::InnerNames(const ProgramGraph &program)
    : names(program.graph.values.size()) {
  llvm::StringMap<int> counts;
  for (auto [number, node] : llvm::enumerate(program.graph.nodes)) {
    if (node.isTie || node.results.empty())
      continue;
    Operation *op = program.opOf(number);
    std::string place =
        (op->getName().getStringRef() + "@" + sourceText(op->getLoc())).str();
    int count = counts[place]++;
    for (auto [result, value] : llvm::enumerate(node.results)) {
      names[value] = place + "#" + std::to_string(count);
      if (node.results.size() > 1)
        names[value] += "." + std::to_string(result);
      values[names[value]] = value;
    }
  }
}

std::optional<engine::ValueId> InnerNames::find(StringRef name) const {
  auto found = values.find(name);
  if (found == values.end())
    return std::nullopt;
  return found->second;
}
