//===- Iota.cpp - The rule of iota ----------------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each device counts from its own offset.
//
//===----------------------------------------------------------------------===//

#include "compiler/dialect/stablehlo/Stablehlo.h"
#include "compiler/rules/Rules.h"

using namespace mlir;
using namespace partir;
using namespace partir::rules;
using engine::Rule;
using engine::RuleBuilder;

static Rule iotaRule(stablehlo::IotaOp op) {
  RuleBuilder builder = builderFor(op);
  for (auto [dim, size] : llvm::enumerate(shapeOf(op->getResult(0))))
    builder.add(size, {}, {static_cast<int>(dim)});
  builder.rule.isCheap = true;
  return builder.build();
}

static LocalResults iotaLocal(stablehlo::IotaOp op, LocalForm &form) {
  int64_t dim = op.getIotaDimension();
  auto type = dyn_cast<RankedTensorType>(form.resultTypes.front());
  if (!type || dim < 0 || dim >= type.getRank())
    return cloneLocal(op, form);
  SmallVector<AxisAttr> axes = form.axesOf(form.rule.results.front()[dim]);
  if (axes.empty())
    return cloneLocal(op, form);

  // Counted in an integer, else a float would round the offset and the count
  // apart and a narrow integer could not hold the position.
  OpBuilder &builder = form.builder;
  Location loc = op->getLoc();
  bool isLong = shapeOf(op->getResult(0))[dim] > INT32_MAX;
  IntegerType integer = isLong ? builder.getI64Type() : builder.getI32Type();
  auto countType = type.clone(integer);
  form.resultTypes.front() = countType;
  FailureOr<SmallVector<Value>> count = cloneLocal(op, form);
  if (failed(count))
    return failure();
  Value offset = chunkStart(builder, loc, axes, type.getDimSize(dim), integer);
  Value offsets = stablehlo::BroadcastInDimOp::create(
      builder, loc, countType, offset, ArrayRef<int64_t>());
  Value sum = stablehlo::AddOp::create(builder, loc, countType, count->front(),
                                       offsets);
  if (countType != type)
    sum = stablehlo::ConvertOp::create(builder, loc, type, sum);
  form.resultTypes.front() = type;
  return SmallVector<Value>{sum};
}

void rules::attachIotaRules(MLIRContext *context) {
  attach<stablehlo::IotaOp, iotaRule, iotaLocal>(context);
}
