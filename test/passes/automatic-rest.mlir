// Inputs that play the same part are decided on together: those on which it is possible.
//
// RUN: partir-opt %s --partir-act='axis=B value=a action=0' --partir-propagate=axis=B --partir-automatic='axes=B device=%S/simulate_device.json' 2>&1 | FileCheck %s

// CHECK: remark: B: b=0, c=0:

module attributes {partir.mesh = #partir.mesh<["B"=4]>} {
  func.func @main(%a: tensor<64x32xf32> {partir.name = "a"}, %b: tensor<64x32xf32> {partir.name = "b"}, %c: tensor<64x32xf32> {partir.name = "c"}) -> (tensor<64x32xf32>, tensor<64x32xf32>, tensor<64x32xf32>) {
    %0 = "stablehlo.tanh"(%a) : (tensor<64x32xf32>) -> tensor<64x32xf32>
    %1 = "stablehlo.tanh"(%b) : (tensor<64x32xf32>) -> tensor<64x32xf32>
    %2 = "stablehlo.tanh"(%c) : (tensor<64x32xf32>) -> tensor<64x32xf32>
    return %0, %1, %2 : tensor<64x32xf32>, tensor<64x32xf32>, tensor<64x32xf32>
  }
}
