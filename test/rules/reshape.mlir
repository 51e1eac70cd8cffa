// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @split(%a: tensor<8x16xf32>) {
  // expected-remark@+1 {{([i, jk]) -> ([i, j, k]) {i=8, j=4, k=4} linear=[0]}}
  "stablehlo.reshape"(%a) : (tensor<8x16xf32>) -> tensor<8x4x4xf32>
  return
}

// -----

func.func @merge(%a: tensor<8x4x4xf32>) {
  // expected-remark@+1 {{([i, j, k]) -> ([ij, k]) {i=8, j=4, k=4} linear=[0]}}
  "stablehlo.reshape"(%a) : (tensor<8x4x4xf32>) -> tensor<32x4xf32>
  return
}

// -----

// Dims of size 1 come and go.
func.func @ones(%a: tensor<1x8x1x4xf32>) {
  // expected-remark@+1 {{([1, i, 1, j]) -> ([i, j, 1]) {i=8, j=4} linear=[0]}}
  "stablehlo.reshape"(%a) : (tensor<1x8x1x4xf32>) -> tensor<8x4x1xf32>
  return
}

// -----

func.func @common_divisor(%a: tensor<12x4xf32>) {
  // expected-remark@+1 {{([ij, k]) -> ([i, jk]) {i=6, j=2, k=4} linear=[0]}}
  "stablehlo.reshape"(%a) : (tensor<12x4xf32>) -> tensor<6x8xf32>
  return
}

// -----

// 4 and 6 have 2 in common; the rests 3 x 4 and 2 x 6 have no common factor.
func.func @uneven(%a: tensor<6x4x5xf32>) {
  // expected-remark@+1 {{([ij, m, n]) -> ([ik, l, n]) {i=2, j=3, k=2, l=6, m=4, n=5} blocked={j: is split and merged unevenly, k: is split and merged unevenly, l: is split and merged unevenly, m: is split and merged unevenly} linear=[0]}}
  "stablehlo.reshape"(%a) : (tensor<6x4x5xf32>) -> tensor<4x6x5xf32>
  return
}

// -----

func.func @scalar(%a: tensor<1x1xf32>) {
  // expected-remark@+1 {{([1, 1]) -> ([]) linear=[0]}}
  "stablehlo.reshape"(%a) : (tensor<1x1xf32>) -> tensor<f32>
  return
}
