//===- Reports.cpp - Reports as Python objects ----------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each is a dict, which the Python package gives its public form.
//
//===----------------------------------------------------------------------===//

#include "compiler/py/Reports.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace nb = nanobind;
using namespace partir;

nb::dict partir::toPython(const ActionReport &report) {
  nb::dict result;
  result["target"] = report.target;
  switch (report.what) {
  case ActionReport::Applied:
    result["what"] = "applied";
    break;
  case ActionReport::Inferred:
    result["what"] = "inferred";
    break;
  case ActionReport::LeftAlone:
    result["what"] = "left alone";
    break;
  }
  result["dim"] = report.dim;
  result["axis"] = report.axis;
  result["reason"] = report.reason;
  return result;
}

nb::dict partir::toPython(const CollectiveReport &report) {
  nb::dict result;
  result["kind"] = report.kind;
  result["axes"] = report.axes;
  result["count"] = report.count;
  result["is_exact"] = report.isExact;
  result["bytes"] = report.bytes;
  result["shape"] = report.shape;
  result["dtype"] = report.dtype;
  result["loc"] = sourceText(report.loc);
  result["cause"] = report.cause;
  result["tactic"] = report.tactic;
  result["action"] = report.action;
  result["value"] = report.value;
  result["op"] = report.op;
  return result;
}

nb::dict partir::toPython(const Decision &decision) {
  nb::dict result;
  result["subject"] = decision.subject;
  result["loc"] = decision.loc;
  result["place"] = decision.place;
  result["tactic"] = decision.tactic;
  return result;
}

/// What conflicts and stops have in common.
template <typename T> static nb::dict remarkToPython(const T &report) {
  nb::dict result;
  result["op"] = report.op;
  result["loc"] = sourceText(report.loc);
  result["axis"] = report.axis;
  result["message"] = report.message;
  return result;
}

static const char *text(Suggestion::Kind kind) {
  switch (kind) {
  case Suggestion::PartFirst:
  case Suggestion::ActionFirst:
    return "order";
  case Suggestion::Replicate:
    return "replicated";
  case Suggestion::Tile:
    return "tile";
  }
  return "";
}

nb::dict partir::toPython(const Suggestion &suggestion) {
  nb::dict result;
  result["kind"] = text(suggestion.kind);
  result["factor"] = suggestion.factor;
  result["tactic"] = suggestion.tactic;
  result["axis"] = suggestion.axis;
  result["part"] = suggestion.part;
  result["target"] = suggestion.target;
  result["dim"] = suggestion.dim;
  result["value"] = suggestion.value;
  result["loc"] = suggestion.loc;
  result["text"] = suggestion.str();
  return result;
}

nb::dict partir::toPython(const ConflictReport &report) {
  nb::dict result = remarkToPython(report);
  nb::list candidates;
  for (const CandidateReport &one : report.candidates) {
    nb::dict candidate;
    candidate["factor"] = one.factor;
    candidate["chain"] = one.chain;
    candidates.append(candidate);
  }
  result["candidates"] = candidates;
  result["suggestions"] = toPython(report.suggestions);
  return result;
}

nb::dict partir::toPython(const StopReport &report) {
  nb::dict result = remarkToPython(report);
  result["reason"] = report.reason;
  result["bytes"] = report.bytes;
  return result;
}

nb::dict partir::toPython(const AxisReport &report) {
  nb::dict result;
  result["axis"] = report.axis;
  result["dim"] = report.dim;
  result["tactic"] = report.tactic;
  result["chain"] = toPython(report.chain);
  return result;
}

nb::dict partir::toPython(const ValueReport &report) {
  nb::dict result;
  result["op"] = report.op;
  result["loc"] = report.loc;
  result["shape"] = report.shape;
  result["local_shape"] = report.localShape;
  result["dtype"] = report.dtype;
  result["spec"] = report.spec;
  result["axes"] = toPython(report.axes);
  result["partial"] = report.partial;
  result["collectives"] = toPython(report.collectives);
  return result;
}

nb::dict partir::toPython(const BufferReport &report) {
  nb::dict result;
  result["kind"] = report.kind;
  result["value"] = report.value;
  result["loc"] = report.loc;
  result["shape"] = report.shape;
  result["count"] = report.count;
  result["bytes"] = report.bytes;
  return result;
}

nb::dict partir::toPython(const EventReport &report) {
  nb::dict result;
  result["kind"] = report.kind;
  result["link"] = report.link;
  result["op"] = report.op;
  result["loc"] = report.loc;
  result["start_s"] = report.start;
  result["seconds"] = report.seconds;
  result["count"] = report.count;
  result["temporary_bytes"] = report.temporaryBytes;
  return result;
}

