//===- OwnCosts.cpp - What nodes cost by themselves -----------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/OwnCosts.h"

#include "compiler/engine/Estimate.h"
#include "compiler/engine/Simplify.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;

/// Whether the node stands for no code.
static bool isFree(const Node &node) {
  return node.isTie || node.results.empty() ||
         (!node.operands.empty() &&
          node.rule.unread.size() == node.operands.size());
}

OwnCosts::OwnCosts(const State &state, const Device &device)
    : graph(state.graph), device(device), isInMemory(graph.values.size()) {
  LocalProgram program = makeLocalProgram(Plan(state));
  simplify(program);
  Kernels kernels = fuse(program, device);
  llvm::BitVector touched(program.values.size());
  for (const Kernel &kernel : kernels.all)
    for (LocalId value : llvm::concat<const LocalId>(
             kernel.inputs, program.ops[kernel.root].results))
      touched.set(value);
  for (auto [value, base] : llvm::zip_equal(program.values, kernels.base))
    if (touched.test(base))
      isInMemory[value.origin] = true;
}

double OwnCosts::secondsOf(const Value &value,
                           llvm::ArrayRef<Step> steps) const {
  double seconds = 0;
  for (const Step &step : steps)
    if (step.kind != StepKind::Slice)
      seconds += partir::engine::secondsOf(makeCollective(value, step),
                                           graph.mesh, device)
                     .first;
  return seconds;
}

double OwnCosts::secondsOf(const State &state, NodeId node) const {
  const Node &n = graph.nodes[node];
  if (isFree(n))
    return 0;
  LocalProgram program;
  auto add = [&](ValueId value, const Layout &layout) {
    return program.addValue(localShape(graph.values[value], layout),
                            graph.values[value].elementBytes, value);
  };
  LocalOp op;
  for (auto [index, value] : llvm::enumerate(n.operands))
    op.operands.push_back(add(value, state.required(node, index)));
  for (ValueId value : n.results)
    op.results.push_back(add(value, state.produced(value)));
  setCost(program, op, n.rule, state.nodes[node]);
  program.ops.push_back(std::move(op));
  Kernels kernels = fuse(program, device);
  if (kernels.all.empty())
    return 0;
  Kernel kernel = std::move(kernels.all.front());
  LocalProgram moved = program;
  for (LocalValue &value : moved.values)
    if (!isInMemory[value.origin])
      value.elementBytes = 0;
  kernel.bytes = fuse(moved, device).all.front().bytes;
  double seconds = partir::engine::secondsOf(program, kernel, device);
  // One that writes nothing is no kernel of its own.
  bool isInside = llvm::none_of(
      n.results, [&](ValueId value) { return isInMemory[value]; });
  return isInside ? seconds - device.overhead : seconds;
}
