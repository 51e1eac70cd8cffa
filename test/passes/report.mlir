// What --partir-report says of a PartIR:Core program.
//
// RUN: partir-opt %s -split-input-file --partir-report -o %t.mlir 2>&1 | FileCheck %s --implicit-check-not=remark:
//
// The program stays as it is.
// RUN: partir-opt %s -split-input-file -o %t.before.mlir
// RUN: diff %t.before.mlir %t.mlir

//===----------------------------------------------------------------------===//
// Collectives: how often, and the bytes that a device sends (ring model)
//===----------------------------------------------------------------------===//

// all_gather: 3 times the 8 bytes of tensor<2xf32>. A blocked dim is a stop.
// CHECK:      model.py:1:1: remark: all_gather over {B} of 8xf32, 1 time, 24 bytes sent
// CHECK-NEXT: input "x": dim 0 (tactic "T")
// CHECK:      model.py:1:1: remark: stop: 'stablehlo.concatenate' at model.py:1:1 needs input "x" in another tiling than dim 0 on "B" (24 bytes sent): operand dim 0 is concatenated
// CHECK-NEXT: the tiling came from input "x": dim 0 (tactic "T")
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32> {partir.name = "x"}) -> tensor<8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    } loc(fused<#partir.cause<"T", 0, -1>>["in"])
    %1 = "stablehlo.concatenate"(%0) <{dimension = 0 : i64}> : (tensor<8xf32>) -> tensor<8xf32> loc("model.py":1:1)
    return %1 : tensor<8xf32>
  }
}

// -----

// A window: in two rounds, in each of which a device sends the longest stretch,
// of 4 bytes. It takes no tiling apart.
// CHECK:      model.py:1:3: remark: collective_permute over {B} of 4xf32, 2 times, 8 bytes sent
// CHECK-NEXT: input "x": dim 0 (tactic "T")
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32> {partir.name = "x"}, %v: tensor<f32>) -> tensor<8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    } loc(fused<#partir.cause<"T", 0, -1>>["in"])
    %1 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %2 = "stablehlo.reduce_window"(%0, %v) <{window_dimensions = array<i64: 3>, padding = dense<1> : tensor<1x2xi64>}> ({
      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
        %3 = "stablehlo.maximum"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
        "stablehlo.return"(%3) : (tensor<f32>) -> ()
      }) : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32> loc("model.py":1:3)
      %s = partir.slice 0 %2[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    } loc(fused<#partir.cause<"T", 1, 0>>["model.py":1:3])
    return %1 : tensor<8xf32>
  }
}

// -----

// A stop at a custom call names its target.
// CHECK:      model.py:1:2: remark: all_gather over {B} of 8xf32, 1 time, 24 bytes sent
// CHECK:      model.py:1:2: remark: stop: 'stablehlo.custom_call @my_kernel' at model.py:1:2 needs input "x" in another tiling than dim 0 on "B" (24 bytes sent): operand dim 0 belongs to a custom call without a rule, which sees whole operands; partir.register_rule gives its target one
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32> {partir.name = "x"}) -> tensor<8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    } loc(fused<#partir.cause<"T", 0, -1>>["in"])
    %1 = "stablehlo.custom_call"(%0) <{call_target_name = "my_kernel"}> : (tensor<8xf32>) -> tensor<8xf32> loc("model.py":1:2)
    return %1 : tensor<8xf32>
  }
}

// -----

// all_to_all: three quarters of the 64 bytes of tensor<2x8xf32>. The axis is taken.
// CHECK:      model.py:2:1: remark: all_to_all over {B} of 8x2xf32, 1 time, 48 bytes sent
// CHECK-NEXT: input "x": dim 0 (tactic "T")
// CHECK:      model.py:2:1: remark: stop: 'stablehlo.tanh' at model.py:2:1 needs input "x" in another tiling than dim 0 on "B" (48 bytes sent): "B" is on result dim 1 already, by tactic "S"
// CHECK-NEXT: the tiling came from input "x": dim 0 (tactic "T")
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32> {partir.name = "x"}) -> tensor<8x8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    } loc(fused<#partir.cause<"T", 1, -1>>["in"])
    %1 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %0[%r] : tensor<8x8xf32> -> tensor<8x2xf32>
      %2 = "stablehlo.tanh"(%s) : (tensor<8x2xf32>) -> tensor<8x2xf32> loc("model.py":2:1)
      partir.yield %2 : tensor<8x2xf32>
    } loc(fused<#partir.cause<"S", 0, -1>>["model.py":2:1])
    return %1 : tensor<8x8xf32>
  }
}

