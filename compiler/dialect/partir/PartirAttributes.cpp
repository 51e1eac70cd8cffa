//===- PartirAttributes.cpp - Meshes, axes, actions, causes ---------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/partir/Partir.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <limits>

using namespace mlir;
using namespace partir;

#include "compiler/dialect/partir/PartirEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "compiler/dialect/partir/PartirAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "compiler/dialect/partir/PartirTypes.cpp.inc"

void PartirDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "compiler/dialect/partir/PartirAttrs.cpp.inc"
      >();
}

void PartirDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "compiler/dialect/partir/PartirTypes.cpp.inc"
      >();
}

LogicalResult RangeType::verify(function_ref<InFlightDiagnostic()> emitError,
                                int64_t size) {
  if (size < 1)
    return emitError() << "the size of a range must be positive, not " << size;
  return success();
}

//===----------------------------------------------------------------------===//
// AxisAttr
//===----------------------------------------------------------------------===//

LogicalResult AxisAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               StringRef name, int64_t majorSize,
                               int64_t size) {
  if (name.empty())
    return emitError() << "an axis must have a name";
  if (majorSize == 1 && size == 0)
    return success();
  int64_t bound;
  if (majorSize < 1 || size < 2 || llvm::MulOverflow(majorSize, size, bound))
    return emitError() << "a part of axis \"" << name
                       << "\" must have a major size of at least 1 and a size "
                          "of at least 2, not ("
                       << majorSize << ")" << size;
  return success();
}

bool AxisAttr::overlaps(AxisAttr other) const {
  if (getName() != other.getName())
    return false;
  if (isWhole() || other.isWhole())
    return true;
  return std::max(getMajorSize(), other.getMajorSize()) <
         std::min(getMinorBound(), other.getMinorBound());
}

std::string AxisAttr::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << '"';
  llvm::printEscapedString(getName(), os);
  os << '"';
  if (!isWhole())
    os << ":(" << getMajorSize() << ')' << getSize();
  return text;
}

ParseResult partir::parseAxis(AsmParser &parser, AxisAttr &axis) {
  SMLoc loc = parser.getCurrentLocation();
  std::string name;
  int64_t majorSize = 1, size = 0;
  if (parser.parseString(&name))
    return failure();
  if (succeeded(parser.parseOptionalColon())) {
    if (parser.parseLParen() || parser.parseInteger(majorSize) ||
        parser.parseRParen() || parser.parseInteger(size))
      return failure();
    // `(1)0` is how a whole axis is stored, not a way to write one.
    if (size == 0)
      return parser.emitError(loc, "a part of an axis cannot have size 0");
  }
  axis = AxisAttr::getChecked([&] { return parser.emitError(loc); },
                              parser.getContext(), name, majorSize, size);
  return success(axis != nullptr);
}

void partir::printAxis(AsmPrinter &printer, AxisAttr axis) {
  printer.printString(axis.getName());
  if (!axis.isWhole())
    printer << ":(" << axis.getMajorSize() << ')' << axis.getSize();
}

Attribute AxisAttr::parse(AsmParser &parser, Type) {
  AxisAttr axis;
  if (parser.parseLess() || parseAxis(parser, axis) || parser.parseGreater())
    return {};
  return axis;
}

void AxisAttr::print(AsmPrinter &printer) const {
  printer << '<';
  printAxis(printer, *this);
  printer << '>';
}

//===----------------------------------------------------------------------===//
// MeshAttr
//===----------------------------------------------------------------------===//

static std::pair<SmallVector<StringAttr>, SmallVector<int64_t>>
splitAxes(MLIRContext *context, ArrayRef<std::pair<StringRef, int64_t>> axes) {
  SmallVector<StringAttr> names;
  SmallVector<int64_t> sizes;
  for (auto [name, size] : axes) {
    names.push_back(StringAttr::get(context, name));
    sizes.push_back(size);
  }
  return {names, sizes};
}

MeshAttr MeshAttr::get(MLIRContext *context,
                       ArrayRef<std::pair<StringRef, int64_t>> axes) {
  auto [names, sizes] = splitAxes(context, axes);
  return get(context, names, sizes);
}

MeshAttr MeshAttr::getChecked(function_ref<InFlightDiagnostic()> emitError,
                              MLIRContext *context,
                              ArrayRef<std::pair<StringRef, int64_t>> axes) {
  auto [names, sizes] = splitAxes(context, axes);
  return getChecked(emitError, context, names, sizes);
}

