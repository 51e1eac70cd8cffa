//===- Layouts.cpp - Layouts of which equal ones are one ------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Layouts.h"

#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;

llvm::hash_code partir::engine::hash_value(const AxisRef &axis) {
  return llvm::hash_combine(axis.axis, axis.major, axis.size);
}

Partials partir::engine::pendingSums(llvm::ArrayRef<AxisRef> axes) {
  Partials pending;
  for (const AxisRef &axis : axes)
    pending.push_back({axis, ReduceKind::Add});
  return pending;
}

size_t Layouts::Hash::operator()(const Layout &layout) const {
  llvm::hash_code hash = llvm::hash_combine(layout.dims.size());
  for (auto [number, dim] : llvm::enumerate(layout.dims))
    for (const AxisRef &axis : dim)
      hash = llvm::hash_combine(hash, number, axis);
  return hash;
}

size_t Layouts::Hash::operator()(const Partials &partials) const {
  llvm::hash_code hash = llvm::hash_combine(partials.size());
  for (const Pending &partial : partials)
    hash = llvm::hash_combine(hash, partial.axis,
                              static_cast<uint8_t>(partial.kind));
  return hash;
}

const Layout *Layouts::whole(size_t rank) {
  while (wholeByRank.size() <= rank) {
    Layout layout;
    layout.dims.resize(wholeByRank.size());
    wholeByRank.push_back(add(std::move(layout)));
  }
  return wholeByRank[rank];
}

const Layout *Layouts::without(const Layout *layout,
                               llvm::ArrayRef<AxisRef> axes) {
  bool hasSome = llvm::any_of(
      axes, [&](const AxisRef &axis) { return layout->contains(axis); });
  return hasSome ? add(layout->without(axes)) : layout;
}
