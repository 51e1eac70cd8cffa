// From PartIR:Core to PartIR:HLO: how a value goes from the tiling in which it
// is to the one in which it is needed. In the input, an identity loop says how a
// value is tiled, and a loop around an op how the op needs it.
//
// RUN: partir-opt %s -split-input-file --partir-lower-core | FileCheck %s

// One tiling throughout: no communication.
// CHECK-LABEL: @same
// CHECK-SAME: attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>}
module @same attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[X:.*]]: tensor<2x8xf32> {partir.name = "x"}) -> tensor<2x8xf32>
  func.func public @main(%x: tensor<8x8xf32> {partir.name = "x"}) -> tensor<8x8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    }
    // CHECK-NEXT: %[[Y:.*]] = "stablehlo.tanh"(%[[X]]) : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %1 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %0[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %2 = "stablehlo.tanh"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32>
      partir.yield %2 : tensor<2x8xf32>
    }
    // CHECK-NEXT: return %[[Y]]
    return %1 : tensor<8x8xf32>
  }
}

// -----

// A whole value, of which the op needs a chunk.
// CHECK-LABEL: @slice
module @slice attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[X:.*]]: tensor<8x8xf32>) -> tensor<2x4xf32>
  func.func public @main(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
    // CHECK-NEXT: %[[S:.*]] = partir_hlo.all_slice [{"B"}, {"M"}] %[[X]] : tensor<8x8xf32> -> tensor<2x4xf32>
    // CHECK-NEXT: "stablehlo.tanh"(%[[S]])
    // CHECK-NEXT: return
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %1 = partir.loop "M" [#partir.tile<1>] (%q: !partir.range<2>) -> tensor<2x8xf32> {
        %t = partir.slice 1 %s[%q] : tensor<2x8xf32> -> tensor<2x4xf32>
        %2 = "stablehlo.tanh"(%t) : (tensor<2x4xf32>) -> tensor<2x4xf32>
        partir.yield %2 : tensor<2x4xf32>
      }
      partir.yield %1 : tensor<2x8xf32>
    }
    return %0 : tensor<8x8xf32>
  }
}

// -----

// From [B, M] to [B]: the common prefix stays.
// CHECK-LABEL: @gather_rest
module @gather_rest attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[X:.*]]: tensor<1xf32>) -> tensor<2xf32>
  func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      %1 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<2xf32> {
        %t = partir.slice 0 %s[%q] : tensor<2xf32> -> tensor<1xf32>
        partir.yield %t : tensor<1xf32>
      }
      partir.yield %1 : tensor<2xf32>
    }
    // CHECK-NEXT: %[[G:.*]] = partir_hlo.all_gather [{"M"}] %[[X]] : tensor<1xf32> -> tensor<2xf32>
    // CHECK-NEXT: "stablehlo.tanh"(%[[G]])
    // CHECK-NEXT: return
    %2 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %0[%r] : tensor<8xf32> -> tensor<2xf32>
      %3 = "stablehlo.tanh"(%s) : (tensor<2xf32>) -> tensor<2xf32>
      partir.yield %3 : tensor<2xf32>
    }
    return %2 : tensor<8xf32>
  }
}

// -----

// From [B] to [B, M].
// CHECK-LABEL: @slice_rest
module @slice_rest attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[X:.*]]: tensor<2xf32>) -> tensor<1xf32>
  func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    // CHECK-NEXT: %[[S:.*]] = partir_hlo.all_slice [{"M"}] %[[X]] : tensor<2xf32> -> tensor<1xf32>
    // CHECK-NEXT: "stablehlo.tanh"(%[[S]])
    // CHECK-NEXT: return
    %1 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %0[%r] : tensor<8xf32> -> tensor<2xf32>
      %2 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<2xf32> {
        %t = partir.slice 0 %s[%q] : tensor<2xf32> -> tensor<1xf32>
        %3 = "stablehlo.tanh"(%t) : (tensor<1xf32>) -> tensor<1xf32>
        partir.yield %3 : tensor<1xf32>
      }
      partir.yield %2 : tensor<2xf32>
    }
    return %1 : tensor<8xf32>
  }
}