LogicalResult MeshAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               ArrayRef<StringAttr> names,
                               ArrayRef<int64_t> sizes) {
  if (names.size() != sizes.size())
    return emitError() << "a mesh must have one size per axis";
  int64_t numDevices = 1;
  for (auto [index, name, size] : llvm::enumerate(names, sizes)) {
    if (name.empty())
      return emitError() << "an axis of a mesh must have a name";
    if (llvm::is_contained(names.take_front(index), name))
      return emitError() << "the mesh has two axes named " << name;
    if (size < 1)
      return emitError() << "axis " << name
                         << " of the mesh must have a positive size, not "
                         << size;
    // The number of a device is an i32.
    constexpr int64_t kMaxDevices = std::numeric_limits<int32_t>::max();
    if (llvm::MulOverflow(numDevices, size, numDevices) ||
        numDevices > kMaxDevices)
      return emitError() << "the mesh has too many devices, the most are "
                         << kMaxDevices;
  }
  return success();
}

int64_t MeshAttr::getAxisSize(StringRef name) const {
  for (auto [axisName, size] : llvm::zip_equal(getNames(), getSizes()))
    if (axisName.getValue() == name)
      return size;
  return 0;
}

int64_t MeshAttr::getSize(AxisAttr axis) const {
  return axis.isWhole() ? getAxisSize(axis.getName()) : axis.getSize();
}

int64_t MeshAttr::getSize(ArrayRef<AxisAttr> axes) const {
  int64_t size = 1;
  for (AxisAttr axis : axes)
    size *= getSize(axis);
  return size;
}

int64_t MeshAttr::getNumDevices() const {
  int64_t numDevices = 1;
  for (int64_t size : getSizes())
    numDevices *= size;
  return numDevices;
}

int64_t MeshAttr::getStride(AxisAttr axis) const {
  int64_t stride = 1;
  for (auto [name, size] : llvm::reverse(llvm::zip(getNames(), getSizes()))) {
    if (name.getValue() == axis.getName())
      return axis.isWhole() ? stride : stride * (size / axis.getMinorBound());
    stride *= size;
  }
  return stride;
}

int64_t MeshAttr::getCoordinate(int64_t device, AxisAttr axis) const {
  return device / getStride(axis) % getSize(axis);
}

int64_t MeshAttr::getPosition(int64_t device, ArrayRef<AxisAttr> axes) const {
  int64_t position = 0;
  for (AxisAttr axis : axes)
    position = position * getSize(axis) + getCoordinate(device, axis);
  return position;
}

SmallVector<SmallVector<int64_t>>
MeshAttr::getGroups(ArrayRef<AxisAttr> axes) const {
  // What a position along `axes` adds to the number of a group's first device.
  SmallVector<int64_t> offsets = {0};
  for (AxisAttr axis : axes) {
    int64_t stride = getStride(axis), size = getSize(axis);
    SmallVector<int64_t> next;
    next.reserve(offsets.size() * size);
    for (int64_t offset : offsets)
      for (int64_t i = 0; i < size; ++i)
        next.push_back(offset + i * stride);
    offsets = std::move(next);
  }

  SmallVector<SmallVector<int64_t>> groups;
  for (int64_t device = 0, n = getNumDevices(); device < n; ++device) {
    if (getPosition(device, axes) != 0)
      continue;
    SmallVector<int64_t> &group = groups.emplace_back();
    group.reserve(offsets.size());
    for (int64_t offset : offsets)
      group.push_back(device + offset);
  }
  return groups;
}

AxisAttr MeshAttr::getPart(StringRef name, int64_t majorSize,
                           int64_t size) const {
  if (majorSize == 1 && size == getAxisSize(name))
    return AxisAttr::get(getContext(), name);
  return AxisAttr::get(getContext(), name, majorSize, size);
}

LogicalResult
MeshAttr::verifyAxis(AxisAttr axis,
                     function_ref<InFlightDiagnostic()> emitError) const {
  int64_t size = getAxisSize(axis.getName());
  if (size == 0)
    return emitError() << "axis \"" << axis.getName()
                       << "\" is not in the mesh " << *this;
  if (axis.isWhole())
    return success();
  if (size % axis.getMinorBound() != 0)
    return emitError() << "axis \"" << axis.getName() << "\" of size " << size
                       << " has no part (" << axis.getMajorSize() << ")"
                       << axis.getSize();
  if (axis.getSize() == size)
    return emitError() << "the part " << axis.str()
                       << " is the whole axis and must be written so";
  return success();
}

Attribute MeshAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<StringAttr> names;
  SmallVector<int64_t> sizes;
  auto parseOne = [&]() -> ParseResult {
    std::string name;
    if (parser.parseString(&name) || parser.parseEqual() ||
        parser.parseInteger(sizes.emplace_back()))
      return failure();
    names.push_back(StringAttr::get(parser.getContext(), name));
    return success();
  };
  if (parser.parseLess() ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseOne) ||
      parser.parseGreater())
    return {};
  return MeshAttr::getChecked([&] { return parser.emitError(loc); },
                              parser.getContext(), names, sizes);
}

