//===- Fusion.cpp - Which ops run as one ----------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the last op to the first, as XLA's fusion goes. An op on elements joins
// the kernel of its user. With several users it is computed in each of them
// where that reads no more than its result has, and is cheap; else its result
// is kept.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Fusion.h"

#include "llvm/ADT/STLExtras.h"

#include <utility>

using namespace partir::engine;

namespace {

class Fuser {
public:
  Fuser(const LocalProgram &program, const Device &device)
      : program(program), device(device) {}

  Kernels run();

private:
  using Roots = llvm::SmallVector<int, 2>;

  bool isLoop(const LocalOp &op) const {
    return op.collective == kNone &&
           (op.cost.work == Work::Elements || op.cost.work == Work::Move);
  }
  /// Whether what makes an operand of the op may run inside the op's kernel.
  bool takesProducers(const LocalOp &op) const {
    if (op.collective != kNone)
      return false;
    return op.cost.work == Work::Elements || op.cost.work == Work::Reduce ||
           (op.cost.work == Work::Matrix && device.fusesMatrix);
  }
  void findBases();
  void findUses();
  void place(int index);
  void findSources();
  bool repeats(LocalId value) const;
  bool joinsItsUser(LocalId value, RegionId region) const;
  bool isCheap(const LocalOp &op, const Roots &wanted) const;
  void collect(Kernel &kernel);
  int readyAt(LocalId value, int64_t bytes) const;
  void joinSiblings();

  const LocalProgram &program;
  const Device &device;
  Kernels kernels;
  /// The ops that use a value, by its base.
  llvm::ArrayRef<int> usersOf(LocalId value) const {
    return llvm::ArrayRef(userOps).slice(
        firstUsers[value], firstUsers[value + 1] - firstUsers[value]);
  }
  std::vector<int> firstUsers, userOps;
  /// Per value whether something other than an op needs it in memory.
  std::vector<bool> isKept;
  std::vector<int> producers;
  /// Per value the one large value that it is computed of, itself, or none
  /// where all are small.
  std::vector<LocalId> sources;
  /// Per op the roots of the kernels that it runs in.
  std::vector<Roots> roots;
  /// Per op that is a root whether a product runs in its kernel.
  std::vector<bool> hasMatrix;
  /// Per op and value the last kernel that was found to have it.
  std::vector<int> opsSeenBy, valuesSeenBy;
};

} // namespace

/// A result without work is its operand.
void Fuser::findBases() {
  kernels.base.resize(program.values.size());
  for (int i = 0, end = program.values.size(); i < end; ++i)
    kernels.base[i] = i;
  for (const LocalOp &op : program.ops)
    if (op.cost.work == Work::None && !op.operands.empty())
      for (LocalId result : op.results)
        kernels.base[result] = kernels.base[op.operands.front()];
}

void Fuser::findUses() {
  size_t count = program.values.size();
  producers.assign(count, kNone);
  isKept.resize(count);
  firstUsers.resize(count + 1);
  auto forEachUse = [&](auto visit) {
    for (auto [index, op] : llvm::enumerate(program.ops))
      if (op.cost.work != Work::None)
        for (LocalId operand : op.operands)
          visit(kernels.base[operand], static_cast<int>(index));
  };
  forEachUse([&](LocalId value, int) { ++firstUsers[value + 1]; });
  for (size_t value = 0; value < count; ++value)
    firstUsers[value + 1] += firstUsers[value];
  userOps.resize(firstUsers.back());
  std::vector<int> next(firstUsers.begin(), firstUsers.end() - 1);
  forEachUse([&](LocalId value, int op) { userOps[next[value]++] = op; });
  for (auto [index, op] : llvm::enumerate(program.ops))
    if (op.cost.work != Work::None)
      for (LocalId result : op.results)
        producers[result] = index;
  for (LocalId output : program.outputs)
    isKept[kernels.base[output]] = true;
  for (const LocalTie &tie : program.ties)
    for (LocalId source : tie.sources)
      isKept[kernels.base[source]] = true;
}

