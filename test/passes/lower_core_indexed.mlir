// Ops with a dim that is indexed at run time, on one device: global indices
// become indices into the device's chunk.
//
// RUN: partir-opt %s -split-input-file --partir-lower-core | FileCheck %s

// What is not in the chunk reads as zero, and the parts are added.
// CHECK-LABEL: @gather
module @gather attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK-DAG: %[[X:.*]] = partir_hlo.all_slice [{"B"}, {}] %arg0
  // As the op itself does it, indices are moved into the whole.
  // CHECK-DAG: %[[LOW:.*]] = "stablehlo.constant"() <{value = dense<0> : tensor<ui8>}>
  // CHECK-DAG: %[[HIGH:.*]] = "stablehlo.constant"() <{value = dense<31> : tensor<ui8>}>
  // CHECK: %[[CLAMPED:.*]] = "stablehlo.clamp"(%[[LOW]], %arg1, %[[HIGH]])
  // CHECK: %[[GLOBAL:.*]] = "stablehlo.convert"(%[[CLAMPED]]) : (tensor<6x1xui8>) -> tensor<6x1xi32>
  // CHECK: %[[POSITION:.*]] = partir_hlo.axis_index {"B"}
  // CHECK: %[[CHUNK:.*]] = "stablehlo.constant"() <{value = dense<8>
  // CHECK: %[[START:.*]] = "stablehlo.multiply"(%[[POSITION]], %[[CHUNK]])
  // CHECK: %[[STARTS:.*]] = "stablehlo.broadcast_in_dim"(%[[START]])
  // CHECK: %[[LOCAL:.*]] = "stablehlo.subtract"(%[[GLOBAL]], %[[STARTS]])
  // CHECK: %[[READ:.*]] = "stablehlo.gather"(%[[X]], %[[LOCAL]]) {{.*}}indices_are_sorted = true{{.*}} -> tensor<6x8xf32>
  // CHECK: %[[INDEX:.*]] = "stablehlo.reshape"(%[[LOCAL]]) : (tensor<6x1xi32>) -> tensor<6xi32>
  // CHECK: %[[AFTER:.*]] = "stablehlo.compare"(%[[INDEX]], %{{.*}}) <{comparison_direction = #stablehlo<comparison_direction GE>}>
  // CHECK: %[[EIGHT:.*]] = "stablehlo.constant"() <{value = dense<8> : tensor<6xi32>}>
  // CHECK: %[[BEFORE:.*]] = "stablehlo.compare"(%[[INDEX]], %[[EIGHT]]) <{comparison_direction = #stablehlo<comparison_direction LT>}>
  // CHECK: %[[BOTH:.*]] = "stablehlo.and"(%[[AFTER]], %[[BEFORE]])
  // CHECK: %[[INSIDE:.*]] = "stablehlo.broadcast_in_dim"(%[[BOTH]]) <{broadcast_dimensions = array<i64: 0>}>
  // CHECK: %[[ZERO:.*]] = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<6x8xf32>}>
  // CHECK: %[[PART:.*]] = "stablehlo.select"(%[[INSIDE]], %[[READ]], %[[ZERO]])
  // CHECK: %[[SUM:.*]] = partir_hlo.all_reduce add {"B"} %[[PART]]
  // CHECK: return %[[SUM]]
  func.func public @main(%x: tensor<32x8xf32>, %i: tensor<6x1xui8>) -> tensor<6x8xf32> {
    %0 = partir.loop "B" [#partir.reduce<add>] (%rB: !partir.range<4>) -> tensor<6x8xf32> {
      %s = partir.slice 0 %x[%rB] : tensor<32x8xf32> -> tensor<8x8xf32>
      %p = partir.place 0 %s[%rB] : tensor<8x8xf32>, !partir.range<4> -> tensor<32x8xf32>
      %1 = "stablehlo.gather"(%p, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = true, slice_sizes = array<i64: 1, 8>}> : (tensor<32x8xf32>, tensor<6x1xui8>) -> tensor<6x8xf32>
      partir.yield %1 : tensor<6x8xf32>
    }
    return %0 : tensor<6x8xf32>
  }
}

