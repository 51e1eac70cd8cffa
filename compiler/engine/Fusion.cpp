//===- Fusion.cpp - Which ops run as one ----------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the last op to the first, as XLA's fusion goes. An op on elements joins
// the kernel of its user. With several users it is computed in each of them
// where that moves no more than to write its result and to read it there; else
// its result is kept.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Fusion.h"

#include "llvm/ADT/STLExtras.h"

#include <numeric>
#include <utility>

using namespace partir::engine;

namespace {

/// A set of numbers that is emptied at once.
class Marks {
public:
  void resize(size_t size) { marks.resize(size); }
  void clear() { ++now; }
  bool contains(int number) const { return marks[number] == now; }
  /// Whether the number was not there yet.
  bool insert(int number) { return std::exchange(marks[number], now) != now; }

private:
  std::vector<int> marks;
  int now = 1;
};

class Fuser {
public:
  Fuser(const LocalProgram &program, const Device &device)
      : program(program), device(device), sources(program.values.size()) {}

  Kernels run();

private:
  /// Of an op that runs in one kernel its root; of one that runs in several
  /// where the roots begin in `manyRoots`.
  struct Roots {
    int first = 0, count = 0;
  };

  bool isLoop(const LocalOp &op) const {
    return op.collective == kNone &&
           (op.cost->work == Work::Elements || op.cost->work == Work::Move);
  }
  /// Whether what makes an operand of the op may run inside the op's kernel.
  bool takesProducers(const LocalOp &op) const {
    if (op.collective != kNone)
      return false;
    return op.cost->work == Work::Elements || op.cost->work == Work::Reduce ||
           (op.cost->work == Work::Matrix && device.fusesMatrix);
  }
  /// The memory that an op's operands are in.
  llvm::ArrayRef<LocalId> operandsOf(const LocalOp &op) const {
    return llvm::ArrayRef(operands).slice(op.firstOperand, op.numOperands);
  }
  llvm::ArrayRef<int> rootsOf(int op) const {
    const Roots &mine = roots[op];
    return mine.count == 1
               ? llvm::ArrayRef<int>(mine.first)
               : llvm::ArrayRef(manyRoots).slice(mine.first, mine.count);
  }
  void findBases();
  void findUses();
  void place(int index);
  void setRoots(int index, llvm::ArrayRef<int> wanted);
  void findSources();
  bool repeats(LocalId value) const;
  bool joinsItsUser(LocalId value, RegionId region) const;
  bool isCheap(const LocalOp &op, llvm::ArrayRef<int> wanted);
  void findMembers();
  void collect(Kernel &kernel);
  void addInput(Kernel &kernel, const LocalOp &op, int position);
  /// The bytes of the largest result.
  int64_t largestOf(const LocalOp &op) const {
    int64_t largest = 0;
    for (LocalId result : op.results())
      largest = std::max(largest, program.bytesOf(result));
    return largest;
  }
  int readyAt(LocalId value, int64_t bytes) const;
  void joinSiblings();
  void sortByAnchor();

  const LocalProgram &program;
  const Device &device;
  Kernels kernels;
  /// The ops that use a value, by its base.
  llvm::ArrayRef<int> usersOf(LocalId value) const {
    return llvm::ArrayRef(userOps).slice(
        firstUsers[value], firstUsers[value + 1] - firstUsers[value]);
  }
  std::vector<int> firstUsers, userOps;
  std::vector<LocalId> operands;
  /// Per value whether something other than an op needs it in memory.
  llvm::BitVector isKept;
  std::vector<int> producers;
  /// Per value the one large value that it is computed of, itself, or none
  /// where all are small.
  std::vector<LocalId> sources;
  /// Per op the roots of the kernels that it runs in.
  std::vector<Roots> roots;
  std::vector<int> manyRoots;
  /// Per op that is a root whether a product runs in its kernel.
  llvm::BitVector hasMatrix;
  /// The ops that run in the kernel of a root, in program order.
  llvm::ArrayRef<int> membersOf(int root) const {
    return llvm::ArrayRef(members).slice(
        firstMembers[root], firstMembers[root + 1] - firstMembers[root]);
  }
  std::vector<int> firstMembers, members;
  /// Per value that the kernel which is collected reads its place in `inputs`.
  std::vector<int> inputPlaces;
  /// Roots while ops are placed.
  Marks wantedRoots, readerRoots;
  /// Of the kernel that is collected its ops, those of them that are on the
  /// stack or done with, and the values that it reads.
  Marks ownOps, seenOps, seenValues;
};

} // namespace

