// At the end of a tactic an input takes the tile that all its uses want.
//
// RUN: partir-opt %s -split-input-file --partir-infer-inputs='axis=B tactic=T' | FileCheck %s
// RUN: partir-opt %s -split-input-file --partir-infer-inputs='axis=B tactic=T' --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s --check-prefix=CAUSE

// CHECK-LABEL: @alike
// CAUSE-LABEL: @alike
module @alike attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[X:.*]]: tensor<8x8xf32>)
  func.func public @main(%x: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
    // CHECK-NEXT: %[[T:.*]] = partir.loop "B" [#partir.tile<1>]
    // CHECK-NEXT: partir.slice 1 %[[X]][%rB] : tensor<8x8xf32> -> tensor<8x2xf32>
    // CHECK: partir.slice 1 %[[T]][%rB]
    // CHECK-NEXT: "stablehlo.sine"
    // CHECK: partir.slice 1 %[[T]][%rB]
    // CHECK-NEXT: "stablehlo.cosine"
    // CAUSE: partir.loop "B"
    // CAUSE: } loc(fused<#partir.cause<{{.*}}"T"{{.*}}>>[
    %0 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %x[%r] : tensor<8x8xf32> -> tensor<8x2xf32>
      %1 = "stablehlo.sine"(%s) : (tensor<8x2xf32>) -> tensor<8x2xf32>
      partir.yield %1 : tensor<8x2xf32>
    }
    %2 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %x[%r] : tensor<8x8xf32> -> tensor<8x2xf32>
      %3 = "stablehlo.cosine"(%s) : (tensor<8x2xf32>) -> tensor<8x2xf32>
      partir.yield %3 : tensor<8x2xf32>
    }
    return %0, %2 : tensor<8x8xf32>, tensor<8x8xf32>
  }
}

// -----

// One use needs it whole.
// CHECK-LABEL: @one_whole
module @one_whole attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
    // CHECK-COUNT-1: partir.loop
    // CHECK-NOT: partir.loop
    // CHECK: return
    %0 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %x[%r] : tensor<8x8xf32> -> tensor<8x2xf32>
      %1 = "stablehlo.sine"(%s) : (tensor<8x2xf32>) -> tensor<8x2xf32>
      partir.yield %1 : tensor<8x2xf32>
    }
    %2 = "stablehlo.cosine"(%x) : (tensor<8x8xf32>) -> tensor<8x8xf32>
    return %0, %2 : tensor<8x8xf32>, tensor<8x8xf32>
  }
}

// -----

// CHECK-LABEL: @two_dims
module @two_dims attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
    // CHECK-COUNT-2: partir.loop
    // CHECK-NOT: partir.loop
    // CHECK: return
    %0 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 1 %x[%r] : tensor<8x8xf32> -> tensor<8x2xf32>
      %1 = "stablehlo.sine"(%s) : (tensor<8x2xf32>) -> tensor<8x2xf32>
      partir.yield %1 : tensor<8x2xf32>
    }
    %2 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %3 = "stablehlo.cosine"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32>
      partir.yield %3 : tensor<2x8xf32>
    }
    return %0, %2 : tensor<8x8xf32>, tensor<8x8xf32>
  }
}

// -----

// Only the axis of the tactic, inside what the input has.
// CHECK-LABEL: @other_axes
module @other_axes attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32>, %y: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
    // CHECK: func.func
    // CHECK-NEXT: partir.loop "M" [#partir.tile<0>]
    // CHECK-NEXT: %[[S:.*]] = partir.slice 0 %arg0[%rM]
    // CHECK-NEXT: partir.loop "B" [#partir.tile<0>]
    // CHECK-NEXT: partir.slice 0 %[[S]][%rB]
    // CHECK: partir.slice 0 %arg1[%rM]
    // CHECK-NEXT: "stablehlo.sine"
    %0 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%q] : tensor<8xf32> -> tensor<4xf32>
      partir.yield %s : tensor<4xf32>
    }
    %1 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<8xf32> {
      %s = partir.slice 0 %0[%q] : tensor<8xf32> -> tensor<4xf32>
      %2 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<4xf32> {
        %t = partir.slice 0 %s[%r] : tensor<4xf32> -> tensor<1xf32>
        %3 = "stablehlo.cosine"(%t) : (tensor<1xf32>) -> tensor<1xf32>
        partir.yield %3 : tensor<1xf32>
      }
      partir.yield %2 : tensor<4xf32>
    }
    %4 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<8xf32> {
      %s = partir.slice 0 %y[%q] : tensor<8xf32> -> tensor<4xf32>
      %5 = "stablehlo.sine"(%s) : (tensor<4xf32>) -> tensor<4xf32>
      partir.yield %5 : tensor<4xf32>
    }
    return %1, %4 : tensor<8xf32>, tensor<8xf32>
  }
}

// -----

// Not a part of an axis, which no input can have; not what is kept whole.
// CHECK-LABEL: @part_atomic
module @part_atomic attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32>, %y: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
    // CHECK: func.func
    // CHECK-NEXT: partir.loop "B" [#partir.any]
    // CHECK-NEXT: partir.yield %arg1
    // CHECK: partir.loop "B":(1)2
    // CHECK-NEXT: partir.slice 0 %arg0
    // CHECK-NEXT: "stablehlo.sine"
    // CHECK: partir.loop "B" [#partir.tile<0>]
    // CHECK: "stablehlo.sine"
    %0 = partir.loop "B":(1)2 [#partir.tile<0>] (%r: !partir.range<2>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<4xf32>
      %1 = "stablehlo.sine"(%s) : (tensor<4xf32>) -> tensor<4xf32>
      partir.yield %1 : tensor<4xf32>
    }
    %2 = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8xf32> {
      partir.yield %y : tensor<8xf32>
    }
    %3 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %2[%r] : tensor<8xf32> -> tensor<2xf32>
      %4 = "stablehlo.sine"(%s) : (tensor<2xf32>) -> tensor<2xf32>
      partir.yield %4 : tensor<2xf32>
    }
    return %0, %3 : tensor<8xf32>, tensor<8xf32>
  }
}

// -----

// An input without uses, and one that is returned only: nothing slices them.
// CHECK-LABEL: @unused
module @unused attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
    // CHECK: tensor<8xf32> {
    // CHECK-NEXT: return %arg1
    return %y : tensor<8xf32>
  }
}

// -----

// A loop that carries the input on tiles it too.
// CHECK-LABEL: @tie
module @tie attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    // CHECK: %[[T:.*]] = partir.loop "B" [#partir.tile<0>]
    // CHECK-NEXT: partir.slice 0 %arg0[%rB]
    // CHECK: "stablehlo.optimization_barrier"(%[[T]])
    %0 = "stablehlo.optimization_barrier"(%x) : (tensor<8xf32>) -> tensor<8xf32>
    %1 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %0[%r] : tensor<8xf32> -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    return %1 : tensor<8xf32>
  }
}