// -----

// collective_permute: all of tensor<2xf32>.
// CHECK:      model.py:3:1: remark: collective_permute over {M, B} of 2xf32, 1 time, 8 bytes sent
// CHECK:      remark: stop: 'stablehlo.tanh' at model.py:3:1 needs input "x" in another tiling than dim 0 on "B" (8 bytes sent): its axes are in another order
// CHECK:      remark: stop: 'stablehlo.tanh' at model.py:3:1 needs input "x" in another tiling than dim 0 on "M" (8 bytes sent): its axes are in another order
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<16xf32> {partir.name = "x"}) -> tensor<16xf32> {
    %0 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<16xf32> {
      %s = partir.slice 0 %x[%q] : tensor<16xf32> -> tensor<8xf32>
      %1 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
        %t = partir.slice 0 %s[%r] : tensor<8xf32> -> tensor<2xf32>
        partir.yield %t : tensor<2xf32>
      }
      partir.yield %1 : tensor<8xf32>
    }
    %2 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<16xf32> {
      %s = partir.slice 0 %0[%r] : tensor<16xf32> -> tensor<4xf32>
      %1 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<4xf32> {
        %t = partir.slice 0 %s[%q] : tensor<4xf32> -> tensor<2xf32>
        %3 = "stablehlo.tanh"(%t) : (tensor<2xf32>) -> tensor<2xf32> loc("model.py":3:1)
        partir.yield %3 : tensor<2xf32>
      }
      partir.yield %1 : tensor<4xf32>
    }
    return %2 : tensor<16xf32>
  }
}

// -----

// all_reduce: twice three quarters of the 256 bytes of tensor<8x8xf32>. No stop:
// nothing was tiled that is not now.
// CHECK:      model.py:4:1: remark: all_reduce over {B} of 8x8xf32, 1 time, 384 bytes sent
// CHECK-NEXT: 'stablehlo.dot_general' at model.py:4:1: operand 0 dim 1 (reduced: add) (tactic "T")
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x16xf32>, %w: tensor<16x8xf32>) -> tensor<8x8xf32> {
    %0 = partir.loop "B" [#partir.reduce<add>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %x[%r] : tensor<8x16xf32> -> tensor<8x4xf32>
      %t = partir.slice 0 %w[%r] : tensor<16x8xf32> -> tensor<4x8xf32>
      %1 = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<8x4xf32>, tensor<4x8xf32>) -> tensor<8x8xf32> loc("model.py":4:1)
      partir.yield %1 : tensor<8x8xf32>
    } loc(fused<#partir.cause<"T", 0, -1>>["model.py":4:1])
    return %0 : tensor<8x8xf32>
  }
}

// -----

// reduce_scatter: half of that.
// CHECK:      model.py:4:1: remark: reduce_scatter over {B} of 2x8xf32, 1 time, 192 bytes sent
// CHECK-NEXT: 'stablehlo.dot_general' at model.py:4:1: operand 0 dim 1 (reduced: add) (tactic "T")
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x16xf32>, %w: tensor<16x8xf32>) -> tensor<8x8xf32> {
    %0 = partir.loop "B" [#partir.reduce<add>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %x[%r] : tensor<8x16xf32> -> tensor<8x4xf32>
      %t = partir.slice 0 %w[%r] : tensor<16x8xf32> -> tensor<4x8xf32>
      %1 = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<8x4xf32>, tensor<4x8xf32>) -> tensor<8x8xf32> loc("model.py":4:1)
      partir.yield %1 : tensor<8x8xf32>
    } loc(fused<#partir.cause<"T", 0, -1>>["model.py":4:1])
    %2 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %0[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    } loc(fused<#partir.cause<"T", 1, 0>>["in"])
    return %2 : tensor<8x8xf32>
  }
}

