//===- Schedule.cpp - Meshes and schedules as text ------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Schedule.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace partir;

FailureOr<MeshAttr> partir::parseMesh(StringRef text, Location loc) {
  SmallVector<StringRef> items;
  text.split(items, ',');
  SmallVector<std::pair<StringRef, int64_t>> axes;
  llvm::StringSet<> seen;
  for (StringRef item : items) {
    auto [name, size] = item.split('=');
    name = name.trim();
    int64_t number;
    if (name.empty() || size.trim().getAsInteger(10, number) || number < 1)
      return emitError(loc, "\"")
             << item << "\" is not an axis of a mesh; write \"B=4,M=2\"";
    if (!seen.insert(name).second)
      return emitError(loc, "the mesh has two axes \"") << name << '"';
    axes.push_back({name, number});
  }
  return MeshAttr::get(loc.getContext(), axes);
}

std::optional<std::pair<Action::Kind, int>> partir::parseValue(StringRef text) {
  int dim;
  if (!text.getAsInteger(10, dim))
    return std::make_pair(Action::Tile, dim);
  if (text == "replicated")
    return std::make_pair(Action::Replicated, -1);
  if (text == "first")
    return std::make_pair(Action::FirstDivisible, 0);
  if (text.consume_front("first>=") && !text.getAsInteger(10, dim) && dim >= 0)
    return std::make_pair(Action::FirstDivisible, dim);
  return std::nullopt;
}

static FailureOr<ScheduledPart> parsePart(StringRef text, Location loc) {
  auto [head, actions] = text.split(':');
  auto [name, axis] = head.trim().split('(');
  if (name.empty() || !axis.consume_back(")") || axis.empty())
    return emitError(loc, "\"")
           << text.trim()
           << "\" is not a tactic; write \"BP(B): x=0, y=first\"";
  ScheduledPart part{name.str(), axis.str(), {}};
  SmallVector<StringRef> items;
  actions.split(items, ',', -1, /*KeepEmpty=*/false);
  for (StringRef item : items) {
    if (item.trim().empty())
      continue;
    auto [target, value] = item.split('=');
    auto parsed = parseValue(value.trim());
    if (target.trim().empty() || !parsed)
      return emitError(loc, "tactic \"")
             << name << "\": \"" << item.trim()
             << "\" is not an action; write \"x=0\", \"x=first\", "
                "\"x=first>=1\" or \"x=replicated\"";
    part.actions.push_back(
        {target.trim().str(), parsed->first, parsed->second});
  }
  return part;
}

FailureOr<std::vector<ScheduledTactic>> partir::parseSchedule(StringRef text,
                                                              Location loc) {
  std::vector<ScheduledTactic> schedule;
  SmallVector<StringRef> tactics;
  text.split(tactics, ';', -1, /*KeepEmpty=*/false);
  for (StringRef tactic : tactics) {
    if (tactic.trim().empty())
      continue;
    ScheduledTactic &scheduled = schedule.emplace_back();
    SmallVector<StringRef> parts;
    tactic.split(parts, '&');
    for (StringRef part : parts) {
      FailureOr<ScheduledPart> parsed = parsePart(part, loc);
      if (failed(parsed))
        return failure();
      scheduled.name += (scheduled.parts.empty() ? "" : "&") + parsed->name;
      scheduled.parts.push_back(std::move(*parsed));
    }
  }
  return schedule;
}

/// The names of tags and inputs, for a message.
static InFlightDiagnostic unknownTarget(const ProgramGraph &program,
                                        StringRef target) {
  func::FuncOp func = program.getFunc();
  InFlightDiagnostic diag = func.emitError("no input or tag is named \"")
                            << target << "\"; inputs are ";
  llvm::interleaveComma(llvm::seq<unsigned>(0, func.getNumArguments()), diag,
                        [&](unsigned number) {
                          diag << '"' << program.inputName(number) << '"';
                        });
  if (!program.getTags().empty()) {
    diag << "; tags are ";
    llvm::interleaveComma(program.getTags(), diag, [&](const auto &tag) {
      diag << '"' << tag.first << '"';
    });
  }
  return diag;
}

FailureOr<std::vector<Action>>
partir::resolveAction(const ProgramGraph &program,
                      const ScheduledAction &action) {
  std::vector<Action> found;
  for (int number : program.inputsNamed(action.target))
    found.push_back({number, action.kind, action.dim});
  if (program.getTags().contains(action.target))
    found.push_back({action.target, action.kind, action.dim});
  unsigned number;
  if (found.empty() && !StringRef(action.target).getAsInteger(10, number) &&
      number < program.graph.inputs.size())
    found.push_back({static_cast<int>(number), action.kind, action.dim});
  if (found.empty())
    return unknownTarget(program, action.target);
  return found;
}
