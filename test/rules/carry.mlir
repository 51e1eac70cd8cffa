// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @carry(%next: tensor<8x4xf32>, %input: tensor<8x4xf32>) {
  // expected-remark@+1 {{([i, j], [i, j]) -> ([i, j]) {i=8, j=4} unread=[0,1] pointwise}}
  %0 = partir.carry %next as %input : tensor<8x4xf32>
  return
}