// -----

// In a loop of five iterations, 5 times; two bytes an element.
// CHECK:      model.py:5:1: remark: all_gather over {B} of 8xbf16, 5 times, 60 bytes sent
// CHECK:      remark: stop: 'stablehlo.reverse' at model.py:5:1 {{.*}} (60 bytes sent)
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xbf16>, %y: tensor<8xbf16>) -> tensor<8xbf16> {
    %zero = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xbf16> {
      %s = partir.slice 0 %x[%r] : tensor<8xbf16> -> tensor<2xbf16>
      partir.yield %s : tensor<2xbf16>
    }
    %1:2 = "stablehlo.while"(%zero, %y) ({
    ^bb0(%i: tensor<i32>, %c: tensor<8xbf16>):
      %five = "stablehlo.constant"() <{value = dense<5> : tensor<i32>}> : () -> tensor<i32>
      %2 = "stablehlo.compare"(%i, %five) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%2) : (tensor<i1>) -> ()
    }, {
    ^bb0(%i: tensor<i32>, %c: tensor<8xbf16>):
      %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
      %2 = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      %3 = "stablehlo.reverse"(%0) <{dimensions = array<i64: 0>}> : (tensor<8xbf16>) -> tensor<8xbf16> loc("model.py":5:1)
      "stablehlo.return"(%2, %3) : (tensor<i32>, tensor<8xbf16>) -> ()
    }) : (tensor<i32>, tensor<8xbf16>) -> (tensor<i32>, tensor<8xbf16>)
    return %1#1 : tensor<8xbf16>
  }
}

// -----

