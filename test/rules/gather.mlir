// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

// An embedding. As many rows are read as there are, nearly: a gather of the
// operand moves fewer bytes than a reduction of the result.
func.func @rows(%a: tensor<32x8xf32>, %i: tensor<4x6x1xi32>) {
  // expected-remark@+1 {{([l, i], [j, k, 1]) -> ([j, k, i]) {i=8, j=4, k=6, l=32} blocked={l: is indexed, and half of the operand or more is read} linear=[0]}}
  "stablehlo.gather"(%a, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, indices_are_sorted = false, slice_sizes = array<i64: 1, 8>}> : (tensor<32x8xf32>, tensor<4x6x1xi32>) -> tensor<4x6x8xf32>
  return
}

// -----

// Few rows of a large table: each device reads what it has.
func.func @few_rows(%a: tensor<32x8xf32>, %i: tensor<15x1xi32>) {
  // expected-remark@+1 {{([k, i], [j, 1]) -> ([j, i]) {i=8, j=15, k=32} reduction={k:add} indexed={k} linear=[0]}}
  "stablehlo.gather"(%a, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 8>}> : (tensor<32x8xf32>, tensor<15x1xi32>) -> tensor<15x8xf32>
  return
}

// -----

// Half of them: as many bytes either way.
func.func @half(%a: tensor<32x8xf32>, %i: tensor<16x1xi32>) {
  // expected-remark@+1 {{blocked={k: is indexed, and half of the operand or more is read}}}
  "stablehlo.gather"(%a, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 8>}> : (tensor<32x8xf32>, tensor<16x1xi32>) -> tensor<16x8xf32>
  return
}

// -----

// Booleans are joined by "or"; the dim stays in the result, with size 1.
func.func @booleans(%a: tensor<32x8xi1>, %i: tensor<2x1xi32>) {
  // expected-remark@+1 {{([k, i], [j, 1]) -> ([j, 1, i]) {i=8, j=2, k=32} reduction={k:or} indexed={k}}}
  "stablehlo.gather"(%a, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1, 2], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 8>}> : (tensor<32x8xi1>, tensor<2x1xi32>) -> tensor<2x1x8xi1>
  return
}

// -----

// What has no zero cannot be masked.
func.func @no_zero(%a: tensor<32x8xf8E8M0FNU>, %i: tensor<2x1xi32>) {
  // expected-remark@+1 {{blocked={k: is indexed, and the type has no zero}}}
  "stablehlo.gather"(%a, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 8>}> : (tensor<32x8xf8E8M0FNU>, tensor<2x1xi32>) -> tensor<2x8xf8E8M0FNU>
  return
}

// -----

// The first row, which no index chooses.
func.func @not_in_the_map(%a: tensor<32x8xf32>, %i: tensor<2x1xi32>) {
  // expected-remark@+1 {{([k, j], [i, 1]) -> ([i]) {i=2, j=8, k=32} reduction={j:add} blocked={k: is indexed} indexed={j} linear=[0]}}
  "stablehlo.gather"(%a, %i) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [0, 1], start_index_map = [1], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 1>}> : (tensor<32x8xf32>, tensor<2x1xi32>) -> tensor<2xf32>
  return
}

// -----

// take_along_axis.
func.func @batching(%a: tensor<4x6x32xf32>, %i: tensor<4x6x1x1xi32>) {
  // expected-remark@+1 {{([i, j, k], [i, j, 1, 1]) -> ([i, j, 1]) {i=4, j=6, k=32} reduction={k:add} indexed={k} linear=[0]}}
  "stablehlo.gather"(%a, %i) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [2], operand_batching_dims = [0, 1], start_indices_batching_dims = [0, 1], start_index_map = [2], index_vector_dim = 3>, indices_are_sorted = false, slice_sizes = array<i64: 1, 1, 1>}> : (tensor<4x6x32xf32>, tensor<4x6x1x1xi32>) -> tensor<4x6x1xf32>
  return
}

// -----

// Part of a dim is taken: a slice may lie across chunks.
func.func @window(%a: tensor<32x8xf32>, %i: tensor<4x2xi32>) {
  // expected-remark@+1 {{([j, k], [i, l]) -> ([i, m]) {i=4, j=32, k=8, l=2, m=3} reduction={j:add} blocked={k: is indexed, l: is indexed, m: is indexed} indexed={j} linear=[0]}}
  "stablehlo.gather"(%a, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0, 1], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 3>}> : (tensor<32x8xf32>, tensor<4x2xi32>) -> tensor<4x3xf32>
  return
}
