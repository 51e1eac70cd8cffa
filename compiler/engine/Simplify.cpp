//===- Simplify.cpp - What XLA rewrites before it fuses -------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Simplify.h"

using namespace partir::engine;

void partir::engine::simplify(LocalProgram &program) {
  std::vector<int> producers(program.values.size(), kNone);
  std::vector<int> uses(program.values.size());
  for (int index = 0, end = program.ops.size(); index < end; ++index)
    for (LocalId result : program.ops[index].results())
      producers[result] = index;
  for (LocalId operand : program.operands)
    ++uses[operand];
  for (LocalId output : program.outputs)
    ++uses[output];
  for (const LocalTie &tie : program.ties)
    for (LocalId source : tie.sources)
      ++uses[source];

  auto sourceOf = [&](const LocalOp &op) {
    return program.operands[op.firstOperand];
  };
  for (const LocalOp &op : program.ops) {
    if (op.cost->work != Work::Elements || op.cost->flops > 0 ||
        op.cost->transcendentals > 0 || op.numOperands != 1)
      continue;
    LocalId moved = sourceOf(op);
    const LocalType &narrow = program.typeOf(op.firstResult);
    int move = producers[moved];
    if (move == kNone || program.ops[move].cost->work != Work::Move ||
        narrow.elementBytes >= program.typeOf(moved).elementBytes ||
        narrow.shape != program.typeOf(moved).shape || uses[moved] != 1)
      continue;
    LocalId source = sourceOf(program.ops[move]);
    if (uses[source] != 1 || producers[source] == kNone)
      continue;
    program.values[moved].type = &narrow;
    program.values[source].type =
        program.types->get(program.typeOf(source).shape, narrow.elementBytes);
  }
}
