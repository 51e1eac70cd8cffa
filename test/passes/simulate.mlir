// RUN: partir-opt %s --partir-simulate=device=%S/simulate_device.json 2>&1 >/dev/null | FileCheck %s
// RUN: partir-opt %s --partir-lower-core | partir-opt --partir-simulate=device=%S/simulate_device.json 2>&1 >/dev/null | FileCheck %s
// RUN: not partir-opt %s --partir-simulate=device=abacus 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// Slices of x and w, read and written: 2 * (1024 + 256) bytes, 0.256 ms at 1e7
// bytes a second. The product: 2 * 64 * 4 * 16 operations at 1e6 a second. The
// sum over M: 2 * 4096 / 2 bytes at 1e6 a second, and a round of 1 ms. The
// exponential: 64 * 16 at 1e6 a second.
//
// CHECK: step on abacus: 14.568 ms, elements 1.280, matrix 8.192, wire 5.096
// CHECK-NEXT: all_reduce: 1, 4096 bytes sent
// CHECK-NEXT: flops: 8192, bytes: 16128
//
// x and w whole, the result; the slices of x and w and the product, which is
// summed in place, are the temporaries.
//
// CHECK-NEXT: peak: 18176 bytes of 9000, DOES NOT FIT: arguments 8704, results 4096 (0 in place), temporaries 5376 at
// CHECK-NEXT: 8192 bytes: argument, input "0", 256x8
// CHECK-NEXT: 4096 bytes: result, the result of 'stablehlo.exponential', 64x16 at
// CHECK-NEXT: 4096 bytes: temporary, the result of 'stablehlo.dot_general', 64x16 at
// CHECK-NEXT: 1024 bytes: temporary, {{.*}}, 64x4
// CHECK-NEXT: 512 bytes: argument, input "1", 8x16
// CHECK-NEXT: 256 bytes: temporary, {{.*}}, 4x16

// UNKNOWN: "abacus" is no device and no file: {{.*}}; devices are a100, b200, cpu,

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @main(%x: tensor<256x8xf32>, %w: tensor<8x16xf32>) -> tensor<256x16xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<256x16xf32> {
      %1 = partir.loop "M" [#partir.reduce<add>] (%rM: !partir.range<2>) -> tensor<64x16xf32> {
        %xs = partir.slice 0 %x[%rB] : tensor<256x8xf32> -> tensor<64x8xf32>
        %xm = partir.slice 1 %xs[%rM] : tensor<64x8xf32> -> tensor<64x4xf32>
        %wm = partir.slice 0 %w[%rM] : tensor<8x16xf32> -> tensor<4x16xf32>
        %d = "stablehlo.dot_general"(%xm, %wm) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<64x4xf32>, tensor<4x16xf32>) -> tensor<64x16xf32>
        partir.yield %d : tensor<64x16xf32>
      }
      partir.yield %1 : tensor<64x16xf32>
    }
    %2 = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<256x16xf32> {
      %ys = partir.slice 0 %0[%rB] : tensor<256x16xf32> -> tensor<64x16xf32>
      %e = "stablehlo.exponential"(%ys) : (tensor<64x16xf32>) -> tensor<64x16xf32>
      partir.yield %e : tensor<64x16xf32>
    }
    return %2 : tensor<256x16xf32>
  }
}
