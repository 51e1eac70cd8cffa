// RUN: partir-opt %s -partir-normalize -verify-diagnostics -split-input-file

// What has no rule is refused by its name, also where its result is static.

func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'stablehlo.after_all' op has result #0 of type '!stablehlo.token'; it must be a tensor without dynamic dims}}
  %t = "stablehlo.after_all"() : () -> !stablehlo.token
  %0 = "stablehlo.custom_call"(%x, %t) <{call_target_name = "f"}> : (tensor<8xf32>, !stablehlo.token) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<16xf32> {
  // expected-error@+1 {{'stablehlo.all_gather' op exchanges values between devices: the function itself places values on devices; leave that to the schedule}}
  %0 = "stablehlo.all_gather"(%x) <{all_gather_dim = 0 : i64, replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> : (tensor<8xf32>) -> tensor<16xf32>
  return %0 : tensor<16xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'stablehlo.all_reduce' op exchanges values between devices: the function itself places values on devices; leave that to the schedule}}
  %0 = "stablehlo.all_reduce"(%x) <{replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %s = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%s) : (tensor<f32>) -> ()
  }) : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'stablehlo.async_start' op has result #0 of type '!stablehlo.future<tensor<8xf32>>'; it must be a tensor without dynamic dims}}
  %f = "stablehlo.async_start"(%x) ({
  ^bb0(%y: tensor<8xf32>):
    "stablehlo.return"(%y) : (tensor<8xf32>) -> ()
  }) : (tensor<8xf32>) -> !stablehlo.future<tensor<8xf32>>
  %0 = "stablehlo.async_done"(%f) : (!stablehlo.future<tensor<8xf32>>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'stablehlo.create_token' op has result #0 of type '!stablehlo.token'; it must be a tensor without dynamic dims}}
  %t = "stablehlo.create_token"() : () -> !stablehlo.token
  %0 = "stablehlo.custom_call"(%x, %t) <{call_target_name = "f"}> : (tensor<8xf32>, !stablehlo.token) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'stablehlo.cross-replica-sum' op exchanges values between devices: the function itself places values on devices; leave that to the schedule}}
  %0 = "stablehlo.cross-replica-sum"(%x) <{replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

func.func public @main(%a: tensor<2x4x8xf32>, %k: tensor<6x4x3xf32>, %p: tensor<1x2xi64>) -> tensor<2x6x8xf32> {
  // expected-error@+1 {{'stablehlo.dynamic_conv' op has no partition rule, so it cannot be partitioned; write the function without it}}
  %0 = "stablehlo.dynamic_conv"(%a, %k, %p) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, f, 0]x[o, i, 0]->[b, f, 0]>, feature_group_count = 1 : i64}> : (tensor<2x4x8xf32>, tensor<6x4x3xf32>, tensor<1x2xi64>) -> tensor<2x6x8xf32>
  return %0 : tensor<2x6x8xf32>
}

// -----

func.func public @main(%a: tensor<8x4xf32>, %i: tensor<6x1xi32>, %n: tensor<2xi32>) -> tensor<6x4xf32> {
  // expected-error@+1 {{'stablehlo.dynamic_gather' op has no partition rule, so it cannot be partitioned; write the function without it}}
  %0 = "stablehlo.dynamic_gather"(%a, %i, %n) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false}> : (tensor<8x4xf32>, tensor<6x1xi32>, tensor<2xi32>) -> tensor<6x4xf32>
  return %0 : tensor<6x4xf32>
}

// -----

