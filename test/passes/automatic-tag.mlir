// Values with one tag may have different ranks: only a dim of all of them is tiled.
// Where nothing gains anything, the search ends with what was there.
//
// RUN: partir-opt %s --partir-automatic='axes=B device=%S/simulate_device.json' 2>&1 | FileCheck %s

// CHECK: remark: as it was:
// CHECK-NOT: remark: B:
// CHECK: remark: every schedule was tried: none is better

module attributes {partir.mesh = #partir.mesh<["B"=4]>} {
  func.func @main(%x: tensor<2x2x2x2x2x8xf32> {partir.name = "x"}, %y: tensor<f32> {partir.name = "y"}) -> (tensor<2x2x2x2x2x8xf32>, tensor<f32>) {
    %0 = partir.tag "hidden" %x : tensor<2x2x2x2x2x8xf32>
    %1 = partir.tag "hidden" %y : tensor<f32>
    return %0, %1 : tensor<2x2x2x2x2x8xf32>, tensor<f32>
  }
}
