// What propagation over B and then M makes of the tiles that are there. The
// identity loops in the input are those that actions place.
//
// RUN: partir-opt %s -split-input-file --partir-propagate='axis=B tactic=T' --partir-propagate='axis=M tactic=U' | FileCheck %s

// From operands to results.
// CHECK-LABEL: @forward
module @forward attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x4xf32>, %y: tensor<8x4xf32>) -> tensor<4x8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x4xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x4xf32> -> tensor<2x4xf32>
      partir.yield %s : tensor<2x4xf32>
    }
    // CHECK: %[[X:.*]] = partir.loop "B"
    // CHECK: %[[SUM:.*]] = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<8x4xf32> {
    // CHECK-NEXT:   %[[A:.*]] = partir.slice 0 %[[X]][%rB] : tensor<8x4xf32> -> tensor<2x4xf32>
    // CHECK-NEXT:   %[[B:.*]] = partir.slice 0 %arg1[%rB] : tensor<8x4xf32> -> tensor<2x4xf32>
    // CHECK-NEXT:   %[[C:.*]] = "stablehlo.add"(%[[A]], %[[B]]) : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
    // CHECK-NEXT:   partir.yield %[[C]] : tensor<2x4xf32>
    // CHECK-NEXT: }
    %1 = "stablehlo.add"(%0, %y) : (tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<8x4xf32>
    // CHECK-NEXT: %[[T:.*]] = partir.loop "B" [#partir.tile<1>] (%rB: !partir.range<4>) -> tensor<4x8xf32> {
    // CHECK-NEXT:   %[[A:.*]] = partir.slice 0 %[[SUM]][%rB]
    // CHECK-NEXT:   "stablehlo.transpose"(%[[A]]) {{.*}} -> tensor<4x2xf32>
    // CHECK:      return %[[T]]
    %2 = "stablehlo.transpose"(%1) <{permutation = array<i64: 1, 0>}> : (tensor<8x4xf32>) -> tensor<4x8xf32>
    return %2 : tensor<4x8xf32>
  }
}

// -----

// From the uses of results to operands.
// CHECK-LABEL: @backward
module @backward attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<4x8xf32>) -> tensor<8x4xf32> {
    // CHECK: %[[Y:.*]] = partir.loop "B" [#partir.tile<1>]
    // CHECK-NEXT: partir.slice 1 %arg0[%rB]
    // CHECK-NEXT: "stablehlo.tanh"
    // CHECK: %[[T:.*]] = partir.loop "B" [#partir.tile<0>]
    // CHECK-NEXT: partir.slice 1 %[[Y]][%rB]
    // CHECK-NEXT: "stablehlo.transpose"
    %0 = "stablehlo.tanh"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
    %1 = "stablehlo.transpose"(%0) <{permutation = array<i64: 1, 0>}> : (tensor<4x8xf32>) -> tensor<8x4xf32>
    // CHECK: partir.loop "B" [#partir.tile<0>]
    // CHECK-NEXT: partir.slice 0 %[[T]][%rB]
    %2 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x4xf32> {
      %s = partir.slice 0 %1[%r] : tensor<8x4xf32> -> tensor<2x4xf32>
      partir.yield %s : tensor<2x4xf32>
    }
    return %2 : tensor<8x4xf32>
  }
}

// -----

// A contraction that is sliced leaves a sum; the operand not tiled is sliced.
// CHECK-LABEL: @contraction
module @contraction attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x6xf32>) -> tensor<6x6xf32> {
    %0 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<6x8xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x2xf32>
      partir.yield %s : tensor<6x2xf32>
    }
    // CHECK: %[[X:.*]] = partir.loop "B"
    // CHECK: partir.loop "B" [#partir.reduce<add>] (%rB: !partir.range<4>) -> tensor<6x6xf32> {
    // CHECK-NEXT: %[[A:.*]] = partir.slice 1 %[[X]][%rB]
    // CHECK-NEXT: %[[W:.*]] = partir.slice 0 %arg1[%rB]
    // CHECK-NEXT: "stablehlo.dot_general"(%[[A]], %[[W]]) {{.*}} (tensor<6x2xf32>, tensor<2x6xf32>) -> tensor<6x6xf32>
    %1 = "stablehlo.dot_general"(%0, %w) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x8xf32>, tensor<8x6xf32>) -> tensor<6x6xf32>
    return %1 : tensor<6x6xf32>
  }
}

