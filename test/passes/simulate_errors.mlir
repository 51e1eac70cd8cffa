// What no estimate can be made of is told with its place.
//
// RUN: not partir-opt %s -split-input-file --partir-simulate=device=cpu 2>&1 | FileCheck %s --implicit-check-not="Stack dump"
// RUN: not partir-opt %S/simulate.mlir --partir-simulate=device=%s 2>&1 | FileCheck %s --check-prefix=DEVICE
// DEVICE: error: {{.*}}simulate_errors.mlir: this is no JSON: [1:

module attributes {partir.mesh = #partir.mesh<["B"=4]>} {
  // CHECK: :[[#@LINE+1]]:{{[0-9]+}}: error: a value is of type '!stablehlo.token', and must be a tensor of numbers without dynamic dims
  func.func @main(%t: !stablehlo.token, %x: tensor<8xf32>) -> tensor<8xf32> {
    %0 = partir_hlo.all_reduce add {"B"} %x : tensor<8xf32>
    return %0 : tensor<8xf32>
  }
}

// -----

module {
  // CHECK: error: the module has no mesh
  func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    return %x : tensor<8xf32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4]>} {
  func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    %0 = partir_hlo.all_reduce add {"B"} %x : tensor<8xf32>
    // CHECK: :[[#@LINE+1]]:{{[0-9]+}}: error: 'func.call' is not an op of which the cost is known
    %1 = func.call @other(%0) : (tensor<8xf32>) -> tensor<8xf32>
    return %1 : tensor<8xf32>
  }
  func.func private @other(tensor<8xf32>) -> tensor<8xf32>
}
