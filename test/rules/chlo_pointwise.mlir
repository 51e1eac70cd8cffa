// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

// The pointwise ops of chlo whose rule has no more to it than that.

func.func @unary(%a: tensor<8xf32>, %c: tensor<8xcomplex<f32>>) {
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo._asin_acos_kernel"(%c) : (tensor<8xcomplex<f32>>) -> tensor<8xcomplex<f32>>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.acos"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.acosh"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.asin"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.asinh"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.atan"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.atanh"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.bessel_i1e"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} linear=[0] pointwise}}
  "chlo.conj"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.constant_like"(%a) <{value = 1.0 : f32}> : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.cosh"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.digamma"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.erf_inv"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.erfc"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.is_inf"(%a) : (tensor<8xf32>) -> tensor<8xi1>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.is_neg_inf"(%a) : (tensor<8xf32>) -> tensor<8xi1>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.is_pos_inf"(%a) : (tensor<8xf32>) -> tensor<8xi1>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.lgamma"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.sinh"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.square"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "chlo.tan"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @binary(%a: tensor<8xf32>, %p: tensor<8xi1>) {
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_add"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_atan2"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_compare"(%a, %a) <{comparison_direction = #chlo<comparison_direction LT>}> : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xi1>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_complex"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xcomplex<f32>>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_divide"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_maximum"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_minimum"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_multiply"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_next_after"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_polygamma"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_power"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_remainder"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_select"(%p, %a, %a) : (tensor<8xi1>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_subtract"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_zeta"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.next_after"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.polygamma"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.zeta"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @integers(%n: tensor<8xi32>) {
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_and"(%n, %n) : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_or"(%n, %n) : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_shift_left"(%n, %n) : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_shift_right_arithmetic"(%n, %n) : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_shift_right_logical"(%n, %n) : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.broadcast_xor"(%n, %n) : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "chlo.mulhi"(%n, %n) : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
  return
}
