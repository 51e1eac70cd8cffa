//===- ValueReport.cpp - How one value is laid out, and why ---------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/ValueReport.h"

#include "compiler/engine/Causes.h"
#include "compiler/engine/ValueSites.h"
#include "compiler/rules/RuleInterfaces.h"

using namespace mlir;
using namespace partir;

namespace {

class ValueReporter {
public:
  ValueReporter(const ProgramGraph &program, const engine::Plan &plan)
      : program(program), plan(plan), explainer(program, plan.state) {
    plan.forEachStep([&](const engine::Step &step, const engine::Site &site) {
      if (step.isCollective())
        collectives.push_back({&step, site});
    });
  }

  ValueReport report(const ValueRef &ref) const {
    const engine::Value &value = graph().values[ref.value];
    engine::Layout layout = ref.output == engine::kNone
                                ? plan.stored(ref.value).joined()
                                : plan.output(ref.output);
    ValueReport report;
    if (value.producer != engine::kNone)
      report.op = getLabel(program.opOf(value.producer));
    report.loc = explainer.sourceOf(ref.value);
    report.shape.assign(value.shape.begin(), value.shape.end());
    auto local = engine::localShape(value, layout);
    report.localShape.assign(local.begin(), local.end());
    report.dtype = dtypeText(program.valueOf(ref.value));
    report.spec = specOf(graph().mesh, layout);
    for (auto [dim, axes] : llvm::enumerate(layout.dims))
      for (const engine::AxisRef &axis : axes)
        report.axes.push_back(reportAxis(ref.value, axis, dim));
    for (const engine::AxisRef &axis : plan.partialAxes(ref.value))
      report.partial.push_back(axisText(graph().mesh, axis));
    engine::ValueSites sites(plan, ref.value);
    for (auto &[step, site] : collectives)
      if (sites.contains(site))
        report.collectives.push_back(
            makeReport(explainer, program, plan, *step, site));
    return report;
  }

private:
  const engine::Graph &graph() const { return plan.state.graph; }

  AxisReport reportAxis(engine::ValueId value, const engine::AxisRef &axis,
                        int dim) const {
    AxisReport report{axisText(graph().mesh, axis), dim, "", {}};
    int cause = engine::causeOfAxis(plan, value, axis);
    if (cause == engine::kNone)
      return report;
    report.tactic = plan.state.causes[cause].tactic;
    report.chain = explainer.decisions(cause);
    return report;
  }

  const ProgramGraph &program;
  const engine::Plan &plan;
  Explainer explainer;
  std::vector<std::pair<const engine::Step *, engine::Site>> collectives;
};

} // namespace

std::vector<ValueReport> partir::reportValues(const ProgramGraph &program,
                                              const engine::Plan &plan,
                                              ArrayRef<ValueRef> values) {
  ValueReporter reporter(program, plan);
  std::vector<ValueReport> reports;
  for (const ValueRef &value : values)
    reports.push_back(reporter.report(value));
  return reports;
}
