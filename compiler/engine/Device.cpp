//===- Device.cpp - The figures of a machine ------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Device.h"

#include "compiler/engine/Cost.h"

#include "llvm/Support/JSON.h"

#include <cmath>

using namespace partir::engine;
using llvm::json::Object;

/// Figures beyond these are mistakes, and times made of them overflow.
static constexpr double kLeastFigure = 1e-30, kMostFigure = 1e30;
/// Up to here each whole number is one of JSON.
static constexpr int64_t kMostWhole = int64_t(1) << 53;
/// Elements of a tile, on a side.
static constexpr int64_t kMostTile = 1024;
/// Bytes of a file, and how deep its values may lie in each other: the parser
/// calls itself for each.
static constexpr size_t kMostBytes = 1 << 20;
static constexpr int kMostDepth = 64;

namespace {

/// Reads the members of an object, and remembers the first that is wrong.
class Reader {
public:
  Reader(const Object &object, std::string where, std::string &error)
      : object(object), where(std::move(where)), error(error) {}

  double number(llvm::StringRef key, bool mayBeZero = false) {
    auto value = object.getNumber(key);
    if (value && (isFigure(*value) || (mayBeZero && *value == 0)))
      return *value;
    complain(key, mayBeZero ? "a number from 0 to 1e30"
                            : "a number above zero, from 1e-30 to 1e30");
    return 1;
  }
  double share(llvm::StringRef key) {
    auto value = object.getNumber(key);
    if (value && isFigure(*value) && *value <= 1)
      return *value;
    complain(key, "a share: a number above zero, 1 at most");
    return 1;
  }
  int64_t integer(llvm::StringRef key) {
    const llvm::json::Value *value = object.get(key);
    if (value && isWhole(*value, kMostWhole))
      return static_cast<int64_t>(*value->getAsNumber());
    complain(key, "a whole number from 1 to 2^53");
    return 1;
  }
  bool flag(llvm::StringRef key) {
    auto value = object.getBoolean(key);
    if (!value)
      complain(key, "true or false");
    return value.value_or(false);
  }
  std::string text(llvm::StringRef key) {
    auto value = object.getString(key);
    if (!value || value->empty())
      complain(key, "a text");
    return value.value_or("").str();
  }
  /// As many numbers as there are places for them.
  void numbers(llvm::StringRef key, llvm::MutableArrayRef<double> places) {
    list(key, places, "numbers above zero, from 1e-30 to 1e30",
         [](const llvm::json::Value &value) {
           auto number = value.getAsNumber();
           return number && isFigure(*number);
         });
  }
  /// The sides of a tile.
  void sides(llvm::StringRef key, llvm::MutableArrayRef<int64_t> places) {
    list(key, places, "whole numbers from 1 to " + std::to_string(kMostTile),
         [](const llvm::json::Value &value) {
           return isWhole(value, kMostTile);
         });
  }
  void complain(llvm::StringRef key, const std::string &wanted) {
    if (error.empty())
      error = where + "\"" + key.str() + "\" must be " + wanted;
  }
  void refuseOthers(llvm::ArrayRef<llvm::StringRef> known) {
    for (const auto &member : object)
      if (error.empty() && !llvm::is_contained(known, member.first.str()))
        error = where + "\"" + member.first.str() + "\" is not known";
  }

private:
  static bool isFigure(double value) {
    return value >= kLeastFigure && value <= kMostFigure;
  }
  static bool isWhole(const llvm::json::Value &value, int64_t most) {
    auto number = value.getAsNumber();
    return number && *number >= 1 && *number <= static_cast<double>(most) &&
           std::floor(*number) == *number;
  }
  template <typename T>
  void list(llvm::StringRef key, llvm::MutableArrayRef<T> places,
            const std::string &wanted,
            llvm::function_ref<bool(const llvm::json::Value &)> isValid) {
    const llvm::json::Array *array = object.getArray(key);
    if (!array || array->size() != places.size() ||
        !llvm::all_of(*array, isValid))
      return complain(key, "a list of " + std::to_string(places.size()) + " " +
                               wanted);
    for (auto [place, value] : llvm::zip_equal(places, *array))
      place = static_cast<T>(*value.getAsNumber());
  }

  const Object &object;
  std::string where;
  std::string &error;
};

} // namespace

