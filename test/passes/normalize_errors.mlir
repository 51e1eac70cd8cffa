// RUN: partir-opt %s -partir-normalize -verify-diagnostics -split-input-file

// expected-error@+1 {{needs a function 'main' with a body of one block, and has no function}}
module {
}

// -----

// expected-error@+1 {{and has the functions 'f', 'other'}}
module {
  func.func public @f() {
    return
  }
  func.func @other() {
    return
  }
}

// -----

// expected-error@+1 {{and has one with 0 block(s)}}
module {
  func.func private @main()
}

// -----

module {
  func.func public @main() {
    return
  }
  // expected-error@+1 {{'builtin.module' op cannot stand in a module to be partitioned, which has functions only}}
  module {
  }
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = call @f(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}
func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = call @g(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}
// expected-note@+1 {{the function}}
func.func private @g(%x: tensor<8xf32>) -> tensor<8xf32> {
  %p = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
  %0 = "stablehlo.if"(%p) ({
    // expected-error@+1 {{'func.call' op calls @g again while it runs: a recursive function cannot be partitioned; use a loop}}
    %1 = func.call @g(%x) : (tensor<8xf32>) -> tensor<8xf32>
    "stablehlo.return"(%1) : (tensor<8xf32>) -> ()
  }, {
    "stablehlo.return"(%x) : (tensor<8xf32>) -> ()
  }) : (tensor<i1>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'func.call' op calls @f, which has no body}}
  %0 = call @f(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}
func.func private @f(tensor<8xf32>) -> tensor<8xf32>

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'stablehlo.composite' op calls @missing, which is no function of the module}}
  %0 = "stablehlo.composite"(%x) <{decomposition = @missing, name = "my.op"}> : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'stablehlo.composite' op calls @f of type '(tensor<4xf32>) -> tensor<8xf32>' with operands and results of other types}}
  %0 = "stablehlo.composite"(%x) <{decomposition = @f, name = "my.op"}> : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}
func.func private @f(%x: tensor<4xf32>) -> tensor<8xf32> {
  %0 = "stablehlo.concatenate"(%x, %x) <{dimension = 0 : i64}> : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{is a "partir.tag" without a name}}
  %0 = "stablehlo.composite"(%x) <{composite_attributes = {name = ""}, decomposition = @partir.tag, name = "partir.tag"}> : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{is a "partir.tag", which must have one operand and one result of its type}}
  %0 = "stablehlo.composite"(%x, %x) <{composite_attributes = {name = "hidden"}, decomposition = @partir.tag, name = "partir.tag"}> : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4]>} {
  func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    // expected-error@+1 {{'partir_hlo.all_reduce' op has no partition rule, so it cannot be partitioned; write the function without it}}
    %0 = partir_hlo.all_reduce add {"B"} %x : tensor<8xf32>
    return %0 : tensor<8xf32>
  }
}

// -----

// Inside a branch.
func.func public @main(%p: tensor<i1>, %x: tensor<8xf32>, %n: tensor<1xi32>) -> tensor<8xf32> {
  %0 = "stablehlo.if"(%p) ({
    // expected-error@+1 {{'stablehlo.dynamic_broadcast_in_dim' op has result #0 of type 'tensor<?xf32>'; it must be a tensor without dynamic dims}}
    %1 = "stablehlo.dynamic_broadcast_in_dim"(%x, %n) <{broadcast_dimensions = array<i64: 0>}> : (tensor<8xf32>, tensor<1xi32>) -> tensor<?xf32>
    %2 = "stablehlo.convert"(%1) : (tensor<?xf32>) -> tensor<8xf32>
    "stablehlo.return"(%2) : (tensor<8xf32>) -> ()
  }, {
    "stablehlo.return"(%x) : (tensor<8xf32>) -> ()
  }) : (tensor<i1>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'stablehlo.tuple' op has result #0 of type 'tuple<tensor<8xf32>, tensor<8xf32>>'}}
  %0 = "stablehlo.tuple"(%x, %x) : (tensor<8xf32>, tensor<8xf32>) -> tuple<tensor<8xf32>, tensor<8xf32>>
  %1 = "stablehlo.get_tuple_element"(%0) <{index = 0 : i32}> : (tuple<tensor<8xf32>, tensor<8xf32>>) -> tensor<8xf32>
  return %1 : tensor<8xf32>
}

// -----

// expected-error@+1 {{'func.func' op has argument #1 of type 'tensor<?xf32>'}}
func.func public @main(%x: tensor<8xf32>, %y: tensor<?xf32>) {
  return
}

// -----

// expected-error@+1 {{'func.func' op has argument #0 of type '!stablehlo.token'}}
func.func public @main(%t: !stablehlo.token) {
  return
}

// -----

// expected-error@+1 {{'func.func' op has result #0 of type 'tensor<*xf32>'}}
func.func public @main(%x: tensor<8xf32>) -> tensor<*xf32> {
  %0 = "stablehlo.custom_call"(%x) <{call_target_name = "target"}> : (tensor<8xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>, %init: tensor<f32>) -> tensor<f32> {
  %0 = "stablehlo.reduce"(%x, %init) <{dimensions = array<i64: 0>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %1 = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    // expected-error@+1 {{'stablehlo.multiply' op uses a value from outside the region of 'stablehlo.reduce', which can be partitioned only if its regions use nothing but their arguments}}
    %2 = "stablehlo.multiply"(%1, %init) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%2) : (tensor<f32>) -> ()
  }) : (tensor<8xf32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'stablehlo.custom_call' op calls @Sharding: the function itself places values on devices; leave that to the schedule}}
  %0 = "stablehlo.custom_call"(%x) <{call_target_name = "Sharding"}> {mhlo.sharding = "{devices=[8]<=[8]}"} : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<1xf32> {
  // expected-error@+1 {{calls @SPMDFullToShardShape: the function itself places values on devices}}
  %0 = "stablehlo.custom_call"(%x) <{call_target_name = "SPMDFullToShardShape"}> : (tensor<8xf32>) -> tensor<1xf32>
  return %0 : tensor<1xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<1xf32> {
  // expected-error@+1 {{calls @xla.sdy.GlobalToLocalShape: the function itself places values on devices}}
  %0 = "stablehlo.custom_call"(%x) <{call_target_name = "xla.sdy.GlobalToLocalShape"}> : (tensor<8xf32>) -> tensor<1xf32>
  return %0 : tensor<1xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'stablehlo.tanh' op has 'mhlo.sharding': the function itself places values on devices}}
  %0 = "stablehlo.tanh"(%x) {mhlo.sharding = "{replicated}"} : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'stablehlo.collective_permute' op exchanges values between devices: the function itself places values on devices}}
  %0 = "stablehlo.collective_permute"(%x) <{source_target_pairs = dense<[[0, 1]]> : tensor<1x2xi64>}> : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

