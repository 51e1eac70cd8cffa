//===- PartirHlo.cpp - Attributes and ops of PartIR:HLO -------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/partir_hlo/PartirHlo.h"

#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace partir;
using namespace partir::hlo;

//===----------------------------------------------------------------------===//
// Syntax
//===----------------------------------------------------------------------===//

static ParseResult parseAxes(AsmParser &parser, AxesAttr &axes) {
  AxisList list;
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Braces, [&] {
        return parseAxis(parser, list.emplace_back());
      }))
    return failure();
  axes = AxesAttr::get(parser.getContext(), list);
  return success();
}

static void printAxes(AsmPrinter &printer, AxesAttr axes) {
  printer << '{';
  llvm::interleaveComma(axes, printer,
                        [&](AxisAttr axis) { printAxis(printer, axis); });
  printer << '}';
}

static void printAxes(OpAsmPrinter &printer, Operation *, AxesAttr axes) {
  printAxes(printer, axes);
}

static ParseResult parseDimAxes(AsmParser &parser, DimAxesAttr &dimAxes) {
  SmallVector<AxesAttr> dims;
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
        return parseAxes(parser, dims.emplace_back());
      }))
    return failure();
  dimAxes = DimAxesAttr::get(parser.getContext(), dims);
  return success();
}

static void printDimAxes(AsmPrinter &printer, DimAxesAttr dimAxes) {
  printer << '[';
  llvm::interleaveComma(dimAxes, printer,
                        [&](AxesAttr axes) { printAxes(printer, axes); });
  printer << ']';
}

static void printDimAxes(OpAsmPrinter &printer, Operation *,
                         DimAxesAttr dimAxes) {
  printDimAxes(printer, dimAxes);
}

static ParseResult parseReduction(OpAsmParser &parser, ReduceAttr &reduction) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef keyword;
  if (parser.parseKeyword(&keyword))
    return failure();
  std::optional<ReduceKind> kind = symbolizeReduceKind(keyword);
  if (!kind)
    return parser.emitError(loc, "expected a reduction (add, max, min, mul, "
                                 "and, or), not '")
           << keyword << "'";
  reduction = ReduceAttr::get(parser.getContext(), *kind);
  return success();
}

static void printReduction(OpAsmPrinter &printer, Operation *,
                           ReduceAttr reduction) {
  printer << stringifyReduceKind(reduction.getKind());
}

#include "compiler/dialect/partir_hlo/PartirHloDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "compiler/dialect/partir_hlo/PartirHloAttrs.cpp.inc"

#define GET_OP_CLASSES
#include "compiler/dialect/partir_hlo/PartirHlo.cpp.inc"

void PartirHloDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "compiler/dialect/partir_hlo/PartirHloAttrs.cpp.inc"
      >();
}

void PartirHloDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/partir_hlo/PartirHlo.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

Attribute AxesAttr::parse(AsmParser &parser, Type) {
  AxesAttr axes;
  if (parser.parseLess() || parseAxes(parser, axes) || parser.parseGreater())
    return {};
  return axes;
}

void AxesAttr::print(AsmPrinter &printer) const {
  printer << '<';
  printAxes(printer, *this);
  printer << '>';
}

DimAxesAttr DimAxesAttr::get(MLIRContext *context, ArrayRef<AxisList> dims) {
  return get(context, llvm::map_to_vector(dims, [&](const AxisList &axes) {
               return AxesAttr::get(context, axes);
             }));
}

bool DimAxesAttr::empty() const {
  return llvm::all_of(getDims(), [](AxesAttr axes) { return axes.empty(); });
}

AxisList DimAxesAttr::getFlatAxes() const {
  AxisList flat;
  for (AxesAttr axes : getDims())
    llvm::append_range(flat, axes);
  return flat;
}

Attribute DimAxesAttr::parse(AsmParser &parser, Type) {
  DimAxesAttr dimAxes;
  if (parser.parseLess() || parseDimAxes(parser, dimAxes) ||
      parser.parseGreater())
    return {};
  return dimAxes;
}

void DimAxesAttr::print(AsmPrinter &printer) const {
  printer << '<';
  printDimAxes(printer, *this);
  printer << '>';
}

