// Ops that move elements along a dim that is tiled, on one device: they get the
// stretch of the operand that their chunk of the result needs.
//
// RUN: partir-opt %s -split-input-file --partir-lower-core | FileCheck %s

// What is reversed comes from the other end.
// CHECK-LABEL: @reverse
module @reverse attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: %[[X:.*]] = partir_hlo.all_slice [{"B"}, {}] %arg0
  // CHECK-NEXT: %[[Y:.*]] = partir_hlo.window {"B"} dim 0 starts [6, 4, 2, 0] %[[X]] : tensor<2x4xi32> -> tensor<2x4xi32>
  // CHECK-NEXT: "stablehlo.reverse"(%[[Y]]) <{dimensions = array<i64: 0, 1>}> : (tensor<2x4xi32>) -> tensor<2x4xi32>
  func.func @main(%x: tensor<8x4xi32>) -> tensor<8x4xi32> {
    %y = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<8x4xi32> {
      %0 = "stablehlo.reverse"(%x) <{dimensions = array<i64: 0, 1>}> : (tensor<8x4xi32>) -> tensor<8x4xi32>
      %s = partir.slice 0 %0[%rB] : tensor<8x4xi32> -> tensor<2x4xi32>
      partir.yield %s : tensor<2x4xi32>
    }
    return %y : tensor<8x4xi32>
  }
}

// -----

// From the first element that is taken to the last. The other dim is cut by
// another axis.
// CHECK-LABEL: @slice
module @slice attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: %[[X:.*]] = partir_hlo.all_slice [{"B"}, {"M"}] %arg0
  // CHECK-NEXT: %[[Y:.*]] = partir_hlo.window {"B"} dim 0 starts [5, 11, 17, 23] %[[X]] : tensor<8x2xi32> -> tensor<4x2xi32>
  // CHECK-NEXT: "stablehlo.slice"(%[[Y]]) <{limit_indices = array<i64: 4, 2>, start_indices = array<i64: 0, 0>, strides = array<i64: 3, 1>}> : (tensor<4x2xi32>) -> tensor<2x2xi32>
  func.func @main(%x: tensor<32x4xi32>) -> tensor<8x4xi32> {
    %y = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<8x4xi32> {
      %z = partir.loop "M" [#partir.tile<1>] (%rM: !partir.range<2>) -> tensor<2x4xi32> {
        %0 = "stablehlo.slice"(%x) <{start_indices = array<i64: 5, 0>, limit_indices = array<i64: 29, 4>, strides = array<i64: 3, 1>}> : (tensor<32x4xi32>) -> tensor<8x4xi32>
        %s = partir.slice 0 %0[%rB] : tensor<8x4xi32> -> tensor<2x4xi32>
        %t = partir.slice 1 %s[%rM] : tensor<2x4xi32> -> tensor<2x2xi32>
        partir.yield %t : tensor<2x2xi32>
      }
      partir.yield %z : tensor<2x4xi32>
    }
    return %y : tensor<8x4xi32>
  }
}

// -----

// The padding value stands where a stretch reaches beyond the operand. What is
// not tiled is padded as before.
// CHECK-LABEL: @pad
module @pad attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: %[[X:.*]] = partir_hlo.all_slice [{"B"}, {}] %arg0
  // CHECK-NEXT: %[[Y:.*]] = partir_hlo.window {"B"} dim 0 starts [-4, 0, 4, 8] %[[X]] : tensor<2x4xi32> -> tensor<4x4xi32>
  // CHECK-NEXT: %[[POSITION:.*]] = partir_hlo.axis_index {"B"}
  // CHECK-NEXT: %[[CHUNK:.*]] = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}>
  // CHECK-NEXT: %[[OFFSET:.*]] = "stablehlo.multiply"(%[[POSITION]], %[[CHUNK]])
  // CHECK-NEXT: %[[LOW:.*]] = "stablehlo.constant"() <{value = dense<-4> : tensor<i32>}>
  // CHECK-NEXT: %[[START:.*]] = "stablehlo.add"(%[[OFFSET]], %[[LOW]])
  // CHECK: %[[AFTER:.*]] = "stablehlo.compare"{{.*}}GE>}>
  // CHECK: %[[BEFORE:.*]] = "stablehlo.compare"{{.*}}LT>}>
  // CHECK: %[[INSIDE:.*]] = "stablehlo.and"(%[[AFTER]], %[[BEFORE]]) : (tensor<4xi1>, tensor<4xi1>)
  // CHECK: %[[FILLED:.*]] = "stablehlo.select"(%{{.*}}, %[[Y]], %{{.*}})
  // CHECK-NEXT: "stablehlo.pad"(%[[FILLED]], %arg1) <{edge_padding_high = array<i64: 0, 2>, edge_padding_low = array<i64: 0, 1>, interior_padding = array<i64: 0, 0>}> : (tensor<4x4xi32>, tensor<i32>) -> tensor<4x7xi32>
  func.func @main(%x: tensor<8x4xi32>, %v: tensor<i32>) -> tensor<16x7xi32> {
    %y = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<16x7xi32> {
      %0 = "stablehlo.pad"(%x, %v) <{edge_padding_low = array<i64: 4, 1>, edge_padding_high = array<i64: 4, 2>, interior_padding = array<i64: 0, 0>}> : (tensor<8x4xi32>, tensor<i32>) -> tensor<16x7xi32>
      %s = partir.slice 0 %0[%rB] : tensor<16x7xi32> -> tensor<4x7xi32>
      partir.yield %s : tensor<4x7xi32>
    }
    return %y : tensor<16x7xi32>
  }
}

