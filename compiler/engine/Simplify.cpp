//===- Simplify.cpp - What XLA rewrites before it fuses -------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Simplify.h"

#include "llvm/ADT/MapVector.h"

using namespace partir::engine;

namespace {

class Simplifier {
public:
  explicit Simplifier(LocalProgram &program);

  void dropUnusedTies();
  void narrowBeforeMoves();
  void roundBeforeRepeats(int64_t productBytes);

private:
  LocalId sourceOf(const LocalOp &op) const {
    return program.operands[op.firstOperand];
  }
  bool isUnused(const LocalTie &tie) const;
  bool isCopy(LocalId value) const;
  llvm::ArrayRef<LocalId> copiesTo(LocalId operand);
  void narrow(LocalId value, int64_t elementBytes) {
    program.values[value].type =
        program.types->get(program.typeOf(value).shape, elementBytes);
  }
  void dropUse(LocalId value);
  void eraseDropped();

  LocalProgram &program;
  /// Per value the op that makes it, and how often it is used.
  std::vector<int> producers, uses;
  /// Per value the tie that it is a target of.
  std::vector<int> tieOf;
  /// What has lost a use: ties that may be unused by now.
  std::vector<int> suspects;
  std::vector<bool> isDropped;
  std::vector<LocalId> copies;
};

} // namespace

Simplifier::Simplifier(LocalProgram &program)
    : program(program), producers(program.values.size(), kNone),
      uses(program.values.size()) {
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
}

/// Whether nothing reads what is handed on, but the tie that hands it on again.
bool Simplifier::isUnused(const LocalTie &tie) const {
  int count = 0;
  for (LocalId target : tie.targets)
    count += uses[target];
  for (LocalId source : tie.sources)
    count -= llvm::is_contained(tie.targets, source);
  return count == 0;
}

/// What is used no more is not computed; collectives stay, as the plan has
/// them.
void Simplifier::dropUse(LocalId value) {
  llvm::SmallVector<LocalId, 8> stack = {value};
  while (!stack.empty()) {
    value = stack.pop_back_val();
    --uses[value];
    if (tieOf[value] != kNone)
      suspects.push_back(tieOf[value]);
    int producer = producers[value];
    if (uses[value] > 0 || producer == kNone)
      continue;
    const LocalOp &op = program.ops[producer];
    auto isUsed = [&](LocalId result) { return uses[result] > 0; };
    if (op.collective != kNone || llvm::any_of(op.results(), isUsed))
      continue;
    isDropped[producer] = true;
    llvm::append_range(stack, program.operandsOf(op));
  }
}

/// What a loop carries and nobody reads.
void Simplifier::dropUnusedTies() {
  if (llvm::none_of(program.ties,
                    [&](const LocalTie &tie) { return isUnused(tie); }))
    return;
  tieOf.assign(program.values.size(), kNone);
  isDropped.assign(program.ops.size(), false);
  for (auto [index, tie] : llvm::enumerate(program.ties)) {
    suspects.push_back(index);
    for (LocalId target : tie.targets)
      tieOf[target] = index;
  }
  while (!suspects.empty()) {
    LocalTie &tie = program.ties[suspects.back()];
    suspects.pop_back();
    if (tie.targets.empty() || !isUnused(tie))
      continue;
    auto sources = std::move(tie.sources);
    tie.targets.clear();
    for (LocalId source : sources)
      dropUse(source);
  }
  eraseDropped();
}

void Simplifier::eraseDropped() {
  llvm::erase_if(program.ties,
                 [](const LocalTie &tie) { return tie.targets.empty(); });
  std::vector<int> positions(program.ops.size() + 1);
  std::vector<LocalOp> kept;
  for (auto [index, op] : llvm::enumerate(program.ops)) {
    positions[index] = kept.size();
    if (!isDropped[index])
      kept.push_back(op);
  }
  positions.back() = kept.size();
  program.ops = std::move(kept);
  for (LocalTie &tie : program.ties)
    tie.position = positions[tie.position];
  for (int &producer : producers)
    if (producer != kNone)
      producer = isDropped[producer] ? kNone : positions[producer];
}

/// Elements are converted to a narrower type before they are moved.
void Simplifier::narrowBeforeMoves() {
  for (const LocalOp &op : program.ops) {
    if (op.cost->work != Work::Elements || op.cost->flops > 0 ||
        op.cost->transcendentals > 0 || op.numOperands != 1)
      continue;
    LocalId moved = sourceOf(op);
    const LocalType &narrowed = program.typeOf(op.firstResult);
    int move = producers[moved];
    if (move == kNone || program.ops[move].cost->work != Work::Move ||
        narrowed.elementBytes >= program.typeOf(moved).elementBytes ||
        narrowed.shape != program.typeOf(moved).shape || uses[moved] != 1)
      continue;
    LocalId source = sourceOf(program.ops[move]);
    if (uses[source] != 1 || producers[source] == kNone)
      continue;
    program.values[moved].type = &narrowed;
    narrow(source, narrowed.elementBytes);
  }
}

/// Whether the op before a value of 4 bytes an element does nothing but to copy
/// elements of its operand.
bool Simplifier::isCopy(LocalId value) const {
  if (producers[value] == kNone || program.typeOf(value).elementBytes != 4)
    return false;
  const LocalOp &op = program.ops[producers[value]];
  Work work = op.cost->work;
  return op.numOperands == 1 && op.collective == kNone &&
         (work == Work::None || work == Work::Elements || work == Work::Move) &&
         op.cost->flops == 0 && op.cost->transcendentals == 0;
}

/// The copies on the way to an operand of a product, the last first, back to
/// the first that repeats elements.
llvm::ArrayRef<LocalId> Simplifier::copiesTo(LocalId operand) {
  copies.clear();
  size_t count = 0;
  for (LocalId value = operand;
       isCopy(value) && (value == operand || uses[value] == 1);) {
    copies.push_back(value);
    LocalId source = sourceOf(program.ops[producers[value]]);
    if (program.typeOf(source).elements < program.typeOf(value).elements)
      count = copies.size();
    value = source;
  }
  return llvm::ArrayRef(copies).take_front(count);
}

/// What only products use is rounded as they round it before it is repeated.
void Simplifier::roundBeforeRepeats(int64_t productBytes) {
  llvm::MapVector<LocalId, int> products;
  for (const LocalOp &op : program.ops)
    if (op.cost->work == Work::Matrix)
      for (LocalId operand : program.operandsOf(op))
        if (isCopy(operand))
          ++products[operand];
  for (auto [operand, count] : products)
    if (count == uses[operand])
      for (LocalId value : copiesTo(operand))
        narrow(value, productBytes);
}

void partir::engine::simplify(LocalProgram &program, const Device &device) {
  Simplifier simplifier(program);
  simplifier.dropUnusedTies();
  simplifier.narrowBeforeMoves();
  if (device.productBytes > 0)
    simplifier.roundBeforeRepeats(device.productBytes);
}
