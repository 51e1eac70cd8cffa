// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @tag(%a: tensor<8x4xf32>) {
  // expected-remark@+1 {{([i, j]) -> ([i, j]) {i=8, j=4} linear=[0] pointwise identity}}
  %0 = partir.tag "hidden" %a : tensor<8x4xf32>
  return
}
