//===- Passes.td - The passes of PartIR --------------------*- tablegen -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_PASSES_TD
#define PARTIR_PASSES_PASSES_TD

include "mlir/Pass/PassBase.td"

def PrintRulesPass : Pass<"partir-print-rules", "::mlir::ModuleOp"> {
  let summary = "Show the partition rule of each op as a remark";
  let description = [{
    Emits a remark at each op that has a partition rule: the factors of its
    operands and results, which of them are reduced or blocked and why, the
    operands in which the op is linear, and whether it is a sum, pointwise, or
    cheap enough to exist once per use. For

    ```mlir
    %0 = "stablehlo.dot_general"(%x, %w) ...
        : (tensor<256x8xf32>, tensor<8x16xf32>) -> tensor<256x16xf32>
    ```

    it says

    ```
    ([i, k], [k, j]) -> ([i, j]) {i=256, j=16, k=8} reduction={k:add} linear=[0,1]
    ```

    Ops that only hand values on (loops, branches, barriers) have ties in place
    of a rule: `(sources) -> (targets)` for each of the values, and how often
    their regions run.
  }];
}

#endif // PARTIR_PASSES_PASSES_TD
