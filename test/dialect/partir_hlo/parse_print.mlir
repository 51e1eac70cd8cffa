// Syntax of PartIR:HLO. The second run parses what the first printed, the
// third goes through the generic form.
//
// RUN: partir-opt %s | FileCheck %s
// RUN: partir-opt %s | partir-opt | FileCheck %s
// RUN: partir-opt %s -mlir-print-op-generic | partir-opt | FileCheck %s

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2, "N"=8]>} {

// CHECK-LABEL: func.func private @attributes
func.func private @attributes() attributes {
  // CHECK-SAME: axes = #partir_hlo.axes<{"B", "N":(2)4}>
  axes = #partir_hlo.axes<{"B", "N":(2)4}>,
  // CHECK-SAME: dims = #partir_hlo.dim_axes<[{"B"}, {}, {"N", "M"}]>
  dims = #partir_hlo.dim_axes<[{"B"}, {}, {"N", "M"}]>,
  // CHECK-SAME: empty = [#partir_hlo.axes<{}>, #partir_hlo.dim_axes<[]>]
  empty = [#partir_hlo.axes<{}>, #partir_hlo.dim_axes<[]>]
}

// CHECK-LABEL: func.func @all_slice
func.func @all_slice(%x: tensor<256x8xf32>) -> (tensor<64x8xf32>, tensor<8x4xf32>) {
  // CHECK-NEXT: partir_hlo.all_slice [{"B"}, {}] %{{.*}} : tensor<256x8xf32> -> tensor<64x8xf32>
  %y = partir_hlo.all_slice [{"B"}, {}] %x : tensor<256x8xf32> -> tensor<64x8xf32>
  // CHECK-NEXT: partir_hlo.all_slice [{"B", "N"}, {"M"}] %{{.*}} {note} : tensor<256x8xf32> -> tensor<8x4xf32>
  %z = partir_hlo.all_slice [{"B", "N"}, {"M"}] %x {note} : tensor<256x8xf32> -> tensor<8x4xf32>
  return %y, %z : tensor<64x8xf32>, tensor<8x4xf32>
}

// CHECK-LABEL: func.func @all_gather
func.func @all_gather(%x: tensor<64x8xf32>) -> (tensor<256x8xf32>, tensor<256x16xf32>) {
  // CHECK-NEXT: partir_hlo.all_gather [{"B"}, {}] %{{.*}} : tensor<64x8xf32> -> tensor<256x8xf32>
  %y = partir_hlo.all_gather [{"B"}, {}] %x : tensor<64x8xf32> -> tensor<256x8xf32>
  // CHECK-NEXT: partir_hlo.all_gather [{"N":(2)4}, {"M"}] %{{.*}} : tensor<64x8xf32> -> tensor<256x16xf32>
  %z = partir_hlo.all_gather [{"N":(2)4}, {"M"}] %x : tensor<64x8xf32> -> tensor<256x16xf32>
  return %y, %z : tensor<256x8xf32>, tensor<256x16xf32>
}

// CHECK-LABEL: func.func @all_reduce
func.func @all_reduce(%x: tensor<f32>, %p: tensor<4xi1>) -> (tensor<f32>, tensor<4xi1>) {
  // CHECK-NEXT: partir_hlo.all_reduce add {"M"} %{{.*}} : tensor<f32>
  %y = partir_hlo.all_reduce add {"M"} %x : tensor<f32>
  // CHECK-NEXT: partir_hlo.all_reduce max {"B", "N":(1)2} %{{.*}} : tensor<f32>
  %z = partir_hlo.all_reduce max {"B", "N":(1)2} %y : tensor<f32>
  // CHECK-NEXT: partir_hlo.all_reduce or {"M"} %{{.*}} : tensor<4xi1>
  %q = partir_hlo.all_reduce or {"M"} %p : tensor<4xi1>
  return %z, %q : tensor<f32>, tensor<4xi1>
}

// CHECK-LABEL: func.func @reduce_scatter
func.func @reduce_scatter(%x: tensor<64x8xf32>) -> tensor<64x4xf32> {
  // CHECK-NEXT: partir_hlo.reduce_scatter add [{}, {"M"}] %{{.*}} : tensor<64x8xf32> -> tensor<64x4xf32>
  %y = partir_hlo.reduce_scatter add [{}, {"M"}] %x : tensor<64x8xf32> -> tensor<64x4xf32>
  return %y : tensor<64x4xf32>
}

// CHECK-LABEL: func.func @all_to_all
func.func @all_to_all(%x: tensor<64x8xf32>) -> tensor<128x4xf32> {
  // CHECK-NEXT: partir_hlo.all_to_all {"M"} dim 0 to 1 %{{.*}} : tensor<64x8xf32> -> tensor<128x4xf32>
  %y = partir_hlo.all_to_all {"M"} dim 0 to 1 %x : tensor<64x8xf32> -> tensor<128x4xf32>
  return %y : tensor<128x4xf32>
}

// CHECK-LABEL: func.func @collective_permute
func.func @collective_permute(%x: tensor<32x8xf32>) -> tensor<32x8xf32> {
  // CHECK-NEXT: partir_hlo.collective_permute [{"B", "M"}, {}] to [{"M", "B"}, {}] %{{.*}} : tensor<32x8xf32>
  %y = partir_hlo.collective_permute [{"B", "M"}, {}] to [{"M", "B"}, {}] %x : tensor<32x8xf32>
  // CHECK-NEXT: partir_hlo.collective_permute [{"N":(1)2}, {"M"}] to [{"M"}, {"N":(1)2}] %{{.*}} : tensor<32x8xf32>
  %z = partir_hlo.collective_permute [{"N":(1)2}, {"M"}] to [{"M"}, {"N":(1)2}] %y : tensor<32x8xf32>
  return %z : tensor<32x8xf32>
}

// CHECK-LABEL: func.func @window
func.func @window(%x: tensor<2x8xf32>) -> tensor<4x8xf32> {
  // CHECK-NEXT: partir_hlo.window {"B"} dim 0 starts [-1, 1, 3, 5] %{{.*}} : tensor<2x8xf32> -> tensor<4x8xf32>
  %y = partir_hlo.window {"B"} dim 0 starts [-1, 1, 3, 5] %x : tensor<2x8xf32> -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// CHECK-LABEL: func.func @axis_index
func.func @axis_index() -> tensor<i32> {
  // CHECK-NEXT: partir_hlo.axis_index {"B", "M"} : tensor<i32>
  %i = partir_hlo.axis_index {"B", "M"} : tensor<i32>
  return %i : tensor<i32>
}

}