// -----

// An op that could be tiled in two ways is left alone; what it uses and what
// uses it goes on, here the sine by its other operand.
// CHECK-LABEL: @conflict
module @conflict attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8x8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    }
    // CHECK: %[[X:.*]] = partir.loop "B" [#partir.tile<0>]
    // CHECK: %[[Y:.*]] = partir.loop "B" [#partir.tile<1>]
    %1 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %y[%r] : tensor<8x8xf32> -> tensor<8x2xf32>
      partir.yield %s : tensor<8x2xf32>
    }
    // CHECK: }
    // CHECK-NEXT: %[[SUM:.*]] = "stablehlo.add"(%[[X]], %[[Y]]) : (tensor<8x8xf32>,
    %2 = "stablehlo.add"(%0, %1) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
    // CHECK-NEXT: %[[P:.*]] = partir.loop "B" [#partir.tile<0>]
    // CHECK-NEXT:   %[[A:.*]] = partir.slice 0 %[[X]][%rB]
    // CHECK-NEXT:   %[[B:.*]] = partir.slice 0 %[[SUM]][%rB]
    // CHECK-NEXT:   "stablehlo.multiply"(%[[A]], %[[B]])
    // CHECK:      return %[[P]]
    %3 = "stablehlo.multiply"(%0, %2) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
    return %3 : tensor<8x8xf32>
  }
}

// -----

// An op that has the axis keeps it where it is, whatever it sees later.
// CHECK-LABEL: @earlier_wins
module @earlier_wins attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
    // CHECK: %[[X:.*]] = partir.loop "B" [#partir.tile<1>]
    %0 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %x[%r] : tensor<8x8xf32> -> tensor<8x2xf32>
      partir.yield %s : tensor<8x2xf32>
    }
    // CHECK: %[[Y:.*]] = partir.loop "B" [#partir.tile<0>]
    // CHECK-NEXT: %[[S:.*]] = partir.slice 0 %[[X]][%rB]
    // CHECK-NEXT: %[[D:.*]] = "stablehlo.tanh"(%[[S]])
    // CHECK-NEXT: partir.yield %[[D]]
    // CHECK-NEXT: }
    %1 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %0[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %d = "stablehlo.tanh"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32>
      partir.yield %d : tensor<2x8xf32>
    }
    // CHECK-NEXT: return %[[Y]]
    return %1 : tensor<8x8xf32>
  }
}

// -----

// Two axes on one dim: the one that came later is minor.
// CHECK-LABEL: @deep_tiling
module @deep_tiling attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<16xf32>, %y: tensor<16xf32>) -> tensor<16xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<16xf32> {
      %s = partir.slice 0 %x[%r] : tensor<16xf32> -> tensor<4xf32>
      partir.yield %s : tensor<4xf32>
    }
    %1 = partir.loop "M" [#partir.tile<0>] (%r: !partir.range<2>) -> tensor<16xf32> {
      %s = partir.slice 0 %y[%r] : tensor<16xf32> -> tensor<8xf32>
      partir.yield %s : tensor<8xf32>
    }
    // CHECK: %[[X:.*]] = partir.loop "B"
    // CHECK: %[[Y:.*]] = partir.loop "M"
    // CHECK: partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<16xf32> {
    // CHECK-NEXT: %[[XB:.*]] = partir.slice 0 %[[X]][%rB] : tensor<16xf32> -> tensor<4xf32>
    // CHECK-NEXT: %[[YB:.*]] = partir.slice 0 %[[Y]][%rB] : tensor<16xf32> -> tensor<4xf32>
    // CHECK-NEXT: partir.loop "M" [#partir.tile<0>] (%rM: !partir.range<2>) -> tensor<4xf32> {
    // CHECK-NEXT:   %[[XM:.*]] = partir.slice 0 %[[XB]][%rM] : tensor<4xf32> -> tensor<2xf32>
    // CHECK-NEXT:   %[[YM:.*]] = partir.slice 0 %[[YB]][%rM] : tensor<4xf32> -> tensor<2xf32>
    // CHECK-NEXT:   "stablehlo.add"(%[[XM]], %[[YM]])
    %2 = "stablehlo.add"(%0, %1) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    return %2 : tensor<16xf32>
  }
}