// Partial results that are added up first: told is the op that makes the first
// one, seen through what hands it on, and not the sum, which does not reduce.
// CHECK:      model.py:13:4: remark: all_reduce over {M} of 6x4xf32, 1 time, 96 bytes sent
// CHECK-NEXT: 'stablehlo.dot_general' at model.py:13:1: operand 0 dim 1 (reduced: add) (tactic "S") <- input "w": dim 0 (tactic "T")
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x4xf32> {partir.name = "w"}, %v: tensor<8x4xf32>) -> tensor<6x4xf32> {
    %w0 = partir.loop "M" [#partir.tile<0>] (%r: !partir.range<2>) -> tensor<8x4xf32> {
      %s = partir.slice 0 %w[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      partir.yield %s : tensor<4x4xf32>
    } loc(fused<#partir.cause<"T", 0, -1>>["in"])
    %0 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %w0[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32> loc("model.py":13:1)
      partir.yield %d : tensor<6x4xf32>
    } loc(fused<#partir.cause<"S", 1, 0>>["model.py":13:1])
    %1 = "stablehlo.negate"(%0) : (tensor<6x4xf32>) -> tensor<6x4xf32> loc("model.py":13:2)
    %2 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %v[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32> loc("model.py":13:3)
      partir.yield %d : tensor<6x4xf32>
    } loc(fused<#partir.cause<"S", 2, 0>>["model.py":13:3])
    %3 = "stablehlo.add"(%1, %2) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32> loc("model.py":13:4)
    return %3 : tensor<6x4xf32>
  }
}

// -----

// One reduction over two axes goes back to two decisions.
// CHECK:      model.py:14:1: remark: all_reduce over {B, M} of f32, 1 time, 7 bytes sent
// CHECK-NEXT: 'stablehlo.dot_general' at model.py:14:1: operand 0 dim 0 (reduced: add) (tactic "T"); 'stablehlo.dot_general' at model.py:14:1: operand 0 dim 0 (reduced: add) (tactic "S")
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<16xf32>, %w: tensor<16xf32>) -> tensor<f32> {
    %0 = partir.loop "B" [#partir.reduce<add>] (%r: !partir.range<4>) -> tensor<f32> {
      %s = partir.slice 0 %x[%r] : tensor<16xf32> -> tensor<4xf32>
      %t = partir.slice 0 %w[%r] : tensor<16xf32> -> tensor<4xf32>
      %1 = partir.loop "M" [#partir.reduce<add>] (%q: !partir.range<2>) -> tensor<f32> {
        %u = partir.slice 0 %s[%q] : tensor<4xf32> -> tensor<2xf32>
        %v = partir.slice 0 %t[%q] : tensor<4xf32> -> tensor<2xf32>
        %d = "stablehlo.dot_general"(%u, %v) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [0], rhs_contracting_dimensions = [0]>}> : (tensor<2xf32>, tensor<2xf32>) -> tensor<f32> loc("model.py":14:1)
        partir.yield %d : tensor<f32>
      } loc(fused<#partir.cause<"S", 1, -1>>["model.py":14:1])
      partir.yield %1 : tensor<f32>
    } loc(fused<#partir.cause<"T", 0, -1>>["model.py":14:1])
    return %0 : tensor<f32>
  }
}

// -----

// A window of a value that nothing tiles is there because of its user.
// CHECK:      model.py:15:1: remark: collective_permute over {B} of 4xf32, 2 times, 8 bytes sent
// CHECK-NEXT: 'stablehlo.reduce_window' at model.py:15:1: result dim 0 (tactic "T")
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32> {partir.name = "x"}, %v: tensor<f32>) -> tensor<8xf32> {
    %0 = "stablehlo.tanh"(%x) : (tensor<8xf32>) -> tensor<8xf32>
    %1 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %2 = "stablehlo.reduce_window"(%0, %v) <{window_dimensions = array<i64: 3>, padding = dense<1> : tensor<1x2xi64>}> ({
      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
        %3 = "stablehlo.maximum"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
        "stablehlo.return"(%3) : (tensor<f32>) -> ()
      }) : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32> loc("model.py":15:1)
      %s = partir.slice 0 %2[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    } loc(fused<#partir.cause<"T", 1, -1>>["model.py":15:1])
    return %1 : tensor<8xf32>
  }
}

// -----

//===----------------------------------------------------------------------===//
// Conflicts and stops
//===----------------------------------------------------------------------===//

// A conflict, with the chain from each way back to an action.
// CHECK:      model.py:6:2: remark: all_gather over {B} of 8x8xf32, 1 time, 192 bytes sent
// CHECK-NEXT: 'stablehlo.tanh' at model.py:6:1: result dim 1 (tactic "S") <- input "x": dim 1 (tactic "T")
// CHECK:      model.py:6:2: remark: all_gather over {B} of 8x8xf32, 1 time, 192 bytes sent
// CHECK:      model.py:6:2: remark: conflict: 'stablehlo.add' at model.py:6:2 could be tiled by axis "B" in 2 ways and is left alone:
// CHECK-NEXT: result dim 1, because of
// CHECK-NEXT:   'stablehlo.tanh' at model.py:6:1: result dim 1 (tactic "S")
// CHECK-NEXT:   input "x": dim 1 (tactic "T")
// CHECK-NEXT: result dim 0, because of
// CHECK-NEXT:   input "y": dim 0 (tactic "T")
// CHECK:      remark: stop: 'stablehlo.add' at model.py:6:2 needs the result of 'stablehlo.tanh' at model.py:6:1 in another tiling than dim 1 on "B" (192 bytes sent): there is a conflict
// CHECK-NEXT: the tiling came from 'stablehlo.tanh' at model.py:6:1: result dim 1 (tactic "S") <- input "x": dim 1 (tactic "T")
// CHECK:      remark: stop: 'stablehlo.add' at model.py:6:2 needs input "y" in another tiling than dim 0 on "B" (192 bytes sent): there is a conflict
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32> {partir.name = "x"}, %y: tensor<8x8xf32> {partir.name = "y"}) -> tensor<8x8xf32> {
    %0 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %x[%r] : tensor<8x8xf32> -> tensor<8x2xf32>
      partir.yield %s : tensor<8x2xf32>
    } loc(fused<#partir.cause<"T", 0, -1>>["in"])
    %1 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %y[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    } loc(fused<#partir.cause<"T", 1, -1>>["in"])
    %2 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %0[%r] : tensor<8x8xf32> -> tensor<8x2xf32>
      %4 = "stablehlo.tanh"(%s) : (tensor<8x2xf32>) -> tensor<8x2xf32> loc("model.py":6:1)
      partir.yield %4 : tensor<8x2xf32>
    } loc(fused<#partir.cause<"S", 2, 0>>["model.py":6:1])
    %3 = "stablehlo.add"(%2, %1) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32> loc("model.py":6:2)
    return %3 : tensor<8x8xf32>
  }
}

