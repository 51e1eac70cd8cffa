// Text that is no module: an error with its place.
//
// RUN: not partir-opt %s --partir-pipeline='mesh=B=4,M=2' 2>&1 | FileCheck %s --implicit-check-not="Stack dump"

// CHECK: malformed.mlir:[[#@LINE+2]]:{{[0-9]+}}: error: expected
func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32
}