// -----

// The axis does not divide what an earlier one leaves.
// CHECK-LABEL: @does_not_divide
module @does_not_divide attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<4xf32> {
      %s = partir.slice 0 %x[%r] : tensor<4xf32> -> tensor<1xf32>
      partir.yield %s : tensor<1xf32>
    }
    %1 = partir.loop "M" [#partir.tile<0>] (%r: !partir.range<2>) -> tensor<4xf32> {
      %s = partir.slice 0 %y[%r] : tensor<4xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    // CHECK: partir.loop "B"
    // CHECK: partir.loop "M"
    // CHECK: partir.loop "B" [#partir.tile<0>]
    // CHECK-NOT: partir.loop
    // CHECK: "stablehlo.add"({{.*}}) : (tensor<1xf32>, tensor<1xf32>)
    %2 = "stablehlo.add"(%0, %1) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    return %2 : tensor<4xf32>
  }
}

// -----

// No op slices an atomic value, in neither direction; it passes on nothing.
// CHECK-LABEL: @atomic
module @atomic attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32>, %y: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    // CHECK: %[[X:.*]] = partir.loop "B" [#partir.tile<0>]
    // CHECK: %[[Y:.*]] = partir.loop "B" [#partir.any]
    %1 = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8xf32> {
      partir.yield %y : tensor<8xf32>
    }
    // CHECK: }
    // CHECK-NEXT: %[[SUM:.*]] = "stablehlo.add"(%[[X]], %[[Y]]) : (tensor<8xf32>
    %2 = "stablehlo.add"(%0, %1) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    // CHECK-NEXT: %[[Z:.*]] = partir.loop "B" [#partir.any]
    // CHECK-NEXT:   partir.yield %[[SUM]]
    %3 = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8xf32> {
      partir.yield %2 : tensor<8xf32>
    }
    // CHECK: }
    // CHECK-NEXT: %[[SINE:.*]] = "stablehlo.sine"(%[[Z]]) : (tensor<8xf32>
    %4 = "stablehlo.sine"(%3) : (tensor<8xf32>) -> tensor<8xf32>
    // The sine is not atomic itself: a use may slice it.
    // CHECK-NEXT: partir.loop "B" [#partir.tile<0>]
    // CHECK-NEXT: partir.slice 0 %[[SINE]][%rB]
    %5 = "stablehlo.add"(%4, %0) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    return %4, %5 : tensor<8xf32>, tensor<8xf32>
  }
}

// -----

// On another axis the same value may be tiled.
// CHECK-LABEL: @atomic_on_one_axis
module @atomic_on_one_axis attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
    %0 = partir.loop "M" [#partir.tile<0>] (%r: !partir.range<2>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<4xf32>
      partir.yield %s : tensor<4xf32>
    }
    // CHECK: %[[Y:.*]] = partir.loop "B" [#partir.any]
    %1 = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8xf32> {
      partir.yield %y : tensor<8xf32>
    }
    // CHECK: partir.loop "M" [#partir.tile<0>]
    // CHECK: partir.slice 0 %[[Y]][%rM]
    // CHECK: "stablehlo.add"
    %2 = "stablehlo.add"(%0, %1) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    return %2 : tensor<8xf32>
  }
}

//===----------------------------------------------------------------------===//
// Reshapes
//===----------------------------------------------------------------------===//

// -----

