// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @transpose(%a: tensor<8x4x2xf32>) {
  // expected-remark@+1 {{([j, k, i]) -> ([i, j, k]) {i=2, j=8, k=4} linear=[0]}}
  "stablehlo.transpose"(%a) <{permutation = array<i64: 2, 0, 1>}> : (tensor<8x4x2xf32>) -> tensor<2x8x4xf32>
  return
}
