// The result of an op is addressed by the op, its place in the source and its
// number among those that have both: here the indices that an argmax over the
// tiled dim gives, which the op reduces jointly over B before they are cut.
//
// RUN: partir-opt %s --partir-pipeline='mesh=B=4 schedule="BP(B): x=0; IN(B): stablehlo.reduce@model.py:3:7#0.1=0" to=hlo' | FileCheck %s
// RUN: partir-opt %s --partir-set-mesh='mesh=B=4' --partir-act='value=stablehlo.reduce@model.py:3:7#0.1 action=0 axis=B' | FileCheck %s --check-prefix=ACT
// RUN: not partir-opt %s --partir-pipeline='mesh=B=4 schedule="IN(B): stablehlo.reduce@model.py:3:7#1.0=0"' 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: error: no input or tag is named "stablehlo.reduce@model.py:3:7#1.0"

// ACT: [[R:%[0-9]+]]:2 = "stablehlo.reduce"
// ACT: partir.loop "B" [#partir.tile<0>]
// ACT-NEXT: partir.slice 0 [[R]]#1

func.func @main(%x: tensor<64x32xf32> {partir.name = "x"}, %i: tensor<64x32xi32> {partir.name = "i"}, %a: tensor<f32>, %b: tensor<i32>) -> (tensor<32xf32>, tensor<32xi32>) {
  // CHECK: "stablehlo.reduce"(%arg0, %arg1
  // CHECK: partir_hlo.all_gather
  // CHECK: [[R:%[0-9]+]]:2 = "stablehlo.reduce"
  // CHECK: partir_hlo.all_slice {{.*}} [[R]]#1
  %0:2 = "stablehlo.reduce"(%x, %i, %a, %b) <{dimensions = array<i64: 0>}> ({
  ^bb0(%p: tensor<f32>, %q: tensor<i32>, %r: tensor<f32>, %s: tensor<i32>):
    %c = "stablehlo.compare"(%p, %r) <{comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
    %v = "stablehlo.select"(%c, %p, %r) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
    %j = "stablehlo.select"(%c, %q, %s) : (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>
    "stablehlo.return"(%v, %j) : (tensor<f32>, tensor<i32>) -> ()
  }) : (tensor<64x32xf32>, tensor<64x32xi32>, tensor<f32>, tensor<i32>) -> (tensor<32xf32>, tensor<32xi32>) loc("model.py":3:7)
  return %0#0, %0#1 : tensor<32xf32>, tensor<32xi32>
}
