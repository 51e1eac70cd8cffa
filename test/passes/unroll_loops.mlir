// RUN: partir-opt %s -partir-unroll-loops -split-input-file | FileCheck-22 %s
// RUN: partir-opt %s -partir-unroll-loops -split-input-file -mlir-print-debuginfo -mlir-print-local-scope | FileCheck-22 %s --check-prefix=LOC

// The chunks in the order of the iterations. The mesh goes.

// CHECK: module {
// CHECK-LABEL: func.func @tile
// CHECK-SAME: (%[[X:.*]]: tensor<8x2xf32>)
// CHECK-NEXT: %[[S0:.*]] = "stablehlo.slice"(%[[X]]) <{limit_indices = array<i64: 4, 2>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<8x2xf32>) -> tensor<4x2xf32>
// CHECK-NEXT: %[[T0:.*]] = "stablehlo.tanh"(%[[S0]])
// CHECK-NEXT: %[[S1:.*]] = "stablehlo.slice"(%[[X]]) <{limit_indices = array<i64: 8, 2>, start_indices = array<i64: 4, 0>, strides = array<i64: 1, 1>}>
// CHECK-NEXT: %[[T1:.*]] = "stablehlo.tanh"(%[[S1]])
// CHECK-NEXT: %[[Y:.*]] = "stablehlo.concatenate"(%[[T0]], %[[T1]]) <{dimension = 0 : i64}> : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<8x2xf32>
// CHECK-NEXT: return %[[Y]]