//===----------------------------------------------------------------------===//
// Result types
//===----------------------------------------------------------------------===//

RankedTensorType partir::hlo::getSlicedType(RankedTensorType type,
                                            DimAxesAttr axes, MeshAttr mesh) {
  SmallVector<int64_t> shape(type.getShape());
  for (auto [size, dimAxes] : llvm::zip_equal(shape, axes)) {
    int64_t n = mesh.getSize(dimAxes.getAxes());
    if (n < 1 || size % n != 0)
      return {};
    size /= n;
  }
  return type.clone(shape);
}

RankedTensorType partir::hlo::getGatheredType(RankedTensorType type,
                                              DimAxesAttr axes, MeshAttr mesh) {
  SmallVector<int64_t> shape(type.getShape());
  for (auto [size, dimAxes] : llvm::zip_equal(shape, axes))
    size *= mesh.getSize(dimAxes.getAxes());
  return type.clone(shape);
}

RankedTensorType partir::hlo::getAllToAllType(RankedTensorType type,
                                              AxesAttr axes, int64_t src,
                                              int64_t dst, MeshAttr mesh) {
  int64_t n = mesh.getSize(axes.getAxes());
  SmallVector<int64_t> shape(type.getShape());
  if (n < 1 || shape[dst] % n != 0)
    return {};
  shape[src] *= n;
  shape[dst] /= n;
  return type.clone(shape);
}

/// The operand's type in place of a result type that cannot be: the verifier
/// says why.
static Type orOperandType(RankedTensorType type, Value operand) {
  return type ? Type(type) : operand.getType();
}

static RankedTensorType getTensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

//===----------------------------------------------------------------------===//
// Verification
//===----------------------------------------------------------------------===//

/// Checks a set of axes of an op; returns the mesh, or null after an error.
static MeshAttr verifyAxes(Operation *op, ArrayRef<AxisAttr> axes) {
  MeshAttr mesh = getMesh(op);
  auto emitError = [&] { return op->emitOpError(); };
  if (!mesh) {
    emitError() << "needs a mesh: the module has no attribute 'partir.mesh'";
    return {};
  }
  for (AxisAttr axis : axes)
    if (failed(mesh.verifyAxis(axis, emitError)))
      return {};
  if (AxisAttr axis = findRepeated(axes)) {
    emitError() << "has axis " << axis.str() << ", or a part of it, twice";
    return {};
  }
  return mesh;
}

/// The same for axes per dim of a value of that type.
static MeshAttr verifyAxes(Operation *op, DimAxesAttr axes,
                           RankedTensorType type) {
  if (axes.getRank() != type.getRank()) {
    op->emitOpError() << "must have one list of axes per dim of " << type
                      << ", but has " << axes.getRank();
    return {};
  }
  return verifyAxes(op, axes.getFlatAxes());
}

static LogicalResult verifyReduction(Operation *op, ReduceAttr reduction,
                                     RankedTensorType type) {
  StringRef kind = stringifyReduceKind(reduction.getKind());
  if (reduction.isLogical() && !type.getElementType().isInteger(1))
    return op->emitOpError() << "cannot reduce " << type << " by '" << kind
                             << "', which is for booleans";
  if (reduction.getKind() == ReduceKind::Joint)
    return op->emitOpError()
           << "cannot reduce by '" << kind << "', which is for partir.loop";
  return success();
}

static LogicalResult verifyResultType(Operation *op,
                                      RankedTensorType expected) {
  Type type = op->getResult(0).getType();
  if (type != expected)
    return op->emitOpError()
           << "must have result type " << expected << ", not " << type;
  return success();
}

/// Checks that an op slices its operand over `axes`.
static LogicalResult verifySliced(Operation *op, DimAxesAttr axes) {
  RankedTensorType type = getTensorType(op->getOperand(0));
  MeshAttr mesh = verifyAxes(op, axes, type);
  if (!mesh)
    return failure();
  for (auto [dim, dimAxes] : llvm::enumerate(axes))
    if (int64_t n = mesh.getSize(dimAxes.getAxes()); type.getDimSize(dim) % n)
      return op->emitOpError()
             << "dim " << dim << " of " << type << " does not divide by " << n
             << ", the size of its axes";
  return verifyResultType(op, getSlicedType(type, axes, mesh));
}

