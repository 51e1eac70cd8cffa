//===- Reports.h - Reports as Python objects --------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PY_REPORTS_H
#define PARTIR_PY_REPORTS_H

#include "compiler/engine/Strategies.h"
#include "compiler/passes/Program.h"

#include <nanobind/nanobind.h>

#include <vector>

namespace partir {

nanobind::dict toPython(const ActionReport &report);
nanobind::dict toPython(const CollectiveReport &report);
nanobind::dict toPython(const Decision &report);
nanobind::dict toPython(const Suggestion &report);
nanobind::dict toPython(const ConflictReport &report);
nanobind::dict toPython(const StopReport &report);
nanobind::dict toPython(const AxisReport &report);
nanobind::dict toPython(const ValueReport &report);
nanobind::dict toPython(const BufferReport &report);
nanobind::dict toPython(const EventReport &report);
nanobind::dict toPython(const EstimateReport &report);
nanobind::dict toPython(const SearchReport &report);
nanobind::dict toPython(const engine::Strategies &strategies,
                        const ProgramGraph &graph);

template <typename T> nanobind::list toPython(const std::vector<T> &reports) {
  nanobind::list result;
  for (const T &report : reports)
    result.append(toPython(report));
  return result;
}

} // namespace partir

#endif // PARTIR_PY_REPORTS_H
