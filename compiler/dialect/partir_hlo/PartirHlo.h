//===- PartirHlo.h - PartIR:HLO, the partir_hlo dialect ---------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_PARTIR_HLO_H
#define PARTIR_DIALECT_PARTIR_HLO_H

#include "compiler/dialect/partir/Partir.h"
#include "compiler/dialect/partir_hlo/AxisList.h"

#include "compiler/dialect/partir_hlo/PartirHloDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "compiler/dialect/partir_hlo/PartirHloAttrs.h.inc"

#define GET_OP_CLASSES
#include "compiler/dialect/partir_hlo/PartirHlo.h.inc"

namespace partir::hlo {

/// The type of an all_slice; null if a dim does not divide.
mlir::RankedTensorType getSlicedType(mlir::RankedTensorType type,
                                     DimAxesAttr axes, MeshAttr mesh);

/// The type of an all_gather.
mlir::RankedTensorType getGatheredType(mlir::RankedTensorType type,
                                       DimAxesAttr axes, MeshAttr mesh);

/// The type of an all_to_all; null if dim `dst` does not divide.
mlir::RankedTensorType getAllToAllType(mlir::RankedTensorType type,
                                       AxesAttr axes, int64_t src, int64_t dst,
                                       MeshAttr mesh);

} // namespace partir::hlo

#endif // PARTIR_DIALECT_PARTIR_HLO_H
