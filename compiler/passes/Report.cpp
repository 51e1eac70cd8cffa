//===- Report.cpp - What a partitioned program costs ----------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Report.h"

#include "compiler/engine/Causes.h"
#include "compiler/passes/CoreState.h"
#include "compiler/passes/Passes.h"
#include "compiler/rules/RuleInterfaces.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

namespace partir {
#define GEN_PASS_DEF_REPORTPASS
#include "compiler/passes/Passes.h.inc"
} // namespace partir

using namespace mlir;
using namespace partir;

std::string partir::dtypeText(Value value) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << getElementTypeOrSelf(value.getType());
  return text;
}

std::string partir::axisText(const engine::Mesh &mesh,
                             const engine::AxisRef &axis) {
  return mesh.isWhole(axis) ? mesh.axes[axis.axis].name : mesh.str(axis);
}

Spec partir::specOf(const engine::Mesh &mesh, const engine::Layout &layout) {
  Spec spec;
  for (const auto &dim : layout.joined().dims) {
    spec.emplace_back();
    for (const engine::AxisRef &axis : dim)
      spec.back().push_back(axisText(mesh, axis));
  }
  return spec;
}

CollectiveReport partir::makeReport(const Explainer &explainer,
                                    const ProgramGraph &program,
                                    const engine::Plan &plan,
                                    const engine::Step &step,
                                    const engine::Site &site) {
  const engine::State &state = plan.state;
  const engine::Value &value = state.graph.values[site.value];
  int64_t trips = state.graph.tripsOf(site.region);
  CollectiveReport one{engine::stringify(step.kind).str(),
                       {},
                       explainer.value(site.value),
                       getLabel(explainer.opAt(site)),
                       trips * step.count(),
                       engine::bytesSent(value, step) * trips,
                       {},
                       dtypeText(program.valueOf(site.value)),
                       explainer.locAt(site),
                       {},
                       {},
                       {}};
  one.isExact = state.graph.isCounted(site.region);
  for (const engine::AxisRef &axis : step.axes)
    one.axes.push_back(axisText(state.graph.mesh, axis));
  auto shape = step.kind == engine::StepKind::Window
                   ? step.stretch.shape
                   : engine::localShape(value, step.to);
  one.shape.assign(shape.begin(), shape.end());
  auto append = [](std::vector<std::string> &texts, std::string text) {
    if (!llvm::is_contained(texts, text))
      texts.push_back(std::move(text));
  };
  std::vector<std::string> causes, tactics, actions;
  for (int cause : engine::causesOf(plan, site, step)) {
    append(causes, explainer.summary(cause));
    append(tactics, state.causes[cause].tactic);
    append(actions, explainer.action(cause));
  }
  one.cause = llvm::join(causes, "; ");
  one.tactic = llvm::join(tactics, "+");
  one.action = llvm::join(actions, "; ");
  return one;
}

namespace {

class Reporter {
public:
  Reporter(const ProgramGraph &program, const engine::Plan &plan,
           const Suggestions &suggestions)
      : program(program), plan(plan), state(plan.state),
        suggestions(suggestions), explainer(program, plan.state) {}

  ProgramReport run(ArrayRef<int> axes) {
    plan.forEachStep([&](const engine::Step &step, const engine::Site &site) {
      if (step.isCollective())
        report.collectives.push_back(
            makeReport(explainer, program, plan, step, site));
    });
    for (int axis : axes) {
      for (const engine::Conflict &conflict :
           engine::findConflicts(state, axis))
        add(conflict);
      for (const engine::Stop &stop : engine::findStops(plan, axis))
        add(stop);
    }
    for (engine::ValueId input : state.graph.inputs)
      report.inputs.push_back(specOf(mesh(), plan.stored(input)));
    for (int i = 0, end = state.graph.outputs.size(); i < end; ++i)
      report.outputs.push_back(specOf(mesh(), plan.output(i)));
    return std::move(report);
  }

private:
  const engine::Mesh &mesh() const { return state.graph.mesh; }

