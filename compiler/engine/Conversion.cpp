//===- Conversion.cpp - From one layout to another ------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// First what is free or reduces: chunks that extend the layout, reductions
// that scatter. Then one change after another, from the cheap to the dear:
// exchanges whose place is ready, gathers of what nobody needs, permutations,
// other exchanges, and at last a gather of an axis that comes back as a slice.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Conversion.h"

#include "compiler/engine/Exchange.h"

#include "llvm/ADT/STLExtras.h"

using namespace partir::engine;

llvm::StringRef partir::engine::stringify(StepKind kind) {
  switch (kind) {
  case StepKind::Slice:
    return "all_slice";
  case StepKind::AllReduce:
    return "all_reduce";
  case StepKind::ReduceScatter:
    return "reduce_scatter";
  case StepKind::AllGather:
  case StepKind::Combine:
    return "all_gather";
  case StepKind::AllToAll:
    return "all_to_all";
  case StepKind::Permute:
  case StepKind::Window:
    return "collective_permute";
  }
  return "";
}

namespace {

using AxisRefs = llvm::SmallVector<AxisRef, 2>;

/// Splits axes at the bounds of all parts in use, so that any two are equal or
/// disjoint. An axis of which the parts do not nest (2 and 3 of 6) stays.
class Refinement {
public:
  void note(const AxisRef &ref) {
    bounds.push_back({ref.axis, ref.major});
    bounds.push_back({ref.axis, ref.major * ref.size});
  }

  void finish() {
    llvm::sort(bounds);
    bounds.erase(llvm::unique(bounds), bounds.end());
    for (size_t i = 1; i < bounds.size(); ++i)
      if (bounds[i].first == bounds[i - 1].first &&
          bounds[i].second % bounds[i - 1].second != 0)
        stuck.push_back(bounds[i].first);
  }

  AxisRefs split(const AxisRef &ref) const {
    AxisRefs parts;
    if (llvm::is_contained(stuck, ref.axis))
      return {ref};
    int64_t major = ref.major;
    for (auto [axis, bound] : bounds)
      if (axis == ref.axis && bound > major && bound <= ref.major * ref.size) {
        parts.push_back({axis, major, bound / major});
        major = bound;
      }
    return parts;
  }

  void splitAll(AxisRefs &refs) const {
    AxisRefs all;
    for (const AxisRef &ref : refs)
      all.append(split(ref));
    refs = std::move(all);
  }

private:
  llvm::SmallVector<std::pair<int, int64_t>, 8> bounds;
  llvm::SmallVector<int, 1> stuck;
};

class Converter {
public:
  Converter(const Value &value, const Layout &from,
            llvm::ArrayRef<Pending> partial, const Layout &to)
      : value(value), current(from), target(to), pending(partial) {}

  Steps run() {
    refine();
    combine();
    while (appendSlices() || appendScatters())
      ;
    reduceRest();
    while (current != target &&
           (appendSlices() || exchange(/*onlyReady=*/true) ||
            gatherUnwanted() || reorder() || exchange(/*onlyReady=*/false) ||
            gatherLast()))
      ;
    for (Step &step : steps) {
      joinParts(step.axes);
      step.from = step.from.joined();
      step.to = step.to.joined();
    }
    return std::move(steps);
  }

private:
  int rank() const { return static_cast<int>(current.dims.size()); }

  void refine() {
    Refinement refinement;
    for (const Layout *layout : {&current, &target})
      for (const auto &dim : layout->dims)
        llvm::for_each(dim, [&](const AxisRef &ref) { refinement.note(ref); });
    for (const Pending &partial : pending)
      refinement.note(partial.axis);
    refinement.finish();
    for (Layout *layout : {&current, &target})
      for (auto &dim : layout->dims)
        refinement.splitAll(dim);
    llvm::SmallVector<Pending, 2> parts;
    for (const Pending &partial : pending)
      for (const AxisRef &part : refinement.split(partial.axis))
        parts.push_back({part, partial.kind});
    pending = std::move(parts);
    dropTrivialAxes();
  }

