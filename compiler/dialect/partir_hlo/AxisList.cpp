//===- AxisList.cpp - Algebra of ordered lists of axes --------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/partir_hlo/AxisList.h"

#include "llvm/ADT/STLExtras.h"

using namespace partir;
using namespace partir::hlo;
using llvm::ArrayRef;
using llvm::failure;
using llvm::LogicalResult;
using llvm::SmallVector;
using llvm::StringRef;
using llvm::success;

/// Where an axis or a part of one begins and ends: as [majorSize, bound).
static std::pair<int64_t, int64_t> getBounds(MeshAttr mesh, AxisAttr axis) {
  return {axis.getMajorSize(), axis.isWhole() ? mesh.getAxisSize(axis.getName())
                                              : axis.getMinorBound()};
}

LogicalResult partir::hlo::refine(MeshAttr mesh, ArrayRef<AxisList *> lists) {
  auto isWhole = [](AxisAttr axis) { return axis.isWhole(); };
  if (llvm::all_of(
          lists, [&](AxisList *axes) { return llvm::all_of(*axes, isWhole); }))
    return success();

  SmallVector<std::pair<StringRef, SmallVector<int64_t>>> cutsByName;
  auto cutsOf = [&](AxisAttr axis) -> SmallVector<int64_t> & {
    for (auto &[name, cuts] : cutsByName)
      if (name == axis.getName())
        return cuts;
    return cutsByName.emplace_back(axis.getName(), SmallVector<int64_t>())
        .second;
  };
  for (AxisList *axes : lists)
    for (AxisAttr axis : *axes) {
      auto [begin, end] = getBounds(mesh, axis);
      SmallVector<int64_t> &cuts = cutsOf(axis);
      cuts.push_back(begin);
      cuts.push_back(end);
    }
  for (auto &[name, cuts] : cutsByName) {
    llvm::sort(cuts);
    cuts.erase(llvm::unique(cuts), cuts.end());
    for (auto [major, minor] : llvm::zip(cuts, llvm::drop_begin(cuts)))
      if (minor % major != 0)
        return failure();
  }

  for (AxisList *axes : lists) {
    AxisList parts;
    for (AxisAttr axis : *axes) {
      auto [begin, end] = getBounds(mesh, axis);
      ArrayRef<int64_t> cuts = cutsOf(axis);
      // An axis of size 1 has no parts, but is there all the same.
      if (begin == end)
        parts.push_back(axis);
      for (auto [major, minor] : llvm::zip(cuts, llvm::drop_begin(cuts)))
        if (begin <= major && minor <= end)
          parts.push_back(mesh.getPart(axis.getName(), major, minor / major));
    }
    *axes = std::move(parts);
  }
  return success();
}

void partir::hlo::joinParts(MeshAttr mesh, AxisList &axes) {
  AxisList joined;
  for (AxisAttr axis : axes) {
    if (!joined.empty() && !axis.isWhole()) {
      AxisAttr &last = joined.back();
      if (!last.isWhole() && last.getName() == axis.getName() &&
          last.getMinorBound() == axis.getMajorSize()) {
        last = mesh.getPart(last.getName(), last.getMajorSize(),
                            last.getSize() * axis.getSize());
        continue;
      }
    }
    joined.push_back(axis);
  }
  axes = std::move(joined);
}

AxisList partir::hlo::without(ArrayRef<AxisAttr> axes,
                              ArrayRef<AxisAttr> others) {
  return llvm::to_vector_of<AxisAttr, 2>(llvm::make_filter_range(
      axes, [&](AxisAttr axis) { return !llvm::is_contained(others, axis); }));
}

AxisAttr partir::hlo::findRepeated(ArrayRef<AxisAttr> axes) {
  for (auto [index, axis] : llvm::enumerate(axes))
    for (AxisAttr earlier : axes.take_front(index))
      if (axis.overlaps(earlier))
        return axis;
  return {};
}