/// A result without work is its operand.
void Fuser::findBases() {
  std::vector<LocalId> &base = kernels.base;
  base.resize(program.values.size());
  std::iota(base.begin(), base.end(), 0);
  operands.resize(program.operands.size());
  producers.assign(base.size(), kNone);
  for (auto [index, op] : llvm::enumerate(program.ops)) {
    for (int i = op.firstOperand, end = i + op.numOperands; i < end; ++i)
      operands[i] = base[program.operands[i]];
    if (op.cost->work != Work::None)
      for (LocalId result : op.results())
        producers[result] = static_cast<int>(index);
    else if (op.numOperands > 0)
      for (LocalId result : op.results())
        base[result] = operands[op.firstOperand];
  }
}

void Fuser::findUses() {
  size_t count = program.values.size();
  firstUsers.resize(count + 2);
  auto forEachUse = [&](auto visit) {
    for (auto [index, op] : llvm::enumerate(program.ops))
      if (op.cost->work != Work::None)
        for (LocalId operand : operandsOf(op))
          visit(operand, static_cast<int>(index));
  };
  // Counted two places on, so that filling them in moves each begin by one
  // place to where it belongs.
  forEachUse([&](LocalId value, int) { ++firstUsers[value + 2]; });
  std::partial_sum(firstUsers.begin(), firstUsers.end(), firstUsers.begin());
  userOps.resize(firstUsers.back());
  forEachUse(
      [&](LocalId value, int op) { userOps[firstUsers[value + 1]++] = op; });
  isKept.resize(count);
  for (LocalId output : program.outputs)
    isKept.set(kernels.base[output]);
  for (const LocalTie &tie : program.ties)
    for (LocalId source : tie.sources)
      isKept.set(kernels.base[source]);
}

/// What the ops on elements before a value are computed of: one large value in
/// memory and perhaps small ones, or else the value itself.
void Fuser::findSources() {
  sources = kernels.base;
  // Values on the way from a product to the first that several ops use.
  llvm::BitVector isOfProduct(program.values.size());
  for (const LocalOp &op : program.ops) {
    if (op.cost->work == Work::Matrix && device.fusesMatrix)
      isOfProduct.set(op.firstResult);
    if (!isLoop(op) || op.numResults != 1 || op.cost->overwritten > 0)
      continue;
    LocalId result = op.firstResult, large = kNone;
    int64_t bytes = program.bytesOf(result);
    bool isUnary = true;
    // Arithmetic on a product that nothing else uses is done where the product
    // is: what is in memory is its result.
    bool endsProduct = false;
    for (auto [position, operand] : llvm::enumerate(operandsOf(op))) {
      endsProduct |= isOfProduct[operand] && usersOf(operand).size() == 1;
      LocalId source = sources[operand];
      if (source == kNone || source == large)
        continue;
      bool isPart = llvm::is_contained(op.cost->partlyRead, position);
      if (!isPart && program.bytesOf(source) * 8 < bytes)
        continue;
      isUnary &= large == kNone;
      large = source;
    }
    isOfProduct[result] = endsProduct;
    if (large == kNone)
      sources[result] = kNone;
    else if (isUnary && !(endsProduct && op.cost->flops > 0))
      sources[result] = large;
  }
}

/// Whether a value repeats the elements of a large one, which products do not
/// take into themselves.
bool Fuser::repeats(LocalId value) const {
  LocalId source = sources[value];
  return source != kNone &&
         program.typeOf(source).elements < program.typeOf(value).elements;
}

/// Whether a value is computed in the kernel of the one op that uses it.
bool Fuser::joinsItsUser(LocalId value, RegionId region) const {
  int producer = producers[value];
  if (producer == kNone || isKept[value] || usersOf(value).size() != 1)
    return false;
  const LocalOp &op = program.ops[producer];
  return op.numResults == 1 && op.region == region && isLoop(op);
}

/// Whether it moves less to compute the op in each of the kernels than to write
/// its result and read it there. A kernel that has other use for what the op is
/// computed of reads no more for it.
bool Fuser::isCheap(const LocalOp &op, llvm::ArrayRef<int> wanted) {
  LocalId result = op.firstResult, source = sources[result];
  if (source == kNone)
    return true;
  if (source == result)
    return false;
  int64_t read = program.bytesOf(source);
  int64_t bytes = program.bytesOf(result);
  if (!op.cost->partlyRead.empty())
    read = std::min(read, bytes);
  readerRoots.clear();
  constexpr size_t kLooked = 16;
  for (int user : usersOf(source).take_front(kLooked))
    for (int root : rootsOf(user))
      readerRoots.insert(root);
  int64_t kernelCount = wanted.size();
  int64_t readCount = llvm::count_if(
      wanted, [&](int root) { return !readerRoots.contains(root); });
  // What nothing else uses need not be in memory if the result is.
  int64_t sourceCount = joinsItsUser(source, op.region) ? 1 : -1;
  return (readCount + sourceCount) * read <= (kernelCount + 1) * bytes;
}

