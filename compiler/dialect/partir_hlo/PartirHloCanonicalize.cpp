//===- PartirHloCanonicalize.cpp - Collectives fuse and cancel ------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The patterns never make more communication than there was: a collective that
// has other uses stays as it is, unless it is not needed here at all.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/partir_hlo/PartirHlo.h"

#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace partir;
using namespace partir::hlo;

namespace {

DimAxisLists getLists(DimAxesAttr axes) {
  return llvm::map_to_vector<4>(
      axes, [](AxesAttr dim) { return AxisList(dim.getAxes()); });
}

bool isEmpty(const DimAxisLists &lists) {
  return llvm::all_of(lists, [](const AxisList &axes) { return axes.empty(); });
}

AxisList flatten(const DimAxisLists &lists) {
  AxisList flat;
  for (const AxisList &axes : lists)
    llvm::append_range(flat, axes);
  return flat;
}

AxisList concat(ArrayRef<AxisAttr> major, ArrayRef<AxisAttr> minor) {
  AxisList all(major);
  llvm::append_range(all, minor);
  return all;
}

LogicalResult refine(MeshAttr mesh, DimAxisLists &a, DimAxisLists &b) {
  SmallVector<AxisList *> lists;
  for (AxisList &axes : llvm::concat<AxisList>(a, b))
    lists.push_back(&axes);
  return hlo::refine(mesh, lists);
}

/// A value on which collectives are put one after another; one over no axes is
/// none.
struct Chain {
  PatternRewriter &rewriter;
  Location loc;
  MeshAttr mesh;
  Value value;

  int64_t getDimSize(int64_t dim) const {
    return cast<RankedTensorType>(value.getType()).getDimSize(dim);
  }
  DimAxesAttr getAttr(DimAxisLists lists) const {
    for (AxisList &axes : lists)
      joinParts(mesh, axes);
    return DimAxesAttr::get(rewriter.getContext(), lists);
  }
  AxesAttr getAttr(AxisList axes) const {
    joinParts(mesh, axes);
    return AxesAttr::get(rewriter.getContext(), axes);
  }

  void slice(const DimAxisLists &axes) {
    if (!isEmpty(axes))
      value = AllSliceOp::create(rewriter, loc, value, getAttr(axes), mesh);
  }
  void slice(int64_t dim, const AxisList &axes) {
    DimAxisLists lists(cast<RankedTensorType>(value.getType()).getRank());
    lists[dim] = axes;
    slice(lists);
  }
  void gather(const DimAxisLists &axes) {
    if (!isEmpty(axes))
      value = AllGatherOp::create(rewriter, loc, value, getAttr(axes), mesh);
  }
  void gather(int64_t dim, const AxisList &axes) {
    DimAxisLists lists(cast<RankedTensorType>(value.getType()).getRank());
    lists[dim] = axes;
    gather(lists);
  }
  void allReduce(ReduceAttr reduction, const AxisList &axes) {
    if (!axes.empty())
      value =
          AllReduceOp::create(rewriter, loc, reduction, getAttr(axes), value);
  }
  void reduceScatter(ReduceAttr reduction, const DimAxisLists &axes) {
    if (!isEmpty(axes))
      value = ReduceScatterOp::create(rewriter, loc, reduction, value,
                                      getAttr(axes), mesh);
  }
  void permute(const DimAxisLists &from, const DimAxisLists &to) {
    if (from != to)
      value = CollectivePermuteOp::create(rewriter, loc, getAttr(from),
                                          getAttr(to), value);
  }
  void permute(int64_t dim, const AxisList &from, const AxisList &to) {
    DimAxisLists fromLists(cast<RankedTensorType>(value.getType()).getRank());
    DimAxisLists toLists(fromLists.size());
    fromLists[dim] = from;
    toLists[dim] = to;
    permute(fromLists, toLists);
  }
  void allToAll(const AxisList &axes, int64_t src, int64_t dst) {
    value =
        AllToAllOp::create(rewriter, loc, value, getAttr(axes), src, dst, mesh);
  }
};

/// From a tiling by `source` to one by `target`, which differ in their first
/// axes on each dim. Each step exchanges an axis that is in both, in place of
/// gathering and slicing it.
class Exchange {
public:
  Exchange(Chain &chain, DimAxisLists source, DimAxisLists target)
      : chain(chain), source(std::move(source)), target(std::move(target)) {}