// -----

// The other operand is kept whole.
// CHECK:      remark: all_gather over {B} of 8xf32, 1 time, 24 bytes sent
// CHECK:      remark: stop: 'stablehlo.add' at model.py:8:1 needs input "x" in another tiling than dim 0 on "B" (24 bytes sent): a value is kept whole there: input "y": kept whole (tactic "R")
// CHECK-NEXT: the tiling came from input "x": dim 0 (tactic "T")
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32> {partir.name = "x"}, %y: tensor<8xf32> {partir.name = "y"}) -> tensor<8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    } loc(fused<#partir.cause<"T", 0, -1>>["in"])
    %1 = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8xf32> {
      partir.yield %y : tensor<8xf32>
    } loc(fused<#partir.cause<"R", 1, -1>>["y"])
    %2 = "stablehlo.add"(%0, %1) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32> loc("model.py":8:1)
    return %2 : tensor<8xf32>
  }
}

// -----

// A minor factor while the major one is whole.
// CHECK:      remark: all_gather over {B} of 3x8xf32, 1 time, 72 bytes sent
// CHECK:      remark: stop: 'stablehlo.reshape' at model.py:9:1 needs input "x" in another tiling than dim 1 on "B" (72 bytes sent): result dim 0 is the minor part of a dim whose major part is not used up
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<3x8xf32> {partir.name = "x"}) -> tensor<24xf32> {
    %0 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<3x8xf32> {
      %s = partir.slice 1 %x[%r] : tensor<3x8xf32> -> tensor<3x2xf32>
      partir.yield %s : tensor<3x2xf32>
    } loc(fused<#partir.cause<"T", 0, -1>>["in"])
    %1 = "stablehlo.reshape"(%0) : (tensor<3x8xf32>) -> tensor<24xf32> loc("model.py":9:1)
    return %1 : tensor<24xf32>
  }
}

// -----

// Parts of an axis, of which no result can have one: told where the result is
// made.
// CHECK:      model.py:10:1: remark: all_gather over {"B":(1)2} of 2x2xf32, 1 time, 8 bytes sent
// CHECK:      model.py:10:1: remark: all_gather over {"B":(2)2} of 2x4xf32, 1 time, 16 bytes sent
// CHECK:      model.py:10:1: remark: stop: result 0 of the program needs the result of 'stablehlo.reshape' at model.py:10:1 in another tiling than dim 0 on "B":(1)2 (8 bytes sent): a result of the program cannot be tiled by a part of an axis
// CHECK:      remark: stop: result 0 of the program {{.*}} dim 1 on "B":(2)2 (16 bytes sent): a result of the program cannot be tiled by a part of an axis
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32> {partir.name = "x"}) -> tensor<2x4xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    } loc(fused<#partir.cause<"T", 0, -1>>["in"])
    %1 = partir.loop "B":(1)2 [#partir.tile<0>] (%i: !partir.range<2>) -> tensor<2x4xf32> {
      %s = partir.slice 0 %0[%i] : tensor<8xf32> -> tensor<4xf32>
      %2 = partir.loop "B":(2)2 [#partir.tile<1>] (%j: !partir.range<2>) -> tensor<1x4xf32> {
        %t = partir.slice 0 %s[%j] : tensor<4xf32> -> tensor<2xf32>
        %3 = "stablehlo.reshape"(%t) : (tensor<2xf32>) -> tensor<1x2xf32> loc("model.py":10:1)
        partir.yield %3 : tensor<1x2xf32>
      }
      partir.yield %2 : tensor<1x4xf32>
    }
    return %1 : tensor<2x4xf32> loc("model.py":10:2)
  }
}

