//===- Scatter.cpp - The rule of scatter ----------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dims of the operand that every update covers are parallel, and so are those
// of which it covers one element: each device leaves out what is not in its
// chunk, as the op leaves out what does not fit. The dims of the indices are
// not in the result: over them the updates are reduced, if their computation is
// a monoid; the operand then enters once.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Indexed.h"
#include "compiler/rules/Monoid.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

namespace {
class ScatterRuleBuilder {
public:
  explicit ScatterRuleBuilder(stablehlo::ScatterOp op)
      : op(op), numbers(op.getScatterDimensionNumbers()),
        builder(builderFor(op)), numInputs(op->getNumResults()) {}

  Rule build();
  void setCost();

private:
  ArrayRef<int64_t> shapeOfOperand(int index) const {
    return shapeOf(op->getOperand(index));
  }
  bool isWellFormed() const;
  void addWindowDims();
  void addIndexedDims();
  void addIndicesDims(std::optional<engine::ReduceKind> kind);
  /// The dims of one factor: in each input, in the indices, in each update.
  Dims dims(int inputDim, int indicesDim, int updatesDim) const {
    Dims dims = sameDim(numInputs, inputDim);
    dims.push_back(indicesDim);
    dims.append(numInputs, updatesDim);
    return dims;
  }

  stablehlo::ScatterOp op;
  stablehlo::ScatterDimensionNumbersAttr numbers;
  RuleBuilder builder;
  int numInputs;
};
} // namespace

bool ScatterRuleBuilder::isWellFormed() const {
  return numInputs > 0 &&
         static_cast<int>(op->getNumOperands()) == 2 * numInputs + 1 &&
         areDims(numbers.getUpdateWindowDims(),
                 shapeOfOperand(numInputs + 1).size()) &&
         numbers.getInputBatchingDims().size() ==
             numbers.getScatterIndicesBatchingDims().size();
}

/// The window dims of the updates are the operand's dims that are neither
/// inserted nor batching, in order.
void ScatterRuleBuilder::addWindowDims() {
  ArrayRef<int64_t> updates = shapeOfOperand(numInputs + 1);
  ArrayRef<int64_t> windowDims = numbers.getUpdateWindowDims();
  for (auto [index, size] : llvm::enumerate(shapeOfOperand(0))) {
    int dim = index;
    if (indexOf(numbers.getInsertedWindowDims(), dim) >= 0 ||
        indexOf(numbers.getInputBatchingDims(), dim) >= 0)
      continue;
    if (windowDims.empty())
      break;
    int updatesDim = windowDims.consume_front();
    // A window as large as the dim fits at its start only, on each chunk too.
    if (updates[updatesDim] == size)
      builder.add(size, dims(dim, RuleBuilder::kNone, updatesDim),
                  sameDim(numInputs, dim));
  }
}

/// The dims that indices point into and of which an update covers one element.
void ScatterRuleBuilder::addIndexedDims() {
  ArrayRef<int64_t> updates = shapeOfOperand(numInputs + 1);
  ArrayRef<int64_t> windowDims = numbers.getUpdateWindowDims();
  ArrayRef<int64_t> shape = shapeOfOperand(0);
  for (auto [index, size] : llvm::enumerate(shape)) {
    int dim = index;
    if (indexOf(numbers.getInputBatchingDims(), dim) >= 0)
      continue;
    int64_t window = 1;
    if (indexOf(numbers.getInsertedWindowDims(), dim) < 0) {
      if (windowDims.empty())
        break;
      window = updates[windowDims.consume_front()];
    }
    if (window == 1 && indexOf(numbers.getScatterDimsToOperandDims(), dim) >= 0)
      addIndexedWrite(builder, size,
                      dims(dim, RuleBuilder::kNone, RuleBuilder::kNone),
                      sameDim(numInputs, dim));
  }
}