  /// Puts exchanges on the chain, and after them the gather and the slice that
  /// are left. Leaves the chain alone if there is nothing to exchange.
  bool run() {
    bool changed = permuteAll() || permuteDims();
    while (moveAxes(/*gatherFirst=*/false) || moveAxes(/*gatherFirst=*/true))
      changed = true;
    if (!changed)
      return false;
    chain.gather(source);
    chain.slice(target);
    return true;
  }

private:
  int64_t getSize(ArrayRef<AxisAttr> axes) { return chain.mesh.getSize(axes); }

  /// One permutation does it all if no dim has another number of chunks.
  bool permuteAll() {
    for (auto [from, to] : llvm::zip_equal(source, target))
      if (getSize(from) != getSize(to))
        return false;
    AxisList from = flatten(source), to = flatten(target);
    if (!without(from, to).empty() || !without(to, from).empty())
      return false;
    chain.permute(source, target);
    source.assign(source.size(), {});
    target.assign(target.size(), {});
    return true;
  }

  /// Axes that stay on their dim but at another place: they are brought to the
  /// front, where they stay, together with new axes of the target that are
  /// major to them.
  bool permuteDims() {
    AxisList gathered = flatten(source);
    DimAxisLists added(source.size()), from(source.size()), to(source.size());
    DimAxisLists restOfSource = source, restOfTarget = target;
    for (int64_t dim = 0, rank = source.size(); dim < rank; ++dim) {
      int64_t numKept = 0;
      for (auto [index, axis] : llvm::enumerate(target[dim])) {
        bool isHere = llvm::is_contained(source[dim], axis);
        // An axis of another dim has to be moved here first.
        if (!isHere && llvm::is_contained(gathered, axis))
          break;
        if (isHere)
          numKept = index + 1;
      }
      if (numKept == 0)
        continue;
      AxisList kept(ArrayRef(target[dim]).take_front(numKept));
      AxisList fresh = without(kept, source[dim]);
      if (chain.getDimSize(dim) % getSize(fresh) != 0)
        continue;
      added[dim] = fresh;
      restOfSource[dim] = without(source[dim], kept);
      restOfTarget[dim] = AxisList(ArrayRef(target[dim]).drop_front(numKept));
      from[dim] = concat(source[dim], fresh);
      to[dim] = concat(kept, restOfSource[dim]);
    }
    if (isEmpty(to))
      return false;
    chain.slice(added);
    chain.permute(from, to);
    source = std::move(restOfSource);
    target = std::move(restOfTarget);
    return true;
  }

  /// Moves axes from one dim to another; a dim that receives axes must not
  /// have others of its own that have yet to be gathered.
  bool moveAxes(bool gatherFirst) {
    int64_t rank = source.size();
    AxisList gathered = flatten(source);
    for (int64_t dst = 0; dst < rank; ++dst) {
      if (!gatherFirst && !source[dst].empty())
        continue;
      ArrayRef<AxisAttr> wanted = target[dst];
      AxisList fresh(wanted.take_while(
          [&](AxisAttr axis) { return !llvm::is_contained(gathered, axis); }));
      wanted = wanted.drop_front(fresh.size());
      for (int64_t src = 0; src < rank; ++src) {
        if (src == dst)
          continue;
        AxisList moved(wanted.take_while([&](AxisAttr axis) {
          return llvm::is_contained(source[src], axis);
        }));
        int64_t size = chain.getDimSize(dst);
        if (gatherFirst)
          size *= getSize(source[dst]);
        if (moved.empty() || size % (getSize(fresh) * getSize(moved)) != 0)
          continue;
        if (gatherFirst) {
          chain.gather(dst, source[dst]);
          source[dst].clear();
        }
        AxisList kept = without(source[src], moved);
        chain.slice(dst, fresh);
        chain.permute(src, source[src], concat(kept, moved));
        chain.allToAll(moved, src, dst);
        source[src] = kept;
        target[dst] = AxisList(wanted.drop_front(moved.size()));
        return true;
      }
    }
    return false;
  }