// The causes are ours: nobody else could read them.
// LOC-LABEL: func.func @tile
// LOC: "stablehlo.slice"{{.*}} loc("slice"("model.py":3:1))
// LOC: "stablehlo.tanh"{{.*}} loc("model.py":4:1)
// LOC: "stablehlo.concatenate"{{.*}} loc("model.py":2:1)
module attributes {partir.mesh = #partir.mesh<["B"=2]>} {
  func.func @tile(%x: tensor<8x2xf32>) -> tensor<8x2xf32> {
    %y = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<2>) -> tensor<8x2xf32> {
      %xs = partir.slice 0 %x[%rB] : tensor<8x2xf32> -> tensor<4x2xf32> loc("slice"(fused<#partir.cause<"BP", 1, 0>>["model.py":3:1]))
      %ys = "stablehlo.tanh"(%xs) : (tensor<4x2xf32>) -> tensor<4x2xf32> loc("model.py":4:1)
      partir.yield %ys : tensor<4x2xf32>
    } loc(fused<#partir.cause<"BP", 2, 1>>["model.py":2:1])
    return %y : tensor<8x2xf32>
  }
}

// -----

// Reduced from the first iteration to the last.

// CHECK-LABEL: func.func @order
// CHECK: %[[S0:.*]] = "stablehlo.slice"{{.*}}start_indices = array<i64: 0>
// CHECK: %[[S1:.*]] = "stablehlo.slice"{{.*}}start_indices = array<i64: 2>
// CHECK: %[[S2:.*]] = "stablehlo.slice"{{.*}}start_indices = array<i64: 4>
// CHECK: %[[A:.*]] = "stablehlo.add"(%[[S0]], %[[S1]])
// CHECK: %[[B:.*]] = "stablehlo.add"(%[[A]], %[[S2]])
// CHECK: return %[[B]]
func.func @order(%x: tensor<6xf32>) -> tensor<2xf32> {
  %y = partir.loop "B" [#partir.reduce<add>] (%rB: !partir.range<3>) -> tensor<2xf32> {
    %xs = partir.slice 0 %x[%rB] : tensor<6xf32> -> tensor<2xf32>
    partir.yield %xs : tensor<2xf32>
  }
  return %y : tensor<2xf32>
}

// -----

// Each result by its own action; `any` takes the first iteration's value.

// CHECK-LABEL: func.func @actions
// CHECK: %[[S0:.*]] = "stablehlo.slice"
// CHECK: %[[S1:.*]] = "stablehlo.slice"
// CHECK: %[[ADD:.*]] = "stablehlo.add"(%[[S0]], %[[S1]])
// CHECK: %[[MAX:.*]] = "stablehlo.maximum"(%[[S0]], %[[S1]])
// CHECK: %[[MIN:.*]] = "stablehlo.minimum"(%[[S0]], %[[S1]])
// CHECK: %[[MUL:.*]] = "stablehlo.multiply"(%[[S0]], %[[S1]])
// CHECK: return %[[ADD]], %[[MAX]], %[[MIN]], %[[MUL]], %[[S0]]
func.func @actions(%x: tensor<2xi32>) -> (tensor<1xi32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) {
  %y:5 = partir.loop "B" [#partir.reduce<add>, #partir.reduce<max>, #partir.reduce<min>, #partir.reduce<mul>, #partir.any] (%rB: !partir.range<2>)
      -> (tensor<1xi32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) {
    %xs = partir.slice 0 %x[%rB] : tensor<2xi32> -> tensor<1xi32>
    partir.yield %xs, %xs, %xs, %xs, %xs : tensor<1xi32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>
  }
  return %y#0, %y#1, %y#2, %y#3, %y#4 : tensor<1xi32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>
}

// -----

// CHECK-LABEL: func.func @logical
// CHECK: %[[AND:.*]] = "stablehlo.and"
// CHECK: %[[OR:.*]] = "stablehlo.or"
// CHECK: return %[[AND]], %[[OR]]
func.func @logical(%x: tensor<2xi1>) -> (tensor<1xi1>, tensor<1xi1>) {
  %y:2 = partir.loop "B" [#partir.reduce<and>, #partir.reduce<or>] (%rB: !partir.range<2>) -> (tensor<1xi1>, tensor<1xi1>) {
    %xs = partir.slice 0 %x[%rB] : tensor<2xi1> -> tensor<1xi1>
    partir.yield %xs, %xs : tensor<1xi1>, tensor<1xi1>
  }
  return %y#0, %y#1 : tensor<1xi1>, tensor<1xi1>
}

// -----

// What the op in the loop reduces jointly it reduces once more, from the
// iterations' values in a row.

// CHECK-LABEL: func.func @joint
// CHECK-SAME: (%[[X:.*]]: tensor<6xi32>, %[[INIT:.*]]: tensor<i32>)
// CHECK: %[[P0:.*]] = "stablehlo.reduce"({{.*}}, %[[INIT]])
// CHECK: %[[P1:.*]] = "stablehlo.reduce"({{.*}}, %[[INIT]])
// CHECK: %[[R0:.*]] = "stablehlo.reshape"(%[[P0]]) : (tensor<i32>) -> tensor<1xi32>
// CHECK: %[[R1:.*]] = "stablehlo.reshape"(%[[P1]])
// CHECK: %[[ROW:.*]] = "stablehlo.concatenate"(%[[R0]], %[[R1]]) {{.*}} -> tensor<2xi32>
// CHECK: %[[Y:.*]] = "stablehlo.reduce"(%[[ROW]], %[[INIT]]) <{dimensions = array<i64: 0>}>
// CHECK: "stablehlo.xor"
// CHECK: return %[[Y]]
func.func @joint(%x: tensor<6xi32>, %init: tensor<i32>) -> tensor<i32> {
  %y = partir.loop "B" [#partir.reduce<joint>] (%rB: !partir.range<2>) -> tensor<i32> {
    %xs = partir.slice 0 %x[%rB] : tensor<6xi32> -> tensor<3xi32>
    %p = "stablehlo.reduce"(%xs, %init) <{dimensions = array<i64: 0>}> ({
    ^bb0(%a: tensor<i32>, %b: tensor<i32>):
      %0 = "stablehlo.xor"(%a, %b) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      "stablehlo.return"(%0) : (tensor<i32>) -> ()
    }) : (tensor<3xi32>, tensor<i32>) -> tensor<i32>
    partir.yield %p : tensor<i32>
  }
  return %y : tensor<i32>
}

// -----

// Two axes on one dim: the inner one is minor.

// CHECK-LABEL: func.func @deep
// CHECK-SAME: (%[[X:.*]]: tensor<8xf32>)
// CHECK-NEXT: %[[B0:.*]] = "stablehlo.slice"(%[[X]]) {{.*}}start_indices = array<i64: 0>{{.*}} -> tensor<4xf32>
// CHECK-NEXT: %[[M0:.*]] = "stablehlo.slice"(%[[B0]]) {{.*}}start_indices = array<i64: 0>{{.*}} -> tensor<2xf32>
// CHECK-NEXT: %[[M1:.*]] = "stablehlo.slice"(%[[B0]]) {{.*}}start_indices = array<i64: 2>{{.*}} -> tensor<2xf32>
// CHECK-NEXT: %[[C0:.*]] = "stablehlo.concatenate"(%[[M0]], %[[M1]])
// CHECK-NEXT: %[[B1:.*]] = "stablehlo.slice"(%[[X]]) {{.*}}start_indices = array<i64: 4>{{.*}} -> tensor<4xf32>
// CHECK-NEXT: %[[M2:.*]] = "stablehlo.slice"(%[[B1]]) {{.*}}start_indices = array<i64: 0>{{.*}} -> tensor<2xf32>
// CHECK-NEXT: %[[M3:.*]] = "stablehlo.slice"(%[[B1]]) {{.*}}start_indices = array<i64: 2>{{.*}} -> tensor<2xf32>
// CHECK-NEXT: %[[C1:.*]] = "stablehlo.concatenate"(%[[M2]], %[[M3]])
// CHECK-NEXT: %[[Y:.*]] = "stablehlo.concatenate"(%[[C0]], %[[C1]])
// CHECK-NEXT: return %[[Y]]
func.func @deep(%x: tensor<8xf32>) -> tensor<8xf32> {
  %y = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<2>) -> tensor<8xf32> {
    %xs = partir.slice 0 %x[%rB] : tensor<8xf32> -> tensor<4xf32>
    %ys = partir.loop "M" [#partir.tile<0>] (%rM: !partir.range<2>) -> tensor<4xf32> {
      %xss = partir.slice 0 %xs[%rM] : tensor<4xf32> -> tensor<2xf32>
      partir.yield %xss : tensor<2xf32>
    }
    partir.yield %ys : tensor<4xf32>
  }
  return %y : tensor<8xf32>
}

// -----

// An inner loop slices over the outer axis; a loop uses the result of another.

// CHECK-LABEL: func.func @uses
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
// CHECK: %[[S:.*]] = "stablehlo.slice"(%[[X]]) {{.*}}start_indices = array<i64: 2>
// CHECK: %[[C:.*]] = "stablehlo.concatenate"(%{{.*}}, %[[S]])
// CHECK: "stablehlo.slice"(%[[C]]) {{.*}}start_indices = array<i64: 0>
// CHECK: "stablehlo.slice"(%[[C]]) {{.*}}start_indices = array<i64: 2>
func.func @uses(%x: tensor<4xf32>) -> tensor<2xf32> {
  %y = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<2>) -> tensor<4xf32> {
    %ys = partir.loop "M" [#partir.any] (%rM: !partir.range<2>) -> tensor<2xf32> {
      %xs = partir.slice 0 %x[%rB] : tensor<4xf32> -> tensor<2xf32>
      partir.yield %xs : tensor<2xf32>
    }
    partir.yield %ys : tensor<2xf32>
  }
  %z = partir.loop "B" [#partir.reduce<add>] (%rB: !partir.range<2>) -> tensor<2xf32> {
    %ys = partir.slice 0 %y[%rB] : tensor<4xf32> -> tensor<2xf32>
    partir.yield %ys : tensor<2xf32>
  }
  return %z : tensor<2xf32>
}

// -----

// The position along axes is that of the current iterations: the first listed
// axis is major, whatever the order of the loops.

// CHECK-LABEL: func.func @axis_index
// CHECK: "stablehlo.constant"() <{value = dense<0> : tensor<i32>}>
// CHECK: "stablehlo.constant"() <{value = dense<3> : tensor<i32>}>
// CHECK: "stablehlo.constant"() <{value = dense<1> : tensor<i32>}>
// CHECK: "stablehlo.constant"() <{value = dense<4> : tensor<i32>}>
// CHECK: "stablehlo.constant"() <{value = dense<2> : tensor<i32>}>
// CHECK: "stablehlo.constant"() <{value = dense<5> : tensor<i32>}>
// CHECK-NOT: "stablehlo.constant"
module attributes {partir.mesh = #partir.mesh<["B"=3, "M"=2]>} {
  func.func @axis_index() -> tensor<i32> {
    %y = partir.loop "B" [#partir.reduce<add>] (%rB: !partir.range<3>) -> tensor<i32> {
      %0 = partir.loop "M" [#partir.reduce<add>] (%rM: !partir.range<2>) -> tensor<i32> {
        %1 = partir_hlo.axis_index {"M", "B"} : tensor<i32>
        partir.yield %1 : tensor<i32>
      }
      partir.yield %0 : tensor<i32>
    }
    return %y : tensor<i32>
  }
}

// -----

// An axis run by loops over its parts, the minor one outside.

// CHECK-LABEL: func.func @parts
// CHECK: "stablehlo.constant"() <{value = dense<0> : tensor<i32>}>
// CHECK: "stablehlo.constant"() <{value = dense<2> : tensor<i32>}>
// CHECK: "stablehlo.constant"() <{value = dense<1> : tensor<i32>}>
// CHECK: "stablehlo.constant"() <{value = dense<3> : tensor<i32>}>
module attributes {partir.mesh = #partir.mesh<["B"=4]>} {
  func.func @parts() -> tensor<i32> {
    %y = partir.loop "B":(2)2 [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<i32> {
      %0 = partir.loop "B":(1)2 [#partir.reduce<add>] (%s: !partir.range<2>) -> tensor<i32> {
        %1 = partir_hlo.axis_index {"B"} : tensor<i32>
        partir.yield %1 : tensor<i32>
      }
      partir.yield %0 : tensor<i32>
    }
    return %y : tensor<i32>
  }
}

// -----

// Parts of the axis of one loop, swapped.

// CHECK-LABEL: func.func @part_of_loop
// CHECK: "stablehlo.constant"() <{value = dense<0> : tensor<i32>}>
// CHECK: "stablehlo.constant"() <{value = dense<2> : tensor<i32>}>
// CHECK: "stablehlo.constant"() <{value = dense<1> : tensor<i32>}>
// CHECK: "stablehlo.constant"() <{value = dense<3> : tensor<i32>}>
module attributes {partir.mesh = #partir.mesh<["B"=4]>} {
  func.func @part_of_loop() -> tensor<i32> {
    %y = partir.loop "B" [#partir.reduce<add>] (%r: !partir.range<4>) -> tensor<i32> {
      %1 = partir_hlo.axis_index {"B":(2)2, "B":(1)2} : tensor<i32>
      partir.yield %1 : tensor<i32>
    }
    return %y : tensor<i32>
  }
}

// -----

// CHECK-LABEL: func.func @all_slice
// CHECK-SAME: (%[[X:.*]]: tensor<4x6xf32>)
// CHECK-NEXT: %[[A:.*]] = "stablehlo.slice"(%[[X]]) <{limit_indices = array<i64: 2, 6>, start_indices = array<i64: 0, 0>
// CHECK-NEXT: %[[B:.*]] = "stablehlo.slice"(%[[A]]) <{limit_indices = array<i64: 2, 3>, start_indices = array<i64: 0, 0>
// CHECK-NEXT: %[[A:.*]] = "stablehlo.slice"(%[[X]]) <{limit_indices = array<i64: 2, 6>, start_indices = array<i64: 0, 0>
// CHECK-NEXT: %[[B:.*]] = "stablehlo.slice"(%[[A]]) <{limit_indices = array<i64: 2, 6>, start_indices = array<i64: 0, 3>
module attributes {partir.mesh = #partir.mesh<["B"=2, "M"=2]>} {
  func.func @all_slice(%x: tensor<4x6xf32>) -> tensor<4x6xf32> {
    %y = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<2>) -> tensor<4x6xf32> {
      %0 = partir.loop "M" [#partir.tile<1>] (%rM: !partir.range<2>) -> tensor<2x6xf32> {
        %1 = partir_hlo.all_slice [{"B"}, {"M"}] %x : tensor<4x6xf32> -> tensor<2x3xf32>
        partir.yield %1 : tensor<2x3xf32>
      }
      partir.yield %0 : tensor<2x6xf32>
    }
    return %y : tensor<4x6xf32>
  }
}

// -----

// A loop in the body of a while, and a branch in the body of a loop.

// CHECK-LABEL: func.func @regions
// CHECK: "stablehlo.while"
// CHECK: ^bb0(%[[C:.*]]: tensor<4xf32>):
// CHECK: ^bb0(%[[C:.*]]: tensor<4xf32>):
// CHECK-NEXT: %[[I0:.*]] = "stablehlo.if"
// CHECK-NEXT:   %[[S:.*]] = "stablehlo.slice"(%[[C]]) {{.*}}start_indices = array<i64: 0>
// CHECK-NEXT:   "stablehlo.return"(%[[S]])
// CHECK:      %[[I1:.*]] = "stablehlo.if"
// CHECK-NEXT:   %[[S:.*]] = "stablehlo.slice"(%[[C]]) {{.*}}start_indices = array<i64: 2>
// CHECK-NEXT:   "stablehlo.return"(%[[S]])
// CHECK:      %[[Y:.*]] = "stablehlo.concatenate"(%[[I0]], %[[I1]])
// CHECK-NEXT: "stablehlo.return"(%[[Y]])
func.func @regions(%p: tensor<i1>, %x: tensor<4xf32>, %z: tensor<2xf32>) -> tensor<4xf32> {
  %0 = "stablehlo.while"(%x) ({
  ^bb0(%c: tensor<4xf32>):
    "stablehlo.return"(%p) : (tensor<i1>) -> ()
  }, {
  ^bb0(%c: tensor<4xf32>):
    %y = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<2>) -> tensor<4xf32> {
      %ys = "stablehlo.if"(%p) ({
        %xs = partir.slice 0 %c[%rB] : tensor<4xf32> -> tensor<2xf32>
        "stablehlo.return"(%xs) : (tensor<2xf32>) -> ()
      }, {
        "stablehlo.return"(%z) : (tensor<2xf32>) -> ()
      }) : (tensor<i1>) -> tensor<2xf32>
      partir.yield %ys : tensor<2xf32>
    }
    "stablehlo.return"(%y) : (tensor<4xf32>) -> ()
  }) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// Tags go, in loops and outside; a loop over an axis of size 1 is its body.

// CHECK-LABEL: func.func @tag
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
// CHECK-NEXT: return %[[X]], %[[X]]
func.func @tag(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = partir.tag "a" %x : tensor<4xf32>
  %1 = partir.tag "b" %0 : tensor<4xf32>
  %y = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<1>) -> tensor<4xf32> {
    %2 = partir.slice 0 %1[%rB] : tensor<4xf32> -> tensor<4xf32>
    %3 = partir.tag "c" %2 : tensor<4xf32>
    partir.yield %3 : tensor<4xf32>
  }
  return %1, %y : tensor<4xf32>, tensor<4xf32>
}

