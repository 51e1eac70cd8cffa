// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @matmul(%a: tensor<256x8xf32>, %b: tensor<8x16xf32>) {
  // expected-remark@+1 {{([i, k], [k, j]) -> ([i, j]) {i=256, j=16, k=8} reduction={k:add} linear=[0,1]}}
  "stablehlo.dot_general"(%a, %b) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<256x8xf32>, tensor<8x16xf32>) -> tensor<256x16xf32>
  return
}

// -----

func.func @batched(%a: tensor<2x3x4x8xf32>, %b: tensor<5x8x2x3xf32>) {
  // expected-remark@+1 {{([i, j, k, m], [l, m, i, j]) -> ([i, j, k, l]) {i=2, j=3, k=4, l=5, m=8} reduction={m:add} linear=[0,1]}}
  "stablehlo.dot_general"(%a, %b) <{dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0, 1], rhs_batching_dimensions = [2, 3], lhs_contracting_dimensions = [3], rhs_contracting_dimensions = [1]>}> : (tensor<2x3x4x8xf32>, tensor<5x8x2x3xf32>) -> tensor<2x3x4x5xf32>
  return
}

// -----

// A sum of i8 may wrap before it is widened.
func.func @widening(%a: tensor<4x8xi8>, %b: tensor<8x2xi8>) {
  // expected-remark@+1 {{([i, k], [k, j]) -> ([i, j]) {i=4, j=2, k=8} reduction={k:add}}}
  "stablehlo.dot_general"(%a, %b) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<4x8xi8>, tensor<8x2xi8>) -> tensor<4x2xi32>
  return
}

// -----

func.func @dot(%a: tensor<8x4xf32>, %b: tensor<4x2xf32>, %v: tensor<4xf32>) {
  // expected-remark@+1 {{([i, k], [k, j]) -> ([i, j]) {i=8, j=2, k=4} reduction={k:add} linear=[0,1]}}
  "stablehlo.dot"(%a, %b) : (tensor<8x4xf32>, tensor<4x2xf32>) -> tensor<8x2xf32>
  // expected-remark@+1 {{([i], [i]) -> ([]) {i=4} reduction={i:add} linear=[0,1]}}
  "stablehlo.dot"(%v, %v) : (tensor<4xf32>, tensor<4xf32>) -> tensor<f32>
  return
}
