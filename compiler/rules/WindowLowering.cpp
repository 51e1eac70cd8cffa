//===- WindowLowering.cpp - Stretches as XLA sends them -------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds the StableHLO of partir_hlo.window. In each round a device cuts a
// piece out of its chunk and sends it. The pieces of a halo lie at the same
// place on all devices and are concatenated; where they do not, each is moved
// to its place, and a mask says what of it counts.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/engine/Exchange.h"
#include "compiler/rules/Chunks.h"
#include "compiler/rules/Collectives.h"
#include "compiler/rules/Indexed.h"
#include "compiler/rules/Monoid.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using stablehlo::ComparisonDirection;

namespace {

/// What travels in a round, by the positions of the devices along the axes.
struct Piece {
  /// The chunks are of `chunk` elements, and there are `n`.
  Piece(const engine::Round &round, int64_t chunk, int64_t n);

  int64_t ordinal;
  /// How many elements every device sends.
  int64_t size;
  /// Where a source cuts them from its chunk.
  SmallVector<int64_t> offsets;
  /// Where they lie in a target's stretch, if only in part, and which of the
  /// stretch, [begin, end), are to come from there.
  SmallVector<int64_t> places, begins, ends;
  /// Whether a device is a target.
  SmallVector<int64_t> isTarget;
  /// Whether all targets have the piece at one place and all of it counts.
  bool isStatic;
  /// Whether those that are no targets have zeros in its place.
  bool isZeroElsewhere;
  /// Once it is there.
  Value value = {};

  int64_t place() const { return places.front(); }
};

/// Builds the ops of one window.
class StretchBuilder {
public:
  StretchBuilder(OpBuilder &builder, hlo::WindowOp op,
                 llvm::function_ref<Value()> position)
      : builder(builder), loc(op.getLoc()), dim(op.getDim()),
        type(cast<RankedTensorType>(op.getType())), position(position),
        indexType(
            positionType(builder, {type.getDimSize(dim),
                                   shapeOf(op.getOperand())[op.getDim()]})) {}

  /// The elements of `value` that each device sends.
  Value cut(Value value, const Piece &piece) {
    return cut(value, piece.offsets, piece.size);
  }
  /// The stretch that is made of the pieces, if they can be concatenated, else
  /// null.
  Value concatenate(ArrayRef<Piece> pieces);
  /// The same for any pieces.
  Value overlay(ArrayRef<Piece> pieces);

private:
  RankedTensorType typeOf(int64_t size) const {
    SmallVector<int64_t> shape(type.getShape());
    shape[dim] = size;
    return type.clone(shape);
  }
  Value getZero() {
    return createNeutral(builder, loc, ReduceKind::Add,
                         RankedTensorType::get({}, type.getElementType()));
  }
  Value zeros(int64_t size) {
    return stablehlo::BroadcastInDimOp::create(builder, loc, typeOf(size),
                                               getZero(), ArrayRef<int64_t>());
  }
  Value select(Value isFirst, Value a, Value b) {
    return stablehlo::SelectOp::create(builder, loc, a.getType(), isFirst, a,
                                       b);
  }
  Value lookUp(ArrayRef<int64_t> table, IntegerType elementType);
  Value isTarget(const Piece &piece) {
    return lookUp(piece.isTarget, builder.getI1Type());
  }
  Value cut(Value value, ArrayRef<int64_t> starts, int64_t size);
  Value joinOrdinal(ArrayRef<Piece> pieces);
  Value createMask(const Piece &piece);

  OpBuilder &builder;
  Location loc;
  int64_t dim;
  RankedTensorType type;
  /// Of the device along the axes. Halos do without.
  llvm::function_ref<Value()> position;
  IntegerType indexType;
};

} // namespace