module attributes {mhlo.num_partitions = 2 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() -> tensor<ui32> {
    // expected-error@+1 {{'stablehlo.partition_id' op asks which device it runs on: the function itself places values on devices}}
    %0 = "stablehlo.partition_id"() : () -> tensor<ui32>
    return %0 : tensor<ui32>
  }
}

// -----

// Groups of several devices.
func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'stablehlo.all_to_all' op exchanges values between devices}}
  %0 = "stablehlo.all_to_all"(%x) <{split_dimension = 0 : i64, concat_dimension = 0 : i64, split_count = 2 : i64, replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// No group is the group of all.
module attributes {mhlo.num_partitions = 2 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    // expected-error@+1 {{'stablehlo.collective_broadcast' op exchanges values between devices}}
    %0 = "stablehlo.collective_broadcast"(%x) <{replica_groups = dense<> : tensor<0x0xi64>}> : (tensor<8xf32>) -> tensor<8xf32>
    return %0 : tensor<8xf32>
  }
}

// -----

// In the body of a loop. The call is not dead: it has an effect.
func.func public @main(%p: tensor<i1>) -> tensor<i1> {
  %0 = "stablehlo.while"(%p) ({
  ^bb0(%q: tensor<i1>):
    "stablehlo.return"(%q) : (tensor<i1>) -> ()
  }, {
  ^bb0(%q: tensor<i1>):
    // expected-error@+1 {{'stablehlo.custom_call' op to @print has a side effect, which each device would repeat; take it out of the function}}
    "stablehlo.custom_call"(%q) <{call_target_name = "print", has_side_effect = true}> : (tensor<i1>) -> ()
    "stablehlo.return"(%q) : (tensor<i1>) -> ()
  }) : (tensor<i1>) -> tensor<i1>
  return %0 : tensor<i1>
}

// -----

func.func public @main(%a: tensor<f32>, %n: tensor<1xi64>) -> tensor<8xf32> {
  // expected-error@+1 {{'stablehlo.rng' op draws from a state that each device has for itself, so that devices would go on with different numbers; draw from a key (jax.random)}}
  %0 = "stablehlo.rng"(%a, %a, %n) <{rng_distribution = #stablehlo<rng_distribution UNIFORM>}> : (tensor<f32>, tensor<f32>, tensor<1xi64>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// The token alone says little.
func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = "stablehlo.create_token"() : () -> !stablehlo.token
  // expected-error@+1 {{'stablehlo.outfeed' op has a side effect, which each device would repeat; take it out of the function}}
  %1 = "stablehlo.outfeed"(%x, %0) <{outfeed_config = ""}> : (tensor<8xf32>, !stablehlo.token) -> !stablehlo.token
  return %x : tensor<8xf32>
}

// -----

"sdy.mesh"() <{mesh = #sdy.mesh<["x"=8]>, sym_name = "mesh"}> : () -> ()
func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{is an op of Shardy: the function itself places values on devices; leave that to the schedule}}
  %0 = "sdy.sharding_constraint"(%x) <{sharding = #sdy.sharding<@mesh, [{"x"}]>}> : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

"sdy.mesh"() <{mesh = #sdy.mesh<["x"=8]>, sym_name = "mesh"}> : () -> ()
func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{is an op of Shardy: the function itself places values on devices; leave that to the schedule}}
  %0 = "sdy.manual_computation"(%x) <{in_shardings = #sdy.sharding_per_value<[<@mesh, [{"x"}]>]>, manual_axes = #sdy<manual_axes{"x"}>, out_shardings = #sdy.sharding_per_value<[<@mesh, [{"x"}]>]>}> ({
  ^bb0(%y: tensor<1xf32>):
    "sdy.return"(%y) : (tensor<1xf32>) -> ()
  }) : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

module {
  // expected-error@+1 {{attribute "partir.carry" of result 0 is 1 : i64; it must be the number of an input, below 1}}
  func.func public @main(%x: tensor<8xf32>) -> (tensor<8xf32> {partir.carry = 1 : i64}) {
    return %x : tensor<8xf32>
  }
}

// -----

module {
  // expected-error@+1 {{result 0 of type 'tensor<8xf32>' cannot become input 1 : i64 of type 'tensor<4xf32>'}}
  func.func public @main(%x: tensor<8xf32>, %y: tensor<4xf32>) -> (tensor<8xf32> {partir.carry = 1 : i64}) {
    return %x : tensor<8xf32>
  }
}
