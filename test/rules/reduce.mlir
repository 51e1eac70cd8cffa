// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @add(%a: tensor<8x4x2xf32>) {
  // expected-remark@+1 {{() -> ([]) cheap}}
  %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
  // expected-remark@+1 {{([i, j, k], []) -> ([j]) {i=8, j=4, k=2} reduction={i:add, k:add} linear=[0]}}
  "stablehlo.reduce"(%a, %zero) <{dimensions = array<i64: 0, 2>}> ({
  ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    %0 = "stablehlo.add"(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%0) : (tensor<f32>) -> ()
  }) : (tensor<8x4x2xf32>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

// An initial value that is not neutral enters once: a partial sum must not pass.
func.func @add_to(%a: tensor<8x4xf32>, %init: tensor<f32>) {
  // expected-remark@+1 {{([i, j], []) -> ([i]) {i=8, j=4} reduction={j:add} once=[1]}}
  "stablehlo.reduce"(%a, %init) <{dimensions = array<i64: 1>}> ({
  ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    %0 = "stablehlo.add"(%y, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%0) : (tensor<f32>) -> ()
  }) : (tensor<8x4xf32>, tensor<f32>) -> tensor<8xf32>
  return
}

// -----

func.func @max(%a: tensor<8x4xf32>, %init: tensor<f32>) {
  // expected-remark@+1 {{([i, j], []) -> ([i]) {i=8, j=4} reduction={j:max}}}
  "stablehlo.reduce"(%a, %init) <{dimensions = array<i64: 1>}> ({
  ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    %0 = "stablehlo.maximum"(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%0) : (tensor<f32>) -> ()
  }) : (tensor<8x4xf32>, tensor<f32>) -> tensor<8xf32>
  return
}

// -----

// The maximum of booleans is "or".
func.func @any(%a: tensor<8xi1>, %init: tensor<i1>) {
  // expected-remark@+1 {{([i], []) -> ([]) {i=8} reduction={i:or}}}
  "stablehlo.reduce"(%a, %init) <{dimensions = array<i64: 0>}> ({
  ^bb0(%x: tensor<i1>, %y: tensor<i1>):
    %0 = "stablehlo.maximum"(%x, %y) : (tensor<i1>, tensor<i1>) -> tensor<i1>
    "stablehlo.return"(%0) : (tensor<i1>) -> ()
  }) : (tensor<8xi1>, tensor<i1>) -> tensor<i1>
  return
}

// -----

// Any other function is reduced jointly: the op reduces the partial results.
func.func @unknown(%a: tensor<8x4xf32>, %init: tensor<f32>) {
  // expected-remark@+1 {{([i, j], []) -> ([i]) {i=8, j=4} reduction={j:joint}}}
  "stablehlo.reduce"(%a, %init) <{dimensions = array<i64: 1>}> ({
  ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    %0 = "stablehlo.add"(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %1 = "stablehlo.add"(%0, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%1) : (tensor<f32>) -> ()
  }) : (tensor<8x4xf32>, tensor<f32>) -> tensor<8xf32>
  return
}

// -----

func.func @variadic(%a: tensor<8x4xf32>, %b: tensor<8x4xi32>, %x0: tensor<f32>, %y0: tensor<i32>) {
  // expected-remark@+1 {{([i, j], [i, j], [], []) -> ([i], [i]) {i=8, j=4} reduction={j:joint}}}
  "stablehlo.reduce"(%a, %b, %x0, %y0) <{dimensions = array<i64: 1>}> ({
  ^bb0(%x: tensor<f32>, %n: tensor<i32>, %y: tensor<f32>, %m: tensor<i32>):
    "stablehlo.return"(%x, %n) : (tensor<f32>, tensor<i32>) -> ()
  }) : (tensor<8x4xf32>, tensor<8x4xi32>, tensor<f32>, tensor<i32>) -> (tensor<8xf32>, tensor<8xi32>)
  return
}
