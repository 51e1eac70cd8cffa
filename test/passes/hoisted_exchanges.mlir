// A value that is the same on every trip of a loop changes its layout once,
// before the loop, and is gathered where it is used.
//
// DEFINE: %{passes} = --partir-pipeline='mesh=B=2,M=4 schedule="G(B): w=0, inside=replicated; T(M): w=0, inside=1" to=hlo report'
// RUN: partir-opt %s -split-input-file %{passes} 2>/dev/null | FileCheck %s
// RUN: partir-opt %s -split-input-file %{passes} 2>&1 >/dev/null | FileCheck %s --check-prefix=REPORT

// Two uses take it from there.
// REPORT-LABEL: {{^}}tactic "T"
// REPORT: all_to_all: 1, 24 bytes sent
// REPORT: all_gather: 10, 320 bytes sent

// CHECK-LABEL: @main
// CHECK-SAME: (%[[W:.*]]: tensor<1x8xf32>
// CHECK: %[[COLUMNS:.*]] = partir_hlo.all_to_all {"M"} dim 0 to 1 %[[W]] : tensor<1x8xf32> -> tensor<4x2xf32>
// CHECK-NEXT: "stablehlo.while"
// CHECK: }, {
// CHECK-NOT: all_to_all
// CHECK: partir_hlo.all_gather [{"B"}, {}] %[[COLUMNS]] : tensor<4x2xf32> -> tensor<8x2xf32>
// CHECK: partir_hlo.all_gather [{"B"}, {}] %[[COLUMNS]] : tensor<4x2xf32> -> tensor<8x2xf32>
// CHECK-NOT: partir_hlo
// CHECK: return
func.func public @main(%w: tensor<8x8xf32> {partir.name = "w"}, %x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %zero = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
  %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
  %n = "stablehlo.constant"() <{value = dense<5> : tensor<i32>}> : () -> tensor<i32>
  %r:3 = "stablehlo.while"(%zero, %x, %w) ({
  ^bb0(%i: tensor<i32>, %a: tensor<8x8xf32>, %p: tensor<8x8xf32>):
    %c = "stablehlo.compare"(%i, %n) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    "stablehlo.return"(%c) : (tensor<i1>) -> ()
  }, {
  ^bb0(%i: tensor<i32>, %a: tensor<8x8xf32>, %p: tensor<8x8xf32>):
    %q = partir.tag "inside" %p : tensor<8x8xf32>
    %s = "stablehlo.multiply"(%a, %q) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
    %u = partir.tag "inside" %p : tensor<8x8xf32>
    %t = "stablehlo.add"(%s, %u) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
    %j = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    "stablehlo.return"(%j, %t, %p) : (tensor<i32>, tensor<8x8xf32>, tensor<8x8xf32>) -> ()
  }) : (tensor<i32>, tensor<8x8xf32>, tensor<8x8xf32>) -> (tensor<i32>, tensor<8x8xf32>, tensor<8x8xf32>)
  return %r#1 : tensor<8x8xf32>
}

// -----

// It leaves all loops: here what the inner one uses of the outer one, and what
// the outer one hands on to the inner one.
// REPORT-LABEL: {{^}}tactic "T"
// REPORT: all_to_all: 1, 24 bytes sent
// REPORT: all_gather: 30, 960 bytes sent

