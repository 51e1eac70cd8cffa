// One action on a value: its uses see an identity loop, and nothing else
// changes.
//
// RUN: partir-opt %s --partir-act='tactic=T axis=B value=x action=0' | FileCheck %s --check-prefix=TILE
// RUN: partir-opt %s --partir-act='tactic=T axis=B value=x action=-3' | FileCheck %s --check-prefix=TILE
// RUN: partir-opt %s --partir-act='tactic=T axis=B value=x action=0' --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s --check-prefix=CAUSE
// RUN: partir-opt %s --partir-act='tactic=T axis=B value=x action=0' --partir-act='tactic=U axis=M value=x action=0' | FileCheck %s --check-prefix=DEEP
// RUN: partir-opt %s --partir-act='tactic=T axis=M value=x action=0' --partir-act='tactic=U axis=B value=x action=0' | FileCheck %s --check-prefix=DEEP-OTHER
// RUN: partir-opt %s --partir-act='tactic=T axis=B value=x action=first' | FileCheck %s --check-prefix=TILE
// RUN: partir-opt %s --partir-act='tactic=T axis=B value=x action=first>=1' | FileCheck %s --check-prefix=FIRST-FROM
// RUN: partir-opt %s --partir-act='tactic=T axis=B value=p.w action=first' | FileCheck %s --check-prefix=FIRST
// RUN: partir-opt %s --partir-act='tactic=T axis=M value=p.w action=1' --partir-act='tactic=U axis=B value=p.w action=first' 2>&1 | FileCheck %s --check-prefix=FIRST-LEFT
// RUN: partir-opt %s --partir-act='tactic=T axis=B value=x action=first>=2' 2>&1 | FileCheck %s --check-prefix=ALONE
// RUN: partir-opt %s --partir-act='tactic=T axis=B value=p.s action=first' 2>&1 | FileCheck %s --check-prefix=SCALAR
// RUN: partir-opt %s --partir-act='tactic=T axis=B value=x action=0' --partir-act='tactic=U axis=B value=x action=first' 2>&1 | FileCheck %s --check-prefix=TWICE
// RUN: partir-opt %s --partir-act='tactic=T axis=B value=x action=replicated' | FileCheck %s --check-prefix=REPLICATED
// RUN: partir-opt %s --partir-act='tactic=T axis=B value=x action=replicated' --partir-act='tactic=U axis=B value=x action=replicated' | FileCheck %s --check-prefix=REPLICATED
// RUN: partir-opt %s --partir-act='tactic=T axis=M value=x action=0' --partir-act='tactic=U axis=B value=x action=replicated' | FileCheck %s --check-prefix=TILE-REPLICATED
// RUN: partir-opt %s --partir-act='tactic=T axis=B value=hidden action=0' | FileCheck %s --check-prefix=TAGGED
// RUN: partir-opt %s --partir-act='tactic=T axis=B value=hidden action=-3' | FileCheck %s --check-prefix=TAGGED
// RUN: partir-opt %s --partir-act='tactic=T axis=M value=p action=first' 2>&1 | FileCheck %s --check-prefix=PATH
// RUN: partir-opt %s --partir-act='tactic=T axis=B value=3 action=0' | FileCheck %s --check-prefix=NUMBER

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x4x3xf32> {partir.name = "x"},
                         %w: tensor<6x4xf32> {partir.name = "p.w"},
                         %s: tensor<f32> {partir.name = "p.s"},
                         %n: tensor<4xf32>,
                         %q: tensor<2xf32> {partir.name = "pq"})
      -> (tensor<8x4x3xf32>, tensor<8x4x3xf32>, tensor<6x4xf32>, tensor<f32>, tensor<4xf32>, tensor<2xf32>) {
    %0 = "stablehlo.tanh"(%x) : (tensor<8x4x3xf32>) -> tensor<8x4x3xf32>
    %1 = partir.tag "hidden" %0 : tensor<8x4x3xf32>
    %2 = "stablehlo.sine"(%1) : (tensor<8x4x3xf32>) -> tensor<8x4x3xf32>
    %3 = "stablehlo.sine"(%0) : (tensor<8x4x3xf32>) -> tensor<8x4x3xf32>
    %4 = partir.tag "hidden" %3 : tensor<8x4x3xf32>
    return %2, %4, %w, %s, %n, %q : tensor<8x4x3xf32>, tensor<8x4x3xf32>, tensor<6x4xf32>, tensor<f32>, tensor<4xf32>, tensor<2xf32>
  }
}

// TILE: @main(%[[X:.*]]: tensor<8x4x3xf32> {{.*}}, %[[W:.*]]: tensor<6x4xf32> {{.*}}, %[[S:.*]]: tensor<f32> {{.*}}, %[[N:.*]]: tensor<4xf32>, %[[Q:.*]]: tensor<2xf32> {{.*}})
// TILE-NEXT: %[[T:.*]] = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<8x4x3xf32> {
// TILE-NEXT:   %[[C:.*]] = partir.slice 0 %[[X]][%rB] : tensor<8x4x3xf32> -> tensor<2x4x3xf32>
// TILE-NEXT:   partir.yield %[[C]]
// TILE-NEXT: }
// TILE-NEXT: %[[TANH:.*]] = "stablehlo.tanh"(%[[T]])
// TILE-NEXT: %[[TAG:.*]] = partir.tag "hidden" %[[TANH]]
// TILE-NEXT: %[[SINE:.*]] = "stablehlo.sine"(%[[TAG]])
// TILE-NEXT: %[[OTHER:.*]] = "stablehlo.sine"(%[[TANH]])
// TILE-NEXT: %[[TAG2:.*]] = partir.tag "hidden" %[[OTHER]]
// TILE-NEXT: return %[[SINE]], %[[TAG2]], %[[W]], %[[S]], %[[N]], %[[Q]]

