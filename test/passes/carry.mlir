// A result that becomes an input leaves the program as that enters.
//
// RUN: partir-opt %s -split-input-file --partir-pipeline='mesh=B=4 schedule="T(B): x=0" to=hlo' | FileCheck %s
// RUN: partir-opt %s -split-input-file --partir-pipeline='mesh=B=4 schedule="T(B): x=0" to=core' | FileCheck %s --check-prefix=CORE
// RUN: partir-opt %s -split-input-file --partir-pipeline='mesh=B=4 schedule="T(B): x=0" to=core report=true' 2>&1 | FileCheck %s --check-prefix=REPORT

// The result was whole. Of the input nothing is read.
// CHECK-LABEL: @main
// CHECK-SAME: (%[[X:.*]]: tensor<2x4xf32> {{.*}}, %[[Y:.*]]: tensor<4xf32> {{.*}}) -> tensor<2x4xf32>
// CHECK-NEXT: "stablehlo.broadcast_in_dim"(%[[Y]]) {{.*}} -> tensor<2x4xf32>
// CHECK-NEXT: return
// CORE-LABEL: @main
// CORE: partir.carry %{{.*}} as %{{.*}} : tensor<2x4xf32>
func.func public @main(%x: tensor<8x4xf32> {partir.name = "x"}, %y: tensor<4xf32> {partir.name = "y"}) -> (tensor<8x4xf32> {partir.carry = 0 : i64}) {
  %0 = "stablehlo.broadcast_in_dim"(%y) <{broadcast_dimensions = array<i64: 1>}> : (tensor<4xf32>) -> tensor<8x4xf32>
  return %0 : tensor<8x4xf32>
}

// -----

// The result was tiled, and the input is whole because another use of it is.
// CHECK-LABEL: @main
// CHECK-SAME: (%[[X:.*]]: tensor<2x4xf32> {{.*}}, %[[Y:.*]]: tensor<8x4xf32> {{.*}}) -> (tensor<8x4xf32>, tensor<4x8xf32>)
// CHECK: %[[G:.*]] = partir_hlo.all_gather [{"B"}, {}] %[[X]] : tensor<2x4xf32> -> tensor<8x4xf32>
// CHECK-NEXT: return %[[G]]
// REPORT: stop: result 0 of the program needs input "x" in another tiling than dim 0 on "B" (96 bytes sent): it leaves the program as it enters, as input "y"
func.func public @main(%x: tensor<8x4xf32> {partir.name = "x"}, %y: tensor<8x4xf32> {partir.name = "y"}) -> (tensor<8x4xf32> {partir.carry = 1 : i64}, tensor<4x8xf32>) {
  %0 = "stablehlo.transpose"(%y) <{permutation = array<i64: 1, 0>}> : (tensor<8x4xf32>) -> tensor<4x8xf32>
  %1 = "stablehlo.reverse"(%0) <{dimensions = array<i64: 1>}> : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %x, %1 : tensor<8x4xf32>, tensor<4x8xf32>
}

// -----

// The result was tiled on another dim than the input.
// CHECK-LABEL: @main
// CHECK-SAME: (%[[X:.*]]: tensor<2x8xf32> {{.*}}) -> tensor<2x8xf32>
// CHECK-NEXT: %[[T:.*]] = "stablehlo.transpose"(%[[X]])
// CHECK-NEXT: %[[E:.*]] = partir_hlo.all_to_all {"B"} dim 1 to 0 %[[T]] : tensor<8x2xf32> -> tensor<2x8xf32>
// CHECK-NEXT: return %[[E]]
// REPORT: all_to_all: 1
func.func public @main(%x: tensor<8x8xf32> {partir.name = "x"}) -> (tensor<8x8xf32> {partir.carry = 0 : i64}) {
  %0 = "stablehlo.transpose"(%x) <{permutation = array<i64: 1, 0>}> : (tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}
