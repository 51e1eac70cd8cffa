// A sum that a loop carries is reduced once, after the loop.
//
// RUN: partir-opt %s -split-input-file --partir-pipeline='mesh=B=4 schedule="BP(B): x=1" to=hlo' | FileCheck %s

// Gradients of microbatches.
// CHECK-LABEL: @main
// CHECK: %[[L:.*]]:4 = "stablehlo.while"
// CHECK: %[[D:.*]] = "stablehlo.dot_general"
// CHECK-NEXT: "stablehlo.add"(%{{.*}}, %[[D]])
// CHECK-NOT: all_reduce
// CHECK: })
// CHECK-NEXT: %[[R:.*]] = partir_hlo.all_reduce add {"B"} %[[L]]#1 : tensor<6x4xf32>
// CHECK-NEXT: return %[[R]]
func.func public @main(%x: tensor<6x8xf32> {partir.name = "x"}, %y: tensor<8x4xf32>) -> tensor<6x4xf32> {
  %zero = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
  %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
  %four = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
  %init = "stablehlo.constant"() <{value = dense<0.0> : tensor<6x4xf32>}> : () -> tensor<6x4xf32>
  %r:4 = "stablehlo.while"(%zero, %init, %x, %y) ({
  ^bb0(%i: tensor<i32>, %a: tensor<6x4xf32>, %p: tensor<6x8xf32>, %q: tensor<8x4xf32>):
    %c = "stablehlo.compare"(%i, %four) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    "stablehlo.return"(%c) : (tensor<i1>) -> ()
  }, {
  ^bb0(%i: tensor<i32>, %a: tensor<6x4xf32>, %p: tensor<6x8xf32>, %q: tensor<8x4xf32>):
    %d = "stablehlo.dot_general"(%p, %q) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x8xf32>, tensor<8x4xf32>) -> tensor<6x4xf32>
    %s = "stablehlo.add"(%a, %d) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    %n = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %o = "stablehlo.negate"(%p) : (tensor<6x8xf32>) -> tensor<6x8xf32>
    "stablehlo.return"(%n, %s, %o, %q) : (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>, tensor<8x4xf32>) -> ()
  }) : (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>, tensor<8x4xf32>) -> (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>, tensor<8x4xf32>)
  return %r#1 : tensor<6x4xf32>
}

// -----

// Not where the sum begins with something else, which would enter four times.
// CHECK-LABEL: @main
// CHECK: "stablehlo.while"
// CHECK: %[[D:.*]] = "stablehlo.dot_general"
// CHECK-NEXT: partir_hlo.all_reduce add {"B"} %[[D]]
func.func public @main(%x: tensor<6x8xf32> {partir.name = "x"}, %y: tensor<8x4xf32>, %init: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %zero = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
  %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
  %four = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
  %r:4 = "stablehlo.while"(%zero, %init, %x, %y) ({
  ^bb0(%i: tensor<i32>, %a: tensor<6x4xf32>, %p: tensor<6x8xf32>, %q: tensor<8x4xf32>):
    %c = "stablehlo.compare"(%i, %four) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    "stablehlo.return"(%c) : (tensor<i1>) -> ()
  }, {
  ^bb0(%i: tensor<i32>, %a: tensor<6x4xf32>, %p: tensor<6x8xf32>, %q: tensor<8x4xf32>):
    %d = "stablehlo.dot_general"(%p, %q) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x8xf32>, tensor<8x4xf32>) -> tensor<6x4xf32>
    %s = "stablehlo.add"(%a, %d) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    %n = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %o = "stablehlo.negate"(%p) : (tensor<6x8xf32>) -> tensor<6x8xf32>
    "stablehlo.return"(%n, %s, %o, %q) : (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>, tensor<8x4xf32>) -> ()
  }) : (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>, tensor<8x4xf32>) -> (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>, tensor<8x4xf32>)
  return %r#1 : tensor<6x4xf32>
}

// -----

// Not where a trip reads the sum, here to yield it a second time.
// CHECK-LABEL: @main
// CHECK: "stablehlo.while"
// CHECK: %[[D:.*]] = "stablehlo.dot_general"
// CHECK-NEXT: partir_hlo.all_reduce add {"B"} %[[D]]
func.func public @main(%x: tensor<6x8xf32> {partir.name = "x"}, %y: tensor<8x4xf32>) -> (tensor<6x4xf32>, tensor<6x4xf32>) {
  %zero = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
  %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
  %four = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
  %init = "stablehlo.constant"() <{value = dense<0.0> : tensor<6x4xf32>}> : () -> tensor<6x4xf32>
  %r:5 = "stablehlo.while"(%zero, %init, %x, %y, %init) ({
  ^bb0(%i: tensor<i32>, %a: tensor<6x4xf32>, %p: tensor<6x8xf32>, %q: tensor<8x4xf32>, %b: tensor<6x4xf32>):
    %c = "stablehlo.compare"(%i, %four) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    "stablehlo.return"(%c) : (tensor<i1>) -> ()
  }, {
  ^bb0(%i: tensor<i32>, %a: tensor<6x4xf32>, %p: tensor<6x8xf32>, %q: tensor<8x4xf32>, %b: tensor<6x4xf32>):
    %d = "stablehlo.dot_general"(%p, %q) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x8xf32>, tensor<8x4xf32>) -> tensor<6x4xf32>
    %s = "stablehlo.add"(%a, %d) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    %n = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %o = "stablehlo.negate"(%p) : (tensor<6x8xf32>) -> tensor<6x8xf32>
    "stablehlo.return"(%n, %s, %o, %q, %a) : (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>, tensor<8x4xf32>, tensor<6x4xf32>) -> ()
  }) : (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>, tensor<8x4xf32>, tensor<6x4xf32>) -> (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>, tensor<8x4xf32>, tensor<6x4xf32>)
  return %r#1, %r#4 : tensor<6x4xf32>, tensor<6x4xf32>
}

