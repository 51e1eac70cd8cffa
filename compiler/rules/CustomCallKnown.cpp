//===- CustomCallKnown.cpp - Rules of the targets that JAX calls ----------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Linear algebra and random bits. A batch of matrices is as many problems as
// its leading dims hold; of some targets more is known. None of them has an
// attribute with the size of a dim that may be tiled: `num_batch_dims` counts
// dims, `low` and `high` are rows of a matrix, and layouts are orders of dims.
//
//===----------------------------------------------------------------------===//

#include "compiler/rules/CustomCalls.h"
#include "compiler/rules/RuleText.h"
#include "compiler/rules/Rules.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;
using stablehlo::CustomCallOp;

/// An attribute of the call of a target with a typed interface.
template <typename AttrT>
static AttrT getConfig(CustomCallOp op, StringRef name) {
  auto config = op->getAttrOfType<DictionaryAttr>("mhlo.backend_config");
  if (!config)
    config = dyn_cast_or_null<DictionaryAttr>(op.getBackendConfigAttr());
  return config ? config.getAs<AttrT>(name) : AttrT();
}

/// The name of a routine without its library and its letter for the element
/// type: `trsm` of `lapack_strsm_ffi`.
static StringRef getRoutine(StringRef target) {
  if (!target.consume_back("_ffi"))
    return {};
  if (target.consume_front("lapack_"))
    return target.drop_front(target.empty() ? 0 : 1);
  for (StringRef library :
       {"cusolver_", "hipsolver_", "cusparse_", "hipsparse_"})
    if (target.consume_front(library))
      return target;
  return {};
}

/// Columns of the right-hand sides are solved apart, rows where the matrix
/// stands on the right.
static StringRef getTriangularSolveText(CustomCallOp op) {
  auto side = getConfig<IntegerAttr>(op, "side");
  if (!side)
    return {};
  return side.getValue().getZExtValue() == 'L' ? "... _ _, ... _ n -> ... _ n"
                                               : "... _ _, ... n _ -> ... n _";
}

/// The same of what is multiplied by reflectors.
static StringRef getReflectText(CustomCallOp op) {
  auto left = getConfig<BoolAttr>(op, "left");
  if (!left)
    return {};
  return left.getValue() ? "... _ _, ... _, ... _ n -> ... _ n"
                         : "... _ _, ... _, ... n _ -> ... n _";
}

/// The text of a target of which more is known than its batch dims, or which
/// does not say them; empty for others.
static StringRef getText(CustomCallOp op) {
  StringRef target = op.getCallTargetName();
  StringRef routine = getRoutine(target);
  if (routine == "trsm")
    return getTriangularSolveText(op);
  if (routine == "ormqr" || routine == "unmqr")
    return getReflectText(op);
  if (routine == "gtsv")
    return "... _, ... _, ... _, ... _ n -> "
           "... _, ... _, ... _, ... _ n, ...";
  if (routine == "gtsv2")
    return "... _, ... _, ... _, ... _ n -> ... _ n";
  if (routine == "syrk")
    return "... _ _, ... _ _, , -> ... _ _";
  return llvm::StringSwitch<StringRef>(target)
      .Cases({"cu_threefry2x32_ffi", "hip_threefry2x32_ffi"},
             "..., ..., ..., ... -> ..., ...")
      .Case("tridiagonal_solve_perturbed_ffi",
            "... _, ... _, ... _, ... _ n -> ... _ n")
      // XLA's own, on TPU.
      .Case("Eigh", "... _ _ -> ... _ _, ... _")
      .Case("LuDecomposition", "... _ _ -> ... _ _, ... _, ... _")
      .Case("ProductOfElementaryHouseholderReflectors",
            "... _ _, ... _ -> ... _ _")
      .Case("Qr", "... _ _ -> ... _ _, ... _")
      .Default({});
}

/// JAX tells XLA so how many leading dims of all values are a batch.
static std::optional<int64_t> getNumBatchDims(CustomCallOp op) {
  auto attributes =
      op->getAttrOfType<DictionaryAttr>("mhlo.frontend_attributes");
  auto text = attributes ? attributes.getAs<StringAttr>("num_batch_dims")
                         : StringAttr();
  int64_t count;
  if (!text || text.getValue().getAsInteger(10, count) || count < 0)
    return std::nullopt;
  return count;
}

/// The first dims are parallel, the others needed whole.
static std::optional<Rule> getBatchRule(CustomCallOp op, int64_t count) {
  RuleBuilder builder = builderFor(op);
  Dims operands(op->getNumOperands()), results(op->getNumResults());
  auto hasBatch = [&](Value value) {
    return rankOf(value) >= count &&
           shapeOf(value).take_front(count) ==
               shapeOf(op->getOperand(0)).take_front(count);
  };
  if (op->getNumOperands() == 0 || !llvm::all_of(op->getOperands(), hasBatch) ||
      !llvm::all_of(op->getResults(), hasBatch))
    return std::nullopt;
  for (int dim = 0; dim < count; ++dim)
    builder.add(shapeOf(op->getOperand(0))[dim],
                sameDim(op->getNumOperands(), dim),
                sameDim(op->getNumResults(), dim));
  return builder.build("is needed whole");
}

/// Values and indices, of which the largest on one dim are found.
static std::optional<Rule> getTopKRule(CustomCallOp op) {
  auto reduced = getConfig<IntegerAttr>(op, "reduction_dim");
  if (!reduced || op->getNumResults() == 0)
    return std::nullopt;
  int64_t dim = reduced.getInt();
  if (dim < 0)
    dim += rankOf(op->getResult(0));
  return elementwiseExcept(
      op, [&](int other) { return other != dim; }, "is searched");
}

std::optional<Rule> rules::getKnownRule(CustomCallOp op) {
  if (op.getCallTargetName() == "ApproxTopK")
    return getTopKRule(op);
  if (StringRef text = getText(op); !text.empty()) {
    std::string error;
    FailureOr<Rule> rule = applyRuleText(text, op, error);
    if (succeeded(rule))
      return *rule;
  }
  if (std::optional<int64_t> count = getNumBatchDims(op))
    return getBatchRule(op, *count);
  return std::nullopt;
}
