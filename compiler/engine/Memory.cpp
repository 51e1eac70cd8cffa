//===- Memory.cpp - What is in memory at once -----------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A buffer lives from one kernel to another. Values share one where an op hands
// the one on as the other, where it overwrites an operand that nobody needs
// any more, and where a loop carries them.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Memory.h"

#include "compiler/engine/Heap.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <numeric>
#include <utility>

using namespace partir::engine;

int64_t partir::engine::bytesOn(const Device &device, const LocalType &type) {
  int64_t bytes = type.bytes();
  int64_t rank = type.shape.size();
  if (device.tileColumns == 0 || rank == 0 || bytes == 0)
    return bytes;
  // The back end chooses which dims come last, so as to lose little.
  int64_t best = 0;
  for (int64_t column = 0; column < rank; ++column) {
    int64_t columns = llvm::alignTo(type.shape[column], device.tileColumns);
    int64_t padded = bytes / type.shape[column] * columns;
    int64_t withRows = rank == 1 ? padded : 0;
    for (int64_t row = 0; row < rank; ++row) {
      if (row == column)
        continue;
      int64_t size = type.shape[row];
      // Fewer rows than a tile has are kept in a tile with fewer.
      int64_t rows = llvm::alignTo(
          size, std::min<int64_t>(device.tileRows, llvm::PowerOf2Ceil(size)));
      int64_t all = padded / size * rows;
      if (withRows == 0 || all < withRows)
        withRows = all;
    }
    if (best == 0 || withRows < best)
      best = withRows;
  }
  return best;
}

llvm::StringRef partir::engine::stringify(BufferKind kind) {
  switch (kind) {
  case BufferKind::Argument:
    return "argument";
  case BufferKind::Result:
    return "result";
  case BufferKind::Temporary:
    return "temporary";
  }
  llvm_unreachable("no such kind");
}

namespace {

class MemoryMeasurer {
public:
  MemoryMeasurer(const LocalProgram &program, const Kernels &kernels,
                 const Device &device)
      : program(program), kernels(kernels), device(device),
        parents(program.values.size()), spans(program.values.size()),
        typeBytes(program.types->size(), -1) {
    std::iota(parents.begin(), parents.end(), 0);
  }

  Memory run(llvm::ArrayRef<int> aliases);
  /// All buffers at the peak.
  std::vector<LiveBuffer> findAlive(llvm::ArrayRef<int> aliases,
                                    int peakKernel);
  /// Per kernel the bytes of temporaries.
  std::vector<int64_t> overTime;

private:
  /// The kernels at which a buffer is first and last needed.
  struct Span {
    int first = kAbsent, last = -1;
    int64_t bytes = 0;
    /// An argument or a result: there all the time.
    bool isStatic = false;
  };
  static constexpr int kAbsent = 1 << 30;
  /// The part of what is in use from which on buffers are placed in the heap.
  static constexpr int64_t kSmall = 1 << 16;
  /// The part of what is in use that is lost at most. Which holes a few large
  /// buffers leave hangs on details; XLA lost no more in any program measured.
  static constexpr int64_t kMostLost = 1 << 3;

  LocalId find(LocalId value) {
    value = kernels.base[value];
    while (parents[value] != value)
      value = parents[value] = parents[parents[value]];
    return value;
  }
  Span &spanOf(LocalId value) { return spans[find(value)]; }
  /// Lets two values share a buffer, which is named by the first.
  void merge(LocalId into, LocalId from) {
    into = find(into);
    from = find(from);
    if (into == from)
      return;
    parents[from] = into;
    Span &span = spans[into];
    const Span &other = spans[from];
    span.first = std::min(span.first, other.first);
    span.last = std::max(span.last, other.last);
    span.bytes = std::max(span.bytes, other.bytes);
    span.isStatic |= other.isStatic;
  }

