//===- Device.h - The figures of a machine ----------------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What estimates know of a device and of the links between devices. It is data:
// a JSON file for each, in `compiler/devices`, or a user's own.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_DEVICE_H
#define PARTIR_ENGINE_DEVICE_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <array>
#include <cstdint>
#include <string>

namespace partir::engine {

/// A network that joins `size` devices, those that follow each other in the
/// order of the mesh.
struct Link {
  std::string name;
  int64_t size;
  /// Bytes a second that a device sends in a collective, and seconds that each
  /// of its rounds takes besides.
  double bandwidth, latency;
};

struct Device {
  std::string name;
  /// Bytes for a program, and bytes a second.
  int64_t memory = 0;
  double bandwidth = 0;
  /// Operations a second of matrix products, by the bytes of an element: 1, 2,
  /// 4 and 8.
  std::array<double, 4> matrixFlops = {};
  /// What a matrix unit takes at a time: rows, columns, terms of a sum.
  int64_t matrixTile[3] = {1, 1, 1};
  double vectorFlops = 0, transcendentals = 0;
  /// Of the peak figures, what programs reach.
  double matrixEfficiency = 1, bandwidthEfficiency = 1;
  /// Seconds that each kernel takes besides.
  double overhead = 0;
  /// Whether matrix products are fused with what makes their operands and with
  /// what takes their result.
  bool fusesMatrix = false;
  /// To how many bytes an element products round operands of 4, or 0.
  int64_t productBytes = 0;
  /// The last dims of an array are kept in tiles of this shape: the elements of
  /// the second last and of the last, 0 where arrays are dense.
  int64_t tileRows = 0, tileColumns = 0;
  /// Whether temporaries are placed in the order of the program, so that some
  /// memory between them is lost.
  bool heapInOrder = false;
  /// Whether temporaries of 2 bytes an element are kept in 4, for want of
  /// arithmetic on those.
  bool widensHalf = false;
  /// From the innermost out.
  llvm::SmallVector<Link, 2> links;
};

/// Reads a device from JSON. The error says what is wrong, and what would be
/// right.
llvm::Expected<Device> parseDevice(llvm::StringRef json);

} // namespace partir::engine

#endif // PARTIR_ENGINE_DEVICE_H
