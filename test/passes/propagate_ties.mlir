// Propagation over B through ops that hand values on. Each tie is tiled as one:
// its values get identity loops, and the op itself goes into none.
//
// RUN: partir-opt %s -split-input-file --partir-propagate='axis=B tactic=T' | FileCheck %s

// The initial value tiles the carried value in condition, body and result.
// CHECK-LABEL: @while_from_init
module @while_from_init attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%i: tensor<i32>, %x: tensor<8x4xf32>, %y: tensor<8x4xf32>) -> (tensor<8x4xf32>, tensor<8x4xf32>) {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x4xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x4xf32> -> tensor<2x4xf32>
      partir.yield %s : tensor<2x4xf32>
    }
    // CHECK: %[[X:.*]] = partir.loop "B"
    // CHECK: %[[W:.*]]:3 = "stablehlo.while"(%arg0, %[[X]], %arg2) ({
    // CHECK-NEXT: ^bb0(%{{.*}}: tensor<i32>, %[[C:.*]]: tensor<8x4xf32>, %[[D:.*]]: tensor<8x4xf32>):
    // CHECK-NEXT: partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<8x4xf32> {
    // CHECK-NEXT:   partir.slice 0 %[[C]][%rB]
    // CHECK:      "stablehlo.compare"
    %1:3 = "stablehlo.while"(%i, %0, %y) ({
    ^bb0(%a: tensor<i32>, %b: tensor<8x4xf32>, %c: tensor<8x4xf32>):
      %2 = "stablehlo.compare"(%a, %a) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%2) : (tensor<i1>) -> ()
    }, {
    // CHECK: ^bb0(%{{.*}}: tensor<i32>, %[[C:.*]]: tensor<8x4xf32>, %[[D:.*]]: tensor<8x4xf32>):
    // CHECK-NEXT: %[[CT:.*]] = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<8x4xf32> {
    // CHECK-NEXT:   partir.slice 0 %[[C]][%rB]
    ^bb0(%a: tensor<i32>, %b: tensor<8x4xf32>, %c: tensor<8x4xf32>):
      // CHECK: %[[S:.*]] = partir.loop "B" [#partir.tile<0>]
      // CHECK-NEXT: partir.slice 0 %[[CT]][%rB]
      // CHECK-NEXT: "stablehlo.sine"
      %2 = "stablehlo.sine"(%b) : (tensor<8x4xf32>) -> tensor<8x4xf32>
      // The other carried value has another tie.
      // CHECK: }
      // CHECK-NEXT: %[[E:.*]] = "stablehlo.cosine"(%[[D]]) : (tensor<8x4xf32>)
      // CHECK-NEXT: "stablehlo.return"(%{{.*}}, %[[S]], %[[E]])
      %3 = "stablehlo.cosine"(%c) : (tensor<8x4xf32>) -> tensor<8x4xf32>
      "stablehlo.return"(%a, %2, %3) : (tensor<i32>, tensor<8x4xf32>, tensor<8x4xf32>) -> ()
    // CHECK-NEXT: }) : (tensor<i32>, tensor<8x4xf32>, tensor<8x4xf32>) -> (tensor<i32>, tensor<8x4xf32>, tensor<8x4xf32>)
    }) : (tensor<i32>, tensor<8x4xf32>, tensor<8x4xf32>) -> (tensor<i32>, tensor<8x4xf32>, tensor<8x4xf32>)
    // CHECK-NEXT: %[[R:.*]] = partir.loop "B" [#partir.tile<0>]
    // CHECK-NEXT: partir.slice 0 %[[W]]#1[%rB]
    // CHECK: return %[[R]], %[[W]]#2
    return %1#1, %1#2 : tensor<8x4xf32>, tensor<8x4xf32>
  }
}

// -----

