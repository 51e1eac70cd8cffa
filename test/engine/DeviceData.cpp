//===- DeviceData.cpp - What each device holds of a value -----------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nothing here looks at the layouts that a step claims: its kind, axes and dims
// say what happens.
//
//===----------------------------------------------------------------------===//

#include "DeviceData.h"

#include "llvm/ADT/STLExtras.h"

#include <numeric>

using namespace partir::engine;
using llvm::ArrayRef;

static int64_t sizeOf(ArrayRef<AxisRef> axes) {
  int64_t size = 1;
  for (const AxisRef &axis : axes)
    size *= axis.size;
  return size;
}

DeviceData::DeviceData(const Mesh &mesh, const Value &value,
                       const Layout &layout, ArrayRef<Pending> pending)
    : mesh(mesh) {
  // Neighbouring parts of an axis are one, as in the steps.
  for (const Pending &partial : pending) {
    AxisRef *last =
        this->pending.empty() ? nullptr : &this->pending.back().axis;
    if (last && last->axis == partial.axis.axis &&
        this->pending.back().kind == partial.kind &&
        last->major * last->size == partial.axis.major)
      last->size *= partial.axis.size;
    else
      this->pending.push_back(partial);
  }
  int count = 1;
  for (const MeshAxis &axis : mesh.axes)
    count *= axis.size;
  Chunk whole;
  for (int64_t size : value.shape) {
    whole.emplace_back(size);
    std::iota(whole.back().begin(), whole.back().end(), 0);
  }
  devices.assign(count, whole);
  for (auto [dim, axes] : llvm::enumerate(layout.dims))
    slice(axes, dim);
}

int DeviceData::numDevices() const { return static_cast<int>(devices.size()); }

int64_t DeviceData::position(int device, ArrayRef<AxisRef> axes) const {
  int64_t result = 0;
  for (const AxisRef &axis : axes) {
    int64_t stride = 1;
    for (int i = axis.axis + 1, end = mesh.axes.size(); i < end; ++i)
      stride *= mesh.axes[i].size;
    int64_t size = mesh.axes[axis.axis].size;
    int64_t coordinate = device / stride % size;
    int64_t minor = size / (axis.major * axis.size);
    result = result * axis.size + coordinate / minor % axis.size;
  }
  return result;
}

int DeviceData::moved(int device, ArrayRef<AxisRef> axes,
                      int64_t wanted) const {
  int64_t result = device;
  for (const AxisRef &axis : llvm::reverse(axes)) {
    int64_t stride = 1;
    for (int i = axis.axis + 1, end = mesh.axes.size(); i < end; ++i)
      stride *= mesh.axes[i].size;
    int64_t minor = mesh.axes[axis.axis].size / (axis.major * axis.size);
    result += (wanted % axis.size - position(device, {axis})) * minor * stride;
    wanted /= axis.size;
  }
  return static_cast<int>(result);
}

std::optional<std::string> DeviceData::slice(ArrayRef<AxisRef> axes, int dim) {
  int64_t n = sizeOf(axes);
  for (int device = 0; device < numDevices(); ++device) {
    Indices &indices = devices[device][dim];
    if (indices.size() % n != 0)
      return "slices what does not divide";
    size_t size = indices.size() / n;
    auto begin = indices.begin() + position(device, axes) * size;
    indices = Indices(begin, begin + size);
  }
  return std::nullopt;
}

std::optional<std::string> DeviceData::gather(ArrayRef<AxisRef> axes, int dim) {
  std::vector<Chunk> before = devices;
  for (int device = 0; device < numDevices(); ++device) {
    Indices all;
    for (int64_t i = 0, n = sizeOf(axes); i < n; ++i) {
      Chunk other = before[moved(device, axes, i)];
      all.insert(all.end(), other[dim].begin(), other[dim].end());
      other[dim] = before[device][dim];
      if (other != before[device])
        return "gathers chunks that differ in another dim";
    }
    devices[device][dim] = std::move(all);
  }
  return std::nullopt;
}

std::optional<std::string> DeviceData::permute(ArrayRef<AxisRef> from,
                                               ArrayRef<AxisRef> to) {
  if (sizeOf(from) != sizeOf(to))
    return "permutes over other axes";
  std::vector<Chunk> before = devices;
  for (int device = 0; device < numDevices(); ++device)
    devices[device] = before[moved(device, from, position(device, to))];
  return std::nullopt;
}

std::optional<std::string> DeviceData::reduce(ArrayRef<AxisRef> axes,
                                              ReduceKind kind) {
  for (int device = 0; device < numDevices(); ++device)
    for (int64_t i = 0, n = sizeOf(axes); i < n; ++i)
      if (devices[moved(device, axes, i)] != devices[device])
        return "reduces chunks that differ";
  // What is left to be reduced, in parts that the axes may cut.
  for (const AxisRef &axis : axes) {
    Pending *found = llvm::find_if(pending, [&](const Pending &partial) {
      return partial.kind == kind && partial.axis.axis == axis.axis &&
             axis.major % partial.axis.major == 0 &&
             axis.major * axis.size <= partial.axis.major * partial.axis.size;
    });
    if (found == pending.end())
      return "reduces what is whole";
    AxisRef whole = found->axis;
    pending.erase(found);
    int64_t before = axis.major / whole.major;
    int64_t after = whole.size / (before * axis.size);
    if (before > 1)
      pending.push_back({{axis.axis, whole.major, before}, kind});
    if (after > 1)
      pending.push_back({{axis.axis, axis.major * axis.size, after}, kind});
  }
  return std::nullopt;
}

std::optional<std::string> DeviceData::run(const Step &step) {
  auto isPending = [&](const AxisRef &axis) {
    return llvm::any_of(pending, [&](const Pending &partial) {
      return partial.axis.overlaps(axis);
    });
  };
  for (size_t i = 0; i < step.axes.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (step.axes[i].overlaps(step.axes[j]))
        return "has an axis twice";
  if (step.kind != StepKind::AllReduce && step.kind != StepKind::Combine &&
      step.kind != StepKind::ReduceScatter)
    if (llvm::any_of(step.axes, isPending))
      return "goes over an axis that is still to be reduced";

  switch (step.kind) {
  case StepKind::Slice:
    return slice(step.axes, step.dim);
  case StepKind::AllReduce:
  case StepKind::Combine:
    return reduce(step.axes, step.reduce);
  case StepKind::ReduceScatter:
    if (auto wrong = reduce(step.axes, step.reduce))
      return wrong;
    return slice(step.axes, step.dim);
  case StepKind::AllGather:
    return gather(step.axes, step.dim);
  case StepKind::AllToAll:
    if (auto wrong = gather(step.axes, step.dim))
      return wrong;
    return slice(step.axes, step.toDim);
  case StepKind::Permute:
    return permute(step.from.dims[step.dim], step.to.dims[step.dim]);
  case StepKind::Window:
    // What comes of it is the user's alone; the value stays as it is.
    return std::nullopt;
  }
  return "is of no known kind";
}

std::optional<std::string> partir::engine::checkLayout(const Value &value,
                                                       const Layout &layout) {
  llvm::SmallVector<AxisRef, 4> all;
  for (auto [dim, axes] : llvm::enumerate(layout.dims)) {
    if (value.shape[dim] % layout.tilesOf(dim) != 0)
      return "tiles that do not divide the value";
    for (const AxisRef &axis : axes) {
      if (llvm::any_of(
              all, [&](const AxisRef &other) { return other.overlaps(axis); }))
        return "an axis twice";
      all.push_back(axis);
    }
  }
  return std::nullopt;
}
