//===- Device.cpp - The figures of a machine ------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Device.h"

#include "llvm/Support/JSON.h"

using namespace partir::engine;
using llvm::json::Object;

namespace {

/// Reads the members of an object, and remembers the first that is wrong.
class Reader {
public:
  Reader(const Object &object, std::string where, std::string &error)
      : object(object), where(std::move(where)), error(error) {}

  /// A number above zero, or at least zero.
  double number(llvm::StringRef key, bool mayBeZero = false) {
    auto value = object.getNumber(key);
    if (value && (*value > 0 || (mayBeZero && *value == 0)))
      return *value;
    complain(key, mayBeZero ? "a number that is not negative"
                            : "a number above zero");
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
    const llvm::json::Array *array = object.getArray(key);
    bool fits = array && array->size() == places.size();
    for (size_t i = 0; fits && i < places.size(); ++i) {
      auto value = (*array)[i].getAsNumber();
      fits = value && *value > 0;
      places[i] = value.value_or(1);
    }
    if (!fits)
      complain(key, "a list of " + std::to_string(places.size()) +
                        " numbers above zero");
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
  const Object &object;
  std::string where;
  std::string &error;
};

} // namespace

static Link readLink(const llvm::json::Value &value, std::string &error) {
  const Object *object = value.getAsObject();
  if (!object) {
    error = "each of \"links\" must be an object";
    return {};
  }
  Reader reader(*object, "link: ", error);
  reader.refuseOthers({"name", "size", "bandwidth", "latency"});
  return {reader.text("name"), static_cast<int64_t>(reader.number("size")),
          reader.number("bandwidth"), reader.number("latency", true)};
}

llvm::Expected<Device> partir::engine::parseDevice(llvm::StringRef json) {
  auto parsed = llvm::json::parse(json);
  if (!parsed)
    return parsed.takeError();
  const Object *object = parsed->getAsObject();
  if (!object)
    return llvm::createStringError("a device must be an object of JSON");
  std::string error;
  Reader reader(*object, "device: ", error);
  reader.refuseOthers({"name", "sources", "memory", "bandwidth", "matrix_flops",
                       "matrix_tile", "vector_flops", "transcendentals",
                       "matrix_efficiency", "bandwidth_efficiency", "overhead",
                       "fuses_matrix", "array_tile", "heap_in_order",
                       "widens_half", "product_bytes", "links"});
  Device device;
  device.name = reader.text("name");
  device.memory = static_cast<int64_t>(reader.number("memory"));
  device.bandwidth = reader.number("bandwidth");
  reader.numbers("matrix_flops", device.matrixFlops);
  reader.numbers("matrix_tile", device.matrixTile);
  device.vectorFlops = reader.number("vector_flops");
  device.transcendentals = reader.number("transcendentals");
  device.matrixEfficiency = reader.number("matrix_efficiency");
  device.bandwidthEfficiency = reader.number("bandwidth_efficiency");
  device.overhead = reader.number("overhead", true);
  device.fusesMatrix = reader.flag("fuses_matrix");
  if (object->get("array_tile")) {
    double tile[2];
    reader.numbers("array_tile", tile);
    device.tileRows = static_cast<int64_t>(tile[0]);
    device.tileColumns = static_cast<int64_t>(tile[1]);
  }
  if (object->get("product_bytes"))
    device.productBytes = static_cast<int>(reader.number("product_bytes"));
  if (object->get("heap_in_order"))
    device.heapInOrder = reader.flag("heap_in_order");
  if (object->get("widens_half"))
    device.widensHalf = reader.flag("widens_half");
  if (const llvm::json::Array *links = object->getArray("links"))
    for (const llvm::json::Value &link : *links)
      device.links.push_back(readLink(link, error));
  if (device.links.empty())
    reader.complain("links", "a list of links, the innermost first");
  if (!error.empty())
    return llvm::createStringError(error);
  return device;
}