// A use of the result tiles it, and what the body yields; the input too, here
// by the op that makes the initial value.
// CHECK-LABEL: @while_from_result
module @while_from_result attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%p: tensor<i1>, %x: tensor<8xf32>) -> tensor<8xf32> {
    // CHECK: %[[E:.*]] = partir.loop "B" [#partir.tile<0>]
    // CHECK: "stablehlo.exponential"
    %0 = "stablehlo.exponential"(%x) : (tensor<8xf32>) -> tensor<8xf32>
    // CHECK: %[[W:.*]] = "stablehlo.while"(%[[E]])
    // CHECK: ^bb0
    // CHECK: ^bb0(%[[C:.*]]: tensor<8xf32>):
    // CHECK: %[[CT:.*]] = partir.loop "B"
    // CHECK-NEXT: partir.slice 0 %[[C]]
    // CHECK: %[[S:.*]] = partir.loop "B"
    // CHECK-NEXT: partir.slice 0 %[[CT]]
    // CHECK-NEXT: "stablehlo.sine"
    // CHECK: "stablehlo.return"(%[[S]])
    %1 = "stablehlo.while"(%0) ({
    ^bb0(%b: tensor<8xf32>):
      "stablehlo.return"(%p) : (tensor<i1>) -> ()
    }, {
    ^bb0(%b: tensor<8xf32>):
      %2 = "stablehlo.sine"(%b) : (tensor<8xf32>) -> tensor<8xf32>
      "stablehlo.return"(%2) : (tensor<8xf32>) -> ()
    }) : (tensor<8xf32>) -> tensor<8xf32>
    // CHECK: %[[R:.*]] = partir.loop "B"
    // CHECK-NEXT: partir.slice 0 %[[W]]
    %3 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %1[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    return %3 : tensor<8xf32>
  }
}

// -----

// A value from outside that the body uses has no tie: the body slices it.
// CHECK-LABEL: @captured
module @captured attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%p: tensor<i1>, %x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %y[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    // CHECK: %[[Y:.*]] = partir.loop "B"
    // CHECK: "stablehlo.while"(%arg1)
    // CHECK: partir.slice 0 %[[Y]][%rB]
    // CHECK-NEXT: "stablehlo.add"{{.*}} -> tensor<2xf32>
    %1 = "stablehlo.while"(%x) ({
    ^bb0(%b: tensor<8xf32>):
      "stablehlo.return"(%p) : (tensor<i1>) -> ()
    }, {
    ^bb0(%b: tensor<8xf32>):
      %2 = "stablehlo.add"(%b, %0) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
      "stablehlo.return"(%2) : (tensor<8xf32>) -> ()
    // CHECK: }) : (tensor<8xf32>) -> tensor<8xf32>
    // CHECK-NEXT: partir.loop "B" [#partir.tile<0>]
    }) : (tensor<8xf32>) -> tensor<8xf32>
    return %1 : tensor<8xf32>
  }
}

// -----

