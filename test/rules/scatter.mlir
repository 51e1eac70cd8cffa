// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

// The gradient of an embedding: the positions are summed over.
func.func @add_to_zeros(%i: tensor<4x6x1xi32>, %u: tensor<4x6x8xf32>) {
  // expected-remark@+1 {{() -> ([]) cheap}}
  %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
  // expected-remark@+1 {{([]) -> ([i, j]) {i=32, j=8} linear=[0] cheap}}
  %a = "stablehlo.broadcast_in_dim"(%zero) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<32x8xf32>
  // expected-remark@+1 {{([l, i], [j, k, 1], [j, k, i]) -> ([l, i]) {i=8, j=4, k=6, l=32} reduction={j:add, k:add} indexed={l} linear=[2]}}
  "stablehlo.scatter"(%a, %i, %u) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [2], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 2>, indices_are_sorted = false, unique_indices = false}> ({
  ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    %0 = "stablehlo.add"(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%0) : (tensor<f32>) -> ()
  }) : (tensor<32x8xf32>, tensor<4x6x1xi32>, tensor<4x6x8xf32>) -> tensor<32x8xf32>
  return
}

// -----

// Values that are added to enter once: the op is not linear in the updates.
func.func @add(%a: tensor<32x8xf32>, %i: tensor<4x1xi32>, %u: tensor<4x8xf32>) {
  // expected-remark@+1 {{([k, i], [j, 1], [j, i]) -> ([k, i]) {i=8, j=4, k=32} reduction={j:add} indexed={k} once=[0]}}
  "stablehlo.scatter"(%a, %i, %u) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, indices_are_sorted = false, unique_indices = false}> ({
  ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    %0 = "stablehlo.add"(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%0) : (tensor<f32>) -> ()
  }) : (tensor<32x8xf32>, tensor<4x1xi32>, tensor<4x8xf32>) -> tensor<32x8xf32>
  return
}

// -----

// The last update of a place stays.
func.func @set(%a: tensor<32x8xf32>, %i: tensor<4x1xi32>, %u: tensor<4x8xf32>) {
  // expected-remark@+1 {{([k, i], [j, 1], [j, i]) -> ([k, i]) {i=8, j=4, k=32} blocked={j: is scattered in order} indexed={k}}}
  "stablehlo.scatter"(%a, %i, %u) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, indices_are_sorted = false, unique_indices = false}> ({
  ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    "stablehlo.return"(%y) : (tensor<f32>) -> ()
  }) : (tensor<32x8xf32>, tensor<4x1xi32>, tensor<4x8xf32>) -> tensor<32x8xf32>
  return
}

// -----

// The gradient of take_along_axis.
func.func @batching(%a: tensor<4x6x32xf32>, %i: tensor<4x6x2x1xi32>, %u: tensor<4x6x2xf32>) {
  // expected-remark@+1 {{([i, j, l], [i, j, k, 1], [i, j, k]) -> ([i, j, l]) {i=4, j=6, k=2, l=32} reduction={k:max} indexed={l}}}
  "stablehlo.scatter"(%a, %i, %u) <{scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [2], input_batching_dims = [0, 1], scatter_indices_batching_dims = [0, 1], scatter_dims_to_operand_dims = [2], index_vector_dim = 3>, indices_are_sorted = false, unique_indices = false}> ({
  ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    %0 = "stablehlo.maximum"(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%0) : (tensor<f32>) -> ()
  }) : (tensor<4x6x32xf32>, tensor<4x6x2x1xi32>, tensor<4x6x2xf32>) -> tensor<4x6x32xf32>
  return
}

// -----

// Windows of one element, of two and of all. What is two wide may lie across
// chunks.
func.func @windows(%a: tensor<32x8x4xf32>, %i: tensor<3x2xi32>, %u: tensor<3x1x2x4xf32>) {
  // expected-remark@+1 {{([k, l, i], [j, m], [j, 1, n, i]) -> ([k, o, i]) {i=4, j=3, k=32, l=8, m=2, n=2, o=8} blocked={j: is scattered in order, l: is indexed, m: is indexed, n: is indexed, o: is indexed} indexed={k}}}
  "stablehlo.scatter"(%a, %i, %u) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1, 2, 3], scatter_dims_to_operand_dims = [1, 0], index_vector_dim = 1>, indices_are_sorted = false, unique_indices = false}> ({
  ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    "stablehlo.return"(%y) : (tensor<f32>) -> ()
  }) : (tensor<32x8x4xf32>, tensor<3x2xi32>, tensor<3x1x2x4xf32>) -> tensor<32x8x4xf32>
  return
}

// -----

// Several inputs are written at the same places.
func.func @several(%a: tensor<32xf32>, %b: tensor<32xi32>, %i: tensor<3x1xi32>, %u: tensor<3xf32>, %v: tensor<3xi32>) {
  // expected-remark@+1 {{([j], [j], [i, 1], [i], [i]) -> ([j], [j]) {i=3, j=32} blocked={i: is scattered in order} indexed={j}}}
  "stablehlo.scatter"(%a, %b, %i, %u, %v) <{scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, indices_are_sorted = false, unique_indices = false}> ({
  ^bb0(%w: tensor<f32>, %x: tensor<i32>, %y: tensor<f32>, %z: tensor<i32>):
    "stablehlo.return"(%y, %z) : (tensor<f32>, tensor<i32>) -> ()
  }) : (tensor<32xf32>, tensor<32xi32>, tensor<3x1xi32>, tensor<3xf32>, tensor<3xi32>) -> (tensor<32xf32>, tensor<32xi32>)
  return
}
