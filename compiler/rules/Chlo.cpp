//===- Chlo.cpp - Rules of chlo ops ---------------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pointwise functions, contractions of groups, searches. An op that broadcasts
// implicitly is parallel in the dims that it does not.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Chlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using namespace partir::chlo;
using engine::Rule;
using engine::RuleBuilder;

/// Linear over the reals.
static Rule conjRule(ConjOp op) {
  return builderFor(op).addPointwise().linearIn({0}).build();
}

/// A dot_general whose ragged dim is cut into groups; which device would have
/// which group is known at run time only. Where the sizes differ from batch to
/// batch (more than one dim of them), all is blocked.
static Rule raggedDotRule(RaggedDotOp op) {
  constexpr StringLiteral reason = "is cut into groups";
  constexpr int none = RuleBuilder::kNone;
  RuleBuilder builder = builderFor(op);
  // Each row of lhs meets one group of rhs.
  builder.rule.cost.work = engine::Work::Matrix;
  ArrayRef<int64_t> lhs = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> rhs = shapeOf(op->getOperand(1));
  auto numbers = op.getRaggedDotDimensionNumbers();
  ArrayRef<int64_t> lhsBatch = numbers.getLhsBatchingDimensions();
  ArrayRef<int64_t> rhsBatch = numbers.getRhsBatchingDimensions();
  ArrayRef<int64_t> lhsContracting = numbers.getLhsContractingDimensions();
  ArrayRef<int64_t> rhsContracting = numbers.getRhsContractingDimensions();
  ArrayRef<int64_t> ragged = numbers.getLhsRaggedDimensions();
  ArrayRef<int64_t> groups = numbers.getRhsGroupDimensions();
  if (rankOf(op->getOperand(2)) != 1 || !areDims(lhsBatch, lhs.size()) ||
      !areDims(rhsBatch, rhs.size()) || !areDims(lhsContracting, lhs.size()) ||
      !areDims(rhsContracting, rhs.size()))
    return builder.build(reason);

  builder.rule.cost.flops = 2 * elementsOf(op->getOperand(0));
  for (auto [dim, size] : llvm::enumerate(rhs))
    if (indexOf(rhsBatch, dim) < 0 && indexOf(rhsContracting, dim) < 0 &&
        indexOf(groups, dim) < 0)
      builder.rule.cost.flops *= static_cast<double>(size);

  // The result of a ragged contraction has the groups as its first dim.
  bool isRaggedContraction = llvm::any_of(
      ragged, [&](int64_t dim) { return indexOf(lhsContracting, dim) >= 0; });
  int resultDim = isRaggedContraction ? 1 : 0;
  auto isRagged = [&](int64_t dim) { return indexOf(ragged, dim) >= 0; };
  for (auto [lhsDim, rhsDim] : llvm::zip(lhsBatch, rhsBatch)) {
    int dims[] = {static_cast<int>(lhsDim), static_cast<int>(rhsDim)};
    if (isRagged(lhsDim))
      builder.addBlocked(lhs[lhsDim], dims, {resultDim++}, reason);
    else
      builder.add(lhs[lhsDim], dims, {resultDim++});
  }
  for (auto [index, size] : llvm::enumerate(lhs)) {
    int dim = index;
    if (indexOf(lhsBatch, dim) >= 0 || indexOf(lhsContracting, dim) >= 0)
      continue;
    if (isRagged(dim))
      builder.addBlocked(size, {dim, none}, {resultDim++}, reason);
    else
      builder.add(size, {dim, none}, {resultDim++});
  }
  for (auto [index, size] : llvm::enumerate(rhs)) {
    int dim = index;
    if (indexOf(rhsBatch, dim) < 0 && indexOf(rhsContracting, dim) < 0 &&
        indexOf(groups, dim) < 0)
      builder.add(size, {none, dim}, {resultDim++});
  }
  for (auto [lhsDim, rhsDim] : llvm::zip(lhsContracting, rhsContracting)) {
    int dims[] = {static_cast<int>(lhsDim), static_cast<int>(rhsDim)};
    if (isRagged(lhsDim))
      builder.addBlocked(lhs[lhsDim], dims, {}, reason);
    else
      builder.addReduction(lhs[lhsDim], dims, engine::ReduceKind::Add);
  }
  if (isReal(elementTypeOf(op->getResult(0))))
    builder.linearIn({0, 1});
  return builder.build(reason);
}

static Rule scanRule(ScanOp op) {
  Rule rule = blocked(op, "is scanned");
  rule.cost.work = engine::Work::Apart;
  return rule;
}

/// The last dim is searched, and becomes k.
static Rule topKRule(TopKOp op) {
  RuleBuilder builder = builderFor(op);
  builder.rule.cost.work = engine::Work::Apart;
  ArrayRef<int64_t> shape = shapeOf(op->getOperand(0));
  for (int dim = 0, end = static_cast<int>(shape.size()) - 1; dim < end; ++dim)
    builder.add(shape[dim], {dim}, sameDim(op->getNumResults(), dim));
  return builder.build("is sorted");
}

void rules::attachChloRules(MLIRContext *context) {
  attachPointwise<BroadcastAddOp, BroadcastAndOp, BroadcastCompareOp,
                  BroadcastComplexOp, BroadcastDivOp, BroadcastMaxOp,
                  BroadcastMinOp, BroadcastMulOp, BroadcastNextAfterOp,
                  BroadcastOrOp, BroadcastRemOp, BroadcastSelectOp,
                  BroadcastShiftLeftOp, BroadcastShiftRightArithmeticOp,
                  BroadcastShiftRightLogicalOp, BroadcastSubOp, BroadcastXorOp,
                  ConstantLikeOp, IsInfOp, IsNegInfOp, IsPosInfOp, MulhiOp,
                  NextAfterOp, SquareOp>(context);
  attachTranscendental<AcosOp, AcoshOp, AsinAcosKernelOp, AsinOp, AsinhOp,
                       AtanOp, AtanhOp, BesselI1eOp, BroadcastAtan2Op,
                       BroadcastPolygammaOp, BroadcastPowOp, BroadcastZetaOp,
                       CoshOp, DigammaOp, ErfInvOp, ErfOp, ErfcOp, LgammaOp,
                       PolygammaOp, SinhOp, TanOp, ZetaOp>(context);
  attach<ConjOp, conjRule>(context);
  attach<RaggedDotOp, raggedDotRule>(context);
  attach<ScanOp, scanRule>(context);
  attach<TopKOp, topKRule>(context);
}