void MeshAttr::print(AsmPrinter &printer) const {
  printer << "<[";
  llvm::interleaveComma(llvm::zip_equal(getNames(), getSizes()), printer,
                        [&](auto axis) {
                          auto [name, size] = axis;
                          printer.printString(name.getValue());
                          printer << '=' << size;
                        });
  printer << "]>";
}

MeshAttr partir::getMesh(Operation *op) {
  for (; op; op = op->getParentOp())
    if (isa<ModuleOp>(op))
      if (auto mesh = dyn_cast_or_null<MeshAttr>(
              op->getDiscardableAttr(PartirDialect::getMeshAttrName())))
        return mesh;
  return {};
}

void partir::dropProgramAttributes(Operation *module) {
  module->removeDiscardableAttr(PartirDialect::getMeshAttrName());
  module->removeDiscardableAttr(PartirDialect::getRulesAttrName());
}

static bool areRules(Attribute value) {
  auto rules = dyn_cast<DictionaryAttr>(value);
  return rules && llvm::all_of(rules, [](NamedAttribute rule) {
           return isa<StringAttr>(rule.getValue());
         });
}

LogicalResult PartirDialect::verifyOperationAttribute(Operation *op,
                                                      NamedAttribute attr) {
  StringRef name = attr.getName();
  bool isMesh = name == getMeshAttrName(), isRules = name == getRulesAttrName();
  if (!isMesh && !isRules)
    return success();
  if (!isa<ModuleOp>(op))
    return op->emitOpError("cannot have the attribute '")
           << name << "': only a module has "
           << (isMesh ? "a mesh" : "rules for its custom calls");
  if (isMesh && !isa<MeshAttr>(attr.getValue()))
    return op->emitOpError("attribute 'partir.mesh' must be a #partir.mesh");
  if (isRules && !areRules(attr.getValue()))
    return op->emitOpError("attribute 'partir.rules' must hold a string for "
                           "each target of a custom call, such as "
                           "{my_kernel = \"b i, b j -> b k\"}");
  return success();
}

//===----------------------------------------------------------------------===//
// Actions
//===----------------------------------------------------------------------===//

ActionAttr::ActionAttr(TileAttr attr) : Attribute(attr) {}
ActionAttr::ActionAttr(ReduceAttr attr) : Attribute(attr) {}
ActionAttr::ActionAttr(AnyAttr attr) : Attribute(attr) {}

bool ActionAttr::classof(Attribute attr) {
  return isa<TileAttr, ReduceAttr, AnyAttr>(attr);
}

LogicalResult TileAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               int64_t dim) {
  if (dim < 0)
    return emitError() << "a tiled dim cannot be negative, like " << dim;
  return success();
}

RankedTensorType partir::getChunkType(RankedTensorType type, int64_t dim,
                                      int64_t n) {
  if (dim < 0 || dim >= type.getRank() || n < 1 || type.getDimSize(dim) % n)
    return {};
  SmallVector<int64_t> shape(type.getShape());
  shape[dim] /= n;
  return type.clone(shape);
}

//===----------------------------------------------------------------------===//
// CauseAttr
//===----------------------------------------------------------------------===//

LogicalResult CauseAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                StringRef tactic, int64_t number,
                                int64_t parent) {
  if (number < 0)
    return emitError() << "the number of a decision cannot be negative, like "
                       << number;
  // Numbers grow as decisions are made, so that chains of causes end.
  if (parent < -1 || parent >= number)
    return emitError() << "decision " << number << " cannot come from decision "
                       << parent << ": it is -1 or an earlier one";
  return success();
}

CauseAttr partir::getCause(Location loc) {
  if (auto fused = dyn_cast<FusedLoc>(loc)) {
    if (auto cause = dyn_cast_or_null<CauseAttr>(fused.getMetadata()))
      return cause;
    for (Location inner : fused.getLocations())
      if (CauseAttr cause = getCause(inner))
        return cause;
  }
  if (auto named = dyn_cast<NameLoc>(loc))
    return getCause(named.getChildLoc());
  return {};
}

Location partir::withCause(Location loc, CauseAttr cause) {
  if (auto fused = dyn_cast<FusedLoc>(loc))
    if (isa_and_nonnull<CauseAttr>(fused.getMetadata()))
      return FusedLoc::get(fused.getLocations(), cause, loc.getContext());
  return FusedLoc::get({loc}, cause, loc.getContext());
}
