//===- ValueReport.h - How one value is laid out, and why -------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_VALUEREPORT_H
#define PARTIR_PASSES_VALUEREPORT_H

#include "compiler/passes/Report.h"

namespace partir {

/// An axis on a dim of a value, with the decisions back to an action.
struct AxisReport {
  std::string axis;
  int dim;
  std::string tactic;
  std::vector<Decision> chain;
};

struct ValueReport {
  /// What makes it, and where; both empty for an input.
  std::string op, loc;
  std::vector<int64_t> shape, localShape;
  std::string dtype;
  Spec spec;
  std::vector<AxisReport> axes;
  /// The axes over which it is kept as a partial result.
  std::vector<std::string> partial;
  /// Those on the value in all its forms, in program order.
  std::vector<CollectiveReport> collectives;
};

/// A value; for a result of the program also its number.
struct ValueRef {
  engine::ValueId value;
  int output = engine::kNone;
};

std::vector<ValueReport> reportValues(const ProgramGraph &program,
                                      const engine::Plan &plan,
                                      llvm::ArrayRef<ValueRef> values);

} // namespace partir

#endif // PARTIR_PASSES_VALUEREPORT_H