// -----

// From [B] to [M]: nothing in common.
// CHECK-LABEL: @other_axis
module @other_axis attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[X:.*]]: tensor<2xf32>) -> tensor<4xf32>
  func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    // CHECK-NEXT: %[[G:.*]] = partir_hlo.all_gather [{"B"}] %[[X]] : tensor<2xf32> -> tensor<8xf32>
    // CHECK-NEXT: %[[S:.*]] = partir_hlo.all_slice [{"M"}] %[[G]] : tensor<8xf32> -> tensor<4xf32>
    // CHECK-NEXT: "stablehlo.tanh"(%[[S]])
    // CHECK-NEXT: return
    %1 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<8xf32> {
      %t = partir.slice 0 %0[%q] : tensor<8xf32> -> tensor<4xf32>
      %2 = "stablehlo.tanh"(%t) : (tensor<4xf32>) -> tensor<4xf32>
      partir.yield %2 : tensor<4xf32>
    }
    return %1 : tensor<8xf32>
  }
}

// -----

// An axis goes to another dim.
// CHECK-LABEL: @all_to_all
module @all_to_all attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[X:.*]]: tensor<2x8xf32>) -> tensor<8x2xf32>
  func.func public @main(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    }
    // CHECK-NEXT: %[[A:.*]] = partir_hlo.all_to_all {"B"} dim 0 to 1 %[[X]] : tensor<2x8xf32> -> tensor<8x2xf32>
    // CHECK-NEXT: "stablehlo.tanh"(%[[A]])
    // CHECK-NEXT: return
    %1 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %0[%r] : tensor<8x8xf32> -> tensor<8x2xf32>
      %2 = "stablehlo.tanh"(%s) : (tensor<8x2xf32>) -> tensor<8x2xf32>
      partir.yield %2 : tensor<8x2xf32>
    }
    return %1 : tensor<8x8xf32>
  }
}

// -----

// An axis goes to another dim, behind one that is there: [B], [M] to [], [M, B].
// CHECK-LABEL: @all_to_all_behind
module @all_to_all_behind attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[X:.*]]: tensor<2x4xf32>) -> tensor<8x1xf32>
  func.func public @main(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %1 = partir.loop "M" [#partir.tile<1>] (%q: !partir.range<2>) -> tensor<2x8xf32> {
        %t = partir.slice 1 %s[%q] : tensor<2x8xf32> -> tensor<2x4xf32>
        partir.yield %t : tensor<2x4xf32>
      }
      partir.yield %1 : tensor<2x8xf32>
    }
    // CHECK-NEXT: %[[A:.*]] = partir_hlo.all_to_all {"B"} dim 0 to 1 %[[X]] : tensor<2x4xf32> -> tensor<8x1xf32>
    // CHECK-NEXT: "stablehlo.tanh"(%[[A]])
    // CHECK-NEXT: return
    %2 = partir.loop "M" [#partir.tile<1>] (%q: !partir.range<2>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %0[%q] : tensor<8x8xf32> -> tensor<8x4xf32>
      %3 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x4xf32> {
        %t = partir.slice 1 %s[%r] : tensor<8x4xf32> -> tensor<8x1xf32>
        %4 = "stablehlo.tanh"(%t) : (tensor<8x1xf32>) -> tensor<8x1xf32>
        partir.yield %4 : tensor<8x1xf32>
      }
      partir.yield %3 : tensor<8x4xf32>
    }
    return %2 : tensor<8x8xf32>
  }
}

// -----

