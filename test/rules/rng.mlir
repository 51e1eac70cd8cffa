// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @bits(%state: tensor<2xui64>) {
  // expected-remark@+1 {{([k]) -> ([l], [i, j]) {i=8, j=4, k=2, l=2} blocked={k: is the generator's state, l: is the generator's state}}}
  "stablehlo.rng_bit_generator"(%state) <{rng_algorithm = #stablehlo<rng_algorithm THREE_FRY>}> : (tensor<2xui64>) -> (tensor<2xui64>, tensor<8x4xui32>)
  return
}
