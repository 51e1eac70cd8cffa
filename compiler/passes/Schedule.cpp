//===- Schedule.cpp - Meshes and schedules as text ------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Schedule.h"

using namespace mlir;
using namespace partir;

FailureOr<MeshAttr> partir::parseMesh(StringRef text, Location loc) {
  SmallVector<StringRef> items;
  text.split(items, ',');
  SmallVector<StringAttr> names;
  SmallVector<int64_t> sizes;
  for (StringRef item : items) {
    auto [name, size] = item.split('=');
    name = name.trim();
    int64_t number;
    if (name.empty() || size.trim().getAsInteger(10, number))
      return emitError(loc, "\"")
             << item << "\" is not an axis of a mesh; write \"B=4,M=2\"";
    names.push_back(StringAttr::get(loc.getContext(), name));
    sizes.push_back(number);
  }
  auto mesh = MeshAttr::getChecked(
      [&] { return emitError(loc); }, loc.getContext(),
      ArrayRef<StringAttr>(names), ArrayRef<int64_t>(sizes));
  if (!mesh)
    return failure();
  return mesh;
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
  InFlightDiagnostic diag =
      emitError(func.getLoc(), "no input or tag is named \"")
      << target << "\"; inputs are ";
  constexpr unsigned kShown = 12;
  unsigned count = func.getNumArguments(), shown = std::min(count, kShown);
  llvm::interleaveComma(llvm::seq<unsigned>(0, shown), diag,
                        [&](unsigned number) {
                          diag << '"' << program.inputName(number) << '"';
                        });
  if (count > shown)
    diag << " and " << (count - shown) << " more";
  if (!program.getTags().empty()) {
    diag << "; tags are ";
    llvm::interleaveComma(program.getTags(), diag, [&](const auto &tag) {
      diag << '"' << tag.first << '"';
    });
  }
  return diag;
}

/// The inputs of a name, or below it; those of a number that is no name.
static FailureOr<SmallVector<int>> findInputs(const ProgramGraph &program,
                                              StringRef target) {
  SmallVector<int> found(program.inputsNamed(target));
  auto isExact = [&](int number) {
    return program.inputName(number) == target;
  };
  if (llvm::count_if(found, isExact) > 1) {
    func::FuncOp func = program.getFunc();
    return emitError(func.getLoc(), "several inputs are named \"")
           << target << "\"; say which by its number";
  }
  unsigned number;
  if (found.empty() && !program.getTags().contains(target) &&
      !target.getAsInteger(10, number) && number < program.graph.inputs.size())
    found.push_back(number);
  return found;
}

/// A dim of values that may be counted from the end. One that none or only some
/// of them have is out of range, and stays as it is.
static int countFromStart(const ProgramGraph &program,
                          ArrayRef<engine::ValueId> values, int dim) {
  auto rankOf = [&](engine::ValueId value) {
    return static_cast<int>(program.graph.values[value].shape.size());
  };
  int rank = rankOf(values.front());
  bool haveOneRank = llvm::all_of(
      values, [&](engine::ValueId value) { return rankOf(value) == rank; });
  return dim < 0 && dim >= -rank && haveOneRank ? dim + rank : dim;
}

FailureOr<std::vector<Action>>
partir::resolveAction(const ProgramGraph &program,
                      const ScheduledAction &action,
                      std::optional<InnerNames> &innerNames) {
  FailureOr<SmallVector<int>> inputs = findInputs(program, action.target);
  if (failed(inputs))
    return failure();
  auto tag = program.getTags().find(action.target);
  bool isTag = tag != program.getTags().end();
  std::optional<engine::ValueId> inner;
  if (inputs->empty() && !isTag) {
    if (!innerNames)
      innerNames.emplace(program);
    inner = innerNames->find(action.target);
    if (!inner)
      return unknownTarget(program, action.target);
  }
  if (!inputs->empty() && isTag) {
    func::FuncOp func = program.getFunc();
    return emitError(func.getLoc(), "\"")
           << action.target << "\" is both an input and a tag; rename the tag";
  }
  std::vector<Action> found;
  auto add = [&](auto target, ArrayRef<engine::ValueId> values) {
    int dim = action.kind == Action::Tile
                  ? countFromStart(program, values, action.dim)
                  : action.dim;
    found.push_back({target, action.kind, dim});
  };
  for (int number : *inputs)
    add(number, program.graph.inputs[number]);
  if (isTag)
    add(action.target, tag->second);
  if (inner)
    add(action.target, *inner);
  return found;
}

FailureOr<TacticPart> partir::resolvePart(const ProgramGraph &program,
                                          const ScheduledPart &part) {
  struct Resolved {
    Action action;
    size_t pathLength;
  };
  SmallVector<Resolved> all;
  DenseMap<int, size_t> longest;
  std::optional<InnerNames> innerNames;
  for (const ScheduledAction &scheduled : part.actions) {
    FailureOr<std::vector<Action>> actions =
        resolveAction(program, scheduled, innerNames);
    if (failed(actions))
      return failure();
    for (Action &action : *actions) {
      size_t length = scheduled.target.size();
      if (const int *input = std::get_if<int>(&action.target)) {
        // The number of an input says as much as its whole name.
        if (program.inputsNamed(scheduled.target).empty())
          length = program.inputName(*input).size();
        longest[*input] = std::max(longest.lookup(*input), length);
      }
      all.push_back({std::move(action), length});
    }
  }
  TacticPart resolved{part.axis, {}, part.name};
  for (auto &[action, length] : all) {
    const int *input = std::get_if<int>(&action.target);
    if (!input || length == longest.lookup(*input))
      resolved.actions.push_back(std::move(action));
  }
  return resolved;
}