/// What the ops on elements before a value are computed of: one large value in
/// memory and perhaps small ones, or else the value itself.
void Fuser::findSources() {
  sources.resize(program.values.size());
  for (LocalId value = 0, end = sources.size(); value < end; ++value)
    sources[value] = kernels.base[value];
  // Values on the way from a product to the first that several ops use.
  std::vector<bool> isOfProduct(program.values.size());
  for (const LocalOp &op : program.ops) {
    if (op.cost.work == Work::Matrix && device.fusesMatrix)
      isOfProduct[op.results.front()] = true;
    if (!isLoop(op) || op.results.size() != 1 || op.cost.overwritten > 0)
      continue;
    LocalId result = op.results.front(), large = kNone;
    int64_t bytes = program.values[result].bytes();
    bool isUnary = true;
    for (auto [position, operand] : llvm::enumerate(op.operands)) {
      LocalId source = sources[kernels.base[operand]];
      if (source == kNone)
        continue;
      bool isPart = llvm::is_contained(op.cost.partlyRead, position);
      if (source == large ||
          (!isPart && program.values[source].bytes() * 8 < bytes))
        continue;
      isUnary &= large == kNone;
      large = source;
    }
    // Arithmetic on a product that nothing else uses is done where the product
    // is: what is in memory is its result.
    bool endsProduct = false;
    for (LocalId operand : op.operands) {
      LocalId base = kernels.base[operand];
      endsProduct |= isOfProduct[base] && usersOf(base).size() == 1;
    }
    isOfProduct[result] = endsProduct;
    if (large == kNone)
      sources[result] = kNone;
    else if (isUnary && !(endsProduct && op.cost.flops > 0))
      sources[result] = large;
  }
}

/// Whether a value repeats the elements of a large one, which products do not
/// take into themselves.
bool Fuser::repeats(LocalId value) const {
  LocalId source = sources[value];
  return source != kNone &&
         program.values[source].elements < program.values[value].elements;
}

/// Whether a value is computed in the kernel of the one op that uses it.
bool Fuser::joinsItsUser(LocalId value, RegionId region) const {
  int producer = producers[value];
  if (producer == kNone || isKept[value] || usersOf(value).size() != 1)
    return false;
  const LocalOp &op = program.ops[producer];
  return op.results.size() == 1 && op.region == region && isLoop(op);
}

/// Whether it moves less to compute the op in each of the kernels than to write
/// its result and read it there. A kernel that has other use for what the op is
/// computed of reads no more for it.
bool Fuser::isCheap(const LocalOp &op, const Roots &wanted) const {
  LocalId result = op.results.front(), source = sources[result];
  if (source == kNone)
    return true;
  if (source == result)
    return false;
  int64_t read = program.values[source].bytes();
  int64_t bytes = program.values[result].bytes();
  if (!op.cost.partlyRead.empty())
    read = std::min(read, bytes);
  llvm::SmallVector<int, 8> readers;
  constexpr size_t kLooked = 16;
  for (int user : usersOf(source).take_front(kLooked))
    readers.append(roots[user].begin(), roots[user].end());
  int64_t kernelCount = wanted.size();
  int64_t readCount = llvm::count_if(
      wanted, [&](int root) { return !llvm::is_contained(readers, root); });
  // What nothing else uses need not be in memory if the result is.
  int64_t sourceCount = joinsItsUser(source, op.region) ? 1 : -1;
  return (readCount + sourceCount) * read <= (kernelCount + 1) * bytes;
}

void Fuser::place(int index) {
  const LocalOp &op = program.ops[index];
  Roots &mine = roots[index];
  mine = {index};
  hasMatrix[index] = op.cost.work == Work::Matrix;
  bool isProduct = hasMatrix[index] && device.fusesMatrix;
  if (op.results.size() != 1 || !(isLoop(op) || isProduct))
    return;
  LocalId result = op.results.front();
  Roots wanted;
  for (int user : usersOf(result)) {
    if (!takesProducers(program.ops[user]) ||
        program.ops[user].region != op.region ||
        (program.ops[user].cost.work == Work::Matrix && repeats(result)))
      return;
    for (int root : roots[user])
      if (!llvm::is_contained(wanted, root))
        wanted.push_back(root);
  }
  if (isKept[result] || wanted.empty())
    return;
  if (isProduct) {
    if (wanted.size() == 1 && isLoop(program.ops[wanted.front()]) &&
        !hasMatrix[wanted.front()]) {
      mine = wanted;
      hasMatrix[wanted.front()] = true;
    }
    return;
  }
  if (wanted.size() == 1 || isCheap(op, wanted))
    mine = wanted;
}