// From [B, M] to [M, B] on one dim: an exchange, not a gather.
// CHECK-LABEL: @permute
module @permute attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[X:.*]]: tensor<2xf32>) -> tensor<2xf32>
  func.func public @main(%x: tensor<16xf32>) -> tensor<16xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<16xf32> {
      %s = partir.slice 0 %x[%r] : tensor<16xf32> -> tensor<4xf32>
      %1 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<4xf32> {
        %t = partir.slice 0 %s[%q] : tensor<4xf32> -> tensor<2xf32>
        partir.yield %t : tensor<2xf32>
      }
      partir.yield %1 : tensor<4xf32>
    }
    // CHECK-NEXT: %[[P:.*]] = partir_hlo.collective_permute [{"B", "M"}] to [{"M", "B"}] %[[X]] : tensor<2xf32>
    // CHECK-NEXT: "stablehlo.tanh"(%[[P]])
    // CHECK-NEXT: return
    %2 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<16xf32> {
      %s = partir.slice 0 %0[%q] : tensor<16xf32> -> tensor<8xf32>
      %3 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
        %t = partir.slice 0 %s[%r] : tensor<8xf32> -> tensor<2xf32>
        %4 = "stablehlo.tanh"(%t) : (tensor<2xf32>) -> tensor<2xf32>
        partir.yield %4 : tensor<2xf32>
      }
      partir.yield %3 : tensor<8xf32>
    }
    return %2 : tensor<16xf32>
  }
}

// -----

// From [B, M] to [M]: the minor axis stays, so B is not gathered around it, but
// brought behind it first.
// CHECK-LABEL: @gather_major
module @gather_major attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[X:.*]]: tensor<2xf32>) -> tensor<8xf32>
  func.func public @main(%x: tensor<16xf32>) -> tensor<16xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<16xf32> {
      %s = partir.slice 0 %x[%r] : tensor<16xf32> -> tensor<4xf32>
      %1 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<4xf32> {
        %t = partir.slice 0 %s[%q] : tensor<4xf32> -> tensor<2xf32>
        partir.yield %t : tensor<2xf32>
      }
      partir.yield %1 : tensor<4xf32>
    }
    // CHECK-NEXT: %[[P:.*]] = partir_hlo.collective_permute [{"B", "M"}] to [{"M", "B"}] %[[X]] : tensor<2xf32>
    // CHECK-NEXT: %[[G:.*]] = partir_hlo.all_gather [{"B"}] %[[P]] : tensor<2xf32> -> tensor<8xf32>
    // CHECK-NEXT: "stablehlo.tanh"(%[[G]])
    // CHECK-NEXT: return
    %2 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<16xf32> {
      %s = partir.slice 0 %0[%q] : tensor<16xf32> -> tensor<8xf32>
      %3 = "stablehlo.tanh"(%s) : (tensor<8xf32>) -> tensor<8xf32>
      partir.yield %3 : tensor<8xf32>
    }
    return %2 : tensor<16xf32>
  }
}

// -----

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

// CHECK-LABEL: @all_reduce
module @all_reduce attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[X:.*]]: tensor<8x8xf32>) -> tensor<8xf32>
  func.func public @main(%x: tensor<8x8xf32>) -> tensor<8xf32> {
    %zero = "stablehlo.constant"() <{value = dense<0xFF800000> : tensor<f32>}> : () -> tensor<f32>
    // CHECK: %[[S:.*]] = partir_hlo.all_slice [{}, {"M"}] %[[X]]
    // CHECK: %[[P:.*]] = "stablehlo.reduce"(%[[S]],
    // CHECK: (tensor<8x4xf32>, tensor<f32>) -> tensor<8xf32>
    // CHECK-NEXT: %[[R:.*]] = partir_hlo.all_reduce max {"M"} %[[P]] : tensor<8xf32>
    // CHECK-NEXT: return %[[R]]
    %0 = partir.loop "M" [#partir.reduce<max>] (%q: !partir.range<2>) -> tensor<8xf32> {
      %s = partir.slice 1 %x[%q] : tensor<8x8xf32> -> tensor<8x4xf32>
      %1 = "stablehlo.reduce"(%s, %zero) <{dimensions = array<i64: 1>}> ({
      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
        %2 = "stablehlo.maximum"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
        "stablehlo.return"(%2) : (tensor<f32>) -> ()
      }) : (tensor<8x4xf32>, tensor<f32>) -> tensor<8xf32>
      partir.yield %1 : tensor<8xf32>
    }
    return %0 : tensor<8xf32>
  }
}

