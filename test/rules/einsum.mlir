// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @einsum(%a: tensor<8x4xf32>, %b: tensor<4x2xf32>) {
  // expected-remark@+1 {{([i, j], [j, k]) -> ([i, k]) {i=8, j=4, k=2} reduction={j:add}}}
  "stablehlo.einsum"(%a, %b) <{einsum_config = "ij,jk->ik"}> : (tensor<8x4xf32>, tensor<4x2xf32>) -> tensor<8x2xf32>
  return
}

// -----

func.func @unary(%a: tensor<8x4x2xf32>) {
  // expected-remark@+1 {{([i, j, k]) -> ([k, i]) {i=8, j=4, k=2} reduction={j:add}}}
  "stablehlo.unary_einsum"(%a) <{einsum_config = "abc->ca"}> : (tensor<8x4x2xf32>) -> tensor<2x8xf32>
  return
}

// -----

// A diagonal is needed whole.
func.func @diagonal(%a: tensor<8x8xf32>) {
  // expected-remark@+1 {{([i, j]) -> ([k]) {i=8, j=8, k=8} blocked={i: has no letter of its own, j: has no letter of its own, k: has no letter of its own}}}
  "stablehlo.unary_einsum"(%a) <{einsum_config = "ii->i"}> : (tensor<8x8xf32>) -> tensor<8xf32>
  return
}