// -----

// Two dims are indexed, of which one is tiled, by two axes; so is the dim that is
// not indexed: the loop over C has the op whole. Index vectors run along dim 0.
// CHECK-LABEL: @components
module @components attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2, "C"=2]>} {
  // CHECK-DAG: %[[X:.*]] = partir_hlo.all_slice [{}, {"B", "M"}, {"C"}] %arg0 : tensor<16x32x8xf32> -> tensor<16x4x4xf32>
  // CHECK-DAG: %[[LAST:.*]] = "stablehlo.constant"() <{value = dense<[31, 15]> : tensor<2xi64>}>
  // CHECK: %[[HIGH:.*]] = "stablehlo.broadcast_in_dim"(%[[LAST]]) <{broadcast_dimensions = array<i64: 0>}> : (tensor<2xi64>) -> tensor<2x3xi64>
  // CHECK: "stablehlo.clamp"(%{{.*}}, %arg1, %[[HIGH]])
  // CHECK: partir_hlo.axis_index {"B", "M"}
  // CHECK: %[[STARTS:.*]] = "stablehlo.concatenate"
  // CHECK: "stablehlo.broadcast_in_dim"(%[[STARTS]]) <{broadcast_dimensions = array<i64: 0>}> : (tensor<2xi32>) -> tensor<2x3xi32>
  // CHECK: %[[LOCAL:.*]] = "stablehlo.subtract"
  // What is moved into the whole may be in another order.
  // CHECK: "stablehlo.gather"(%[[X]], %[[LOCAL]]) {{.*}}indices_are_sorted = false, slice_sizes = array<i64: 1, 1, 4>
  // CHECK: %[[FIRST:.*]] = "stablehlo.slice"(%[[LOCAL]]) <{limit_indices = array<i64: 1, 3>, start_indices = array<i64: 0, 0>
  // CHECK: "stablehlo.reshape"(%[[FIRST]]) : (tensor<1x3xi32>) -> tensor<3xi32>
  // CHECK: "stablehlo.select"
  // CHECK-NEXT: partir_hlo.all_reduce add {"B", "M"} %{{.*}} : tensor<3x4xf32>
  func.func public @main(%x: tensor<16x32x8xf32>, %i: tensor<2x3xi64>) -> tensor<3x8xf32> {
    %0 = partir.loop "B" [#partir.reduce<add>] (%rB: !partir.range<4>) -> tensor<3x8xf32> {
      %1 = partir.loop "C" [#partir.tile<1>] (%rC: !partir.range<2>) -> tensor<3x8xf32> {
        %2 = partir.loop "M" [#partir.reduce<add>] (%rM: !partir.range<2>) -> tensor<3x4xf32> {
          %s = partir.slice 1 %x[%rB] : tensor<16x32x8xf32> -> tensor<16x8x8xf32>
          %t = partir.slice 1 %s[%rM] : tensor<16x8x8xf32> -> tensor<16x4x8xf32>
          %p = partir.place 1 %t[%rB, %rM] : tensor<16x4x8xf32>, !partir.range<4>, !partir.range<2> -> tensor<16x32x8xf32>
          %3 = "stablehlo.gather"(%p, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0, 1], start_index_map = [1, 0], index_vector_dim = 0>, indices_are_sorted = true, slice_sizes = array<i64: 1, 1, 8>}> : (tensor<16x32x8xf32>, tensor<2x3xi64>) -> tensor<3x8xf32>
          %4 = partir.slice 1 %3[%rC] : tensor<3x8xf32> -> tensor<3x4xf32>
          partir.yield %4 : tensor<3x4xf32>
        }
        partir.yield %2 : tensor<3x4xf32>
      }
      partir.yield %1 : tensor<3x8xf32>
    }
    return %0 : tensor<3x8xf32>
  }
}

// -----

