// What --partir-report says of a PartIR:Core program.
//
// RUN: partir-opt %s -split-input-file --partir-report -o %t.mlir 2>&1 | FileCheck %s --implicit-check-not=remark:
//
// The program stays as it is.
// RUN: partir-opt %s -split-input-file -o %t.before.mlir
// RUN: diff %t.before.mlir %t.mlir

//===----------------------------------------------------------------------===//
// Collectives: how often, and the bytes that a device sends (ring model)
//===----------------------------------------------------------------------===//

// all_gather: (4 - 1) times the 8 bytes of tensor<2xf32>.
// CHECK: model.py:1:1: remark: all_gather over {B} of 8xf32, 1 time, 24 bytes sent
// CHECK-NEXT: input "x": dim 0 (tactic "T")
// CHECK: model.py:1:1: remark: stop: 'stablehlo.cholesky' at model.py:1:1 needs input "x" in another tiling than dim 1 on "B" (24 bytes sent): result dim 1 is factorised
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<1x8x1xf32> {partir.name = "x"}) -> tensor<1x8x1xf32> {
    %0 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<1x8x1xf32> {
      %s = partir.slice 1 %x[%r] : tensor<1x8x1xf32> -> tensor<1x2x1xf32>
      partir.yield %s : tensor<1x2x1xf32>
    } loc(fused<#partir.cause<"T", 0, -1>>["model.py":0:0])
    %1 = "stablehlo.reverse"(%0) <{dimensions = array<i64: 1>}> : (tensor<1x8x1xf32>) -> tensor<1x8x1xf32> loc("model.py":1:1)
    return %1 : tensor<1x8x1xf32>
  }
}