/// Notes what a kernel reads and does: its root, and what runs inside it.
void Fuser::collect(Kernel &kernel) {
  const LocalOp &root = program.ops[kernel.root];
  llvm::SmallVector<int, 8> stack = {kernel.root};
  opsSeenBy[kernel.root] = kernel.root;
  while (!stack.empty()) {
    int index = stack.pop_back_val();
    const LocalOp &op = program.ops[index];
    kernel.flops += op.cost.flops;
    kernel.transcendentals += op.cost.transcendentals;
    if (op.cost.work == Work::Matrix)
      kernel.matrix = index;
    int64_t largest = 0;
    for (LocalId result : op.results)
      largest = std::max(largest, program.values[result].bytes());
    for (auto [position, operand] : llvm::enumerate(op.operands)) {
      LocalId base = kernels.base[operand];
      int producer = producers[base];
      if (producer != kNone &&
          llvm::is_contained(roots[producer], kernel.root) &&
          producer != kernel.root) {
        if (std::exchange(opsSeenBy[producer], kernel.root) != kernel.root)
          stack.push_back(producer);
        continue;
      }
      if (std::exchange(valuesSeenBy[base], kernel.root) == kernel.root)
        continue;
      kernel.inputs.push_back(base);
      int64_t bytes = program.values[operand].bytes();
      if (static_cast<int>(position) < op.cost.overwritten)
        bytes = 0;
      else if (llvm::is_contained(op.cost.partlyRead, position))
        bytes = std::min(bytes, largest);
      kernel.bytes += static_cast<double>(bytes);
    }
  }
  for (auto [number, result] : llvm::enumerate(root.results)) {
    kernels.isInMemory[result] = true;
    if (static_cast<int>(number) >= root.cost.overwritten)
      kernel.bytes += static_cast<double>(program.values[result].bytes());
  }
  // What is overwritten in part is read and written as far as the update goes.
  if (root.cost.overwritten > 0)
    for (LocalId operand :
         llvm::drop_begin(root.operands, root.cost.overwritten))
      kernel.bytes += static_cast<double>(program.values[operand].bytes());
}

/// The last op that has to be over before a value is there. What is small
/// beside `bytes` is computed when it is needed.
int Fuser::readyAt(LocalId value, int64_t bytes) const {
  constexpr int kLooked = 256;
  llvm::SmallVector<LocalId, 16> stack = {value};
  int ready = kNone, looked = 0;
  while (!stack.empty()) {
    LocalId next = stack.pop_back_val();
    int producer = producers[next];
    if (producer <= ready)
      continue;
    bool isLarge =
        kernels.isInMemory[next] && program.values[next].bytes() * 8 >= bytes;
    if (isLarge || ++looked > kLooked) {
      ready = producer;
      continue;
    }
    for (LocalId operand : program.ops[producer].operands)
      stack.push_back(kernels.base[operand]);
  }
  return ready;
}

/// Two loops over the same array are one if the later needs nothing that the
/// earlier has to be over for. It then runs as early.
void Fuser::joinSiblings() {
  std::vector<llvm::SmallVector<int, 2>> readers(program.values.size());
  for (Kernel &kernel : kernels.all) {
    const LocalOp &root = program.ops[kernel.root];
    if (!isLoop(root) || root.cost.overwritten > 0)
      continue;
    const LocalValue &result = program.values[root.results.front()];
    auto shapeOf = [&](int op) -> const llvm::SmallVector<int64_t, 4> & {
      return program.values[program.ops[op].results[0]].shape;
    };
    int ready = kNone;
    for (LocalId input : kernel.inputs)
      ready = std::max(ready, readyAt(input, result.bytes()));
    for (LocalId input : kernel.inputs) {
      if (program.values[input].bytes() * 8 < result.bytes())
        continue;
      // The first of those that it need not wait for.
      constexpr size_t kTried = 16;
      llvm::ArrayRef<int> later = readers[input];
      later = later.drop_front(llvm::upper_bound(later, ready) - later.begin());
      for (int other : later.take_front(kTried))
        if (other < kernel.anchor && program.ops[other].region == root.region &&
            shapeOf(other) == result.shape) {
          kernel.anchor = other;
          kernel.bytes -= static_cast<double>(program.values[input].bytes());
        }
      readers[input].push_back(kernel.root);
    }
  }
}

Kernels Fuser::run() {
  findBases();
  findUses();
  findSources();
  roots.resize(program.ops.size());
  hasMatrix.resize(program.ops.size());
  opsSeenBy.assign(program.ops.size(), kNone);
  valuesSeenBy.assign(program.values.size(), kNone);
  for (int index = program.ops.size() - 1; index >= 0; --index)
    if (program.ops[index].cost.work != Work::None)
      place(index);
  kernels.isInMemory.resize(program.values.size());
  for (auto [index, op] : llvm::enumerate(program.ops)) {
    if (op.cost.work == Work::None || roots[index].front() != int(index))
      continue;
    int root = index;
    Kernel kernel{root, root};
    collect(kernel);
    kernels.all.push_back(std::move(kernel));
  }
  joinSiblings();
  llvm::stable_sort(kernels.all, [](const Kernel &one, const Kernel &other) {
    return one.anchor < other.anchor;
  });
  return std::move(kernels);
}

Kernels partir::engine::fuse(const LocalProgram &program,
                             const Device &device) {
  return Fuser(program, device).run();
}