// CHECK-LABEL: @main
// CHECK-SAME: (%[[W:.*]]: tensor<1x8xf32>
// CHECK: %[[COLUMNS:.*]] = partir_hlo.all_to_all {"M"} dim 0 to 1 %[[W]] : tensor<1x8xf32> -> tensor<4x2xf32>
// CHECK-NEXT: "stablehlo.while"
// CHECK-NOT: all_to_all
// CHECK: "stablehlo.while"
// CHECK-NOT: all_to_all
// CHECK: partir_hlo.all_gather [{"B"}, {}] %[[COLUMNS]] : tensor<4x2xf32> -> tensor<8x2xf32>
// CHECK: partir_hlo.all_gather [{"B"}, {}] %[[COLUMNS]] : tensor<4x2xf32> -> tensor<8x2xf32>
// CHECK-NOT: partir_hlo
// CHECK: return
func.func public @main(%w: tensor<8x8xf32> {partir.name = "w"}, %x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %zero = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
  %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
  %n = "stablehlo.constant"() <{value = dense<5> : tensor<i32>}> : () -> tensor<i32>
  %m = "stablehlo.constant"() <{value = dense<3> : tensor<i32>}> : () -> tensor<i32>
  %r:3 = "stablehlo.while"(%zero, %x, %w) ({
  ^bb0(%i: tensor<i32>, %a: tensor<8x8xf32>, %p: tensor<8x8xf32>):
    %c = "stablehlo.compare"(%i, %n) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    "stablehlo.return"(%c) : (tensor<i1>) -> ()
  }, {
  ^bb0(%i: tensor<i32>, %a: tensor<8x8xf32>, %p: tensor<8x8xf32>):
    %l:3 = "stablehlo.while"(%zero, %a, %p) ({
    ^bb0(%k: tensor<i32>, %b: tensor<8x8xf32>, %o: tensor<8x8xf32>):
      %c = "stablehlo.compare"(%k, %m) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%c) : (tensor<i1>) -> ()
    }, {
    ^bb0(%k: tensor<i32>, %b: tensor<8x8xf32>, %o: tensor<8x8xf32>):
      %q = partir.tag "inside" %p : tensor<8x8xf32>
      %s = "stablehlo.multiply"(%b, %q) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
      %u = partir.tag "inside" %o : tensor<8x8xf32>
      %t = "stablehlo.add"(%s, %u) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
      %j = "stablehlo.add"(%k, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      "stablehlo.return"(%j, %t, %o) : (tensor<i32>, tensor<8x8xf32>, tensor<8x8xf32>) -> ()
    }) : (tensor<i32>, tensor<8x8xf32>, tensor<8x8xf32>) -> (tensor<i32>, tensor<8x8xf32>, tensor<8x8xf32>)
    %j = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    "stablehlo.return"(%j, %l#1, %p) : (tensor<i32>, tensor<8x8xf32>, tensor<8x8xf32>) -> ()
  }) : (tensor<i32>, tensor<8x8xf32>, tensor<8x8xf32>) -> (tensor<i32>, tensor<8x8xf32>, tensor<8x8xf32>)
  return %r#1 : tensor<8x8xf32>
}

// -----

// Not what a trip changes.
// REPORT-LABEL: {{^}}tactic "T"
// REPORT: all_to_all: 5, 120 bytes sent

// CHECK-LABEL: @main
// CHECK: "stablehlo.while"
// CHECK: }, {
// CHECK: partir_hlo.all_to_all
func.func public @main(%w: tensor<8x8xf32> {partir.name = "w"}, %x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %zero = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
  %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
  %n = "stablehlo.constant"() <{value = dense<5> : tensor<i32>}> : () -> tensor<i32>
  %r:3 = "stablehlo.while"(%zero, %x, %w) ({
  ^bb0(%i: tensor<i32>, %a: tensor<8x8xf32>, %p: tensor<8x8xf32>):
    %c = "stablehlo.compare"(%i, %n) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    "stablehlo.return"(%c) : (tensor<i1>) -> ()
  }, {
  ^bb0(%i: tensor<i32>, %a: tensor<8x8xf32>, %p: tensor<8x8xf32>):
    %q = partir.tag "inside" %p : tensor<8x8xf32>
    %s = "stablehlo.add"(%a, %q) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
    %o = "stablehlo.negate"(%p) : (tensor<8x8xf32>) -> tensor<8x8xf32>
    %j = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    "stablehlo.return"(%j, %s, %o) : (tensor<i32>, tensor<8x8xf32>, tensor<8x8xf32>) -> ()
  }) : (tensor<i32>, tensor<8x8xf32>, tensor<8x8xf32>) -> (tensor<i32>, tensor<8x8xf32>, tensor<8x8xf32>)
  return %r#1 : tensor<8x8xf32>
}

// -----

// Nor what happens in a branch, which may not be taken.
// REPORT-LABEL: {{^}}tactic "T"
// REPORT: all_to_all: 5, 120 bytes sent

// CHECK-LABEL: @main
// CHECK: "stablehlo.while"
// CHECK: "stablehlo.if"
// CHECK: partir_hlo.all_to_all
func.func public @main(%w: tensor<8x8xf32> {partir.name = "w"}, %x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %zero = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
  %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
  %n = "stablehlo.constant"() <{value = dense<5> : tensor<i32>}> : () -> tensor<i32>
  %r:3 = "stablehlo.while"(%zero, %x, %w) ({
  ^bb0(%i: tensor<i32>, %a: tensor<8x8xf32>, %p: tensor<8x8xf32>):
    %c = "stablehlo.compare"(%i, %n) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    "stablehlo.return"(%c) : (tensor<i1>) -> ()
  }, {
  ^bb0(%i: tensor<i32>, %a: tensor<8x8xf32>, %p: tensor<8x8xf32>):
    %d = "stablehlo.compare"(%i, %one) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %s = "stablehlo.if"(%d) ({
      %q = partir.tag "inside" %p : tensor<8x8xf32>
      %t = "stablehlo.add"(%a, %q) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
      "stablehlo.return"(%t) : (tensor<8x8xf32>) -> ()
    }, {
      "stablehlo.return"(%a) : (tensor<8x8xf32>) -> ()
    }) : (tensor<i1>) -> tensor<8x8xf32>
    %j = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    "stablehlo.return"(%j, %s, %p) : (tensor<i32>, tensor<8x8xf32>, tensor<8x8xf32>) -> ()
  }) : (tensor<i32>, tensor<8x8xf32>, tensor<8x8xf32>) -> (tensor<i32>, tensor<8x8xf32>, tensor<8x8xf32>)
  return %r#1 : tensor<8x8xf32>
}
