// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @bits(%state: tensor<2xui64>) {
  // expected-remark@+1 {{([i]) -> ([j], [k]) {i=2, j=2, k=8} blocked={i: is drawn from one state, j: is drawn from one state, k: is drawn from one state}}}
  "stablehlo.rng_bit_generator"(%state) <{rng_algorithm = #stablehlo<rng_algorithm THREE_FRY>}> : (tensor<2xui64>) -> (tensor<2xui64>, tensor<8xui32>)
  return
}
