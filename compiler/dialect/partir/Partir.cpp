//===- Partir.cpp - Ops of PartIR:Core ------------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/partir/Partir.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace partir;

/// The types of a slice without that of its index, which follows from them.
static ParseResult parseSliceTypes(OpAsmParser &parser, Type &operand,
                                   Type &index, Type &result, IntegerAttr dim) {
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseType(operand) || parser.parseArrow() ||
      parser.parseType(result))
    return failure();
  auto from = dyn_cast<RankedTensorType>(operand);
  auto to = dyn_cast<RankedTensorType>(result);
  if (!from || !to || from.getRank() != to.getRank())
    return parser.emitError(loc, "a slice goes from a ranked tensor to one of "
                                 "the same rank");
  int64_t d = dim.getInt();
  if (d < 0 || d >= from.getRank())
    return parser.emitError(loc) << operand << " has no dim " << d;
  int64_t fromSize = from.getDimSize(d), toSize = to.getDimSize(d);
  if (fromSize < 1 || toSize < 1 || fromSize % toSize != 0)
    return parser.emitError(loc) << "dim " << d << " of " << operand
                                 << " has no equal chunks as in " << result;
  index = RangeType::get(parser.getContext(), fromSize / toSize);
  return success();
}

static void printSliceTypes(OpAsmPrinter &printer, Operation *, Type operand,
                            Type, Type result, IntegerAttr) {
  printer << operand << " -> " << result;
}

#include "compiler/dialect/partir/PartirDialect.cpp.inc"

#define GET_OP_CLASSES
#include "compiler/dialect/partir/Partir.cpp.inc"

void PartirDialect::initialize() {
  registerAttributes();
  registerTypes();
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/partir/Partir.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// LoopOp
//===----------------------------------------------------------------------===//

void LoopOp::build(
    OpBuilder &builder, OperationState &state, TypeRange resultTypes,
    AxisAttr axis, int64_t size, ArrayRef<ActionAttr> actions,
    function_ref<void(OpBuilder &, Location, BlockArgument)> buildBody) {
  Properties &properties = state.getOrAddProperties<Properties>();
  properties.axis = axis;
  properties.actions = builder.getArrayAttr(
      SmallVector<Attribute>(actions.begin(), actions.end()));
  state.addTypes(resultTypes);
  Block &body = state.addRegion()->emplaceBlock();
  BlockArgument range = body.addArgument(
      RangeType::get(builder.getContext(), size), state.location);
  if (!buildBody)
    return;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&body);
  buildBody(builder, state.location, range);
}

ParseResult LoopOp::parse(OpAsmParser &parser, OperationState &state) {
  Properties &properties = state.getOrAddProperties<Properties>();
  OpAsmParser::Argument range;
  if (parseAxis(parser, properties.axis))
    return failure();
  SMLoc actionsLoc = parser.getCurrentLocation();
  if (parser.parseAttribute(properties.actions))
    return failure();
  if (!llvm::all_of(properties.actions, llvm::IsaPred<ActionAttr>))
    return parser.emitError(actionsLoc, "expected a list of actions "
                                        "(#partir.tile, #partir.reduce or "
                                        "#partir.any)");
  if (parser.parseLParen() || parser.parseArgument(range, /*allowType=*/true) ||
      parser.parseRParen() || parser.parseArrowTypeList(state.types) ||
      parser.parseOptionalAttrDictWithKeyword(state.attributes) ||
      parser.parseRegion(*state.addRegion(), range))
    return failure();
  return success();
}

void LoopOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printAxis(printer, getAxis());
  printer << ' ' << getActions() << " (";
  printer.printRegionArgument(getRange());
  printer << ')';
  printer.printArrowTypeList(getResultTypes());
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(), {getAxisAttrName(), getActionsAttrName()});
  printer << ' ';
  printer.printRegion(getRegion(), /*printEntryBlockArgs=*/false);
}

void LoopOp::getAsmBlockArgumentNames(Region &region,
                                      OpAsmSetValueNameFn setName) {
  if (region.empty() || region.getNumArguments() != 1)
    return;
  AxisAttr axis = getAxis();
  std::string name = ("r" + axis.getName()).str();
  if (!axis.isWhole())
    name += "_" + std::to_string(axis.getMajorSize()) + "_" +
            std::to_string(axis.getSize());
  setName(region.getArgument(0), name);
}

YieldOp LoopOp::getYield() { return cast<YieldOp>(getBody()->getTerminator()); }

