// What is reduced of values that are the same on every trip is reduced once.
//
// RUN: partir-opt %s -split-input-file -partir-normalize | FileCheck %s

// CHECK-LABEL: @main
// CHECK-SAME: (%[[W:.*]]: tensor<8xf32>, %[[X:.*]]: tensor<f32>)
// CHECK: %[[SQUARE:.*]] = "stablehlo.multiply"(%[[W]], %[[W]])
// CHECK: %[[SUM:.*]] = "stablehlo.reduce"(%[[SQUARE]], %{{.*}})
// CHECK: "stablehlo.while"(%{{.*}}, %[[X]], %[[W]], %[[SUM]])
// CHECK: ^bb0(%{{.*}}: tensor<i32>, %[[A:.*]]: tensor<f32>, %[[P:.*]]: tensor<8xf32>, %[[S:.*]]: tensor<f32>):
// CHECK-NOT: "stablehlo.reduce"
// CHECK: "stablehlo.add"(%[[A]], %[[S]])
// CHECK-NOT: "stablehlo.multiply"
// CHECK: "stablehlo.return"(%{{.*}}, %{{.*}}, %[[P]], %[[S]])
// CHECK: return
func.func public @main(%w: tensor<8xf32>, %x: tensor<f32>) -> tensor<f32> {
  %zero = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
  %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
  %four = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
  %r:3 = "stablehlo.while"(%zero, %x, %w) ({
  ^bb0(%i: tensor<i32>, %a: tensor<f32>, %p: tensor<8xf32>):
    %c = "stablehlo.compare"(%i, %four) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    "stablehlo.return"(%c) : (tensor<i1>) -> ()
  }, {
  ^bb0(%i: tensor<i32>, %a: tensor<f32>, %p: tensor<8xf32>):
    %init = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
    %square = "stablehlo.multiply"(%p, %p) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    %sum = "stablehlo.reduce"(%square, %init) <{dimensions = array<i64: 0>}> ({
    ^bb0(%m: tensor<f32>, %n: tensor<f32>):
      %t = "stablehlo.add"(%m, %n) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%t) : (tensor<f32>) -> ()
    }) : (tensor<8xf32>, tensor<f32>) -> tensor<f32>
    %s = "stablehlo.add"(%a, %sum) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %next = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    "stablehlo.return"(%next, %s, %p) : (tensor<i32>, tensor<f32>, tensor<8xf32>) -> ()
  }) : (tensor<i32>, tensor<f32>, tensor<8xf32>) -> (tensor<i32>, tensor<f32>, tensor<8xf32>)
  return %r#1 : tensor<f32>
}

// -----

// Not what a trip changes.
// CHECK-LABEL: @main
// CHECK: "stablehlo.while"
// CHECK: }, {
// CHECK: "stablehlo.reduce"
func.func public @main(%w: tensor<8xf32>, %x: tensor<f32>) -> tensor<f32> {
  %zero = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
  %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
  %four = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
  %r:3 = "stablehlo.while"(%zero, %x, %w) ({
  ^bb0(%i: tensor<i32>, %a: tensor<f32>, %p: tensor<8xf32>):
    %c = "stablehlo.compare"(%i, %four) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    "stablehlo.return"(%c) : (tensor<i1>) -> ()
  }, {
  ^bb0(%i: tensor<i32>, %a: tensor<f32>, %p: tensor<8xf32>):
    %init = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
    %square = "stablehlo.multiply"(%p, %p) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    %sum = "stablehlo.reduce"(%square, %init) <{dimensions = array<i64: 0>}> ({
    ^bb0(%m: tensor<f32>, %n: tensor<f32>):
      %t = "stablehlo.add"(%m, %n) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%t) : (tensor<f32>) -> ()
    }) : (tensor<8xf32>, tensor<f32>) -> tensor<f32>
    %s = "stablehlo.add"(%a, %sum) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %next = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    "stablehlo.return"(%next, %s, %square) : (tensor<i32>, tensor<f32>, tensor<8xf32>) -> ()
  }) : (tensor<i32>, tensor<f32>, tensor<8xf32>) -> (tensor<i32>, tensor<f32>, tensor<8xf32>)
  return %r#1 : tensor<f32>
}
