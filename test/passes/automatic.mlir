// What a search finds is applied, and told as tactics that a user could write.
//
// RUN: partir-opt %s --partir-automatic='axes=B,M device=%S/simulate_device.json' 2>&1 | FileCheck %s
// RUN: partir-opt %s --partir-automatic='axes=B device=%S/simulate_device.json memory=42000' 2>&1 >/dev/null | FileCheck %s --check-prefix=LIMIT
// RUN: partir-opt %s --partir-automatic='axes=B device=%S/simulate_device.json memory=1000' 2>&1 >/dev/null | FileCheck %s --check-prefix=SMALL
// RUN: not partir-opt %s --partir-automatic='axes=B,K device=cpu' 2>&1 | FileCheck %s --check-prefix=AXIS
// RUN: not partir-opt %s --partir-automatic='axes=B device=abacus' 2>&1 | FileCheck %s --check-prefix=DEVICE
// RUN: not partir-opt %s --partir-automatic=device=cpu 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not partir-opt %s --partir-automatic='axes=B device=cpu seconds=0' 2>&1 | FileCheck %s --check-prefix=SECONDS

// CHECK: remark: as it was: 1056.768 ms, 81920 bytes
// CHECK: remark: B: x=0: 264.192 ms, 45056 bytes
// CHECK: remark: M: x=0: 132.096 ms, 38912 bytes
// CHECK: remark: every schedule was tried: none is better
// CHECK: partir.loop "B" [#partir.tile<0>]
// CHECK-NEXT: partir.slice 0 %arg0
// CHECK-NEXT: partir.loop "M" [#partir.tile<0>]
//
// Over B alone, tiling w1 takes less memory and more time than tiling x does.
//
// LIMIT: remark: B: w1=1: 279.480 ms, 40960 bytes
// LIMIT-NOT: remark: no schedule was found
//
// The smallest is taken if none is small enough.
//
// SMALL: remark: B: w1=1: 279.480 ms, 40960 bytes
// SMALL: remark: B: stablehlo.dot_general@{{.*}}automatic.mlir:[[#]]:[[#]]#0=0, x=0: 282.480 ms, 28672 bytes
// SMALL: remark: no schedule was found within 1000 bytes

// AXIS: error: tactic "automatic": the mesh has no axis "K"; its axes are "B", "M"
// DEVICE: error: "abacus" is no device and no file
// NONE: error: no axes to decide on; write "axes=B,M"
// SECONDS: error: seconds is 0.0{{.*}}; it must be above 0

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @main(%x: tensor<64x32xf32> {partir.name = "x"}, %w1: tensor<32x128xf32> {partir.name = "w1"}, %w2: tensor<128x32xf32> {partir.name = "w2"}) -> tensor<64x32xf32> {
    %0 = "stablehlo.dot_general"(%x, %w1) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<64x32xf32>, tensor<32x128xf32>) -> tensor<64x128xf32>
    %1 = "stablehlo.tanh"(%0) : (tensor<64x128xf32>) -> tensor<64x128xf32>
    %2 = "stablehlo.dot_general"(%1, %w2) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<64x128xf32>, tensor<128x32xf32>) -> tensor<64x32xf32>
    return %2 : tensor<64x32xf32>
  }
}
