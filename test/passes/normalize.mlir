// RUN: partir-opt %s -partir-normalize -split-input-file | FileCheck-22 %s
// RUN: partir-opt %s -partir-normalize -split-input-file -mlir-print-debuginfo -mlir-print-local-scope | FileCheck-22 %s --check-prefix=LOC
// RUN: partir-opt %s -partir-normalize -split-input-file -mlir-print-debuginfo -o %t.once
// RUN: partir-opt %t.once -partir-normalize -split-input-file -mlir-print-debuginfo -o %t.twice
// RUN: diff %t.once %t.twice

// Calls are inlined at any depth, and the functions go.

// CHECK-LABEL: func.func public @main
// CHECK-SAME: (%[[X:.*]]: tensor<8xf32>)
// CHECK-NEXT: %[[A:.*]] = "stablehlo.tanh"(%[[X]])
// CHECK-NEXT: %[[B:.*]] = "stablehlo.sine"(%[[A]])
// CHECK-NEXT: %[[C:.*]] = "stablehlo.tanh"(%[[B]])
// CHECK-NEXT: %[[D:.*]] = "stablehlo.sine"(%[[C]])
// CHECK-NEXT: return %[[D]]
// CHECK-NOT: func.func

// XLA's own names for what it inlines, and the lines of all callers. What has
// no location gets that of the call.
// LOC-LABEL: func.func public @main
// LOC: "stablehlo.tanh"{{.*}} loc("jit(main)/jit(f)/jit(g)/tanh"(callsite("model.py":9:1 at callsite("model.py":5:1 at "model.py":2:1))))
// LOC: "stablehlo.sine"{{.*}} loc("jit(main)/jit(f)"("model.py":2:1))
// LOC: "stablehlo.tanh"{{.*}} loc("jit(main)/again/jit(g)/tanh"(callsite("model.py":9:1 at "model.py":5:1)))
func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = call @f(%x) : (tensor<8xf32>) -> tensor<8xf32> loc("jit(main)/jit(f)"("model.py":2:1))
  %1 = call @f(%0) : (tensor<8xf32>) -> tensor<8xf32> loc("jit(main)/again")
  return %1 : tensor<8xf32>
}
func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = call @g(%x) : (tensor<8xf32>) -> tensor<8xf32> loc("jit(g)"("model.py":5:1))
  %1 = "stablehlo.sine"(%0) : (tensor<8xf32>) -> tensor<8xf32> loc(unknown)
  return %1 : tensor<8xf32>
}
func.func private @g(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = "stablehlo.tanh"(%x) : (tensor<8xf32>) -> tensor<8xf32> loc("tanh"("model.py":9:1))
  return %0 : tensor<8xf32>
}

// -----

// Several results, some of them arguments; a call without any.

// CHECK-LABEL: func.func public @main
// CHECK-SAME: (%[[X:.*]]: tensor<8xf32>, %[[Y:.*]]: tensor<8xf32>)
// CHECK-NEXT: %[[A:.*]] = "stablehlo.add"(%[[X]], %[[Y]])
// CHECK-NEXT: return %[[Y]], %[[A]], %[[X]]
func.func public @main(%x: tensor<8xf32>, %y: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) {
  call @nothing() : () -> ()
  %0:3 = call @swap(%x, %y) : (tensor<8xf32>, tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>)
  return %0#0, %0#1, %0#2 : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>
}
func.func private @swap(%a: tensor<8xf32>, %b: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) {
  %0 = "stablehlo.add"(%a, %b) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %b, %0, %a : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>
}
func.func private @nothing() {
  return
}

// -----

// A call in a loop of @main, to a function with a branch that calls in turn.

// CHECK-LABEL: func.func public @main
// CHECK-SAME: (%[[P:.*]]: tensor<i1>, %[[X:.*]]: tensor<8xf32>)
// CHECK: "stablehlo.while"(%[[X]])
// CHECK: ^bb0(%[[C:.*]]: tensor<8xf32>):
// CHECK-NEXT: stablehlo.return"(%[[P]])
// CHECK: ^bb0(%[[C:.*]]: tensor<8xf32>):
// CHECK-NEXT: %[[IF:.*]] = "stablehlo.if"(%[[P]]) ({
// CHECK-NEXT: %[[T:.*]] = "stablehlo.tanh"(%[[C]])
// CHECK-NEXT: stablehlo.return"(%[[T]])
// CHECK-NEXT: }, {
// CHECK-NEXT: stablehlo.return"(%[[C]])
// CHECK: stablehlo.return"(%[[IF]])