  int64_t bytesOf(LocalId value) {
    const LocalType &type = program.typeOf(value);
    int64_t &bytes = typeBytes[type.number];
    return bytes < 0 ? bytes = bytesOn(device, type) : bytes;
  }
  bool isRoot(LocalId value) const {
    return kernels.base[value] == value && parents[value] == value;
  }
  void findRegions();
  void use(LocalId value, RegionId region, int position);
  void define(LocalId value, RegionId region, int position) {
    Span &span = spans[kernels.base[value]];
    span.first = std::min(span.first, position);
    span.last = std::max(span.last, position);
    span.bytes = bytesOf(kernels.base[value]);
    if (device.widensHalf && !isHandedOn[kernels.base[value]] &&
        program.typeOf(value).elementBytes == 2)
      span.bytes *= 2;
    regionOf[kernels.base[value]] = region;
  }
  int positionOf(int op) const {
    return llvm::lower_bound(kernels.all, op,
                             [](const Kernel &kernel, int op) {
                               return kernel.anchor < op;
                             }) -
           kernels.all.begin();
  }
  void defineAll();
  void useAll();
  void shareTie(const LocalTie &tie);
  void shareKernel(int position);
  void alias(llvm::ArrayRef<int> aliases, Memory &memory);
  int64_t lossOf(llvm::ArrayRef<LocalId> buffers, int64_t least) const;
  void addLoss(llvm::ArrayRef<LocalId> buffers, Memory &memory);
  void sweep(Memory &memory);

  const LocalProgram &program;
  const Kernels &kernels;
  const Device &device;
  std::vector<LocalId> parents;
  std::vector<Span> spans;
  /// By the number of the type, what arrays take; -1 where nobody has asked.
  std::vector<int64_t> typeBytes;
  std::vector<RegionId> regionOf;
  /// Values of ties, which keep the type that they have in the program.
  llvm::BitVector isHandedOn;
  /// Per value the last kernel that reads it.
  std::vector<int> lastReads;
  /// The values that a reduction reads, and those that a collective writes.
  llvm::BitVector isReduced, isReceived;
  /// Per region its first kernel and the one after its last.
  std::vector<std::pair<int, int>> regionSpans;
};

} // namespace

void MemoryMeasurer::findRegions() {
  regionSpans.assign(program.regions.size(), {kAbsent, -1});
  for (auto [position, kernel] : llvm::enumerate(kernels.all))
    for (RegionId region = program.ops[kernel.root].region; region != kNone;
         region = program.regions[region].parent) {
      auto &[first, end] = regionSpans[region];
      first = std::min<int>(first, position);
      end = std::max<int>(end, position + 1);
    }
}

/// A value from outside a loop is needed until the loop ends.
void MemoryMeasurer::use(LocalId value, RegionId region, int position) {
  RegionId home = regionOf[kernels.base[value]];
  while (region != home && region != kNone) {
    if (program.regions[region].isLoop)
      position = std::max(position, regionSpans[region].second - 1);
    region = program.regions[region].parent;
  }
  Span &span = spans[kernels.base[value]];
  span.last = std::max(span.last, position);
}

void MemoryMeasurer::defineAll() {
  regionOf.assign(program.values.size(), 0);
  isHandedOn.resize(program.values.size());
  for (const LocalTie &tie : program.ties)
    for (LocalId value : llvm::concat<const LocalId>(tie.sources, tie.targets))
      isHandedOn.set(kernels.base[value]);
  isReceived.resize(program.values.size());
  for (LocalId input : program.inputs) {
    define(input, 0, 0);
    spanOf(input).isStatic = true;
  }
  for (const LocalTie &tie : program.ties)
    for (auto [target, region] : llvm::zip(tie.targets, tie.targetRegions))
      define(target, region, positionOf(tie.position));
  // A gather begins with the last product but one before it, at the earliest.
  int products[2] = {0, 0};
  RegionId region = 0;
  for (auto [position, kernel] : llvm::enumerate(kernels.all)) {
    const LocalOp &op = program.ops[kernel.root];
    if (op.region != region)
      products[0] = products[1] = position;
    region = op.region;
    bool isGather =
        op.collective != kNone &&
        program.collectives[op.collective].kind == StepKind::AllGather;
    for (LocalId result : op.results()) {
      define(result, op.region, isGather ? products[0] : position);
      if (op.collective != kNone)
        isReceived.set(result);
    }
    if (kernel.matrix != kNone) {
      products[0] = products[1];
      products[1] = position;
    }
  }
}

