// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

// An embedding.
func.func @rows(%a: tensor<32x8xf32>, %i: tensor<4x6x1xi32>) {
  // expected-remark@+1 {{([l, i], [j, k, 1]) -> ([j, k, i]) {i=8, j=4, k=6, l=32} blocked={l: is indexed} linear=[0]}}
  "stablehlo.gather"(%a, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, indices_are_sorted = false, slice_sizes = array<i64: 1, 8>}> : (tensor<32x8xf32>, tensor<4x6x1xi32>) -> tensor<4x6x8xf32>
  return
}

// -----

// take_along_axis.
func.func @batching(%a: tensor<4x6x32xf32>, %i: tensor<4x6x1x1xi32>) {
  // expected-remark@+1 {{([i, j, k], [i, j, 1, 1]) -> ([i, j, 1]) {i=4, j=6, k=32} blocked={k: is indexed} linear=[0]}}
  "stablehlo.gather"(%a, %i) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [2], operand_batching_dims = [0, 1], start_indices_batching_dims = [0, 1], start_index_map = [2], index_vector_dim = 3>, indices_are_sorted = false, slice_sizes = array<i64: 1, 1, 1>}> : (tensor<4x6x32xf32>, tensor<4x6x1x1xi32>) -> tensor<4x6x1xf32>
  return
}

// -----

// Part of a dim is taken.
func.func @window(%a: tensor<32x8xf32>, %i: tensor<4x2xi32>) {
  // expected-remark@+1 {{([j, k], [i, l]) -> ([i, m]) {i=4, j=32, k=8, l=2, m=3} blocked={j: is indexed, k: is indexed, l: is indexed, m: is indexed} linear=[0]}}
  "stablehlo.gather"(%a, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0, 1], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 3>}> : (tensor<32x8xf32>, tensor<4x2xi32>) -> tensor<4x3xf32>
  return
}