// LOC: "stablehlo.tanh"{{.*}} loc("while/body/f/branch/tanh")
// LOC: loc("while/body/f/if")
func.func public @main(%p: tensor<i1>, %x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = "stablehlo.while"(%x) ({
  ^bb0(%c: tensor<8xf32>):
    "stablehlo.return"(%p) : (tensor<i1>) -> ()
  }, {
  ^bb0(%c: tensor<8xf32>):
    %1 = func.call @f(%p, %c) : (tensor<i1>, tensor<8xf32>) -> tensor<8xf32> loc("while/body/f")
    "stablehlo.return"(%1) : (tensor<8xf32>) -> ()
  }) : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}
func.func private @f(%p: tensor<i1>, %x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = "stablehlo.if"(%p) ({
    %1 = func.call @g(%x) : (tensor<8xf32>) -> tensor<8xf32> loc("branch")
    "stablehlo.return"(%1) : (tensor<8xf32>) -> ()
  }, {
    "stablehlo.return"(%x) : (tensor<8xf32>) -> ()
  }) : (tensor<i1>) -> tensor<8xf32> loc("if")
  return %0 : tensor<8xf32>
}
func.func private @g(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = "stablehlo.tanh"(%x) : (tensor<8xf32>) -> tensor<8xf32> loc("tanh")
  return %0 : tensor<8xf32>
}

// -----

// A tag as partir.tag emits it becomes an op; every other composite is inlined.

// CHECK-LABEL: func.func public @main
// CHECK-NEXT: %[[T:.*]] = "stablehlo.tanh"
// CHECK-NEXT: %[[A:.*]] = partir.tag "hidden" %[[T]] : tensor<8xf32>
// CHECK-NEXT: return %[[A]]
// CHECK-NOT: func.func
// LOC: partir.tag{{.*}} loc("my.op/tag")
func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = "stablehlo.composite"(%x) <{composite_attributes = {}, decomposition = @my.op, name = "my.op", version = 0 : i32}> : (tensor<8xf32>) -> tensor<8xf32> loc("my.op")
  return %0 : tensor<8xf32>
}
func.func private @my.op(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = "stablehlo.tanh"(%x) : (tensor<8xf32>) -> tensor<8xf32>
  %1 = "stablehlo.composite"(%0) <{composite_attributes = {name = "hidden"}, decomposition = @partir.tag, name = "partir.tag", version = 0 : i32}> : (tensor<8xf32>) -> tensor<8xf32> loc("tag")
  return %1 : tensor<8xf32>
}
func.func private @partir.tag(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}

// -----

// Dead code goes: chains, ops in regions, and regions as a whole.

// CHECK-LABEL: func.func public @main
// CHECK-NEXT: "stablehlo.if"
// CHECK-NEXT:   "stablehlo.return"
// CHECK-NEXT: }, {
// CHECK-NEXT:   "stablehlo.return"
// CHECK-NEXT: })
// CHECK-NEXT: return
func.func public @main(%p: tensor<i1>, %x: tensor<8xf32>) -> tensor<8xf32> {
  %a = "stablehlo.tanh"(%x) : (tensor<8xf32>) -> tensor<8xf32>
  %b = "stablehlo.sine"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  %unused = "stablehlo.if"(%p) ({
    "stablehlo.return"(%x) : (tensor<8xf32>) -> ()
  }, {
    "stablehlo.return"(%b) : (tensor<8xf32>) -> ()
  }) : (tensor<i1>) -> tensor<8xf32>
  %used = "stablehlo.if"(%p) ({
    %c = "stablehlo.sine"(%b) : (tensor<8xf32>) -> tensor<8xf32>
    %d = "stablehlo.sine"(%c) : (tensor<8xf32>) -> tensor<8xf32>
    "stablehlo.return"(%x) : (tensor<8xf32>) -> ()
  }, {
    "stablehlo.return"(%x) : (tensor<8xf32>) -> ()
  }) : (tensor<i1>) -> tensor<8xf32>
  return %used : tensor<8xf32>
}

// -----

// Each use of a cheap value has its own copy, right before the user. The scalar
// of a broadcast is shared, and so is what is not cheap.