// -----

// A long chain is cut in the middle.
// CHECK:      remark: all_gather
// CHECK:      remark: all_gather
// CHECK:      remark: conflict:
// CHECK-NEXT: result dim 0, because of
// CHECK-NEXT:   'stablehlo.tanh' at model.py:12:10: result dim 0
// CHECK-NEXT:   'stablehlo.tanh' at model.py:12:9: result dim 0
// CHECK-NEXT:   'stablehlo.tanh' at model.py:12:8: result dim 0
// CHECK-NEXT:   'stablehlo.tanh' at model.py:12:7: result dim 0
// CHECK-NEXT:   'stablehlo.tanh' at model.py:12:6: result dim 0
// CHECK-NEXT:   'stablehlo.tanh' at model.py:12:5: result dim 0
// CHECK-NEXT:   'stablehlo.tanh' at model.py:12:4: result dim 0
// CHECK-NEXT:   'stablehlo.tanh' at model.py:12:3: result dim 0
// CHECK-NEXT:   ...
// CHECK-NEXT:   input "x": dim 0 (tactic "T")
// CHECK-NEXT: result dim 1, because of
// CHECK: remark: stop
// CHECK: remark: stop
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32> {partir.name = "x"}, %y: tensor<8x8xf32> {partir.name = "y"}) -> tensor<8x8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    } loc(fused<#partir.cause<"T", 0, -1>>["in"])
    %y0 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %y[%r] : tensor<8x8xf32> -> tensor<8x2xf32>
      partir.yield %s : tensor<8x2xf32>
    } loc(fused<#partir.cause<"T", 100, -1>>["in"])
    %1 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %0[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %t = "stablehlo.tanh"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32> loc("model.py":12:1)
      partir.yield %t : tensor<2x8xf32>
    } loc(fused<#partir.cause<"T", 1, 0>>["model.py":12:1])
    %2 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %1[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %t = "stablehlo.tanh"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32> loc("model.py":12:2)
      partir.yield %t : tensor<2x8xf32>
    } loc(fused<#partir.cause<"T", 2, 1>>["model.py":12:2])
    %3 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %2[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %t = "stablehlo.tanh"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32> loc("model.py":12:3)
      partir.yield %t : tensor<2x8xf32>
    } loc(fused<#partir.cause<"T", 3, 2>>["model.py":12:3])
    %4 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %3[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %t = "stablehlo.tanh"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32> loc("model.py":12:4)
      partir.yield %t : tensor<2x8xf32>
    } loc(fused<#partir.cause<"T", 4, 3>>["model.py":12:4])
    %5 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %4[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %t = "stablehlo.tanh"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32> loc("model.py":12:5)
      partir.yield %t : tensor<2x8xf32>
    } loc(fused<#partir.cause<"T", 5, 4>>["model.py":12:5])
    %6 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %5[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %t = "stablehlo.tanh"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32> loc("model.py":12:6)
      partir.yield %t : tensor<2x8xf32>
    } loc(fused<#partir.cause<"T", 6, 5>>["model.py":12:6])
    %7 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %6[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %t = "stablehlo.tanh"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32> loc("model.py":12:7)
      partir.yield %t : tensor<2x8xf32>
    } loc(fused<#partir.cause<"T", 7, 6>>["model.py":12:7])
    %8 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %7[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %t = "stablehlo.tanh"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32> loc("model.py":12:8)
      partir.yield %t : tensor<2x8xf32>
    } loc(fused<#partir.cause<"T", 8, 7>>["model.py":12:8])
    %9 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %8[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %t = "stablehlo.tanh"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32> loc("model.py":12:9)
      partir.yield %t : tensor<2x8xf32>
    } loc(fused<#partir.cause<"T", 9, 8>>["model.py":12:9])
    %10 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %9[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %t = "stablehlo.tanh"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32> loc("model.py":12:10)
      partir.yield %t : tensor<2x8xf32>
    } loc(fused<#partir.cause<"T", 10, 9>>["model.py":12:10])
    %z = "stablehlo.add"(%10, %y0) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32> loc("model.py":12:20)
    return %z : tensor<8x8xf32>
  }
}

// -----

// M has left too little of the dim.
// CHECK:      remark: all_gather
// CHECK:      remark: stop: 'stablehlo.tanh' at model.py:7:1 needs input "x" in another tiling than dim 0 on "B" (12 bytes sent): "B" of size 4 does not divide the 2 that is left of result dim 0
// CHECK-NEXT: the tiling came from input "x": dim 0 (tactic "T")
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<4xf32> {partir.name = "x"}) -> tensor<4xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<4xf32> {
      %s = partir.slice 0 %x[%r] : tensor<4xf32> -> tensor<1xf32>
      partir.yield %s : tensor<1xf32>
    } loc(fused<#partir.cause<"T", 0, -1>>["in"])
    %1 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<4xf32> {
      %s = partir.slice 0 %0[%q] : tensor<4xf32> -> tensor<2xf32>
      %2 = "stablehlo.tanh"(%s) : (tensor<2xf32>) -> tensor<2xf32> loc("model.py":7:1)
      partir.yield %2 : tensor<2xf32>
    } loc(fused<#partir.cause<"S", 1, -1>>["model.py":7:1])
    return %1 : tensor<4xf32>
  }
}

// -----

// An action on a tag that its producer tiles on another dim.
// CHECK:      model.py:11:1: remark: all_to_all over {B} of 8x2xf32, 1 time, 48 bytes sent
// CHECK:      model.py:11:1: remark: stop: 'partir.tag' at model.py:11:1 needs input "x" in another tiling than dim 0 on "B" (48 bytes sent): an action tiles the value on another dim
// CHECK-NEXT: the tiling came from input "x": dim 0 (tactic "T")
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32> {partir.name = "x"}) -> tensor<8x8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    } loc(fused<#partir.cause<"T", 0, -1>>["in"])
    %1 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %0[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %3 = partir.tag "h" %s : tensor<2x8xf32> loc("model.py":11:1)
      partir.yield %3 : tensor<2x8xf32>
    } loc(fused<#partir.cause<"T", 1, 0>>["model.py":11:1])
    %2 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %1[%r] : tensor<8x8xf32> -> tensor<8x2xf32>
      partir.yield %s : tensor<8x2xf32>
    } loc(fused<#partir.cause<"A", 2, -1>>["in"])
    return %2 : tensor<8x8xf32>
  }
}

// -----

// A loop without a cause takes nobody's number, and no number is too large.
// CHECK:      remark: all_reduce over {M} of 8xf32
// CHECK-NEXT: 'stablehlo.dot_general' at model.py:13:1: operand 0 dim 1 (reduced: add){{$}}
// CHECK:      remark: all_gather over {B} of 8xf32
// CHECK-NEXT: input "x": dim 0 (tactic "T")
// CHECK:      remark: stop: {{.*}} needs input "x" {{.*}} the axis was not propagated to there
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32> {partir.name = "x"}, %a: tensor<8x6xf32>, %b: tensor<6xf32>) -> tensor<8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    } loc(fused<#partir.cause<"T", 4000000000, -1>>["in"])
    %1 = partir.loop "M" [#partir.reduce<add>] (%q: !partir.range<2>) -> tensor<8xf32> {
      %s = partir.slice 1 %a[%q] : tensor<8x6xf32> -> tensor<8x3xf32>
      %t = partir.slice 0 %b[%q] : tensor<6xf32> -> tensor<3xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<8x3xf32>, tensor<3xf32>) -> tensor<8xf32> loc("model.py":13:1)
      partir.yield %d : tensor<8xf32>
    }
    %2 = "stablehlo.add"(%0, %1) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32> loc("model.py":13:2)
    return %2 : tensor<8xf32>
  }
}