// -----

// Through a loop inside, which adds to the sum too.
// CHECK-LABEL: @main
// CHECK: %[[L:.*]]:4 = "stablehlo.while"
// CHECK: %[[D:.*]] = "stablehlo.dot_general"
// CHECK-NEXT: %[[S:.*]] = "stablehlo.add"(%{{.*}}, %[[D]])
// CHECK-NEXT: "stablehlo.while"(%{{.*}}, %[[S]], %{{.*}})
// CHECK-NOT: all_reduce
// CHECK: %[[R:.*]] = partir_hlo.all_reduce add {"B"} %[[L]]#1 : tensor<6x4xf32>
// CHECK-NEXT: return %[[R]]
func.func public @main(%x: tensor<6x8xf32> {partir.name = "x"}, %y: tensor<8x4xf32>) -> tensor<6x4xf32> {
  %zero = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
  %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
  %four = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
  %init = "stablehlo.constant"() <{value = dense<0.0> : tensor<6x4xf32>}> : () -> tensor<6x4xf32>
  %r:4 = "stablehlo.while"(%zero, %init, %x, %y) ({
  ^bb0(%i: tensor<i32>, %a: tensor<6x4xf32>, %p: tensor<6x8xf32>, %q: tensor<8x4xf32>):
    %c = "stablehlo.compare"(%i, %four) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    "stablehlo.return"(%c) : (tensor<i1>) -> ()
  }, {
  ^bb0(%i: tensor<i32>, %a: tensor<6x4xf32>, %p: tensor<6x8xf32>, %q: tensor<8x4xf32>):
    %d = "stablehlo.dot_general"(%p, %q) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x8xf32>, tensor<8x4xf32>) -> tensor<6x4xf32>
    %s = "stablehlo.add"(%a, %d) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    %l:3 = "stablehlo.while"(%zero, %s, %p) ({
    ^bb0(%j: tensor<i32>, %b: tensor<6x4xf32>, %g: tensor<6x8xf32>):
      %e = "stablehlo.compare"(%j, %four) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%e) : (tensor<i1>) -> ()
    }, {
    ^bb0(%j: tensor<i32>, %b: tensor<6x4xf32>, %g: tensor<6x8xf32>):
      %f = "stablehlo.dot_general"(%g, %q) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x8xf32>, tensor<8x4xf32>) -> tensor<6x4xf32>
      %t = "stablehlo.add"(%b, %f) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
      %m = "stablehlo.add"(%j, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      %h = "stablehlo.negate"(%g) : (tensor<6x8xf32>) -> tensor<6x8xf32>
      "stablehlo.return"(%m, %t, %h) : (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>) -> ()
    }) : (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>) -> (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>)
    %n = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %o = "stablehlo.negate"(%p) : (tensor<6x8xf32>) -> tensor<6x8xf32>
    "stablehlo.return"(%n, %l#1, %o, %q) : (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>, tensor<8x4xf32>) -> ()
  }) : (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>, tensor<8x4xf32>) -> (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>, tensor<8x4xf32>)
  return %r#1 : tensor<6x4xf32>
}

// -----

// Not where it is another carried value in the next trip, which begins with
// something else.
// CHECK-LABEL: @main
// CHECK: "stablehlo.while"
// CHECK: %[[D:.*]] = "stablehlo.dot_general"
// CHECK-NEXT: partir_hlo.all_reduce add {"B"} %[[D]]
func.func public @main(%x: tensor<6x8xf32> {partir.name = "x"}, %y: tensor<8x4xf32>, %other: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %zero = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
  %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
  %four = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
  %init = "stablehlo.constant"() <{value = dense<0.0> : tensor<6x4xf32>}> : () -> tensor<6x4xf32>
  %r:5 = "stablehlo.while"(%zero, %init, %x, %y, %other) ({
  ^bb0(%i: tensor<i32>, %a: tensor<6x4xf32>, %p: tensor<6x8xf32>, %q: tensor<8x4xf32>, %b: tensor<6x4xf32>):
    %c = "stablehlo.compare"(%i, %four) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    "stablehlo.return"(%c) : (tensor<i1>) -> ()
  }, {
  ^bb0(%i: tensor<i32>, %a: tensor<6x4xf32>, %p: tensor<6x8xf32>, %q: tensor<8x4xf32>, %b: tensor<6x4xf32>):
    %d = "stablehlo.dot_general"(%p, %q) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x8xf32>, tensor<8x4xf32>) -> tensor<6x4xf32>
    %s = "stablehlo.add"(%b, %d) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    %n = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %o = "stablehlo.negate"(%p) : (tensor<6x8xf32>) -> tensor<6x8xf32>
    "stablehlo.return"(%n, %s, %o, %q, %a) : (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>, tensor<8x4xf32>, tensor<6x4xf32>) -> ()
  }) : (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>, tensor<8x4xf32>, tensor<6x4xf32>) -> (tensor<i32>, tensor<6x4xf32>, tensor<6x8xf32>, tensor<8x4xf32>, tensor<6x4xf32>)
  return %r#1 : tensor<6x4xf32>
}