nb::dict partir::toPython(const EstimateReport &report) {
  nb::dict result;
  result["device"] = report.device;
  result["step_s"] = report.seconds;
  result["flops"] = report.flops;
  result["matrix_flops"] = report.matrixFlops;
  result["bytes"] = report.bytes;
  result["by_work"] = report.byWork;
  result["by_link"] = report.byLink;
  result["peak_bytes"] = report.peakBytes;
  result["argument_bytes"] = report.argumentBytes;
  result["result_bytes"] = report.resultBytes;
  result["aliased_bytes"] = report.aliasedBytes;
  result["temporary_bytes"] = report.temporaryBytes;
  result["memory_bytes"] = report.memory;
  result["peak_op"] = report.peakOp;
  result["peak_loc"] = report.peakLoc;
  result["largest"] = toPython(report.largest);
  result["events"] = toPython(report.events);
  return result;
}

/// (name, axis, actions) as `Program.apply` takes it.
static nb::object toPython(const TacticPart &part) {
  nb::list actions;
  for (const Action &action : part.actions) {
    nb::object target = std::holds_alternative<int>(action.target)
                            ? nb::cast(std::get<int>(action.target))
                            : nb::cast(std::get<std::string>(action.target));
    bool isTile = action.kind == Action::Tile;
    actions.append(
        nb::make_tuple(target, isTile ? "tile" : "replicated", action.dim));
  }
  return nb::make_tuple(part.name, part.axis, actions);
}

nb::dict partir::toPython(const SearchReport &report) {
  auto costOf = [](const engine::StateCost &cost) {
    return nb::make_tuple(cost.seconds, cost.peakBytes);
  };
  nb::list tactics;
  for (const FoundTactic &tactic : report.tactics) {
    nb::list decisions;
    for (const FoundDecision &one : tactic.decisions)
      decisions.append(nb::make_tuple(one.numActions, costOf(one.after)));
    tactics.append(nb::make_tuple(::toPython(tactic.part), decisions));
  }
  nb::dict result;
  result["tactics"] = tactics;
  result["before"] = costOf(report.before);
  result["after"] = costOf(report.after);
  result["by_descent"] = costOf(report.byDescent);
  result["lower_bound"] = report.lowerBound;
  result["is_optimal"] = report.isOptimal;
  result["is_cut"] = report.isCut;
  result["states"] = report.states;
  return result;
}

/// `({B},{}), ({},{M}) -> ({B},{M})`: the axes on each dim.
static std::string textOf(const engine::Strategy &strategy,
                          const engine::Mesh &mesh) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto printDim = [&](const auto &axes) {
    os << '{';
    llvm::interleave(
        axes, os, [&](const engine::AxisRef &axis) { os << mesh.str(axis); },
        " ");
    os << '}';
  };
  auto print = [&](const engine::Layout *layout) {
    os << '(';
    llvm::interleave(layout->dims, os, printDim, ",");
    os << ')';
  };
  llvm::interleave(strategy.required, os, print, ", ");
  os << " -> ";
  llvm::interleave(strategy.stored, os, print, ", ");
  return text;
}

nb::dict partir::toPython(const engine::Strategies &strategies,
                          const ProgramGraph &graph) {
  nb::list sets, edges;
  for (const engine::StrategySet &set : strategies.sets) {
    std::vector<double> seconds;
    std::vector<std::string> layouts;
    for (const engine::Strategy &strategy : set.strategies) {
      seconds.push_back(strategy.seconds);
      layouts.push_back(textOf(strategy, graph.graph.mesh));
    }
    nb::dict one;
    if (set.node == engine::kNone)
      one["name"] = graph
                        .inputName(llvm::find(graph.graph.inputs, set.input) -
                                   graph.graph.inputs.begin())
                        .str();
    else
      one["name"] = graph.opOf(set.node)->getName().getStringRef().str();
    one["layouts"] = layouts;
    one["seconds"] = seconds;
    sets.append(one);
  }
  for (const engine::StrategyEdge &edge : strategies.edges) {
    nb::dict one;
    one["from"] = edge.from;
    one["to"] = edge.to;
    one["from_layouts"] = edge.fromLayouts;
    one["to_layouts"] = edge.toLayouts;
    one["seconds"] = edge.seconds;
    edges.append(one);
  }
  nb::dict result;
  result["sets"] = sets;
  result["edges"] = edges;
  return result;
}
