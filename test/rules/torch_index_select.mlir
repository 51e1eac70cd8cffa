// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @select(%a: tensor<2x8x4xf32>, %i: tensor<2x6x3xi32>) {
  // expected-remark@+1 {{([i, m, l], [i, j, k]) -> ([i, j, k, l]) {i=2, j=6, k=3, l=4, m=8} blocked={m: is indexed} linear=[0]}}
  "stablehlo.torch_index_select"(%a, %i) <{batch_dims = 1 : i64, dim = 1 : i64}> : (tensor<2x8x4xf32>, tensor<2x6x3xi32>) -> tensor<2x6x3x4xf32>
  return
}
