//===- Partir.h - PartIR:Core, the partir dialect ---------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_PARTIR_H
#define PARTIR_DIALECT_PARTIR_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <string>
#include <utility>

namespace partir {

class AnyAttr;
class AxisAttr;
class ReduceAttr;
class TileAttr;

/// What becomes of the iterations' values: a `TileAttr`, a `ReduceAttr` or an
/// `AnyAttr`.
class ActionAttr : public mlir::Attribute {
public:
  using Attribute::Attribute;
  ActionAttr(TileAttr attr);
  ActionAttr(ReduceAttr attr);
  ActionAttr(AnyAttr attr);
  static bool classof(mlir::Attribute attr);
};

} // namespace partir

#include "compiler/dialect/partir/PartirDialect.h.inc"
#include "compiler/dialect/partir/PartirEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "compiler/dialect/partir/PartirAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "compiler/dialect/partir/PartirTypes.h.inc"

#define GET_OP_CLASSES
#include "compiler/dialect/partir/Partir.h.inc"

namespace partir {

/// The mesh of the module around `op`; null where there is none.
MeshAttr getMesh(mlir::Operation *op);

/// Takes from a module what PartIR alone reads: its mesh, the rules of its
/// custom calls.
void dropProgramAttributes(mlir::Operation *module);

/// The type of one of n equal chunks on a dim; null if there are no such.
mlir::RankedTensorType getChunkType(mlir::RankedTensorType type, int64_t dim,
                                    int64_t n);

/// The action atomic<value, axis>.
LoopOp createAtomicLoop(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value value, AxisAttr axis, int64_t n);

/// The cause in a location; null where there is none.
CauseAttr getCause(mlir::Location loc);

/// The location with `cause` in place of any cause that it has.
mlir::Location withCause(mlir::Location loc, CauseAttr cause);

/// The bare spelling of an axis, `"B"` or `"B":(1)2`.
mlir::ParseResult parseAxis(mlir::AsmParser &parser, AxisAttr &axis);
void printAxis(mlir::AsmPrinter &printer, AxisAttr axis);

} // namespace partir

#endif // PARTIR_DIALECT_PARTIR_H