// -----

// Reduced once where the value is made, however many uses it has.
// CHECK-LABEL: @reduced_once
module @reduced_once attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x6xf32>) -> (tensor<6x6xf32>, tensor<6x6xf32>) {
    // CHECK: "stablehlo.dot_general"
    // CHECK-NEXT: %[[R:.*]] = partir_hlo.all_reduce add {"M"}
    // CHECK-NEXT: "stablehlo.sine"(%[[R]])
    // CHECK-NEXT: "stablehlo.cosine"(%[[R]])
    // CHECK-NEXT: return
    %0 = partir.loop "M" [#partir.reduce<add>] (%q: !partir.range<2>) -> tensor<6x6xf32> {
      %s = partir.slice 1 %x[%q] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %w[%q] : tensor<8x6xf32> -> tensor<4x6xf32>
      %1 = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x6xf32>) -> tensor<6x6xf32>
      partir.yield %1 : tensor<6x6xf32>
    }
    %2 = "stablehlo.sine"(%0) : (tensor<6x6xf32>) -> tensor<6x6xf32>
    %3 = "stablehlo.cosine"(%0) : (tensor<6x6xf32>) -> tensor<6x6xf32>
    return %2, %3 : tensor<6x6xf32>, tensor<6x6xf32>
  }
}

// -----

// The value is tiled by the axis over which it is reduced; a use that needs it
// whole gathers.
// CHECK-LABEL: @reduce_scatter
module @reduce_scatter attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: -> (tensor<3x6xf32>, tensor<6x6xf32>)
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x6xf32>) -> (tensor<6x6xf32>, tensor<6x6xf32>) {
    // CHECK: %[[P:.*]] = "stablehlo.dot_general"
    // CHECK-NEXT: %[[R:.*]] = partir_hlo.reduce_scatter add [{"M"}, {}] %[[P]] : tensor<6x6xf32> -> tensor<3x6xf32>
    %0 = partir.loop "M" [#partir.reduce<add>] (%q: !partir.range<2>) -> tensor<6x6xf32> {
      %s = partir.slice 1 %x[%q] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %w[%q] : tensor<8x6xf32> -> tensor<4x6xf32>
      %1 = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x6xf32>) -> tensor<6x6xf32>
      partir.yield %1 : tensor<6x6xf32>
    }
    %2 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<6x6xf32> {
      %s = partir.slice 0 %0[%q] : tensor<6x6xf32> -> tensor<3x6xf32>
      partir.yield %s : tensor<3x6xf32>
    }
    // CHECK-NEXT: %[[S:.*]] = "stablehlo.sine"(%[[R]])
    %3 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<6x6xf32> {
      %s = partir.slice 0 %2[%q] : tensor<6x6xf32> -> tensor<3x6xf32>
      %4 = "stablehlo.sine"(%s) : (tensor<3x6xf32>) -> tensor<3x6xf32>
      partir.yield %4 : tensor<3x6xf32>
    }
    // CHECK-NEXT: %[[G:.*]] = partir_hlo.all_gather [{"M"}, {}] %[[R]]
    // CHECK-NEXT: %[[C:.*]] = "stablehlo.cosine"(%[[G]])
    // CHECK-NEXT: return %[[S]], %[[C]]
    %5 = "stablehlo.cosine"(%2) : (tensor<6x6xf32>) -> tensor<6x6xf32>
    return %3, %5 : tensor<6x6xf32>, tensor<6x6xf32>
  }
}

// -----

