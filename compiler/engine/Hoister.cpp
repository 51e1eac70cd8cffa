//===- Hoister.cpp - What leaves loops ------------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Hoister.h"

#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;

static bool isGather(const Step &step) {
  return step.kind == StepKind::AllGather;
}

/// Whether the steps lead to the same from the same.
static bool areAlike(llvm::ArrayRef<Step> a, llvm::ArrayRef<Step> b) {
  return llvm::equal(a, b, [](const Step &one, const Step &other) {
    return one.kind == other.kind && one.to == other.to &&
           one.stretch == other.stretch;
  });
}

Hoister::Hoister(Plan &plan) : plan(plan), graph(plan.state.graph) {}

void Hoister::hoist(const Use &use, Steps &steps) {
  auto rest = llvm::find_if(steps, isGather);
  if (llvm::none_of(llvm::make_range(steps.begin(), rest),
                    [](const Step &step) { return step.isCollective(); }))
    return;
  Layout target = std::prev(rest)->to;
  Origin origin = findOrigin(use, target);
  if (origin.loop == kNone)
    return;
  Steps hoisted = convertFrom(origin, target);
  for (Step &step : llvm::make_range(steps.begin(), rest))
    if (step.kind == StepKind::Window)
      hoisted.push_back(std::move(step));
  steps.erase(steps.begin(), rest);
  plan.hoisted[{use.node, use.operand}] =
      addHoist(origin, use, std::move(hoisted));
}

std::optional<Hoister::Origin> Hoister::findOutside(ValueId value,
                                                    RegionId loop) const {
  if (graph.regionOf(value) != loop)
    return Origin{value, kNone, loop};
  NodeId tie = graph.values[value].producer;
  const Node &node = graph.nodes[tie];
  bool isArgument = node.isTie && node.region != loop;
  if (!isArgument || plan.isKeptPartial(node.operands.front()))
    return std::nullopt;
  // The body hands it on as it came.
  if (!llvm::all_of(llvm::drop_begin(node.operands), [&](ValueId operand) {
        return llvm::is_contained(node.results, operand);
      }))
    return std::nullopt;
  return Origin{node.operands.front(), tie, loop};
}

Hoister::Origin Hoister::findOrigin(const Use &use,
                                    const Layout &target) const {
  Origin origin{graph.nodes[use.node].operands[use.operand]};
  auto isGatherFree = [&](const Origin &from) {
    return llvm::none_of(convertFrom(from, target), isGather);
  };
  for (RegionId region = graph.regionOf(use); graph.regions[region].isLoop;
       region = graph.regions[region].parent) {
    std::optional<Origin> outside = findOutside(origin.value, region);
    if (!outside)
      return origin;
    Origin kept{outside->value, kNone, region};
    if (!isGatherFree(kept))
      return isGatherFree(*outside) ? *outside : origin;
    origin = kept;
  }
  return origin;
}

Steps Hoister::convertFrom(const Origin &origin, const Layout &target) const {
  Layout from = origin.tie == kNone ? plan.stored(origin.value)
                                    : plan.required(origin.tie, 0);
  return convert(graph.values[origin.value], from, {}, target);
}

int Hoister::addHoist(const Origin &origin, const Use &use, Steps steps) {
  auto &alike = byOrigin[{origin.value, origin.tie, origin.loop}];
  for (int number : alike)
    if (areAlike(plan.hoists[number].steps, steps))
      return number;
  int number = static_cast<int>(plan.hoists.size());
  alike.push_back(number);
  plan.hoists.push_back(
      {origin.value, origin.tie, origin.loop, std::move(steps), use});
  return number;
}
