// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @by_a_value(%a: tensor<8x4xf32>, %v: tensor<f32>) {
  // expected-remark@+1 {{([i, j], []) -> ([i, k]) {i=8, j=4, k=7} blocked={j: has no divisor in common with the result's, k: has no divisor in common with the operand's}}}
  "stablehlo.pad"(%a, %v) <{edge_padding_low = array<i64: 0, 1>, edge_padding_high = array<i64: 0, 2>, interior_padding = array<i64: 0, 0>}> : (tensor<8x4xf32>, tensor<f32>) -> tensor<8x7xf32>
  return
}

// -----

func.func @by_zero(%a: tensor<8x4xf32>) {
  // expected-remark@+1 {{() -> ([]) cheap}}
  %v = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
  // expected-remark@+1 {{([i, j], []) -> ([i, k]) {i=8, j=4, k=7} blocked={j: is padded, k: is padded} linear=[0]}}
  "stablehlo.pad"(%a, %v) <{edge_padding_low = array<i64: 0, 0>, edge_padding_high = array<i64: 0, 0>, interior_padding = array<i64: 0, 1>}> : (tensor<8x4xf32>, tensor<f32>) -> tensor<8x7xf32>
  return
}

// -----

// A cut is a negative padding.
func.func @at_the_ends(%a: tensor<8x8x8xf32>, %v: tensor<f32>) {
  // expected-remark@+1 {{([i, j, k], []) -> ([i, j, k]) {i=4, j=8, k=2} window={i=r-3, j=r+2, k=r+1}}}
  "stablehlo.pad"(%a, %v) <{edge_padding_low = array<i64: 3, -2, -1>, edge_padding_high = array<i64: 1, 2, -1>, interior_padding = array<i64: 0, 0, 0>}> : (tensor<8x8x8xf32>, tensor<f32>) -> tensor<12x8x6xf32>
  return
}