// Indices without a dim for their components.
// CHECK-LABEL: @scalars
module @scalars attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: %[[LOCAL:.*]] = "stablehlo.subtract"{{.*}} -> tensor<6xi32>
  // CHECK: "stablehlo.gather"(%{{.*}}, %[[LOCAL]])
  // CHECK: "stablehlo.compare"(%[[LOCAL]]
  // CHECK: %[[FALSE:.*]] = "stablehlo.constant"() <{value = dense<false> : tensor<6xi1>}>
  // CHECK: %[[PART:.*]] = "stablehlo.select"(%{{.*}}, %{{.*}}, %[[FALSE]])
  // CHECK: partir_hlo.all_reduce or {"B"} %[[PART]]
  func.func public @main(%x: tensor<32xi1>, %i: tensor<6xi32>) -> tensor<6xi1> {
    %0 = partir.loop "B" [#partir.reduce<or>] (%rB: !partir.range<4>) -> tensor<6xi1> {
      %s = partir.slice 0 %x[%rB] : tensor<32xi1> -> tensor<8xi1>
      %p = partir.place 0 %s[%rB] : tensor<8xi1>, !partir.range<4> -> tensor<32xi1>
      %1 = "stablehlo.gather"(%p, %i) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1>}> : (tensor<32xi1>, tensor<6xi32>) -> tensor<6xi1>
      partir.yield %1 : tensor<6xi1>
    }
    return %0 : tensor<6xi1>
  }
}

// -----

// Nothing is added up: each device writes what falls into its chunk.
// CHECK-LABEL: @scatter
module @scatter attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // What does not fit into the whole fits into no chunk: it stays beside it.
  // CHECK: %[[LOW:.*]] = "stablehlo.constant"() <{value = dense<-1>
  // CHECK: %[[HIGH:.*]] = "stablehlo.constant"() <{value = dense<32>
  // CHECK: %[[GLOBAL:.*]] = "stablehlo.clamp"(%[[LOW]], %arg1, %[[HIGH]])
  // CHECK: %[[LOCAL:.*]] = "stablehlo.subtract"(%[[GLOBAL]]
  // CHECK: %[[Y:.*]] = "stablehlo.scatter"(%{{.*}}, %[[LOCAL]], %arg2) <{indices_are_sorted = true{{.*}}unique_indices = true
  // CHECK: return %[[Y]] : tensor<8xf32>
  func.func public @main(%x: tensor<32xf32>, %i: tensor<6x1xi32>, %u: tensor<6xf32>) -> tensor<32xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<32xf32> {
      %1 = "stablehlo.scatter"(%x, %i, %u) <{scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, indices_are_sorted = true, unique_indices = true}> ({
      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
        "stablehlo.return"(%b) : (tensor<f32>) -> ()
      }) : (tensor<32xf32>, tensor<6x1xi32>, tensor<6xf32>) -> tensor<32xf32>
      %s = partir.slice 0 %1[%rB] : tensor<32xf32> -> tensor<8xf32>
      partir.yield %s : tensor<8xf32>
    }
    return %0 : tensor<32xf32>
  }
}

// -----