// A dim is split: the major part of B goes on the major factor, the rest of it
// on the next.
// CHECK-LABEL: @split
module @split attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x3xf32>) -> tensor<2x4x3xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x3xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x3xf32> -> tensor<2x3xf32>
      partir.yield %s : tensor<2x3xf32>
    }
    // CHECK: %[[X:.*]] = partir.loop "B" [#partir.tile<0>]
    // CHECK: %[[R:.*]] = partir.loop "B":(1)2 [#partir.tile<0>] (%[[I:.*]]: !partir.range<2>) -> tensor<2x4x3xf32> {
    // CHECK-NEXT:   %[[S:.*]] = partir.slice 0 %[[X]][%[[I]]] : tensor<8x3xf32> -> tensor<4x3xf32>
    // CHECK-NEXT:   %[[L:.*]] = partir.loop "B":(2)2 [#partir.tile<1>] (%[[J:.*]]: !partir.range<2>) -> tensor<1x4x3xf32> {
    // CHECK-NEXT:     %[[SS:.*]] = partir.slice 0 %[[S]][%[[J]]] : tensor<4x3xf32> -> tensor<2x3xf32>
    // CHECK-NEXT:     %[[D:.*]] = "stablehlo.reshape"(%[[SS]]) : (tensor<2x3xf32>) -> tensor<1x2x3xf32>
    // CHECK-NEXT:     partir.yield %[[D]]
    // CHECK:      return %[[R]]
    %1 = "stablehlo.reshape"(%0) : (tensor<8x3xf32>) -> tensor<2x4x3xf32>
    return %1 : tensor<2x4x3xf32>
  }
}

// -----

// No parts where the axis fits the major factor.
// CHECK-LABEL: @split_whole
module @split_whole attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<16xf32>) -> tensor<8x2xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<16xf32> {
      %s = partir.slice 0 %x[%r] : tensor<16xf32> -> tensor<4xf32>
      partir.yield %s : tensor<4xf32>
    }
    // CHECK: partir.loop "B"
    // CHECK: partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<8x2xf32>
    // CHECK: "stablehlo.reshape"({{.*}}) : (tensor<4xf32>) -> tensor<2x2xf32>
    %1 = "stablehlo.reshape"(%0) : (tensor<16xf32>) -> tensor<8x2xf32>
    return %1 : tensor<8x2xf32>
  }
}

// -----

// 4 does not divide 6, and 3 of B is no part of it.
// CHECK-LABEL: @split_unevenly
module @split_unevenly attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<24xf32>) -> tensor<6x4xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<24xf32> {
      %s = partir.slice 0 %x[%r] : tensor<24xf32> -> tensor<6xf32>
      partir.yield %s : tensor<6xf32>
    }
    // CHECK: %[[X:.*]] = partir.loop "B"
    // CHECK: }
    // CHECK-NEXT: "stablehlo.reshape"(%[[X]]) : (tensor<24xf32>) -> tensor<6x4xf32>
    %1 = "stablehlo.reshape"(%0) : (tensor<24xf32>) -> tensor<6x4xf32>
    return %1 : tensor<6x4xf32>
  }
}

// -----

// Dims are merged: the major one passes.
// CHECK-LABEL: @merge_major
module @merge_major attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<4x6xf32>) -> tensor<24xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<4x6xf32> {
      %s = partir.slice 0 %x[%r] : tensor<4x6xf32> -> tensor<1x6xf32>
      partir.yield %s : tensor<1x6xf32>
    }
    // CHECK: partir.loop "B"
    // CHECK: partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<24xf32>
    // CHECK: "stablehlo.reshape"({{.*}}) : (tensor<1x6xf32>) -> tensor<6xf32>
    %1 = "stablehlo.reshape"(%0) : (tensor<4x6xf32>) -> tensor<24xf32>
    return %1 : tensor<24xf32>
  }
}

// -----