void MemoryMeasurer::useAll() {
  lastReads.assign(program.values.size(), -1);
  isReduced.resize(program.values.size());
  for (auto [position, kernel] : llvm::enumerate(kernels.all))
    for (LocalId input : kernels.inputsOf(kernel)) {
      use(input, program.ops[kernel.root].region, position);
      lastReads[input] = position;
      const LocalOp &root = program.ops[kernel.root];
      if (root.collective == kNone && root.cost->work == Work::Reduce)
        isReduced.set(input);
    }
  for (const LocalTie &tie : program.ties)
    for (auto [source, region] : llvm::zip(tie.sources, tie.sourceRegions))
      use(source, region,
          region == tie.region ? positionOf(tie.position)
                               : regionSpans[region].second - 1);
}

void MemoryMeasurer::shareTie(const LocalTie &tie) {
  LocalId home = tie.targets.front();
  for (LocalId target : tie.targets)
    merge(home, target);
  auto isTarget = [&](LocalId source) {
    return llvm::any_of(tie.targets, [&](LocalId target) {
      return kernels.base[target] == kernels.base[source];
    });
  };
  bool isHandedOn =
      llvm::all_of(llvm::zip(tie.sources, tie.sourceRegions), [&](auto pair) {
        auto [source, region] = pair;
        return region == tie.region || isTarget(source);
      });
  for (auto [source, region] : llvm::zip(tie.sources, tie.sourceRegions)) {
    const Span &span = spanOf(source);
    if (region == tie.region) {
      // What begins as a value that is needed later is a copy of it.
      if (isHandedOn || (!span.isStatic && span.last <= spanOf(home).first))
        merge(home, source);
      continue;
    }
    // A yielded value takes the place of the one before, if that is done with.
    int lastRead = -1;
    for (auto [target, inner] : llvm::zip(tie.targets, tie.targetRegions))
      if (inner == region)
        lastRead = std::max(lastRead, lastReads[kernels.base[target]]);
    if (!span.isStatic && span.first >= lastRead)
      merge(home, source);
  }
}

/// A kernel may write its result over an operand that is not needed any more:
/// always one that it changes in place, else one of its size. XLA does not
/// write over the results of a kernel that has several, as those that reduce
/// also what they make.
void MemoryMeasurer::shareKernel(int position) {
  const Kernel &kernel = kernels.all[position];
  const LocalOp &op = program.ops[kernel.root];
  auto isFree = [&](LocalId value) {
    const Span &span = spanOf(value);
    return !span.isStatic && span.last <= position && span.first < position;
  };
  llvm::ArrayRef<LocalId> operands = program.operandsOf(op);
  for (int i = 0; i < op.cost->overwritten; ++i)
    if (isFree(operands[i]))
      merge(operands[i], op.firstResult + i);
  bool isInPlace =
      op.collective == kNone
          ? op.cost->work == Work::Elements
          : program.collectives[op.collective].kind == StepKind::AllReduce;
  if (!isInPlace || op.numResults != 1 || op.cost->overwritten > 0 ||
      spanOf(op.firstResult).isStatic)
    return;
  auto isOneOfSeveral = [&](LocalId value) {
    return op.collective == kNone && isReduced[value] && !isReceived[value];
  };
  for (LocalId input : kernels.inputsOf(kernel))
    if (isFree(input) && !isOneOfSeveral(input) &&
        spanOf(input).bytes == spanOf(op.firstResult).bytes)
      return merge(input, op.firstResult);
}

/// Results are there all the time; of each a copy of its own.
void MemoryMeasurer::alias(llvm::ArrayRef<int> aliases, Memory &memory) {
  for (LocalId input : program.inputs)
    memory.arguments += bytesOf(input);
  for (auto [number, output] : llvm::enumerate(program.outputs)) {
    int64_t bytes = bytesOf(output);
    memory.results += bytes;
    if (number < aliases.size() && aliases[number] != kNone)
      memory.aliased += bytes;
    spanOf(output).isStatic = true;
  }
}

