// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @two(%a: tensor<8x2xf32>, %b: tensor<8x3xf32>) {
  // expected-remark@+1 {{([i, j], [i, k]) -> ([i, l]) {i=8, j=2, k=3, l=5} blocked={j: is concatenated, k: is concatenated, l: is concatenated}}}
  "stablehlo.concatenate"(%a, %b) <{dimension = 1 : i64}> : (tensor<8x2xf32>, tensor<8x3xf32>) -> tensor<8x5xf32>
  return
}
