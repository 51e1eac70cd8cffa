// Core whose loops contradict each other, or what is in them.
//
// RUN: partir-opt %s -split-input-file -verify-diagnostics --partir-lower-core -o /dev/null

// A value has the axis once, like an op.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8x8xf32> {
    %a = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    }
    // expected-error@+1 {{the value is in a loop over "B" already}}
    %0 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %a[%r] : tensor<8x8xf32> -> tensor<8x2xf32>
      partir.yield %s : tensor<8x2xf32>
    }
    return %0 : tensor<8x8xf32>
  }
}

// -----

// Nor is it tiled and whole on one axis.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8x8xf32> {
    %a = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    }
    // expected-error@+1 {{the value is in a loop over "B" already}}
    %0 = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      partir.yield %a : tensor<8x8xf32>
    }
    return %0 : tensor<8x8xf32>
  }
}

// -----

// What a reduction does with two elements is no place for a loop.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8xf32> {
    %z = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
    %0 = "stablehlo.reduce"(%x, %z) <{dimensions = array<i64: 0>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      // expected-error@+1 {{a loop cannot be in a region of 'stablehlo.reduce'}}
      %1 = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<f32> {
        partir.yield %a : tensor<f32>
      }
      "stablehlo.return"(%1) : (tensor<f32>) -> ()
    }) : (tensor<8x8xf32>, tensor<f32>) -> tensor<8xf32>
    return %0 : tensor<8xf32>
  }
}

// -----

// Four times 0, 1 is not 0 to 7.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      // expected-error@+1 {{'stablehlo.iota' is not this op on chunks: compute it whole in the loop and slice the result}}
      %1 = "stablehlo.iota"() <{iota_dimension = 0 : i64}> : () -> tensor<2xf32>
      partir.yield %1 : tensor<2xf32>
    }
    return %0 : tensor<8xf32>
  }
}

// -----

// A reversed chunk is not a chunk of what is reversed.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      // expected-error@+1 {{'stablehlo.reverse' is not this op on chunks: compute it whole in the loop and slice the result}}
      %1 = "stablehlo.reverse"(%s) <{dimensions = array<i64: 0>}> : (tensor<2xf32>) -> tensor<2xf32>
      partir.yield %1 : tensor<2xf32>
    }
    return %0 : tensor<8xf32>
  }
}

// -----

// Cut first in two, then each half in four, and joined as if first in four.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<8xf32> {
      %1 = partir.loop "M" [#partir.tile<0>] (%rM: !partir.range<2>) -> tensor<2xf32> {
        // expected-error@+1 {{dim 0 is sliced by an inner loop first, then by an outer one, and joined the other way around}}
        %s = partir.slice 0 %x[%rM] : tensor<8xf32> -> tensor<4xf32>
        %t = partir.slice 0 %s[%rB] : tensor<4xf32> -> tensor<1xf32>
        %2 = "stablehlo.tanh"(%t) : (tensor<1xf32>) -> tensor<1xf32>
        partir.yield %2 : tensor<1xf32>
      }
      partir.yield %1 : tensor<2xf32>
    }
    return %0 : tensor<8xf32>
  }
}

// -----

// The same of a result.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main() -> tensor<8xi32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<8xi32> {
      %1 = partir.loop "M" [#partir.tile<0>] (%rM: !partir.range<2>) -> tensor<2xi32> {
        %2 = "stablehlo.iota"() <{iota_dimension = 0 : i64}> : () -> tensor<8xi32>
        // expected-error@+1 {{dim 0 is sliced by an inner loop first}}
        %s = partir.slice 0 %2[%rM] : tensor<8xi32> -> tensor<4xi32>
        %t = partir.slice 0 %s[%rB] : tensor<4xi32> -> tensor<1xi32>
        partir.yield %t : tensor<1xi32>
      }
      partir.yield %1 : tensor<2xi32>
    }
    return %0 : tensor<8xi32>
  }
}

// -----

// The inner loop slices before the op, the outer loop after it.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<8xf32> {
      // expected-error@+1 {{the loop over "M" is not a tiling of 'stablehlo.tanh'}}
      %1 = partir.loop "M" [#partir.tile<0>] (%rM: !partir.range<2>) -> tensor<2xf32> {
        %s = partir.slice 0 %x[%rM] : tensor<8xf32> -> tensor<4xf32>
        // expected-note@+1 {{its rule is}}
        %2 = "stablehlo.tanh"(%s) : (tensor<4xf32>) -> tensor<4xf32>
        %t = partir.slice 0 %2[%rB] : tensor<4xf32> -> tensor<1xf32>
        partir.yield %t : tensor<1xf32>
      }
      partir.yield %1 : tensor<2xf32>
    }
    return %0 : tensor<8xf32>
  }
}

// -----