// Over B the sum is scattered, over M reduced: the smaller part.
// CHECK-LABEL: @scatter_then_reduce
module @scatter_then_reduce attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x16xf32>, %w: tensor<16x6xf32>) -> tensor<8x6xf32> {
    // CHECK: %[[P:.*]] = "stablehlo.dot_general"
    // CHECK-NEXT: %[[S:.*]] = partir_hlo.reduce_scatter add [{"B"}, {}] %[[P]] : tensor<8x6xf32> -> tensor<2x6xf32>
    // CHECK-NEXT: %[[R:.*]] = partir_hlo.all_reduce add {"M"} %[[S]] : tensor<2x6xf32>
    // CHECK-NEXT: return %[[R]]
    %0 = partir.loop "B" [#partir.reduce<add>] (%r: !partir.range<4>) -> tensor<8x6xf32> {
      %s = partir.slice 1 %x[%r] : tensor<8x16xf32> -> tensor<8x4xf32>
      %t = partir.slice 0 %w[%r] : tensor<16x6xf32> -> tensor<4x6xf32>
      %1 = partir.loop "M" [#partir.reduce<add>] (%q: !partir.range<2>) -> tensor<8x6xf32> {
        %u = partir.slice 1 %s[%q] : tensor<8x4xf32> -> tensor<8x2xf32>
        %v = partir.slice 0 %t[%q] : tensor<4x6xf32> -> tensor<2x6xf32>
        %2 = "stablehlo.dot_general"(%u, %v) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<8x2xf32>, tensor<2x6xf32>) -> tensor<8x6xf32>
        partir.yield %2 : tensor<8x6xf32>
      }
      partir.yield %1 : tensor<8x6xf32>
    }
    %3 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x6xf32> {
      %s = partir.slice 0 %0[%r] : tensor<8x6xf32> -> tensor<2x6xf32>
      partir.yield %s : tensor<2x6xf32>
    }
    return %3 : tensor<8x6xf32>
  }
}

// -----

// Scattered on two dims: a collective each.
// CHECK-LABEL: @scatter_two_dims
module @scatter_two_dims attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x16xf32>, %w: tensor<16x6xf32>) -> tensor<8x6xf32> {
    // CHECK: %[[P:.*]] = "stablehlo.dot_general"
    // CHECK-NEXT: %[[S:.*]] = partir_hlo.reduce_scatter add [{"B"}, {}] %[[P]] : tensor<8x6xf32> -> tensor<2x6xf32>
    // CHECK-NEXT: %[[R:.*]] = partir_hlo.reduce_scatter add [{}, {"M"}] %[[S]] : tensor<2x6xf32> -> tensor<2x3xf32>
    // CHECK-NEXT: return %[[R]]
    %0 = partir.loop "B" [#partir.reduce<add>] (%r: !partir.range<4>) -> tensor<8x6xf32> {
      %s = partir.slice 1 %x[%r] : tensor<8x16xf32> -> tensor<8x4xf32>
      %t = partir.slice 0 %w[%r] : tensor<16x6xf32> -> tensor<4x6xf32>
      %1 = partir.loop "M" [#partir.reduce<add>] (%q: !partir.range<2>) -> tensor<8x6xf32> {
        %u = partir.slice 1 %s[%q] : tensor<8x4xf32> -> tensor<8x2xf32>
        %v = partir.slice 0 %t[%q] : tensor<4x6xf32> -> tensor<2x6xf32>
        %2 = "stablehlo.dot_general"(%u, %v) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<8x2xf32>, tensor<2x6xf32>) -> tensor<8x6xf32>
        partir.yield %2 : tensor<8x6xf32>
      }
      partir.yield %1 : tensor<8x6xf32>
    }
    %3 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x6xf32> {
      %s = partir.slice 0 %0[%r] : tensor<8x6xf32> -> tensor<2x6xf32>
      %4 = partir.loop "M" [#partir.tile<1>] (%q: !partir.range<2>) -> tensor<2x6xf32> {
        %t = partir.slice 1 %s[%q] : tensor<2x6xf32> -> tensor<2x3xf32>
        partir.yield %t : tensor<2x3xf32>
      }
      partir.yield %4 : tensor<2x6xf32>
    }
    return %3 : tensor<8x6xf32>
  }
}

