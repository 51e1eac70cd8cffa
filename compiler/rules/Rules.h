//===- Rules.h - Tools for writing rules ------------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the files of this directory share: a function that makes the rule of an
// op, and perhaps one that makes its local form, become an external model of
// `PartitionRuleInterface` in one line. Private to `rules`.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_RULES_RULES_H
#define PARTIR_RULES_RULES_H

#include "compiler/rules/RuleInterfaces.h"

#include "mlir/IR/TypeUtilities.h"

namespace partir::rules {

/// What `createLocal` returns.
using LocalResults = mlir::FailureOr<llvm::SmallVector<mlir::Value>>;

/// What `createCombined` does, and the default.
template <typename OpT>
using Combine = LocalResults (*)(OpT, mlir::OpBuilder &, mlir::ValueRange,
                                 mlir::ValueRange);
template <typename OpT>
LocalResults cannotCombine(OpT op, mlir::OpBuilder &, mlir::ValueRange,
                           mlir::ValueRange) {
  return failToCombine(op);
}

/// The model that calls `rule`, `local` and `combine`.
template <typename OpT, engine::Rule (*rule)(OpT),
          LocalResults (*local)(OpT, LocalForm &), Combine<OpT> combine>
struct Model
    : PartitionRuleInterface::ExternalModel<Model<OpT, rule, local, combine>,
                                            OpT> {
  engine::Rule getPartitionRule(mlir::Operation *op) const {
    return rule(llvm::cast<OpT>(op));
  }
  LocalResults createLocal(mlir::Operation *op, LocalForm &form) const {
    return local(llvm::cast<OpT>(op), form);
  }
  LocalResults createCombined(mlir::Operation *op, mlir::OpBuilder &builder,
                              mlir::ValueRange operands,
                              mlir::ValueRange partial) const {
    return combine(llvm::cast<OpT>(op), builder, operands, partial);
  }
};

template <typename OpT> LocalResults cloneAsLocal(OpT op, LocalForm &form) {
  return cloneLocal(op, form);
}

/// Attaches a rule, with the default local form unless one is named.
template <typename OpT, engine::Rule (*rule)(OpT),
          LocalResults (*local)(OpT, LocalForm &) = cloneAsLocal<OpT>,
          Combine<OpT> combine = cannotCombine<OpT>>
void attach(mlir::MLIRContext *context) {
  OpT::template attachInterface<Model<OpT, rule, local, combine>>(*context);
}

/// A shape, or none for what is not a ranked tensor.
inline llvm::ArrayRef<int64_t> shapeOf(mlir::Type type) {
  auto tensor = llvm::dyn_cast<mlir::RankedTensorType>(type);
  return tensor ? tensor.getShape() : llvm::ArrayRef<int64_t>();
}
inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) {
  return shapeOf(value.getType());
}
inline int rankOf(mlir::Value value) { return shapeOf(value).size(); }
inline mlir::Type elementTypeOf(mlir::Value value) {
  return mlir::getElementTypeOrSelf(value.getType());
}

/// A builder for the shapes of the op's operands and results.
engine::RuleBuilder builderFor(mlir::Operation *op);

/// How many elements a tensor has.
inline double elementsOf(mlir::Value value) {
  double elements = 1;
  for (int64_t size : shapeOf(value))
    elements *= static_cast<double>(size);
  return elements;
}

/// A list of dims that one factor has in common, one for each value.
using Dims = llvm::SmallVector<int, 4>;
/// The same dim in each of `count` values.
inline Dims sameDim(size_t count, int dim) { return Dims(count, dim); }

/// The rule of an op all of whose values have one shape: the dims that
/// `isFree` accepts are parallel, the others blocked.
engine::Rule elementwiseExcept(mlir::Operation *op,
                               llvm::function_ref<bool(int)> isFree,
                               llvm::StringLiteral reason);

/// The rule of an op that works element by element and is linear in nothing.
template <typename OpT> engine::Rule pointwise(OpT op) {
  return builderFor(op).addPointwise().build();
}
/// Likewise, and computed by a series or a table.
template <typename OpT> engine::Rule transcendental(OpT op) {
  engine::Rule rule = pointwise(op);
  std::swap(rule.cost.flops, rule.cost.transcendentals);
  return rule;
}
template <typename... OpT> void attachPointwise(mlir::MLIRContext *context) {
  (attach<OpT, pointwise<OpT>>(context), ...);
}
template <typename... OpT>
void attachTranscendental(mlir::MLIRContext *context) {
  (attach<OpT, transcendental<OpT>>(context), ...);
}

