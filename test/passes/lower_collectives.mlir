// Collectives of PartIR:HLO as StableHLO, for XLA.
//
// RUN: partir-opt %s -split-input-file -partir-lower-collectives | FileCheck %s
// RUN: partir-opt %s -split-input-file -partir-lower-collectives --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s --check-prefix=LOC

// The module has no mesh after the pass, and every collective a channel of its
// own.
// CHECK-LABEL: @channels
// CHECK-NOT: partir
// LOC-LABEL: @channels
module @channels attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: func.func @first
  func.func @first(%x: tensor<8xf32>) -> tensor<32xf32> {
    // CHECK: "stablehlo.all_reduce"{{.*}}#stablehlo.channel_handle<handle = 1, type = 1>
    // LOC: "stablehlo.all_reduce"
    // LOC: "stablehlo.add"{{.*}} loc("reduce")
    // LOC: }) {{.*}} loc("reduce")
    %0 = partir_hlo.all_reduce add {"M"} %x : tensor<8xf32> loc("reduce")
    // CHECK: "stablehlo.all_gather"{{.*}}<handle = 2, type = 1>
    // LOC: "stablehlo.all_gather"{{.*}} loc("gather")
    %1 = partir_hlo.all_gather [{"B"}] %0 : tensor<8xf32> -> tensor<32xf32> loc("gather")
    return %1 : tensor<32xf32>
  }
  // CHECK: func.func @second
  func.func @second(%x: tensor<8xf32>) -> tensor<8xf32> {
    // CHECK: "stablehlo.all_reduce"{{.*}}<handle = 3, type = 1>
    %0 = partir_hlo.all_reduce add {"B"} %x : tensor<8xf32>
    return %0 : tensor<8xf32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK-LABEL: func.func @all_gather
  func.func @all_gather(%x: tensor<2x3xf32>) -> tensor<8x3xf32> {
    // CHECK-NEXT: "stablehlo.all_gather"(%arg0) <{all_gather_dim = 0 : i64
    // CHECK-SAME: replica_groups = dense<{{\[\[}}0, 2, 4, 6], [1, 3, 5, 7]]> : tensor<2x4xi64>
    // CHECK-SAME: use_global_device_ids
    // CHECK-SAME: (tensor<2x3xf32>) -> tensor<8x3xf32>
    %0 = partir_hlo.all_gather [{"B"}, {}] %x : tensor<2x3xf32> -> tensor<8x3xf32>
    return %0 : tensor<8x3xf32>
  }

  // Axes on one dim are one collective. M is major, so it runs slower.
  // CHECK-LABEL: func.func @all_gather_two_axes
  func.func @all_gather_two_axes(%x: tensor<2xf32>) -> tensor<16xf32> {
    // CHECK-NEXT: "stablehlo.all_gather"
    // CHECK-SAME: dense<{{\[\[}}0, 2, 4, 6, 1, 3, 5, 7]]> : tensor<1x8xi64>
    // CHECK-NEXT: return
    %0 = partir_hlo.all_gather [{"M", "B"}] %x : tensor<2xf32> -> tensor<16xf32>
    return %0 : tensor<16xf32>
  }

  // The first dim comes last.
  // CHECK-LABEL: func.func @all_gather_two_dims
  func.func @all_gather_two_dims(%x: tensor<2x3xf32>) -> tensor<8x6xf32> {
    // CHECK-NEXT: [[MINOR:%.*]] = "stablehlo.all_gather"(%arg0) <{all_gather_dim = 1
    // CHECK-SAME: dense<{{\[\[}}0, 1], [2, 3], [4, 5], [6, 7]]>
    // CHECK-SAME: -> tensor<2x6xf32>
    // CHECK-NEXT: "stablehlo.all_gather"([[MINOR]]) <{all_gather_dim = 0
    // CHECK-SAME: -> tensor<8x6xf32>
    %0 = partir_hlo.all_gather [{"B"}, {"M"}] %x : tensor<2x3xf32> -> tensor<8x6xf32>
    return %0 : tensor<8x6xf32>
  }

  // CHECK-LABEL: func.func @reduce_scatter_two_dims
  func.func @reduce_scatter_two_dims(%x: tensor<8x6xbf16>) -> tensor<2x3xbf16> {
    // CHECK-NEXT: [[MAJOR:%.*]] = "stablehlo.reduce_scatter"(%arg0)
    // CHECK-SAME: dense<{{\[\[}}0, 2, 4, 6], [1, 3, 5, 7]]>
    // CHECK-SAME: scatter_dimension = 0 : i64, use_global_device_ids
    // CHECK-NEXT: ([[A:%.*]]: tensor<bf16>, [[B:%.*]]: tensor<bf16>):
    // CHECK-NEXT: [[SUM:%.*]] = "stablehlo.add"([[A]], [[B]])
    // CHECK-NEXT: "stablehlo.return"([[SUM]])
    // CHECK-NEXT: -> tensor<2x6xbf16>
    // CHECK-NEXT: "stablehlo.reduce_scatter"([[MAJOR]])
    // CHECK-SAME: scatter_dimension = 1 : i64
    // CHECK: -> tensor<2x3xbf16>
    %0 = partir_hlo.reduce_scatter add [{"B"}, {"M"}] %x : tensor<8x6xbf16> -> tensor<2x3xbf16>
    return %0 : tensor<2x3xbf16>
  }

  // The order of the axes of a reduction is that of its groups, no more.
  // CHECK-LABEL: func.func @all_reduce
  func.func @all_reduce(%x: tensor<4xf32>) -> tensor<4xf32> {
    // CHECK-NEXT: "stablehlo.all_reduce"(%arg0)
    // CHECK-SAME: replica_groups = dense<{{\[\[}}0, 2], [1, 3], [4, 6], [5, 7]]> : tensor<4x2xi64>
    // CHECK-SAME: use_global_device_ids
    // CHECK: stablehlo.maximum
    // CHECK: (tensor<4xf32>) -> tensor<4xf32>
    %0 = partir_hlo.all_reduce max {"B":(2)2} %x : tensor<4xf32>
    return %0 : tensor<4xf32>
  }

  // CHECK-LABEL: func.func @kinds
  func.func @kinds(%x: tensor<4xi32>, %p: tensor<4xi1>)
      -> (tensor<4xi32>, tensor<4xi32>, tensor<4xi1>, tensor<4xi1>) {
    // CHECK: "stablehlo.minimum"({{.*}}) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %0 = partir_hlo.all_reduce min {"M"} %x : tensor<4xi32>
    // CHECK: stablehlo.multiply
    %1 = partir_hlo.all_reduce mul {"M"} %x : tensor<4xi32>
    // CHECK: "stablehlo.all_reduce"(%arg1)
    // CHECK: stablehlo.and
    %2 = partir_hlo.all_reduce and {"M"} %p : tensor<4xi1>
    // CHECK: stablehlo.or
    %3 = partir_hlo.all_reduce or {"M"} %p : tensor<4xi1>
    return %0, %1, %2, %3 : tensor<4xi32>, tensor<4xi32>, tensor<4xi1>, tensor<4xi1>
  }

  // CHECK-LABEL: func.func @all_to_all
  func.func @all_to_all(%x: tensor<2x8xf32>) -> tensor<8x2xf32> {
    // CHECK-NEXT: "stablehlo.all_to_all"(%arg0)
    // CHECK-SAME: concat_dimension = 0 : i64
    // CHECK-SAME: dense<{{\[\[}}0, 2, 4, 6], [1, 3, 5, 7]]>
    // CHECK-SAME: split_count = 4 : i64, split_dimension = 1 : i64
    %0 = partir_hlo.all_to_all {"B"} dim 0 to 1 %x : tensor<2x8xf32> -> tensor<8x2xf32>
    return %0 : tensor<8x2xf32>
  }

  // Devices 0 and 7 send to themselves.
  // CHECK-LABEL: func.func @collective_permute
  func.func @collective_permute(%x: tensor<2xf32>) -> tensor<2xf32> {
    // CHECK-NEXT: "stablehlo.collective_permute"(%arg0)
    // CHECK-SAME: dense<{{\[\[}}0, 0], [4, 1], [1, 2], [5, 3], [2, 4], [6, 5], [3, 6], [7, 7]]>
    %0 = partir_hlo.collective_permute [{"B", "M"}] to [{"M", "B"}] %x : tensor<2xf32>
    return %0 : tensor<2xf32>
  }
}

