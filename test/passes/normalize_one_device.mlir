// What speaks of devices and means one is replaced by its meaning.
//
// RUN: partir-opt %s -partir-normalize -split-input-file | FileCheck %s

// As JAX lowers shard_map over a mesh of one device.
// CHECK: func.func public @main
// CHECK-NOT: stablehlo.all
// CHECK-NOT: stablehlo.collective
// CHECK-NOT: stablehlo.reduce_scatter
// CHECK-NOT: cross-replica-sum
// CHECK: return %arg0, %arg0, %arg0, %arg0, %arg0, %arg0, %arg0, %arg0
module attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) {
    %0 = "stablehlo.all_reduce"(%x) <{replica_groups = dense<0> : tensor<1x1xi64>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %s = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%s) : (tensor<f32>) -> ()
    }) : (tensor<8xf32>) -> tensor<8xf32>
    %1 = "stablehlo.all_gather"(%x) <{all_gather_dim = 0 : i64, replica_groups = dense<0> : tensor<1x1xi64>}> : (tensor<8xf32>) -> tensor<8xf32>
    %2 = "stablehlo.reduce_scatter"(%x) <{scatter_dimension = 0 : i64, replica_groups = dense<0> : tensor<1x1xi64>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %s = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%s) : (tensor<f32>) -> ()
    }) : (tensor<8xf32>) -> tensor<8xf32>
    %3 = "stablehlo.all_to_all"(%x) <{split_dimension = 0 : i64, concat_dimension = 0 : i64, split_count = 1 : i64, replica_groups = dense<0> : tensor<1x1xi64>}> : (tensor<8xf32>) -> tensor<8xf32>
    %4 = "stablehlo.collective_permute"(%x) <{source_target_pairs = dense<0> : tensor<1x2xi64>}> : (tensor<8xf32>) -> tensor<8xf32>
    %5 = "stablehlo.collective_broadcast"(%x) <{replica_groups = dense<0> : tensor<1x1xi64>}> : (tensor<8xf32>) -> tensor<8xf32>
    %6 = "stablehlo.cross-replica-sum"(%x) <{replica_groups = dense<0> : tensor<1x1xi64>}> : (tensor<8xf32>) -> tensor<8xf32>
    // No group is the group of all.
    %7 = "stablehlo.all_gather"(%x) <{all_gather_dim = 0 : i64, replica_groups = dense<> : tensor<0x0xi64>}> : (tensor<8xf32>) -> tensor<8xf32>
    return %0, %1, %2, %3, %4, %5, %6, %7 : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>
  }
}

// -----

// The number of the device, in a branch too, and what reaches no device.
// CHECK: func.func public @main
// CHECK: stablehlo.if
// CHECK: "stablehlo.constant"() <{value = dense<0> : tensor<ui32>}>
// CHECK: "stablehlo.constant"() <{value = dense<0> : tensor<ui32>}>
// CHECK: "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<8xf32>}>
func.func public @main(%p: tensor<i1>, %x: tensor<8xf32>) -> (tensor<ui32>, tensor<8xf32>) {
  %0 = "stablehlo.if"(%p) ({
    %1 = "stablehlo.partition_id"() : () -> tensor<ui32>
    "stablehlo.return"(%1) : (tensor<ui32>) -> ()
  }, {
    %1 = "stablehlo.replica_id"() : () -> tensor<ui32>
    "stablehlo.return"(%1) : (tensor<ui32>) -> ()
  }) : (tensor<i1>) -> tensor<ui32>
  %2 = "stablehlo.collective_permute"(%x) <{source_target_pairs = dense<> : tensor<0x2xi64>}> : (tensor<8xf32>) -> tensor<8xf32>
  return %0, %2 : tensor<ui32>, tensor<8xf32>
}

// -----

// Groups of one device each exchange nothing, however many there are.
// CHECK: func.func public @main
// CHECK: return %arg0
module attributes {mhlo.num_partitions = 8 : i32} {
  func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    %0 = "stablehlo.all_gather"(%x) <{all_gather_dim = 0 : i64, replica_groups = dense<[[0], [1]]> : tensor<2x1xi64>}> : (tensor<8xf32>) -> tensor<8xf32>
    return %0 : tensor<8xf32>
  }
}

// -----

// Constraints to a mesh of one device, as JAX puts them on typed PRNG keys.
// CHECK: module {
// CHECK-NEXT: func.func public @main
// CHECK-NEXT: return %arg0
"sdy.mesh"() <{mesh = #sdy.mesh<[]>, sym_name = "empty_mesh"}> : () -> ()
"sdy.mesh"() <{mesh = #sdy.mesh<["x"=1, "a=8"=1]>, sym_name = "mesh"}> : () -> ()
func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = "sdy.sharding_constraint"(%x) <{sharding = #sdy.sharding<@empty_mesh, [{?}]>}> : (tensor<8xf32>) -> tensor<8xf32>
  %1 = func.call @f(%0) : (tensor<8xf32>) -> tensor<8xf32>
  return %1 : tensor<8xf32>
}
func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = "sdy.sharding_constraint"(%x) <{sharding = #sdy.sharding<@mesh, [{"x"}]>}> : (tensor<8xf32>) -> tensor<8xf32>
  %1 = "sdy.sharding_constraint"(%0) <{sharding = #sdy.sharding<mesh<["x"=1]>, [{"x"}]>}> : (tensor<8xf32>) -> tensor<8xf32>
  return %1 : tensor<8xf32>
}

// -----

// Advice for Shardy holds sizes, and is not for us.
// CHECK: func.func public @main
// CHECK: "stablehlo.custom_call"(%arg0) <{call_target_name = "f"}> : (tensor<8xf32>) -> tensor<8xf32>
func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = "stablehlo.custom_call"(%x) <{call_target_name = "f"}> {sdy.sharding_rule = #sdy.op_sharding_rule<([i])->([i]) {i=8}, custom>} : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}
