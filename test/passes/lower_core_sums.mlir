// Partial sums are added up before they are reduced.
//
// RUN: partir-opt %s -split-input-file --partir-lower-core | FileCheck %s

// Two partial sums over one axis: one reduction.
// CHECK-LABEL: @add
module @add attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x4xf32>, %v: tensor<8x4xf32>) -> tensor<6x4xf32> {
    // CHECK: %[[A:.*]] = "stablehlo.dot_general"
    %0 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %w[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    // CHECK-NOT: all_reduce
    // CHECK: %[[B:.*]] = "stablehlo.dot_general"
    %1 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %v[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    // CHECK-NEXT: %[[SUM:.*]] = "stablehlo.add"(%[[A]], %[[B]])
    // CHECK-NEXT: %[[R:.*]] = partir_hlo.all_reduce add {"M"} %[[SUM]] : tensor<6x4xf32>
    // CHECK-NEXT: return %[[R]]
    %2 = "stablehlo.add"(%0, %1) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    return %2 : tensor<6x4xf32>
  }
}

// -----

// The input gradients of q, k and v: a tree of sums.
// CHECK-LABEL: @three
module @three attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x4xf32>, %v: tensor<8x4xf32>, %u: tensor<8x4xf32>) -> tensor<6x4xf32> {
    %0 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %w[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    %1 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %v[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    %2 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %u[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    // CHECK-COUNT-3: "stablehlo.dot_general"
    // CHECK-NEXT: "stablehlo.add"
    // CHECK-NEXT: %[[SUM:.*]] = "stablehlo.add"
    // CHECK-NEXT: %[[R:.*]] = partir_hlo.all_reduce add {"M"} %[[SUM]]
    // CHECK-NEXT: return %[[R]]
    %3 = "stablehlo.add"(%0, %1) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    %4 = "stablehlo.add"(%2, %3) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    return %4 : tensor<6x4xf32>
  }
}

// -----

// Of the leaves, those that are partial are added first.
// CHECK-LABEL: @rest
module @rest attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x4xf32>, %v: tensor<8x4xf32>, %y: tensor<6x4xf32>) -> tensor<6x4xf32> {
    %0 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %w[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    %1 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %v[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    // CHECK: @main({{.*}}, %[[Y:.*]]: tensor<6x4xf32>)
    // CHECK: %[[A:.*]] = "stablehlo.dot_general"
    // CHECK: %[[B:.*]] = "stablehlo.dot_general"
    // CHECK: %[[SUM:.*]] = "stablehlo.add"(%[[A]], %[[B]])
    // CHECK-NEXT: %[[R:.*]] = partir_hlo.all_reduce add {"M"} %[[SUM]]
    // CHECK-NEXT: %[[ALL:.*]] = "stablehlo.add"(%[[Y]], %[[R]])
    // CHECK-NEXT: return %[[ALL]]
    %2 = "stablehlo.add"(%0, %y) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    %3 = "stablehlo.add"(%2, %1) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    return %3 : tensor<6x4xf32>
  }
}

// -----

// Seen through what is linear: the reduction is in the type of the sum.
// CHECK-LABEL: @through
module @through attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x4xf32>, %v: tensor<8x4xf32>) -> tensor<4x6xbf16> {
    %0 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %w[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    // CHECK: %[[A:.*]] = "stablehlo.dot_general"
    // CHECK-NEXT: %[[C:.*]] = "stablehlo.convert"(%[[A]]) : (tensor<6x4xf32>) -> tensor<6x4xbf16>
    // CHECK-NEXT: %[[T:.*]] = "stablehlo.transpose"(%[[C]])
    %1 = "stablehlo.convert"(%0) : (tensor<6x4xf32>) -> tensor<6x4xbf16>
    %2 = "stablehlo.transpose"(%1) <{permutation = array<i64: 1, 0>}> : (tensor<6x4xbf16>) -> tensor<4x6xbf16>
    %3 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %v[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    // CHECK: %[[B:.*]] = "stablehlo.dot_general"
    // CHECK-NEXT: %[[N:.*]] = "stablehlo.negate"(%[[B]])
    // CHECK-NEXT: %[[S:.*]] = "stablehlo.reshape"(%[[N]]) : (tensor<6x4xf32>) -> tensor<4x6xf32>
    // CHECK-NEXT: %[[D:.*]] = "stablehlo.convert"(%[[S]])
    %4 = "stablehlo.negate"(%3) : (tensor<6x4xf32>) -> tensor<6x4xf32>
    %5 = "stablehlo.reshape"(%4) : (tensor<6x4xf32>) -> tensor<4x6xf32>
    %7 = "stablehlo.convert"(%5) : (tensor<4x6xf32>) -> tensor<4x6xbf16>
    // CHECK-NEXT: %[[SUM:.*]] = "stablehlo.add"(%[[T]], %[[D]]) : (tensor<4x6xbf16>
    // CHECK-NEXT: %[[R:.*]] = partir_hlo.all_reduce add {"M"} %[[SUM]] : tensor<4x6xbf16>
    // CHECK-NEXT: return %[[R]]
    %6 = "stablehlo.add"(%2, %7) : (tensor<4x6xbf16>, tensor<4x6xbf16>) -> tensor<4x6xbf16>
    return %6 : tensor<4x6xbf16>
  }
}

// -----

// A sum within what is linear.
// CHECK-LABEL: @sum_through
module @sum_through attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x4xf32>, %v: tensor<8x4xf32>, %u: tensor<8x4xf32>) -> tensor<6x4xf32> {
    %0 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %w[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    %1 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %v[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    %2 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %u[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    // CHECK-COUNT-3: "stablehlo.dot_general"
    // CHECK-NEXT: %[[A:.*]] = "stablehlo.add"
    // CHECK-NEXT: %[[N:.*]] = "stablehlo.negate"(%[[A]])
    // CHECK-NEXT: %[[SUM:.*]] = "stablehlo.add"(%[[N]],
    // CHECK-NEXT: partir_hlo.all_reduce add {"M"} %[[SUM]]
    // CHECK-NEXT: return
    %3 = "stablehlo.add"(%0, %1) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    %4 = "stablehlo.negate"(%3) : (tensor<6x4xf32>) -> tensor<6x4xf32>
    %5 = "stablehlo.add"(%4, %2) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    return %5 : tensor<6x4xf32>
  }
}

// -----

// Not through what is not linear.
// CHECK-LABEL: @not_linear
module @not_linear attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x4xf32>, %v: tensor<8x4xf32>) -> tensor<6x4xf32> {
    %0 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %w[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    %1 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %v[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    // CHECK: %[[A:.*]] = "stablehlo.dot_general"
    // CHECK-NEXT: %[[RA:.*]] = partir_hlo.all_reduce add {"M"} %[[A]]
    // CHECK: %[[B:.*]] = "stablehlo.dot_general"
    // CHECK-NEXT: %[[RB:.*]] = partir_hlo.all_reduce add {"M"} %[[B]]
    // CHECK-NEXT: "stablehlo.tanh"(%[[RA]])
    %2 = "stablehlo.tanh"(%0) : (tensor<6x4xf32>) -> tensor<6x4xf32>
    %3 = "stablehlo.add"(%2, %1) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    return %3 : tensor<6x4xf32>
  }
}

// -----

// A leaf that is used elsewhere has to be reduced anyway.
// CHECK-LABEL: @other_use
module @other_use attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x4xf32>, %v: tensor<8x4xf32>) -> (tensor<6x4xf32>, tensor<6x4xf32>) {
    %0 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %w[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    %1 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %v[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    // CHECK: %[[A:.*]] = "stablehlo.dot_general"
    // CHECK-NEXT: %[[RA:.*]] = partir_hlo.all_reduce add {"M"} %[[A]]
    // CHECK: %[[B:.*]] = "stablehlo.dot_general"
    // CHECK-NEXT: %[[RB:.*]] = partir_hlo.all_reduce add {"M"} %[[B]]
    // CHECK-NEXT: "stablehlo.add"(%[[RA]], %[[RB]])
    // CHECK-NEXT: "stablehlo.sine"(%[[RA]])
    %2 = "stablehlo.add"(%0, %1) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    %3 = "stablehlo.sine"(%0) : (tensor<6x4xf32>) -> tensor<6x4xf32>
    return %2, %3 : tensor<6x4xf32>, tensor<6x4xf32>
  }
}

// -----

// So has one that the program returns.
// CHECK-LABEL: @returned
module @returned attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x4xf32>, %v: tensor<8x4xf32>) -> (tensor<6x4xf32>, tensor<6x4xf32>) {
    %0 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %w[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    %1 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %v[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    // CHECK-COUNT-2: partir_hlo.all_reduce
    // CHECK-NEXT: "stablehlo.add"
    // CHECK-NEXT: return
    %2 = "stablehlo.add"(%0, %1) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    return %2, %0 : tensor<6x4xf32>, tensor<6x4xf32>
  }
}

// -----

// Partial sums over different axes are not of one kind.
// CHECK-LABEL: @other_axis
module @other_axis attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x4xf32>, %v: tensor<8x4xf32>) -> tensor<6x4xf32> {
    %0 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %w[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    %1 = partir.loop "B" [#partir.reduce<add>] (%r: !partir.range<4>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x2xf32>
      %t = partir.slice 0 %v[%r] : tensor<8x4xf32> -> tensor<2x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x2xf32>, tensor<2x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    // CHECK: %[[A:.*]] = "stablehlo.dot_general"
    // CHECK-NEXT: %[[RA:.*]] = partir_hlo.all_reduce add {"M"} %[[A]]
    // CHECK: %[[B:.*]] = "stablehlo.dot_general"
    // CHECK-NEXT: %[[RB:.*]] = partir_hlo.all_reduce add {"B"} %[[B]]
    // CHECK-NEXT: "stablehlo.add"(%[[RA]], %[[RB]])
    %2 = "stablehlo.add"(%0, %1) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    return %2 : tensor<6x4xf32>
  }
}

// -----

// The same where the sum runs over the axis itself. An addition of shards would
// need two reductions.
// CHECK-LABEL: @scatter_in_loop
module @scatter_in_loop attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x4xf32>, %v: tensor<8x4xf32>) -> tensor<6x4xf32> {
    %0 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %w[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    %1 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %v[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    // CHECK: %[[A:.*]] = "stablehlo.dot_general"
    // CHECK: %[[B:.*]] = "stablehlo.dot_general"
    // CHECK-NEXT: %[[SUM:.*]] = "stablehlo.add"(%[[A]], %[[B]]) : (tensor<6x4xf32>
    // CHECK-NEXT: %[[R:.*]] = partir_hlo.reduce_scatter add [{"M"}, {}] %[[SUM]] : tensor<6x4xf32> -> tensor<3x4xf32>
    // CHECK-NEXT: return %[[R]]
    %2 = partir.loop "M" [#partir.tile<0>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 0 %0[%r] : tensor<6x4xf32> -> tensor<3x4xf32>
      %t = partir.slice 0 %1[%r] : tensor<6x4xf32> -> tensor<3x4xf32>
      %3 = "stablehlo.add"(%s, %t) : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
      partir.yield %3 : tensor<3x4xf32>
    }
    return %2 : tensor<6x4xf32>
  }
}

// -----

// The other axes of the leaves stay as they are.
// CHECK-LABEL: @tiled_by_other
module @tiled_by_other attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x4xf32>, %v: tensor<8x4xf32>) -> tensor<6x4xf32> {
    %0 = partir.loop "B" [#partir.tile<1>] (%b: !partir.range<4>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %w[%b] : tensor<8x4xf32> -> tensor<8x1xf32>
      %l = partir.loop "M" [#partir.reduce<add>] (%m: !partir.range<2>) -> tensor<6x1xf32> {
        %t = partir.slice 1 %x[%m] : tensor<6x8xf32> -> tensor<6x4xf32>
        %u = partir.slice 0 %s[%m] : tensor<8x1xf32> -> tensor<4x1xf32>
        %d = "stablehlo.dot_general"(%t, %u) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x1xf32>) -> tensor<6x1xf32>
        partir.yield %d : tensor<6x1xf32>
      }
      partir.yield %l : tensor<6x1xf32>
    }
    %1 = partir.loop "B" [#partir.tile<1>] (%b: !partir.range<4>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %v[%b] : tensor<8x4xf32> -> tensor<8x1xf32>
      %l = partir.loop "M" [#partir.reduce<add>] (%m: !partir.range<2>) -> tensor<6x1xf32> {
        %t = partir.slice 1 %x[%m] : tensor<6x8xf32> -> tensor<6x4xf32>
        %u = partir.slice 0 %s[%m] : tensor<8x1xf32> -> tensor<4x1xf32>
        %d = "stablehlo.dot_general"(%t, %u) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x1xf32>) -> tensor<6x1xf32>
        partir.yield %d : tensor<6x1xf32>
      }
      partir.yield %l : tensor<6x1xf32>
    }
    // CHECK-COUNT-2: "stablehlo.dot_general"
    // CHECK-NEXT: %[[SUM:.*]] = "stablehlo.add"{{.*}} : (tensor<6x1xf32>
    // CHECK-NEXT: partir_hlo.all_reduce add {"M"} %[[SUM]] : tensor<6x1xf32>
    %2 = partir.loop "B" [#partir.tile<1>] (%b: !partir.range<4>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %0[%b] : tensor<6x4xf32> -> tensor<6x1xf32>
      %t = partir.slice 1 %1[%b] : tensor<6x4xf32> -> tensor<6x1xf32>
      %3 = "stablehlo.add"(%s, %t) : (tensor<6x1xf32>, tensor<6x1xf32>) -> tensor<6x1xf32>
      partir.yield %3 : tensor<6x1xf32>
    }
    return %2 : tensor<6x4xf32>
  }
}

