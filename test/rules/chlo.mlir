// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @erf(%a: tensor<8x4xf32>) {
  // expected-remark@+1 {{([i, j]) -> ([i, j]) {i=8, j=4} pointwise}}
  "chlo.erf"(%a) : (tensor<8x4xf32>) -> tensor<8x4xf32>
  return
}

// -----

func.func @top_k(%a: tensor<8x16xf32>) {
  // expected-remark@+1 {{([i, j]) -> ([i, k], [i, l]) {i=8, j=16, k=4, l=4} blocked={j: is sorted, k: is sorted, l: is sorted}}}
  "chlo.top_k"(%a) <{k = 4 : i64}> : (tensor<8x16xf32>) -> (tensor<8x4xf32>, tensor<8x4xi32>)
  return
}

// -----

// Experts: rows of the left operand in groups, a matrix for each group.
func.func @ragged_dot(%a: tensor<16x8xf32>, %b: tensor<3x8x4xf32>, %sizes: tensor<3xi32>) {
  // expected-remark@+1 {{([i, k], [l, k, j], [m]) -> ([i, j]) {i=16, j=4, k=8, l=3, m=3} reduction={k:add} blocked={i: is cut into groups, l: is cut into groups, m: is cut into groups} linear=[0,1]}}
  "chlo.ragged_dot"(%a, %b, %sizes) <{ragged_dot_dimension_numbers = #chlo.ragged_dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1], lhs_ragged_dimensions = [0], rhs_group_dimensions = [0]>}> : (tensor<16x8xf32>, tensor<3x8x4xf32>, tensor<3xi32>) -> tensor<16x4xf32>
  return
}

// -----

func.func @scan(%a: tensor<8x4xf32>, %c: tensor<4xf32>) {
  // expected-remark@+1 {{blocked={i: is scanned, j: is scanned, k: is scanned, l: is scanned, m: is scanned, n: is scanned}}}
  %0:2 = "chlo.scan"(%a, %c) <{dimension = 0 : i64, operandSegmentSizes = array<i32: 1, 1>, resultSegmentSizes = array<i32: 1, 1>}> ({
  ^bb0(%x: tensor<4xf32>, %y: tensor<4xf32>):
    %1 = "stablehlo.add"(%x, %y) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    "stablehlo.return"(%1, %1) : (tensor<4xf32>, tensor<4xf32>) -> ()
  }) : (tensor<8x4xf32>, tensor<4xf32>) -> (tensor<8x4xf32>, tensor<4xf32>)
  return
}