// The minor one does not while the major one is whole: chunks of the merged dim
// would not be contiguous.
// CHECK-LABEL: @merge_minor
module @merge_minor attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<4x6xf32>) -> tensor<24xf32> {
    %0 = partir.loop "M" [#partir.tile<1>] (%r: !partir.range<2>) -> tensor<4x6xf32> {
      %s = partir.slice 1 %x[%r] : tensor<4x6xf32> -> tensor<4x3xf32>
      partir.yield %s : tensor<4x3xf32>
    }
    // CHECK: %[[X:.*]] = partir.loop "M"
    // CHECK: }
    // CHECK-NEXT: "stablehlo.reshape"(%[[X]]) : (tensor<4x6xf32>) -> tensor<24xf32>
    %1 = "stablehlo.reshape"(%0) : (tensor<4x6xf32>) -> tensor<24xf32>
    return %1 : tensor<24xf32>
  }
}

// -----

// It does once the major one is used up.
// CHECK-LABEL: @merge_both
module @merge_both attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<4x6xf32>) -> tensor<24xf32> {
    %0 = partir.loop "M" [#partir.tile<1>] (%r: !partir.range<2>) -> tensor<4x6xf32> {
      %s = partir.slice 1 %x[%r] : tensor<4x6xf32> -> tensor<4x3xf32>
      %l = partir.loop "B" [#partir.tile<0>] (%q: !partir.range<4>) -> tensor<4x3xf32> {
        %t = partir.slice 0 %s[%q] : tensor<4x3xf32> -> tensor<1x3xf32>
        partir.yield %t : tensor<1x3xf32>
      }
      partir.yield %l : tensor<4x3xf32>
    }
    // CHECK: partir.loop "M"
    // CHECK: partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<24xf32>
    // CHECK: partir.loop "M" [#partir.tile<0>] (%rM: !partir.range<2>) -> tensor<6xf32>
    // CHECK: "stablehlo.reshape"({{.*}}) : (tensor<1x3xf32>) -> tensor<3xf32>
    %1 = "stablehlo.reshape"(%0) : (tensor<4x6xf32>) -> tensor<24xf32>
    return %1 : tensor<24xf32>
  }
}

// -----

// What a reshape split into parts, another merges again; the op after it runs
// over the parts as it sees them.
// CHECK-LABEL: @split_and_merge
module @split_and_merge attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    // CHECK: partir.loop "B"
    // CHECK: %[[R:.*]] = partir.loop "B":(1)2 [#partir.tile<0>]
    // CHECK: partir.loop "B":(2)2 [#partir.tile<1>]
    // CHECK: "stablehlo.reshape"{{.*}} -> tensor<1x2xf32>
    %1 = "stablehlo.reshape"(%0) : (tensor<8xf32>) -> tensor<2x4xf32>
    // CHECK: %[[Q:.*]] = partir.loop "B":(1)2 [#partir.tile<0>]
    // CHECK-NEXT: partir.slice 0 %[[R]]
    // CHECK-NEXT: partir.loop "B":(2)2 [#partir.tile<0>]
    // CHECK-NEXT: partir.slice 1
    // CHECK-NEXT: "stablehlo.reshape"({{.*}}) : (tensor<1x2xf32>) -> tensor<2xf32>
    %2 = "stablehlo.reshape"(%1) : (tensor<2x4xf32>) -> tensor<8xf32>
    // CHECK: return %[[Q]]
    return %2 : tensor<8xf32>
  }
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

// -----

