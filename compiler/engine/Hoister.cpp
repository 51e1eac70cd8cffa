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

Hoister::Hoister(Plan &plan, Forms &forms)
    : plan(plan), forms(forms), graph(plan.state.graph) {}

int Hoister::hoist(const Use &use, llvm::ArrayRef<Step> &steps) {
  if (steps.empty() || !graph.regions[graph.regionOf(use)].isLoop)
    return kNone;
  llvm::ArrayRef<Step> before =
      steps.take_until([](const Step &step) { return isGather(step); });
  if (llvm::none_of(before,
                    [](const Step &step) { return step.isCollective(); }))
    return kNone;
  const Layout *target = forms.layouts.add(before.back().to);
  Origin origin = findOrigin(use, target);
  if (origin.loop == kNone)
    return kNone;
  Steps hoisted = convertFrom(origin, target);
  for (const Step &step : before)
    if (step.kind == StepKind::Window)
      hoisted.push_back(step);
  steps = steps.drop_front(before.size());
  return addHoist(origin, use, std::move(hoisted));
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
                                    const Layout *target) const {
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

const Steps &Hoister::convertFrom(const Origin &origin,
                                  const Layout *target) const {
  const Layout &from = origin.tie == kNone ? plan.stored(origin.value)
                                           : plan.required(origin.tie, 0);
  return forms.convert(origin.value, &from, forms.noPartials(), target);
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