Piece::Piece(const engine::Round &round, int64_t chunk, int64_t n)
    : ordinal(round.ordinal), size(round.length()), begins(n), ends(n),
      isTarget(n) {
  auto offsetOf = [&](const engine::Message &message) {
    return std::min(message.offset, chunk - size);
  };
  auto placeOf = [&](const engine::Message &message) {
    return message.place - (message.offset - offsetOf(message));
  };
  // What the others do makes no difference.
  offsets.assign(n, offsetOf(round.messages.front()));
  places.assign(n, placeOf(round.messages.front()));
  isStatic = true;
  for (const engine::Message &message : round.messages) {
    offsets[message.source] = offsetOf(message);
    places[message.target] = placeOf(message);
    begins[message.target] = message.place;
    ends[message.target] = message.place + message.length;
    isTarget[message.target] = 1;
    isStatic &=
        message.length == size && message.place == round.messages.front().place;
  }
  isZeroElsewhere =
      round.communicates() || static_cast<int64_t>(round.messages.size()) == n;
}

/// The device's number in a table by position.
Value StretchBuilder::lookUp(ArrayRef<int64_t> table, IntegerType elementType) {
  auto scalarType = RankedTensorType::get({}, elementType);
  if (llvm::all_equal(table))
    return integerSplat(builder, loc, scalarType, table.front());
  SmallVector<APInt> numbers;
  for (int64_t number : table)
    numbers.push_back(APInt(elementType.getWidth(), number, /*isSigned=*/true,
                            /*implicitTrunc=*/true));
  auto tableType =
      RankedTensorType::get({static_cast<int64_t>(table.size())}, elementType);
  Value elements =
      constant(builder, loc, DenseElementsAttr::get(tableType, numbers));
  Value element = stablehlo::DynamicSliceOp::create(
      builder, loc, RankedTensorType::get({1}, elementType), elements,
      position(), ArrayRef<int64_t>(1));
  return stablehlo::ReshapeOp::create(builder, loc, scalarType, element);
}

/// `size` elements on the dim, from a start by position.
Value StretchBuilder::cut(Value value, ArrayRef<int64_t> starts, int64_t size) {
  auto from = cast<RankedTensorType>(value.getType());
  RankedTensorType to = typeOf(size);
  if (to == from)
    return value;
  int64_t rank = from.getRank();
  if (llvm::all_equal(starts)) {
    SmallVector<int64_t> begins(rank, 0), ends(to.getShape());
    begins[dim] = starts.front();
    ends[dim] += starts.front();
    return stablehlo::SliceOp::create(builder, loc, to, value, begins, ends,
                                      SmallVector<int64_t>(rank, 1));
  }
  Value none =
      integerSplat(builder, loc, RankedTensorType::get({}, indexType), 0);
  SmallVector<Value> begins(rank, none);
  begins[dim] = lookUp(starts, indexType);
  return stablehlo::DynamicSliceOp::create(builder, loc, to, value, begins,
                                           to.getShape());
}

/// Pieces of one ordinal, which all lie at one place.
Value StretchBuilder::joinOrdinal(ArrayRef<Piece> pieces) {
  const Piece &first = pieces.front();
  Value joined = first.value;
  if (!first.isZeroElsewhere) {
    Value none = zeros(first.size);
    joined = select(isTarget(first), joined, none);
  }
  for (const Piece &piece : pieces.drop_front())
    joined = select(isTarget(piece), piece.value, joined);
  return joined;
}

Value StretchBuilder::concatenate(ArrayRef<Piece> pieces) {
  SmallVector<ArrayRef<Piece>> ordinals;
  int64_t end = 0;
  for (ArrayRef<Piece> rest = pieces; !rest.empty();
       rest = rest.drop_front(ordinals.back().size())) {
    const Piece &first = rest.front();
    ordinals.push_back(rest.take_while(
        [&](const Piece &piece) { return piece.ordinal == first.ordinal; }));
    if (first.place() < end)
      return {};
    end = first.place() + first.size;
    for (const Piece &piece : ordinals.back())
      if (!piece.isStatic || piece.place() != first.place() ||
          piece.size != first.size)
        return {};
  }

  SmallVector<Value> parts;
  end = 0;
  for (ArrayRef<Piece> ordinal : ordinals) {
    const Piece &first = ordinal.front();
    if (first.place() > end)
      parts.push_back(zeros(first.place() - end));
    parts.push_back(joinOrdinal(ordinal));
    end = first.place() + first.size;
  }
  if (end < type.getDimSize(dim) || parts.empty())
    parts.push_back(zeros(type.getDimSize(dim) - end));
  if (parts.size() == 1)
    return parts.front();
  return stablehlo::ConcatenateOp::create(builder, loc, type, parts, dim);
}

