// RUN: partir-opt %s --partir-print-rules=costs=true 2>&1 | FileCheck %s

module {
  func.func @main(%x: tensor<8x16xf32>, %w: tensor<16x4xf32>, %i: tensor<i32>,
                  %rows: tensor<5x1xi32>, %image: tensor<1x8x8x1xf32>,
                  %kernel: tensor<3x3x1x1xf32>, %four: tensor<4x1xi32>,
                  %updates: tensor<4x16xf32>, %columns: tensor<8x1xi32>,
                  %row_updates: tensor<8xf32>) {
    // CHECK: cost: elements, 128 flops
    %sum = "stablehlo.add"(%x, %x) : (tensor<8x16xf32>, tensor<8x16xf32>) -> tensor<8x16xf32>
    // CHECK: cost: elements, 128 transcendentals
    %tanh = "stablehlo.tanh"(%x) : (tensor<8x16xf32>) -> tensor<8x16xf32>
    // CHECK: cost: none
    %flat = "stablehlo.reshape"(%x) : (tensor<8x16xf32>) -> tensor<128xf32>
    // CHECK: cost: elements
    // CHECK-NOT: flops
    %turned = "stablehlo.transpose"(%x) <{permutation = array<i64: 1, 0>}> : (tensor<8x16xf32>) -> tensor<16x8xf32>
    // 2 * 8 * 16 * 4.
    // CHECK: cost: matrix, 1024 flops
    %dot = "stablehlo.dot_general"(%x, %w) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<8x16xf32>, tensor<16x4xf32>) -> tensor<8x4xf32>
    // CHECK: cost: elements
    %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
    // CHECK: cost: reduce, 128 flops
    %total = "stablehlo.reduce"(%x, %zero) <{dimensions = array<i64: 1>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %c = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%c) : (tensor<f32>) -> ()
    }) : (tensor<8x16xf32>, tensor<f32>) -> tensor<8xf32>
    // CHECK: cost: elements, partly read [0]
    %row = "stablehlo.dynamic_slice"(%x, %i, %i) <{slice_sizes = array<i64: 1, 16>}> : (tensor<8x16xf32>, tensor<i32>, tensor<i32>) -> tensor<1x16xf32>
    // CHECK: cost: elements, overwrites 1
    %set = "stablehlo.dynamic_update_slice"(%x, %row, %i, %i) : (tensor<8x16xf32>, tensor<1x16xf32>, tensor<i32>, tensor<i32>) -> tensor<8x16xf32>
    // CHECK: cost: apart, partly read [0]
    %taken = "stablehlo.gather"(%x, %rows) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, 16>, indices_are_sorted = false}> : (tensor<8x16xf32>, tensor<5x1xi32>) -> tensor<5x16xf32>
    // CHECK: cost: elements
    // CHECK-NOT: flops
    %half = "stablehlo.convert"(%x) : (tensor<8x16xf32>) -> tensor<8x16xbf16>
    // 2 * 36 results * 9 elements of the window.
    // CHECK: cost: matrix, 648 flops
    %conv = "stablehlo.convolution"(%image, %kernel) <{dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64, batch_group_count = 1 : i64}> : (tensor<1x8x8x1xf32>, tensor<3x3x1x1xf32>) -> tensor<1x6x6x1xf32>
    // Four updates of rows of 16.
    // CHECK: cost: apart, 64 flops, overwrites 1, 4 updates a row
    %scattered = "stablehlo.scatter"(%x, %four, %updates) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %c = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%c) : (tensor<f32>) -> ()
    }) : (tensor<8x16xf32>, tensor<4x1xi32>, tensor<4x16xf32>) -> tensor<8x16xf32>
    // One update in each row: a comparison with the index.
    // CHECK: cost: elements, 8 flops{{$}}
    %onehot = "stablehlo.scatter"(%x, %columns, %row_updates) <{scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [1], input_batching_dims = [0], scatter_indices_batching_dims = [0], scatter_dims_to_operand_dims = [1], index_vector_dim = 1>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %c = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%c) : (tensor<f32>) -> ()
    }) : (tensor<8x16xf32>, tensor<8x1xi32>, tensor<8xf32>) -> tensor<8x16xf32>
    // 128 elements in rows of 16: 128 * 4.
    // CHECK: cost: apart, 512 flops
    %sorted = "stablehlo.sort"(%x) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %c = "stablehlo.compare"(%a, %b) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      "stablehlo.return"(%c) : (tensor<i1>) -> ()
    }) : (tensor<8x16xf32>) -> tensor<8x16xf32>
    // CHECK: cost: apart
    %called = "stablehlo.custom_call"(%x) <{call_target_name = "mine", api_version = 1 : i32, called_computations = []}> : (tensor<8x16xf32>) -> tensor<8x16xf32>
    return
  }
}