// -----

// Where no device has another to talk to, nothing is left.
module attributes {partir.mesh = #partir.mesh<["B"=4, "E"=1]>} {
  // CHECK-LABEL: func.func @alone
  func.func @alone(%x: tensor<4x6xf32>) -> tensor<4x6xf32> {
    // CHECK-NEXT: return %arg0
    %0 = partir_hlo.all_gather [{"E"}, {}] %x : tensor<4x6xf32> -> tensor<4x6xf32>
    %1 = partir_hlo.all_reduce add {"E"} %0 : tensor<4x6xf32>
    %2 = partir_hlo.reduce_scatter add [{}, {"E"}] %1 : tensor<4x6xf32> -> tensor<4x6xf32>
    %3 = partir_hlo.all_to_all {"E"} dim 0 to 1 %2 : tensor<4x6xf32> -> tensor<4x6xf32>
    %4 = partir_hlo.collective_permute [{"B"}, {"E"}] to [{"B", "E"}, {}] %3 : tensor<4x6xf32>
    return %4 : tensor<4x6xf32>
  }
}

// -----

//===----------------------------------------------------------------------===//
// The position of the device
//===----------------------------------------------------------------------===//

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK-LABEL: func.func @all_slice
  func.func @all_slice(%x: tensor<8x6xf32>) -> tensor<2x6xf32> {
    // CHECK-NEXT: [[ID:%.*]] = "stablehlo.partition_id"() : () -> tensor<ui32>
    // CHECK-NEXT: [[STRIDE:%.*]] = "stablehlo.constant"() <{value = dense<2> : tensor<ui32>
    // CHECK-NEXT: [[B:%.*]] = "stablehlo.divide"([[ID]], [[STRIDE]])
    // CHECK-NEXT: [[I:%.*]] = "stablehlo.convert"([[B]]) : (tensor<ui32>) -> tensor<i32>
    // CHECK-NEXT: [[ZERO:%.*]] = "stablehlo.constant"() <{value = dense<0> : tensor<i32>
    // CHECK-NEXT: [[CHUNK:%.*]] = "stablehlo.constant"() <{value = dense<2> : tensor<i32>
    // CHECK-NEXT: [[START:%.*]] = "stablehlo.multiply"([[I]], [[CHUNK]])
    // CHECK-NEXT: "stablehlo.dynamic_slice"(%arg0, [[START]], [[ZERO]]) <{slice_sizes = array<i64: 2, 6>}>
    %0 = partir_hlo.all_slice [{"B"}, {}] %x : tensor<8x6xf32> -> tensor<2x6xf32>
    return %0 : tensor<2x6xf32>
  }

  // M, which runs fastest, needs no division.
  // CHECK-LABEL: func.func @minor_axis
  func.func @minor_axis() -> tensor<i32> {
    // CHECK: [[ID:%.*]] = "stablehlo.partition_id"
    // CHECK-NEXT: [[SIZE:%.*]] = "stablehlo.constant"() <{value = dense<2>
    // CHECK-NEXT: [[M:%.*]] = "stablehlo.remainder"([[ID]], [[SIZE]])
    // CHECK-NEXT: "stablehlo.convert"([[M]])
    %0 = partir_hlo.axis_index {"M"} : tensor<i32>
    return %0 : tensor<i32>
  }

  // CHECK-LABEL: func.func @part
  func.func @part() -> tensor<i32> {
    // CHECK: "stablehlo.partition_id"
    // CHECK: <{value = dense<2>
    // CHECK-NEXT: [[HALF:%.*]] = "stablehlo.divide"
    // CHECK: <{value = dense<2>
    // CHECK-NEXT: "stablehlo.remainder"([[HALF]],
    %0 = partir_hlo.axis_index {"B":(2)2} : tensor<i32>
    return %0 : tensor<i32>
  }

  // In the order of the mesh all axes together are the device's number.
  // CHECK-LABEL: func.func @all_axes
  func.func @all_axes() -> tensor<i32> {
    // CHECK-NEXT: [[ID:%.*]] = "stablehlo.partition_id"
    // CHECK-NEXT: "stablehlo.convert"([[ID]])
    %0 = partir_hlo.axis_index {"B", "M"} : tensor<i32>
    return %0 : tensor<i32>
  }

  // CHECK-LABEL: func.func @other_order
  func.func @other_order() -> tensor<i32> {
    // CHECK: [[M:%.*]] = "stablehlo.remainder"
    // CHECK: [[B:%.*]] = "stablehlo.divide"
    // CHECK: [[SIZE:%.*]] = "stablehlo.constant"() <{value = dense<4>
    // CHECK-NEXT: [[MAJOR:%.*]] = "stablehlo.multiply"([[M]], [[SIZE]])
    // CHECK-NEXT: "stablehlo.add"([[MAJOR]], [[B]])
    %0 = partir_hlo.axis_index {"M", "B"} : tensor<i32>
    return %0 : tensor<i32>
  }

  // A position is computed once, at the start, where a branch can see it too.
  // CHECK-LABEL: func.func @once
  func.func @once(%x: tensor<2xf32>, %p: tensor<i1>) -> (tensor<1xf32>, tensor<i32>) {
    // CHECK-COUNT-1: "stablehlo.partition_id"
    // CHECK: [[I:%.*]] = "stablehlo.convert"
    // CHECK-NEXT: "stablehlo.if"
    // CHECK-NEXT: "stablehlo.dynamic_slice"(%arg0, [[I]])
    // CHECK-NOT: stablehlo.partition_id
    %0 = "stablehlo.if"(%p) ({
      %2 = partir_hlo.all_slice [{"M"}] %x : tensor<2xf32> -> tensor<1xf32>
      "stablehlo.return"(%2) : (tensor<1xf32>) -> ()
    }, {
      %2 = partir_hlo.all_slice [{"M"}] %x : tensor<2xf32> -> tensor<1xf32>
      "stablehlo.return"(%2) : (tensor<1xf32>) -> ()
    }) : (tensor<i1>) -> tensor<1xf32>
    %1 = partir_hlo.axis_index {"M"} : tensor<i32>
    // CHECK: return {{.*}}, [[I]]
    return %0, %1 : tensor<1xf32>, tensor<i32>
  }

  // CHECK-LABEL: func.func @long
  func.func @long(%x: tensor<4294967296xi8>) -> tensor<1073741824xi8> {
    // CHECK: "stablehlo.convert"({{.*}}) : (tensor<i32>) -> tensor<i64>
    // CHECK: "stablehlo.multiply"({{.*}}) : (tensor<i64>, tensor<i64>) -> tensor<i64>
    %0 = partir_hlo.all_slice [{"B"}] %x : tensor<4294967296xi8> -> tensor<1073741824xi8>
    return %0 : tensor<1073741824xi8>
  }
}

