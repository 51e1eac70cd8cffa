//===- Layouts.h - Layouts of which equal ones are one ----------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program has few different layouts. Kept once, they are compared and looked
// up by their address.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_LAYOUTS_H
#define PARTIR_ENGINE_LAYOUTS_H

#include "compiler/engine/State.h"

#include <unordered_set>

namespace partir::engine {

/// The axes over which a value is a partial result.
using Partials = llvm::SmallVector<Pending, 2>;

/// Sums that are partial over these axes.
Partials pendingSums(llvm::ArrayRef<AxisRef> axes);

class Layouts {
public:
  const Layout *add(Layout layout) {
    return &*layouts.insert(std::move(layout)).first;
  }
  const Partials *add(Partials partials) {
    return &*partialLists.insert(std::move(partials)).first;
  }
  /// No axis on any dim.
  const Layout *whole(size_t rank);
  const Layout *without(const Layout *layout, llvm::ArrayRef<AxisRef> axes);

private:
  struct Hash {
    size_t operator()(const Layout &layout) const;
    size_t operator()(const Partials &partials) const;
  };

  std::unordered_set<Layout, Hash> layouts;
  std::unordered_set<Partials, Hash> partialLists;
  std::vector<const Layout *> wholeByRank;
};

llvm::hash_code hash_value(const AxisRef &axis);

} // namespace partir::engine

#endif // PARTIR_ENGINE_LAYOUTS_H
