//===- Explain.cpp - What was decided, in words ---------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Explain.h"

#include "compiler/rules/RuleInterfaces.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace partir;
using engine::kNone;
using engine::NodeId;
using engine::ValueId;
using llvm::formatv;

/// Longer chains are cut in the middle.
static constexpr size_t kChainLength = 8;

std::string partir::sourceText(Location loc) {
  if (auto place = loc->findInstanceOf<FileLineColLoc>())
    return place.getFilename().str() + ":" + std::to_string(place.getLine()) +
           ":" + std::to_string(place.getColumn());
  return "unknown";
}

Explainer::Explainer(const ProgramGraph &program, const engine::State &state)
    : program(program), state(state), owners(state.causes.size()),
      actions(state.causes.size()) {
  auto own = [&](int cause, Owner owner) {
    // Several loops can carry one decision; the first tells it.
    if (owners[cause].node == kNone && owners[cause].value == kNone)
      owners[cause] = owner;
  };
  for (auto [node, tiles] : llvm::enumerate(state.nodes))
    for (const engine::NodeTile &tile : tiles)
      own(tile.cause, {static_cast<NodeId>(node), kNone, tile.factor, false});
  for (auto [value, tiles] : llvm::enumerate(state.values))
    for (const engine::ValueTile &tile : tiles)
      own(tile.cause, {kNone, static_cast<ValueId>(value), tile.dim, false});
  for (auto [value, marks] : llvm::enumerate(state.atomics))
    for (const engine::AtomicMark &mark : marks)
      own(mark.cause, {kNone, static_cast<ValueId>(value), kNone, true});
  // A decision comes after the one that led to it.
  for (auto [number, cause] : llvm::enumerate(state.causes))
    actions[number] = cause.parent == kNone ? static_cast<int>(number)
                                            : actions[cause.parent];
}

std::string partir::nameOf(func::FuncOp func, Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    Operation *parent = argument.getOwner()->getParentOp();
    if (parent == func)
      return "input \"" + getInputName(func, argument.getArgNumber()) + "\"";
    return formatv("the carried value {0} of '{1}'", argument.getArgNumber(),
                   parent->getName().getStringRef());
  }
  if (auto tag = value.getDefiningOp<TagOp>())
    return formatv("tag \"{0}\"", tag.getName());
  return "the result of '" + getLabel(value.getDefiningOp()) + "'";
}

/// `what at loc`, or `what` alone.
static std::string at(const std::string &what, const std::string &loc) {
  return loc.empty() ? what : what + " at " + loc;
}

std::string Explainer::sourceOf(ValueId id) const {
  NodeId producer = state.graph.values[id].producer;
  return producer == kNone ? "" : sourceText(program.opOf(producer)->getLoc());
}

std::string Explainer::value(ValueId id) const {
  return at(nameOf(program.getFunc(), program.valueOf(id)), sourceOf(id));
}

std::string Explainer::node(NodeId node) const {
  Operation *op = program.opOf(node);
  return formatv("'{0}' at {1}", getLabel(op), sourceText(op->getLoc()));
}

std::string Explainer::factor(NodeId node, int factor) const {
  const engine::Rule &rule = state.graph.nodes[node].rule;
  auto find = [&](ArrayRef<engine::ValueFactors> values,
                  StringRef what) -> std::string {
    for (auto [number, value] : llvm::enumerate(values))
      for (auto [dim, factors] : llvm::enumerate(value))
        if (llvm::is_contained(factors, factor))
          return values.size() > 1
                     ? formatv("{0} {1} dim {2}", what, number, dim).str()
                     : formatv("{0} dim {1}", what, dim).str();
    return "";
  };
  if (std::string result = find(rule.results, "result"); !result.empty())
    return result;
  std::string operand = find(rule.operands, "operand");
  const engine::Factor &f = rule.factors[factor];
  if (f.kind == engine::FactorKind::Reduce)
    operand += formatv(" (reduced: {0})", engine::stringify(f.reduce)).str();
  return operand;
}

std::string Explainer::factors(NodeId node,
                               ArrayRef<engine::FactorTile> tiles) const {
  std::string text;
  for (const engine::FactorTile &tile : tiles) {
    text += (text.empty() ? "" : ", ") + factor(node, tile.factor);
    if (!state.graph.mesh.isWhole(tile.axis))
      text += " on " + state.graph.mesh.str(tile.axis);
  }
  return text;
}

std::string Decision::str() const {
  std::string text = at(subject, loc) + ": " + place;
  return tactic.empty() ? text : text + " (tactic \"" + tactic + "\")";
}

Decision Explainer::decision(int cause) const {
  const Owner &owner = owners[cause];
  Decision result;
  result.tactic = state.causes[cause].tactic;
  if (owner.node != kNone) {
    Operation *op = program.opOf(owner.node);
    result.subject = "'" + getLabel(op) + "'";
    result.loc = sourceText(op->getLoc());
    result.place = factor(owner.node, owner.place);
  } else if (owner.value != kNone) {
    result.subject = nameOf(program.getFunc(), program.valueOf(owner.value));
    result.loc = sourceOf(owner.value);
    result.place =
        owner.isAtomic ? "kept whole" : "dim " + std::to_string(owner.place);
  } else {
    result.subject = "a decision";
    result.place = "no loop carries it";
  }
  return result;
}