//===----------------------------------------------------------------------===//
// Gathers
//===----------------------------------------------------------------------===//

// -----

// Each use gathers again, an op that uses the value twice does so once.
// CHECK-LABEL: @gather_per_use
module @gather_per_use attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[W:.*]]: tensor<2xf32>) -> (tensor<8xf32>, tensor<8xf32>)
  func.func public @main(%w: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %w[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    // CHECK-NEXT: %[[G:.*]] = partir_hlo.all_gather [{"B"}] %[[W]]
    // CHECK-NEXT: "stablehlo.sine"(%[[G]])
    // CHECK-NEXT: %[[H:.*]] = partir_hlo.all_gather [{"B"}] %[[W]]
    // CHECK-NEXT: "stablehlo.multiply"(%[[H]], %[[H]])
    // CHECK-NEXT: return
    %1 = "stablehlo.sine"(%0) : (tensor<8xf32>) -> tensor<8xf32>
    %2 = "stablehlo.multiply"(%0, %0) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    return %1, %2 : tensor<8xf32>, tensor<8xf32>
  }
}

// -----

// A result of the program keeps its tiling, and an input that is returned.
// CHECK-LABEL: @outputs
module @outputs attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[X:.*]]: tensor<2xf32>, %[[Y:.*]]: tensor<8xf32>) -> (tensor<2xf32>, tensor<4xf32>)
  func.func public @main(%x: tensor<8xf32>, %y: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    // CHECK-NEXT: %[[S:.*]] = partir_hlo.all_slice [{"M"}] %[[Y]]
    // CHECK-NEXT: %[[T:.*]] = "stablehlo.tanh"(%[[S]])
    // CHECK-NEXT: return %[[X]], %[[T]]
    %1 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<8xf32> {
      %s = partir.slice 0 %y[%q] : tensor<8xf32> -> tensor<4xf32>
      %2 = "stablehlo.tanh"(%s) : (tensor<4xf32>) -> tensor<4xf32>
      partir.yield %2 : tensor<4xf32>
    }
    return %0, %1 : tensor<8xf32>, tensor<8xf32>
  }
}

// -----

// A result is not tiled by a part of an axis: that is gathered. Two parts that
// make a whole axis on one dim are one.
// CHECK-LABEL: @output_parts
module @output_parts attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[X:.*]]: tensor<2xf32>) -> (tensor<2x4xf32>, tensor<2xf32>)
  func.func public @main(%x: tensor<8xf32>) -> (tensor<2x4xf32>, tensor<8xf32>) {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    // CHECK-NEXT: %[[R:.*]] = "stablehlo.reshape"(%[[X]]) : (tensor<2xf32>) -> tensor<1x2xf32>
    %1 = partir.loop "B":(1)2 [#partir.tile<0>] (%i: !partir.range<2>) -> tensor<2x4xf32> {
      %s = partir.slice 0 %0[%i] : tensor<8xf32> -> tensor<4xf32>
      %2 = partir.loop "B":(2)2 [#partir.tile<1>] (%j: !partir.range<2>) -> tensor<1x4xf32> {
        %t = partir.slice 0 %s[%j] : tensor<4xf32> -> tensor<2xf32>
        %3 = "stablehlo.reshape"(%t) : (tensor<2xf32>) -> tensor<1x2xf32>
        partir.yield %3 : tensor<1x2xf32>
      }
      partir.yield %2 : tensor<1x4xf32>
    }
    // CHECK-NEXT: %[[Q:.*]] = "stablehlo.reshape"(%[[R]]) : (tensor<1x2xf32>) -> tensor<2xf32>
    %4 = partir.loop "B":(1)2 [#partir.tile<0>] (%i: !partir.range<2>) -> tensor<8xf32> {
      %s = partir.slice 0 %1[%i] : tensor<2x4xf32> -> tensor<1x4xf32>
      %5 = partir.loop "B":(2)2 [#partir.tile<0>] (%j: !partir.range<2>) -> tensor<4xf32> {
        %t = partir.slice 1 %s[%j] : tensor<1x4xf32> -> tensor<1x2xf32>
        %6 = "stablehlo.reshape"(%t) : (tensor<1x2xf32>) -> tensor<2xf32>
        partir.yield %6 : tensor<2xf32>
      }
      partir.yield %5 : tensor<4xf32>
    }
    // CHECK-NEXT: %[[G:.*]] = partir_hlo.all_gather [{"B":(1)2}, {}] %[[R]] : tensor<1x2xf32> -> tensor<2x2xf32>
    // CHECK-NEXT: %[[H:.*]] = partir_hlo.all_gather [{}, {"B":(2)2}] %[[G]] : tensor<2x2xf32> -> tensor<2x4xf32>
    // CHECK-NEXT: return %[[H]], %[[Q]]
    return %1, %4 : tensor<2x4xf32>, tensor<8xf32>
  }
}