/// The other dims of the updates are those of the indices, in order.
void ScatterRuleBuilder::addIndicesDims(
    std::optional<engine::ReduceKind> kind) {
  int updatesDim = 0;
  for (auto [index, size] : llvm::enumerate(shapeOfOperand(numInputs))) {
    int dim = index;
    if (dim == numbers.getIndexVectorDim())
      continue;
    while (indexOf(numbers.getUpdateWindowDims(), updatesDim) >= 0)
      ++updatesDim;
    Dims reduced = dims(RuleBuilder::kNone, dim, updatesDim);
    int batching = indexOf(numbers.getScatterIndicesBatchingDims(), dim);
    if (batching >= 0) {
      int inputDim = numbers.getInputBatchingDims()[batching];
      builder.add(size, dims(inputDim, dim, updatesDim),
                  sameDim(numInputs, inputDim));
    } else if (kind) {
      builder.addReduction(size, reduced, *kind);
    } else {
      builder.addBlocked(size, reduced, {}, "is scattered in order");
    }
    ++updatesDim;
  }
}

Rule ScatterRuleBuilder::build() {
  constexpr StringLiteral reason = "is indexed";
  if (!isWellFormed())
    return builder.build(reason);
  setCost();
  std::optional<engine::ReduceKind> kind;
  if (numInputs == 1)
    kind = recogniseMonoid(op.getUpdateComputation());
  addWindowDims();
  addIndicesDims(kind);
  addIndexedDims();
  if (kind && !mayRepeat(op->getOperand(0), *kind))
    builder.rule.once.push_back(0);
  if (kind == engine::ReduceKind::Add &&
      isArithmetic(elementTypeOf(op->getResult(0))) &&
      isZero(op->getOperand(0)))
    builder.linearIn({2});
  return builder.build(reason);
}

/// Each row of the result takes one update at most if the indices have but one
/// for it: then the op compares positions, element by element.
void ScatterRuleBuilder::setCost() {
  int64_t perRow = 1;
  for (auto [dim, size] : llvm::enumerate(shapeOfOperand(numInputs)))
    if (static_cast<int64_t>(dim) != numbers.getIndexVectorDim() &&
        indexOf(numbers.getScatterIndicesBatchingDims(), dim) < 0)
      perRow *= size;
  engine::Cost &cost = builder.rule.cost;
  cost.flops = numInputs * elementsOf(op->getOperands().back());
  if (perRow == 1)
    return;
  cost.work = engine::Work::Apart;
  cost.overwritten = numInputs;
  cost.updatesPerRow = perRow;
}

static Rule scatterRule(stablehlo::ScatterOp op) {
  return ScatterRuleBuilder(op).build();
}

/// Makes the indices count from the start of the device's chunks.
static void shiftIndices(stablehlo::ScatterOp op, LocalForm &form,
                         ArrayRef<IndexedDim> dims) {
  ArrayRef<int64_t> shape = shapeOf(op->getOperand(0));
  auto numbers = op.getScatterDimensionNumbers();
  ArrayRef<int64_t> operandDims = numbers.getScatterDimsToOperandDims();
  // What does not fit into the whole is next to it: in no chunk either.
  SmallVector<int64_t> lower(operandDims.size(), -1), upper;
  for (int64_t dim : operandDims)
    upper.push_back(shape[dim]);
  Value &indices = form.operands[op->getNumResults()];
  indices = limitIndices(form.builder, op->getLoc(), indices,
                         numbers.getIndexVectorDim(), lower, upper,
                         positionType(form.builder, shape));
  indices = indicesInChunk(form, op->getLoc(), indices,
                           numbers.getIndexVectorDim(), operandDims, dims);
}

static LocalResults scatterLocal(stablehlo::ScatterOp op, LocalForm &form) {
  if (op->getNumResults() == 1)
    if (auto kind = recogniseMonoid(op.getUpdateComputation())) {
      FailureOr<Value> operand = enterOnce(op, form, 0, *kind);
      if (failed(operand))
        return failure();
      form.operands[0] = *operand;
    }
  SmallVector<IndexedDim> dims = indexedDims(form);
  if (!dims.empty())
    shiftIndices(op, form, dims);
  LocalResults local = cloneLocal(op, form);
  // Of several components the limits may have changed the order.
  if (succeeded(local) && !dims.empty() &&
      op.getScatterDimensionNumbers().getScatterDimsToOperandDims().size() > 1)
    local->front().getDefiningOp<stablehlo::ScatterOp>().setIndicesAreSorted(
        false);
  return local;
}

void rules::attachScatterRules(MLIRContext *context) {
  attach<stablehlo::ScatterOp, scatterRule, scatterLocal>(context);
}
