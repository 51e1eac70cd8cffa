// What the verifiers refuse: what a partition rule could not index.
//
// RUN: partir-opt %s -split-input-file -verify-diagnostics

//===----------------------------------------------------------------------===//
// Elementwise ops
//===----------------------------------------------------------------------===//

func.func @add(%x: tensor<4xf32>, %y: tensor<5xf32>) {
  // expected-error @+1 {{'stablehlo.add' op requires the same shape for all operands and results}}
  %0 = "stablehlo.add"(%x, %y) : (tensor<4xf32>, tensor<5xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @compare(%x: tensor<4xf32>) {
  // expected-error @+1 {{'stablehlo.compare' op requires attribute 'comparison_direction'}}
  %0 = "stablehlo.compare"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  return
}

// -----

func.func @select(%p: tensor<2xi1>, %x: tensor<4xf32>) {
  // expected-error @+1 {{'stablehlo.select' op expects predicate of shape [4], got 'tensor<2xi1>'}}
  %0 = "stablehlo.select"(%p, %x, %x) : (tensor<2xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @unranked(%x: tensor<*xf32>) {
  // expected-error @+1 {{'stablehlo.abs' op operand #0 must be ranked tensor of any type values, but got 'tensor<*xf32>'}}
  %0 = "stablehlo.abs"(%x) : (tensor<*xf32>) -> tensor<*xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Shape changes
//===----------------------------------------------------------------------===//

func.func @iota() {
  // expected-error @+1 {{'stablehlo.iota' op iota_dimension 1 is out of range for rank 1}}
  %0 = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<4xf32>
  return
}

// -----

func.func @constant() {
  // expected-error @+1 {{'stablehlo.constant' op failed to verify that all of {value, output} have same type}}
  %0 = "stablehlo.constant"() <{value = dense<1.0> : tensor<4xf32>}> : () -> tensor<5xf32>
  return
}

// -----

func.func @broadcast_count(%x: tensor<4xf32>) {
  // expected-error @+1 {{'stablehlo.broadcast_in_dim' op expects 1 broadcast_dimensions, got 2}}
  %0 = "stablehlo.broadcast_in_dim"(%x) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @broadcast_size(%x: tensor<4xf32>) {
  // expected-error @+1 {{'stablehlo.broadcast_in_dim' op cannot broadcast operand dimension 0 of size 4 to result dimension 1 of size 8}}
  %0 = "stablehlo.broadcast_in_dim"(%x) <{broadcast_dimensions = array<i64: 1>}> : (tensor<4xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @reshape(%x: tensor<4xf32>) {
  // expected-error @+1 {{'stablehlo.reshape' op cannot reshape 4 elements to 6}}
  %0 = "stablehlo.reshape"(%x) : (tensor<4xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @transpose(%x: tensor<4x2xf32>) {
  // expected-error @+1 {{'stablehlo.transpose' op permutation names dimension 1 twice}}
  %0 = "stablehlo.transpose"(%x) <{permutation = array<i64: 1, 1>}> : (tensor<4x2xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @concatenate(%x: tensor<4x2xf32>, %y: tensor<4x3xf32>) {
  // expected-error @+1 {{'stablehlo.concatenate' op expects result of shape [4, 5], got 'tensor<4x6xf32>'}}
  %0 = "stablehlo.concatenate"(%x, %y) <{dimension = 1 : i64}> : (tensor<4x2xf32>, tensor<4x3xf32>) -> tensor<4x6xf32>
  return
}

// -----

func.func @pad(%x: tensor<4xf32>, %v: tensor<f32>) {
  // expected-error @+1 {{'stablehlo.pad' op expects 1 edge_padding_high entries, got 2}}
  %0 = "stablehlo.pad"(%x, %v) <{edge_padding_low = array<i64: 0>, edge_padding_high = array<i64: 1, 1>, interior_padding = array<i64: 0>}> : (tensor<4xf32>, tensor<f32>) -> tensor<5xf32>
  return
}

// -----

func.func @slice(%x: tensor<4xf32>) {
  // expected-error @+1 {{'stablehlo.slice' op cannot slice [2, 5) of dimension 0 of 'tensor<4xf32>'}}
  %0 = "stablehlo.slice"(%x) <{start_indices = array<i64: 2>, limit_indices = array<i64: 5>, strides = array<i64: 1>}> : (tensor<4xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @dynamic_slice(%x: tensor<4x4xf32>, %i: tensor<i32>) {
  // expected-error @+1 {{'stablehlo.dynamic_slice' op expects 2 start_indices, got 1}}
  %0 = "stablehlo.dynamic_slice"(%x, %i) <{slice_sizes = array<i64: 1, 4>}> : (tensor<4x4xf32>, tensor<i32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @dynamic_update_slice(%x: tensor<4xf32>, %u: tensor<5xf32>, %i: tensor<i32>) {
  // expected-error @+1 {{'stablehlo.dynamic_update_slice' op update is larger than the operand: 'tensor<5xf32>' against 'tensor<4xf32>'}}
  %0 = "stablehlo.dynamic_update_slice"(%x, %u, %i) : (tensor<4xf32>, tensor<5xf32>, tensor<i32>) -> tensor<4xf32>
  return
}

// -----

func.func @gather_map(%x: tensor<8x4xf32>, %i: tensor<3x2xi32>) {
  // expected-error @+1 {{'stablehlo.gather' op index map has 1 entries for 2 components of an index}}
  %0 = "stablehlo.gather"(%x, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, 4>}> : (tensor<8x4xf32>, tensor<3x2xi32>) -> tensor<3x4xf32>
  return
}

// -----

func.func @gather_result(%x: tensor<8x4xf32>, %i: tensor<3x1xi32>) {
  // expected-error @+1 {{'stablehlo.gather' op expects result of shape [3, 4], got 'tensor<4x3xf32>'}}
  %0 = "stablehlo.gather"(%x, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, 4>}> : (tensor<8x4xf32>, tensor<3x1xi32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @scatter_operands(%x: tensor<8xi32>, %i: tensor<3x1xi32>) {
  // expected-error @+1 {{'stablehlo.scatter' op expects as many updates as inputs}}
  %0 = "stablehlo.scatter"(%x, %i) <{scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> ({
  ^bb0(%a: tensor<i32>, %b: tensor<i32>):
    "stablehlo.return"(%a) : (tensor<i32>) -> ()
  }) : (tensor<8xi32>, tensor<3x1xi32>) -> tensor<8xi32>
  return
}

// -----

func.func @scatter_window(%x: tensor<8x4xf32>, %i: tensor<3x1xi32>, %u: tensor<3x4xf32>) {
  // expected-error @+1 {{'stablehlo.scatter' op window dimension 2 is out of range for rank 2}}
  %0 = "stablehlo.scatter"(%x, %i, %u) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [2], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    "stablehlo.return"(%a) : (tensor<f32>) -> ()
  }) : (tensor<8x4xf32>, tensor<3x1xi32>, tensor<3x4xf32>) -> tensor<8x4xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Contractions, reductions, linear algebra
//===----------------------------------------------------------------------===//

func.func @dot_range(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{'stablehlo.dot_general' op dimension of lhs 2 is out of range for rank 2}}
  %0 = "stablehlo.dot_general"(%x, %x) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [2], rhs_contracting_dimensions = [1]>}> : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @dot_size(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{'stablehlo.dot_general' op dimension 1 of lhs and 0 of rhs differ in size: 8 and 4}}
  %0 = "stablehlo.dot_general"(%x, %x) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @convolution(%x: tensor<2x8x4xf32>, %w: tensor<3x4x6xf32>) {
  // expected-error @+1 {{'stablehlo.convolution' op expects 1 window_strides, got 2}}
  %0 = "stablehlo.convolution"(%x, %w) <{dimension_numbers = #stablehlo.conv<[b, 0, f]x[0, i, o]->[b, 0, f]>, window_strides = array<i64: 1, 1>, feature_group_count = 1 : i64, batch_group_count = 1 : i64}> : (tensor<2x8x4xf32>, tensor<3x4x6xf32>) -> tensor<2x6x6xf32>
  return
}

// -----

func.func @reduce(%x: tensor<4x8xf32>, %z: tensor<f32>) {
  // expected-error @+1 {{'stablehlo.reduce' op dimensions 2 is out of range for rank 2}}
  %0 = "stablehlo.reduce"(%x, %z) <{dimensions = array<i64: 2>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    "stablehlo.return"(%a) : (tensor<f32>) -> ()
  }) : (tensor<4x8xf32>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

func.func @reduce_body(%x: tensor<4x8xf32>, %z: tensor<f32>) {
  // expected-error @+1 {{'stablehlo.reduce' op expects 2 body arguments, got 1}}
  %0 = "stablehlo.reduce"(%x, %z) <{dimensions = array<i64: 1>}> ({
  ^bb0(%a: tensor<f32>):
    "stablehlo.return"(%a) : (tensor<f32>) -> ()
  }) : (tensor<4x8xf32>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

func.func @reduce_empty(%x: tensor<4x8xf32>, %z: tensor<f32>) {
  // expected-error @+1 {{'stablehlo.reduce' op expects a non-empty block}}
  %0 = "stablehlo.reduce"(%x, %z) <{dimensions = array<i64: 1>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
  }) : (tensor<4x8xf32>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

func.func @reduce_terminator(%x: tensor<4x8xf32>, %z: tensor<f32>) {
  // expected-error @+1 {{'stablehlo.reduce' op body must end in 'stablehlo.return'}}
  %0 = "stablehlo.reduce"(%x, %z) <{dimensions = array<i64: 1>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %1 = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  }) : (tensor<4x8xf32>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

func.func @reduce_window(%x: tensor<4x8xf32>, %z: tensor<f32>) {
  // expected-error @+1 {{'stablehlo.reduce_window' op expects padding of shape [2, 2], got 'tensor<1x2xi64>'}}
  %0 = "stablehlo.reduce_window"(%x, %z) <{window_dimensions = array<i64: 1, 2>, padding = dense<0> : tensor<1x2xi64>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    "stablehlo.return"(%a) : (tensor<f32>) -> ()
  }) : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @sort(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{'stablehlo.sort' op dimension -1 is out of range for rank 2}}
  %0 = "stablehlo.sort"(%x) <{dimension = -3 : i64}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %1 = "stablehlo.compare"(%a, %b) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
    "stablehlo.return"(%1) : (tensor<i1>) -> ()
  }) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @batch_norm(%x: tensor<4x8xf32>, %s: tensor<8xf32>) {
  // expected-error @+1 {{'stablehlo.batch_norm_inference' op expects per-feature vector of shape [4], got 'tensor<8xf32>'}}
  %0 = "stablehlo.batch_norm_inference"(%x, %s, %s, %s, %s) <{epsilon = 0.1 : f32, feature_index = 0 : i64}> : (tensor<4x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @cholesky(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{'stablehlo.cholesky' op expects square matrices, got 'tensor<4x8xf32>'}}
  %0 = "stablehlo.cholesky"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @fft(%x: tensor<8xcomplex<f32>>) {
  // expected-error @+1 {{'stablehlo.fft' op expects 1 to 1 entries of fft_length, got 2}}
  %0 = "stablehlo.fft"(%x) <{fft_type = #stablehlo<fft_type FFT>, fft_length = array<i64: 8, 8>}> : (tensor<8xcomplex<f32>>) -> tensor<8xcomplex<f32>>
  return
}

// -----

func.func @top_k(%x: tensor<4xf32>) {
  // expected-error @+1 {{'chlo.top_k' op cannot choose 5 of 4}}
  %0:2 = "chlo.top_k"(%x) <{k = 5 : i64}> : (tensor<4xf32>) -> (tensor<5xf32>, tensor<5xi32>)
  return
}

// -----

//===----------------------------------------------------------------------===//
// Control flow and collectives
//===----------------------------------------------------------------------===//

func.func @while(%x: tensor<4xf32>) {
  // expected-error @+1 {{'stablehlo.while' op expects body arguments #0 of type 'tensor<4xf32>', got 'tensor<5xf32>'}}
  %0 = "stablehlo.while"(%x) ({
  ^bb0(%a: tensor<4xf32>):
    %1 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
    "stablehlo.return"(%1) : (tensor<i1>) -> ()
  }, {
  ^bb0(%a: tensor<5xf32>):
    "stablehlo.return"(%x) : (tensor<4xf32>) -> ()
  }) : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @while_results(%x: tensor<4xf32>) {
  // expected-error @+1 {{'stablehlo.while' op expects 1 results, got 0}}
  "stablehlo.while"(%x) ({
  ^bb0(%a: tensor<4xf32>):
    %1 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
    "stablehlo.return"(%1) : (tensor<i1>) -> ()
  }, {
  ^bb0(%a: tensor<4xf32>):
    "stablehlo.return"(%a) : (tensor<4xf32>) -> ()
  }) : (tensor<4xf32>) -> ()
  return
}

// -----

func.func @case(%i: tensor<i32>, %x: tensor<4xf32>) {
  // expected-error @+1 {{'stablehlo.case' op expects 1 branch results, got 0}}
  %0 = "stablehlo.case"(%i) ({
    "stablehlo.return"(%x) : (tensor<4xf32>) -> ()
  }, {
    "stablehlo.return"() : () -> ()
  }) : (tensor<i32>) -> tensor<4xf32>
  return
}

// -----

func.func @optimization_barrier(%x: tensor<4xf32>) {
  // expected-error @+1 {{'stablehlo.optimization_barrier' op expects 1 results, got 2}}
  %0:2 = "stablehlo.optimization_barrier"(%x) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

func.func @all_gather(%x: tensor<4xf32>) {
  // expected-error @+1 {{'stablehlo.all_gather' op all_gather_dim 1 is out of range for rank 1}}
  %0 = "stablehlo.all_gather"(%x) <{all_gather_dim = 1 : i64, replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> : (tensor<4xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @replica_groups(%x: tensor<4xf32>) {
  // expected-error @+1 {{'stablehlo.all_gather' op attribute 'replica_groups' failed to satisfy constraint: replica groups}}
  %0 = "stablehlo.all_gather"(%x) <{all_gather_dim = 0 : i64, replica_groups = "all"}> : (tensor<4xf32>) -> tensor<8xf32>
  return
}