// -----

// Zeros are there already, and then there is nothing left to do.
// CHECK-LABEL: @pad_by_zero
module @pad_by_zero attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: %[[Y:.*]] = partir_hlo.window {"B"} dim 0 starts [-1, 2, 5, 8] %{{.*}} : tensor<2xi32> -> tensor<3xi32>
  // CHECK-NEXT: return %[[Y]]
  func.func @main(%x: tensor<8xi32>) -> tensor<12xi32> {
    %v = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %y = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<12xi32> {
      %0 = "stablehlo.pad"(%x, %v) <{edge_padding_low = array<i64: 1>, edge_padding_high = array<i64: 3>, interior_padding = array<i64: 0>}> : (tensor<8xi32>, tensor<i32>) -> tensor<12xi32>
      %s = partir.slice 0 %0[%rB] : tensor<12xi32> -> tensor<3xi32>
      partir.yield %s : tensor<3xi32>
    }
    return %y : tensor<12xi32>
  }
}

// -----

// Windows of a stretch lie in it. Chunks that are the stretches stay.
// CHECK-LABEL: @reduce_window
module @reduce_window attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: %[[X:.*]] = partir_hlo.all_slice [{"B"}, {"M"}] %arg0
  // CHECK-NEXT: %[[Y:.*]] = partir_hlo.window {"B"} dim 0 starts [-1, 1, 3, 5] %[[X]] : tensor<2x2xi32> -> tensor<4x2xi32>
  // CHECK-NOT: partir_hlo.window
  // CHECK: %[[FILLED:.*]] = "stablehlo.select"(%{{.*}}, %[[Y]], %{{.*}})
  // CHECK-NEXT: "stablehlo.reduce_window"(%[[FILLED]], %arg1) <{padding = dense<0> : tensor<2x2xi64>, window_dimensions = array<i64: 3, 2>, window_strides = array<i64: 1, 2>}>
  // CHECK: (tensor<4x2xi32>, tensor<i32>) -> tensor<2x1xi32>
  func.func @main(%x: tensor<8x4xi32>, %v: tensor<i32>) -> tensor<8x2xi32> {
    %y = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<8x2xi32> {
      %z = partir.loop "M" [#partir.tile<1>] (%rM: !partir.range<2>) -> tensor<2x2xi32> {
        %0 = "stablehlo.reduce_window"(%x, %v) <{window_dimensions = array<i64: 3, 2>, window_strides = array<i64: 1, 2>, padding = dense<[[1, 1], [0, 0]]> : tensor<2x2xi64>}> ({
        ^bb0(%a: tensor<i32>, %b: tensor<i32>):
          %1 = "stablehlo.maximum"(%a, %b) : (tensor<i32>, tensor<i32>) -> tensor<i32>
          "stablehlo.return"(%1) : (tensor<i32>) -> ()
        }) : (tensor<8x4xi32>, tensor<i32>) -> tensor<8x2xi32>
        %s = partir.slice 0 %0[%rB] : tensor<8x2xi32> -> tensor<2x2xi32>
        %t = partir.slice 1 %s[%rM] : tensor<2x2xi32> -> tensor<2x1xi32>
        partir.yield %t : tensor<2x1xi32>
      }
      partir.yield %z : tensor<2x2xi32>
    }
    return %y : tensor<8x2xi32>
  }
}
