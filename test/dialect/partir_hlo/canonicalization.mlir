// How collectives fuse and cancel.
//
// RUN: partir-opt %s -canonicalize | FileCheck %s
// RUN: partir-opt %s -cse | FileCheck %s --check-prefix=CSE

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2, "N"=2]>} {

//===----------------------------------------------------------------------===//
// Empty, unused, equal
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @no_axes
func.func @no_axes(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // CHECK-NEXT: return %arg0
  %0 = partir_hlo.all_slice [{}, {}] %x : tensor<8x8xf32> -> tensor<8x8xf32>
  %1 = partir_hlo.all_gather [{}, {}] %0 : tensor<8x8xf32> -> tensor<8x8xf32>
  %2 = partir_hlo.all_reduce add {} %1 : tensor<8x8xf32>
  %3 = partir_hlo.reduce_scatter add [{}, {}] %2 : tensor<8x8xf32> -> tensor<8x8xf32>
  %4 = partir_hlo.all_to_all {} dim 0 to 1 %3 : tensor<8x8xf32> -> tensor<8x8xf32>
  %5 = partir_hlo.collective_permute [{"B"}, {}] to [{"B"}, {}] %4 : tensor<8x8xf32>
  return %5 : tensor<8x8xf32>
}

// CHECK-LABEL: func.func @unused
// CSE-LABEL: func.func @unused
func.func @unused(%x: tensor<8x8xf32>) {
  // CHECK-NEXT: return
  // CSE-NEXT: return
  %0 = partir_hlo.all_gather [{"B"}, {}] %x : tensor<8x8xf32> -> tensor<32x8xf32>
  return
}

// Each use of a gathered value keeps its own gather; other collectives merge.
// CSE-LABEL: func.func @gathers_are_not_merged
func.func @gathers_are_not_merged(%x: tensor<8xf32>)
    -> (tensor<32xf32>, tensor<32xf32>, tensor<8xf32>, tensor<8xf32>) {
  // CSE-NEXT: %[[A:.*]] = partir_hlo.all_gather
  // CSE-NEXT: %[[B:.*]] = partir_hlo.all_gather
  // CSE-NEXT: %[[C:.*]] = partir_hlo.all_reduce
  // CSE-NEXT: return %[[A]], %[[B]], %[[C]], %[[C]]
  %0 = partir_hlo.all_gather [{"B"}] %x : tensor<8xf32> -> tensor<32xf32>
  %1 = partir_hlo.all_gather [{"B"}] %x : tensor<8xf32> -> tensor<32xf32>
  %2 = partir_hlo.all_reduce add {"M"} %x : tensor<8xf32>
  %3 = partir_hlo.all_reduce add {"M"} %x : tensor<8xf32>
  return %0, %1, %2, %3 : tensor<32xf32>, tensor<32xf32>, tensor<8xf32>, tensor<8xf32>
}

//===----------------------------------------------------------------------===//
// all_slice(all_gather)
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @slice_of_gather
func.func @slice_of_gather(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // CHECK-NEXT: return %arg0
  %0 = partir_hlo.all_gather [{"B"}, {"M"}] %x : tensor<8x8xf32> -> tensor<32x16xf32>
  %1 = partir_hlo.all_slice [{"B"}, {"M"}] %0 : tensor<32x16xf32> -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// CHECK-LABEL: func.func @slice_of_gather_common_prefix
func.func @slice_of_gather_common_prefix(%x: tensor<8x8xf32>) -> tensor<16x4xf32> {
  // CHECK-NEXT: %[[G:.*]] = partir_hlo.all_gather [{"M"}, {}] %arg0 : tensor<8x8xf32> -> tensor<16x8xf32>
  // CHECK-NEXT: %[[S:.*]] = partir_hlo.all_slice [{}, {"N"}] %[[G]] : tensor<16x8xf32> -> tensor<16x4xf32>
  // CHECK-NEXT: return %[[S]]
  %0 = partir_hlo.all_gather [{"B", "M"}, {}] %x : tensor<8x8xf32> -> tensor<64x8xf32>
  %1 = partir_hlo.all_slice [{"B"}, {"N"}] %0 : tensor<64x8xf32> -> tensor<16x4xf32>
  return %1 : tensor<16x4xf32>
}

// Other uses need the gather; this one does not.
// CHECK-LABEL: func.func @slice_of_gather_other_use
func.func @slice_of_gather_other_use(%x: tensor<8xf32>) -> (tensor<32xf32>, tensor<4xf32>) {
  // CHECK-NEXT: %[[G:.*]] = partir_hlo.all_gather [{"B"}] %arg0
  // CHECK-NEXT: %[[S:.*]] = partir_hlo.all_slice [{"M"}] %arg0
  // CHECK-NEXT: return %[[G]], %[[S]]
  %0 = partir_hlo.all_gather [{"B"}] %x : tensor<8xf32> -> tensor<32xf32>
  %1 = partir_hlo.all_slice [{"B", "M"}] %0 : tensor<32xf32> -> tensor<4xf32>
  return %0, %1 : tensor<32xf32>, tensor<4xf32>
}

// A second, smaller gather would be one more: left alone.
// CHECK-LABEL: func.func @slice_of_gather_partial_other_use
func.func @slice_of_gather_partial_other_use(%x: tensor<8xf32>) -> (tensor<64xf32>, tensor<16xf32>) {
  // CHECK-NEXT: %[[G:.*]] = partir_hlo.all_gather [{"B", "M"}] %arg0
  // CHECK-NEXT: partir_hlo.all_slice [{"B"}] %[[G]]
  %0 = partir_hlo.all_gather [{"B", "M"}] %x : tensor<8xf32> -> tensor<64xf32>
  %1 = partir_hlo.all_slice [{"B"}] %0 : tensor<64xf32> -> tensor<16xf32>
  return %0, %1 : tensor<64xf32>, tensor<16xf32>
}

// CHECK-LABEL: func.func @slice_of_gather_parts
func.func @slice_of_gather_parts(%x: tensor<8xf32>) -> tensor<16xf32> {
  // CHECK-NEXT: partir_hlo.all_gather [{"B":(2)2}] %arg0 : tensor<8xf32> -> tensor<16xf32>
  // CHECK-NEXT: return
  %0 = partir_hlo.all_gather [{"B"}] %x : tensor<8xf32> -> tensor<32xf32>
  %1 = partir_hlo.all_slice [{"B":(1)2}] %0 : tensor<32xf32> -> tensor<16xf32>
  return %1 : tensor<16xf32>
}

// CHECK-LABEL: func.func @moved_axis
func.func @moved_axis(%x: tensor<8x8xf32>) -> tensor<32x2xf32> {
  // CHECK-NEXT: %[[Y:.*]] = partir_hlo.all_to_all {"B"} dim 0 to 1 %arg0 : tensor<8x8xf32> -> tensor<32x2xf32>
  // CHECK-NEXT: return %[[Y]]
  %0 = partir_hlo.all_gather [{"B"}, {}] %x : tensor<8x8xf32> -> tensor<32x8xf32>
  %1 = partir_hlo.all_slice [{}, {"B"}] %0 : tensor<32x8xf32> -> tensor<32x2xf32>
  return %1 : tensor<32x2xf32>
}

// CHECK-LABEL: func.func @moved_axis_other_use
func.func @moved_axis_other_use(%x: tensor<8x8xf32>) -> (tensor<32x8xf32>, tensor<32x2xf32>) {
  // CHECK-NEXT: %[[G:.*]] = partir_hlo.all_gather
  // CHECK-NEXT: partir_hlo.all_slice [{}, {"B"}] %[[G]]
  %0 = partir_hlo.all_gather [{"B"}, {}] %x : tensor<8x8xf32> -> tensor<32x8xf32>
  %1 = partir_hlo.all_slice [{}, {"B"}] %0 : tensor<32x8xf32> -> tensor<32x2xf32>
  return %0, %1 : tensor<32x8xf32>, tensor<32x2xf32>
}

// M is not the minor end of dim 0, so that it is brought there first.
// CHECK-LABEL: func.func @moved_major_axis
func.func @moved_major_axis(%x: tensor<8x8xf32>) -> tensor<64x2xf32> {
  // CHECK-NEXT: %[[S:.*]] = partir_hlo.all_slice [{}, {"N"}] %arg0 : tensor<8x8xf32> -> tensor<8x4xf32>
  // CHECK-NEXT: %[[P:.*]] = partir_hlo.collective_permute [{"M", "B"}, {}] to [{"B", "M"}, {}] %[[S]] : tensor<8x4xf32>
  // CHECK-NEXT: %[[A:.*]] = partir_hlo.all_to_all {"M"} dim 0 to 1 %[[P]] : tensor<8x4xf32> -> tensor<16x2xf32>
  // CHECK-NEXT: %[[G:.*]] = partir_hlo.all_gather [{"B"}, {}] %[[A]] : tensor<16x2xf32> -> tensor<64x2xf32>
  // CHECK-NEXT: return %[[G]]
  %0 = partir_hlo.all_gather [{"M", "B"}, {}] %x : tensor<8x8xf32> -> tensor<64x8xf32>
  %1 = partir_hlo.all_slice [{}, {"N", "M"}] %0 : tensor<64x8xf32> -> tensor<64x2xf32>
  return %1 : tensor<64x2xf32>
}

// CHECK-LABEL: func.func @reordered_axes
func.func @reordered_axes(%x: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK-NEXT: %[[Y:.*]] = partir_hlo.collective_permute [{"B", "M"}] to [{"M", "B"}] %arg0 : tensor<8xf32>
  // CHECK-NEXT: return %[[Y]]
  %0 = partir_hlo.all_gather [{"B", "M"}] %x : tensor<8xf32> -> tensor<64xf32>
  %1 = partir_hlo.all_slice [{"M", "B"}] %0 : tensor<64xf32> -> tensor<8xf32>
  return %1 : tensor<8xf32>
}

// B, the major axis, is gathered, M stays.
// CHECK-LABEL: func.func @kept_minor_axis
func.func @kept_minor_axis(%x: tensor<8xf32>) -> tensor<32xf32> {
  // CHECK-NEXT: %[[P:.*]] = partir_hlo.collective_permute [{"B", "M"}] to [{"M", "B"}] %arg0 : tensor<8xf32>
  // CHECK-NEXT: %[[G:.*]] = partir_hlo.all_gather [{"B"}] %[[P]] : tensor<8xf32> -> tensor<32xf32>
  // CHECK-NEXT: return %[[G]]
  %0 = partir_hlo.all_gather [{"B", "M"}] %x : tensor<8xf32> -> tensor<64xf32>
  %1 = partir_hlo.all_slice [{"M"}] %0 : tensor<64xf32> -> tensor<32xf32>
  return %1 : tensor<32xf32>
}

// CHECK-LABEL: func.func @swapped_axes
func.func @swapped_axes(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // CHECK-NEXT: %[[Y:.*]] = partir_hlo.collective_permute [{"M"}, {"N"}] to [{"N"}, {"M"}] %arg0 : tensor<8x8xf32>
  // CHECK-NEXT: return %[[Y]]
  %0 = partir_hlo.all_gather [{"M"}, {"N"}] %x : tensor<8x8xf32> -> tensor<16x16xf32>
  %1 = partir_hlo.all_slice [{"N"}, {"M"}] %0 : tensor<16x16xf32> -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// Of axes of different sizes one has to be gathered, the other one not.
// CHECK-LABEL: func.func @swapped_axes_of_different_sizes
func.func @swapped_axes_of_different_sizes(%x: tensor<8x8xf32>) -> tensor<16x4xf32> {
  // CHECK-NEXT: %[[G:.*]] = partir_hlo.all_gather [{"B"}, {}] %arg0 : tensor<8x8xf32> -> tensor<32x8xf32>
  // CHECK-NEXT: %[[A:.*]] = partir_hlo.all_to_all {"M"} dim 1 to 0 %[[G]] : tensor<32x8xf32> -> tensor<16x16xf32>
  // CHECK-NEXT: %[[S:.*]] = partir_hlo.all_slice [{}, {"B"}] %[[A]] : tensor<16x16xf32> -> tensor<16x4xf32>
  // CHECK-NEXT: return %[[S]]
  %0 = partir_hlo.all_gather [{"B"}, {"M"}] %x : tensor<8x8xf32> -> tensor<32x16xf32>
  %1 = partir_hlo.all_slice [{"M"}, {"B"}] %0 : tensor<32x16xf32> -> tensor<16x4xf32>
  return %1 : tensor<16x4xf32>
}

// To keep M, N would have to be sliced before B is gathered: 1 is too few.
// CHECK-LABEL: func.func @exchange_does_not_divide
func.func @exchange_does_not_divide(%x: tensor<1xf32>) -> tensor<2xf32> {
  // CHECK-NEXT: partir_hlo.all_gather [{"B", "M"}] %arg0
  // CHECK-NEXT: partir_hlo.all_slice [{"N", "M"}]
  %0 = partir_hlo.all_gather [{"B", "M"}] %x : tensor<1xf32> -> tensor<8xf32>
  %1 = partir_hlo.all_slice [{"N", "M"}] %0 : tensor<8xf32> -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

//===----------------------------------------------------------------------===//
// all_gather(all_slice)
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @gather_of_slice
func.func @gather_of_slice(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // CHECK-NEXT: return %arg0
  %0 = partir_hlo.all_slice [{"B"}, {"M"}] %x : tensor<8x8xf32> -> tensor<2x4xf32>
  %1 = partir_hlo.all_gather [{"B"}, {"M"}] %0 : tensor<2x4xf32> -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// The minor end is what a gather of a sliced value gives back.
// CHECK-LABEL: func.func @gather_of_slice_common_suffix
func.func @gather_of_slice_common_suffix(%x: tensor<8x8xf32>, %z: tensor<8xf32>)
    -> (tensor<2x8xf32>, tensor<32xf32>) {
  // CHECK-NEXT: %[[S:.*]] = partir_hlo.all_slice [{"B"}, {}] %arg0 : tensor<8x8xf32> -> tensor<2x8xf32>
  // CHECK-NEXT: %[[G:.*]] = partir_hlo.all_gather [{"B"}] %arg1 : tensor<8xf32> -> tensor<32xf32>
  // CHECK-NEXT: return %[[S]], %[[G]]
  %0 = partir_hlo.all_slice [{"B", "M"}, {"N"}] %x : tensor<8x8xf32> -> tensor<1x4xf32>
  %1 = partir_hlo.all_gather [{"M"}, {"N"}] %0 : tensor<1x4xf32> -> tensor<2x8xf32>
  %2 = partir_hlo.all_slice [{"M"}] %z : tensor<8xf32> -> tensor<4xf32>
  %3 = partir_hlo.all_gather [{"B", "M"}] %2 : tensor<4xf32> -> tensor<32xf32>
  return %1, %3 : tensor<2x8xf32>, tensor<32xf32>
}

//===----------------------------------------------------------------------===//
// all_slice(all_reduce)
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @slice_of_reduce
func.func @slice_of_reduce(%x: tensor<8x8xf32>) -> tensor<8x4xf32> {
  // CHECK-NEXT: %[[Y:.*]] = partir_hlo.reduce_scatter max [{}, {"M"}] %arg0 : tensor<8x8xf32> -> tensor<8x4xf32>
  // CHECK-NEXT: return %[[Y]]
  %0 = partir_hlo.all_reduce max {"M"} %x : tensor<8x8xf32>
  %1 = partir_hlo.all_slice [{}, {"M"}] %0 : tensor<8x8xf32> -> tensor<8x4xf32>
  return %1 : tensor<8x4xf32>
}

// N is sliced before, as it need not be reduced whole, M after, as it is minor.
// CHECK-LABEL: func.func @slice_of_reduce_more_axes
func.func @slice_of_reduce_more_axes(%x: tensor<8x8xf32>) -> tensor<2x4xf32> {
  // CHECK-NEXT: %[[A:.*]] = partir_hlo.all_slice [{}, {"N"}] %arg0 : tensor<8x8xf32> -> tensor<8x4xf32>
  // CHECK-NEXT: %[[B:.*]] = partir_hlo.reduce_scatter add [{"B":(1)2}, {}] %[[A]] : tensor<8x4xf32> -> tensor<4x4xf32>
  // CHECK-NEXT: %[[C:.*]] = partir_hlo.all_reduce add {"B":(2)2} %[[B]] : tensor<4x4xf32>
  // CHECK-NEXT: %[[D:.*]] = partir_hlo.all_slice [{"M"}, {}] %[[C]] : tensor<4x4xf32> -> tensor<2x4xf32>
  // CHECK-NEXT: return %[[D]]
  %0 = partir_hlo.all_reduce add {"B"} %x : tensor<8x8xf32>
  %1 = partir_hlo.all_slice [{"B":(1)2, "M"}, {"N"}] %0 : tensor<8x8xf32> -> tensor<2x4xf32>
  return %1 : tensor<2x4xf32>
}

// Two scatters, for N, which is not reduced, comes between B and M.
// CHECK-LABEL: func.func @slice_of_reduce_twice
func.func @slice_of_reduce_twice(%x: tensor<16xf32>) -> tensor<1xf32> {
  // CHECK-NEXT: %[[A:.*]] = partir_hlo.reduce_scatter add [{"B"}] %arg0 : tensor<16xf32> -> tensor<4xf32>
  // CHECK-NEXT: %[[B:.*]] = partir_hlo.all_slice [{"N"}] %[[A]] : tensor<4xf32> -> tensor<2xf32>
  // CHECK-NEXT: %[[C:.*]] = partir_hlo.reduce_scatter add [{"M"}] %[[B]] : tensor<2xf32> -> tensor<1xf32>
  // CHECK-NEXT: return %[[C]]
  %0 = partir_hlo.all_reduce add {"B", "M"} %x : tensor<16xf32>
  %1 = partir_hlo.all_slice [{"B", "N", "M"}] %0 : tensor<16xf32> -> tensor<1xf32>
  return %1 : tensor<1xf32>
}

// CHECK-LABEL: func.func @slice_of_reduce_other_use
func.func @slice_of_reduce_other_use(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<4xf32>) {
  // CHECK-NEXT: %[[R:.*]] = partir_hlo.all_reduce add {"M"} %arg0
  // CHECK-NEXT: partir_hlo.all_slice [{"M"}] %[[R]]
  %0 = partir_hlo.all_reduce add {"M"} %x : tensor<8xf32>
  %1 = partir_hlo.all_slice [{"M"}] %0 : tensor<8xf32> -> tensor<4xf32>
  return %0, %1 : tensor<8xf32>, tensor<4xf32>
}

// CHECK-LABEL: func.func @slice_of_reduce_other_axes
func.func @slice_of_reduce_other_axes(%x: tensor<8xf32>) -> tensor<2xf32> {
  // CHECK-NEXT: %[[R:.*]] = partir_hlo.all_reduce add {"M"} %arg0
  // CHECK-NEXT: partir_hlo.all_slice [{"B"}] %[[R]]
  %0 = partir_hlo.all_reduce add {"M"} %x : tensor<8xf32>
  %1 = partir_hlo.all_slice [{"B"}] %0 : tensor<8xf32> -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

//===----------------------------------------------------------------------===//
// Two of one kind
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @slice_of_slice
func.func @slice_of_slice(%x: tensor<8x8xf32>) -> tensor<1x4xf32> {
  // CHECK-NEXT: partir_hlo.all_slice [{"B", "M"}, {"N"}] %arg0 : tensor<8x8xf32> -> tensor<1x4xf32>
  // CHECK-NEXT: return
  %0 = partir_hlo.all_slice [{"B"}, {}] %x : tensor<8x8xf32> -> tensor<2x8xf32>
  %1 = partir_hlo.all_slice [{"M"}, {"N"}] %0 : tensor<2x8xf32> -> tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}

// CHECK-LABEL: func.func @slice_of_slice_same_axis
func.func @slice_of_slice_same_axis(%x: tensor<8x8xf32>) -> tensor<2x2xf32> {
  // CHECK-NEXT: partir_hlo.all_slice [{"B"}, {}]
  // CHECK-NEXT: partir_hlo.all_slice [{}, {"B"}]
  %0 = partir_hlo.all_slice [{"B"}, {}] %x : tensor<8x8xf32> -> tensor<2x8xf32>
  %1 = partir_hlo.all_slice [{}, {"B"}] %0 : tensor<2x8xf32> -> tensor<2x2xf32>
  return %1 : tensor<2x2xf32>
}

// What the inner one gathers is minor.
// CHECK-LABEL: func.func @gather_of_gather
func.func @gather_of_gather(%x: tensor<8xf32>) -> tensor<64xf32> {
  // CHECK-NEXT: partir_hlo.all_gather [{"B", "M"}] %arg0 : tensor<8xf32> -> tensor<64xf32>
  // CHECK-NEXT: return
  %0 = partir_hlo.all_gather [{"M"}] %x : tensor<8xf32> -> tensor<16xf32>
  %1 = partir_hlo.all_gather [{"B"}] %0 : tensor<16xf32> -> tensor<64xf32>
  return %1 : tensor<64xf32>
}

// CHECK-LABEL: func.func @gather_of_gather_other_use
func.func @gather_of_gather_other_use(%x: tensor<8xf32>) -> (tensor<16xf32>, tensor<64xf32>) {
  // CHECK-NEXT: %[[G:.*]] = partir_hlo.all_gather [{"M"}] %arg0
  // CHECK-NEXT: partir_hlo.all_gather [{"B"}] %[[G]]
  %0 = partir_hlo.all_gather [{"M"}] %x : tensor<8xf32> -> tensor<16xf32>
  %1 = partir_hlo.all_gather [{"B"}] %0 : tensor<16xf32> -> tensor<64xf32>
  return %0, %1 : tensor<16xf32>, tensor<64xf32>
}

// CHECK-LABEL: func.func @reduce_of_reduce
func.func @reduce_of_reduce(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  // CHECK-NEXT: partir_hlo.all_reduce add {"B", "M"} %arg0
  %0 = partir_hlo.all_reduce add {"M"} %x : tensor<8xf32>
  %1 = partir_hlo.all_reduce add {"B"} %0 : tensor<8xf32>
  // CHECK-NEXT: partir_hlo.all_reduce max {"M"} %arg0
  // CHECK-NEXT: partir_hlo.all_reduce add {"B"}
  // CHECK-NEXT: return
  %2 = partir_hlo.all_reduce max {"M"} %x : tensor<8xf32>
  %3 = partir_hlo.all_reduce add {"B"} %2 : tensor<8xf32>
  return %1, %3 : tensor<8xf32>, tensor<8xf32>
}

// Parts that belong together are written as the whole axis.
// CHECK-LABEL: func.func @parts_join
func.func @parts_join(%x: tensor<8xf32>) -> tensor<2xf32> {
  // CHECK-NEXT: partir_hlo.all_slice [{"B"}] %arg0 : tensor<8xf32> -> tensor<2xf32>
  // CHECK-NEXT: return
  %0 = partir_hlo.all_slice [{"B":(1)2}] %x : tensor<8xf32> -> tensor<4xf32>
  %1 = partir_hlo.all_slice [{"B":(2)2}] %0 : tensor<4xf32> -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

}