std::vector<Decision> Explainer::decisions(int cause) const {
  std::vector<Decision> found;
  for (; cause != kNone; cause = state.causes[cause].parent)
    found.push_back(decision(cause));
  return found;
}

std::vector<std::string> Explainer::chain(int cause) const {
  std::vector<std::string> lines;
  for (; cause != kNone && lines.size() < kChainLength;
       cause = state.causes[cause].parent)
    lines.push_back(decision(cause).str());
  if (cause != kNone) {
    lines.push_back("...");
    lines.push_back(decision(actions[cause]).str());
  }
  return lines;
}

std::string Explainer::summary(int cause) const {
  if (cause == kNone)
    return "";
  std::string text = decision(cause).str();
  if (actions[cause] != cause)
    text += " <- " + decision(actions[cause]).str();
  return text;
}

std::string Explainer::action(int cause) const {
  Decision action = decision(actions[cause]);
  action.tactic.clear();
  return action.str();
}

std::string Explainer::message(const engine::Conflict &conflict) const {
  std::string text =
      formatv("{0} could be tiled by axis \"{1}\" in {2} ways and is left "
              "alone:",
              node(conflict.node), state.graph.mesh.axes[conflict.axis].name,
              conflict.candidates.size());
  for (const engine::Candidate &candidate : conflict.candidates) {
    text += "\n" + factors(conflict.node, candidate.tiles) + ", because of";
    for (const std::string &line : chain(candidate.cause))
      text += "\n  " + line;
  }
  return text;
}

void Explainer::emitConflicts(ArrayRef<engine::Conflict> conflicts) const {
  for (const engine::Conflict &conflict : conflicts)
    emitRemark(program.opOf(conflict.node)->getLoc())
        << "conflict: " << message(conflict);
}

std::string Explainer::reason(const engine::Stop &stop) const {
  const engine::Mesh &mesh = state.graph.mesh;
  NodeId at = stop.site.node;
  switch (stop.reason) {
  case engine::Stop::Decided: {
    StringRef tactic = state.causes[stop.decided.cause].tactic;
    std::string by = tactic.empty() ? "an unnamed tactic"
                                    : formatv("tactic \"{0}\"", tactic).str();
    return formatv("{0} is on {1} already, by {2}", mesh.str(stop.axis),
                   factor(at, stop.decided.factor), by);
  }
  case engine::Stop::Conflicting:
    return "there is a conflict";
  case engine::Stop::Unvisited:
    return "the axis was not propagated to there";
  case engine::Stop::Reordered:
    return "its axes are in another order";
  case engine::Stop::Output:
    return "a result of the program cannot be tiled by a part of an axis";
  case engine::Stop::Carried:
    return "it leaves the program as it enters, as " +
           value(state.graph.becomes[stop.site.operand]);
  case engine::Stop::Overruled:
    return "an action tiles the value on another dim";
  case engine::Stop::Refused:
    break;
  }
  std::string where = factor(at, stop.refusal.factor);
  switch (stop.refusal.kind) {
  case engine::Refusal::None:
    return "there is a conflict";
  case engine::Refusal::Blocked:
    return formatv(
        "{0} {1}", where,
        state.graph.nodes[at].rule.factors[stop.refusal.factor].reason);
  case engine::Refusal::DoesNotDivide:
    return formatv(
        "{0} of size {1} does not divide the {2} that is left of {3}",
        mesh.str(stop.axis), stop.axis.size, stop.refusal.left, where);
  case engine::Refusal::Minor:
    return formatv("{0} is the minor part of a dim whose major part is not "
                   "used up",
                   where);
  case engine::Refusal::Atomic:
    return "a value is kept whole there: " + decision(stop.refusal.cause).str();
  }
  return "";
}

std::string Explainer::message(const engine::Stop &stop) const {
  std::string at =
      stop.site.node == kNone
          ? "result " + std::to_string(stop.site.operand) + " of the program"
          : node(stop.site.node);
  std::string text = formatv(
      "{0} needs {1} in another tiling than dim {2} on {3} ({4} bytes sent): "
      "{5}",
      at, value(stop.site.value), stop.dim, state.graph.mesh.str(stop.axis),
      stop.bytes, reason(stop));
  if (stop.cause != kNone)
    text += "\nthe tiling came from " + summary(stop.cause);
  return text;
}

Operation *Explainer::opAt(const engine::Site &site) const {
  if (site.node == kNone)
    return program.getFunc().getBody().front().getTerminator();
  return program.opOf(site.node);
}

Location Explainer::locAt(const engine::Site &site) const {
  NodeId producer = state.graph.values[site.value].producer;
  bool isMadeHere = site.node == kNone && producer != kNone;
  return isMadeHere ? program.opOf(producer)->getLoc() : opAt(site)->getLoc();
}
