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