  Chain &chain;
  DimAxisLists source, target;
};

/// all_slice(all_gather): from one tiling to another. What they have in common
/// at the major end of a dim stays, the rest is exchanged where it can be.
struct SliceOfGather : OpRewritePattern<AllSliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AllSliceOp slice,
                                PatternRewriter &rewriter) const override {
    auto gather = slice.getOperand().getDefiningOp<AllGatherOp>();
    MeshAttr mesh = getMesh(slice);
    if (!gather || !mesh)
      return failure();
    DimAxisLists source = getLists(gather.getAxes());
    DimAxisLists target = getLists(slice.getAxes());
    if (failed(refine(mesh, source, target)))
      return failure();
    bool hasCommon = false;
    for (auto [from, to] : llvm::zip_equal(source, target)) {
      auto *end =
          std::mismatch(from.begin(), from.end(), to.begin(), to.end()).first;
      size_t numCommon = end - from.begin();
      hasCommon |= numCommon > 0;
      from.erase(from.begin(), from.begin() + numCommon);
      to.erase(to.begin(), to.begin() + numCommon);
    }
    if (!isEmpty(source) && !gather->hasOneUse())
      return failure();

    Chain chain{rewriter,
                rewriter.getFusedLoc({gather.getLoc(), slice.getLoc()}), mesh,
                gather.getOperand()};
    if (!Exchange(chain, source, target).run()) {
      if (!hasCommon)
        return failure();
      chain.gather(source);
      chain.slice(target);
    }
    rewriter.replaceOp(slice, chain.value);
    return success();
  }
};

/// all_gather(all_slice): what was sliced last and is gathered cancels.
struct GatherOfSlice : OpRewritePattern<AllGatherOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AllGatherOp gather,
                                PatternRewriter &rewriter) const override {
    auto slice = gather.getOperand().getDefiningOp<AllSliceOp>();
    MeshAttr mesh = getMesh(gather);
    if (!slice || !mesh)
      return failure();
    DimAxisLists sliced = getLists(slice.getAxes());
    DimAxisLists gathered = getLists(gather.getAxes());
    if (failed(refine(mesh, sliced, gathered)))
      return failure();
    bool changed = false;
    for (auto [inner, outer] : llvm::zip_equal(sliced, gathered))
      while (!inner.empty() && !outer.empty() && inner.back() == outer.back()) {
        inner.pop_back();
        outer.pop_back();
        changed = true;
      }
    if (!changed)
      return failure();
    Chain chain{rewriter, gather.getLoc(), mesh, slice.getOperand()};
    chain.slice(sliced);
    chain.gather(gathered);
    rewriter.replaceOp(gather, chain.value);
    return success();
  }
};

/// all_slice(all_reduce) over the same axes is a reduce_scatter. Axes of the
/// slice that are not reduced are sliced before it where they are major to one
/// that is, so that less is reduced; axes of the reduction that are not sliced
/// are reduced after it, for then there is less.
struct SliceOfReduce : OpRewritePattern<AllSliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AllSliceOp slice,
                                PatternRewriter &rewriter) const override {
    auto reduce = slice.getOperand().getDefiningOp<AllReduceOp>();
    MeshAttr mesh = getMesh(slice);
    if (!reduce || !mesh || !reduce->hasOneUse())
      return failure();
    DimAxisLists sliced = getLists(slice.getAxes());
    DimAxisLists reduced = {AxisList(reduce.getAxes().getAxes())};
    if (failed(refine(mesh, sliced, reduced)))
      return failure();

    auto isReduced = [&](AxisAttr axis) {
      return llvm::is_contained(reduced[0], axis);
    };
    DimAxisLists before, scattered, after;
    for (ArrayRef<AxisAttr> axes : sliced) {
      before.emplace_back(axes.take_until(isReduced));
      axes = axes.drop_front(before.back().size());
      scattered.emplace_back(axes.take_while(isReduced));
      after.emplace_back(axes.drop_front(scattered.back().size()));
    }
    if (isEmpty(scattered))
      return failure();

    Chain chain{rewriter,
                rewriter.getFusedLoc({reduce.getLoc(), slice.getLoc()}), mesh,
                reduce.getOperand()};
    chain.slice(before);
    chain.reduceScatter(reduce.getReduction(), scattered);
    chain.allReduce(reduce.getReduction(),
                    without(reduced[0], flatten(scattered)));
    chain.slice(after);
    rewriter.replaceOp(slice, chain.value);
    return success();
  }
};

