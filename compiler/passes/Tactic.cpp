//===- Tactic.cpp - One tactic on a program -------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Tactic.h"

#include "compiler/engine/Propagation.h"
#include "compiler/passes/InnerNames.h"

using namespace mlir;
using namespace partir;

namespace {

class TacticApplier {
public:
  TacticApplier(const ProgramGraph &program, engine::State &state,
                const engine::LoopBlockedDims &blockedDims, StringRef name)
      : program(program), state(state), blockedDims(blockedDims), name(name) {}

  LogicalResult apply(ArrayRef<TacticPart> parts) {
    for (const TacticPart &part : parts) {
      FailureOr<int> axis = findAxis(program, part.axis, name);
      if (failed(axis))
        return failure();
      for (const Action &action : part.actions)
        if (failed(apply(action, *axis)))
          return failure();
    }
    return success();
  }

  std::vector<ActionReport> takeReports() { return std::move(reports); }

private:
  func::FuncOp func() const { return program.getFunc(); }

  void report(StringRef target, ActionReport::What what, int dim, int axis,
              StringRef reason) {
    reports.push_back({target.str(), what, dim,
                       state.graph.mesh.axes[axis].name, reason.str()});
  }

  LogicalResult apply(const Action &action, int axis) {
    if (const int *number = std::get_if<int>(&action.target)) {
      Block &body = program.getFunc().getBody().front();
      if (*number < 0 || *number >= static_cast<int>(body.getNumArguments()))
        return emitError(func().getLoc(), "tactic \"")
               << name << "\": the program has no input " << *number;
      return apply(action, axis, body.getArgument(*number),
                   program.inputName(*number));
    }
    StringRef target = std::get<std::string>(action.target);
    auto tagged = program.getTags().find(target);
    if (tagged == program.getTags().end())
      return applyInside(action, axis, target);
    for (engine::ValueId value : tagged->second)
      if (failed(apply(action, axis, program.valueOf(value), target)))
        return failure();
    return success();
  }

  LogicalResult applyInside(const Action &action, int axis, StringRef target) {
    if (!innerNames)
      innerNames.emplace(program);
    std::optional<engine::ValueId> value = innerNames->find(target);
    if (!value)
      return emitError(func().getLoc(), "tactic \"")
             << name << "\": no value has the tag \"" << target
             << "\", and none inside the program is called so";
    return apply(action, axis, program.valueOf(*value), target);
  }

  LogicalResult apply(const Action &action, int axis, Value value,
                      StringRef target) {
    engine::ValueId id = program.idOf(value);
    engine::AxisRef ref = state.graph.mesh.whole(axis);
    std::optional<std::string> wrong;
    switch (action.kind) {
    case Action::Tile:
      wrong = engine::tile(state, id, action.dim, ref, name);
      break;
    case Action::Replicated:
      wrong = engine::makeAtomic(state, id, ref, name);
      break;
    case Action::FirstDivisible: {
      engine::FirstDivisibleResult result = engine::tileFirstDivisible(
          state, blockedDims, id, action.dim, ref, name);
      report(target,
             result.dim == engine::kNone ? ActionReport::LeftAlone
                                         : ActionReport::Applied,
             result.dim, axis, result.reason);
      return success();
    }
    }
    if (wrong)
      return emitError(value.getLoc(), "tactic \"")
             << name << "\", \"" << target << "\": " << *wrong;
    report(target, ActionReport::Applied,
           action.kind == Action::Tile ? action.dim : engine::kNone, axis, "");
    return success();
  }

  const ProgramGraph &program;
  engine::State &state;
  const engine::LoopBlockedDims &blockedDims;
  StringRef name;
  /// Made when a target is one of them.
  std::optional<InnerNames> innerNames;
  std::vector<ActionReport> reports;
};

} // namespace

FailureOr<int> partir::findAxis(const ProgramGraph &program, StringRef axis,
                                StringRef tactic) {
  const engine::Mesh &mesh = program.graph.mesh;
  int found = mesh.find(axis);
  if (found != engine::kNone)
    return found;
  func::FuncOp func = program.getFunc();
  InFlightDiagnostic diag = emitError(func.getLoc(), "tactic \"")
                            << tactic << "\": the mesh has no axis \"" << axis
                            << "\"; its axes are ";
  llvm::interleaveComma(mesh.axes, diag, [&](const engine::MeshAxis &one) {
    diag << '"' << one.name << '"';
  });
  return diag;
}

SmallVector<int> partir::getAxes(const ProgramGraph &program,
                                 ArrayRef<TacticPart> parts) {
  SmallVector<int> axes;
  for (const TacticPart &part : parts)
    if (int axis = program.graph.mesh.find(part.axis);
        !llvm::is_contained(axes, axis))
      axes.push_back(axis);
  return axes;
}

FailureOr<std::vector<ActionReport>>
partir::applyActions(const ProgramGraph &program, engine::State &state,
                     const engine::LoopBlockedDims &blockedDims, StringRef name,
                     ArrayRef<TacticPart> parts) {
  TacticApplier applier(program, state, blockedDims, name);
  if (failed(applier.apply(parts)))
    return failure();
  return applier.takeReports();
}

std::vector<ActionReport> partir::propagate(const ProgramGraph &program,
                                            engine::State &state,
                                            StringRef name,
                                            ArrayRef<int> axes) {
  for (int axis : axes)
    engine::Propagation(state, axis, name).run();
  std::vector<ActionReport> reports;
  for (int axis : axes)
    for (const engine::Inferred &one : engine::inferInputs(state, axis, name)) {
      auto input = cast<BlockArgument>(program.valueOf(one.value));
      reports.push_back({program.inputName(input.getArgNumber()).str(),
                         ActionReport::Inferred, one.dim,
                         state.graph.mesh.axes[axis].name, ""});
    }
  return reports;
}

FailureOr<std::vector<ActionReport>>
partir::applyTactic(const ProgramGraph &program, engine::State &state,
                    const engine::LoopBlockedDims &blockedDims, StringRef name,
                    ArrayRef<TacticPart> parts) {
  auto reports = applyActions(program, state, blockedDims, name, parts);
  if (failed(reports))
    return failure();
  llvm::append_range(*reports,
                     propagate(program, state, name, getAxes(program, parts)));
  return reports;
}
