// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @slice(%a: tensor<8x4xf32>) {
  // expected-remark@+1 {{([i, j]) -> ([i, k]) {i=8, j=4, k=3} blocked={j: has no divisor in common with the result's, k: has no divisor in common with the operand's} linear=[0]}}
  "stablehlo.slice"(%a) <{start_indices = array<i64: 0, 1>, limit_indices = array<i64: 8, 4>, strides = array<i64: 1, 1>}> : (tensor<8x4xf32>) -> tensor<8x3xf32>
  return
}

// -----

// A dim is tiled as far as chunks of what is taken come from chunks of the whole.
func.func @slice_half(%a: tensor<8x12xf32>) {
  // expected-remark@+1 {{([i, j]) -> ([i, j]) {i=4, j=6} window={i=r+3, j=2r} linear=[0]}}
  "stablehlo.slice"(%a) <{start_indices = array<i64: 3, 0>, limit_indices = array<i64: 7, 12>, strides = array<i64: 1, 2>}> : (tensor<8x12xf32>) -> tensor<4x6xf32>
  return
}

// -----

func.func @dynamic_slice(%a: tensor<4x8x16xf32>, %i: tensor<i32>) {
  // expected-remark@+1 {{([k, i, j], [], [], []) -> ([1, i, j]) {i=8, j=16, k=4} reduction={k:add} indexed={k} linear=[0]}}
  "stablehlo.dynamic_slice"(%a, %i, %i, %i) <{slice_sizes = array<i64: 1, 8, 16>}> : (tensor<4x8x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x8x16xf32>
  return
}

// -----

// Larger slices too, as long as they are less than half of the whole together.
func.func @less_than_half(%a: tensor<4x8x16xf32>, %i: tensor<i32>) {
  // expected-remark@+1 {{([j, k, i], [], [], []) -> ([l, m, i]) {i=16, j=4, k=8, l=3, m=5} reduction={j:add, k:add} blocked={l: is indexed, m: is indexed} indexed={j, k} linear=[0]}}
  "stablehlo.dynamic_slice"(%a, %i, %i, %i) <{slice_sizes = array<i64: 3, 5, 16>}> : (tensor<4x8x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<3x5x16xf32>
  return
}

// -----

func.func @half(%a: tensor<4x8xf32>, %i: tensor<i32>) {
  // expected-remark@+1 {{blocked={j: is indexed, and half of the operand or more is read, k: is indexed}}}
  "stablehlo.dynamic_slice"(%a, %i, %i) <{slice_sizes = array<i64: 2, 8>}> : (tensor<4x8xf32>, tensor<i32>, tensor<i32>) -> tensor<2x8xf32>
  return
}

// -----

// The update is needed whole in the dims in which it is put somewhere.
func.func @update_some(%a: tensor<4x8xf32>, %u: tensor<3x8xf32>, %i: tensor<i32>) {
  // expected-remark@+1 {{([j, i], [k, i], [], []) -> ([j, i]) {i=8, j=4, k=3} blocked={k: is indexed} indexed={j}}}
  "stablehlo.dynamic_update_slice"(%a, %u, %i, %i) : (tensor<4x8xf32>, tensor<3x8xf32>, tensor<i32>, tensor<i32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @dynamic_update_slice(%a: tensor<4x8xf32>, %u: tensor<1x8xf32>, %i: tensor<i32>) {
  // expected-remark@+1 {{([j, i], [1, i], [], []) -> ([j, i]) {i=8, j=4} indexed={j}}}
  "stablehlo.dynamic_update_slice"(%a, %u, %i, %i) : (tensor<4x8xf32>, tensor<1x8xf32>, tensor<i32>, tensor<i32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @into_zeros(%u: tensor<1x8xf32>, %i: tensor<i32>) {
  // expected-remark@+1 {{() -> ([i, j]) {i=4, j=8} cheap}}
  %a = "stablehlo.constant"() <{value = dense<0.0> : tensor<4x8xf32>}> : () -> tensor<4x8xf32>
  // expected-remark@+1 {{indexed={j} linear=[1]}}
  "stablehlo.dynamic_update_slice"(%a, %u, %i, %i) : (tensor<4x8xf32>, tensor<1x8xf32>, tensor<i32>, tensor<i32>) -> tensor<4x8xf32>
  return
}
