// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @new_dim(%a: tensor<8x4xf32>) {
  // expected-remark@+1 {{([i, k]) -> ([i, j, k]) {i=8, j=16, k=4} linear=[0]}}
  "stablehlo.broadcast_in_dim"(%a) <{broadcast_dimensions = array<i64: 0, 2>}> : (tensor<8x4xf32>) -> tensor<8x16x4xf32>
  return
}

// -----

func.func @expanded_dim(%a: tensor<8x1xf32>) {
  // expected-remark@+1 {{([i, 1]) -> ([i, j]) {i=8, j=4} linear=[0]}}
  "stablehlo.broadcast_in_dim"(%a) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<8x1xf32>) -> tensor<8x4xf32>
  return
}

// -----

func.func @reordered(%a: tensor<8x4xf32>) {
  // expected-remark@+1 {{([j, i]) -> ([i, j]) {i=4, j=8} linear=[0]}}
  "stablehlo.broadcast_in_dim"(%a) <{broadcast_dimensions = array<i64: 1, 0>}> : (tensor<8x4xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @scalar(%a: tensor<f32>) {
  // expected-remark@+1 {{([]) -> ([i]) {i=8} linear=[0] cheap}}
  "stablehlo.broadcast_in_dim"(%a) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<8xf32>
  return
}

// -----

func.func @broadcast(%x: tensor<8xf32>) {
  // expected-remark@+1 {{([j]) -> ([i, j]) {i=4, j=8} linear=[0]}}
  "stablehlo.broadcast"(%x) <{broadcast_sizes = array<i64: 4>}> : (tensor<8xf32>) -> tensor<4x8xf32>
  return
}
