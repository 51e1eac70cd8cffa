// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @sort(%a: tensor<8x4xf32>, %b: tensor<8x4xi32>) {
  // expected-remark@+1 {{([i, j], [i, j]) -> ([i, j], [i, j]) {i=8, j=4} blocked={j: is sorted}}}
  "stablehlo.sort"(%a, %b) <{dimension = 1 : i64, is_stable = true}> ({
  ^bb0(%x: tensor<f32>, %y: tensor<f32>, %n: tensor<i32>, %m: tensor<i32>):
    %0 = "stablehlo.compare"(%x, %y) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
    "stablehlo.return"(%0) : (tensor<i1>) -> ()
  }) : (tensor<8x4xf32>, tensor<8x4xi32>) -> (tensor<8x4xf32>, tensor<8x4xi32>)
  return
}
