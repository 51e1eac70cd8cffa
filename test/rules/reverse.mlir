// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @reverse(%a: tensor<8x4xf32>) {
  // expected-remark@+1 {{([i, j]) -> ([i, j]) {i=8, j=4} window={j=-r+3} linear=[0]}}
  "stablehlo.reverse"(%a) <{dimensions = array<i64: 1>}> : (tensor<8x4xf32>) -> tensor<8x4xf32>
  return
}

// -----

func.func @no_zero(%a: tensor<8xf8E8M0FNU>) {
  // expected-remark@+1 {{([i]) -> ([j]) {i=8, j=8} blocked={i: moves elements, and the type has no zero, j: moves elements, and the type has no zero}}}
  "stablehlo.reverse"(%a) <{dimensions = array<i64: 0>}> : (tensor<8xf8E8M0FNU>) -> tensor<8xf8E8M0FNU>
  return
}
