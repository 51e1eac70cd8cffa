//===- Suggest.cpp - How a conflict can be settled ------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conflicts that one change would settle share the trial of it.
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Suggest.h"

#include "compiler/passes/Explain.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/FormatVariadic.h"

#include <map>
#include <tuple>

using namespace mlir;
using namespace partir;
using engine::kNone;
using engine::NodeId;
using engine::ValueId;

/// No more changes of a kind are tried for the conflicts of a tactic; each
/// costs as much as the tactic itself.
static constexpr size_t kTrials = 16;

std::string Suggestion::str() const {
  using llvm::formatv;
  switch (kind) {
  case PartFirst:
    return formatv("{0} becomes a tactic of its own, before the rest of "
                   "\"{1}\"",
                   partName.empty() ? formatv("part {0}", part).str()
                                    : "\"" + partName + "\"",
                   tactic);
  case ActionFirst:
    return formatv("\"{0}\" dim {1} on {2} becomes a tactic of its own, before "
                   "the rest of \"{3}\"",
                   target, dim, axis, tactic);
  case Replicate:
    return formatv("a tactic before \"{0}\" keeps \"{1}\" whole on {2}", tactic,
                   target, axis);
  case Tile:
    break;
  }
  if (!target.empty())
    return formatv("a tactic before \"{0}\" tiles \"{1}\" dim {2} on {3}",
                   tactic, target, dim, axis);
  return formatv(
      "{0} gets a tag, and a tactic before \"{1}\" tiles its dim {2} "
      "on {3}",
      value, tactic, dim, axis);
}

/// The state as it was when there were so many decisions. Nothing is ever
/// undone: what is newer is left out.
static engine::State takeBack(const engine::State &state, size_t decisions) {
  engine::State before(state);
  auto eraseNewer = [&](auto &lists) {
    for (auto &list : lists)
      llvm::erase_if(list, [&](const auto &one) {
        return one.cause >= static_cast<int>(decisions);
      });
  };
  eraseNewer(before.nodes);
  eraseNewer(before.values);
  eraseNewer(before.atomics);
  before.causes.resize(decisions);
  return before;
}

namespace {

/// A change to try. Which fields count depends on the kind.
struct Edit {
  Suggestion::Kind kind;
  int axis;
  int part = kNone, action = kNone;
  ValueId value = kNone;
  int dim = kNone;

  bool operator<(const Edit &other) const {
    auto key = [](const Edit &e) {
      return std::tie(e.kind, e.axis, e.part, e.action, e.value, e.dim);
    };
    return key(*this) < key(other);
  }
};

/// A candidate of a conflict, both by their numbers.
struct Want {
  size_t conflict;
  int candidate;
};

class Suggester {
public:
  Suggester(const ProgramGraph &program, const engine::State &before,
            const engine::State &after,
            const engine::LoopBlockedDims &blockedDims, StringRef name,
            ArrayRef<TacticPart> parts, ArrayRef<engine::Conflict> conflicts)
      : program(program), before(before), after(after),
        blockedDims(blockedDims), name(name), parts(parts),
        conflicts(conflicts), suggestions(conflicts.size()),
        explainer(program, after) {
    for (auto [value, tiles] : llvm::enumerate(after.values))
      for (const engine::ValueTile &tile : tiles)
        roots[tile.cause] = {static_cast<ValueId>(value), tile.dim};
    for (auto [part, p] : llvm::enumerate(parts))
      for (auto [number, action] : llvm::enumerate(p.actions))
        for (ValueId value : valuesOf(action.target))
          actions.try_emplace({value, axisOf(p)}, static_cast<int>(part),
                              static_cast<int>(number));
  }