  /// Along an axis of size 1 there is nobody to talk to.
  void dropTrivialAxes() {
    auto isTrivial = [](const AxisRef &axis) { return axis.size == 1; };
    for (Layout *layout : {&current, &target})
      for (auto &dim : layout->dims)
        llvm::erase_if(dim, isTrivial);
    llvm::erase_if(pending, [&](const Pending &partial) {
      return isTrivial(partial.axis);
    });
  }

  size_t commonPrefix(int dim) const {
    const auto &have = current.dims[dim], &want = target.dims[dim];
    size_t length = 0;
    while (length < have.size() && length < want.size() &&
           have[length] == want[length])
      ++length;
    return length;
  }
  bool isPrefix(int dim) const {
    return commonPrefix(dim) == current.dims[dim].size();
  }
  /// The dim on which the target has the axis, or none.
  int wantedOn(const AxisRef &axis) const {
    for (int dim = 0; dim < rank(); ++dim)
      if (llvm::is_contained(target.dims[dim], axis))
        return dim;
    return kNone;
  }
  bool isTaken(const AxisRef &axis) const {
    auto overlaps = [&](const AxisRef &other) { return other.overlaps(axis); };
    return llvm::any_of(
               current.dims,
               [&](const auto &dim) { return llvm::any_of(dim, overlaps); }) ||
           llvm::any_of(pending, [&](const Pending &partial) {
             return partial.axis.overlaps(axis);
           });
  }
  bool divides(int dim, int64_t size) const {
    return value.shape[dim] % (current.tilesOf(dim) * size) == 0;
  }

  Step &emit(StepKind kind, llvm::ArrayRef<AxisRef> axes, int dim,
             const Layout &to) {
    Step &step = steps.emplace_back();
    step.kind = kind;
    step.axes.assign(axes.begin(), axes.end());
    step.dim = dim;
    step.from = current;
    step.to = to;
    current = to;
    return step;
  }
  void emitAppend(StepKind kind, llvm::ArrayRef<AxisRef> axes, int dim,
                  ReduceKind reduce = ReduceKind::Add) {
    Layout to = current;
    to.dims[dim].append(axes.begin(), axes.end());
    emit(kind, axes, dim, to).reduce = reduce;
  }

  /// Chunks that extend what is there to what is wanted.
  bool appendSlices() {
    bool changed = false;
    for (int dim = 0; dim < rank(); ++dim) {
      if (!isPrefix(dim))
        continue;
      AxisRefs next;
      for (const AxisRef &axis : llvm::ArrayRef<AxisRef>(target.dims[dim])
                                     .drop_front(current.dims[dim].size())) {
        if (isTaken(axis))
          break;
        next.push_back(axis);
      }
      if (next.empty())
        continue;
      emitAppend(StepKind::Slice, next, dim);
      changed = true;
    }
    return changed;
  }

  /// What an op reduces jointly comes from it, before anything else.
  void combine() {
    auto isJoint = [](const Pending &partial) {
      return partial.kind == ReduceKind::Joint;
    };
    AxisRefs axes;
    for (const Pending &partial : pending)
      if (isJoint(partial))
        axes.push_back(partial.axis);
    llvm::erase_if(pending, isJoint);
    if (!axes.empty())
      emit(StepKind::Combine, axes, kNone, current).reduce = ReduceKind::Joint;
  }

  const Pending *findPending(const AxisRef &axis) const {
    const Pending *found = llvm::find_if(
        pending, [&](const Pending &partial) { return partial.axis == axis; });
    return found == pending.end() ? nullptr : found;
  }

  /// Reductions over axes that are wanted next on a dim.
  bool appendScatters() {
    for (int dim = 0; dim < rank(); ++dim) {
      if (!isPrefix(dim))
        continue;
      AxisRefs next;
      std::optional<ReduceKind> kind;
      for (const AxisRef &axis : llvm::ArrayRef<AxisRef>(target.dims[dim])
                                     .drop_front(current.dims[dim].size())) {
        const Pending *partial = findPending(axis);
        if (!partial || (kind && *kind != partial->kind))
          break;
        kind = partial->kind;
        next.push_back(axis);
      }
      if (next.empty())
        continue;
      llvm::erase_if(pending, [&](const Pending &partial) {
        return llvm::is_contained(next, partial.axis);
      });
      emitAppend(StepKind::ReduceScatter, next, dim, *kind);
      return true;
    }
    return false;
  }