//===----------------------------------------------------------------------===//
// AllSliceOp
//===----------------------------------------------------------------------===//

void AllSliceOp::build(OpBuilder &builder, OperationState &state, Value operand,
                       DimAxesAttr axes, MeshAttr mesh) {
  build(
      builder, state,
      orOperandType(getSlicedType(getTensorType(operand), axes, mesh), operand),
      axes, operand);
}

LogicalResult AllSliceOp::verify() { return verifySliced(*this, getAxes()); }

OpFoldResult AllSliceOp::fold(FoldAdaptor) {
  return getAxes().empty() ? getOperand() : OpFoldResult();
}

//===----------------------------------------------------------------------===//
// AllGatherOp
//===----------------------------------------------------------------------===//

void AllGatherOp::build(OpBuilder &builder, OperationState &state,
                        Value operand, DimAxesAttr axes, MeshAttr mesh) {
  build(builder, state, getGatheredType(getTensorType(operand), axes, mesh),
        axes, operand);
}

LogicalResult AllGatherOp::verify() {
  RankedTensorType type = getTensorType(getOperand());
  MeshAttr mesh = verifyAxes(*this, getAxes(), type);
  if (!mesh)
    return failure();
  return verifyResultType(*this, getGatheredType(type, getAxes(), mesh));
}

OpFoldResult AllGatherOp::fold(FoldAdaptor) {
  return getAxes().empty() ? getOperand() : OpFoldResult();
}

//===----------------------------------------------------------------------===//
// AllReduceOp
//===----------------------------------------------------------------------===//

LogicalResult AllReduceOp::verify() {
  if (!verifyAxes(*this, getAxes().getAxes()))
    return failure();
  return verifyReduction(*this, getReduction(), getTensorType(getOperand()));
}

OpFoldResult AllReduceOp::fold(FoldAdaptor) {
  return getAxes().empty() ? getOperand() : OpFoldResult();
}

//===----------------------------------------------------------------------===//
// ReduceScatterOp
//===----------------------------------------------------------------------===//

void ReduceScatterOp::build(OpBuilder &builder, OperationState &state,
                            ReduceAttr reduction, Value operand,
                            DimAxesAttr axes, MeshAttr mesh) {
  build(
      builder, state,
      orOperandType(getSlicedType(getTensorType(operand), axes, mesh), operand),
      reduction, axes, operand);
}

LogicalResult ReduceScatterOp::verify() {
  if (failed(verifySliced(*this, getAxes())))
    return failure();
  return verifyReduction(*this, getReduction(), getTensorType(getOperand()));
}

OpFoldResult ReduceScatterOp::fold(FoldAdaptor) {
  return getAxes().empty() ? getOperand() : OpFoldResult();
}

//===----------------------------------------------------------------------===//
// AllToAllOp
//===----------------------------------------------------------------------===//

void AllToAllOp::build(OpBuilder &builder, OperationState &state, Value operand,
                       AxesAttr axes, int64_t src, int64_t dst, MeshAttr mesh) {
  build(builder, state,
        orOperandType(
            getAllToAllType(getTensorType(operand), axes, src, dst, mesh),
            operand),
        axes, builder.getI64IntegerAttr(src), builder.getI64IntegerAttr(dst),
        operand);
}

LogicalResult AllToAllOp::verify() {
  RankedTensorType type = getTensorType(getOperand());
  int64_t src = getSrc(), dst = getDst();
  for (int64_t dim : {src, dst})
    if (dim < 0 || dim >= type.getRank())
      return emitOpError() << "operand of type " << type << " has no dim "
                           << dim;
  if (src == dst)
    return emitOpError("must go from one dim to another");
  MeshAttr mesh = verifyAxes(*this, getAxes().getAxes());
  if (!mesh)
    return failure();
  RankedTensorType expected = getAllToAllType(type, getAxes(), src, dst, mesh);
  if (!expected)
    return emitOpError() << "dim " << dst << " of " << type
                         << " does not divide by "
                         << mesh.getSize(getAxes().getAxes())
                         << ", the size of the axes";
  return verifyResultType(*this, expected);
}

OpFoldResult AllToAllOp::fold(FoldAdaptor) {
  return getAxes().empty() ? getOperand() : OpFoldResult();
}