LogicalResult LoopOp::verify() {
  Block &body = getRegion().front();
  if (body.getNumArguments() != 1 ||
      !isa<RangeType>(body.getArgument(0).getType()))
    return emitOpError("must have one block argument, of type !partir.range");

  AxisAttr axis = getAxis();
  int64_t n = getSize();
  if (MeshAttr mesh = getMesh(*this)) {
    if (failed(mesh.verifyAxis(axis, [&] { return emitOpError(); })))
      return failure();
    if (n != mesh.getSize(axis))
      return emitOpError() << "has a range of " << n << ", but axis "
                           << axis.str() << " has size " << mesh.getSize(axis);
  } else if (!axis.isWhole() && n != axis.getSize()) {
    return emitOpError() << "has a range of " << n << ", but axis "
                         << axis.str() << " has size " << axis.getSize();
  }
  for (Operation *outer = (*this)->getParentOp();
       outer && !outer->hasTrait<OpTrait::IsIsolatedFromAbove>();
       outer = outer->getParentOp())
    if (auto loop = dyn_cast<LoopOp>(outer);
        loop && axis.overlaps(loop.getAxis())) {
      InFlightDiagnostic diag = emitOpError()
                                << "is inside another loop over its axis "
                                << axis.str();
      diag.attachNote(loop.getLoc()) << "the outer loop";
      return diag;
    }

  if (getNumResults() == 0)
    return emitOpError("must have at least one result");
  if (getActions().size() != getNumResults())
    return emitOpError() << "must have one action per result, but has "
                         << getActions().size() << " actions and "
                         << getNumResults() << " results";
  for (auto [index, result] : llvm::enumerate(getResults())) {
    auto type = cast<RankedTensorType>(result.getType());
    ActionAttr action = getAction(index);
    if (auto tile = dyn_cast<TileAttr>(action)) {
      if (tile.getDim() >= type.getRank())
        return emitOpError() << "result #" << index << " of type " << type
                             << " has no dim " << tile.getDim() << " to tile";
      if (!getChunkType(type, tile.getDim(), n))
        return emitOpError()
               << "result #" << index << " of type " << type << ": dim "
               << tile.getDim() << " does not divide by " << n
               << ", the size of axis " << axis.str();
    }
    auto reduce = dyn_cast<ReduceAttr>(action);
    if (reduce && reduce.isLogical() && !type.getElementType().isInteger(1))
      return emitOpError() << "result #" << index << " of type " << type
                           << " cannot be reduced by '"
                           << stringifyReduceKind(reduce.getKind())
                           << "', which is for booleans";
  }
  auto isJoint = [](Attribute action) {
    auto reduce = dyn_cast<ReduceAttr>(action);
    return reduce && reduce.getKind() == ReduceKind::Joint;
  };
  if (llvm::any_of(getActions(), isJoint) &&
      !llvm::all_of(getActions(), isJoint))
    return emitOpError("reduces some results jointly and others not");
  return success();
}

LogicalResult LoopOp::verifyRegions() {
  YieldOp yield = getYield();
  if (yield.getNumOperands() != getNumResults())
    return yield.emitOpError()
           << "has " << yield.getNumOperands() << " values for the "
           << getNumResults() << " results of the loop";
  int64_t n = getSize();
  for (auto [index, value, result] :
       llvm::enumerate(yield.getValues(), getResults())) {
    ActionAttr action = getAction(index);
    auto expected = cast<RankedTensorType>(result.getType());
    if (auto tile = dyn_cast<TileAttr>(action))
      expected = getChunkType(expected, tile.getDim(), n);
    if (value.getType() != expected)
      return yield.emitOpError()
             << "value #" << index << " has type " << value.getType()
             << ", but " << action << " with " << n << " iterations makes "
             << result.getType() << " from " << expected;
  }
  return success();
}

Value LoopOp::getIdentitySource() {
  if (getNumResults() != 1)
    return {};
  Value value = getYield().getOperand(0);
  if (auto inner = value.getDefiningOp<LoopOp>();
      inner && inner->getBlock() == getBody())
    value = inner.getIdentitySource();
  if (!value)
    return {};
  if (auto tile = dyn_cast<TileAttr>(getAction(0))) {
    auto slice = value.getDefiningOp<SliceOp>();
    if (!slice || slice.getIndex() != getRange() ||
        static_cast<int64_t>(slice.getDim()) != tile.getDim())
      return {};
    value = slice.getOperand();
  } else if (!isa<AnyAttr>(getAction(0))) {
    return {};
  }
  return getRegion().isAncestor(value.getParentRegion()) ? Value() : value;
}