void Fuser::setRoots(int index, llvm::ArrayRef<int> wanted) {
  if (wanted.size() == 1) {
    roots[index] = {wanted.front(), 1};
    return;
  }
  roots[index] = {static_cast<int>(manyRoots.size()),
                  static_cast<int>(wanted.size())};
  llvm::append_range(manyRoots, wanted);
}

void Fuser::place(int index) {
  const LocalOp &op = program.ops[index];
  roots[index] = {index, 1};
  hasMatrix[index] = op.cost->work == Work::Matrix;
  bool isProduct = hasMatrix[index] && device.fusesMatrix;
  if (op.numResults != 1 || !(isLoop(op) || isProduct))
    return;
  LocalId result = op.firstResult;
  if (isKept[result])
    return;
  llvm::SmallVector<int, 8> wanted;
  wantedRoots.clear();
  for (int user : usersOf(result)) {
    if (!takesProducers(program.ops[user]) ||
        program.ops[user].region != op.region ||
        (program.ops[user].cost->work == Work::Matrix && repeats(result)))
      return;
    for (int root : rootsOf(user))
      if (wantedRoots.insert(root))
        wanted.push_back(root);
  }
  if (wanted.empty())
    return;
  if (isProduct) {
    if (wanted.size() == 1 && isLoop(program.ops[wanted.front()]) &&
        !hasMatrix[wanted.front()]) {
      setRoots(index, wanted);
      hasMatrix.set(wanted.front());
    }
    return;
  }
  if (wanted.size() == 1 || isCheap(op, wanted))
    setRoots(index, wanted);
}

void Fuser::findMembers() {
  int numOps = static_cast<int>(program.ops.size());
  firstMembers.resize(numOps + 2);
  auto forEachRoot = [&](auto visit) {
    for (int index = 0; index < numOps; ++index)
      for (int root : rootsOf(index))
        visit(index, root);
  };
  forEachRoot([&](int, int root) { ++firstMembers[root + 2]; });
  std::partial_sum(firstMembers.begin(), firstMembers.end(),
                   firstMembers.begin());
  members.resize(firstMembers.back());
  forEachRoot(
      [&](int index, int root) { members[firstMembers[root + 1]++] = index; });
}

/// An operand of an op in the kernel that the kernel has to read. Several parts
/// of a value are at most all of it.
void Fuser::addInput(Kernel &kernel, const LocalOp &op, int position) {
  LocalId value = operandsOf(op)[position];
  if (seenValues.insert(value)) {
    inputPlaces[value] = kernels.inputs.size();
    kernels.inputs.push_back(value);
    kernels.inputBytes.push_back(0);
    ++kernel.numInputs;
  }
  if (position < op.cost->overwritten)
    return;
  int64_t all = program.bytesOf(program.operandsOf(op)[position]), read = all;
  if (llvm::is_contained(op.cost->partlyRead, position))
    read = std::min(read, largestOf(op));
  int64_t &bytes = kernels.inputBytes[inputPlaces[value]];
  bytes = std::max(bytes, std::min(bytes + read, all));
}

/// Notes what a kernel reads and does: its root, and what runs inside it.
void Fuser::collect(Kernel &kernel) {
  const LocalOp &root = program.ops[kernel.root];
  llvm::SmallVector<int, 8> stack = {kernel.root};
  kernel.firstInput = static_cast<int>(kernels.inputs.size());
  ownOps.clear();
  for (int op : membersOf(kernel.root))
    ownOps.insert(op);
  seenOps.clear();
  seenValues.clear();
  while (!stack.empty()) {
    int index = stack.pop_back_val();
    const LocalOp &op = program.ops[index];
    kernel.flops += op.cost->flops;
    kernel.transcendentals += op.cost->transcendentals;
    if (op.cost->work == Work::Matrix)
      kernel.matrix = index;
    for (auto [position, operand] : llvm::enumerate(operandsOf(op))) {
      int producer = producers[operand];
      if (producer != kNone && producer != kernel.root &&
          ownOps.contains(producer)) {
        if (seenOps.insert(producer))
          stack.push_back(producer);
      } else {
        addInput(kernel, op, static_cast<int>(position));
      }
    }
  }
  for (int64_t bytes : kernels.bytesOfInputs(kernel))
    kernel.bytes += static_cast<double>(bytes);
  for (auto [number, result] : llvm::enumerate(root.results())) {
    kernels.isInMemory.set(result);
    if (static_cast<int>(number) >= root.cost->overwritten)
      kernel.bytes += static_cast<double>(program.bytesOf(result));
  }
  // What is overwritten in part is read and written as far as the update goes.
  if (root.cost->overwritten > 0)
    for (LocalId operand :
         program.operandsOf(root).drop_front(root.cost->overwritten))
      kernel.bytes += static_cast<double>(program.bytesOf(operand));
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
        kernels.isInMemory[next] && program.bytesOf(next) * 8 >= bytes;
    if (isLarge || ++looked > kLooked) {
      ready = producer;
      continue;
    }
    llvm::append_range(stack, operandsOf(program.ops[producer]));
  }
  return ready;
}

