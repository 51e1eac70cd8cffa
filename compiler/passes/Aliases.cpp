//===- Aliases.cpp - Results that take the place of arguments -------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Aliases.h"

#include "compiler/engine/Graph.h"

using namespace mlir;
using namespace partir;

SmallVector<int> partir::findAliases(func::FuncOp func) {
  SmallVector<int> aliases(func.getNumResults(), engine::kNone);
  for (unsigned number = 0; number < func.getNumArguments(); ++number)
    if (auto result =
            func.getArgAttrOfType<IntegerAttr>(number, "tf.aliasing_output");
        result && result.getInt() >= 0 &&
        result.getInt() < static_cast<int64_t>(aliases.size()))
      aliases[result.getInt()] = number;
  return aliases;
}