// -----

// A chunk in its place: what is before and after it in the whole is zero.

// CHECK-LABEL: func.func @place
// CHECK: %[[S0:.*]] = "stablehlo.slice"{{.*}}start_indices = array<i64: 0>
// CHECK-NEXT: %[[Z0:.*]] = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}>
// CHECK-NEXT: %[[P0:.*]] = "stablehlo.pad"(%[[S0]], %[[Z0]]) <{edge_padding_high = array<i64: 4>, edge_padding_low = array<i64: 0>, interior_padding = array<i64: 0>}> : (tensor<2xi32>, tensor<i32>) -> tensor<6xi32>
// CHECK: %[[P1:.*]] = "stablehlo.pad"({{.*}}) <{edge_padding_high = array<i64: 2>, edge_padding_low = array<i64: 2>
// CHECK: %[[P2:.*]] = "stablehlo.pad"({{.*}}) <{edge_padding_high = array<i64: 0>, edge_padding_low = array<i64: 4>
// CHECK: %[[A:.*]] = "stablehlo.add"(%[[P0]], %[[P1]])
// CHECK: "stablehlo.add"(%[[A]], %[[P2]])
func.func @place(%x: tensor<6xi32>) -> tensor<6xi32> {
  %y = partir.loop "B" [#partir.reduce<add>] (%rB: !partir.range<3>) -> tensor<6xi32> {
    %xs = partir.slice 0 %x[%rB] : tensor<6xi32> -> tensor<2xi32>
    %xp = partir.place 0 %xs[%rB] : tensor<2xi32>, !partir.range<3> -> tensor<6xi32>
    partir.yield %xp : tensor<6xi32>
  }
  return %y : tensor<6xi32>
}
