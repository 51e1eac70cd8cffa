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
  for (int index = 0, end = program.ops.size(); index < end; ++index) {
    for (LocalId result : program.ops[index].results)
      producers[result] = index;
    for (LocalId operand : program.ops[index].operands)
      ++uses[operand];
  }
  for (LocalId output : program.outputs)
    ++uses[output];
  for (const LocalTie &tie : program.ties)
    for (LocalId source : tie.sources)
      ++uses[source];

  for (const LocalOp &op : program.ops) {
    if (op.cost.work != Work::Elements || op.cost.flops > 0 ||
        op.cost.transcendentals > 0 || op.operands.size() != 1)
      continue;
    const LocalValue &result = program.values[op.results.front()];
    LocalValue &moved = program.values[op.operands.front()];
    int move = producers[op.operands.front()];
    if (move == kNone || program.ops[move].cost.work != Work::Move ||
        result.elementBytes >= moved.elementBytes ||
        result.shape != moved.shape || uses[op.operands.front()] != 1)
      continue;
    LocalId source = program.ops[move].operands.front();
    if (uses[source] != 1 || producers[source] == kNone)
      continue;
    moved.elementBytes = result.elementBytes;
    program.values[source].elementBytes = result.elementBytes;
  }
}
