// A custom call with a user's rule through all stages.
//
// RUN: partir-opt %s --partir-pipeline='mesh=B=4,M=2 schedule="K(B): x=1; BP(M): x=0" to=core' > %t.core
// RUN: FileCheck %s --check-prefix=CORE < %t.core
// RUN: partir-opt %t.core --partir-lower-core | FileCheck %s --check-prefix=HLO
// RUN: partir-opt %t.core --partir-lower-core --partir-lower-collectives | FileCheck %s --check-prefix=LOCAL
// RUN: partir-opt %t.core --partir-unroll-loops | FileCheck %s --check-prefix=UNROLLED

// The op in its loops: the whole rule is read off it again.
// CORE:      module attributes {partir.mesh = {{.*}}, partir.rules = {my_matmul = "i k, k j -> i j | k: add"}}
// CORE:      partir.loop "B" [#partir.reduce<add>]
// CORE:      partir.loop "M" [#partir.tile<0>]
// CORE:      "stablehlo.custom_call"(%{{.*}}, %{{.*}}) <{call_target_name = "my_matmul"}> : (tensor<4x1xf32>, tensor<1x6xf32>) -> tensor<4x6xf32>

// HLO:       "stablehlo.custom_call"(%arg0, %arg1) <{call_target_name = "my_matmul"}> : (tensor<4x1xf32>, tensor<1x6xf32>) -> tensor<4x6xf32>
// HLO-NEXT:  partir_hlo.all_reduce add {"B"}

// What PartIR alone reads is gone.
// LOCAL:     module {
// LOCAL:     stablehlo.all_reduce

// UNROLLED:  module {
// UNROLLED:  "stablehlo.custom_call"(%{{.*}}, %{{.*}}) <{call_target_name = "my_matmul"}> : (tensor<4x1xf32>, tensor<1x6xf32>) -> tensor<4x6xf32>
// UNROLLED:  stablehlo.add
module attributes {partir.rules = {my_matmul = "i k, k j -> i j | k: add"}} {
  func.func public @main(%x: tensor<8x4xf32> {partir.name = "x"}, %y: tensor<4x6xf32> {partir.name = "y"}) -> tensor<8x6xf32> {
    %0 = "stablehlo.custom_call"(%x, %y) <{call_target_name = "my_matmul"}> : (tensor<8x4xf32>, tensor<4x6xf32>) -> tensor<8x6xf32>
    return %0 : tensor<8x6xf32>
  }
}
