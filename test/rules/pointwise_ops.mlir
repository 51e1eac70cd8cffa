// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

// The pointwise ops of StableHLO whose rule has no more to it than that.

func.func @unary(%a: tensor<8xf32>) {
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.abs"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.cbrt"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.ceil"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.cosine"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.exponential_minus_one"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.floor"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.is_finite"(%a) : (tensor<8xf32>) -> tensor<8xi1>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.log"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.log_plus_one"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.logistic"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.reduce_precision"(%a) <{exponent_bits = 5 : i32, mantissa_bits = 2 : i32}> : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.round_nearest_afz"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.round_nearest_even"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.rsqrt"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.sign"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.sine"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.sqrt"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.tan"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.tanh"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @binary(%a: tensor<8xf32>) {
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.atan2"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.maximum"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.minimum"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.power"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.remainder"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @integers(%n: tensor<8xi32>) {
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.and"(%n, %n) : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.count_leading_zeros"(%n) : (tensor<8xi32>) -> tensor<8xi32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.not"(%n) : (tensor<8xi32>) -> tensor<8xi32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.or"(%n, %n) : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.popcnt"(%n) : (tensor<8xi32>) -> tensor<8xi32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.shift_left"(%n, %n) : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.shift_right_arithmetic"(%n, %n) : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.shift_right_logical"(%n, %n) : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.xor"(%n, %n) : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
  return
}