// A scan over layers. The layer dim of the stacked parameters is indexed: in
// the body the devices add up what they read of it, where the tile of another dim
// passes to the carry.
// CHECK-LABEL: @scan
module @scan attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%xs: tensor<4x8xf32>, %ys: tensor<4x8xf32>, %init: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<4x8xf32> {
      %s = partir.slice 0 %xs[%r] : tensor<4x8xf32> -> tensor<1x8xf32>
      partir.yield %s : tensor<1x8xf32>
    }
    %1 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<4x8xf32> {
      %s = partir.slice 1 %ys[%r] : tensor<4x8xf32> -> tensor<4x2xf32>
      partir.yield %s : tensor<4x2xf32>
    }
    %zero = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    // CHECK: %[[WHILE:.*]]:5 = "stablehlo.while"
    %2:5 = "stablehlo.while"(%zero, %0, %1, %init, %init) ({
    ^bb0(%i: tensor<i32>, %x: tensor<4x8xf32>, %y: tensor<4x8xf32>, %c: tensor<8xf32>, %d: tensor<8xf32>):
      %n = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
      %4 = "stablehlo.compare"(%i, %n) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%4) : (tensor<i1>) -> ()
    }, {
    ^bb0(%i: tensor<i32>, %x: tensor<4x8xf32>, %y: tensor<4x8xf32>, %c: tensor<8xf32>, %d: tensor<8xf32>):
      %z = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
      // CHECK: ^bb0
      // CHECK: ^bb0(%{{.*}}, %[[XS:.*]]: tensor<4x8xf32>, %[[YS:.*]]: tensor<4x8xf32>, %[[C:.*]]: tensor<8xf32>, %[[D:.*]]: tensor<8xf32>):
      // CHECK-NEXT: %[[X:.*]] = partir.loop "B" [#partir.tile<0>]
      // CHECK-NEXT:   partir.slice 0 %[[XS]][%rB]
      // CHECK:      %[[Y:.*]] = partir.loop "B" [#partir.tile<1>]
      // CHECK-NEXT:   partir.slice 1 %[[YS]][%rB]
      // CHECK:      %[[DT:.*]] = partir.loop "B" [#partir.tile<0>]
      // CHECK-NEXT:   partir.slice 0 %[[D]][%rB]
      // CHECK:      }
      // CHECK:      %[[S:.*]] = partir.loop "B" [#partir.reduce<add>]
      // CHECK-NEXT:   %[[CHUNK:.*]] = partir.slice 0 %[[X]][%rB] : tensor<4x8xf32> -> tensor<1x8xf32>
      // CHECK-NEXT:   %[[PLACED:.*]] = partir.place 0 %[[CHUNK]][%rB] : tensor<1x8xf32>, !partir.range<4> -> tensor<4x8xf32>
      // CHECK-NEXT:   %[[PART:.*]] = "stablehlo.dynamic_slice"(%[[PLACED]], {{.*}} -> tensor<1x8xf32>
      // CHECK-NEXT:   partir.yield %[[PART]]
      // CHECK-NEXT: }
      // CHECK-NEXT: %[[R:.*]] = "stablehlo.reshape"(%[[S]])
      // CHECK-NEXT: %[[SUM:.*]] = "stablehlo.add"(%[[C]], %[[R]]) : (tensor<8xf32>
      %4 = "stablehlo.dynamic_slice"(%x, %i, %z) <{slice_sizes = array<i64: 1, 8>}> : (tensor<4x8xf32>, tensor<i32>, tensor<i32>) -> tensor<1x8xf32>
      %5 = "stablehlo.reshape"(%4) : (tensor<1x8xf32>) -> tensor<8xf32>
      %6 = "stablehlo.add"(%c, %5) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
      // The sizes of a dynamic_slice are in an attribute, so the loop has the op
      // as it was and slices its result.
      // CHECK: partir.loop "B" [#partir.tile<1>] {{.*}} -> tensor<1x8xf32>
      // CHECK-NEXT: %[[S:.*]] = "stablehlo.dynamic_slice"(%[[Y]], {{.*}} -> tensor<1x8xf32>
      // CHECK-NEXT: partir.slice 1 %[[S]][%rB] : tensor<1x8xf32> -> tensor<1x2xf32>
      %7 = "stablehlo.dynamic_slice"(%y, %i, %z) <{slice_sizes = array<i64: 1, 8>}> : (tensor<4x8xf32>, tensor<i32>, tensor<i32>) -> tensor<1x8xf32>
      // CHECK: "stablehlo.reshape"({{.*}}) : (tensor<1x2xf32>) -> tensor<2xf32>
      %8 = "stablehlo.reshape"(%7) : (tensor<1x8xf32>) -> tensor<8xf32>
      // CHECK: "stablehlo.add"({{.*}}) : (tensor<2xf32>, tensor<2xf32>)
      %9 = "stablehlo.add"(%d, %8) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
      "stablehlo.return"(%i, %x, %y, %6, %9) : (tensor<i32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<8xf32>, tensor<8xf32>) -> ()
    }) : (tensor<i32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<8xf32>, tensor<8xf32>) -> (tensor<i32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<8xf32>, tensor<8xf32>)
    // CHECK: %[[R:.*]] = partir.loop "B" [#partir.tile<0>] {{.*}} -> tensor<8xf32>
    // CHECK-NEXT: partir.slice 0 %[[WHILE]]#4
    // CHECK: return %[[WHILE]]#3, %[[R]]
    return %2#3, %2#4 : tensor<8xf32>, tensor<8xf32>
  }
}

// -----

// The values that the branches yield, and the result.
// CHECK-LABEL: @if
module @if attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%p: tensor<i1>, %x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    // CHECK: %[[X:.*]] = partir.loop "B"
    // CHECK: %[[IF:.*]] = "stablehlo.if"(%arg0) ({
    // CHECK-NEXT: "stablehlo.return"(%[[X]])
    // CHECK: }, {
    // CHECK-NEXT: %[[S:.*]] = partir.loop "B" [#partir.tile<0>]
    // CHECK-NEXT: partir.slice 0 %arg2[%rB]
    // CHECK-NEXT: "stablehlo.sine"
    // CHECK: "stablehlo.return"(%[[S]])
    %1 = "stablehlo.if"(%p) ({
      "stablehlo.return"(%0) : (tensor<8xf32>) -> ()
    }, {
      %2 = "stablehlo.sine"(%y) : (tensor<8xf32>) -> tensor<8xf32>
      "stablehlo.return"(%2) : (tensor<8xf32>) -> ()
    }) : (tensor<i1>) -> tensor<8xf32>
    // CHECK: %[[R:.*]] = partir.loop "B" [#partir.tile<0>]
    // CHECK-NEXT: partir.slice 0 %[[IF]][%rB]
    // CHECK: return %[[R]]
    return %1 : tensor<8xf32>
  }
}