  void reduceRest() {
    while (!pending.empty()) {
      ReduceKind kind = pending.front().kind;
      AxisRefs axes;
      for (const Pending &partial : pending)
        if (partial.kind == kind)
          axes.push_back(partial.axis);
      llvm::erase_if(pending,
                     [&](const Pending &one) { return one.kind == kind; });
      emit(StepKind::AllReduce, axes, kNone, current).reduce = kind;
    }
  }

  /// Moves axes at the end of a dim to the dim that wants them. `onlyReady`:
  /// if they are what that dim wants next.
  bool exchange(bool onlyReady) {
    for (int dim = 0; dim < rank(); ++dim) {
      size_t keep = commonPrefix(dim);
      const auto &have = current.dims[dim];
      if (have.size() == keep)
        continue;
      int toDim = wantedOn(have.back());
      if (toDim == kNone || toDim == dim)
        continue;
      size_t begin = have.size() - 1;
      while (begin > keep && wantedOn(have[begin - 1]) == toDim)
        --begin;
      for (; begin < have.size(); ++begin) {
        AxisRefs block(have.begin() + begin, have.end());
        if (onlyReady && !isNext(toDim, block))
          continue;
        int64_t size = 1;
        for (const AxisRef &axis : block)
          size *= axis.size;
        if (!divides(toDim, size))
          continue;
        Layout to = current;
        to.dims[dim].truncate(begin);
        to.dims[toDim].append(block.begin(), block.end());
        emit(StepKind::AllToAll, block, dim, to).toDim = toDim;
        return true;
      }
    }
    return false;
  }

  bool isNext(int dim, llvm::ArrayRef<AxisRef> axes) const {
    if (!isPrefix(dim))
      return false;
    auto next = llvm::ArrayRef<AxisRef>(target.dims[dim])
                    .drop_front(current.dims[dim].size());
    return next.size() >= axes.size() && next.take_front(axes.size()) == axes;
  }

  void gather(int dim, size_t from) {
    AxisRefs axes(current.dims[dim].begin() + from, current.dims[dim].end());
    Layout to = current;
    to.dims[dim].truncate(from);
    emit(StepKind::AllGather, axes, dim, to);
  }

  /// Gathers axes at the end of a dim that the target has nowhere.
  bool gatherUnwanted() {
    for (int dim = 0; dim < rank(); ++dim) {
      const auto &have = current.dims[dim];
      size_t from = have.size(), keep = commonPrefix(dim);
      while (from > keep && wantedOn(have[from - 1]) == kNone)
        --from;
      if (from == have.size())
        continue;
      gather(dim, from);
      return true;
    }
    return false;
  }

  /// Brings the axes that a dim keeps to its front, in the wanted order.
  bool reorder() {
    for (int dim = 0; dim < rank(); ++dim) {
      size_t keep = commonPrefix(dim);
      auto isKept = [&](const AxisRef &axis) { return wantedOn(axis) == dim; };
      if (llvm::none_of(llvm::drop_begin(current.dims[dim], keep), isKept))
        continue;
      bool changed = false;
      for (const AxisRef &axis : target.dims[dim])
        if (!isTaken(axis) && divides(dim, axis.size)) {
          emitAppend(StepKind::Slice, {axis}, dim);
          changed = true;
        }
      AxisRefs order;
      for (const AxisRef &axis : target.dims[dim])
        if (llvm::is_contained(current.dims[dim], axis))
          order.push_back(axis);
      for (const AxisRef &axis : current.dims[dim])
        if (wantedOn(axis) == kNone)
          order.push_back(axis);
      for (const AxisRef &axis : current.dims[dim])
        if (!llvm::is_contained(order, axis))
          order.push_back(axis);
      if (llvm::ArrayRef<AxisRef>(order) ==
          llvm::ArrayRef<AxisRef>(current.dims[dim])) {
        if (changed)
          return true;
        continue;
      }
      Layout to = current;
      to.dims[dim].assign(order.begin(), order.end());
      AxisRefs axes(current.dims[dim].begin(), current.dims[dim].end());
      emit(StepKind::Permute, axes, dim, to);
      return true;
    }
    return false;
  }