//===----------------------------------------------------------------------===//
// Ties
//===----------------------------------------------------------------------===//

// -----

// A carried value keeps its tiling; the gather is inside, once per iteration.
// What comes in from outside and is needed whole inside is gathered inside too.
// CHECK-LABEL: @while
module @while attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[P:.*]]: tensor<i1>, %[[X:.*]]: tensor<2xf32>, %[[W:.*]]: tensor<2xf32>) -> tensor<2xf32>
  func.func public @main(%p: tensor<i1>, %x: tensor<8xf32>, %w: tensor<8xf32>) -> tensor<8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    %1 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %w[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    // CHECK-NEXT: %[[L:.*]] = "stablehlo.while"(%[[X]]) ({
    // CHECK-NEXT: ^bb0(%{{.*}}: tensor<2xf32>):
    // CHECK-NEXT: "stablehlo.return"(%[[P]])
    %2 = "stablehlo.while"(%0) ({
    ^bb0(%c: tensor<8xf32>):
      %ct = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
        %s = partir.slice 0 %c[%r] : tensor<8xf32> -> tensor<2xf32>
        partir.yield %s : tensor<2xf32>
      }
      "stablehlo.return"(%p) : (tensor<i1>) -> ()
    }, {
    ^bb0(%c: tensor<8xf32>):
      // CHECK: ^bb0(%[[C:.*]]: tensor<2xf32>):
      %ct = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
        %s = partir.slice 0 %c[%r] : tensor<8xf32> -> tensor<2xf32>
        partir.yield %s : tensor<2xf32>
      }
      // CHECK-NEXT: %[[CG:.*]] = partir_hlo.all_gather [{"B"}] %[[C]]
      // CHECK-NEXT: %[[WG:.*]] = partir_hlo.all_gather [{"B"}] %[[W]]
      // CHECK-NEXT: %[[M:.*]] = "stablehlo.multiply"(%[[CG]], %[[WG]]) : (tensor<8xf32>
      // CHECK-NEXT: %[[S:.*]] = partir_hlo.all_slice [{"B"}] %[[M]]
      // CHECK-NEXT: "stablehlo.return"(%[[S]]) : (tensor<2xf32>)
      %3 = "stablehlo.multiply"(%ct, %1) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
      "stablehlo.return"(%3) : (tensor<8xf32>) -> ()
    // CHECK-NEXT: }) : (tensor<2xf32>) -> tensor<2xf32>
    // CHECK-NEXT: return %[[L]]
    }) : (tensor<8xf32>) -> tensor<8xf32>
    %4 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %2[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    return %4 : tensor<8xf32>
  }
}

// -----

