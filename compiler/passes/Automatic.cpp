//===- Automatic.cpp - Tactics found by search ----------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Automatic.h"

#include "compiler/passes/InnerNames.h"

#include <thread>

using namespace mlir;
using namespace partir;

/// What a second is worth: so many nodes are planned and estimated in one by
/// two cores of the kind that one finds today, and a state takes as much as
/// some nodes besides. The budget of a search is the number of states that
/// follows, so that the result does not hang on the clock.
static constexpr double kNodesPerSecond = 4e6, kNodesBesides = 60;

namespace {

/// The targets of a program, and what a tactic calls them.
class TargetNames {
public:
  TargetNames(const ProgramGraph &program, ArrayRef<int> inputs)
      : inner(program) {
    for (int number : inputs) {
      engine::ValueId input = program.graph.inputs[number];
      names[input] = number;
      targets.push_back({input});
    }
    for (const auto &[tag, values] : program.getTags()) {
      names[values.front()] = tag.str();
      targets.emplace_back(values.begin(), values.end());
    }
  }

  ArrayRef<engine::Target> getTargets() const { return targets; }

  std::variant<int, std::string> nameOf(const engine::Target &target) const {
    auto found = names.find(target.front());
    if (found != names.end())
      return found->second;
    return inner.nameOf(target.front()).str();
  }

private:
  std::vector<engine::Target> targets;
  llvm::DenseMap<engine::ValueId, std::variant<int, std::string>> names;
  InnerNames inner;
};

} // namespace

static FoundTactic makeTactic(const TargetNames &names,
                              const engine::Mesh &mesh,
                              const engine::Tactic &tactic) {
  FoundTactic found{{mesh.axes[tactic.decisions.front().axis].name, {}, ""},
                    {}};
  for (auto [decision, cost] :
       llvm::zip_equal(tactic.decisions, tactic.costs)) {
    bool isTile = decision.kind == engine::Decision::Tile;
    for (const engine::Target &target : *decision.targets)
      found.part.actions.push_back({names.nameOf(target),
                                    isTile ? Action::Tile : Action::Replicated,
                                    decision.dim});
    found.decisions.push_back({decision.targets->size(), cost});
  }
  return found;
}

FailureOr<SearchReport> partir::findTactics(const ProgramGraph &program,
                                            const engine::State &state,
                                            StringRef name,
                                            const engine::Device &device,
                                            const AutomaticOptions &options,
                                            engine::SearchObserver observe) {
  engine::SearchOptions search;
  for (StringRef axis : options.axes) {
    FailureOr<int> found = findAxis(program, axis, name);
    if (failed(found))
      return failure();
    search.axes.push_back(*found);
  }
  search.goal.memory = options.memory;
  double nodes = static_cast<double>(program.graph.nodes.size());
  search.budget = static_cast<int64_t>(options.seconds * kNodesPerSecond /
                                       (nodes + kNodesBesides));
  search.seed = options.seed;
  search.threads = options.threads;
  if (search.threads <= 0)
    search.threads = std::max(1u, std::thread::hardware_concurrency());

  TargetNames names(program, options.inputs);
  engine::SearchResult result = engine::search(
      state, names.getTargets(), device, options.aliases, search, observe);
  SearchReport report{{},
                      result.before,
                      result.after,
                      result.byDescent,
                      result.lowerBound,
                      result.isExhaustive,
                      result.tried,
                      result.isCut};
  for (const engine::Tactic &tactic : result.tactics)
    report.tactics.push_back(makeTactic(names, program.graph.mesh, tactic));
  return report;
}