  std::vector<std::vector<Suggestion>> run() {
    // What is tried and fails is no error of the user's.
    ScopedDiagnosticHandler silence(program.getFunc().getContext(),
                                    [](Diagnostic &) { return success(); });
    SmallVector<Want> open;
    for (auto [number, conflict] : llvm::enumerate(conflicts))
      for (int i = 0, e = static_cast<int>(conflict.candidates.size()); i < e;
           ++i)
        open.push_back({number, i});
    // The first of those that are alike before the others: not all may be
    // tried.
    std::vector<int> ranks = findRanks();
    llvm::stable_sort(open, [&](const Want &a, const Want &b) {
      return ranks[a.conflict] < ranks[b.conflict];
    });
    for (Suggestion::Kind kind :
         {Suggestion::PartFirst, Suggestion::ActionFirst, Suggestion::Replicate,
          Suggestion::Tile})
      settle(kind, open);
    for (std::vector<Suggestion> &one : suggestions)
      llvm::sort(one, [](const Suggestion &a, const Suggestion &b) {
        return a.candidate < b.candidate;
      });
    return std::move(suggestions);
  }

private:
  const engine::Graph &graph() const { return program.graph; }
  int axisOf(const TacticPart &part) const {
    return graph().mesh.find(part.axis);
  }

  ArrayRef<ValueId>
  valuesOf(const std::variant<int, std::string> &target) const {
    if (const int *number = std::get_if<int>(&target))
      return graph().inputs[*number];
    return program.getTags().find(std::get<std::string>(target))->second;
  }

  /// How many conflicts before each one are like it: at the same place of the
  /// source, between the same ways.
  std::vector<int> findRanks() const {
    std::map<std::pair<std::string, std::string>, int> counts;
    std::vector<int> ranks;
    for (const engine::Conflict &conflict : conflicts) {
      std::string ways;
      for (const engine::Candidate &candidate : conflict.candidates)
        ways += explainer.factors(conflict.node, candidate.tiles) + "; ";
      ranks.push_back(counts[{explainer.node(conflict.node), ways}]++);
    }
    return ranks;
  }

  /// Tries the changes of a kind for the wants that are open.
  void settle(Suggestion::Kind kind, SmallVector<Want> &open) {
    llvm::MapVector<Edit, SmallVector<Want>, std::map<Edit, unsigned>> edits;
    for (const Want &want : open)
      if (auto edit = propose(kind, conflicts[want.conflict], want.candidate))
        edits[*edit].push_back(want);
    for (auto &[edit, wants] : llvm::make_range(
             edits.begin(), edits.begin() + std::min(edits.size(), kTrials))) {
      engine::State state(before);
      if (failed(apply(edit, state)))
        continue;
      for (const Want &want : wants)
        if (isSettled(state, want))
          add(edit, want);
    }
    llvm::erase_if(open, [&](const Want &want) {
      return llvm::any_of(suggestions[want.conflict], [&](auto &suggestion) {
        return suggestion.candidate == want.candidate;
      });
    });
  }

  std::optional<Edit> propose(Suggestion::Kind kind,
                              const engine::Conflict &conflict,
                              int candidate) const {
    switch (kind) {
    case Suggestion::PartFirst:
    case Suggestion::ActionFirst:
      return proposeFirst(kind, conflict, candidate);
    case Suggestion::Replicate:
      return proposeWhole(conflict, candidate);
    case Suggestion::Tile:
      return proposeTile(conflict, candidate);
    }
    return std::nullopt;
  }

  /// The decision that a candidate goes back to.
  int rootOf(const engine::Candidate &candidate) const {
    int cause = candidate.cause;
    while (after.causes[cause].parent != kNone)
      cause = after.causes[cause].parent;
    return cause;
  }

  /// The action of the tactic behind a candidate, if that is what the others do
  /// not go back to.
  std::optional<Edit> proposeFirst(Suggestion::Kind kind,
                                   const engine::Conflict &conflict,
                                   int candidate) const {
    int root = rootOf(conflict.candidates[candidate]);
    auto tile = roots.find(root);
    if (root < static_cast<int>(before.causes.size()) || tile == roots.end())
      return std::nullopt;
    auto found = actions.find({tile->second.value, conflict.axis});
    if (found == actions.end())
      return std::nullopt;
    for (auto [number, other] : llvm::enumerate(conflict.candidates))
      if (static_cast<int>(number) != candidate && rootOf(other) == root)
        return std::nullopt;
    auto [part, action] = found->second;
    Edit edit{kind, conflict.axis, part};
    if (kind == Suggestion::PartFirst)
      return parts.size() > 1 ? std::optional(edit) : std::nullopt;
    edit.action = action;
    edit.value = tile->second.value;
    edit.dim = tile->second.dim;
    return edit;
  }