//===----------------------------------------------------------------------===//
// CollectivePermuteOp
//===----------------------------------------------------------------------===//

LogicalResult CollectivePermuteOp::verify() {
  RankedTensorType type = getTensorType(getOperand());
  MeshAttr mesh = verifyAxes(*this, getFrom(), type);
  if (!mesh || !verifyAxes(*this, getTo(), type))
    return failure();
  for (auto [dim, from, to] : llvm::enumerate(getFrom(), getTo())) {
    int64_t before = mesh.getSize(from.getAxes());
    int64_t after = mesh.getSize(to.getAxes());
    if (before != after)
      return emitOpError() << "dim " << dim << " is in " << before
                           << " chunks before and in " << after << " after";
  }
  AxisList from = getFrom().getFlatAxes(), to = getTo().getFlatAxes();
  if (failed(refine(mesh, {&from, &to})) || !without(from, to).empty() ||
      !without(to, from).empty())
    return emitOpError("must have the same axes before and after");
  return success();
}

OpFoldResult CollectivePermuteOp::fold(FoldAdaptor) {
  return getFrom() == getTo() ? getOperand() : OpFoldResult();
}

SmallVector<std::pair<int64_t, int64_t>>
CollectivePermuteOp::getSourceTargetPairs(MeshAttr mesh) {
  SmallVector<std::pair<int64_t, int64_t>> pairs;
  int64_t numDevices = mesh.getNumDevices();
  pairs.reserve(numDevices);
  for (int64_t target = 0; target < numDevices; ++target) {
    // The source has in `from` the positions that the target has in `to`.
    int64_t source = target;
    for (auto [from, to] : llvm::zip_equal(getFrom(), getTo())) {
      int64_t position = mesh.getPosition(target, to.getAxes());
      for (AxisAttr axis : llvm::reverse(from.getAxes())) {
        int64_t n = mesh.getSize(axis);
        source += (position % n - mesh.getCoordinate(target, axis)) *
                  mesh.getStride(axis);
        position /= n;
      }
    }
    pairs.push_back({source, target});
  }
  return pairs;
}

//===----------------------------------------------------------------------===//
// WindowOp
//===----------------------------------------------------------------------===//

/// The type with another size of one dim.
static RankedTensorType withDim(RankedTensorType type, int64_t dim,
                                int64_t size) {
  SmallVector<int64_t> shape(type.getShape());
  shape[dim] = size;
  return type.clone(shape);
}

void WindowOp::build(OpBuilder &builder, OperationState &state, Value operand,
                     AxesAttr axes, int64_t dim, ArrayRef<int64_t> starts,
                     int64_t length) {
  build(builder, state, withDim(getTensorType(operand), dim, length), axes,
        builder.getI64IntegerAttr(dim), builder.getDenseI64ArrayAttr(starts),
        operand);
}

LogicalResult WindowOp::verify() {
  RankedTensorType type = getTensorType(getOperand());
  RankedTensorType result = getTensorType(getResult());
  int64_t dim = getDim();
  if (dim < 0 || dim >= type.getRank())
    return emitOpError() << "operand of type " << type << " has no dim " << dim;
  MeshAttr mesh = verifyAxes(*this, getAxes().getAxes());
  if (!mesh)
    return failure();
  int64_t n = mesh.getSize(getAxes().getAxes());
  if (static_cast<int64_t>(getStarts().size()) != n)
    return emitOpError() << "must have one start per position along its axes, "
                         << n << ", but has " << getStarts().size();
  if (result.getRank() != type.getRank())
    return emitOpError() << "must have a result of rank " << type.getRank()
                         << ", not " << result;
  return verifyResultType(*this, withDim(type, dim, result.getDimSize(dim)));
}

//===----------------------------------------------------------------------===//
// AxisIndexOp
//===----------------------------------------------------------------------===//

void AxisIndexOp::build(OpBuilder &builder, OperationState &state,
                        AxesAttr axes) {
  build(builder, state, RankedTensorType::get({}, builder.getI32Type()), axes);
}

LogicalResult AxisIndexOp::verify() {
  return success(verifyAxes(*this, getAxes().getAxes()) != nullptr);
}