/// All dims blocked: the op runs whole on every device.
engine::Rule blocked(mlir::Operation *op, llvm::StringLiteral reason);

/// Whether every dim of `dims` is one of a tensor of that rank.
inline bool areDims(llvm::ArrayRef<int64_t> dims, int64_t rank) {
  return llvm::all_of(dims,
                      [&](int64_t dim) { return dim >= 0 && dim < rank; });
}
/// The position of `dim` in `dims`, or -1.
inline int indexOf(llvm::ArrayRef<int64_t> dims, int64_t dim) {
  const int64_t *found = llvm::find(dims, dim);
  return found == dims.end() ? -1 : static_cast<int>(found - dims.begin());
}

/// Whether negation, addition and multiplication of the type are those of the
/// reals or modulo a power of two. False for booleans, where addition is "or".
bool isArithmetic(mlir::Type elementType);
/// Whether it is a type of numbers, or booleans, of which one is zero. Some
/// formats of scaling factors have none.
bool hasZero(mlir::Type elementType);
/// A float or a complex number.
bool isReal(mlir::Type elementType);

/// The position of the device along `axes`, major first: a `tensor<i32>`.
mlir::Value devicePosition(mlir::OpBuilder &builder, mlir::Location loc,
                           llvm::ArrayRef<AxisAttr> axes);
/// Where the device's chunk of size `chunk` of a dim begins in the whole: a
/// scalar of an integer type.
mlir::Value chunkStart(mlir::OpBuilder &builder, mlir::Location loc,
                       llvm::ArrayRef<AxisAttr> axes, int64_t chunk,
                       mlir::IntegerType type);
/// The device's chunk, of type `localType`, of a whole value that has these
/// factors.
mlir::Value sliceOnDevices(LocalForm &form, mlir::Location loc,
                           mlir::Value whole, mlir::Type localType,
                           const engine::ValueFactors &factors);
/// A constant, and a constant with one value everywhere.
mlir::Value constant(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::DenseElementsAttr value);
mlir::Value integerSplat(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::RankedTensorType type, int64_t value);

//===----------------------------------------------------------------------===//
// Per file of this directory
//===----------------------------------------------------------------------===//

void attachBatchNormRules(mlir::MLIRContext *context);
void attachBroadcastRules(mlir::MLIRContext *context);
void attachCarryRules(mlir::MLIRContext *context);
void attachChloConstantRules(mlir::MLIRContext *context);
void attachChloRules(mlir::MLIRContext *context);
void attachConcatenateRules(mlir::MLIRContext *context);
void attachConstantRules(mlir::MLIRContext *context);
void attachConvolutionRules(mlir::MLIRContext *context);
void attachCustomCallRules(mlir::MLIRContext *context);
void attachDotRules(mlir::MLIRContext *context);
void attachDynamicSliceRules(mlir::MLIRContext *context);
void attachEinsumRules(mlir::MLIRContext *context);
void attachGatherRules(mlir::MLIRContext *context);
void attachIotaRules(mlir::MLIRContext *context);
void attachLinalgRules(mlir::MLIRContext *context);
void attachPadRules(mlir::MLIRContext *context);
void attachPointwiseRules(mlir::MLIRContext *context);
void attachReduceRules(mlir::MLIRContext *context);
void attachReshapeRules(mlir::MLIRContext *context);
void attachReverseRules(mlir::MLIRContext *context);
void attachRngRules(mlir::MLIRContext *context);
void attachScatterRules(mlir::MLIRContext *context);
void attachSliceRules(mlir::MLIRContext *context);
void attachSortRules(mlir::MLIRContext *context);
void attachTagRules(mlir::MLIRContext *context);
void attachTies(mlir::MLIRContext *context);
void attachTorchIndexSelectRules(mlir::MLIRContext *context);
void attachTransposeRules(mlir::MLIRContext *context);
void attachWindowRules(mlir::MLIRContext *context);

} // namespace partir::rules

#endif // PARTIR_RULES_RULES_H