// Gradient clipping: a gradient that is reduced over B, and that its update
// slices over B, is tiled there, so that its norm sees a shard.
// CHECK-LABEL: @clipping
module @clipping attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x16xf32>, %dy: tensor<16x4xf32>, %w: tensor<8x4xf32>) -> (tensor<8x4xf32>, tensor<f32>) {
    %0 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x16xf32> {
      %s = partir.slice 1 %x[%r] : tensor<8x16xf32> -> tensor<8x4xf32>
      partir.yield %s : tensor<8x4xf32>
    }
    %1 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x4xf32> {
      %s = partir.slice 0 %w[%r] : tensor<8x4xf32> -> tensor<2x4xf32>
      partir.yield %s : tensor<2x4xf32>
    }
    // CHECK: %[[W:.*]] = partir.loop "B" [#partir.tile<0>]
    // CHECK: %[[G:.*]] = partir.loop "B" [#partir.reduce<add>] {{.*}} -> tensor<8x4xf32>
    // CHECK: "stablehlo.dot_general"
    %g = "stablehlo.dot_general"(%0, %dy) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<8x16xf32>, tensor<16x4xf32>) -> tensor<8x4xf32>
    // CHECK: %[[GT:.*]] = partir.loop "B" [#partir.tile<0>]
    // CHECK-NEXT: partir.slice 0 %[[G]][%rB]
    // CHECK-NEXT: partir.yield
    // CHECK: %[[SQUARE:.*]] = partir.loop "B" [#partir.tile<0>]
    // CHECK: partir.slice 0 %[[GT]][%rB]
    // CHECK: "stablehlo.multiply"{{.*}} -> tensor<2x4xf32>
    %square = "stablehlo.multiply"(%g, %g) : (tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<8x4xf32>
    %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
    // CHECK: partir.loop "B" [#partir.reduce<add>] {{.*}} -> tensor<f32>
    // CHECK-NEXT: partir.slice 0 %[[SQUARE]][%rB]
    // CHECK-NEXT: "stablehlo.reduce"
    %norm = "stablehlo.reduce"(%square, %zero) <{dimensions = array<i64: 0, 1>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %2 = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%2) : (tensor<f32>) -> ()
    }) : (tensor<8x4xf32>, tensor<f32>) -> tensor<f32>
    // CHECK: partir.loop "B" [#partir.tile<0>]
    // CHECK-DAG: partir.slice 0 %[[W]][%rB]
    // CHECK-DAG: partir.slice 0 %[[GT]][%rB]
    // CHECK: "stablehlo.subtract"
    %new = "stablehlo.subtract"(%1, %g) : (tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<8x4xf32>
    return %new, %norm : tensor<8x4xf32>, tensor<f32>
  }
}

// -----

// Not if its uses slice it on two dims.
// CHECK-LABEL: @reduced_sliced_twice
module @reduced_sliced_twice attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x16xf32>, %dy: tensor<16x8xf32>, %v: tensor<8x8xf32>, %w: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>) {
    %0 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x16xf32> {
      %s = partir.slice 1 %x[%r] : tensor<8x16xf32> -> tensor<8x4xf32>
      partir.yield %s : tensor<8x4xf32>
    }
    %1 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %v[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    }
    %2 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %w[%r] : tensor<8x8xf32> -> tensor<8x2xf32>
      partir.yield %s : tensor<8x2xf32>
    }
    // CHECK: %[[G:.*]] = partir.loop "B" [#partir.reduce<add>]
    %g = "stablehlo.dot_general"(%0, %dy) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<8x16xf32>, tensor<16x8xf32>) -> tensor<8x8xf32>
    // CHECK: "stablehlo.multiply"(%[[G]], %[[G]]) : (tensor<8x8xf32>
    // CHECK: partir.slice 0 %[[G]][%rB]
    // CHECK: partir.slice 1 %[[G]][%rB]
    %3 = "stablehlo.multiply"(%g, %g) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
    %4 = "stablehlo.subtract"(%1, %g) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
    %5 = "stablehlo.subtract"(%2, %g) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
    return %3, %4, %5 : tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>
  }
}

// -----

// A value that is not reduced stays whole for its other uses, though one use
// slices it: that would add a gather.
// CHECK-LABEL: @not_reduced
module @not_reduced attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%p: tensor<8x8xf32>, %w: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %w[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    }
    // CHECK: partir.loop "B" [#partir.tile<0>]
    // CHECK: }
    // CHECK-NEXT: %[[C:.*]] = "stablehlo.cholesky"(%arg0)
    %1 = "stablehlo.cholesky"(%p) <{lower = true}> : (tensor<8x8xf32>) -> tensor<8x8xf32>
    // CHECK-NEXT: "stablehlo.cholesky"(%[[C]])
    // CHECK: partir.loop "B" [#partir.tile<0>]
    // CHECK: partir.slice 0 %[[C]][%rB]
    // CHECK: "stablehlo.add"
    %2 = "stablehlo.cholesky"(%1) <{lower = true}> : (tensor<8x8xf32>) -> tensor<8x8xf32>
    %3 = "stablehlo.add"(%0, %1) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
    return %2, %3 : tensor<8x8xf32>, tensor<8x8xf32>
  }
}