/// Two loops over the same array are one if the later needs nothing that the
/// earlier has to be over for. It then runs as early, and does not read again
/// what the other has read as a whole.
void Fuser::joinSiblings() {
  // Per value the roots of the loops that read it, with room for all kernels.
  std::vector<int> firstReaders(program.values.size() + 1);
  for (LocalId input : kernels.inputs)
    ++firstReaders[input + 1];
  std::partial_sum(firstReaders.begin(), firstReaders.end(),
                   firstReaders.begin());
  std::vector<int> readers(kernels.inputs.size());
  llvm::BitVector readsAll(kernels.inputs.size());
  std::vector<int> numReaders(program.values.size());
  auto typeOf = [&](int op) {
    return program.values[program.ops[op].firstResult].type;
  };
  // Loops that have read all of an input, and what reading it again takes.
  llvm::SmallVector<std::pair<int, int64_t>, 16> saved;
  for (Kernel &kernel : kernels.all) {
    const LocalOp &root = program.ops[kernel.root];
    if (!isLoop(root) || root.cost->overwritten > 0)
      continue;
    const LocalType &result = program.typeOf(root.firstResult);
    int ready = kNone;
    for (LocalId input : kernels.inputsOf(kernel))
      ready = std::max(ready, readyAt(input, result.bytes()));
    saved.clear();
    for (auto [input, bytes] :
         llvm::zip(kernels.inputsOf(kernel), kernels.bytesOfInputs(kernel))) {
      int64_t all = program.bytesOf(input);
      if (all * 8 < result.bytes())
        continue;
      // The first of those that it need not wait for.
      constexpr int kTried = 16;
      int first = firstReaders[input], place = first + numReaders[input]++;
      int later = std::upper_bound(readers.data() + first,
                                   readers.data() + place, ready) -
                  readers.data();
      for (int i = later, end = std::min(place, later + kTried); i < end; ++i) {
        int other = readers[i];
        if (program.ops[other].region != root.region ||
            typeOf(other)->shape != result.shape)
          continue;
        kernel.anchor = std::min(kernel.anchor, other);
        if (readsAll[i])
          saved.push_back({other, bytes});
      }
      readers[place] = kernel.root;
      if (bytes == all)
        readsAll.set(place);
    }
    for (auto [other, bytes] : saved)
      if (other == kernel.anchor)
        kernel.bytes -= static_cast<double>(bytes);
  }
}

void Fuser::sortByAnchor() {
  std::vector<int> places(program.ops.size() + 1);
  for (const Kernel &kernel : kernels.all)
    ++places[kernel.anchor + 1];
  std::partial_sum(places.begin(), places.end(), places.begin());
  std::vector<Kernel> sorted(kernels.all.size());
  for (const Kernel &kernel : kernels.all)
    sorted[places[kernel.anchor]++] = kernel;
  kernels.all = std::move(sorted);
}

Kernels Fuser::run() {
  findBases();
  findUses();
  findSources();
  int numOps = static_cast<int>(program.ops.size());
  roots.resize(numOps);
  hasMatrix.resize(numOps);
  for (Marks *marks : {&wantedRoots, &readerRoots, &ownOps, &seenOps})
    marks->resize(numOps);
  seenValues.resize(program.values.size());
  inputPlaces.resize(program.values.size());
  for (int index = numOps - 1; index >= 0; --index)
    if (program.ops[index].cost->work != Work::None)
      place(index);
  findMembers();
  kernels.isInMemory.resize(program.values.size());
  for (int index = 0; index < numOps; ++index) {
    if (program.ops[index].cost->work == Work::None ||
        rootsOf(index).front() != index)
      continue;
    Kernel &kernel = kernels.all.emplace_back();
    kernel.root = kernel.anchor = index;
    collect(kernel);
  }
  joinSiblings();
  sortByAnchor();
  return std::move(kernels);
}

Kernels partir::engine::fuse(const LocalProgram &program,
                             const Device &device) {
  return Fuser(program, device).run();
}
