// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @cholesky(%a: tensor<8x4x4xf32>) {
  // expected-remark@+1 {{([i, j, k]) -> ([i, j, k]) {i=8, j=4, k=4} blocked={j: is factorised, k: is factorised}}}
  "stablehlo.cholesky"(%a) <{lower = true}> : (tensor<8x4x4xf32>) -> tensor<8x4x4xf32>
  return
}

// -----

func.func @fft(%a: tensor<8x16xf32>) {
  // expected-remark@+1 {{([i, j]) -> ([i, k]) {i=8, j=16, k=9} blocked={j: is transformed, k: is transformed} linear=[0]}}
  "stablehlo.fft"(%a) <{fft_type = #stablehlo<fft_type RFFT>, fft_length = array<i64: 16>}> : (tensor<8x16xf32>) -> tensor<8x9xcomplex<f32>>
  return
}

// -----

func.func @triangular_solve(%a: tensor<8x4x4xf32>, %b: tensor<8x4x2xf32>) {
  // expected-remark@+1 {{([i, k, l], [i, m, j]) -> ([i, n, j]) {i=8, j=2, k=4, l=4, m=4, n=4} blocked={k: is solved in order, l: is solved in order, m: is solved in order, n: is solved in order} linear=[1]}}
  "stablehlo.triangular_solve"(%a, %b) <{left_side = true, lower = true, unit_diagonal = false, transpose_a = #stablehlo<transpose NO_TRANSPOSE>}> : (tensor<8x4x4xf32>, tensor<8x4x2xf32>) -> tensor<8x4x2xf32>
  return
}