// The chunks on the diagonal are not all chunks.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>) -> tensor<f32> {
    %z = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
    %0 = partir.loop "B" [#partir.reduce<add>] (%r: !partir.range<4>) -> tensor<f32> {
      // expected-error@+1 {{the value is sliced over this range twice}}
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %t = partir.slice 1 %s[%r] : tensor<2x8xf32> -> tensor<2x2xf32>
      %1 = "stablehlo.reduce"(%t, %z) <{dimensions = array<i64: 0, 1>}> ({
      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
        %2 = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
        "stablehlo.return"(%2) : (tensor<f32>) -> ()
      }) : (tensor<2x2xf32>, tensor<f32>) -> tensor<f32>
      partir.yield %1 : tensor<f32>
    }
    return %0 : tensor<f32>
  }
}

// -----

// The op leaves four chunks of one element, which the loop cannot halve.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<4xf32>) -> tensor<4xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<4xf32> {
      %s = partir.slice 0 %x[%r] : tensor<4xf32> -> tensor<1xf32>
      %2 = "stablehlo.tanh"(%s) : (tensor<1xf32>) -> tensor<1xf32>
      partir.yield %2 : tensor<1xf32>
    }
    // expected-error@+1 {{the loop over "M" and what tiles the value already make 8 chunks of dim 0 of size 4}}
    %1 = partir.loop "M" [#partir.tile<0>] (%r: !partir.range<2>) -> tensor<4xf32> {
      %s = partir.slice 0 %0[%r] : tensor<4xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    return %1 : tensor<4xf32>
  }
}

// -----

// A chunk is put back where it was cut off, by both loops.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=4]>} {
  func.func public @main(%x: tensor<16x8xf32>, %i: tensor<3x1xi32>) -> tensor<3x8xf32> {
    %0 = partir.loop "B" [#partir.reduce<add>] (%rB: !partir.range<4>) -> tensor<3x8xf32> {
      %1 = partir.loop "M" [#partir.reduce<add>] (%rM: !partir.range<4>) -> tensor<3x8xf32> {
        %s = partir.slice 0 %x[%rB] : tensor<16x8xf32> -> tensor<4x8xf32>
        %t = partir.slice 0 %s[%rM] : tensor<4x8xf32> -> tensor<1x8xf32>
        // expected-error@+1 {{has other indices than the slices of the value on dim 0}}
        %p = partir.place 0 %t[%rM, %rB] : tensor<1x8xf32>, !partir.range<4>, !partir.range<4> -> tensor<16x8xf32>
        %2 = "stablehlo.gather"(%p, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 8>}> : (tensor<16x8xf32>, tensor<3x1xi32>) -> tensor<3x8xf32>
        partir.yield %2 : tensor<3x8xf32>
      }
      partir.yield %1 : tensor<3x8xf32>
    }
    return %0 : tensor<3x8xf32>
  }
}

// -----

// Global indices into a chunk.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<16x8xf32>, %i: tensor<3x1xi32>) -> tensor<3x8xf32> {
    %0 = partir.loop "B" [#partir.reduce<add>] (%rB: !partir.range<4>) -> tensor<3x8xf32> {
      %s = partir.slice 0 %x[%rB] : tensor<16x8xf32> -> tensor<4x8xf32>
      // expected-error@+1 {{other operands are placed in the whole than its rule says}}
      %1 = "stablehlo.gather"(%s, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 8>}> : (tensor<4x8xf32>, tensor<3x1xi32>) -> tensor<3x8xf32>
      partir.yield %1 : tensor<3x8xf32>
    }
    return %0 : tensor<3x8xf32>
  }
}

// -----

// An op that is not linear in the chunk that is placed.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<16x8xf32>) -> tensor<16x8xf32> {
    // expected-error@+1 {{the loop over "B" is not a tiling of 'stablehlo.cosine'}}
    %0 = partir.loop "B" [#partir.reduce<add>] (%rB: !partir.range<4>) -> tensor<16x8xf32> {
      %s = partir.slice 0 %x[%rB] : tensor<16x8xf32> -> tensor<4x8xf32>
      %p = partir.place 0 %s[%rB] : tensor<4x8xf32>, !partir.range<4> -> tensor<16x8xf32>
      // expected-note@+1 {{its rule is}}
      %1 = "stablehlo.cosine"(%p) : (tensor<16x8xf32>) -> tensor<16x8xf32>
      partir.yield %1 : tensor<16x8xf32>
    }
    return %0 : tensor<16x8xf32>
  }
}

// -----

// A sum over devices each of which reads the whole.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<16x8xf32>, %i: tensor<3x1xi32>) -> tensor<3x8xf32> {
    // expected-error@+1 {{the loop over "B" is not a tiling of 'stablehlo.gather'}}
    %0 = partir.loop "B" [#partir.reduce<add>] (%rB: !partir.range<4>) -> tensor<3x8xf32> {
      %1 = partir.loop "M" [#partir.tile<1>] (%rM: !partir.range<2>) -> tensor<3x8xf32> {
        // expected-note@+1 {{its rule is}}
        %2 = "stablehlo.gather"(%x, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 8>}> : (tensor<16x8xf32>, tensor<3x1xi32>) -> tensor<3x8xf32>
        %t = partir.slice 1 %2[%rM] : tensor<3x8xf32> -> tensor<3x4xf32>
        partir.yield %t : tensor<3x4xf32>
      }
      partir.yield %1 : tensor<3x8xf32>
    }
    return %0 : tensor<3x8xf32>
  }
}
