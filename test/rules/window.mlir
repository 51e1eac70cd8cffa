// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @cumulative_sum(%a: tensor<8x4xf32>) {
  // expected-remark@+1 {{() -> ([]) cheap}}
  %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
  // expected-remark@+1 {{([i, j], []) -> ([i, j]) {i=8, j=4} blocked={j: has a sliding window} linear=[0]}}
  "stablehlo.reduce_window"(%a, %zero) <{window_dimensions = array<i64: 1, 4>, padding = dense<[[0, 0], [3, 0]]> : tensor<2x2xi64>}> ({
  ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    %0 = "stablehlo.add"(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%0) : (tensor<f32>) -> ()
  }) : (tensor<8x4xf32>, tensor<f32>) -> tensor<8x4xf32>
  return
}

// -----

func.func @pool(%a: tensor<8x4x2xf32>, %init: tensor<f32>) {
  // expected-remark@+1 {{([i, l, k], []) -> ([i, j, k]) {i=8, j=2, k=2, l=4} blocked={j: has a sliding window, l: has a sliding window}}}
  "stablehlo.reduce_window"(%a, %init) <{window_dimensions = array<i64: 1, 2, 1>, window_strides = array<i64: 1, 2, 1>}> ({
  ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    %0 = "stablehlo.maximum"(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%0) : (tensor<f32>) -> ()
  }) : (tensor<8x4x2xf32>, tensor<f32>) -> tensor<8x2x2xf32>
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