/// Times are listed by the names of links and of how kernels are run.
static bool isOfKernels(llvm::StringRef name) {
  return name == "compute" ||
         llvm::is_contained({stringify(Work::None), stringify(Work::Elements),
                             stringify(Work::Move), stringify(Work::Reduce),
                             stringify(Work::Matrix), stringify(Work::Apart)},
                            name);
}

static Link readLink(const Object &object, llvm::ArrayRef<Link> inner,
                     std::string &error) {
  Reader reader(object, "links[" + std::to_string(inner.size()) + "]: ", error);
  reader.refuseOthers({"name", "size", "bandwidth", "latency"});
  Link link = {reader.text("name"), reader.integer("size"),
               reader.number("bandwidth"), reader.number("latency", true)};
  if (isOfKernels(link.name))
    reader.complain("name", "that of a network, such as \"NVLink\"; \"" +
                                link.name + "\" is said of kernels");
  auto isAlike = [&](const Link &other) { return other.name == link.name; };
  if (llvm::any_of(inner, isAlike))
    reader.complain("name", "one that no other link has, and \"" + link.name +
                                "\" is that of a link before");
  return link;
}

static void readLinks(Reader &reader, const llvm::json::Array *values,
                      llvm::SmallVectorImpl<Link> &links, std::string &error) {
  if (!values || values->empty())
    return reader.complain("links", "a list of links, the innermost first");
  for (const llvm::json::Value &value : *values) {
    const Object *object = value.getAsObject();
    if (!object)
      return reader.complain("links", "a list of objects of JSON");
    links.push_back(readLink(*object, links, error));
  }
}

/// How deep values lie in each other.
static int depthOf(llvm::StringRef json) {
  int depth = 0, most = 0;
  bool isText = false;
  for (size_t i = 0; i < json.size(); ++i) {
    char c = json[i];
    if (c == '"')
      isText = !isText;
    else if (isText && c == '\\')
      ++i;
    else if (!isText && (c == '[' || c == '{'))
      most = std::max(most, ++depth);
    else if (!isText && (c == ']' || c == '}'))
      --depth;
  }
  return most;
}

llvm::Expected<Device> partir::engine::parseDevice(llvm::StringRef json) {
  if (json.size() > kMostBytes)
    return llvm::createStringError("a device must be at most 1 MiB of JSON");
  if (depthOf(json) > kMostDepth)
    return llvm::createStringError("the values of a device may lie at most " +
                                   std::to_string(kMostDepth) +
                                   " deep in each other");
  auto parsed = llvm::json::parse(json);
  if (!parsed)
    return llvm::createStringError("this is no JSON: " +
                                   llvm::toString(parsed.takeError()));
  const Object *object = parsed->getAsObject();
  if (!object)
    return llvm::createStringError("a device must be an object of JSON");
  std::string error;
  Reader reader(*object, "", error);
  reader.refuseOthers({"name", "sources", "memory", "bandwidth", "matrix_flops",
                       "matrix_tile", "vector_flops", "transcendentals",
                       "matrix_efficiency", "bandwidth_efficiency", "overhead",
                       "fuses_matrix", "array_tile", "heap_in_order",
                       "widens_half", "product_bytes", "links"});
  Device device;
  device.name = reader.text("name");
  device.memory = reader.integer("memory");
  device.bandwidth = reader.number("bandwidth");
  reader.numbers("matrix_flops", device.matrixFlops);
  reader.sides("matrix_tile", device.matrixTile);
  device.vectorFlops = reader.number("vector_flops");
  device.transcendentals = reader.number("transcendentals");
  device.matrixEfficiency = reader.share("matrix_efficiency");
  device.bandwidthEfficiency = reader.share("bandwidth_efficiency");
  device.overhead = reader.number("overhead", true);
  device.fusesMatrix = reader.flag("fuses_matrix");
  if (object->get("array_tile")) {
    int64_t tile[2] = {0, 0};
    reader.sides("array_tile", tile);
    device.tileRows = tile[0];
    device.tileColumns = tile[1];
  }
  if (object->get("product_bytes"))
    device.productBytes = reader.integer("product_bytes");
  if (object->get("heap_in_order"))
    device.heapInOrder = reader.flag("heap_in_order");
  if (object->get("widens_half"))
    device.widensHalf = reader.flag("widens_half");
  readLinks(reader, object->getArray("links"), device.links, error);
  if (!error.empty())
    return llvm::createStringError(error);
  return device;
}