/// The axes per dim of two nested ops as those of one, those of `major` first;
/// null if an axis is in both.
DimAxesAttr mergeAxes(Chain &chain, DimAxesAttr major, DimAxesAttr minor) {
  DimAxisLists merged;
  for (auto [majorAxes, minorAxes] : llvm::zip_equal(major, minor))
    merged.push_back(concat(majorAxes.getAxes(), minorAxes.getAxes()));
  if (findRepeated(flatten(merged)))
    return {};
  return chain.getAttr(merged);
}

/// all_slice(all_slice) slices once.
struct SliceOfSlice : OpRewritePattern<AllSliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AllSliceOp outer,
                                PatternRewriter &rewriter) const override {
    auto inner = outer.getOperand().getDefiningOp<AllSliceOp>();
    MeshAttr mesh = getMesh(outer);
    if (!inner || !mesh)
      return failure();
    Chain chain{rewriter, outer.getLoc(), mesh, inner.getOperand()};
    DimAxesAttr axes = mergeAxes(chain, inner.getAxes(), outer.getAxes());
    if (!axes)
      return failure();
    rewriter.replaceOpWithNewOp<AllSliceOp>(outer, inner.getOperand(), axes,
                                            mesh);
    return success();
  }
};

/// Whether there are axes on no more than one dim.
bool isOnOneDim(DimAxesAttr axes) {
  return llvm::count_if(axes, [](AxesAttr dim) { return !dim.empty(); }) <= 1;
}

/// all_gather(all_gather) on one dim gathers once. On several dims they stay
/// what they become: one collective each.
struct GatherOfGather : OpRewritePattern<AllGatherOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AllGatherOp outer,
                                PatternRewriter &rewriter) const override {
    auto inner = outer.getOperand().getDefiningOp<AllGatherOp>();
    MeshAttr mesh = getMesh(outer);
    if (!inner || !mesh || !inner->hasOneUse())
      return failure();
    Chain chain{rewriter,
                rewriter.getFusedLoc({inner.getLoc(), outer.getLoc()}), mesh,
                inner.getOperand()};
    DimAxesAttr axes = mergeAxes(chain, outer.getAxes(), inner.getAxes());
    if (!axes || !isOnOneDim(axes))
      return failure();
    rewriter.replaceOp(outer, AllGatherOp::create(rewriter, chain.loc,
                                                  chain.value, axes, mesh));
    return success();
  }
};

/// all_reduce(all_reduce) of one kind reduces once.
struct ReduceOfReduce : OpRewritePattern<AllReduceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AllReduceOp outer,
                                PatternRewriter &rewriter) const override {
    auto inner = outer.getOperand().getDefiningOp<AllReduceOp>();
    MeshAttr mesh = getMesh(outer);
    if (!inner || !mesh || !inner->hasOneUse() ||
        inner.getReduction() != outer.getReduction())
      return failure();
    AxisList axes =
        concat(outer.getAxes().getAxes(), inner.getAxes().getAxes());
    if (findRepeated(axes))
      return failure();
    Chain chain{rewriter,
                rewriter.getFusedLoc({inner.getLoc(), outer.getLoc()}), mesh,
                inner.getOperand()};
    chain.allReduce(outer.getReduction(), axes);
    rewriter.replaceOp(outer, chain.value);
    return success();
  }
};

} // namespace

void AllSliceOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                             MLIRContext *context) {
  patterns.add<SliceOfGather, SliceOfReduce, SliceOfSlice>(context);
}

void AllGatherOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<GatherOfSlice, GatherOfGather>(context);
}

void AllReduceOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<ReduceOfReduce>(context);
}