// -----

// The two gradients of a tied embedding: of the lookup a scatter, of the logits a
// matmul, both partial over the batch.
// CHECK-LABEL: @tied_embedding
module @tied_embedding attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%tokens: tensor<8x1xi32>, %dx: tensor<8x4xf32>, %dlogits: tensor<6x8xf32>, %h: tensor<8x4xf32>) -> tensor<6x4xf32> {
    // CHECK: %[[ZERO:.*]] = "stablehlo.constant"
    // CHECK: %[[A:.*]] = "stablehlo.scatter"(%[[ZERO]],
    %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<6x4xf32>}> : () -> tensor<6x4xf32>
    %0 = partir.loop "B" [#partir.reduce<add>] (%r: !partir.range<4>) -> tensor<6x4xf32> {
      %s = partir.slice 0 %tokens[%r] : tensor<8x1xi32> -> tensor<2x1xi32>
      %t = partir.slice 0 %dx[%r] : tensor<8x4xf32> -> tensor<2x4xf32>
      %3 = "stablehlo.scatter"(%zero, %s, %t) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> ({
      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
        %4 = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
        "stablehlo.return"(%4) : (tensor<f32>) -> ()
      }) : (tensor<6x4xf32>, tensor<2x1xi32>, tensor<2x4xf32>) -> tensor<6x4xf32>
      partir.yield %3 : tensor<6x4xf32>
    }
    // CHECK: %[[B:.*]] = "stablehlo.dot_general"
    %1 = partir.loop "B" [#partir.reduce<add>] (%r: !partir.range<4>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %dlogits[%r] : tensor<6x8xf32> -> tensor<6x2xf32>
      %t = partir.slice 0 %h[%r] : tensor<8x4xf32> -> tensor<2x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x2xf32>, tensor<2x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    // CHECK-NEXT: %[[SUM:.*]] = "stablehlo.add"(%[[A]], %[[B]])
    // CHECK-NEXT: partir_hlo.all_reduce add {"B"} %[[SUM]] : tensor<6x4xf32>
    // CHECK-NEXT: return
    %2 = "stablehlo.add"(%0, %1) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    return %2 : tensor<6x4xf32>
  }
}

