// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @cumulative_sum(%a: tensor<8x4xf32>) {
  // expected-remark@+1 {{() -> ([]) cheap}}
  %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
  // expected-remark@+1 {{([i, j], []) -> ([i, j]) {i=8, j=4} window={j=r-3+[0,4)} linear=[0]}}
  "stablehlo.reduce_window"(%a, %zero) <{window_dimensions = array<i64: 1, 4>, padding = dense<[[0, 0], [3, 0]]> : tensor<2x2xi64>}> ({
  ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    %0 = "stablehlo.add"(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%0) : (tensor<f32>) -> ()
  }) : (tensor<8x4xf32>, tensor<f32>) -> tensor<8x4xf32>
  return
}

// -----

func.func @pool(%a: tensor<8x4x2xf32>, %init: tensor<f32>) {
  // expected-remark@+1 {{([i, j, k], []) -> ([i, j, k]) {i=8, j=2, k=2} window={j=2r+[0,2)}}}
  "stablehlo.reduce_window"(%a, %init) <{window_dimensions = array<i64: 1, 2, 1>, window_strides = array<i64: 1, 2, 1>}> ({
  ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    %0 = "stablehlo.maximum"(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%0) : (tensor<f32>) -> ()
  }) : (tensor<8x4x2xf32>, tensor<f32>) -> tensor<8x2x2xf32>
  return
}

// -----

// What padding adds is disputed, unless it is neutral.
func.func @from_some_value(%a: tensor<8x4xf32>, %init: tensor<f32>) {
  // expected-remark@+1 {{blocked={j: has a sliding window, k: has a sliding window} window={i=2r}}}
  "stablehlo.reduce_window"(%a, %init) <{window_dimensions = array<i64: 1, 2>, window_strides = array<i64: 2, 1>, padding = dense<[[0, 0], [1, 0]]> : tensor<2x2xi64>}> ({
  ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    %0 = "stablehlo.multiply"(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%0) : (tensor<f32>) -> ()
  }) : (tensor<8x4xf32>, tensor<f32>) -> tensor<4x4xf32>
  return
}

// -----

// All operands alike. A dilated base needs the whole.
func.func @dilated(%a: tensor<8x4xf32>, %b: tensor<8x4xi32>, %x: tensor<f32>, %y: tensor<i32>) {
  // expected-remark@+1 {{([i, j], [i, k], [], []) -> ([i, l], [i, m]) {i=4, j=4, k=4, l=7, m=7} blocked={j: has a sliding window, k: has a sliding window, l: has a sliding window, m: has a sliding window} window={i=r+[0,5)}}}
  "stablehlo.reduce_window"(%a, %b, %x, %y) <{window_dimensions = array<i64: 3, 1>, window_dilations = array<i64: 2, 1>, base_dilations = array<i64: 1, 2>}> ({
  ^bb0(%p: tensor<f32>, %q: tensor<i32>, %r: tensor<f32>, %s: tensor<i32>):
    %0 = "stablehlo.add"(%p, %r) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %1 = "stablehlo.add"(%q, %s) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    "stablehlo.return"(%0, %1) : (tensor<f32>, tensor<i32>) -> ()
  }) : (tensor<8x4xf32>, tensor<8x4xi32>, tensor<f32>, tensor<i32>) -> (tensor<4x7xf32>, tensor<4x7xi32>)
  return
}

// -----

func.func @select_and_scatter(%a: tensor<8x4xf32>, %b: tensor<8x2xf32>) {
  // expected-remark@+1 {{() -> ([]) cheap}}
  %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
  // expected-remark@+1 {{([i, j], [i, k], []) -> ([i, j]) {i=8, j=4, k=2} blocked={j: has a sliding window, k: has a sliding window} linear=[1]}}
  "stablehlo.select_and_scatter"(%a, %b, %zero) <{window_dimensions = array<i64: 1, 2>, window_strides = array<i64: 1, 2>}> ({
  ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    %0 = "stablehlo.compare"(%x, %y) <{comparison_direction = #stablehlo<comparison_direction GE>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
    "stablehlo.return"(%0) : (tensor<i1>) -> ()
  }, {
  ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    %0 = "stablehlo.add"(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%0) : (tensor<f32>) -> ()
  }) : (tensor<8x4xf32>, tensor<8x2xf32>, tensor<f32>) -> tensor<8x4xf32>
  return
}
