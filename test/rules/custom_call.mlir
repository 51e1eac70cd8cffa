// Rules of custom calls: the user's, the known ones, and none.
//
// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @no_rule(%a: tensor<8xf32>) {
  // expected-remark@+1 {{([i]) -> ([j]) {i=8, j=8} blocked={i: belongs to a custom call without a rule, which sees whole operands; partir.register_rule gives its target one, j: belongs to}}
  "stablehlo.custom_call"(%a) <{call_target_name = "target"}> : (tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// The user's
//===----------------------------------------------------------------------===//

// A name on one side is needed whole.
module attributes {partir.rules = {my_kernel = "b i, b j -> b k"}} {
  func.func @names(%a: tensor<8x4xf32>, %b: tensor<8x2xf32>) {
    // expected-remark@+1 {{([i, j], [i, k]) -> ([i, l]) {i=8, j=4, k=2, l=6} blocked={j: is needed whole, k: is needed whole, l: is needed whole}}}
    "stablehlo.custom_call"(%a, %b) <{call_target_name = "my_kernel"}> : (tensor<8x4xf32>, tensor<8x2xf32>) -> tensor<8x6xf32>
    return
  }
}

// -----

module attributes {partir.rules = {my_matmul = "i k, k j -> i j | k: add"}} {
  func.func @reduction(%a: tensor<8x4xf32>, %b: tensor<4x2xf32>) {
    // expected-remark@+1 {{([i, j], [j, k]) -> ([i, k]) {i=8, j=4, k=2} reduction={j:add}}}
    "stablehlo.custom_call"(%a, %b) <{call_target_name = "my_matmul"}> : (tensor<8x4xf32>, tensor<4x2xf32>) -> tensor<8x2xf32>
    return
  }
}

// -----

module attributes {partir.rules = {f = "i j k -> i | j: add, k : max"}} {
  func.func @reductions(%a: tensor<8x4x2xi32>) {
    // expected-remark@+1 {{([i, j, k]) -> ([i]) {i=8, j=4, k=2} reduction={j:add, k:max}}}
    "stablehlo.custom_call"(%a) <{call_target_name = "f"}> : (tensor<8x4x2xi32>) -> tensor<8xi32>
    return
  }
}

// -----

// A scalar has no dims.
module attributes {partir.rules = {f = "b i,  -> b"}} {
  func.func @scalar(%a: tensor<8x4xf32>, %b: tensor<f32>) {
    // expected-remark@+1 {{([i, j], []) -> ([i]) {i=8, j=4} blocked={j: is needed whole}}}
    "stablehlo.custom_call"(%a, %b) <{call_target_name = "f"}> : (tensor<8x4xf32>, tensor<f32>) -> tensor<8xf32>
    return
  }
}

// -----

module attributes {partir.rules = {f = " -> i"}} {
  func.func @no_operand() {
    // expected-remark@+1 {{() -> ([i]) {i=8} blocked={i: is needed whole}}}
    "stablehlo.custom_call"() <{call_target_name = "f"}> : () -> tensor<8xf32>
    return
  }
}

// -----

// Two dims on the one, one on the other. Dims of size 1 cannot be tiled.
module attributes {partir.rules = {f = "b (h d), one d -> b h d, _ b"}} {
  func.func @merged(%a: tensor<8x12xf32>, %b: tensor<1x4xf32>) {
    // expected-remark@+1 {{([i, jk], [1, k]) -> ([i, j, k], [l, i]) {i=8, j=3, k=4, l=5} blocked={l: is needed whole}}}
    "stablehlo.custom_call"(%a, %b) <{call_target_name = "f"}> : (tensor<8x12xf32>, tensor<1x4xf32>) -> (tensor<8x3x4xf32>, tensor<5x8xf32>)
    return
  }
}

// -----

module attributes {partir.rules = {f = "... _ n -> ... n, ..."}} {
  func.func @leading(%a: tensor<8x2x4x6xf32>, %b: tensor<4x6xf32>) {
    // expected-remark@+1 {{([i, j, l, k]) -> ([i, j, k], [i, j]) {i=8, j=2, k=6, l=4} blocked={l: is needed whole}}}
    "stablehlo.custom_call"(%a) <{call_target_name = "f"}> : (tensor<8x2x4x6xf32>) -> (tensor<8x2x6xf32>, tensor<8x2xi32>)
    // expected-remark@+1 {{([j, i]) -> ([i], []) {i=6, j=4} blocked={j: is needed whole}}}
    "stablehlo.custom_call"(%b) <{call_target_name = "f"}> : (tensor<4x6xf32>) -> (tensor<6xf32>, tensor<i32>)
    return
  }
}

// -----

// An empty dim.
module attributes {partir.rules = {f = "b i -> b"}} {
  func.func @empty(%a: tensor<0x4xf32>) {
    // expected-remark@+1 {{([1, i]) -> ([1]) {i=4} blocked={i: is needed whole}}}
    "stablehlo.custom_call"(%a) <{call_target_name = "f"}> : (tensor<0x4xf32>) -> tensor<0xf32>
    return
  }
}

// -----

// The user's word goes before what is known.
module attributes {partir.rules = {Qr = "... m _ -> ... m _, ... _"}} {
  func.func @known_otherwise(%a: tensor<8x6x4xf32>) {
    // expected-remark@+1 {{([i, j, k]) -> ([i, j, l], [i, m]) {i=8, j=6, k=4, l=4, m=4} blocked={k}}
    "stablehlo.custom_call"(%a) <{call_target_name = "Qr"}> : (tensor<8x6x4xf32>) -> (tensor<8x6x4xf32>, tensor<8x4xf32>)
    return
  }
}

// -----

//===----------------------------------------------------------------------===//
// Known ones
//===----------------------------------------------------------------------===//

// A batch of matrices, as JAX marks it.
func.func @batch(%a: tensor<8x2x4x4xf32>) {
  // expected-remark@+1 {{([i, j, k, l]) -> ([i, j, m, n], [i, j]) {i=8, j=2, k=4, l=4, m=4, n=4} blocked={k: is needed whole, l: is needed whole, m: is needed whole, n: is needed whole}}}
  "stablehlo.custom_call"(%a) <{call_target_name = "lapack_spotrf_ffi", operand_layouts = [dense<[2, 3, 1, 0]> : tensor<4xindex>], result_layouts = [dense<[2, 3, 1, 0]> : tensor<4xindex>, dense<[1, 0]> : tensor<2xindex>]}> {mhlo.backend_config = {uplo = 76 : ui8}, mhlo.frontend_attributes = {num_batch_dims = "2"}} : (tensor<8x2x4x4xf32>) -> (tensor<8x2x4x4xf32>, tensor<8x2xi32>)
  return
}

// -----

// One value without the batch, and the mark is not to be trusted.
func.func @no_batch(%a: tensor<8x4x4xf32>) {
  // expected-remark@+1 {{([i, j, k]) -> ([l, m], []) {i=8, j=4, k=4, l=4, m=4} blocked={i: belongs to a custom call without a rule}}
  "stablehlo.custom_call"(%a) <{call_target_name = "f"}> {mhlo.frontend_attributes = {num_batch_dims = "1"}} : (tensor<8x4x4xf32>) -> (tensor<4x4xf32>, tensor<i32>)
  return
}

// -----

// 76 is L, 82 is R: on which side the matrix is.
func.func @trsm(%a: tensor<8x4x4xf32>, %b: tensor<8x4x2xf32>, %c: tensor<8x2x4xf32>) {
  // expected-remark@+1 {{([i, k, l], [i, m, j]) -> ([i, n, j]) {i=8, j=2, k=4, l=4, m=4, n=4} blocked={k}}
  "stablehlo.custom_call"(%a, %b) <{call_target_name = "lapack_strsm_ffi"}> {mhlo.backend_config = {diag = 78 : ui8, side = 76 : ui8, trans_x = 78 : ui8, uplo = 85 : ui8}, mhlo.frontend_attributes = {num_batch_dims = "1"}} : (tensor<8x4x4xf32>, tensor<8x4x2xf32>) -> tensor<8x4x2xf32>
  // expected-remark@+1 {{([i, k, l], [i, j, m]) -> ([i, j, n]) {i=8, j=2, k=4, l=4, m=4, n=4} blocked={k}}
  "stablehlo.custom_call"(%a, %c) <{call_target_name = "lapack_ztrsm_ffi"}> {mhlo.backend_config = {diag = 78 : ui8, side = 82 : ui8, trans_x = 78 : ui8, uplo = 85 : ui8}, mhlo.frontend_attributes = {num_batch_dims = "1"}} : (tensor<8x4x4xf32>, tensor<8x2x4xf32>) -> tensor<8x2x4xf32>
  return
}

// -----

func.func @ormqr(%a: tensor<8x6x4xf32>, %t: tensor<8x4xf32>, %b: tensor<8x6x2xf32>, %c: tensor<8x2x6xf32>) {
  // expected-remark@+1 {{([i, k, l], [i, m], [i, n, j]) -> ([i, o, j]) {i=8, j=2, }}
  "stablehlo.custom_call"(%a, %t, %b) <{call_target_name = "lapack_sormqr_ffi"}> {mhlo.backend_config = {left = true, transpose = false}} : (tensor<8x6x4xf32>, tensor<8x4xf32>, tensor<8x6x2xf32>) -> tensor<8x6x2xf32>
  // expected-remark@+1 {{([i, k, l], [i, m], [i, j, n]) -> ([i, j, o]) {i=8, j=2, }}
  "stablehlo.custom_call"(%a, %t, %c) <{call_target_name = "cusolver_ormqr_ffi"}> {mhlo.backend_config = {left = false, transpose = false}} : (tensor<8x6x4xf32>, tensor<8x4xf32>, tensor<8x2x6xf32>) -> tensor<8x2x6xf32>
  return
}

// -----

func.func @gtsv(%d: tensor<8x4xf32>, %b: tensor<8x4x2xf32>) {
  // expected-remark@+1 {{([i, k], [i, l], [i, m], [i, n, j]) -> ([i, o], [i, p], [i, q], [i, r, j], [i]) {i=8, j=2, }}
  "stablehlo.custom_call"(%d, %d, %d, %b) <{call_target_name = "lapack_dgtsv_ffi"}> : (tensor<8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<8x4x2xf32>) -> (tensor<8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<8x4x2xf32>, tensor<8xi32>)
  // expected-remark@+1 {{([i, k], [i, l], [i, m], [i, n, j]) -> ([i, o, j]) {i=8, j=2, }}
  "stablehlo.custom_call"(%d, %d, %d, %b) <{call_target_name = "hipsparse_gtsv2_ffi"}> : (tensor<8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<8x4x2xf32>) -> tensor<8x4x2xf32>
  // expected-remark@+1 {{([i, k], [i, l], [i, m], [i, n, j]) -> ([i, o, j]) {i=8, j=2, }}
  "stablehlo.custom_call"(%d, %d, %d, %b) <{call_target_name = "tridiagonal_solve_perturbed_ffi"}> : (tensor<8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<8x4x2xf32>) -> tensor<8x4x2xf32>
  return
}

// -----

func.func @syrk(%a: tensor<8x4x5xf32>, %c: tensor<8x4x4xf32>, %s: tensor<f32>) {
  // expected-remark@+1 {{([i, j, k], [i, l, m], [], []) -> ([i, n, o]) {i=8, }}
  "stablehlo.custom_call"(%a, %c, %s, %s) <{call_target_name = "cusolver_syrk_ffi"}> {mhlo.backend_config = {transpose = false}} : (tensor<8x4x5xf32>, tensor<8x4x4xf32>, tensor<f32>, tensor<f32>) -> tensor<8x4x4xf32>
  return
}

// -----

func.func @threefry(%a: tensor<8x4xui32>) {
  // expected-remark@+1 {{([i, j], [i, j], [i, j], [i, j]) -> ([i, j], [i, j]) {i=8, j=4}}}
  "stablehlo.custom_call"(%a, %a, %a, %a) <{call_target_name = "cu_threefry2x32_ffi"}> : (tensor<8x4xui32>, tensor<8x4xui32>, tensor<8x4xui32>, tensor<8x4xui32>) -> (tensor<8x4xui32>, tensor<8x4xui32>)
  return
}

// -----

// XLA's own, on TPU.
func.func @tpu(%a: tensor<8x6x4xf32>, %s: tensor<8x4x4xf32>, %t: tensor<8x4xf32>) {
  // expected-remark@+1 {{([i, j, k]) -> ([i, l, m], [i, n]) {i=8, }}
  "stablehlo.custom_call"(%a) <{call_target_name = "Qr"}> : (tensor<8x6x4xf32>) -> (tensor<8x6x4xf32>, tensor<8x4xf32>)
  // expected-remark@+1 {{([i, j, k], [i, l]) -> ([i, m, n]) {i=8, }}
  "stablehlo.custom_call"(%a, %t) <{call_target_name = "ProductOfElementaryHouseholderReflectors"}> : (tensor<8x6x4xf32>, tensor<8x4xf32>) -> tensor<8x6x4xf32>
  // expected-remark@+1 {{([i, j, k]) -> ([i, l, m], [i, n], [i, o]) {i=8, }}
  "stablehlo.custom_call"(%a) <{call_target_name = "LuDecomposition"}> : (tensor<8x6x4xf32>) -> (tensor<8x6x4xf32>, tensor<8x4xi32>, tensor<8x6xi32>)
  // expected-remark@+1 {{([i, j, k]) -> ([i, l, m], [i, n]) {i=8, }}
  "stablehlo.custom_call"(%s) <{backend_config = "1,1,100,1e-6", call_target_name = "Eigh"}> : (tensor<8x4x4xf32>) -> (tensor<8x4x4xf32>, tensor<8x4xf32>)
  return
}

// -----

func.func @approx_top_k(%x: tensor<8x16x3xf32>, %i: tensor<8x16x3xi32>, %a: tensor<f32>, %b: tensor<i32>) {
  // expected-remark@+1 {{([i, l, k], [i, m, k], [], []) -> ([i, j, k], [i, j, k]) {i=8, j=2, k=3, l=16, m=16} blocked={j: is searched, l: is searched, m: is searched}}}
  "stablehlo.custom_call"(%x, %i, %a, %b) <{call_target_name = "ApproxTopK", called_computations = [@greater]}> {mhlo.backend_config = {aggregate_to_topk = true, recall_target = 0.95 : f32, reduction_dim = 1 : i64, reduction_input_size_override = -1 : i64, top_k = 2 : i64}} : (tensor<8x16x3xf32>, tensor<8x16x3xi32>, tensor<f32>, tensor<i32>) -> (tensor<8x2x3xf32>, tensor<8x2x3xi32>)
  return
}
