// An input without the attribute is called what its location says, as JAX prints
// it, else by its number.
//
// RUN: partir-opt %s --partir-pipeline='mesh=B=4 schedule="T(B): x=0, 1=0" to=core report=true' -o /dev/null 2>&1 | FileCheck %s

// CHECK: applied: x dim 0 on B
// CHECK: applied: 1 dim 0 on B
func.func @main(%a: tensor<8xf32> loc("x"), %b: tensor<8xf32>) -> tensor<8xf32> {
  %0 = "stablehlo.add"(%a, %b) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}
