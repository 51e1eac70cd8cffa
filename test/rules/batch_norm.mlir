// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @training(%a: tensor<8x4xf32>, %s: tensor<4xf32>) {
  // expected-remark@+1 {{([i, j], [j], [j]) -> ([i, j], [j], [j]) {i=8, j=4} blocked={i: is normalised over}}}
  "stablehlo.batch_norm_training"(%a, %s, %s) <{epsilon = 1.0e-05 : f32, feature_index = 1 : i64}> : (tensor<8x4xf32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<8x4xf32>, tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

func.func @inference(%a: tensor<8x4xf32>, %s: tensor<4xf32>) {
  // expected-remark@+1 {{([i, j], [j], [j], [j], [j]) -> ([i, j]) {i=8, j=4}}}
  "stablehlo.batch_norm_inference"(%a, %s, %s, %s, %s) <{epsilon = 1.0e-05 : f32, feature_index = 1 : i64}> : (tensor<8x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return
}

// -----

func.func @grad(%a: tensor<8x4xf32>, %s: tensor<4xf32>) {
  // expected-remark@+1 {{([i, j], [j], [j], [j], [i, j]) -> ([i, j], [j], [j]) {i=8, j=4} blocked={i: is normalised over}}}
  "stablehlo.batch_norm_grad"(%a, %s, %s, %s, %a) <{epsilon = 1.0e-05 : f32, feature_index = 1 : i64}> : (tensor<8x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<8x4xf32>) -> (tensor<8x4xf32>, tensor<4xf32>, tensor<4xf32>)
  return
}