// CHECK-LABEL: func.func public @main
// CHECK-SAME: (%[[P:.*]]: tensor<i1>, %[[X:.*]]: tensor<8xf32>)
// CHECK-NEXT: %[[ONE:.*]] = "stablehlo.constant"() <{value = dense<1.0
// CHECK-NEXT: %[[B0:.*]] = "stablehlo.broadcast_in_dim"(%[[ONE]])
// CHECK-NEXT: %[[TABLE:.*]] = "stablehlo.constant"() <{value = dense<[
// CHECK-NEXT: %[[A:.*]] = "stablehlo.add"(%[[X]], %[[B0]])
// CHECK-NEXT: %[[B1:.*]] = "stablehlo.broadcast_in_dim"(%[[ONE]])
// CHECK-NEXT: %[[B2:.*]] = "stablehlo.broadcast_in_dim"(%[[ONE]])
// CHECK-NEXT: %[[C:.*]] = "stablehlo.multiply"(%[[B1]], %[[B2]])
// CHECK-NEXT: %[[D:.*]] = "stablehlo.if"(%[[P]]) ({
// CHECK-NEXT:   %[[B3:.*]] = "stablehlo.broadcast_in_dim"(%[[ONE]])
// CHECK-NEXT:   "stablehlo.return"(%[[B3]])
// CHECK-NEXT: }, {
// CHECK-NEXT:   %[[E:.*]] = "stablehlo.add"(%[[TABLE]], %[[TABLE]])
// CHECK-NEXT:   "stablehlo.return"(%[[E]])
// CHECK:      %[[B4:.*]] = "stablehlo.broadcast_in_dim"(%[[ONE]])
// CHECK-NEXT: return %[[A]], %[[C]], %[[D]], %[[B4]], %[[ONE]]
func.func public @main(%p: tensor<i1>, %x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<f32>) {
  %one = "stablehlo.constant"() <{value = dense<1.0> : tensor<f32>}> : () -> tensor<f32>
  %ones = "stablehlo.broadcast_in_dim"(%one) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<8xf32>
  %table = "stablehlo.constant"() <{value = dense<[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]> : tensor<8xf32>}> : () -> tensor<8xf32>
  %a = "stablehlo.add"(%x, %ones) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %c = "stablehlo.multiply"(%ones, %ones) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %d = "stablehlo.if"(%p) ({
    "stablehlo.return"(%ones) : (tensor<8xf32>) -> ()
  }, {
    %e = "stablehlo.add"(%table, %table) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    "stablehlo.return"(%e) : (tensor<8xf32>) -> ()
  }) : (tensor<i1>) -> tensor<8xf32>
  return %a, %c, %d, %ones, %one : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<f32>
}

// -----

// Shardings and numbers of devices go; all else that JAX says stays.

// CHECK: module @jit_f attributes {jax.uses_shape_polymorphism = false} {
// CHECK-LABEL: func.func public @main
// CHECK-SAME: %{{.*}}: tensor<8xf32> {partir.name = "x", tf.aliasing_output = 0 : i32}
// CHECK-SAME: %{{.*}}: tensor<8xf32> {jax.buffer_donor = true}
// CHECK-SAME: -> (tensor<8xf32> {jax.result_info = "result"})
module @jit_f attributes {jax.uses_shape_polymorphism = false, mhlo.num_partitions = 8 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%x: tensor<8xf32> {mhlo.sharding = "{devices=[8]<=[8]}", partir.name = "x", tf.aliasing_output = 0 : i32},
                         %y: tensor<8xf32> {jax.buffer_donor = true, sdy.sharding = #sdy.sharding<@mesh, [{"x"}]>})
      -> (tensor<8xf32> {jax.result_info = "result", mhlo.sharding = "{replicated}"}) {
    %0 = "stablehlo.add"(%x, %y) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    return %0 : tensor<8xf32>
  }
}

// -----

// A function that an op mentions stays, with those that it mentions.

// CHECK-LABEL: func.func public @main
// CHECK: func.func private @mentioned
// CHECK: func.func private @inner
// CHECK-NOT: @unused
func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = "stablehlo.custom_call"(%x) <{call_target_name = "target", called_computations = [@mentioned]}> : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}
func.func private @mentioned(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = call @inner(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}
func.func private @inner(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}
func.func private @unused(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}

// -----

// The regions of an op with a rule are its own business.

// CHECK-LABEL: func.func public @main
// CHECK: "stablehlo.reduce"
// CHECK: stablehlo.maximum
func.func public @main(%x: tensor<8xf32>) -> tensor<f32> {
  %0 = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
  %1 = "stablehlo.reduce"(%x, %0) <{dimensions = array<i64: 0>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %2 = func.call @max(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%2) : (tensor<f32>) -> ()
  }) : (tensor<8xf32>, tensor<f32>) -> tensor<f32>
  return %1 : tensor<f32>
}
func.func private @max(%a: tensor<f32>, %b: tensor<f32>) -> tensor<f32> {
  %0 = "stablehlo.maximum"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

// A function that an attribute mentions stays, as the program's own.
// CHECK-LABEL: module @comparator
module @comparator {
  // CHECK: func.func private @less
  func.func @less(%a: tensor<f32>, %b: tensor<f32>) -> tensor<i1> {
    %0 = "stablehlo.compare"(%a, %b) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
    return %0 : tensor<i1>
  }
  // CHECK: func.func public @main
  func.func public @main(%x: tensor<8xf32>) -> tensor<4xf32> {
    // CHECK: called_computations = [@less]
    %0 = "stablehlo.custom_call"(%x) <{call_target_name = "ApproxTopK", called_computations = [@less]}> : (tensor<8xf32>) -> tensor<4xf32>
    return %0 : tensor<4xf32>
  }
}
