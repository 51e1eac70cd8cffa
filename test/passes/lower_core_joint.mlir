// RUN: partir-opt %s -partir-lower-core | FileCheck %s

// A joint reduction: each device reduces its chunk, and all that the devices of
// a group have.

module attributes {partir.mesh = #partir.mesh<["B"=4]>} {
  // CHECK-LABEL: func.func @main
  // CHECK-SAME: (%[[X:.*]]: tensor<2x8xi32>, %[[INIT:.*]]: tensor<i32>) -> tensor<8xi32>
  // CHECK-NEXT: %[[PART:.*]] = "stablehlo.reduce"(%[[X]], %[[INIT]]) <{dimensions = array<i64: 0>}>
  // CHECK: : (tensor<2x8xi32>, tensor<i32>) -> tensor<8xi32>
  // CHECK-NEXT: %[[ROW:.*]] = "stablehlo.reshape"(%[[PART]]) : (tensor<8xi32>) -> tensor<1x8xi32>
  // CHECK-NEXT: %[[ALL:.*]] = partir_hlo.all_gather {{\[}}{"B"}, {}] %[[ROW]] : tensor<1x8xi32> -> tensor<4x8xi32>
  // CHECK-NEXT: %[[Y:.*]] = "stablehlo.reduce"(%[[ALL]], %[[INIT]]) <{dimensions = array<i64: 0>}>
  // CHECK: "stablehlo.xor"
  // CHECK: return %[[Y]]
  func.func @main(%x: tensor<8x8xi32>, %init: tensor<i32>) -> tensor<8xi32> {
    %xt = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<8x8xi32> {
      %xs = partir.slice 0 %x[%rB] : tensor<8x8xi32> -> tensor<2x8xi32>
      partir.yield %xs : tensor<2x8xi32>
    }
    %y = partir.loop "B" [#partir.reduce<joint>] (%rB: !partir.range<4>) -> tensor<8xi32> {
      %xs = partir.slice 0 %xt[%rB] : tensor<8x8xi32> -> tensor<2x8xi32>
      %p = "stablehlo.reduce"(%xs, %init) <{dimensions = array<i64: 0>}> ({
      ^bb0(%a: tensor<i32>, %b: tensor<i32>):
        %0 = "stablehlo.xor"(%a, %b) : (tensor<i32>, tensor<i32>) -> tensor<i32>
        "stablehlo.return"(%0) : (tensor<i32>) -> ()
      }) : (tensor<2x8xi32>, tensor<i32>) -> tensor<8xi32>
      partir.yield %p : tensor<8xi32>
    }
    return %y : tensor<8xi32>
  }
}