// A slice of one element in the dim.
// CHECK-LABEL: @row
module @row attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: %[[X:.*]] = partir_hlo.all_slice [{"B"}, {}] %arg0
  // CHECK: %[[LOCAL:.*]] = "stablehlo.subtract"
  // CHECK: %[[LAST:.*]] = "stablehlo.constant"() <{value = dense<7>
  // CHECK: %[[START:.*]] = "stablehlo.clamp"(%{{.*}}, %[[LOCAL]], %[[LAST]])
  // CHECK: %[[READ:.*]] = "stablehlo.dynamic_slice"(%[[X]], %[[START]], %{{.*}}) <{slice_sizes = array<i64: 1, 8>}>
  // It is there if the start was not moved.
  // CHECK: %[[MOVED:.*]] = "stablehlo.subtract"(%[[LOCAL]], %[[START]])
  // CHECK: %[[INSIDE:.*]] = "stablehlo.compare"(%[[MOVED]], %{{.*}}) <{comparison_direction = #stablehlo<comparison_direction EQ>}>
  // CHECK: %[[PART:.*]] = "stablehlo.select"(%[[INSIDE]], %[[READ]], %{{.*}})
  // CHECK: partir_hlo.all_reduce add {"B"} %[[PART]]
  func.func public @main(%x: tensor<32x8xf32>, %i: tensor<i32>, %j: tensor<i32>) -> tensor<1x8xf32> {
    %0 = partir.loop "B" [#partir.reduce<add>] (%rB: !partir.range<4>) -> tensor<1x8xf32> {
      %s = partir.slice 0 %x[%rB] : tensor<32x8xf32> -> tensor<8x8xf32>
      %p = partir.place 0 %s[%rB] : tensor<8x8xf32>, !partir.range<4> -> tensor<32x8xf32>
      %1 = "stablehlo.dynamic_slice"(%p, %i, %j) <{slice_sizes = array<i64: 1, 8>}> : (tensor<32x8xf32>, tensor<i32>, tensor<i32>) -> tensor<1x8xf32>
      partir.yield %1 : tensor<1x8xf32>
    }
    return %0 : tensor<1x8xf32>
  }
}

// -----

// A slice that is larger than a chunk.
// CHECK-LABEL: @rows
module @rows attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: %[[LOCAL:.*]] = "stablehlo.subtract"
  // CHECK: %[[START:.*]] = "stablehlo.clamp"(%{{.*}}, %[[LOCAL]], %{{.*}})
  // CHECK: %[[WINDOW:.*]] = "stablehlo.dynamic_slice"(%{{.*}}, %[[START]]) <{slice_sizes = array<i64: 8>}>
  // Seen through the slice it has zeros on both sides.
  // CHECK: %[[OFFSET:.*]] = "stablehlo.subtract"(%[[LOCAL]], %[[START]])
  // CHECK: %[[SIZE:.*]] = "stablehlo.constant"() <{value = dense<12>
  // CHECK: %[[FROM:.*]] = "stablehlo.add"(%[[OFFSET]], %[[SIZE]])
  // CHECK: %[[ZERO:.*]] = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}>
  // CHECK: %[[WIDE:.*]] = "stablehlo.pad"(%[[WINDOW]], %[[ZERO]]) <{edge_padding_high = array<i64: 12>, edge_padding_low = array<i64: 12>, interior_padding = array<i64: 0>}> : (tensor<8xf32>, tensor<f32>) -> tensor<32xf32>
  // CHECK: %[[PART:.*]] = "stablehlo.dynamic_slice"(%[[WIDE]], %[[FROM]]) <{slice_sizes = array<i64: 12>}>
  // CHECK: partir_hlo.all_reduce add {"B"} %[[PART]]
  func.func public @main(%x: tensor<32xf32>, %i: tensor<i32>) -> tensor<12xf32> {
    %0 = partir.loop "B" [#partir.reduce<add>] (%rB: !partir.range<4>) -> tensor<12xf32> {
      %s = partir.slice 0 %x[%rB] : tensor<32xf32> -> tensor<8xf32>
      %p = partir.place 0 %s[%rB] : tensor<8xf32>, !partir.range<4> -> tensor<32xf32>
      %1 = "stablehlo.dynamic_slice"(%p, %i) <{slice_sizes = array<i64: 12>}> : (tensor<32xf32>, tensor<i32>) -> tensor<12xf32>
      partir.yield %1 : tensor<12xf32>
    }
    return %0 : tensor<12xf32>
  }
}

// -----