// CAUSE: partir.loop "B"
// CAUSE: } loc(fused<#partir.cause<{{.*}}"T"{{.*}}>>[

// A later axis on a dim is minor.
// DEEP: %[[T:.*]] = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<8x4x3xf32> {
// DEEP-NEXT:   %[[C:.*]] = partir.slice 0 %{{.*}}[%rB] : tensor<8x4x3xf32> -> tensor<2x4x3xf32>
// DEEP-NEXT:   %[[I:.*]] = partir.loop "M" [#partir.tile<0>] (%rM: !partir.range<2>) -> tensor<2x4x3xf32> {
// DEEP-NEXT:     %[[D:.*]] = partir.slice 0 %[[C]][%rM] : tensor<2x4x3xf32> -> tensor<1x4x3xf32>
// DEEP-NEXT:     partir.yield %[[D]]
// DEEP:        partir.yield %[[I]]
// DEEP:      "stablehlo.tanh"(%[[T]])

// DEEP-OTHER: partir.loop "M" [#partir.tile<0>] (%rM: !partir.range<2>) -> tensor<8x4x3xf32> {
// DEEP-OTHER-NEXT:   %[[C:.*]] = partir.slice 0 %{{.*}}[%rM] : tensor<8x4x3xf32> -> tensor<4x4x3xf32>
// DEEP-OTHER-NEXT:   partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<4x4x3xf32> {
// DEEP-OTHER-NEXT:     partir.slice 0 %[[C]][%rB] : tensor<4x4x3xf32> -> tensor<1x4x3xf32>

// FIRST-FROM: partir.loop "B" [#partir.tile<1>]
// FIRST-FROM-NEXT: partir.slice 1 %{{.*}}[%rB] : tensor<8x4x3xf32> -> tensor<8x1x3xf32>
// FIRST-FROM-NOT: partir.loop

// 4 does not divide 6.
// FIRST: @main(%{{.*}}, %[[W:.*]]: tensor<6x4xf32>
// FIRST-NEXT: partir.loop "B" [#partir.tile<1>]
// FIRST-NEXT: partir.slice 1 %[[W]][%rB] : tensor<6x4xf32> -> tensor<6x1xf32>
// FIRST-NOT: partir.loop

// Nor does it divide what M leaves of dim 1.
// FIRST-LEFT: remark: "p.w" is left alone: no dim of shape [6, 4] can be tiled by an axis of size 4
// FIRST-LEFT: partir.loop "M" [#partir.tile<1>]
// FIRST-LEFT-NOT: partir.loop

// ALONE: remark: "x" is left alone: no dim of shape [8, 4, 3] from 2 on can be tiled by an axis of size 4
// ALONE-NOT: partir.loop

// SCALAR: remark: "p.s" is left alone: a scalar
// SCALAR-NOT: partir.loop

// TWICE: remark: "x" is left alone: axis "B" is on dim 0 of it already (tactic "T")
// TWICE-COUNT-1: partir.loop
// TWICE-NOT: partir.loop

// REPLICATED: %[[T:.*]] = partir.loop "B" [#partir.any] (%rB: !partir.range<4>) -> tensor<8x4x3xf32> {
// REPLICATED-NEXT:   partir.yield %[[X:.*]] : tensor<8x4x3xf32>
// REPLICATED-NEXT: }
// REPLICATED-NEXT: "stablehlo.tanh"(%[[T]])
// REPLICATED-NOT: partir.loop

// Whole on one axis, tiled by another.
// TILE-REPLICATED: %[[T:.*]] = partir.loop "M" [#partir.tile<0>]
// TILE-REPLICATED: %[[R:.*]] = partir.loop "B" [#partir.any]
// TILE-REPLICATED-NEXT: partir.yield %[[T]]
// TILE-REPLICATED: "stablehlo.tanh"(%[[R]])

// A tag stands for all values of that name, results of the program too.
// TAGGED: %[[TANH:.*]] = "stablehlo.tanh"
// TAGGED-NEXT: %[[TAG:.*]] = partir.tag "hidden" %[[TANH]]
// TAGGED-NEXT: %[[T:.*]] = partir.loop "B" [#partir.tile<0>]
// TAGGED-NEXT:   partir.slice 0 %[[TAG]][%rB]
// TAGGED:      %[[SINE:.*]] = "stablehlo.sine"(%[[T]])
// TAGGED-NEXT: "stablehlo.sine"(%[[TANH]])
// TAGGED-NEXT: %[[TAG2:.*]] = partir.tag "hidden"
// TAGGED-NEXT: %[[T2:.*]] = partir.loop "B" [#partir.tile<0>]
// TAGGED-NEXT:   partir.slice 0 %[[TAG2]][%rB]
// TAGGED:      return %[[SINE]], %[[T2]]

// A path stands for all inputs below it: not for "pq".
// PATH: remark: "p.s" is left alone: a scalar
// PATH: @main(%{{.*}}, %[[W:.*]]: tensor<6x4xf32>
// PATH-NEXT: partir.loop "M" [#partir.tile<0>]
// PATH-NEXT: partir.slice 0 %[[W]][%rM]
// PATH-NOT: partir.loop

// An input without a name goes by its number.
// NUMBER: %[[N:.*]]: tensor<4xf32>,
// NUMBER: %[[T:.*]] = partir.loop "B" [#partir.tile<0>]
// NUMBER-NEXT: partir.slice 0 %{{.*}}[%rB] : tensor<4xf32> -> tensor<1xf32>
// NUMBER: return {{.*}}, %[[T]], %{{.*}} :
