//===- AxisList.h - Algebra of ordered lists of axes ------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dim is tiled by an ordered list of axes or parts of axes, major first. To
// compare two lists their axes are first refined, so that any two of them are
// equal or have nothing in common.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_PARTIR_HLO_AXISLIST_H
#define PARTIR_DIALECT_PARTIR_HLO_AXISLIST_H

#include "compiler/dialect/partir/Partir.h"

namespace partir::hlo {

using AxisList = llvm::SmallVector<AxisAttr, 2>;
/// One list per dim.
using DimAxisLists = llvm::SmallVector<AxisList, 4>;

/// Splits the axes of all lists into parts of which any two are equal or
/// disjoint. Fails where there are no such, as for parts of 2 and of 3 of an
/// axis of 6. The mesh has all the axes.
llvm::LogicalResult refine(MeshAttr mesh, llvm::ArrayRef<AxisList *> lists);

/// Joins neighbours that are consecutive parts of one axis.
void joinParts(MeshAttr mesh, AxisList &axes);

/// The axes of `axes` that are not in `others`; in order.
AxisList without(llvm::ArrayRef<AxisAttr> axes,
                 llvm::ArrayRef<AxisAttr> others);

/// The first axis that has a part in common with an earlier one; null if none.
AxisAttr findRepeated(llvm::ArrayRef<AxisAttr> axes);

} // namespace partir::hlo

#endif // PARTIR_DIALECT_PARTIR_HLO_AXISLIST_H
