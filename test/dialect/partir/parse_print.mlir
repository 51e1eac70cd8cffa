// Syntax of PartIR:Core. The second run parses what the first printed, the
// third goes through the generic form.
//
// RUN: partir-opt %s | FileCheck %s
// RUN: partir-opt %s | partir-opt | FileCheck %s
// RUN: partir-opt %s -mlir-print-op-generic -mlir-print-debuginfo | partir-opt | FileCheck %s
// RUN: partir-opt %s -mlir-print-debuginfo -mlir-print-local-scope | FileCheck %s --check-prefix=LOC
// RUN: partir-opt %s -canonicalize -cse | FileCheck %s --check-prefix=KEPT

// CHECK: module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2, "N"=8]>}
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2, "N"=8]>} {

// CHECK-LABEL: func.func private @attributes
func.func private @attributes() attributes {
  // CHECK-SAME: any = #partir.any
  any = #partir.any,
  // CHECK-SAME: axes = [#partir.axis<"B">, #partir.axis<"B":(1)2>, #partir.axis<"N":(2)4>]
  axes = [#partir.axis<"B">, #partir.axis<"B":(1)2>, #partir.axis<"N":(2)4>],
  // CHECK-SAME: causes = [#partir.cause<"BP", 0, -1>, #partir.cause<"a \22b\22", 3, 1>]
  causes = [#partir.cause<"BP", 0, -1>, #partir.cause<"a \22b\22", 3, 1>],
  // CHECK-SAME: empty = #partir.mesh<[]>
  empty = #partir.mesh<[]>,
  // CHECK-SAME: quoted = #partir.axis<"a \22b\22">
  quoted = #partir.axis<"a \22b\22">,
  // CHECK-SAME: range = !partir.range<4>
  range = !partir.range<4>,
  // CHECK-SAME: reductions = [#partir.reduce<add>, #partir.reduce<max>, #partir.reduce<min>, #partir.reduce<mul>, #partir.reduce<and>, #partir.reduce<or>]
  reductions = [#partir.reduce<add>, #partir.reduce<max>, #partir.reduce<min>,
                #partir.reduce<mul>, #partir.reduce<and>, #partir.reduce<or>],
  // CHECK-SAME: tile = #partir.tile<1>
  tile = #partir.tile<1>
}

// CHECK-LABEL: func.func @tile_loop
// LOC-LABEL: func.func @tile_loop
func.func @tile_loop(%x: tensor<256x8xf32>) -> tensor<256x8xf32> {
  // CHECK-NEXT: %[[Y:.*]] = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<256x8xf32> {
  // CHECK-NEXT:   %[[XS:.*]] = partir.slice 0 %{{.*}}[%rB] : tensor<256x8xf32> -> tensor<64x8xf32>
  // CHECK-NEXT:   partir.yield %[[XS]] : tensor<64x8xf32>
  // CHECK-NEXT: }
  %y = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<256x8xf32> {
    %xs = partir.slice 0 %x[%r] : tensor<256x8xf32> -> tensor<64x8xf32>
    partir.yield %xs : tensor<64x8xf32>
  // LOC: } loc(fused<#partir.cause<"BP", 1, 0>>["model.py":3:7])
  } loc(fused<#partir.cause<"BP", 1, 0>>["model.py":3:7])
  return %y : tensor<256x8xf32>
}

// An axis is nested in another; the inner one is minor on the same dim.
// CHECK-LABEL: func.func @deep_tiling
func.func @deep_tiling(%x: tensor<256x8xf32>) -> tensor<256x8xf32> {
  // CHECK-NEXT: partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<256x8xf32> {
  %y = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<256x8xf32> {
    %xs = partir.slice 0 %x[%r] : tensor<256x8xf32> -> tensor<64x8xf32>
    // CHECK: partir.loop "M" [#partir.tile<0>] (%rM: !partir.range<2>) -> tensor<64x8xf32> {
    %ys = partir.loop "M" [#partir.tile<0>] (%s: !partir.range<2>) -> tensor<64x8xf32> {
      %xss = partir.slice 0 %xs[%s] : tensor<64x8xf32> -> tensor<32x8xf32>
      partir.yield %xss : tensor<32x8xf32>
    }
    partir.yield %ys : tensor<64x8xf32>
  }
  return %y : tensor<256x8xf32>
}

// Two parts of one axis have nothing in common, so that they may nest.
// CHECK-LABEL: func.func @parts_of_an_axis
func.func @parts_of_an_axis(%x: tensor<16x8xf32>) -> tensor<16x8xf32> {
  // CHECK-NEXT: partir.loop "N":(1)2 [#partir.tile<0>] (%rN_1_2: !partir.range<2>)
  %y = partir.loop "N":(1)2 [#partir.tile<0>] (%r: !partir.range<2>) -> tensor<16x8xf32> {
    %xs = partir.slice 0 %x[%r] : tensor<16x8xf32> -> tensor<8x8xf32>
    // CHECK: partir.loop "N":(2)4 [#partir.tile<1>] (%rN_2_4: !partir.range<4>)
    %ys = partir.loop "N":(2)4 [#partir.tile<1>] (%s: !partir.range<4>) -> tensor<8x8xf32> {
      %xss = partir.slice 1 %xs[%s] : tensor<8x8xf32> -> tensor<8x2xf32>
      partir.yield %xss : tensor<8x2xf32>
    }
    partir.yield %ys : tensor<8x8xf32>
  }
  return %y : tensor<16x8xf32>
}

// CHECK-LABEL: func.func @several_results
func.func @several_results(%x: tensor<256x8xf32>, %p: tensor<8xi1>)
    -> (tensor<256x8xf32>, tensor<64x8xf32>, tensor<8xi1>) {
  // CHECK-NEXT: partir.loop "B" [#partir.tile<0>, #partir.reduce<add>, #partir.reduce<and>] (%rB: !partir.range<4>) -> (tensor<256x8xf32>, tensor<64x8xf32>, tensor<8xi1>) attributes {note} {
  %y:3 = partir.loop "B" [#partir.tile<0>, #partir.reduce<add>, #partir.reduce<and>] (%r: !partir.range<4>)
      -> (tensor<256x8xf32>, tensor<64x8xf32>, tensor<8xi1>) attributes {note} {
    %xs = partir.slice 0 %x[%r] : tensor<256x8xf32> -> tensor<64x8xf32>
    // CHECK: partir.yield %{{.*}}, %{{.*}}, %{{.*}} : tensor<64x8xf32>, tensor<64x8xf32>, tensor<8xi1>
    partir.yield %xs, %xs, %p : tensor<64x8xf32>, tensor<64x8xf32>, tensor<8xi1>
  }
  return %y#0, %y#1, %y#2 : tensor<256x8xf32>, tensor<64x8xf32>, tensor<8xi1>
}

// Identity loops are state: nothing dissolves them.
// CHECK-LABEL: func.func @atomic
// KEPT-LABEL: func.func @atomic
func.func @atomic(%x: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK-NEXT: partir.loop "M" [#partir.any] (%rM: !partir.range<2>) -> tensor<8xf32> {
  // CHECK-NEXT:   partir.yield %{{.*}} : tensor<8xf32>
  // KEPT-NEXT: %[[Y:.*]] = partir.loop "M" [#partir.any]
  // KEPT: return %[[Y]]
  %y = partir.loop "M" [#partir.any] (%r: !partir.range<2>) -> tensor<8xf32> {
    partir.yield %x : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// Chunks of two loops, major first.
// CHECK-LABEL: func.func @place
// KEPT-LABEL: func.func @place
func.func @place(%x: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK: partir.place 0 %{{.*}}[%rB, %rM] : tensor<1xf32>, !partir.range<4>, !partir.range<2> -> tensor<8xf32>
  // KEPT: partir.place 0 %{{.*}}[%rB, %rM]
  %y = partir.loop "B" [#partir.reduce<add>] (%rB: !partir.range<4>) -> tensor<8xf32> {
    %z = partir.loop "M" [#partir.reduce<add>] (%rM: !partir.range<2>) -> tensor<8xf32> {
      %xb = partir.slice 0 %x[%rB] : tensor<8xf32> -> tensor<2xf32>
      %xm = partir.slice 0 %xb[%rM] : tensor<2xf32> -> tensor<1xf32>
      %xp = partir.place 0 %xm[%rB, %rM] : tensor<1xf32>, !partir.range<4>, !partir.range<2> -> tensor<8xf32>
      partir.yield %xp : tensor<8xf32>
    }
    partir.yield %z : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// CHECK-LABEL: func.func @tag
// KEPT-LABEL: func.func @tag
func.func @tag(%x: tensor<f32>) -> tensor<f32> {
  // CHECK-NEXT: partir.tag "hidden" %{{.*}} : tensor<f32>
  // KEPT-NEXT: %[[Y:.*]] = partir.tag "hidden"
  // KEPT-NEXT: return %[[Y]]
  %y = partir.tag "hidden" %x : tensor<f32>
  return %y : tensor<f32>
}

}

// The axis is not checked where the module has no mesh.
// CHECK: module @no_mesh
module @no_mesh {
  func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
    // CHECK: partir.loop "Z"
    %y = partir.loop "Z" [#partir.any] (%r: !partir.range<7>) -> tensor<8xf32> {
      partir.yield %x : tensor<8xf32>
    }
    return %y : tensor<8xf32>
  }
}