/// Where in the stretch the elements come from the piece.
Value StretchBuilder::createMask(const Piece &piece) {
  auto lineType = RankedTensorType::get({type.getDimSize(dim)}, indexType);
  auto spread = [&](Value scalar) -> Value {
    return stablehlo::BroadcastInDimOp::create(builder, loc, lineType, scalar,
                                               ArrayRef<int64_t>());
  };
  Value line = stablehlo::IotaOp::create(builder, loc, lineType, 0);
  Value isAfter =
      compare(builder, loc, line, spread(lookUp(piece.begins, indexType)),
              ComparisonDirection::GE);
  Value isBefore =
      compare(builder, loc, line, spread(lookUp(piece.ends, indexType)),
              ComparisonDirection::LT);
  Value isIn = both(builder, loc, isAfter, isBefore);
  return stablehlo::BroadcastInDimOp::create(builder, loc,
                                             type.clone(builder.getI1Type()),
                                             isIn, ArrayRef<int64_t>(dim));
}

Value StretchBuilder::overlay(ArrayRef<Piece> pieces) {
  int64_t length = type.getDimSize(dim), rank = type.getRank();
  Value stretch = zeros(length);
  for (const Piece &piece : pieces) {
    // Widened so that a cut at any of the places is inside.
    auto [least, most] =
        std::minmax_element(piece.places.begin(), piece.places.end());
    SmallVector<int64_t> none(rank, 0), low(none), high(none), starts;
    low[dim] = std::max<int64_t>(*most, 0);
    high[dim] = std::max<int64_t>(length - *least - piece.size, 0);
    for (int64_t place : piece.places)
      starts.push_back(low[dim] - place);
    Value wide = stablehlo::PadOp::create(
        builder, loc, typeOf(low[dim] + piece.size + high[dim]), piece.value,
        getZero(), low, high, none);
    Value placed = cut(wide, starts, length);
    stretch = select(createMask(piece), placed, stretch);
  }
  return stretch;
}

FailureOr<Value> CollectiveLowering::lowerOp(OpBuilder &builder,
                                             hlo::WindowOp op) {
  Location loc = op.getLoc();
  auto type = cast<RankedTensorType>(op.getType());
  Value operand = op.getOperand();
  int64_t dim = op.getDim(), n = op.getStarts().size();
  int64_t chunk = cast<RankedTensorType>(operand.getType()).getDimSize(dim);
  if (!neutralSplat(engine::ReduceKind::Add, type))
    return op.emitOpError("is of a type that has no zero");
  ArrayRef<AxisAttr> axes = op.getAxes().getAxes();
  auto position = [&] { return getPosition(loc, axes); };
  StretchBuilder stretch(builder, op, position);
  SmallVector<SmallVector<int64_t>> groups = mesh.getGroups(axes);

  operand = keepClampApart(builder, loc, operand);
  std::vector<Piece> pieces;
  for (const engine::Round &round :
       engine::exchange(chunk, op.getStarts(), type.getDimSize(dim))) {
    Piece &piece = pieces.emplace_back(round, chunk, n);
    piece.value = stretch.cut(operand, piece);
    if (!round.communicates())
      continue;
    SmallVector<int64_t> devices;
    for (ArrayRef<int64_t> group : groups)
      for (const engine::Message &message : round.messages)
        devices.append({group[message.source], group[message.target]});
    piece.value = createPermute(builder, loc, piece.value, devices);
  }
  Value whole = stretch.concatenate(pieces);
  return whole ? whole : stretch.overlay(pieces);
}
