// The passes on Core meet a module that was not normalised: an error, whatever
// its types are.
//
// RUN: not partir-opt %s --partir-lower-core -split-input-file 2>&1 | FileCheck %s --implicit-check-not="Stack dump"
// RUN: not partir-opt %s --partir-report -split-input-file 2>&1 | FileCheck %s --implicit-check-not="Stack dump"
// RUN: not partir-opt %s --partir-propagate=axis=B -split-input-file 2>&1 | FileCheck %s --implicit-check-not="Stack dump"

// CHECK: error: a value is of type 'f32', and must be a tensor
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: f32, %y: tensor<8xf32>) -> tensor<8xf32> {
    return %y : tensor<8xf32>
  }
}

// -----

// CHECK: error: a value is of type '!stablehlo.token', and must be a tensor
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: !stablehlo.token) -> !stablehlo.token {
    %0 = "stablehlo.optimization_barrier"(%x) : (!stablehlo.token) -> !stablehlo.token
    return %0 : !stablehlo.token
  }
}

// -----

// CHECK: error: a value is of type 'tensor<?xf32>', and must be a tensor
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<?xf32>) -> tensor<?xf32> {
    %0 = "stablehlo.tanh"(%x) : (tensor<?xf32>) -> tensor<?xf32>
    return %0 : tensor<?xf32>
  }
}
