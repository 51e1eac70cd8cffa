// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @splat() {
  // expected-remark@+1 {{() -> ([i, j]) {i=8, j=4} cheap}}
  "stablehlo.constant"() <{value = dense<1.0> : tensor<8x4xf32>}> : () -> tensor<8x4xf32>
  return
}

// -----

func.func @dense() {
  // expected-remark@+1 {{() -> ([i]) {i=4}}}
  "stablehlo.constant"() <{value = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>}> : () -> tensor<4xf32>
  return
}

// -----

func.func @empty() {
  // expected-remark@+1 {{() -> ([1])}}
  "stablehlo.constant"() <{value = dense<> : tensor<0xf32>}> : () -> tensor<0xf32>
  return
}

// -----

func.func @iota() {
  // expected-remark@+1 {{() -> ([i, j]) {i=8, j=4} cheap}}
  "stablehlo.iota"() <{iota_dimension = 0 : i64}> : () -> tensor<8x4xi32>
  return
}

// -----

func.func @chlo() {
  // expected-remark@+1 {{() -> ([i]) {i=8} cheap}}
  "chlo.constant"() <{value = dense<0.0> : tensor<8xf32>}> : () -> tensor<8xf32>
  return
}
