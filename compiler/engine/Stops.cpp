//===- Stops.cpp - Why a tiling was taken apart ---------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every gather and every exchange of a plan gets its reason: what the node at
// which it happens has done, or could not do, with the axis.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Stops.h"

#include "compiler/engine/Causes.h"

#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;

/// Fills in why the node at a use does not take the axis where the value has
/// it.
static void explainUse(const State &state, Stop &stop) {
  NodeId node = stop.site.node;
  const Rule &rule = state.graph.nodes[node].rule;
  const DimFactors &factors = rule.operands[stop.site.operand][stop.dim];
  // A name has what an action makes of it.
  if (rule.isIdentity)
    for (const ValueTile &tile :
         state.values[state.graph.nodes[node].results.front()])
      if (tile.axis.overlaps(stop.axis)) {
        stop.reason = Stop::Overruled;
        return;
      }
  for (const NodeTile &tile : state.nodes[node])
    if (tile.axis.overlaps(stop.axis)) {
      stop.decided = tile;
      stop.reason = llvm::is_contained(factors, tile.factor) ? Stop::Reordered
                                                             : Stop::Decided;
      return;
    }
  FactorTiles tiles;
  stop.refusal = mapToFactors(state, node, factors, stop.axis, tiles);
  if (stop.refusal)
    stop.reason = Stop::Refused;
  else if (findCandidates(state, node, stop.axis.axis).size() > 1)
    stop.reason = Stop::Conflicting;
  else
    stop.reason = Stop::Unvisited;
}

/// The axes that a step takes from the dim.
static llvm::ArrayRef<AxisRef> takenAxes(const Step &step) {
  return step.isExchange() ? llvm::ArrayRef<AxisRef>(step.axes)
                           : llvm::ArrayRef<AxisRef>();
}

std::vector<Stop> partir::engine::findStops(const Plan &plan, int axis) {
  const State &state = plan.state;
  std::vector<Stop> stops;
  plan.forEachStep([&](const Step &step, const Site &site) {
    for (const AxisRef &taken : takenAxes(step)) {
      if (taken.axis != axis)
        continue;
      Stop stop;
      stop.site = site;
      stop.axis = taken;
      stop.dim = step.dim;
      stop.cause = causeOf(plan, site, step, taken);
      stop.bytes = bytesSent(state.graph.values[site.value], step) *
                   state.graph.tripsOf(site.region);
      switch (site.kind) {
      case Site::AtUse:
        explainUse(state, stop);
        break;
      case Site::AtOutput:
        stop.reason = state.graph.becomes[site.operand] == kNone
                          ? Stop::Output
                          : Stop::Carried;
        break;
      case Site::AtDefinition:
      case Site::AtSum:
        stop.reason = Stop::Overruled;
        break;
      }
      stops.push_back(stop);
      break;
    }
  });
  return stops;
}
