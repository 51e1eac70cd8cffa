// What CSE may merge, and what it may drop.
//
// RUN: partir-opt %s -cse | FileCheck %s

// CHECK-LABEL: @merged
func.func @merged(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK-NEXT: %[[EXP:.*]] = "stablehlo.exponential"(%{{.*}}) :
  // CHECK-NEXT: return %[[EXP]], %[[EXP]]
  %0 = "stablehlo.exponential"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = "stablehlo.exponential"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %2 = "stablehlo.custom_call"(%x) <{call_target_name = "f"}> : (tensor<4xf32>) -> tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: @regions_merged
func.func @regions_merged(%x: tensor<4xf32>, %z: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  // CHECK-COUNT-1: "stablehlo.reduce"
  // CHECK-NOT: "stablehlo.reduce"
  %0 = "stablehlo.reduce"(%x, %z) <{dimensions = array<i64: 0>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %2 = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%2) : (tensor<f32>) -> ()
  }) : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
  %1 = "stablehlo.reduce"(%x, %z) <{dimensions = array<i64: 0>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %2 = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%2) : (tensor<f32>) -> ()
  }) : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
  return %0, %1 : tensor<f32>, tensor<f32>
}

// Recomputation and repeated gathers stay apart; an unused one goes.

// CHECK-LABEL: @kept_apart
func.func @kept_apart(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<8xf32>, tensor<8xf32>) {
  // CHECK-COUNT-2: "stablehlo.optimization_barrier"
  // CHECK-NOT: "stablehlo.optimization_barrier"
  %0 = "stablehlo.optimization_barrier"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = "stablehlo.optimization_barrier"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %2 = "stablehlo.optimization_barrier"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-COUNT-2: "stablehlo.all_gather"
  // CHECK-NOT: "stablehlo.all_gather"
  %3 = "stablehlo.all_gather"(%x) <{all_gather_dim = 0 : i64, replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> : (tensor<4xf32>) -> tensor<8xf32>
  %4 = "stablehlo.all_gather"(%x) <{all_gather_dim = 0 : i64, replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> : (tensor<4xf32>) -> tensor<8xf32>
  %5 = "stablehlo.all_gather"(%x) <{all_gather_dim = 0 : i64, replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> : (tensor<4xf32>) -> tensor<8xf32>
  return %0, %1, %3, %4 : tensor<4xf32>, tensor<4xf32>, tensor<8xf32>, tensor<8xf32>
}

// CHECK-LABEL: @not_dropped
func.func @not_dropped(%x: tensor<4xf32>, %n: tensor<i32>) {
  // CHECK: "stablehlo.custom_call"
  %0 = "stablehlo.custom_call"(%x) <{call_target_name = "f", has_side_effect = true}> : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK: "stablehlo.while"
  // CHECK: "stablehlo.outfeed"
  %1 = "stablehlo.while"(%n) ({
  ^bb0(%i: tensor<i32>):
    %2 = "stablehlo.compare"(%i, %n) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    "stablehlo.return"(%2) : (tensor<i1>) -> ()
  }, {
  ^bb0(%i: tensor<i32>):
    %2 = "stablehlo.create_token"() : () -> !stablehlo.token
    %3 = "stablehlo.outfeed"(%x, %2) : (tensor<4xf32>, !stablehlo.token) -> !stablehlo.token
    "stablehlo.return"(%i) : (tensor<i32>) -> ()
  }) : (tensor<i32>) -> tensor<i32>
  return
}

// A loop that only computes goes with its result, barriers inside or not.

// CHECK-LABEL: @loop_dropped
func.func @loop_dropped(%n: tensor<i32>) {
  // CHECK-NEXT: return
  %1 = "stablehlo.while"(%n) ({
  ^bb0(%i: tensor<i32>):
    %2 = "stablehlo.compare"(%i, %n) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    "stablehlo.return"(%2) : (tensor<i1>) -> ()
  }, {
  ^bb0(%i: tensor<i32>):
    %2 = "stablehlo.optimization_barrier"(%i) : (tensor<i32>) -> tensor<i32>
    "stablehlo.return"(%2) : (tensor<i32>) -> ()
  }) : (tensor<i32>) -> tensor<i32>
  return
}
