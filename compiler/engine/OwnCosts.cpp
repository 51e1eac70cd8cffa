//===- OwnCosts.cpp - What nodes cost by themselves -----------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/OwnCosts.h"

#include "compiler/engine/Estimate.h"
#include "compiler/engine/Simplify.h"

#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;

/// Whether the node stands for no code.
static bool isFree(const Node &node) {
  return node.isTie || node.results.empty() ||
         (!node.operands.empty() &&
          node.rule.unread.size() == node.operands.size());
}

OwnCosts::OwnCosts(const State &state, const Device &device,
                   const std::shared_ptr<Forms> &forms)
    : graph(state.graph), device(device), forms(forms),
      isInMemory(graph.values.size()) {
  LocalProgram program = makeLocalProgram(Plan(state, forms));
  simplify(program, device);
  Kernels kernels = fuse(program, device);
  llvm::BitVector touched = kernels.isInMemory;
  for (LocalId input : kernels.inputs)
    touched.set(input);
  for (auto [value, base] : llvm::zip_equal(program.values, kernels.base))
    if (touched.test(base))
      isInMemory.set(value.origin);
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

double OwnCosts::secondsOf(NodeId node, const Form &form) const {
  const Node &n = graph.nodes[node];
  if (isFree(n))
    return 0;
  LocalProgram program(forms->types);
  llvm::SmallVector<LocalId, 4> operands;
  for (auto [value, layout] : llvm::zip_equal(n.operands, form.operands))
    operands.push_back(program.addValue(forms->typeOf(value, layout), value));
  program.addOp(form.cost, operands, 0, node);
  for (auto [value, type] : llvm::zip_equal(n.results, form.types))
    program.addResult(type, value);
  Kernels kernels = fuse(program, device);
  if (kernels.all.empty())
    return 0;
  LocalProgram moved = program;
  for (LocalValue &value : moved.values)
    if (!isInMemory[value.origin])
      value.type = forms->types->get(value.type->shape, 0);
  Kernel kernel = kernels.all.front();
  kernel.bytes = fuse(moved, device).all.front().bytes;
  double seconds = partir::engine::secondsOf(program, kernel, device);
  // One that writes nothing is no kernel of its own.
  bool isInside = llvm::none_of(
      n.results, [&](ValueId value) { return isInMemory[value]; });
  return isInside ? seconds - device.overhead : seconds;
}
