// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @sum(%a: tensor<8x1x4xf32>, %b: tensor<8x1x4xf32>) {
  // expected-remark@+1 {{([i, 1, j], [i, 1, j]) -> ([i, 1, j]) {i=8, j=4} sum pointwise}}
  "stablehlo.add"(%a, %b) : (tensor<8x1x4xf32>, tensor<8x1x4xf32>) -> tensor<8x1x4xf32>
  return
}

// -----

// "Or" is not a sum.
func.func @sum_of_booleans(%a: tensor<8xi1>) {
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.add"(%a, %a) : (tensor<8xi1>, tensor<8xi1>) -> tensor<8xi1>
  return
}

// -----

func.func @subtract(%a: tensor<8xf32>) {
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.subtract"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @multiply(%a: tensor<8xf32>, %p: tensor<8xi1>) {
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} linear=[0,1] pointwise}}
  "stablehlo.multiply"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.multiply"(%p, %p) : (tensor<8xi1>, tensor<8xi1>) -> tensor<8xi1>
  return
}

// -----

func.func @divide(%a: tensor<8xf32>, %n: tensor<8xi32>) {
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} linear=[0] pointwise}}
  "stablehlo.divide"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.divide"(%n, %n) : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
  return
}

// -----

func.func @convert(%a: tensor<8xf32>, %n: tensor<8xi32>) {
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} linear=[0] pointwise}}
  "stablehlo.convert"(%a) : (tensor<8xf32>) -> tensor<8xbf16>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.convert"(%a) : (tensor<8xf32>) -> tensor<8xi32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.convert"(%n) : (tensor<8xi32>) -> tensor<8xi64>
  return
}

// -----

func.func @unary(%a: tensor<8xf32>) {
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.exponential"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} linear=[0] pointwise}}
  "stablehlo.negate"(%a) : (tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @complex(%a: tensor<8xf32>, %c: tensor<8xcomplex<f32>>) {
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.complex"(%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xcomplex<f32>>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} linear=[0] pointwise}}
  "stablehlo.real"(%c) : (tensor<8xcomplex<f32>>) -> tensor<8xf32>
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} linear=[0] pointwise}}
  "stablehlo.imag"(%c) : (tensor<8xcomplex<f32>>) -> tensor<8xf32>
  return
}

// -----

// Bounds and predicates may be scalars.
func.func @scalars(%a: tensor<8xf32>, %s: tensor<f32>, %p: tensor<i1>) {
  // expected-remark@+1 {{([], [i], []) -> ([i]) {i=8} pointwise}}
  "stablehlo.clamp"(%s, %a, %s) : (tensor<f32>, tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  // expected-remark@+1 {{([], [i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.select"(%p, %a, %a) : (tensor<i1>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

// A mask is linear in what it lets through.
func.func @mask(%a: tensor<8xf32>, %p: tensor<8xi1>) {
  // expected-remark@+1 {{() -> ([]) cheap}}
  %zero = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
  // expected-remark@+1 {{([]) -> ([]) pointwise}}
  %0 = "stablehlo.convert"(%zero) : (tensor<i32>) -> tensor<f32>
  // expected-remark@+1 {{([]) -> ([i]) {i=8} linear=[0] cheap}}
  %1 = "stablehlo.broadcast_in_dim"(%0) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i], [i]) -> ([i]) {i=8} linear=[1] pointwise}}
  "stablehlo.select"(%p, %a, %1) : (tensor<8xi1>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // expected-remark@+1 {{([i], [i], [i]) -> ([i]) {i=8} linear=[2] pointwise}}
  "stablehlo.select"(%p, %1, %a) : (tensor<8xi1>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @compare(%a: tensor<8xf32>) {
  // expected-remark@+1 {{([i], [i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.compare"(%a, %a) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xi1>
  return
}

// -----

func.func @map(%a: tensor<8x4xf32>) {
  // expected-remark@+1 {{([i, j]) -> ([i, j]) {i=8, j=4} pointwise}}
  "stablehlo.map"(%a) <{dimensions = array<i64: 0, 1>}> ({
  ^bb0(%x: tensor<f32>):
    %0 = "stablehlo.negate"(%x) : (tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%0) : (tensor<f32>) -> ()
  }) : (tensor<8x4xf32>) -> tensor<8x4xf32>
  return
}

// -----

func.func @bitcast(%a: tensor<8xf32>, %b: tensor<8x2xi16>) {
  // expected-remark@+1 {{([i]) -> ([i]) {i=8} pointwise}}
  "stablehlo.bitcast_convert"(%a) : (tensor<8xf32>) -> tensor<8xi32>
  // expected-remark@+1 {{([i]) -> ([i, j]) {i=8, j=2} blocked={j: holds the pieces of an element}}}
  "stablehlo.bitcast_convert"(%a) : (tensor<8xf32>) -> tensor<8x2xi16>
  // expected-remark@+1 {{([i, j]) -> ([i]) {i=8, j=2} blocked={j: holds the pieces of an element}}}
  "stablehlo.bitcast_convert"(%b) : (tensor<8x2xi16>) -> tensor<8xf32>
  return
}