// -----

// Through a sum over a dim of size 1.
// CHECK-LABEL: @size_one
module @size_one attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x4xf32>, %v: tensor<8x4xf32>) -> tensor<6x4xf32> {
    %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
    %0 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %w[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    %1 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %v[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    %2 = "stablehlo.reshape"(%0) : (tensor<6x4xf32>) -> tensor<6x1x4xf32>
    // CHECK: "stablehlo.dot_general"
    // CHECK-NOT: all_reduce
    // CHECK: "stablehlo.reduce"
    // CHECK: %[[SUM:.*]] = "stablehlo.add"{{.*}} -> tensor<6x4xf32>
    // CHECK-NEXT: partir_hlo.all_reduce add {"M"} %[[SUM]]
    // CHECK-NEXT: return
    %3 = "stablehlo.reduce"(%2, %zero) <{dimensions = array<i64: 1>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %5 = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%5) : (tensor<f32>) -> ()
    }) : (tensor<6x1x4xf32>, tensor<f32>) -> tensor<6x4xf32>
    %4 = "stablehlo.add"(%3, %1) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    return %4 : tensor<6x4xf32>
  }
}

// -----

// The sum is tiled over the axis: it is reduced and scattered at once.
// CHECK-LABEL: @scatter
module @scatter attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x4xf32>, %v: tensor<8x4xf32>) -> tensor<6x4xf32> {
    %0 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %w[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    %1 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %v[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    // CHECK: %[[A:.*]] = "stablehlo.dot_general"
    // CHECK: %[[B:.*]] = "stablehlo.dot_general"
    // CHECK-NEXT: %[[SUM:.*]] = "stablehlo.add"(%[[A]], %[[B]])
    // CHECK-NEXT: %[[R:.*]] = partir_hlo.reduce_scatter add [{"M"}, {}] %[[SUM]] : tensor<6x4xf32> -> tensor<3x4xf32>
    // CHECK-NEXT: return %[[R]]
    %2 = "stablehlo.add"(%0, %1) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    %3 = partir.loop "M" [#partir.tile<0>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 0 %2[%r] : tensor<6x4xf32> -> tensor<3x4xf32>
      partir.yield %s : tensor<3x4xf32>
    }
    return %3 : tensor<6x4xf32>
  }
}

// -----

// Through a barrier, which hands its values on.
// CHECK-LABEL: @barrier
module @barrier attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<6x8xf32>, %w: tensor<8x4xf32>, %v: tensor<8x4xf32>) -> tensor<6x4xf32> {
    %0 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %w[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    %1 = partir.loop "M" [#partir.reduce<add>] (%r: !partir.range<2>) -> tensor<6x4xf32> {
      %s = partir.slice 1 %x[%r] : tensor<6x8xf32> -> tensor<6x4xf32>
      %t = partir.slice 0 %v[%r] : tensor<8x4xf32> -> tensor<4x4xf32>
      %d = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
      partir.yield %d : tensor<6x4xf32>
    }
    // CHECK: "stablehlo.dot_general"
    // CHECK-NOT: all_reduce
    // CHECK: %[[P:.*]] = "stablehlo.optimization_barrier"
    // CHECK-NEXT: %[[SUM:.*]] = "stablehlo.add"(%[[P]]
    // CHECK-NEXT: partir_hlo.all_reduce add {"M"} %[[SUM]]
    // CHECK-NEXT: return
    %2 = "stablehlo.optimization_barrier"(%0) : (tensor<6x4xf32>) -> tensor<6x4xf32>
    %3 = "stablehlo.add"(%2, %1) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    return %3 : tensor<6x4xf32>
  }
}
