//===- LargestBuffers.cpp - What takes most of the memory -----------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/LargestBuffers.h"

#include "compiler/passes/Explain.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace partir;

namespace {

class BufferGroups {
public:
  BufferGroups(func::FuncOp func, const engine::LocalProgram &local,
               const Origins &origins)
      : func(func), local(local), origins(origins) {}

  void add(const engine::LiveBuffer &buffer) {
    ArrayRef<int64_t> shape = local.typeOf(buffer.value).shape;
    Value origin = origins.value(local.values[buffer.value].origin);
    bool isInput = isa<BlockArgument>(origin) &&
                   origin.getParentBlock() == &func.getBody().front();
    std::string name = isInput ? "" : nameOf(func, origin);
    std::string loc = isInput ? "" : sourceOf(origin);
    Key key{buffer.kind,
            {shape.begin(), shape.end()},
            getElementTypeOrSelf(origin).getAsOpaquePointer(),
            buffer.bytes,
            name,
            loc};
    auto [entry, isNew] = numbers.try_emplace(std::move(key), groups.size());
    if (isNew)
      groups.push_back({stringify(buffer.kind).str(),
                        isInput ? nameOf(func, origin) : name,
                        loc,
                        {shape.begin(), shape.end()},
                        0,
                        0});
    BufferReport &group = groups[entry->second];
    ++group.count;
    group.bytes += buffer.bytes;
    if (isInput && group.count == 2)
      group.value = "inputs like" + group.value.substr(strlen("input"));
  }

  std::vector<BufferReport> largest() && {
    llvm::stable_sort(groups, [](const auto &one, const auto &other) {
      return one.bytes > other.bytes;
    });
    constexpr size_t kShown = 10;
    groups.resize(std::min(groups.size(), kShown));
    return std::move(groups);
  }

private:
  using Key = std::tuple<engine::BufferKind, std::vector<int64_t>, const void *,
                         int64_t, std::string, std::string>;

  std::string sourceOf(Value value) const {
    Operation *op = value.getDefiningOp();
    return sourceText(
        (op ? op : value.getParentBlock()->getParentOp())->getLoc());
  }

  func::FuncOp func;
  const engine::LocalProgram &local;
  const Origins &origins;
  std::vector<BufferReport> groups;
  std::map<Key, size_t> numbers;
};

} // namespace

std::vector<BufferReport>
partir::largestBuffers(func::FuncOp func, const engine::LocalProgram &local,
                       ArrayRef<engine::LiveBuffer> buffers,
                       const Origins &origins) {
  BufferGroups groups(func, local, origins);
  for (const engine::LiveBuffer &buffer : buffers)
    groups.add(buffer);
  return std::move(groups).largest();
}
