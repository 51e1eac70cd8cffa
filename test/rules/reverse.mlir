// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @reverse(%a: tensor<8x4xf32>) {
  // expected-remark@+1 {{([i, j]) -> ([i, j]) {i=8, j=4} window={j=-r+3} linear=[0]}}
  "stablehlo.reverse"(%a) <{dimensions = array<i64: 1>}> : (tensor<8x4xf32>) -> tensor<8x4xf32>
  return
}
