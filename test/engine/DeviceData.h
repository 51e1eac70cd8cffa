//===- DeviceData.h - What each device holds of a value ---------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs collectives on lists of indices: per device and dim the indices of the
// global value that it holds, in order.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_TEST_ENGINE_DEVICEDATA_H
#define PARTIR_TEST_ENGINE_DEVICEDATA_H

#include "compiler/engine/Conversion.h"

#include <optional>

namespace partir::engine {

class DeviceData {
public:
  /// A value in a layout, a partial result over some axes.
  DeviceData(const Mesh &mesh, const Value &value, const Layout &layout,
             llvm::ArrayRef<Pending> pending);

  /// Runs one step. Returns what is wrong with it, if anything is.
  std::optional<std::string> run(const Step &step);

  bool operator==(const DeviceData &other) const {
    return devices == other.devices;
  }
  bool isPartial() const { return !pending.empty(); }

private:
  using Indices = std::vector<int64_t>;
  /// Per dim.
  using Chunk = std::vector<Indices>;

  /// The position of a device along axes, major first.
  int64_t position(int device, llvm::ArrayRef<AxisRef> axes) const;
  /// The device at another position along axes.
  int moved(int device, llvm::ArrayRef<AxisRef> axes, int64_t position) const;
  int numDevices() const;

  std::optional<std::string> slice(llvm::ArrayRef<AxisRef> axes, int dim);
  std::optional<std::string> gather(llvm::ArrayRef<AxisRef> axes, int dim);
  std::optional<std::string> permute(llvm::ArrayRef<AxisRef> from,
                                     llvm::ArrayRef<AxisRef> to);
  std::optional<std::string> reduce(llvm::ArrayRef<AxisRef> axes,
                                    ReduceKind kind);

  const Mesh &mesh;
  std::vector<Chunk> devices;
  llvm::SmallVector<Pending, 2> pending;
};

/// Whether no two axes of a layout overlap and its tiles divide the value.
std::optional<std::string> checkLayout(const Value &value,
                                       const Layout &layout);

} // namespace partir::engine

#endif // PARTIR_TEST_ENGINE_DEVICEDATA_H
