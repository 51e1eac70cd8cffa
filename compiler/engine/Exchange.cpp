//===- Exchange.cpp - Who sends which elements to whom --------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Messages are the overlaps of chunks and stretches. Those that have the same
// ordinal are in one round, unless one device sends several of them. Where all
// stretches begin at the same place in a chunk, so do then all messages of a
// round.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Exchange.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <map>

using namespace partir::engine;

int64_t Round::length() const {
  int64_t length = 0;
  for (const Message &message : messages)
    length = std::max(length, message.length);
  return length;
}

bool Round::communicates() const {
  return llvm::any_of(messages, [](const Message &message) {
    return message.source != message.target;
  });
}

namespace {

class Exchanger {
public:
  Exchanger(int64_t chunk, int64_t numChunks, int64_t length)
      : chunk(chunk), size(chunk * numChunks), length(length) {}

  /// Enters the messages to one device. Targets come in order.
  void add(int64_t target, int64_t start) {
    if (start >= size || start <= -length)
      return;
    int64_t begin = std::max<int64_t>(start, 0);
    int64_t end = std::min(start + length, size);
    int64_t first = llvm::divideFloorSigned(start, chunk);
    for (int64_t source = begin / chunk; begin < end; ++source) {
      int64_t next = std::min((source + 1) * chunk, end);
      add(source - first, {source, target, begin - source * chunk,
                           begin - start, next - begin});
      begin = next;
    }
  }

  std::vector<Round> takeRounds() {
    std::vector<Round> rounds;
    for (auto &[key, round] : byKey)
      rounds.push_back(std::move(round));
    return rounds;
  }

private:
  /// Into the first round of the ordinal in which the source sends nothing yet.
  void add(int64_t ordinal, const Message &message) {
    int64_t &sent = numSent[{ordinal, message.source}];
    Round &round = byKey[{ordinal, sent++}];
    round.ordinal = ordinal;
    round.messages.push_back(message);
  }

  int64_t chunk, size, length;
  /// By ordinal, and by how many of it their sources have sent before.
  std::map<std::pair<int64_t, int64_t>, Round> byKey;
  /// By ordinal and source.
  std::map<std::pair<int64_t, int64_t>, int64_t> numSent;
};

} // namespace

std::vector<Round> partir::engine::exchange(int64_t chunk,
                                            llvm::ArrayRef<int64_t> starts,
                                            int64_t length) {
  if (chunk == 0)
    return {};
  Exchanger exchanger(chunk, static_cast<int64_t>(starts.size()), length);
  for (auto [target, start] : llvm::enumerate(starts))
    exchanger.add(static_cast<int64_t>(target), start);
  return exchanger.takeRounds();
}