// An update of one element in the dim. The chunk is written in place: what is
// beside the update stays as it was.
// CHECK-LABEL: @write_row
module @write_row attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: %[[X:.*]] = partir_hlo.all_slice [{"B"}, {}] %arg0
  // CHECK: %[[LOCAL:.*]] = "stablehlo.subtract"
  // CHECK: %[[START:.*]] = "stablehlo.clamp"(%{{.*}}, %[[LOCAL]], %{{.*}})
  // CHECK: %[[OLD:.*]] = "stablehlo.dynamic_slice"(%[[X]], %[[START]], %{{.*}}) <{slice_sizes = array<i64: 1, 8>}>
  // CHECK: "stablehlo.subtract"(%[[START]], %[[LOCAL]])
  // CHECK: %[[INSIDE:.*]] = "stablehlo.compare"({{.*}} EQ>}>
  // CHECK: %[[MASK:.*]] = "stablehlo.broadcast_in_dim"(%[[INSIDE]])
  // CHECK: %[[ROW:.*]] = "stablehlo.select"(%[[MASK]], %arg1, %[[OLD]])
  // CHECK: %[[Y:.*]] = "stablehlo.dynamic_update_slice"(%[[X]], %[[ROW]], %[[START]], %{{.*}})
  // CHECK: return %[[Y]]
  func.func public @main(%x: tensor<32x8xf32>, %u: tensor<1x8xf32>, %i: tensor<i32>, %j: tensor<i32>) -> tensor<32x8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<32x8xf32> {
      %1 = "stablehlo.dynamic_update_slice"(%x, %u, %i, %j) : (tensor<32x8xf32>, tensor<1x8xf32>, tensor<i32>, tensor<i32>) -> tensor<32x8xf32>
      %s = partir.slice 0 %1[%rB] : tensor<32x8xf32> -> tensor<8x8xf32>
      partir.yield %s : tensor<8x8xf32>
    }
    return %0 : tensor<32x8xf32>
  }
}

// -----

// An update that may lie across chunks.
// CHECK-LABEL: @write_rows
module @write_rows attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: %[[X:.*]] = partir_hlo.all_slice [{"B"}] %arg0
  // CHECK: %[[LOCAL:.*]] = "stablehlo.subtract"
  // CHECK: %[[START:.*]] = "stablehlo.clamp"(%{{.*}}, %[[LOCAL]], %{{.*}})
  // CHECK: %[[OLD:.*]] = "stablehlo.dynamic_slice"(%[[X]], %[[START]]) <{slice_sizes = array<i64: 5>}>
  // The update, seen through the window.
  // CHECK: %[[OFFSET:.*]] = "stablehlo.subtract"(%[[START]], %[[LOCAL]])
  // CHECK: %[[WIDE:.*]] = "stablehlo.pad"(%arg1, %{{.*}}) <{edge_padding_high = array<i64: 5>, edge_padding_low = array<i64: 5>
  // CHECK: %[[NEW:.*]] = "stablehlo.dynamic_slice"(%[[WIDE]], %{{.*}}) <{slice_sizes = array<i64: 5>}>
  // CHECK: %[[IOTA:.*]] = "stablehlo.iota"() <{iota_dimension = 0 : i64}> : () -> tensor<5xi32>
  // CHECK: %[[OFFSETS:.*]] = "stablehlo.broadcast_in_dim"(%[[OFFSET]])
  // CHECK: "stablehlo.add"(%[[IOTA]], %[[OFFSETS]])
  // CHECK: %[[MASK:.*]] = "stablehlo.and"
  // CHECK: %[[ROWS:.*]] = "stablehlo.select"(%[[MASK]], %[[NEW]], %[[OLD]])
  // CHECK: %[[Y:.*]] = "stablehlo.dynamic_update_slice"(%[[X]], %[[ROWS]], %[[START]])
  // CHECK: return %[[Y]]
  func.func public @main(%x: tensor<32xf32>, %u: tensor<5xf32>, %i: tensor<i32>) -> tensor<32xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<32xf32> {
      %1 = "stablehlo.dynamic_update_slice"(%x, %u, %i) : (tensor<32xf32>, tensor<5xf32>, tensor<i32>) -> tensor<32xf32>
      %s = partir.slice 0 %1[%rB] : tensor<32xf32> -> tensor<8xf32>
      partir.yield %s : tensor<8xf32>
    }
    return %0 : tensor<32xf32>
  }
}
