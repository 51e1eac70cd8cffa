//===- Schedule.h - Meshes and schedules as text ----------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a user types on the command line:
//
//   mesh     ::= axis `=` size (`,` axis `=` size)*
//   schedule ::= tactic (`;` tactic)*
//   tactic   ::= part (`&` part)*
//   part     ::= name `(` axis `)` `:` action (`,` action)*
//   action   ::= target `=` (dim | `first` | `first>=` dim | `replicated`)
//
// A target is the name of an input, a dotted path above several, the number of
// an input, or a tag. Where two actions of a part meet at an input, the longer
// path wins. A negative dim counts from the end. The parts of one tactic are
// merged: all actions first, then propagation axis by axis.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_SCHEDULE_H
#define PARTIR_PASSES_SCHEDULE_H

#include "compiler/passes/InnerNames.h"
#include "compiler/passes/Tactic.h"

namespace partir {

struct ScheduledAction {
  std::string target;
  Action::Kind kind;
  int dim;
};

struct ScheduledPart {
  std::string name, axis;
  std::vector<ScheduledAction> actions;
};

struct ScheduledTactic {
  std::string name;
  std::vector<ScheduledPart> parts;
};

/// Fails, with a diagnostic at `loc`, where the text is no mesh.
mlir::FailureOr<MeshAttr> parseMesh(llvm::StringRef text, mlir::Location loc);

/// Fails, with a diagnostic at `loc`, where the text is no schedule.
mlir::FailureOr<std::vector<ScheduledTactic>>
parseSchedule(llvm::StringRef text, mlir::Location loc);

/// `dim`, `first`, `first>=1` or `replicated`; none if the text is neither.
std::optional<std::pair<Action::Kind, int>> parseValue(llvm::StringRef text);

/// The actions on all that a name stands for in a program. Fails, with a
/// diagnostic, if it is the name of nothing or of two things. `innerNames` are
/// made when they are asked for.
mlir::FailureOr<std::vector<Action>>
resolveAction(const ProgramGraph &program, const ScheduledAction &action,
              std::optional<InnerNames> &innerNames);

/// The actions of a part. Of two that meet at an input, the one that names it
/// by the longer path stays.
mlir::FailureOr<TacticPart> resolvePart(const ProgramGraph &program,
                                        const ScheduledPart &part);

} // namespace partir

#endif // PARTIR_PASSES_SCHEDULE_H
