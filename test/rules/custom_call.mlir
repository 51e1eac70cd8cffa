// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @call(%a: tensor<8xf32>) {
  // expected-remark@+1 {{([i]) -> ([j]) {i=8, j=8} blocked={i: belongs to a custom call, j: belongs to a custom call}}}
  "stablehlo.custom_call"(%a) <{call_target_name = "target"}> : (tensor<8xf32>) -> tensor<8xf32>
  return
}
