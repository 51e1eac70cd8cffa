//===- Suggest.h - How a conflict can be settled ----------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A conflict is settled by what decides the op first: another order of what is
// asked for, a value that is kept whole, or a value that is tiled. Which of its
// candidates the op should take is for the user to say, so each has a
// suggestion of its own. Every suggestion is tried on a copy of the state.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_SUGGEST_H
#define PARTIR_PASSES_SUGGEST_H

#include "compiler/engine/Candidates.h"
#include "compiler/passes/Tactic.h"

namespace partir {

/// A change of the schedule after which the op of a conflict takes one of its
/// candidates.
struct Suggestion {
  /// In the order in which they are tried.
  enum Kind {
    /// A part of a merged tactic becomes a tactic of its own, before the rest.
    PartFirst,
    /// So does one action.
    ActionFirst,
    /// A tactic before it keeps an input or a tag whole on the axis.
    Replicate,
    /// A tactic before it tiles a value.
    Tile,
  };
  Kind kind;
  /// Which of the candidates the op takes: its number, and in words.
  int candidate;
  std::string factor;
  /// The tactic that is changed, or before which one is put.
  std::string tactic;
  std::string axis;
  /// Of the first two kinds: which part of the tactic, and its name.
  int part = engine::kNone;
  std::string partName;
  /// Of the others and of an action: the name of the input or tag. Empty where
  /// a tag has to be made: for the value `value`, which is made at `loc`.
  std::string target, value, loc;
  int dim = engine::kNone;

  /// `"BP" becomes a tactic of its own, before the rest of "all"`.
  std::string str() const;
};

/// For each conflict the suggestions, at most one for each candidate. `state`
/// is the one after the tactic, which has the conflicts; before it, there were
/// so many decisions.
std::vector<std::vector<Suggestion>>
suggest(const ProgramGraph &program, const engine::State &state,
        size_t decisionsBefore, const engine::LoopBlockedDims &blockedDims,
        llvm::StringRef name, llvm::ArrayRef<TacticPart> parts,
        llvm::ArrayRef<engine::Conflict> conflicts);

} // namespace partir

#endif // PARTIR_PASSES_SUGGEST_H
