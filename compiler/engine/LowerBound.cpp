//===- LowerBound.cpp - What no schedule can be below ---------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A product of matrices takes, wherever it runs, at least its operations over
// the peak of the device; tiles cut it at most by the sizes of the axes.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Estimate.h"
#include "compiler/engine/Search.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace partir::engine;

double partir::engine::lowerBoundOf(const State &state,
                                    llvm::ArrayRef<int> axes,
                                    const Device &device) {
  const Graph &graph = state.graph;
  double seconds = 0;
  for (auto [node, tiles] : llvm::zip_equal(graph.nodes, state.nodes)) {
    const Cost &cost = node.rule.cost;
    if (cost.work != Work::Matrix || node.operands.empty())
      continue;
    double flops = cost.flops;
    for (const NodeTile &tile : tiles)
      flops /= static_cast<double>(tile.axis.size);
    for (int axis : axes)
      if (llvm::none_of(tiles, [&](const NodeTile &tile) {
            return tile.axis.axis == axis;
          }))
        flops /= static_cast<double>(graph.mesh.axes[axis].size);
    seconds += flops * static_cast<double>(graph.tripsOf(node.region)) /
               matrixRate(device, graph.values[node.operands[0]].elementBytes);
  }
  return seconds;
}