// A tag dissolves.
// CHECK-LABEL: @tag
module @tag attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[X:.*]]: tensor<8xf32>) -> tensor<2xf32>
  func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    // CHECK-NEXT: %[[S:.*]] = partir_hlo.all_slice [{"B"}] %[[X]]
    // CHECK-NEXT: return %[[S]]
    %0 = partir.tag "hidden" %x : tensor<8xf32>
    %1 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %0[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    return %1 : tensor<8xf32>
  }
}

// -----

// A value that is tiled in one way before a name and in another behind it is not
// made whole for the name.
// CHECK-LABEL: @tag_between
module @tag_between attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[X:.*]]: tensor<2x8xf32>) -> tensor<8x2xf32>
  func.func public @main(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    }
    // CHECK-NEXT: %[[E:.*]] = partir_hlo.all_to_all {"B"} dim 0 to 1 %[[X]] : tensor<2x8xf32> -> tensor<8x2xf32>
    %1 = partir.tag "before" %0 : tensor<8x8xf32>
    %2 = partir.tag "behind" %1 : tensor<8x8xf32>
    // CHECK-NEXT: "stablehlo.tanh"(%[[E]])
    // CHECK-NEXT: return
    %3 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %2[%r] : tensor<8x8xf32> -> tensor<8x2xf32>
      %4 = "stablehlo.tanh"(%s) : (tensor<8x2xf32>) -> tensor<8x2xf32>
      partir.yield %4 : tensor<8x2xf32>
    }
    return %3 : tensor<8x8xf32>
  }
}

// -----

// Nor is a sum that is sliced behind its name.
// CHECK-LABEL: @tag_of_sum
module @tag_of_sum attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x6xf32>) -> tensor<6x6xf32> {
    // CHECK: %[[P:.*]] = "stablehlo.dot_general"
    %0 = partir.loop "M" [#partir.reduce<add>] (%q: !partir.range<2>) -> tensor<6x6xf32> {
      %s = partir.slice 1 %x[%q] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %w[%q] : tensor<8x6xf32> -> tensor<4x6xf32>
      %1 = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x6xf32>) -> tensor<6x6xf32>
      partir.yield %1 : tensor<6x6xf32>
    }
    // CHECK-NEXT: %[[R:.*]] = partir_hlo.reduce_scatter add [{"M"}, {}] %[[P]] : tensor<6x6xf32> -> tensor<3x6xf32>
    // CHECK-NEXT: "stablehlo.sine"(%[[R]])
    %2 = partir.tag "sum" %0 : tensor<6x6xf32>
    %3 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<6x6xf32> {
      %s = partir.slice 0 %2[%q] : tensor<6x6xf32> -> tensor<3x6xf32>
      %4 = "stablehlo.sine"(%s) : (tensor<3x6xf32>) -> tensor<3x6xf32>
      partir.yield %4 : tensor<3x6xf32>
    }
    return %3 : tensor<6x6xf32>
  }
}

// -----

// Unless something behind the name needs it whole.
// CHECK-LABEL: @tag_used_whole
module @tag_used_whole attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[X:.*]]: tensor<2x8xf32>)
  func.func public @main(%x: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    }
    // CHECK-NEXT: %[[G:.*]] = partir_hlo.all_gather [{"B"}, {}] %[[X]]
    // CHECK-NEXT: partir_hlo.all_slice [{}, {"B"}] %[[G]]
    %1 = partir.tag "both" %0 : tensor<8x8xf32>
    %2 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %1[%r] : tensor<8x8xf32> -> tensor<8x2xf32>
      %4 = "stablehlo.tanh"(%s) : (tensor<8x2xf32>) -> tensor<8x2xf32>
      partir.yield %4 : tensor<8x2xf32>
    }
    // CHECK: "stablehlo.sine"(%[[G]])
    %3 = "stablehlo.sine"(%1) : (tensor<8x8xf32>) -> tensor<8x8xf32>
    return %2, %3 : tensor<8x8xf32>, tensor<8x8xf32>
  }
}