// -----

//===----------------------------------------------------------------------===//
// Gathers of one value
//===----------------------------------------------------------------------===//

#dims = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // The second waits for what it is multiplied by, seen through the transpose.
  // CHECK-LABEL: func.func @forward_backward
  func.func @forward_backward(%x: tensor<4x8xf32>, %w: tensor<2x8xf32>) -> tensor<4x8xf32> {
    // CHECK-NEXT: "stablehlo.all_gather"(%arg1)
    %0 = partir_hlo.all_gather [{"B"}, {}] %w : tensor<2x8xf32> -> tensor<8x8xf32>
    %1 = "stablehlo.dot_general"(%x, %0) <{dot_dimension_numbers = #dims}> : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
    // CHECK: [[DY:%.*]] = "stablehlo.tanh"
    %2 = "stablehlo.tanh"(%1) : (tensor<4x8xf32>) -> tensor<4x8xf32>
    // CHECK-NEXT: [[W:%.*]]:2 = "stablehlo.optimization_barrier"(%arg1, [[DY]])
    // CHECK-NEXT: "stablehlo.all_gather"([[W]]#0)
    %3 = partir_hlo.all_gather [{"B"}, {}] %w : tensor<2x8xf32> -> tensor<8x8xf32>
    %4 = "stablehlo.transpose"(%3) <{permutation = array<i64: 1, 0>}> : (tensor<8x8xf32>) -> tensor<8x8xf32>
    // CHECK: "stablehlo.dot_general"([[DY]],
    %5 = "stablehlo.dot_general"(%2, %4) <{dot_dimension_numbers = #dims}> : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
    return %5 : tensor<4x8xf32>
  }

  // Constants and arguments are always there, and what comes after the gather
  // is no help; of the rest the one computed last is taken.
  // CHECK-LABEL: func.func @latest
  func.func @latest(%w: tensor<2xf32>, %x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
    %0 = partir_hlo.all_gather [{"B"}] %w : tensor<2xf32> -> tensor<8xf32>
    // CHECK: "stablehlo.sine"
    %1 = "stablehlo.sine"(%x) : (tensor<8xf32>) -> tensor<8xf32>
    // CHECK: [[LATEST:%.*]] = "stablehlo.cosine"
    %2 = "stablehlo.cosine"(%x) : (tensor<8xf32>) -> tensor<8xf32>
    %3 = "stablehlo.constant"() <{value = dense<2.0> : tensor<f32>}> : () -> tensor<f32>
    %4 = "stablehlo.broadcast_in_dim"(%3) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<8xf32>
    // CHECK: "stablehlo.optimization_barrier"(%arg0, [[LATEST]])
    %5 = partir_hlo.all_gather [{"B"}] %w : tensor<2xf32> -> tensor<8xf32>
    %6 = "stablehlo.multiply"(%4, %5) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    %7 = "stablehlo.tanh"(%2) : (tensor<8xf32>) -> tensor<8xf32>
    %8 = "stablehlo.subtract"(%6, %x) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    %9 = "stablehlo.add"(%8, %7) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    %10 = "stablehlo.clamp"(%1, %9, %2) : (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    return %0, %10 : tensor<8xf32>, tensor<8xf32>
  }

  // Without such a value the barrier is there all the same.
  // CHECK-LABEL: func.func @no_companion
  func.func @no_companion(%w: tensor<2xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
    // CHECK-NEXT: "stablehlo.all_gather"(%arg0)
    // CHECK-NEXT: [[W:%.*]] = "stablehlo.optimization_barrier"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    // CHECK-NEXT: "stablehlo.all_gather"([[W]])
    %0 = partir_hlo.all_gather [{"B"}] %w : tensor<2xf32> -> tensor<8xf32>
    %1 = partir_hlo.all_gather [{"B"}] %w : tensor<2xf32> -> tensor<8xf32>
    return %0, %1 : tensor<8xf32>, tensor<8xf32>
  }

  // Equal barriers would be merged, so that each takes what the one before
  // gives, where it can be seen.
  // CHECK-LABEL: func.func @chain
  func.func @chain(%w: tensor<2xf32>, %p: tensor<i1>) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) {
    %0 = partir_hlo.all_gather [{"B"}] %w : tensor<2xf32> -> tensor<8xf32>
    // CHECK: [[FIRST:%.*]] = "stablehlo.optimization_barrier"(%arg0)
    %1 = partir_hlo.all_gather [{"B"}] %w : tensor<2xf32> -> tensor<8xf32>
    // CHECK: stablehlo.if
    %2 = "stablehlo.if"(%p) ({
      // CHECK-NEXT: "stablehlo.optimization_barrier"([[FIRST]])
      %4 = partir_hlo.all_gather [{"B"}] %w : tensor<2xf32> -> tensor<8xf32>
      "stablehlo.return"(%4) : (tensor<8xf32>) -> ()
    }, {
      // CHECK: "stablehlo.optimization_barrier"([[FIRST]])
      %4 = partir_hlo.all_gather [{"B"}] %w : tensor<2xf32> -> tensor<8xf32>
      "stablehlo.return"(%4) : (tensor<8xf32>) -> ()
    }) : (tensor<i1>) -> tensor<8xf32>
    // CHECK: "stablehlo.optimization_barrier"([[FIRST]])
    %3 = partir_hlo.all_gather [{"B"}] %w : tensor<2xf32> -> tensor<8xf32>
    return %0, %1, %2, %3 : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>
  }

  // The body of a loop gets another %y each time: with it the gather stays
  // inside.
  // CHECK-LABEL: func.func @in_loop
  func.func @in_loop(%w: tensor<2xf32>, %x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
    %0 = partir_hlo.all_gather [{"B"}] %w : tensor<2xf32> -> tensor<8xf32>
    %1 = "stablehlo.while"(%x) ({
    ^bb0(%y: tensor<8xf32>):
      %p = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
      "stablehlo.return"(%p) : (tensor<i1>) -> ()
    }, {
    // CHECK: }, {
    // CHECK-NEXT: ([[Y:%.*]]: tensor<8xf32>):
    ^bb0(%y: tensor<8xf32>):
      // CHECK-NEXT: "stablehlo.optimization_barrier"(%arg0, [[Y]])
      %2 = partir_hlo.all_gather [{"B"}] %w : tensor<2xf32> -> tensor<8xf32>
      %3 = "stablehlo.add"(%y, %2) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
      "stablehlo.return"(%3) : (tensor<8xf32>) -> ()
    }) : (tensor<8xf32>) -> tensor<8xf32>
    return %0, %1 : tensor<8xf32>, tensor<8xf32>
  }

  // Both gather over M first.
  // CHECK-LABEL: func.func @some_axes
  func.func @some_axes(%w: tensor<2x4xf32>) -> (tensor<2x8xf32>, tensor<8x8xf32>) {
    // CHECK: "stablehlo.optimization_barrier"
    %0 = partir_hlo.all_gather [{}, {"M"}] %w : tensor<2x4xf32> -> tensor<2x8xf32>
    %1 = partir_hlo.all_gather [{"B"}, {"M"}] %w : tensor<2x4xf32> -> tensor<8x8xf32>
    return %0, %1 : tensor<2x8xf32>, tensor<8x8xf32>
  }

  // CHECK-LABEL: func.func @other_values
  // CHECK-NOT: optimization_barrier
  // CHECK: return
  func.func @other_values(%w: tensor<2xf32>, %v: tensor<2xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
    %0 = partir_hlo.all_gather [{"B"}] %w : tensor<2xf32> -> tensor<8xf32>
    %1 = partir_hlo.all_gather [{"B"}] %v : tensor<2xf32> -> tensor<8xf32>
    return %0, %1 : tensor<8xf32>, tensor<8xf32>
  }

  // XLA drops what changes nothing, and what is left of the gathers is equal.
  // Each barrier takes what the one before left, of whichever value that was.
  // CHECK-LABEL: func.func @turned
  func.func @turned(%w: tensor<1x2xf32>) -> (tensor<1x8xf32>, tensor<1x8xf32>, tensor<8x1xf32>, tensor<1x8xf32>) {
    // CHECK-NEXT: [[R:%.*]] = "stablehlo.reverse"(%arg0)
    // CHECK-NEXT: [[T:%.*]] = "stablehlo.transpose"([[R]])
    %0 = "stablehlo.reverse"(%w) <{dimensions = array<i64: 0>}> : (tensor<1x2xf32>) -> tensor<1x2xf32>
    %1 = "stablehlo.transpose"(%0) <{permutation = array<i64: 1, 0>}> : (tensor<1x2xf32>) -> tensor<2x1xf32>
    // CHECK-NEXT: "stablehlo.all_gather"([[R]])
    %2 = partir_hlo.all_gather [{}, {"B"}] %0 : tensor<1x2xf32> -> tensor<1x8xf32>
    // CHECK-NEXT: [[FIRST:%.*]] = "stablehlo.optimization_barrier"(%arg0) : (tensor<1x2xf32>) -> tensor<1x2xf32>
    // CHECK-NEXT: "stablehlo.all_gather"([[FIRST]])
    %3 = partir_hlo.all_gather [{}, {"B"}] %w : tensor<1x2xf32> -> tensor<1x8xf32>
    // CHECK-NEXT: [[SECOND:%.*]]:2 = "stablehlo.optimization_barrier"([[T]], [[FIRST]])
    // CHECK-NEXT: "stablehlo.all_gather"([[SECOND]]#0)
    %4 = partir_hlo.all_gather [{"B"}, {}] %1 : tensor<2x1xf32> -> tensor<8x1xf32>
    // CHECK-NEXT: [[THIRD:%.*]]:2 = "stablehlo.optimization_barrier"(%arg0, [[SECOND]]#0)
    // CHECK-NEXT: "stablehlo.all_gather"([[THIRD]]#0)
    %5 = partir_hlo.all_gather [{}, {"B"}] %w : tensor<1x2xf32> -> tensor<1x8xf32>
    return %2, %3, %4, %5 : tensor<1x8xf32>, tensor<1x8xf32>, tensor<8x1xf32>, tensor<1x8xf32>
  }

  // A part is another value, and so is what a function gives.
  // CHECK-LABEL: func.func @made_of_one_value
  // CHECK-NOT: optimization_barrier
  // CHECK: return
  func.func @made_of_one_value(%w: tensor<2xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<8xf32>, tensor<8xf32>) {
    %0 = "stablehlo.slice"(%w) <{start_indices = array<i64: 0>, limit_indices = array<i64: 1>, strides = array<i64: 1>}> : (tensor<2xf32>) -> tensor<1xf32>
    %1 = "stablehlo.slice"(%w) <{start_indices = array<i64: 1>, limit_indices = array<i64: 2>, strides = array<i64: 1>}> : (tensor<2xf32>) -> tensor<1xf32>
    %2 = "stablehlo.tanh"(%w) : (tensor<2xf32>) -> tensor<2xf32>
    %3 = partir_hlo.all_gather [{"B"}] %0 : tensor<1xf32> -> tensor<4xf32>
    %4 = partir_hlo.all_gather [{"B"}] %1 : tensor<1xf32> -> tensor<4xf32>
    %5 = partir_hlo.all_gather [{"B"}] %2 : tensor<2xf32> -> tensor<8xf32>
    %6 = partir_hlo.all_gather [{"B"}] %w : tensor<2xf32> -> tensor<8xf32>
    return %3, %4, %5, %6 : tensor<4xf32>, tensor<4xf32>, tensor<8xf32>, tensor<8xf32>
  }

  // The gather is used inside a loop: it waits for what the loop begins with.
  // CHECK-LABEL: func.func @used_in_loop
  func.func @used_in_loop(%w: tensor<2xf32>, %x: tensor<8xf32>) -> tensor<8xf32> {
    %0 = partir_hlo.all_gather [{"B"}] %w : tensor<2xf32> -> tensor<8xf32>
    // CHECK: [[INIT:%.*]] = "stablehlo.add"
    %1 = "stablehlo.add"(%0, %x) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    // CHECK-NEXT: "stablehlo.optimization_barrier"(%arg0, [[INIT]])
    %2 = partir_hlo.all_gather [{"B"}] %w : tensor<2xf32> -> tensor<8xf32>
    %3 = "stablehlo.while"(%1) ({
    ^bb0(%y: tensor<8xf32>):
      %p = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
      "stablehlo.return"(%p) : (tensor<i1>) -> ()
    }, {
    ^bb0(%y: tensor<8xf32>):
      %4 = "stablehlo.add"(%y, %2) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
      "stablehlo.return"(%4) : (tensor<8xf32>) -> ()
    }) : (tensor<8xf32>) -> tensor<8xf32>
    return %3 : tensor<8xf32>
  }

  // XLA makes one slice of two without clamping the start of the first.
  // CHECK-LABEL: func.func @clamped_slice
  func.func @clamped_slice(%x: tensor<8xf32>, %i: tensor<i32>) -> tensor<1xf32> {
    // CHECK: [[S:%.*]] = "stablehlo.dynamic_slice"(%arg0, %arg1)
    // CHECK-NEXT: [[KEPT:%.*]] = "stablehlo.optimization_barrier"([[S]])
    // CHECK-NEXT: "stablehlo.dynamic_slice"([[KEPT]],
    %0 = "stablehlo.dynamic_slice"(%x, %i) <{slice_sizes = array<i64: 4>}> : (tensor<8xf32>, tensor<i32>) -> tensor<4xf32>
    %1 = partir_hlo.all_slice [{"B"}] %0 : tensor<4xf32> -> tensor<1xf32>
    return %1 : tensor<1xf32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // Rows from both neighbours go next to one's own. At the ends there is nobody,
  // and the permute gives zeros.
  // CHECK-LABEL: func.func @halo
  func.func @halo(%x: tensor<2x8xf32>) -> tensor<4x8xf32> {
    // CHECK-NEXT: [[LAST:%.*]] = "stablehlo.slice"(%arg0) <{limit_indices = array<i64: 2, 8>, start_indices = array<i64: 1, 0>
    // CHECK-NEXT: [[BEFORE:%.*]] = "stablehlo.collective_permute"([[LAST]]) <{channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>
    // CHECK-SAME: dense<{{\[\[}}0, 2], [2, 4], [4, 6], [1, 3], [3, 5], [5, 7]]>
    // CHECK-NEXT: [[FIRST:%.*]] = "stablehlo.slice"(%arg0) <{limit_indices = array<i64: 1, 8>, start_indices = array<i64: 0, 0>
    // CHECK-NEXT: [[AFTER:%.*]] = "stablehlo.collective_permute"([[FIRST]]) <{channel_handle = #stablehlo.channel_handle<handle = 2, type = 1>
    // CHECK-SAME: dense<{{\[\[}}2, 0], [4, 2], [6, 4], [3, 1], [5, 3], [7, 5]]>
    // CHECK-NEXT: "stablehlo.concatenate"([[BEFORE]], %arg0, [[AFTER]]) <{dimension = 0
    // CHECK-NEXT: return
    %y = partir_hlo.window {"B"} dim 0 starts [-1, 1, 3, 5] %x : tensor<2x8xf32> -> tensor<4x8xf32>
    return %y : tensor<4x8xf32>
  }

  // CHECK-LABEL: func.func @other_end
  func.func @other_end(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
    // CHECK-NEXT: "stablehlo.collective_permute"(%arg0)
    // CHECK-SAME: dense<{{\[\[}}6, 0], [4, 2], [2, 4], [0, 6], [7, 1], [5, 3], [3, 5], [1, 7]]>
    // CHECK-NEXT: return
    %y = partir_hlo.window {"B"} dim 0 starts [6, 4, 2, 0] %x : tensor<2x8xf32> -> tensor<2x8xf32>
    return %y : tensor<2x8xf32>
  }

  // A device that has something for two sends twice.
  // CHECK-LABEL: func.func @first_half
  func.func @first_half(%x: tensor<2x8xf32>) -> tensor<1x8xf32> {
    // CHECK: [[ONE:%.*]] = "stablehlo.collective_permute"
    // CHECK-SAME: dense<{{\[\[}}0, 0], [2, 4], [1, 1], [3, 5]]>
    // CHECK: [[OTHER:%.*]] = "stablehlo.collective_permute"
    // CHECK-SAME: dense<{{\[\[}}0, 2], [2, 6], [1, 3], [3, 7]]>
    // CHECK: [[TABLE:%.*]] = "stablehlo.constant"() <{value = dense<[false, true, false, true]> : tensor<4xi1>}>
    // CHECK: "stablehlo.dynamic_slice"([[TABLE]], %{{.*}}) <{slice_sizes = array<i64: 1>}>
    // CHECK: [[GETS:%.*]] = "stablehlo.reshape"
    // CHECK-NEXT: "stablehlo.select"([[GETS]], [[OTHER]], [[ONE]])
    %y = partir_hlo.window {"B"} dim 0 starts [0, 1, 2, 3] %x : tensor<2x8xf32> -> tensor<1x8xf32>
    return %y : tensor<1x8xf32>
  }

  // What a device has itself it does not send.
  // CHECK-LABEL: func.func @own
  func.func @own(%x: tensor<4xf32>) -> tensor<3xf32> {
    // CHECK-NEXT: "stablehlo.slice"(%arg0) <{limit_indices = array<i64: 4>, start_indices = array<i64: 1>
    // CHECK-NEXT: return
    %y = partir_hlo.window {"B"} dim 0 starts [1, 5, 9, 13] %x : tensor<4xf32> -> tensor<3xf32>
    return %y : tensor<3xf32>
  }

  // Where pieces lie at different places, each is moved to its own and masked.
  // CHECK-LABEL: func.func @uneven
  func.func @uneven(%x: tensor<4xf32>) -> tensor<3xf32> {
    // CHECK: "stablehlo.collective_permute"
    // CHECK-SAME: dense<{{\[\[}}2, 0], [4, 2], [3, 1], [5, 3]]>
    // CHECK: [[WIDE:%.*]] = "stablehlo.pad"
    // CHECK: "stablehlo.dynamic_slice"([[WIDE]], %{{.*}}) <{slice_sizes = array<i64: 3>}>
    // CHECK: "stablehlo.select"
    // CHECK: [[WIDE:%.*]] = "stablehlo.pad"
    // CHECK: [[PLACED:%.*]] = "stablehlo.dynamic_slice"([[WIDE]], %{{.*}}) <{slice_sizes = array<i64: 3>}>
    // CHECK: [[Y:%.*]] = "stablehlo.select"(%{{.*}}, [[PLACED]], %{{.*}})
    // CHECK-NEXT: return [[Y]]
    %y = partir_hlo.window {"B"} dim 0 starts [3, 6, 9, 12] %x : tensor<4xf32> -> tensor<3xf32>
    return %y : tensor<3xf32>
  }

  // CHECK-LABEL: func.func @nothing
  func.func @nothing(%x: tensor<4xf32>) -> tensor<3xf32> {
    // CHECK-NEXT: [[ZERO:%.*]] = "stablehlo.constant"() <{value = dense<0.000000e+00>
    // CHECK-NEXT: "stablehlo.broadcast_in_dim"([[ZERO]])
    // CHECK-NEXT: return
    %y = partir_hlo.window {"B"} dim 0 starts [16, -3, 99, -99] %x : tensor<4xf32> -> tensor<3xf32>
    return %y : tensor<3xf32>
  }
}