// -----

// A value that is reduced over B has its 4 rows in 4 chunks: none is left for M,
// which its producer sees later.
// CHECK-LABEL: @no_room_for_producer
module @no_room_for_producer attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<4x8xf32>, %dy: tensor<8x4xf32>, %w: tensor<4x4xf32>) -> tensor<4x4xf32> {
    // CHECK: %[[X:.*]] = partir.loop "M"
    %0 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<4x8xf32> {
      %s = partir.slice 0 %x[%q] : tensor<4x8xf32> -> tensor<2x8xf32>
      %l = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<2x8xf32> {
        %t = partir.slice 1 %s[%r] : tensor<2x8xf32> -> tensor<2x2xf32>
        partir.yield %t : tensor<2x2xf32>
      }
      partir.yield %l : tensor<2x8xf32>
    }
    %1 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<4x4xf32> {
      %s = partir.slice 0 %w[%r] : tensor<4x4xf32> -> tensor<1x4xf32>
      partir.yield %s : tensor<1x4xf32>
    }
    // CHECK: %[[P:.*]] = partir.loop "B" [#partir.reduce<add>]
    // CHECK-NEXT: partir.slice 1 %[[X]][%rB]
    // CHECK-NEXT: partir.slice
    // CHECK-NEXT: "stablehlo.dot_general"({{.*}}) {{.*}} : (tensor<4x2xf32>, tensor<2x4xf32>) -> tensor<4x4xf32>
    // CHECK: partir.loop "B" [#partir.tile<0>]
    // CHECK-NEXT: partir.slice 0 %[[P]][%rB]
    // CHECK-NEXT: partir.yield
    %2 = "stablehlo.dot_general"(%0, %dy) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<4x8xf32>, tensor<8x4xf32>) -> tensor<4x4xf32>
    %3 = "stablehlo.subtract"(%1, %2) : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    return %3 : tensor<4x4xf32>
  }
}

// -----

// Each device reads what it has of a dim that is indexed. Over M, where the local
// form has another attribute, the loop has the op whole and slices its result.
// CHECK-LABEL: @masked_read
module @masked_read attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<32x8xf32>, %i: tensor<6x1xi32>) -> tensor<6x8xf32> {
    // CHECK: %[[X:.*]] = partir.loop "B" [#partir.tile<0>]
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<32x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<32x8xf32> -> tensor<8x8xf32>
      partir.yield %s : tensor<8x8xf32>
    }
    // CHECK: %[[Y:.*]] = partir.loop "M" [#partir.tile<1>]
    // CHECK-NEXT: partir.loop "B" [#partir.reduce<add>] (%rB: !partir.range<4>) -> tensor<6x4xf32>
    // CHECK-NEXT: %[[S:.*]] = partir.slice 0 %[[X]][%rB] : tensor<32x8xf32> -> tensor<8x8xf32>
    // CHECK-NEXT: %[[P:.*]] = partir.place 0 %[[S]][%rB] : tensor<8x8xf32>, !partir.range<4> -> tensor<32x8xf32>
    // CHECK-NEXT: %[[G:.*]] = "stablehlo.gather"(%[[P]], {{.*}} slice_sizes = array<i64: 1, 8>
    // CHECK-NEXT: partir.slice 1 %[[G]][%rM] : tensor<6x8xf32> -> tensor<6x4xf32>
    %1 = partir.loop "M" [#partir.tile<1>] (%rM: !partir.range<2>) -> tensor<6x8xf32> {
      %2 = "stablehlo.gather"(%0, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 8>}> : (tensor<32x8xf32>, tensor<6x1xi32>) -> tensor<6x8xf32>
      %s = partir.slice 1 %2[%rM] : tensor<6x8xf32> -> tensor<6x4xf32>
      partir.yield %s : tensor<6x4xf32>
    }
    return %1 : tensor<6x8xf32>
  }
}