func.func public @main(%n: tensor<1xi64>) -> tensor<8xf32> {
  // expected-error@+1 {{'stablehlo.dynamic_iota' op has no partition rule, so it cannot be partitioned; write the function without it}}
  %0 = "stablehlo.dynamic_iota"(%n) <{iota_dimension = 0 : i64}> : (tensor<1xi64>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>, %s: tensor<f32>, %n: tensor<1xi64>) -> tensor<10xf32> {
  // expected-error@+1 {{'stablehlo.dynamic_pad' op has no partition rule, so it cannot be partitioned; write the function without it}}
  %0 = "stablehlo.dynamic_pad"(%x, %s, %n, %n, %n) : (tensor<8xf32>, tensor<f32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<10xf32>
  return %0 : tensor<10xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>, %n: tensor<2xi64>) -> tensor<4x2xf32> {
  // expected-error@+1 {{'stablehlo.dynamic_reshape' op has no partition rule, so it cannot be partitioned; write the function without it}}
  %0 = "stablehlo.dynamic_reshape"(%x, %n) : (tensor<8xf32>, tensor<2xi64>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<i32> {
  // expected-error@+1 {{'stablehlo.get_dimension_size' op has no partition rule, so it cannot be partitioned; write the function without it}}
  %0 = "stablehlo.get_dimension_size"(%x) <{dimension = 0 : i64}> : (tensor<8xf32>) -> tensor<i32>
  return %0 : tensor<i32>
}

// -----

func.func public @main() -> tensor<8xf32> {
  %t = "stablehlo.create_token"() : () -> !stablehlo.token
  // expected-error@+1 {{'stablehlo.infeed' op has a side effect, which each device would repeat; take it out of the function}}
  %0:2 = "stablehlo.infeed"(%t) <{infeed_config = ""}> : (!stablehlo.token) -> (tensor<8xf32>, !stablehlo.token)
  return %0#0 : tensor<8xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>, %n: tensor<1xi64>) -> tensor<4xf32> {
  // expected-error@+1 {{'stablehlo.real_dynamic_slice' op has no partition rule, so it cannot be partitioned; write the function without it}}
  %0 = "stablehlo.real_dynamic_slice"(%x, %n, %n, %n) : (tensor<8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func public @main() -> tensor<8xf32> {
  %t = "stablehlo.create_token"() : () -> !stablehlo.token
  // expected-error@+1 {{'stablehlo.recv' op has a side effect, which each device would repeat; take it out of the function}}
  %0:2 = "stablehlo.recv"(%t) <{channel_handle = #stablehlo.channel_handle<handle = 1, type = 3>, is_host_transfer = true}> : (!stablehlo.token) -> (tensor<8xf32>, !stablehlo.token)
  return %0#0 : tensor<8xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{'stablehlo.reduce_scatter' op exchanges values between devices: the function itself places values on devices; leave that to the schedule}}
  %0 = "stablehlo.reduce_scatter"(%x) <{scatter_dimension = 0 : i64, replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %s = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%s) : (tensor<f32>) -> ()
  }) : (tensor<8xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

module attributes {mhlo.num_replicas = 2 : i32} {
  func.func public @main() -> tensor<ui32> {
    // expected-error@+1 {{'stablehlo.replica_id' op asks which device it runs on: the function itself places values on devices; leave that to the schedule}}
    %0 = "stablehlo.replica_id"() : () -> tensor<ui32>
    return %0 : tensor<ui32>
  }
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  %t = "stablehlo.create_token"() : () -> !stablehlo.token
  // expected-error@+1 {{'stablehlo.send' op has a side effect, which each device would repeat; take it out of the function}}
  %0 = "stablehlo.send"(%x, %t) <{channel_handle = #stablehlo.channel_handle<handle = 1, type = 2>, is_host_transfer = true}> : (tensor<8xf32>, !stablehlo.token) -> !stablehlo.token
  return %x : tensor<8xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>, %n: tensor<i32>) -> tensor<8xf32> {
  // expected-error@+1 {{'stablehlo.set_dimension_size' op has no partition rule, so it cannot be partitioned; write the function without it}}
  %0 = "stablehlo.set_dimension_size"(%x, %n) <{dimension = 0 : i64}> : (tensor<8xf32>, tensor<i32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{created with unregistered dialect}}
  %q = "stablehlo.uniform_quantize"(%x) : (tensor<8xf32>) -> tensor<8x!quant.uniform<i8:f32, 2.0>>
  %0 = "stablehlo.uniform_dequantize"(%q) : (tensor<8x!quant.uniform<i8:f32, 2.0>>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}
