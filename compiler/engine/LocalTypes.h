//===- LocalTypes.h - Arrays on a device, and what ops take -----*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program has few different arrays and few ops that take differently long:
// they are kept once, and found again by their address.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_LOCALTYPES_H
#define PARTIR_ENGINE_LOCALTYPES_H

#include "compiler/engine/State.h"

#include <deque>
#include <unordered_map>

namespace partir::engine {

/// The shape of an array on a device, and the size of its elements.
struct LocalType {
  llvm::SmallVector<int64_t, 4> shape;
  int64_t elementBytes, elements;
  /// Among the types that there are.
  int number;

  int64_t bytes() const { return elements * elementBytes; }
};

/// The sizes of a product of matrices: `batch` of [m, k] times [k, n].
struct MatrixSizes {
  double batch = 1, m = 1, n = 1, k = 1;
};

/// What an op takes on a device.
struct LocalCost : Cost {
  /// Of a matrix product.
  MatrixSizes matrix = {};
};

/// What the rule says of a device that runs a chunk by these tiles, of which
/// the first result has this many elements.
LocalCost localCost(const Rule &rule, llvm::ArrayRef<NodeTile> tiles,
                    int64_t resultElements);

class LocalTypes {
public:
  LocalTypes();
  LocalTypes(const LocalTypes &) = delete;

  const LocalType *get(llvm::ArrayRef<int64_t> shape, int64_t elementBytes);
  /// Of a device's chunk of an array.
  const LocalType *get(const LocalType *whole, const Layout &layout);
  size_t size() const { return types.size(); }

  const LocalCost *add(LocalCost cost) {
    return &costs.emplace_back(std::move(cost));
  }
  /// Of adding up two arrays.
  const LocalCost *ofSum(const LocalType *type);
  /// Of cutting out a device's chunk.
  const LocalCost *ofSlice() const { return slice; }
  const LocalCost *ofCollective() const { return collective; }

private:
  std::deque<LocalType> types;
  std::unordered_multimap<size_t, const LocalType *> byHash;
  std::deque<LocalCost> costs;
  const LocalCost *slice, *collective;
  /// By the number of the type.
  std::vector<const LocalCost *> sums;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_LOCALTYPES_H
