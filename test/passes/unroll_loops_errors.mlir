// RUN: partir-opt %s -partir-unroll-loops -verify-diagnostics -split-input-file

module attributes {partir.mesh = #partir.mesh<["B"=2, "M"=2]>} {
  func.func @no_loop() -> tensor<i32> {
    // expected-error@+1 {{'partir_hlo.axis_index' op depends on the position along axis "B", and is in no partir.loop over it}}
    %0 = partir_hlo.axis_index {"B"} : tensor<i32>
    return %0 : tensor<i32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=2, "M"=2]>} {
  func.func @other_loop(%x: tensor<4xf32>) -> tensor<2xf32> {
    %y = partir.loop "B" [#partir.any] (%rB: !partir.range<2>) -> tensor<2xf32> {
      // expected-error@+1 {{'partir_hlo.all_slice' op depends on the position along axis "M", and is in no partir.loop over it}}
      %1 = partir_hlo.all_slice [{"M"}] %x : tensor<4xf32> -> tensor<2xf32>
      partir.yield %1 : tensor<2xf32>
    }
    return %y : tensor<2xf32>
  }
}

// -----

// A loop over one half of the axis only.
module attributes {partir.mesh = #partir.mesh<["B"=4]>} {
  func.func @half() -> tensor<i32> {
    %y = partir.loop "B":(1)2 [#partir.any] (%r: !partir.range<2>) -> tensor<i32> {
      // expected-error@+1 {{depends on the position along axis "B":(2)2, and is in no partir.loop over it}}
      %1 = partir_hlo.axis_index {"B"} : tensor<i32>
      partir.yield %1 : tensor<i32>
    }
    return %y : tensor<i32>
  }
}

// -----

// Neither part is made of the other's.
module attributes {partir.mesh = #partir.mesh<["B"=6]>} {
  func.func @overlap() -> tensor<i32> {
    %y = partir.loop "B":(1)2 [#partir.any] (%r: !partir.range<2>) -> tensor<i32> {
      // expected-error@+1 {{depends on the position along axis "B":(1)3, and is in no partir.loop over it}}
      %1 = partir_hlo.axis_index {"B":(1)3} : tensor<i32>
      partir.yield %1 : tensor<i32>
    }
    return %y : tensor<i32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=2]>} {
  func.func @collective(%x: tensor<4xf32>) -> tensor<4xf32> {
    %y = partir.loop "B" [#partir.any] (%rB: !partir.range<2>) -> tensor<4xf32> {
      // expected-error@+1 {{'partir_hlo.all_reduce' op cannot be unrolled: of the ops that depend on the device only partir_hlo.all_slice and partir_hlo.axis_index may stand in a partir.loop}}
      %1 = partir_hlo.all_reduce add {"B"} %x : tensor<4xf32>
      partir.yield %1 : tensor<4xf32>
    }
    return %y : tensor<4xf32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=2, "M"=2]>} {
  func.func @joint(%x: tensor<4xf32>) -> tensor<4xf32> {
    %y = partir.loop "B" [#partir.reduce<joint>] (%rB: !partir.range<2>) -> tensor<4xf32> {
      // expected-error@+1 {{'stablehlo.negate' op reduces nothing jointly}}
      %1 = "stablehlo.negate"(%x) : (tensor<4xf32>) -> tensor<4xf32>
      partir.yield %1 : tensor<4xf32>
    }
    return %y : tensor<4xf32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=2, "M"=2]>} {
  func.func @joint_of_an_argument(%x: tensor<4xf32>) -> tensor<4xf32> {
    // expected-error@+1 {{yields no op that could reduce its results}}
    %y = partir.loop "B" [#partir.reduce<joint>] (%rB: !partir.range<2>) -> tensor<4xf32> {
      partir.yield %x : tensor<4xf32>
    }
    return %y : tensor<4xf32>
  }
}