  /// An input or a tag that has a dim of each other candidate, and none of
  /// this one: kept whole, it leaves one way.
  std::optional<Edit> proposeWhole(const engine::Conflict &conflict,
                                   int candidate) const {
    const engine::Node &node = graph().nodes[conflict.node];
    for (auto [value, factors] :
         llvm::zip_equal(node.operands, node.rule.operands)) {
      engine::State::Places places;
      after.placesInLayout(value, conflict.axis, places);
      if (targetOf(value).empty() || !places.empty())
        continue;
      bool isIt = true;
      for (auto [number, other] : llvm::enumerate(conflict.candidates)) {
        bool hasFactor = llvm::any_of(other.tiles, [&](auto &tile) {
          return engine::dimOf(factors, tile.factor) >= 0;
        });
        isIt &= hasFactor == (static_cast<int>(number) != candidate);
      }
      if (isIt)
        return Edit{Suggestion::Replicate, conflict.axis, kNone, kNone, value};
    }
    return std::nullopt;
  }

  /// A result of the op, or else an operand, that has the candidate's factor.
  std::optional<Edit> proposeTile(const engine::Conflict &conflict,
                                  int candidate) const {
    ArrayRef<engine::FactorTile> tiles = conflict.candidates[candidate].tiles;
    // An action tiles by a whole axis.
    if (tiles.size() != 1 || !graph().mesh.isWhole(tiles.front().axis))
      return std::nullopt;
    const engine::Node &node = graph().nodes[conflict.node];
    auto among = [&](ArrayRef<ValueId> values,
                     ArrayRef<engine::ValueFactors> factors) {
      std::optional<Edit> edit;
      for (auto [value, valueFactors] : llvm::zip_equal(values, factors)) {
        int dim = engine::dimOf(valueFactors, tiles.front().factor);
        if (dim >= 0 && !edit && canName(value))
          edit = Edit{Suggestion::Tile,
                      conflict.axis,
                      kNone,
                      kNone,
                      taggedAs(value),
                      dim};
      }
      return edit;
    };
    auto edit = among(node.results, node.rule.results);
    return edit ? edit : among(node.operands, node.rule.operands);
  }

  std::string nameOf(const std::variant<int, std::string> &target) const {
    const int *number = std::get_if<int>(&target);
    return number ? program.inputName(*number).str()
                  : std::get<std::string>(target);
  }

  /// What an input or a tag is called, of which the value is the only one;
  /// empty if it is neither.
  std::string targetOf(ValueId value) const {
    auto argument = dyn_cast<BlockArgument>(program.valueOf(value));
    if (argument && graph().values[value].producer == kNone)
      return program.inputName(argument.getArgNumber()).str();
    auto tag = program.valueOf(value).getDefiningOp<TagOp>();
    if (tag && program.getTags().find(tag.getName())->second.size() == 1)
      return tag.getName().str();
    return "";
  }

  /// The tag that a user gave the value, or the value itself.
  ValueId taggedAs(ValueId value) const {
    for (const engine::Use &use : graph().values[value].uses) {
      const engine::Node &node = graph().nodes[use.node];
      if (node.results.size() == 1 && !targetOf(node.results.front()).empty())
        return node.results.front();
    }
    return value;
  }

  /// Whether a user can address the value, or give it a tag: it is the value of
  /// an expression of the forward pass, which is used elsewhere. Of what JAX
  /// makes of one expression, only that is the user's.
  bool canName(ValueId value) const {
    if (!targetOf(taggedAs(value)).empty())
      return true;
    const engine::Value &v = graph().values[value];
    if (v.producer == kNone || graph().nodes[v.producer].isTie ||
        isBackward(v.producer))
      return false;
    std::string here = explainer.sourceOf(value);
    return v.isOutput || llvm::any_of(v.uses, [&](const engine::Use &use) {
             return !isBackward(use.node) &&
                    sourceText(program.opOf(use.node)->getLoc()) != here;
           });
  }

