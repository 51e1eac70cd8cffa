// Attributes and types are printed as jaxlib prints them.
//
// RUN: partir-opt %s | FileCheck %s
// RUN: partir-opt %s | partir-opt | FileCheck %s

// CHECK-LABEL: @dimension_numbers
func.func private @dimension_numbers() attributes {
  // CHECK-SAME: conv = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>
  conv = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>,
  // CHECK-SAME: dot = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>
  dot = #stablehlo.dot<rhs_contracting_dimensions = [0], lhs_contracting_dimensions = [1]>,
  // CHECK-SAME: gather = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>
  gather = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>,
  // CHECK-SAME: ragged = #chlo.ragged_dot<lhs_ragged_dimensions = [0]>
  ragged = #chlo.ragged_dot<lhs_ragged_dimensions = [0]>,
  // CHECK-SAME: scatter = #stablehlo.scatter<>
  scatter = #stablehlo.scatter<index_vector_dim = 0>
}

// CHECK-LABEL: @others
func.func private @others() attributes {
  // CHECK-SAME: accuracy = #stablehlo.result_accuracy<rtol = 2.500000e-01, mode = #stablehlo.result_accuracy_mode<TOLERANCE>>
  accuracy = #stablehlo.result_accuracy<rtol = 0.25, mode = #stablehlo.result_accuracy_mode<TOLERANCE>>,
  // CHECK-SAME: alias = #stablehlo.output_operand_alias<output_tuple_indices = [], operand_index = 1, operand_tuple_indices = [0]>
  alias = #stablehlo.output_operand_alias<operand_index = 1, operand_tuple_indices = [0]>,
  // CHECK-SAME: channel = #stablehlo.channel_handle<handle = 1, type = 0>
  channel = #stablehlo.channel_handle<type = 0, handle = 1>,
  // CHECK-SAME: less = #stablehlo<comparison_direction LT>
  less = #stablehlo<comparison_direction LT>,
  // CHECK-SAME: mesh = #stablehlo.mesh<axes=[<name = "x", size = 2>], device_ids=dense<[1, 0]> : tensor<2xi64>>
  mesh = #stablehlo.mesh<axes=[<name = "x", size = 2>], device_ids=dense<[1, 0]> : tensor<2xi64>>,
  // CHECK-SAME: part = #stablehlo.axis_ref<name = "x", sub_axis_info = (1)2>
  part = #stablehlo.axis_ref<name = "x", sub_axis_info = (1)2>,
  // CHECK-SAME: rule = #sdy.op_sharding_rule<([i, j])->([i, k], []) {i=4, j=4, k=4}, custom>
  rule = #sdy.op_sharding_rule<([i, j])->([i, k], []) {i=4, j=4, k=4}, custom>,
  // CHECK-SAME: sub = #stablehlo<sub_axis_info(1)2>
  sub = #stablehlo<sub_axis_info(1)2>
}

// CHECK: func.func private @types(!stablehlo.token, !stablehlo.future<tensor<f32>, tensor<2xi8>>, tensor<?x?xf32, #stablehlo.bounds<4, ?>>)
func.func private @types(!stablehlo.token, !stablehlo.future<tensor<f32>, tensor<2xi8>>, tensor<?x?xf32, #stablehlo.bounds<4, ?>>)
