//===- LocalTypes.cpp - Arrays on a device, and what ops take -------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/LocalTypes.h"

#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;
using llvm::ArrayRef;

/// The sizes of a product: what the dims of its two operands and its result
/// have in common says which is which.
static MatrixSizes matrixSizesOf(const Rule &rule, ArrayRef<NodeTile> tiles,
                                 double flops, double resultElements) {
  MatrixSizes sizes;
  if (rule.operands.size() < 2 || rule.results.empty())
    return sizes;
  for (int factor = 0, end = rule.factors.size(); factor < end; ++factor) {
    bool isLeft = dimOf(rule.operands[0], factor) >= 0;
    bool isRight = dimOf(rule.operands[1], factor) >= 0;
    if (!isRight || dimOf(rule.results[0], factor) < 0)
      continue;
    int64_t size = rule.factors[factor].size;
    for (const NodeTile &tile : tiles)
      if (tile.factor == factor)
        size /= tile.axis.size;
    (isLeft ? sizes.batch : sizes.n) *= static_cast<double>(size);
  }
  // What else the result has is rows; a convolution slides over them.
  sizes.m = std::max(1.0, resultElements / (sizes.batch * sizes.n));
  sizes.k = std::max(1.0, flops / (2 * std::max(1.0, resultElements)));
  return sizes;
}

LocalCost partir::engine::localCost(const Rule &rule, ArrayRef<NodeTile> tiles,
                                    int64_t resultElements) {
  LocalCost cost{rule.cost};
  for (const NodeTile &tile : tiles) {
    cost.flops /= static_cast<double>(tile.axis.size);
    cost.transcendentals /= static_cast<double>(tile.axis.size);
    if (cost.updatesPerRow > 1 && dimOf(rule.results[0], tile.factor) < 0)
      cost.updatesPerRow /= tile.axis.size;
  }
  if (rule.cost.updatesPerRow > 1 && cost.updatesPerRow <= 1) {
    cost.work = Work::Elements;
    cost.overwritten = 0;
  }
  if (cost.work == Work::Matrix)
    cost.matrix = matrixSizesOf(rule, tiles, cost.flops,
                                static_cast<double>(resultElements));
  return cost;
}

LocalTypes::LocalTypes() {
  LocalCost cost;
  cost.partlyRead = {0};
  slice = add(cost);
  cost = {};
  cost.work = Work::Apart;
  collective = add(cost);
}

const LocalType *LocalTypes::get(ArrayRef<int64_t> shape,
                                 int64_t elementBytes) {
  size_t hash = llvm::hash_combine(
      elementBytes, llvm::hash_combine_range(shape.begin(), shape.end()));
  auto [begin, end] = byHash.equal_range(hash);
  for (auto it = begin; it != end; ++it)
    if (it->second->elementBytes == elementBytes && it->second->shape == shape)
      return it->second;
  LocalType &type = types.emplace_back();
  type.shape.assign(shape.begin(), shape.end());
  type.elementBytes = elementBytes;
  type.elements = 1;
  for (int64_t size : shape)
    type.elements *= size;
  type.number = static_cast<int>(types.size()) - 1;
  byHash.emplace(hash, &type);
  return &type;
}

const LocalType *LocalTypes::get(const LocalType *whole, const Layout &layout) {
  llvm::SmallVector<int64_t, 4> shape = whole->shape;
  for (size_t dim = 0; dim < shape.size(); ++dim)
    shape[dim] /= layout.tilesOf(static_cast<int>(dim));
  return get(shape, whole->elementBytes);
}

const LocalCost *LocalTypes::ofSum(const LocalType *type) {
  sums.resize(std::max(sums.size(), types.size()));
  const LocalCost *&found = sums[type->number];
  if (!found) {
    LocalCost cost;
    cost.flops = static_cast<double>(type->elements);
    found = add(cost);
  }
  return found;
}
