//===- Parallel.cpp - Jobs on several threads -----------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Parallel.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

void partir::engine::parallelFor(
    int count, int threads, llvm::function_ref<void(int job, int thread)> run,
    llvm::function_ref<void()> poll) {
  std::atomic<int> next = 0;
  std::mutex mutex;
  std::condition_variable ended;
  int running = std::min(count, threads);
  auto work = [&](int thread) {
    for (int job = next++; job < count; job = next++)
      run(job, thread);
    std::lock_guard<std::mutex> lock(mutex);
    --running;
    ended.notify_one();
  };
  std::vector<std::thread> workers;
  for (int thread = 0, end = running; thread < end; ++thread)
    workers.emplace_back(work, thread);
  {
    std::unique_lock<std::mutex> lock(mutex);
    while (!ended.wait_for(lock, std::chrono::milliseconds(50),
                           [&] { return running == 0; })) {
      lock.unlock();
      poll();
      lock.lock();
    }
  }
  for (std::thread &worker : workers)
    worker.join();
  // However short the jobs were.
  poll();
}