// -----

// Results of a case are independent of each other.
// CHECK-LABEL: @case
module @case attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%n: tensor<i32>, %x: tensor<8xf32>, %y: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
    // CHECK: %[[CASE:.*]]:2 = "stablehlo.case"(%arg0) ({
    // CHECK-NEXT: %[[S:.*]] = partir.loop "B" [#partir.tile<0>]
    // CHECK: "stablehlo.sine"
    // CHECK: "stablehlo.return"(%[[S]], %arg2)
    // CHECK: }, {
    // CHECK-NEXT: %[[S:.*]] = partir.loop "B" [#partir.tile<0>]
    // CHECK: "stablehlo.cosine"
    // CHECK: }
    // CHECK-NEXT: %[[Y:.*]] = "stablehlo.sine"(%arg2) : (tensor<8xf32>)
    // CHECK-NEXT: "stablehlo.return"(%[[S]], %[[Y]])
    %0:2 = "stablehlo.case"(%n) ({
      %2 = "stablehlo.sine"(%x) : (tensor<8xf32>) -> tensor<8xf32>
      "stablehlo.return"(%2, %y) : (tensor<8xf32>, tensor<8xf32>) -> ()
    }, {
      %2 = "stablehlo.cosine"(%x) : (tensor<8xf32>) -> tensor<8xf32>
      %3 = "stablehlo.sine"(%y) : (tensor<8xf32>) -> tensor<8xf32>
      "stablehlo.return"(%2, %3) : (tensor<8xf32>, tensor<8xf32>) -> ()
    }) : (tensor<i32>) -> (tensor<8xf32>, tensor<8xf32>)
    // CHECK: partir.loop "B" [#partir.tile<0>]
    // CHECK-NEXT: partir.slice 0 %[[CASE]]#0[%rB]
    // CHECK-NOT: partir.loop
    // CHECK: return %{{.*}}, %[[CASE]]#1
    %1 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %0#0[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    return %1, %0#1 : tensor<8xf32>, tensor<8xf32>
  }
}

// -----

// CHECK-LABEL: @barrier
module @barrier attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32>, %y: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    // CHECK: %[[X:.*]] = partir.loop "B"
    // CHECK: }
    // CHECK-NEXT: %[[B:.*]]:2 = "stablehlo.optimization_barrier"(%[[X]], %arg1)
    // CHECK-NEXT: %[[T:.*]] = partir.loop "B" [#partir.tile<0>]
    // CHECK-NEXT: partir.slice 0 %[[B]]#0[%rB]
    // CHECK: return %[[T]], %[[B]]#1
    %1:2 = "stablehlo.optimization_barrier"(%0, %y) : (tensor<8xf32>, tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>)
    return %1#0, %1#1 : tensor<8xf32>, tensor<8xf32>
  }
}

// -----

// What decides what runs is whole on every device.
// CHECK-LABEL: @predicate
module @predicate attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%p: tensor<8xi1>, %x: tensor<f32>) -> tensor<f32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xi1> {
      %s = partir.slice 0 %p[%r] : tensor<8xi1> -> tensor<2xi1>
      partir.yield %s : tensor<2xi1>
    }
    %false = "stablehlo.constant"() <{value = dense<false> : tensor<i1>}> : () -> tensor<i1>
    // CHECK: %[[ANY:.*]] = partir.loop "B" [#partir.reduce<or>] {{.*}} -> tensor<i1>
    %1 = "stablehlo.reduce"(%0, %false) <{dimensions = array<i64: 0>}> ({
    ^bb0(%a: tensor<i1>, %b: tensor<i1>):
      %3 = "stablehlo.or"(%a, %b) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%3) : (tensor<i1>) -> ()
    }) : (tensor<8xi1>, tensor<i1>) -> tensor<i1>
    // CHECK: "stablehlo.if"(%[[ANY]]) ({
    %2 = "stablehlo.if"(%1) ({
      "stablehlo.return"(%x) : (tensor<f32>) -> ()
    }, {
      %3 = "stablehlo.sine"(%x) : (tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%3) : (tensor<f32>) -> ()
    }) : (tensor<i1>) -> tensor<f32>
    return %2 : tensor<f32>
  }
}
