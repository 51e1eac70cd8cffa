//===- random-exchange.cpp - Tests who sends what to whom -----------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random exchanges: the rounds, run on the numbers of the elements, give every
// device its stretch. And what windows read: element by element it is in the
// stretches that are made of it.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Exchange.h"
#include "compiler/engine/Rule.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>
#include <random>

using namespace partir::engine;

namespace {

constexpr int64_t kNothing = -1;

class ExchangeTest {
public:
  explicit ExchangeTest(unsigned seed) : random(seed) {}

  void run();

  int wrong = 0, messages = 0, rounds = 0, toOthers = 0, beyond = 0;

private:
  int64_t pick(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  }
  void fail(llvm::StringRef what) {
    llvm::errs() << "n=" << n << " chunk=" << chunk << " length=" << length
                 << ": " << what << "\n";
    ++wrong;
  }
  void pickStarts();
  void checkRound(const Round &round);
  void deliver(const Message &message);
  void checkStretches();

  std::mt19937 random;
  int64_t n = 0, chunk = 0, length = 0;
  llvm::SmallVector<int64_t> starts;
  /// What each device has got.
  std::vector<std::vector<int64_t>> stretches;
};

} // namespace

/// Of a window, in most cases, else anywhere.
void ExchangeTest::pickStarts() {
  n = pick(1, 8);
  chunk = pick(1, 6);
  int64_t size = pick(1, 6), scale = pick(1, 3) * (pick(0, 1) ? 1 : -1);
  Window window = {0, 0, scale, pick(-n * chunk - 3, n * chunk + 3),
                   pick(1, 5)};
  length = window.lengthOf(size);
  bool isAnywhere = pick(0, 3) == 0;
  starts.clear();
  for (int64_t p = 0; p < n; ++p) {
    starts.push_back(isAnywhere ? pick(-2 * chunk, (n + 1) * chunk)
                                : window.startOf(p * size, size));
    if (isAnywhere)
      continue;
    int64_t least = INT64_MAX, most = INT64_MIN;
    for (int64_t r = p * size; r < (p + 1) * size; ++r)
      for (int64_t e = 0; e < window.extent; ++e) {
        int64_t read = window.scale * r + window.offset + e;
        least = std::min(least, read);
        most = std::max(most, read);
      }
    if (least != starts.back() || most != least + length - 1)
      fail("a stretch is not from the first element that is read to the last");
  }
}

void ExchangeTest::checkRound(const Round &round) {
  llvm::SmallVector<int64_t> sources, targets;
  for (const Message &message : round.messages) {
    if (llvm::is_contained(sources, message.source) ||
        llvm::is_contained(targets, message.target))
      fail("a device sends or receives twice in a round");
    sources.push_back(message.source);
    targets.push_back(message.target);
    if (message.length > round.length())
      fail("a message is longer than its round");
    toOthers += message.source != message.target;
    if (message.source != message.target && !round.communicates())
      fail("a round that sends says that it does not");
  }
}

void ExchangeTest::deliver(const Message &message) {
  ++messages;
  if (message.offset < 0 || message.length < 1 ||
      message.offset + message.length > chunk || message.place < 0 ||
      message.place + message.length > length)
    return fail("a message leaves the chunk or the stretch");
  for (int64_t i = 0; i < message.length; ++i) {
    int64_t &element = stretches[message.target][message.place + i];
    if (element != kNothing)
      fail("an element comes twice");
    element = message.source * chunk + message.offset + i;
  }
}

void ExchangeTest::checkStretches() {
  for (int64_t p = 0; p < n; ++p)
    for (int64_t i = 0; i < length; ++i) {
      int64_t wanted = starts[p] + i;
      bool isBeyond = wanted < 0 || wanted >= n * chunk;
      beyond += isBeyond;
      if (stretches[p][i] != (isBeyond ? kNothing : wanted))
        fail("an element is missing or is another one");
    }
}

void ExchangeTest::run() {
  pickStarts();
  stretches.assign(n, std::vector<int64_t>(length, kNothing));
  for (const Round &round : exchange(chunk, starts, length)) {
    ++rounds;
    checkRound(round);
    llvm::for_each(round.messages,
                   [&](const Message &message) { deliver(message); });
  }
  checkStretches();
}

/// Of rows that are extended on both sides: two rounds, whatever the number of
/// devices, and starts that are far away cost nothing.
static int checkHalo() {
  int wrong = 0, sent = 0;
  for (const Round &round : exchange(4, {-1, 3, 7, 11}, 6))
    sent += round.communicates();
  wrong += sent != 2;
  wrong += !exchange(4, {INT64_MIN, INT64_MAX}, 6).empty();
  return wrong;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    llvm::errs() << "usage: random-exchange SEED COUNT\n";
    return 2;
  }
  ExchangeTest test(std::atoi(argv[1]));
  for (int i = 0, count = std::atoi(argv[2]); i < count; ++i)
    test.run();
  test.wrong += checkHalo();
  llvm::outs() << "messages: " << test.messages << "\nrounds: " << test.rounds
               << "\nto others: " << test.toOthers
               << "\nbeyond the dim: " << test.beyond
               << "\nwrong: " << test.wrong << "\n";
  return test.wrong != 0;
}
