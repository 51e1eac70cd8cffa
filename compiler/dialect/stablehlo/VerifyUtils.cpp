//===- VerifyUtils.cpp - Checks that verifiers share ----------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/VerifyUtils.h"

#include "compiler/dialect/stablehlo/Stablehlo.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace partir;
using namespace partir::stablehlo;

ArrayRef<int64_t> stablehlo::detail::shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

int64_t stablehlo::detail::rankOf(Value value) { return shapeOf(value).size(); }

bool stablehlo::detail::sameSize(int64_t a, int64_t b) {
  return a == b || ShapedType::isDynamic(a) || ShapedType::isDynamic(b);
}

LogicalResult stablehlo::detail::verifyDim(Operation *op, StringRef what,
                                           int64_t dim, int64_t rank) {
  if (dim < 0 || dim >= rank)
    return op->emitOpError()
           << what << " " << dim << " is out of range for rank " << rank;
  return success();
}

LogicalResult stablehlo::detail::verifyDims(Operation *op, StringRef what,
                                            ArrayRef<int64_t> dims,
                                            int64_t rank) {
  llvm::SmallBitVector seen(rank);
  for (int64_t dim : dims) {
    if (failed(verifyDim(op, what, dim, rank)))
      return failure();
    if (seen.test(dim))
      return op->emitOpError()
             << what << " names dimension " << dim << " twice";
    seen.set(dim);
  }
  return success();
}

LogicalResult stablehlo::detail::verifyCount(Operation *op, StringRef what,
                                             int64_t count, int64_t expected) {
  if (count != expected)
    return op->emitOpError()
           << "expects " << expected << " " << what << ", got " << count;
  return success();
}

LogicalResult
stablehlo::detail::verifyCount(Operation *op, StringRef what,
                               std::optional<ArrayRef<int64_t>> list,
                               int64_t expected) {
  return list ? verifyCount(op, what, list->size(), expected) : success();
}

LogicalResult stablehlo::detail::verifyPositive(Operation *op, StringRef what,
                                                ArrayRef<int64_t> list) {
  for (int64_t entry : list)
    if (entry < 1)
      return op->emitOpError() << what << " must be positive, got " << entry;
  return success();
}

LogicalResult stablehlo::detail::verifyRank(Operation *op, StringRef what,
                                            Value value, int64_t rank) {
  if (rankOf(value) != rank)
    return op->emitOpError() << "expects " << what << " of rank " << rank
                             << ", got " << value.getType();
  return success();
}

LogicalResult stablehlo::detail::verifyShape(Operation *op, StringRef what,
                                             Value value,
                                             ArrayRef<int64_t> expected) {
  ArrayRef<int64_t> shape = shapeOf(value);
  bool fits = shape.size() == expected.size() &&
              llvm::all_of_zip(shape, expected, sameSize);
  if (fits)
    return success();
  InFlightDiagnostic diag = op->emitOpError()
                            << "expects " << what << " of shape [";
  llvm::interleaveComma(expected, diag, [&](int64_t size) {
    if (ShapedType::isDynamic(size))
      diag << "?";
    else
      diag << size;
  });
  return diag << "], got " << value.getType();
}

LogicalResult stablehlo::detail::verifyPadding(
    Operation *op, std::optional<DenseIntElementsAttr> padding, int64_t count) {
  if (padding && padding->getType().getShape() != ArrayRef<int64_t>{count, 2})
    return op->emitOpError() << "expects padding of shape [" << count
                             << ", 2], got " << padding->getType();
  return success();
}

bool stablehlo::detail::compatible(Type a, Type b) {
  if (a == b)
    return true;
  auto tensorA = dyn_cast<RankedTensorType>(a);
  auto tensorB = dyn_cast<RankedTensorType>(b);
  return tensorA && tensorB &&
         tensorA.getElementType() == tensorB.getElementType() &&
         succeeded(verifyCompatibleShape(tensorA, tensorB));
}

LogicalResult stablehlo::detail::verifyTypes(Operation *op, StringRef what,
                                             TypeRange types,
                                             TypeRange expected) {
  if (failed(verifyCount(op, what, types.size(), expected.size())))
    return failure();
  for (auto [index, type] : llvm::enumerate(types))
    if (!compatible(type, expected[index]))
      return op->emitOpError()
             << "expects " << what << " #" << index << " of type "
             << expected[index] << ", got " << type;
  return success();
}

LogicalResult stablehlo::detail::verifyRegion(Operation *op, StringRef what,
                                              Region &region,
                                              unsigned arguments,
                                              unsigned results) {
  if (failed(verifyCount(op, (what + " arguments").str(),
                         region.getNumArguments(), arguments)))
    return failure();
  auto ret = dyn_cast<ReturnOp>(region.front().back());
  if (!ret)
    return op->emitOpError() << what << " must end in 'stablehlo.return'";
  return verifyCount(op, (what + " results").str(), ret.getNumOperands(),
                     results);
}
