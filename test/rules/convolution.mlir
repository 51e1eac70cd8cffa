// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @plain(%a: tensor<8x12x12x4xf32>, %w: tensor<3x3x4x6xf32>) {
  // expected-remark@+1 {{([i, l, m, k], [n, o, k, j]) -> ([i, p, q, j]) {i=8, j=6, k=4, l=12, m=12, n=3, o=3, p=10, q=10} reduction={k:add} blocked={l: has a sliding window, m: has a sliding window, n: has a sliding window, o: has a sliding window, p: has a sliding window, q: has a sliding window} linear=[0,1]}}
  "stablehlo.convolution"(%a, %w) <{batch_group_count = 1 : i64, feature_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>}> : (tensor<8x12x12x4xf32>, tensor<3x3x4x6xf32>) -> tensor<8x10x10x6xf32>
  return
}

// -----

// A window of size 1 does not slide.
func.func @pointwise(%a: tensor<8x12x12x4xf32>, %w: tensor<1x1x4x6xf32>) {
  // expected-remark@+1 {{([i, l, m, k], [1, 1, k, j]) -> ([i, l, m, j]) {i=8, j=6, k=4, l=12, m=12} reduction={k:add} linear=[0,1]}}
  "stablehlo.convolution"(%a, %w) <{batch_group_count = 1 : i64, feature_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>}> : (tensor<8x12x12x4xf32>, tensor<1x1x4x6xf32>) -> tensor<8x12x12x6xf32>
  return
}

// -----

func.func @feature_groups(%a: tensor<8x12xf32>, %w: tensor<4x6xf32>) {
  // expected-remark@+1 {{([j, il], [l, ik]) -> ([j, ik]) {i=3, j=8, k=2, l=4} reduction={l:add} linear=[0,1]}}
  "stablehlo.convolution"(%a, %w) <{batch_group_count = 1 : i64, feature_group_count = 3 : i64, dimension_numbers = #stablehlo.conv<[b, f]x[i, o]->[b, f]>}> : (tensor<8x12xf32>, tensor<4x6xf32>) -> tensor<8x6xf32>
  return
}

// -----

func.func @batch_groups(%a: tensor<8x4xf32>, %w: tensor<4x6xf32>) {
  // expected-remark@+1 {{([ij, l], [l, ik]) -> ([j, ik]) {i=2, j=4, k=3, l=4} reduction={l:add} linear=[0,1]}}
  "stablehlo.convolution"(%a, %w) <{batch_group_count = 2 : i64, feature_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, f]x[i, o]->[b, f]>}> : (tensor<8x4xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
  return
}

// -----

// One window after another, as for the patches of an image: a window is whole.
func.func @patches(%a: tensor<8x12x4xf32>, %w: tensor<3x4x6xf32>) {
  // expected-remark@+1 {{([i, lm, k], [m, k, j]) -> ([i, l, j]) {i=8, j=6, k=4, l=4, m=3} reduction={k:add} blocked={m: is the minor part of a spatial dim} linear=[0,1]}}
  "stablehlo.convolution"(%a, %w) <{window_strides = array<i64: 3>, batch_group_count = 1 : i64, feature_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, f]x[0, i, o]->[b, 0, f]>}> : (tensor<8x12x4xf32>, tensor<3x4x6xf32>) -> tensor<8x4x6xf32>
  return
}

// -----

// The gradient of its kernel: one element of each patch in a window.
func.func @patches_kernel(%a: tensor<8x12x4xf32>, %g: tensor<4x4x6xf32>) {
  // expected-remark@+1 {{reduction={k:add, l:add} blocked={m: is the minor part of a spatial dim}}}
  "stablehlo.convolution"(%a, %g) <{rhs_dilation = array<i64: 3>, batch_group_count = 1 : i64, feature_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, f]x[0, i, o]->[b, 0, f]>}> : (tensor<8x12x4xf32>, tensor<4x4x6xf32>) -> tensor<8x3x6xf32>
  return
}

// -----

// A window as large as the dim.
func.func @global(%a: tensor<8x12x4xf32>, %w: tensor<12x4x6xf32>) {
  // expected-remark@+1 {{([i, l, k], [l, k, j]) -> ([i, 1, j]) {i=8, j=6, k=4, l=12} reduction={k:add, l:add} linear=[0,1]}}
  "stablehlo.convolution"(%a, %w) <{batch_group_count = 1 : i64, feature_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, f]x[0, i, o]->[b, 0, f]>}> : (tensor<8x12x4xf32>, tensor<12x4x6xf32>) -> tensor<8x1x6xf32>
  return
}

// -----

// The gradient of patches: each element becomes a window.
func.func @spread(%g: tensor<8x4x6xf32>, %w: tensor<3x6x4xf32>) {
  // expected-remark@+1 {{([i, l, k], [m, k, j]) -> ([i, lm, j]) {i=8, j=4, k=6, l=4, m=3} reduction={k:add} blocked={m: is the minor part of a spatial dim} linear=[0,1]}}
  "stablehlo.convolution"(%g, %w) <{lhs_dilation = array<i64: 3>, padding = dense<2> : tensor<1x2xi64>, window_reversal = array<i1: true>, batch_group_count = 1 : i64, feature_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, f]x[0, i, o]->[b, 0, f]>}> : (tensor<8x4x6xf32>, tensor<3x6x4xf32>) -> tensor<8x12x4xf32>
  return
}
