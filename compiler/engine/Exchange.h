//===- Exchange.h - Who sends which elements to whom ------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dim is in chunks, one per device, and each device needs a stretch of it
// that may lie anywhere: a halo exchange, generalised.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_EXCHANGE_H
#define PARTIR_ENGINE_EXCHANGE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <vector>

namespace partir::engine {

/// Elements that go from one device to another, or stay on it.
struct Message {
  /// Positions along the axes that are on the dim.
  int64_t source, target;
  /// Where the elements begin in the source's chunk and in the target's
  /// stretch.
  int64_t offset, place;
  int64_t length;
};

/// Messages of which each device sends and receives at most one.
struct Round {
  /// Which of the chunks that the target's stretch touches they come from, in
  /// order, those counted that do not exist.
  int64_t ordinal;
  llvm::SmallVector<Message, 8> messages;

  /// Of the longest message.
  int64_t length() const;
  /// Whether a message goes to another device.
  bool communicates() const;
};

/// The rounds in which the device at position p gets the elements
/// [starts[p], starts[p] + length) of a dim of which each has a chunk of
/// `chunk` elements. Nobody gets what lies outside the dim.
std::vector<Round> exchange(int64_t chunk, llvm::ArrayRef<int64_t> starts,
                            int64_t length);

} // namespace partir::engine

#endif // PARTIR_ENGINE_EXCHANGE_H
