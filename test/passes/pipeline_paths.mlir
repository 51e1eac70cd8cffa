// Of two actions of a part on one input, the one with the longer path stays,
// whichever comes first. The number of an input is as long as its whole path.
//
// RUN: partir-opt %s --partir-pipeline='mesh=B=4 schedule="T(B): p=0, p.w=1" to=hlo' | FileCheck %s
// RUN: partir-opt %s --partir-pipeline='mesh=B=4 schedule="T(B): p.w=1, p=0" to=hlo' | FileCheck %s
// RUN: not partir-opt %s --partir-pipeline='mesh=B=4 schedule="T(B): 1=-1, p.w=0, p=0" to=hlo' 2>&1 | FileCheck %s --check-prefix=EQUAL
// RUN: partir-opt %s --partir-pipeline='mesh=B=4 schedule="T(B): 1=-1, p=0" to=hlo' | FileCheck %s

func.func public @main(%v: tensor<4x8xf32> {partir.name = "p.v"}, %w: tensor<4x8xf32> {partir.name = "p.w"}) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  return %v, %w : tensor<4x8xf32>, tensor<4x8xf32>
}

// CHECK: @main(%{{.*}}: tensor<1x8xf32> {{.*}}, %{{.*}}: tensor<4x2xf32> {{.*}})
// EQUAL: error: tactic "T", "p.w": axis "B" is on dim 1 of it already