/// By how much a heap that takes the buffers in the order of the program is
/// larger than what is in use at once. Those that take less are left out.
int64_t MemoryMeasurer::lossOf(llvm::ArrayRef<LocalId> buffers,
                               int64_t least) const {
  // Per kernel the first buffer that begins or ends there, by its number, and
  // per buffer the next.
  int count = kernels.all.size(), none = buffers.size();
  std::vector<int> begins(count, none), ends(count, none);
  std::vector<int> nextBegins(none), nextEnds(none);
  for (int i = none - 1; i >= 0; --i) {
    const Span &span = spans[buffers[i]];
    if (span.bytes < least)
      continue;
    nextBegins[i] = std::exchange(begins[span.first], i);
    nextEnds[i] = std::exchange(ends[std::min(span.last, count - 1)], i);
  }
  Heap heap;
  int64_t now = 0, most = 0;
  std::vector<int64_t> offsets(none);
  auto bytesOf = [&](int i) { return spans[buffers[i]].bytes; };
  llvm::SmallVector<int, 8> found;
  for (int position = 0; position < count; ++position) {
    found.clear();
    for (int i = begins[position]; i != none; i = nextBegins[i])
      found.push_back(i);
    llvm::stable_sort(found, [&](int one, int other) {
      return bytesOf(one) > bytesOf(other);
    });
    for (int i : found) {
      offsets[i] = heap.place(bytesOf(i));
      now += bytesOf(i);
    }
    most = std::max(most, now);
    for (int i = ends[position]; i != none; i = nextEnds[i]) {
      heap.release(offsets[i], bytesOf(i));
      now -= bytesOf(i);
    }
  }
  return heap.size() - most;
}

void MemoryMeasurer::addLoss(llvm::ArrayRef<LocalId> buffers, Memory &memory) {
  int64_t most = memory.temporaries;
  memory.temporaries +=
      std::min(lossOf(buffers, most / kSmall), most / kMostLost);
  double share = static_cast<double>(memory.temporaries) / most;
  for (int64_t &bytes : overTime)
    bytes = std::llround(share * bytes);
}

void MemoryMeasurer::sweep(Memory &memory) {
  size_t count = kernels.all.size();
  overTime.resize(count + 1);
  std::vector<LocalId> buffers;
  for (LocalId value = 0, end = spans.size(); value < end; ++value) {
    const Span &span = spans[value];
    if (span.isStatic || span.bytes == 0 || span.first >= int(count) ||
        span.last < span.first || !isRoot(value))
      continue;
    buffers.push_back(value);
    overTime[span.first] += span.bytes;
    overTime[std::min<int>(span.last + 1, count)] -= span.bytes;
  }
  overTime.pop_back();
  int64_t now = 0;
  for (auto [position, bytes] : llvm::enumerate(overTime)) {
    now += bytes;
    bytes = now;
    if (memory.peakKernel == kNone || bytes > memory.temporaries) {
      memory.temporaries = bytes;
      memory.peakKernel = position;
    }
  }
  if (device.heapInOrder && memory.temporaries > 0)
    addLoss(buffers, memory);
}

std::vector<LiveBuffer> MemoryMeasurer::findAlive(llvm::ArrayRef<int> aliases,
                                                  int peakKernel) {
  std::vector<LiveBuffer> alive;
  for (LocalId input : program.inputs)
    alive.push_back({input, BufferKind::Argument, bytesOf(input)});
  for (auto [number, output] : llvm::enumerate(program.outputs))
    if (number >= aliases.size() || aliases[number] == kNone)
      alive.push_back({output, BufferKind::Result, bytesOf(output)});
  for (LocalId value = 0, end = spans.size(); value < end; ++value) {
    const Span &span = spans[value];
    if (!span.isStatic && span.bytes > 0 && span.first <= peakKernel &&
        span.last >= peakKernel && isRoot(value))
      alive.push_back({value, BufferKind::Temporary, span.bytes});
  }
  return alive;
}

Memory MemoryMeasurer::run(llvm::ArrayRef<int> aliases) {
  Memory memory;
  findRegions();
  defineAll();
  useAll();
  for (const LocalTie &tie : program.ties)
    shareTie(tie);
  alias(aliases, memory);
  for (int position = 0, end = kernels.all.size(); position < end; ++position)
    shareKernel(position);
  sweep(memory);
  return memory;
}

Memory partir::engine::measureMemory(const LocalProgram &program,
                                     const Kernels &kernels,
                                     const Device &device,
                                     llvm::ArrayRef<int> aliases) {
  return MemoryMeasurer(program, kernels, device).run(aliases);
}

MemoryProfile partir::engine::profileMemory(const LocalProgram &program,
                                            const Kernels &kernels,
                                            const Device &device,
                                            llvm::ArrayRef<int> aliases) {
  MemoryMeasurer measurer(program, kernels, device);
  MemoryProfile profile;
  profile.total = measurer.run(aliases);
  profile.alive = measurer.findAlive(aliases, profile.total.peakKernel);
  profile.overTime = std::move(measurer.overTime);
  return profile;
}