  void add(const engine::Conflict &conflict) {
    Operation *op = program.opOf(conflict.node);
    ConflictReport one{getLabel(op),
                       op->getLoc(),
                       mesh().axes[conflict.axis].name,
                       {},
                       explainer.message(conflict)};
    for (const engine::Candidate &candidate : conflict.candidates)
      one.candidates.push_back(
          {explainer.factors(conflict.node, candidate.tiles),
           explainer.chain(candidate.cause)});
    one.suggestions = suggestions.lookup({conflict.node, conflict.axis});
    report.conflicts.push_back(std::move(one));
  }

  void add(const engine::Stop &stop) {
    Operation *op = explainer.opAt(stop.site);
    report.stops.push_back({getLabel(op), explainer.locAt(stop.site),
                            axisText(mesh(), stop.axis), explainer.reason(stop),
                            stop.bytes, explainer.message(stop)});
  }

  const ProgramGraph &program;
  const engine::Plan &plan;
  const engine::State &state;
  const Suggestions &suggestions;
  Explainer explainer;
  ProgramReport report;
};

} // namespace

ProgramReport partir::makeReport(const ProgramGraph &program,
                                 const engine::Plan &plan, ArrayRef<int> axes,
                                 const Suggestions &suggestions) {
  return Reporter(program, plan, suggestions).run(axes);
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static StringRef text(ActionReport::What what) {
  switch (what) {
  case ActionReport::Applied:
    return "applied";
  case ActionReport::Inferred:
    return "inferred";
  case ActionReport::LeftAlone:
    return "left alone";
  }
  return "";
}

void partir::printReport(StringRef tactic, ArrayRef<ActionReport> actions,
                         const ProgramReport &report, llvm::raw_ostream &os) {
  os << "tactic \"" << tactic << "\"\n";
  for (const ActionReport &action : actions) {
    os << "  " << text(action.what) << ": " << action.target;
    if (action.what == ActionReport::LeftAlone)
      os << " (" << action.reason << ")\n";
    else if (action.dim < 0)
      os << " whole on " << action.axis << "\n";
    else
      os << " dim " << action.dim << " on " << action.axis << "\n";
  }
  llvm::MapVector<StringRef, std::pair<int64_t, int64_t>> totals;
  for (const CollectiveReport &one : report.collectives) {
    auto &[count, bytes] = totals[one.kind];
    count += one.count;
    bytes += one.bytes;
  }
  for (auto &[kind, total] : totals)
    os << "  " << kind << ": " << total.first << ", " << total.second
       << " bytes sent\n";
  for (const ConflictReport &one : report.conflicts) {
    os << "  conflict: " << one.message << "\n";
    for (const Suggestion &suggestion : one.suggestions)
      os << "  suggestion: " << suggestion.factor << " is taken if "
         << suggestion.str() << "\n";
  }
  for (const StopReport &one : report.stops)
    os << "  stop: " << one.message << "\n";
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

static std::string text(const CollectiveReport &one) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << one.kind << " over {";
  llvm::interleaveComma(one.axes, os);
  os << "} of ";
  for (int64_t size : one.shape)
    os << size << 'x';
  os << one.dtype << ", " << one.count
     << (one.count == 1 ? " time, " : " times, ") << one.bytes << " bytes sent";
  if (!one.isExact)
    os << " (in a branch, or in a loop that runs nobody knows how often)";
  if (!one.cause.empty())
    os << "\n" << one.cause;
  return text;
}

namespace {
struct Report : partir::impl::ReportPassBase<Report> {
  void runOnOperation() override {
    // Reading takes the loops off; the module stays as it is.
    OwningOpRef<ModuleOp> copy(getOperation().clone());
    FailureOr<Partitioned> core = readCore(*copy);
    if (failed(core))
      return signalPassFailure();
    engine::Plan plan(*core->state);
    SmallVector<int> axes;
    for (int i = 0, end = core->program->graph.mesh.axes.size(); i < end; ++i)
      axes.push_back(i);
    ProgramReport report = makeReport(*core->program, plan, axes);
    for (const CollectiveReport &one : report.collectives)
      emitRemark(one.loc) << text(one);
    for (const ConflictReport &one : report.conflicts)
      emitRemark(one.loc) << "conflict: " << one.message;
    for (const StopReport &one : report.stops)
      emitRemark(one.loc) << "stop: " << one.message;
    markAllAnalysesPreserved();
  }
};
} // namespace