LoopOp partir::createAtomicLoop(OpBuilder &builder, Location loc, Value value,
                                AxisAttr axis, int64_t n) {
  return LoopOp::create(builder, loc, value.getType(), axis, n,
                        ActionAttr(AnyAttr::get(builder.getContext())),
                        [&](OpBuilder &builder, Location loc, BlockArgument) {
                          YieldOp::create(builder, loc, value);
                        });
}

//===----------------------------------------------------------------------===//
// SliceOp
//===----------------------------------------------------------------------===//

void SliceOp::build(OpBuilder &builder, OperationState &state, Value operand,
                    int64_t dim, Value index) {
  auto type = cast<RankedTensorType>(operand.getType());
  auto chunk =
      getChunkType(type, dim, cast<RangeType>(index.getType()).getSize());
  // A slice that cannot be is left to the verifier, which says why.
  build(builder, state, chunk ? chunk : type, builder.getI64IntegerAttr(dim),
        operand, index);
}

LogicalResult SliceOp::verify() {
  auto type = cast<RankedTensorType>(getOperand().getType());
  int64_t dim = getDim();
  int64_t n = cast<RangeType>(getIndex().getType()).getSize();
  if (dim < 0 || dim >= type.getRank())
    return emitOpError() << "operand of type " << type << " has no dim " << dim;
  RankedTensorType chunk = getChunkType(type, dim, n);
  if (!chunk)
    return emitOpError() << "dim " << dim << " of " << type
                         << " does not divide by " << n;
  if (getResult().getType() != chunk)
    return emitOpError() << "must have result type " << chunk << ", not "
                         << getResult().getType();
  if (!getLoop())
    return emitOpError("index must be the block argument of a partir.loop");
  return success();
}

/// The loop whose range a value is; null for every other value.
static LoopOp getLoopOf(Value index) {
  auto range = dyn_cast<BlockArgument>(index);
  return range ? dyn_cast_or_null<LoopOp>(range.getOwner()->getParentOp())
               : LoopOp();
}

LoopOp SliceOp::getLoop() { return getLoopOf(getIndex()); }

AxisAttr SliceOp::getAxis() { return getLoop().getAxis(); }

//===----------------------------------------------------------------------===//
// OnceOp
//===----------------------------------------------------------------------===//

LogicalResult OnceOp::verify() {
  if (getIndices().empty())
    return emitOpError("must have an index");
  for (Value index : getIndices())
    if (!getLoopOf(index))
      return emitOpError("index must be the block argument of a partir.loop");
  if (getReduction().getKind() == ReduceKind::Joint)
    return emitOpError("must name a monoid: what enters a joint reduction may "
                       "enter it any number of times");
  return success();
}

LoopOp OnceOp::getLoop(unsigned number) {
  return getLoopOf(getIndices()[number]);
}

//===----------------------------------------------------------------------===//
// PlaceOp
//===----------------------------------------------------------------------===//

static int64_t countChunks(ValueRange indices) {
  int64_t n = 1;
  for (Value index : indices)
    n *= cast<RangeType>(index.getType()).getSize();
  return n;
}

void PlaceOp::build(OpBuilder &builder, OperationState &state, Value operand,
                    int64_t dim, ValueRange indices) {
  auto type = cast<RankedTensorType>(operand.getType());
  SmallVector<int64_t> shape(type.getShape());
  // A dim that cannot be is left to the verifier, which says why.
  if (dim >= 0 && dim < type.getRank())
    shape[dim] *= countChunks(indices);
  build(builder, state, type.clone(shape), builder.getI64IntegerAttr(dim),
        operand, indices);
}

LogicalResult PlaceOp::verify() {
  auto type = cast<RankedTensorType>(getOperand().getType());
  int64_t dim = getDim();
  if (dim < 0 || dim >= type.getRank())
    return emitOpError() << "operand of type " << type << " has no dim " << dim;
  if (getIndices().empty())
    return emitOpError("must have an index");
  SmallVector<int64_t> shape(type.getShape());
  shape[dim] *= getNumChunks();
  if (getResult().getType() != type.clone(shape))
    return emitOpError() << "must have result type " << type.clone(shape)
                         << ", not " << getResult().getType();
  for (auto [number, index] : llvm::enumerate(getIndices())) {
    if (!getLoopOf(index))
      return emitOpError("index must be the block argument of a partir.loop");
    if (llvm::is_contained(getIndices().take_front(number), index))
      return emitOpError("has an index twice");
  }
  return success();
}

int64_t PlaceOp::getNumChunks() { return countChunks(getIndices()); }

//===----------------------------------------------------------------------===//
// TagOp
//===----------------------------------------------------------------------===//

LogicalResult TagOp::verify() {
  if (getName().empty())
    return emitOpError("must have a name that is not empty");
  return success();
}