  /// Gathers the last axis of a dim that is in the way.
  bool gatherLast() {
    for (int dim = 0; dim < rank(); ++dim)
      if (!isPrefix(dim)) {
        gather(dim, current.dims[dim].size() - 1);
        return true;
      }
    return false;
  }

  const Value &value;
  Layout current, target;
  llvm::SmallVector<Pending, 2> pending;
  Steps steps;
};

} // namespace

Steps partir::engine::convert(const Value &value, const Layout &from,
                              llvm::ArrayRef<Pending> pending,
                              const Layout &to) {
  if (pending.empty() && from == to)
    return {};
  return Converter(value, from, pending, to).run();
}

/// What a device sends and how often, for an operand of this shape.
void partir::engine::countRounds(Stretch &stretch,
                                 llvm::ArrayRef<int64_t> shape, int dim) {
  int64_t row = 1;
  for (auto [other, size] : llvm::enumerate(shape))
    if (static_cast<int>(other) != dim)
      row *= size;
  for (const Round &round :
       exchange(shape[dim], stretch.starts, stretch.shape[dim])) {
    if (!round.communicates())
      continue;
    ++stretch.rounds;
    stretch.elementsSent += round.length() * row;
  }
}

std::optional<Step> partir::engine::makeWindow(const Window &window,
                                               llvm::ArrayRef<int64_t> shape,
                                               int dim, const Layout &layout,
                                               int64_t size) {
  Step step;
  step.kind = StepKind::Window;
  step.axes = layout.dims[dim];
  step.dim = dim;
  step.from = step.to = layout.joined();
  step.stretch.shape.assign(shape.begin(), shape.end());
  step.stretch.shape[dim] = window.lengthOf(size);
  bool isChunk = step.stretch.shape[dim] == shape[dim];
  for (int64_t p = 0, n = layout.tilesOf(dim); p < n; ++p) {
    step.stretch.starts.push_back(window.startOf(p * size, size));
    isChunk &= step.stretch.starts.back() == p * shape[dim];
  }
  if (isChunk)
    return std::nullopt;
  joinParts(step.axes);
  countRounds(step.stretch, shape, dim);
  return step;
}

/// The bytes of a device's chunk of a value.
static int64_t localBytes(const Value &value, const Layout &layout) {
  int64_t bytes = value.elementBytes;
  for (int64_t size : localShape(value, layout))
    bytes *= size;
  return bytes;
}

int64_t partir::engine::bytesSent(const Value &value, const Step &step) {
  if (step.kind == StepKind::Window)
    return step.stretch.elementsSent * value.elementBytes;
  int64_t group = 1;
  for (const AxisRef &axis : step.axes)
    group *= axis.size;
  return bytesSent(step.kind, localBytes(value, step.from), group);
}

int64_t partir::engine::bytesSent(StepKind kind, int64_t bytes, int64_t group) {
  switch (kind) {
  case StepKind::Slice:
  case StepKind::Window:
    return 0;
  case StepKind::AllReduce:
    return 2 * bytes * (group - 1) / group;
  case StepKind::ReduceScatter:
  case StepKind::AllToAll:
    return bytes * (group - 1) / group;
  case StepKind::AllGather:
  case StepKind::Combine:
    return bytes * (group - 1);
  case StepKind::Permute:
    return bytes;
  }
  return 0;
}

int64_t partir::engine::bytesSent(const Value &value,
                                  llvm::ArrayRef<Step> steps) {
  int64_t bytes = 0;
  for (const Step &step : steps)
    bytes += bytesSent(value, step);
  return bytes;
}