  /// Whether JAX made the op by transposing a linear one.
  bool isBackward(NodeId node) const {
    auto named = program.opOf(node)->getLoc()->findInstanceOf<NameLoc>();
    return named && named.getName().getValue().contains("transpose(");
  }

  LogicalResult apply(const Edit &edit, engine::State &state) const {
    std::vector<TacticPart> rest(parts);
    engine::AxisRef axis = graph().mesh.whole(edit.axis);
    switch (edit.kind) {
    case Suggestion::PartFirst:
      rest.erase(rest.begin() + edit.part);
      if (failed(
              applyTactic(program, state, blockedDims, name, parts[edit.part])))
        return failure();
      break;
    case Suggestion::ActionFirst: {
      auto &actions = rest[edit.part].actions;
      TacticPart first{parts[edit.part].axis,
                       {{actions[edit.action].target, Action::Tile, edit.dim}}};
      actions.erase(actions.begin() + edit.action);
      if (failed(applyTactic(program, state, blockedDims, name, first)))
        return failure();
      break;
    }
    case Suggestion::Replicate:
      if (engine::makeAtomic(state, edit.value, axis, name))
        return failure();
      propagate(program, state, name, edit.axis);
      break;
    case Suggestion::Tile:
      // A tag would be a copy of the value with this tile.
      if (engine::tile(state, edit.value, edit.dim, axis, name))
        return failure();
      propagate(program, state, name, edit.axis);
      break;
    }
    return applyTactic(program, state, blockedDims, name, rest);
  }

  /// Whether the op has taken the candidate.
  bool isSettled(const engine::State &state, const Want &want) const {
    const engine::Conflict &conflict = conflicts[want.conflict];
    return llvm::all_of(
        conflict.candidates[want.candidate].tiles,
        [&](const engine::FactorTile &wanted) {
          return llvm::any_of(
              state.nodes[conflict.node], [&](const engine::NodeTile &tile) {
                return tile.axis == wanted.axis && tile.factor == wanted.factor;
              });
        });
  }

  void add(const Edit &edit, const Want &want) {
    const engine::Conflict &conflict = conflicts[want.conflict];
    Suggestion one;
    one.kind = edit.kind;
    one.candidate = want.candidate;
    one.factor = explainer.factors(conflict.node,
                                   conflict.candidates[want.candidate].tiles);
    one.tactic = name;
    one.axis = graph().mesh.axes[edit.axis].name;
    one.dim = edit.dim;
    one.part = edit.part;
    if (edit.part != kNone)
      one.partName = parts[edit.part].name;
    if (edit.action != kNone) {
      one.target = nameOf(parts[edit.part].actions[edit.action].target);
    } else if (edit.value != kNone) {
      one.target = targetOf(edit.value);
      one.value = explainer.value(edit.value);
      one.loc = explainer.sourceOf(edit.value);
    }
    suggestions[want.conflict].push_back(std::move(one));
  }

  const ProgramGraph &program;
  const engine::State &before, &after;
  const engine::LoopBlockedDims &blockedDims;
  std::string name;
  ArrayRef<TacticPart> parts;
  ArrayRef<engine::Conflict> conflicts;
  std::vector<std::vector<Suggestion>> suggestions;
  Explainer explainer;
  /// The tile that an action made, by its cause.
  struct Root {
    ValueId value;
    int dim;
  };
  DenseMap<int, Root> roots;
  /// The first action on a value over an axis: its part, and its number there.
  DenseMap<std::pair<ValueId, int>, std::pair<int, int>> actions;
};

} // namespace

std::vector<std::vector<Suggestion>>
partir::suggest(const ProgramGraph &program, const engine::State &state,
                size_t decisionsBefore,
                const engine::LoopBlockedDims &blockedDims, StringRef name,
                ArrayRef<TacticPart> parts,
                ArrayRef<engine::Conflict> conflicts) {
  if (conflicts.empty())
    return {};
  engine::State before = takeBack(state, decisionsBefore);
  return Suggester(program, before, state, blockedDims, name, parts, conflicts)
      .run();
}
